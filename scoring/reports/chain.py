"""What a forecast is worked out from: visits, leads, stays in bands and deals of the last weeks.

Rows are read as a stream and kept as counts by whole days, so memory does not grow with them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, Lead, TruncDate

from contacts.models import Activity, Deal
from contacts.models.sales import Stage
from scoring.criteria.document import EXCLUDED
from scoring.engine.models import ScoreChange, Track
from scoring.reports.asking import Question
from scoring.reports.people import place_in
from scoring.reports.periods import Period
from scoring.reports.statistics.foresight import Step, add, by_week
from scoring.reports.statistics.survival import Curve, curve_of

DAY: Final = timedelta(days=1)
CHUNK: Final = 5_000


@dataclass(frozen=True, slots=True)
class Wait:
    """In whole days: until it came, until it came or was given up, and up to now; None: not yet."""

    came: int | None
    gone: int | None
    watched: int


@dataclass(frozen=True, slots=True)
class Waits:
    counted: Counter[Wait]

    @property
    def of(self) -> int:
        return self.counted.total()

    @property
    def reached(self) -> Curve:
        """Whoever gave up never gets there: counted as waiting for as long as was watched."""
        return curve_of(
            (wait.watched, False) if wait.came is None else (wait.came, True)
            for wait in self.counted.elements()
        )

    @property
    def gone(self) -> Curve:
        return curve_of(
            (wait.watched, False) if wait.gone is None else (wait.gone, True)
            for wait in self.counted.elements()
        )

    def step(self, weeks: int) -> Step:
        reached, gone = self.reached, self.gone
        waiting = [0.0] * weeks
        for wait, number in self.counted.items():
            if wait.gone is None:
                chances = by_week(reached, gone, wait.watched, weeks)
                add(waiting, [number * each for each in chances])
        return Step(by_week(reached, None, 0, weeks), waiting, reached.events)


def wait_of(begun: datetime, came: datetime | None, gone: datetime | None, now: datetime) -> Wait:
    """``gone``: when it ended otherwise. What ended first counts."""
    if came is not None and gone is not None and came > gone:
        came = None
    ended = came or gone

    def days(at: datetime | None) -> int | None:
        return None if at is None else max(0, (at - begun) // DAY)

    return Wait(days(came), days(ended), (now - begun) // DAY)


def whole_weeks(question: Question) -> Period | None:
    """The whole weeks of seven days at the end of the period, up to yesterday; None: not one."""
    yesterday = question.period.day_of(question.now) - DAY
    last = min(question.period.last, yesterday)
    weeks = ((last - question.period.first).days + 1) // 7
    return Period.ending(last, 7 * weeks, question.period.zone) if weeks > 0 else None


def within(period: Period, column: str) -> dict[str, datetime]:
    return {f"{column}__gte": period.start, f"{column}__lt": period.end}


def of_contacts(question: Question, rows: QuerySet[Any]) -> QuerySet[Any]:
    rows = rows.order_by()
    return rows if question.is_of_all else rows.filter(contact__in=question.contacts())


def sevens(period: Period) -> list[Period]:
    days = [period.first + 7 * DAY * at for at in range(period.days // 7)]
    return [Period(first, first + 6 * DAY, period.zone) for first in days]


def leads_by_week(question: Question, period: Period) -> list[int]:
    rows: Any = question.contacts().annotate(since=Coalesce("created_at", "stored_at"))
    rows = rows.filter(**within(period, "since")).annotate(place=place_in(sevens(period), "since"))
    found = dict(rows.order_by().values_list("place").annotate(Count("pk")))
    return [found.get(place, 0) for place in range(len(sevens(period)))]


def visits(question: Question, period: Period) -> int:
    """Days on which a contact viewed pages, each contact by itself."""
    rows = Activity.objects.filter(
        **within(period, "occurred_at"), type__slug="page_view", automated=False
    )
    days: Any = of_contacts(question, rows).annotate(
        day=TruncDate("occurred_at", tzinfo=period.zone)
    )
    found = days.values("day").annotate(number=Count("contact", distinct=True))
    return sum(found.values_list("number", flat=True))


def stays(question: Question, track: Track, period: Period) -> Mapping[str, Waits]:
    """By band: from entering it to the first deal that was opened while in it."""
    moves = of_contacts(question, ScoreChange.objects.filter(track=track)).filter(
        ~Q(band=F("band_before")) | Q(band=None) | Q(band_before=None), as_of__lt=question.now
    )
    left = Window(Lead("as_of"), partition_by="contact", order_by="revision")
    opened = Deal.objects.filter(
        contact=OuterRef("contact"), opened_at__gte=OuterRef("as_of"), opened_at__lt=question.now
    )
    first = opened.order_by("opened_at").values("opened_at")[:1]
    rows: Any = moves.annotate(left=left, opened=Subquery(first))
    counted: dict[str, Counter[Wait]] = {}
    columns = rows.values_list("band", "as_of", "opened", "left")
    for band, begun, came, gone in columns.iterator(chunk_size=CHUNK):
        if band in (None, EXCLUDED) or not period.start <= begun < period.end:
            continue
        counted.setdefault(band, Counter())[wait_of(begun, came, gone, question.now)] += 1
    return {band: Waits(found) for band, found in counted.items()}


def deals(question: Question, period: Period) -> Waits:
    """Of contacts: from being opened to being won; one that was lost is never won."""
    rows = of_contacts(question, Deal.objects.filter(**within(period, "opened_at")))
    rows = rows.filter(contact__isnull=False)
    counted: Counter[Wait] = Counter()
    found = rows.values_list("opened_at", "closed_at", "stage__outcome")
    for opened, closed, outcome in found.iterator(chunk_size=CHUNK):
        known = closed if closed is not None and closed < question.now else None
        came = known if outcome == Stage.Outcome.WON else None
        counted[wait_of(opened, came, known, question.now)] += 1
    return Waits(counted)


def amounts_won(question: Question, period: Period) -> list[float]:
    rows = of_contacts(question, Deal.objects.filter(**within(period, "closed_at")))
    rows = rows.filter(stage__outcome=Stage.Outcome.WON, contact__isnull=False)
    return [float(amount or 0) for amount in rows.values_list("amount", flat=True)]
