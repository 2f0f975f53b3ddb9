"""What stands on the board: open deals and leads handed over, as rows in the order of scores.

Nothing here asks for a row more than is shown: a column is read from its top, a page at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, NamedTuple, Self

from django.contrib.auth.models import User
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    FilteredRelation,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber
from django.http import HttpRequest
from django.utils import timezone

from contacts.models import Contact, Deal, Pipeline, Stage
from scoring.engine.models import Track
from scoring.engine.pilots.acting import acting_track_id
from scoring.pipeline.board.filters import CardFilter, HandoverFilter
from scoring.pipeline.board.undealt import undealt
from scoring.pipeline.feedback.models import Handover

Rows = QuerySet[Any]
# Below every total that a model can give: the excluded, and below them who has no score.
EXCLUDED_RANK: Final = -(10**17)
NO_RANK: Final = -(10**18)
DEAL, HANDOVER = "d", "h"
# Of those that came while a board was open, and stand below what it shows.
HANDED_SINCE_MOST: Final = 20
SCORE: Final = ("total", "band", "grade", "excluded", "breakdown", "track")


class Place(NamedTuple):
    """Where a card stands in its column: by falling rank, handed-over leads before deals."""

    rank: int
    kind: str
    pk: int

    def __str__(self) -> str:
        return f"{self.rank}.{self.kind}{self.pk}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None for what is no place."""
        rank, _dot, key = text.partition(".")
        found = read_key(key)
        digits = rank.removeprefix("-")
        if found is None or not (digits.isascii() and digits.isdecimal() and len(digits) < 20):
            return None
        number = int(rank)
        return cls(number, *found) if -(2**63) < number < 2**63 else None

    @property
    def of(self) -> tuple[str, int]:
        return self.kind, self.pk

    @property
    def key(self) -> str:
        return f"{self.kind}{self.pk}"

    @property
    def order(self) -> tuple[int, bool, int]:
        return (-self.rank, self.kind == DEAL, self.pk)


def read_key(text: str) -> tuple[str, int] | None:
    """``d12`` is a deal, ``h7`` a lead handed over; None for what is neither."""
    kind, number = text[:1], text[1:]
    is_key = kind in (DEAL, HANDOVER) and number.isascii() and number.isdecimal()
    return (kind, int(number)) if is_key and len(number) < 10 else None


@dataclass(frozen=True, slots=True)
class Card:
    """A row of the board; what is asked for many cards at once is in ``details.py``."""

    place: Place
    stage_id: int
    contact: Contact | None
    deal: Deal | None
    handover: Handover | None
    total: int | None
    band: str
    grade: str
    excluded: bool
    breakdown: tuple[int, ...]
    # The track of the score: of some leads that of a pilot.
    scored_by: int | None

    @property
    def key(self) -> str:
        return self.place.key

    @property
    def name(self) -> str:
        if self.contact is not None:
            return self.contact.full_name or self.contact.email
        return self.deal.name if self.deal else ""

    @property
    def company(self) -> str:
        company = self.contact.company if self.contact else self.deal and self.deal.company
        return str(company or "")

    @property
    def owner(self) -> str:
        if self.deal is not None:
            return self.deal.owner
        return self.contact.owner if self.contact else ""

    @property
    def is_accepted(self) -> bool:
        """A lead that sales have accepted, and of which no deal was made yet."""
        return self.handover is not None and not self.handover.is_waiting

    @property
    def is_in_pool(self) -> bool:
        return self.contact is not None and not self.contact.owner_norm


@dataclass(frozen=True, slots=True)
class Head:
    """Of a column: how many, what they are worth, and that by the chance of its stage."""

    count: int
    value: Decimal
    weighted: Decimal


@dataclass(frozen=True)
class Board:
    """The cards of one pipeline that a person sees, by the scores of one track."""

    request: HttpRequest
    user: User
    pipeline: Pipeline
    stages: tuple[Stage, ...]
    track: Track | None
    given: Mapping[str, Any]

    @classmethod
    def of(cls, request: HttpRequest, pipeline: Pipeline, track: Track | None) -> Self:
        user: Any = request.user
        stages = tuple(pipeline.stages.order_by("position", "pk"))
        return cls(request, user, pipeline, stages, track, request.GET)

    @property
    def columns(self) -> list[Stage]:
        return [stage for stage in self.stages if stage.is_open]

    @property
    def ends(self) -> list[Stage]:
        return [stage for stage in self.stages if not stage.is_open]

    @cached_property
    def filter(self) -> CardFilter:
        """Of deals; its form is the page's."""
        return CardFilter(self.given, self.deals(), self.request, self.track)

    def deals(self) -> Rows:
        seen = Deal.objects.visible_to(self.user).open_in(self.pipeline.pk)
        return self.ranked(seen)

    def handovers(self) -> Rows:
        """Leads that wait for sales or were accepted, and have no deal in this pipeline yet."""
        if self.track is None or not self.user.has_perm("scoring.view_handover"):
            return self.ranked(Handover.objects.none())
        seen = Handover.objects.visible_to(self.user).filter(model=self.track.model_id)
        return self.ranked(undealt(seen, self.pipeline.pk, timezone.now()))

    def ranked(self, rows: Rows) -> Rows:
        """With ``score`` as a relation to filter by, and the rank that orders the cards."""
        wanted: Any = self.track.pk if self.track else 0
        if self.track and self.track.pilot_id:
            rows = rows.annotate(acting=acting_track_id(self.track, "contact"))
            wanted = F("acting")
        of_track = FilteredRelation("contact__scores", condition=Q(contact__scores__track=wanted))
        rank = Case(
            When(score__excluded=True, then=Value(EXCLUDED_RANK)),
            default=Coalesce(F("score__total"), Value(NO_RANK)),
            output_field=BigIntegerField(),
        )
        found: Rows = rows.annotate(score=of_track).annotate(rank=rank)
        return found

    def chosen_deals(self) -> Rows:
        return self.filter.found()

    @cached_property
    def filter_of_handovers(self) -> HandoverFilter:
        return HandoverFilter(self.given, self.handovers(), self.request, self.track)

    def chosen_handovers(self) -> Rows:
        return self.filter_of_handovers.found()

    def heads(self) -> dict[int, Head]:
        """Of every column, by the id of its stage."""
        rows = self.chosen_deals().order_by().values_list("stage")
        found = {
            pk: (count, value) for pk, count, value in rows.annotate(Count("pk"), Sum("amount"))
        }
        heads = {
            stage.pk: head_of(stage, *found.get(stage.pk, (0, None))) for stage in self.columns
        }
        if self.columns and (count := self.chosen_handovers().order_by().count()):
            first = self.columns[0].pk
            heads[first] = replace(heads[first], count=heads[first].count + count)
        return heads

    def places(self, stage: Stage, most: int, after: Place | None = None) -> list[Place]:
        """Where the next cards of a column stand, at most so many.

        Their rows are asked for afterwards: sorting thousands is fast while they are narrow.
        """
        found = page(self.chosen_deals().filter(stage=stage), DEAL, most, after)
        if self.columns and stage == self.columns[0]:
            found += page(self.chosen_handovers(), HANDOVER, most, after)
            found.sort(key=lambda place: place.order)
        return found[:most]

    def first_places(self, most: Mapping[int, int]) -> dict[int, list[Place]]:
        """Of every column its first places, by the id of the stage: by one look at the deals."""
        order = [F("rank").desc(), F("pk").asc()]
        number = Window(RowNumber(), partition_by=F("stage"), order_by=order)
        rows = self.chosen_deals().annotate(number=number)
        rows = rows.filter(number__lte=max(most.values(), default=0))
        found: dict[int, list[Place]] = {stage.pk: [] for stage in self.columns}
        for stage, rank, pk in rows.order_by().values_list("stage", "rank", "pk"):
            found[stage].append(Place(rank, DEAL, pk))
        if self.columns:
            first = self.columns[0].pk
            found[first] += page(self.chosen_handovers(), HANDOVER, most[first], None)
        by_order = {
            pk: sorted(places, key=lambda place: place.order) for pk, places in found.items()
        }
        return {pk: places[: most[pk]] for pk, places in by_order.items()}

    def handed_since(self, at: datetime, below: Place) -> list[Place]:
        """Below a place of the first column: those handed over, and deals opened, since then."""
        handed = Handover.objects.waiting().filter(handed_at__gte=at)
        is_new = Q(contact__in=handed.values("contact")) | Q(opened_at__gte=at)
        deals = self.chosen_deals().filter(is_new, stage=self.columns[0])
        found = page(deals, DEAL, HANDED_SINCE_MOST, below)
        waiting = self.chosen_handovers().filter(handed_at__gte=at)
        found += page(waiting, HANDOVER, HANDED_SINCE_MOST, below)
        return sorted(found, key=lambda place: place.order)[:HANDED_SINCE_MOST]

    def standing(self, places: list[Place]) -> list[Card]:
        """The cards of these places, in their order."""
        found = {card.key: card for card in self.cards([place.of for place in places])}
        return [found[place.key] for place in places if place.key in found]

    def column(self, stage: Stage, most: int, after: Place | None = None) -> list[Card]:
        """The next cards of a column, at most so many."""
        return self.standing(self.places(stage, most, after))

    def cards(self, keys: list[tuple[str, int]]) -> list[Card]:
        """Those of these cards that this person sees; without the filters."""
        deals = [pk for kind, pk in keys if kind == DEAL]
        waiting = [pk for kind, pk in keys if kind == HANDOVER]
        found = []
        if deals:
            rows = scored(self.deals().filter(pk__in=deals)).select_related(*OF_DEAL)
            found = [card_of(row, DEAL, row.stage_id) for row in rows]
        if waiting and self.columns:
            rows = scored(self.handovers().filter(pk__in=waiting))
            rows = rows.select_related("contact__company")
            found.extend(card_of(row, HANDOVER, self.columns[0].pk) for row in rows)
        return found


OF_DEAL: Final = ("contact__company", "company", "product")


def head_of(stage: Stage, count: int, value: Decimal | None) -> Head:
    amount = value or Decimal(0)
    return Head(count, amount, amount * stage.probability / 100)


def page(rows: Rows, kind: str, most: int, after: Place | None) -> list[Place]:
    """The first places below one, in the order of cards."""
    if after is not None:
        below = Q(rank__lt=after.rank)
        if kind == after.kind:
            below |= Q(rank=after.rank, pk__gt=after.pk)
        elif kind == DEAL:
            below |= Q(rank=after.rank)
        rows = rows.filter(below)
    found = rows.order_by("-rank", "pk").values_list("rank", "pk")[:most]
    return [Place(rank, kind, pk) for rank, pk in found]


def scored(rows: Rows) -> Rows:
    found: Rows = rows.annotate(**{f"score_{name}": F(f"score__{name}") for name in SCORE})
    return found


def card_of(row: Any, kind: str, stage: int) -> Card:
    return Card(
        place=Place(row.rank, kind, row.pk),
        stage_id=stage,
        contact=row.contact,
        deal=row if kind == DEAL else None,
        handover=row if kind == HANDOVER else None,
        total=row.score_total,
        band=row.score_band or "",
        grade=row.score_grade or "",
        excluded=bool(row.score_excluded),
        breakdown=tuple(row.score_breakdown or ()),
        scored_by=row.score_track,
    )
