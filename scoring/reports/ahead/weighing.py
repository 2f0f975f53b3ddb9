"""The open pipeline, weighted by what its stages say and by what its bands have won."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, FloatField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Cast

from contacts.models import Deal
from contacts.models.sales import Stage
from scoring.engine.models import ScoreChange, Track
from scoring.engine.proportions import FEW, Proportion
from scoring.reports.ahead.rows import of_contacts, within
from scoring.reports.ahead.worth import Chance, Worth, worth_of
from scoring.reports.asking import Question
from scoring.reports.periods import Period
from scoring.reports.statistics.beta import Beta

HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Weighed:
    """The open deals of one stage."""

    stage: Stage
    deals: int
    amount: Decimal
    by_stage: Worth
    by_band: Worth | None


@dataclass(frozen=True, slots=True)
class Group:
    """Open deals of one stage and one band. ``squares``: the sum of their amounts, each squared."""

    stage: Stage
    band: str | None
    deals: int
    amount: Decimal
    squares: float


@dataclass(frozen=True, slots=True)
class OpenBand:
    """The open deals of one band; ``won``: of those that were closed lately."""

    band: str | None
    deals: int
    amount: Decimal
    won: Proportion
    by_stage: Worth
    by_band: Worth | None


Rates = Mapping[str | None, Proportion]


def banded(question: Question, track: Track, rows: QuerySet[Deal]) -> QuerySet[Any]:
    """With the band that the contact had when the deal was opened."""
    before = ScoreChange.objects.filter(
        track=track, contact=OuterRef("contact"), as_of__lte=OuterRef("opened_at")
    )
    latest = before.order_by("-as_of", "-revision").values("band")[:1]
    found: QuerySet[Any] = rows.annotate(band_then=Subquery(latest))
    return of_contacts(question, found)


def win_rates(question: Question, track: Track, period: Period) -> Rates:
    """Of the deals that were closed in these weeks, by band; the key "" has all of them."""
    closed = banded(question, track, Deal.objects.filter(**within(period, "closed_at")))
    closed = closed.exclude(stage__outcome=Stage.Outcome.OPEN)
    won: Counter[str | None] = Counter()
    known: Counter[str | None] = Counter()
    rows = closed.values_list("band_then", "stage__outcome").annotate(Count("pk"))
    for band, outcome, number in rows:
        for key in (band, ""):
            known[key] += number
            won[key] += number if outcome == Stage.Outcome.WON else 0
    return {band: Proportion(won[band], known[band]) for band in known}


def rate_of(rates: Rates, band: str | None) -> tuple[str | None, Proportion] | None:
    """The band's own; that of all where it knows too few; None where even all are too few."""
    for key in (band, ""):
        found = rates.get(key)
        if found is not None and found.of >= FEW:
            return key, found
    return None


def open_groups(question: Question, track: Track) -> list[Group]:
    rows = Deal.objects.filter(stage__outcome=Stage.Outcome.OPEN)
    amount = Cast("amount", FloatField())
    groups = banded(question, track, rows).values_list("stage", "band_then")
    sums = groups.annotate(Count("pk"), Sum("amount"), squares=Sum(amount * amount))
    found = list(sums)
    stages = Stage.objects.select_related("pipeline").in_bulk({row[0] for row in found})
    ordered = sorted(
        stages.values(), key=lambda one: (one.pipeline.name, one.pipeline_id, one.position, one.pk)
    )
    return [
        Group(stage, band, deals, amount or Decimal(0), squares or 0.0)
        for stage in ordered
        for pk, band, deals, amount, squares in found
        if pk == stage.pk
    ]


def weighed(groups: Sequence[Group], rates: Rates) -> list[Weighed]:
    stages = {group.stage.pk: group.stage for group in groups}
    found = []
    for pk, stage in stages.items():
        own = [group for group in groups if group.stage.pk == pk]
        found.append(
            Weighed(stage, number(own), amount_of(own), by_stage(own), by_band(own, rates))
        )
    return found


def weighed_bands(groups: Sequence[Group], rates: Rates, order: Sequence[str]) -> list[OpenBand]:
    """In this order, then those that the model has no more, and last those without any."""
    bands = {group.band for group in groups}
    places = {band: place for place, band in enumerate(order)}
    found = []
    for band in sorted(bands, key=lambda one: (one is None, places.get(one or "", 99), one or "")):
        own = [group for group in groups if group.band == band]
        won = rates.get(band, Proportion(0, 0))
        found.append(
            OpenBand(band, number(own), amount_of(own), won, by_stage(own), by_band(own, rates))
        )
    return found


def number(groups: Sequence[Group]) -> int:
    return sum(group.deals for group in groups)


def amount_of(groups: Sequence[Group]) -> Decimal:
    return sum((group.amount for group in groups), Decimal(0))


def by_stage(groups: Sequence[Group]) -> Worth:
    """What somebody entered as the probability of a stage is not in doubt."""
    found: dict[int, Chance] = {}
    for group in groups:
        probability = group.stage.probability / HUNDRED
        chance = found.setdefault(group.stage.pk, Chance(probability, float(probability), 0.0))
        chance.add(group.deals, group.amount, group.squares)
    return worth_of(found.values())


def by_band(groups: Sequence[Group], rates: Rates) -> Worth | None:
    """None where too few deals were closed to know any rate."""
    found: dict[str | None, Chance] = {}
    for group in groups:
        rate = rate_of(rates, group.band)
        if rate is None:
            return None
        key, won = rate
        known = Beta.counted(won.count, won.of)
        share = Decimal(won.count) / won.of
        chance = found.setdefault(key, Chance(share, known.mean, known.variance))
        chance.add(group.deals, group.amount, group.squares)
    return worth_of(found.values())
