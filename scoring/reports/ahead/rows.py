"""The rows that a forecast is counted from: who came, visited, moved between bands and bought."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, Lead, TruncDate

from contacts.models import Activity, Deal
from scoring.engine.models import ScoreChange, Track
from scoring.reports.asking import Question
from scoring.reports.periods import Period

CHUNK: Final = 5_000


def within(period: Period, column: str) -> dict[str, datetime]:
    return {f"{column}__gte": period.start, f"{column}__lt": period.end}


def of_contacts(question: Question, rows: QuerySet[Any]) -> QuerySet[Any]:
    rows = rows.order_by()
    return rows if question.is_of_all else rows.filter(contact__in=question.contacts())


def leads(question: Question, period: Period) -> QuerySet[Any]:
    """Contacts that came in it; ``since``: when."""
    rows: Any = question.contacts().annotate(since=Coalesce("created_at", "stored_at"))
    found: QuerySet[Any] = rows.filter(**within(period, "since")).order_by()
    return found


def views(question: Question, period: Period) -> QuerySet[Any]:
    """Page views of known contacts; what a program did is none."""
    rows = Activity.objects.filter(
        **within(period, "occurred_at"),
        type__slug__in=settings.VISIT_TYPES,
        automated=False,
    )
    return of_contacts(question, rows)


def moves(question: Question, track: Track) -> QuerySet[Any]:
    """Every time a contact entered a band."""
    changed = ~Q(band=F("band_before")) | Q(band=None) | Q(band_before=None)
    rows = ScoreChange.objects.filter(changed, track=track, as_of__lt=question.now)
    return of_contacts(question, rows)


def with_deal(rows: QuerySet[Any], question: Question) -> QuerySet[Any]:
    """Moves with when the contact's first deal from then on was ``opened``."""
    opened = Deal.objects.filter(
        contact=OuterRef("contact"), opened_at__gte=OuterRef("as_of"), opened_at__lt=question.now
    )
    first = opened.order_by("opened_at").values("opened_at")[:1]
    found: QuerySet[Any] = rows.annotate(opened=Subquery(first))
    return found


def stays(question: Question, track: Track) -> QuerySet[Any]:
    """All moves, also with when the band was ``left``."""
    left = Window(Lead("as_of"), partition_by="contact", order_by="revision")
    found: QuerySet[Any] = with_deal(moves(question, track), question).annotate(left=left)
    return found


def deals(question: Question) -> QuerySet[Any]:
    return of_contacts(question, Deal.objects.filter(contact__isnull=False))


def leads_by_day(question: Question, period: Period) -> Mapping[date, int]:
    rows = leads(question, period).annotate(day=TruncDate("since", tzinfo=period.zone))
    return dict(rows.values_list("day").annotate(Count("pk")))


def visits_by_day(question: Question, period: Period) -> Mapping[date, int]:
    """A contact that viewed pages on a day has visited once."""
    rows = views(question, period).annotate(day=TruncDate("occurred_at", tzinfo=period.zone))
    return dict(rows.values_list("day").annotate(Count("contact", distinct=True)))


def visitors(question: Question, period: Period) -> int:
    """Contacts that viewed a page in it at least once."""
    return views(question, period).values("contact").distinct().count()
