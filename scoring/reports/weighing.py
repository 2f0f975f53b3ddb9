"""The open pipeline, weighted by what its stages say and by what its bands have won."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum

from contacts.models import Deal
from contacts.models.sales import Stage
from scoring.engine.models import ScoreChange, Track
from scoring.engine.proportions import FEW, Proportion
from scoring.reports.asking import Question
from scoring.reports.chain import of_contacts, within
from scoring.reports.periods import Period

HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Weighed:
    """The open deals of one stage."""

    stage: Stage
    deals: int
    amount: Decimal
    by_stage: Decimal
    # None where too few deals were closed to know any rate.
    by_band: Decimal | None


def banded(question: Question, track: Track, rows: QuerySet[Deal]) -> QuerySet[Any]:
    """With the band that the contact had when the deal was opened."""
    before = ScoreChange.objects.filter(
        track=track, contact=OuterRef("contact"), as_of__lte=OuterRef("opened_at")
    )
    latest = before.order_by("-as_of", "-revision").values("band")[:1]
    found: QuerySet[Any] = rows.annotate(band_then=Subquery(latest))
    return of_contacts(question, found)


def win_rates(question: Question, track: Track, period: Period) -> Mapping[str | None, Proportion]:
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


def rate_of(rates: Mapping[str | None, Proportion], band: str | None) -> Decimal | None:
    """The band's own; that of all where it knows too few; None where even all are too few."""
    for key in (band, ""):
        found = rates.get(key)
        if found is not None and found.of >= FEW:
            return Decimal(found.count) / found.of
    return None


def weighed(
    question: Question, track: Track, rates: Mapping[str | None, Proportion]
) -> list[Weighed]:
    rows = Deal.objects.filter(stage__outcome=Stage.Outcome.OPEN)
    groups = banded(question, track, rows).values_list("stage", "band_then")
    found = list(groups.annotate(Count("pk"), Sum("amount")))
    stages = Stage.objects.select_related("pipeline").in_bulk({row[0] for row in found})
    ordered = sorted(stages.values(), key=lambda one: (one.pipeline_id, one.position, one.pk))
    return [weighed_stage(stage, [row[1:] for row in found if row[0] == stage.pk], rates)
            for stage in ordered]  # fmt: skip


def weighed_stage(
    stage: Stage, groups: list[Any], rates: Mapping[str | None, Proportion]
) -> Weighed:
    amount, by_band = Decimal(0), Decimal(0)
    known = True
    for band, _deals, total in groups:
        rate = rate_of(rates, band)
        known = known and rate is not None
        amount += total or 0
        by_band += (total or 0) * (rate or 0)
    deals = sum(deals for _band, deals, _total in groups)
    chance = stage.probability / HUNDRED
    return Weighed(stage, deals, amount, amount * chance, by_band if known else None)
