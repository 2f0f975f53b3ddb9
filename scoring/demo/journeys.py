"""The ways in which people behave, and how common each is."""

from dataclasses import dataclass
from random import Random
from typing import Final


@dataclass(frozen=True, slots=True)
class Journey:
    """``share`` of 1000 people; chances are from 0 to 1, ranges are from the least to the most.

    ``peak``: days before the anchor around which somebody is keen, if ever. ``burst``:
    visits then, ``visits``: visits at other times. ``opens``, ``clicks``: the chance of
    opening a newsletter, and of a click in an opened one.
    """

    name: str
    share: int
    peak: tuple[int, int] | None = None
    burst: tuple[int, int] = (0, 0)
    visits: tuple[int, int] = (0, 3)
    opens: float = 0.1
    clicks: float = 0.1
    prices: float = 0.0
    downloads: float = 0.1
    webinars: float = 0.02
    demo: float = 0.0
    replies: float = 0.0
    meeting: float = 0.0
    deal: float = 0.0
    careers: bool = False
    scanned: bool = False


JOURNEYS: Final = (
    Journey(
        *("buyer", 62, (3, 24), (5, 9), (3, 8), 0.6, 0.4),
        prices=0.45, downloads=0.3, webinars=0.25, demo=0.55, replies=0.6, meeting=0.45, deal=0.75,
    ),
    Journey(
        *("evaluating", 170, (8, 75), (3, 6), (3, 8), 0.5, 0.25),
        prices=0.16, downloads=0.2, webinars=0.06, demo=0.05, replies=0.12, meeting=0.03, deal=0.2,
    ),
    Journey(
        *("past buyer", 125, (90, 320), (4, 9), (3, 8), 0.4, 0.2),
        prices=0.3, downloads=0.25, webinars=0.12, demo=0.5, replies=0.5, meeting=0.45, deal=0.95,
    ),
    Journey("reader", 298, None, (0, 0), (3, 10), 0.5, 0.18, prices=0.03, webinars=0.03,
            replies=0.02),
    Journey("dormant", 180, (180, 345), (2, 5), (0, 2), 0.08, 0.1, prices=0.1),
    Journey("opener", 85, None, (0, 0), (1, 3), 0.85, 0.01),
    Journey("job seeker", 40, (10, 300), (2, 4), (0, 2), 0.2, 0.1, careers=True),
    Journey("scanned", 40, None, (0, 0), (0, 3), 0.9, 0.7, scanned=True),
)  # fmt: skip


def journey_of(rng: Random) -> Journey:
    return rng.choices(JOURNEYS, [journey.share for journey in JOURNEYS])[0]
