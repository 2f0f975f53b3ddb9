"""A first proposal of grades: cuts that put about a third of today's contacts in each."""

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import Count

from scoring.engine.models import Score, ScoreQuerySet

Counts = Sequence[tuple[int, int]]
LETTERS: Final = ("A", "B", "C")
NUMBERS: Final = ("1", "2", "3")


def starts(counts: Counts) -> list[int]:
    """At most two cuts, falling, from (value, how many have it): a third above, two thirds.

    Where many have one value a cut lies as near as it can; none is at the lowest value, which
    would be above nobody.
    """
    everybody = sum(count for _value, count in counts)
    falling = sorted(counts, reverse=True)
    shares: list[tuple[int, float]] = []
    above = 0
    for value, count in falling[:-1]:
        above += count
        shares.append((value, above / everybody))
    if not shares:
        return []
    best = min(shares, key=lambda pair: abs(pair[1] - 1 / 3))[0]
    lower = [pair for pair in shares if pair[0] < best]
    if not lower:
        return [best]
    return [best, min(lower, key=lambda pair: abs(pair[1] - 2 / 3))[0]]


def grades(names: Sequence[str], cuts: Sequence[int]) -> list[dict[str, Any]]:
    """As a document has them, best first, the last without a beginning."""
    pairs = zip(names, [*cuts, None], strict=False)
    return [{"grade": name} | ({} if cut is None else {"from": cut}) for name, cut in pairs]


def proposed(track_id: int) -> dict[str, Any]:
    """A matrix by today's sums of those who are scored and not excluded."""
    scores = Score.objects.filter(track=track_id, excluded=False)
    return {
        "fit": grades(LETTERS, starts(counted(scores, "fit"))),
        "interest": grades(NUMBERS, starts(counted(scores, "interest"))),
    }


def counted(scores: ScoreQuerySet, column: str) -> Counts:
    counts = scores.order_by().values(column).annotate(count=Count("contact"))
    return [(row[column], row["count"]) for row in counts]
