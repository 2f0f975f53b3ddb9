"""Which opportunities are dormant, by one query; and what each of a few has been."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from contacts.models import Activity, ActivityType, Deal, Lifecycle, Stage, Task
from scoring.automations.sequences.enrolments import Enrolment
from scoring.criteria.document import AbsenceTest, ActivityRule, ModelDocument
from scoring.criteria.durations import Duration, Unit
from scoring.engine.leads import Lead
from scoring.engine.models import ScoreChange, Track
from scoring.engine.pilots.models import Pilot
from scoring.pipeline.dormant.models import Dismissal, DormantChoice
from scoring.pipeline.feedback.models import Handover

# What counts as an activity beside what the model gives points for: that somebody spoke to them.
SPOKEN: Final = ("call", "meeting_booked", "email_reply")
NEVER: Final = -(2**62)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where dormant begins: as the numbers and instants that a choice means today."""

    fit: int
    # None: the model has no band above its lowest one.
    peak: int | None
    since: datetime
    quiet_since: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest total of a contact: ``at`` is None where it is so today."""

    total: int
    band: str
    at: datetime | None
    # Whether it was so until then, and not just then.
    ended: bool
    change: ScoreChange | None


def cut_of(choice: DormantChoice, document: ModelDocument, now: datetime) -> Cut:
    starts = [band.start for band in document.bands[1:] if band.start is not None]
    hottest = choice.peak == DormantChoice.Peak.HOT
    return Cut(
        fit=good_fit(document) if choice.fit_least is None else choice.fit_least,
        peak=(starts[-1] if hottest else starts[0]) if starts else None,
        since=Duration(choice.months, Unit.MONTHS).before(now) or now,
        quiet_since=now - timedelta(weeks=choice.weeks),
        day=timezone.localdate(now),
    )


def good_fit(document: ModelDocument) -> int:
    """What the model calls good: the better half of its grades; without grades, any fit at all."""
    grades = document.matrix.fit if document.matrix else ()
    start = grades[(len(grades) - 1) // 2].start if grades else None
    return 1 if start is None else start


def counted_types(document: ModelDocument) -> list[int]:
    """The ids of the types of activities that the model asks for, and of talks."""
    slugs = set(SPOKEN)
    for rule in document.rules:
        if isinstance(rule.test, ActivityRule):
            slugs.update(rule.test.activity.types)
        elif isinstance(rule.test, AbsenceTest):
            slugs.update(rule.test.absent.types)
    return sorted(ActivityType.objects.known_ids(slugs).values())


def dormant(track: Track, cut: Cut, seen: Any = None) -> Any:
    """The dormant leads of ``seen`` on a track, the best fit and highest peak first.

    With ``fit``, ``peak`` and ``last_at``, when they last did something, beside the score.
    """
    leads: Any = (Lead.objects.all() if seen is None else seen).on_track(track)
    if cut.peak is None:
        return leads.none()
    of_contact = {"contact": OuterRef("pk")}
    counted = Activity.objects.order_by().filter(
        **of_contact, type__in=counted_types(track.version.document_value), automated=False
    )
    return (
        leads.annotate(fit=F("scores__fit"))
        .filter(excluded=False, fit__gte=cut.fit, unsubscribed=False)
        .exclude(lifecycle__in=[Lifecycle.CUSTOMER, Lifecycle.LOST])
        .filter(
            ~Exists(counted.filter(occurred_at__gt=cut.quiet_since)),
            ~Exists(Task.objects.open().order_by().filter(**of_contact)),
            ~Exists(Deal.objects.filter(**of_contact, stage__outcome=Stage.Outcome.OPEN)),
            ~Exists(Dismissal.objects.in_force(cut.day).filter(**of_contact)),
            ~Exists(Enrolment.objects.active().filter(**of_contact)),
            ~Exists(Handover.objects.waiting().filter(**of_contact)),
        )
        .annotate(
            peak=Greatest(Coalesce(highest(track, cut), F("scores__total")), F("scores__total")),
            last_at=Subquery(counted.order_by("-occurred_at").values("occurred_at")[:1]),
        )
        .filter(peak__gte=cut.peak, last_at__isnull=False)
        .order_by("-fit", "-peak", "pk")
    )


def highest(track: Track, cut: Cut) -> Subquery:
    """Of the contact outside; a total that was given up in the time was had in it."""
    totals = [
        Coalesce(name, Value(NEVER), output_field=BigIntegerField())
        for name in ("total", "total_before")
    ]
    changes = ScoreChange.objects.filter(
        acted(track, OuterRef("scored_by")), contact=OuterRef("pk"), as_of__gte=cut.since
    ).order_by()
    return Subquery(
        changes.values("contact").annotate(highest=Max(Greatest(*totals))).values("highest")
    )


def acted(track: Track, scored_by: OuterRef | int) -> Q:
    """The history of the track that acts; before a pilot began it was the live one for all."""
    if track.pilot_id is None:
        return Q(track=track)
    began = Pilot.objects.filter(track=track.pilot_id).values("started_at")[:1]
    return Q(track=scored_by) | Q(track=track, as_of__lt=Subquery(began))


def peaks_of(leads: Iterable[Any], track: Track, cut: Cut) -> dict[int, Peak]:
    """When each of these dormant leads was at its highest; one query for all."""
    found: dict[int, Peak] = {}
    fallen: dict[int, int] = {}
    wanted = Q()
    for lead in leads:
        if lead.peak == lead.total:
            found[lead.pk] = Peak(lead.peak, lead.band, None, False, None)
            continue
        fallen[lead.pk] = lead.peak
        then = Q(total=lead.peak) | Q(total_before=lead.peak)
        wanted |= Q(contact=lead.pk) & then & acted(track, lead.scored_by)
    for change in changes_at(cut, wanted) if wanted else ():
        pk, total = change.contact_id, fallen[change.contact_id]
        if change.total == total:
            found[pk] = Peak(total, change.band or "", change.as_of, False, change)
        elif pk not in found:
            found[pk] = Peak(total, change.band_before or "", change.as_of, True, None)
    return found


def changes_at(cut: Cut, wanted: Q) -> QuerySet[ScoreChange]:
    """In their order: of several times the last one stays."""
    rows = ScoreChange.objects.filter(wanted, as_of__gte=cut.since)
    return rows.select_related("version").order_by("contact", "as_of", "revision")


def still_dormant(ids: Sequence[int], track: Track, cut: Cut) -> set[int]:
    """Those of these contacts that are so now; asked again where they are locked."""
    return set(dormant(track, cut, Lead.objects.filter(pk__in=ids)).values_list("pk", flat=True))
