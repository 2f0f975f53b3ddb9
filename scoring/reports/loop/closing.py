"""Deals that were won and lost: how many, how much, and how often, by quarter."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Count, IntegerField, Sum, When
from django.db.models import Value as Constant

from contacts.models import Stage
from scoring.engine.proportions import Proportion
from scoring.reports.asking import Question
from scoring.reports.loop.attribution import closed_deals
from scoring.reports.periods import Grain, Period


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
    pieces = question.period.pieces(Grain.QUARTER)
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
