"""The contacts that the figures of a forecast are counted from."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from contacts.models import Contact, Deal
from contacts.models.sales import Stage
from scoring.engine.models import Track
from scoring.reports.ahead.looks import since_the_first, whole_weeks
from scoring.reports.ahead.rows import (
    deals,
    leads,
    leads_by_day,
    moves,
    views,
    with_deal,
    within,
)
from scoring.reports.ahead.weighing import banded
from scoring.reports.asking import Question
from scoring.reports.periods import Period

Rows = QuerySet[Any]


def behind(question: Question, track: Track, key: str) -> QuerySet[Contact] | None:
    """None for an unknown key. Who is counted several times is there once."""
    name, equals, what = key.partition("=")
    if name in ("stage", "open"):
        rows = deals(question).filter(stage__outcome=Stage.Outcome.OPEN)
        if equals:
            rows = of_stage(rows, what) if name == "stage" else of_band(question, track, rows, what)
        return of_rows(rows)
    whole = whole_weeks(question)
    period = since_the_first(whole, leads_by_day(question, whole)) if whole else None
    if period is None or name not in FROM:
        return None
    return of_rows(FROM[name](question, track, period, what))


def of_rows(rows: Rows) -> QuerySet[Contact]:
    column = "pk" if rows.model is Contact else "contact"
    return Contact.objects.filter(pk__in=rows.order_by().values(column))


def of_stage(rows: Rows, pk: str) -> Rows:
    return rows.filter(stage=int(pk)) if pk.isdecimal() and len(pk) < 10 else rows.none()


def of_band(question: Question, track: Track, rows: Rows, band: str) -> Rows:
    then: dict[str, Any] = {"band_then": band or None}
    found: Rows = banded(question, track, rows).filter(**then)
    return found


def entered(question: Question, track: Track, period: Period, band: str) -> Rows:
    return moves(question, track).filter(**within(period, "as_of"), band=band)


def opened_in(question: Question, track: Track, period: Period, band: str) -> Rows:
    rows = with_deal(entered(question, track, period, band), question)
    left = moves(question, track).filter(
        contact=OuterRef("contact"), revision__gt=OuterRef("revision")
    )
    found: Rows = rows.annotate(left=Subquery(left.order_by("revision").values("as_of")[:1]))
    return found.filter(Q(left=None) | Q(opened__lte=F("left")), opened__isnull=False)


def deals_opened(question: Question, track: Track, period: Period, what: str) -> Rows:
    return deals(question).filter(**within(period, "opened_at"))


def deals_won(question: Question, track: Track, period: Period, what: str) -> Rows:
    rows = deals_opened(question, track, period, what)
    return rows.filter(stage__outcome=Stage.Outcome.WON, closed_at__lt=question.now)


def deals_closed(question: Question, track: Track, period: Period, band: str) -> Rows:
    """Of which a band's rate is told, whenever they were opened."""
    rows = of_band(question, track, Deal.objects.filter(**within(period, "closed_at")), band)
    return rows.exclude(stage__outcome=Stage.Outcome.OPEN)


def closed_won(question: Question, track: Track, period: Period, band: str) -> Rows:
    rows = deals_closed(question, track, period, band)
    return rows.filter(stage__outcome=Stage.Outcome.WON)


FROM: Mapping[str, Callable[[Question, Track, Period, str], Rows]] = {
    "visits": lambda question, _track, period, _what: views(question, period),
    "leads": lambda question, _track, period, _what: leads(question, period),
    "entered": entered,
    "opened": opened_in,
    "deals": deals_opened,
    "won": deals_won,
    "closed": deals_closed,
    "closed_won": closed_won,
}
