"""Deals that were won and lost: how many, how much, and how often, by quarter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from django.db.models import Case, Count, IntegerField, Sum, When
from django.db.models import Value as Constant

from contacts.models import Stage
from scoring.engine.proportions import Proportion
from scoring.reports.asking import Question
from scoring.reports.loop.attribution import closed_deals
from scoring.reports.periods import Grain, Period

# What the keys of these figures begin with.
DEALS: Final = "deals:"
CLOSED: Final = "closed"


@dataclass(frozen=True, slots=True)
class Closed:
    won: int = 0
    lost: int = 0
    value: Decimal = Decimal(0)

    @property
    def rate(self) -> Proportion:
        return Proportion(self.won, self.won + self.lost)

    def __add__(self, other: "Closed") -> "Closed":
        return Closed(self.won + other.won, self.lost + other.lost, self.value + other.value)


def closed_by_quarter(question: Question) -> Sequence[tuple[Period, Closed]]:
    pieces = question.pieces(Grain.QUARTER)
    cases = [When(closed_at__lt=piece.end, then=Constant(at)) for at, piece in enumerate(pieces)]
    rows = closed_deals(question).annotate(place=Case(*cases, output_field=IntegerField()))
    found = [Closed() for _piece in pieces]
    counted = rows.order_by().values_list("place", "stage__outcome")
    for place, outcome, number, value in counted.annotate(Count("pk"), Sum("amount")):
        if outcome == Stage.Outcome.WON:
            found[place] += Closed(won=number, value=value or Decimal(0))
        else:
            found[place] += Closed(lost=number)
    return list(zip(pieces, found, strict=True))


def ids_of_closed(question: Question, key: str) -> list[int] | None:
    """Of ``won``, ``lost``, ``closed`` for both, or one of them with the first day of a quarter.

    A deal may be of nobody.
    """
    outcome, colon, first = key.partition(":")
    period: Period | None = question.period
    if colon:
        period = question.period.piece_from(first, Grain.QUARTER)
    if period is None or outcome not in (Stage.Outcome.WON, Stage.Outcome.LOST, CLOSED):
        return None
    rows = closed_deals(replace(question, period=period))
    if outcome != CLOSED:
        rows = rows.filter(stage__outcome=outcome)
    whose = rows.filter(contact__isnull=False).order_by().values_list("contact", flat=True)
    return list(whose.distinct())
