"""What sales did in the year with those who became hot: handed over, tried, answered.

When somebody became hot is the engine's word. What a salesperson said of it follows from what
became of the lead, with some mistakes, as people make them.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef

from contacts.models import Contact, Deal, FieldChange, Lifecycle
from contacts.normalise import email_key, normalise
from contacts.provenance import quietly, recorded_as
from contacts.records import ActivityRecord
from contacts.storing import store_activities
from contacts.working_time import WorkingTime
from scoring.demo.behaviour import SOURCE
from scoring.demo.dataset import SEED
from scoring.engine.models import ScoreChange, Track
from scoring.pipeline.feedback.handing import Deadlines
from scoring.pipeline.feedback.models import Handover, ServiceLevel, Verdict, VerdictKind
from scoring.pipeline.feedback.reasons import RejectionReason
from scoring.pipeline.feedback.settling import put_activity

# Nobody is handed over in the last days: those are the leads that wait for an answer.
UNTIL: Final = timedelta(days=2)
# Of ten whom nothing came of: most are rejected, for these reasons.
WHY: Final = (
    *("not_now", "not_now", "not_now", "no_budget", "no_budget", "wrong_size", "no_need"),
    *("no_need", "bad_data", "already_customer"),
)
STEPS: Final = ("lead", "mql", "sql", "opportunity")


@dataclass(frozen=True, slots=True)
class Rise:
    """Somebody became hot for the first time, and the deal that there is, if any."""

    contact: Contact
    total: int
    at: datetime
    deal: Deal | None

    @property
    def rng(self) -> Random:
        return Random(f"{SEED} handed {email_key(self.contact.email)}")

    @property
    def outcome(self) -> str:
        return self.deal.stage.outcome if self.deal else ""


def rises(track: Track, until: datetime) -> Iterator[Rise]:
    """The first one of each contact whom sales did not have by then."""
    hot = track.version.document_value.bands[-1].name
    had = Deal.objects.filter(contact=OuterRef("contact"), opened_at__lte=OuterRef("as_of"))
    changes = (
        ScoreChange.objects.filter(track=track, band=hot, as_of__lt=until)
        .exclude(band_before=hot)
        .filter(~Exists(had), ~Exists(Handover.objects.filter(contact=OuterRef("contact"))))
        .select_related("contact")
        .order_by("as_of", "contact")
    )
    deals = {
        deal.contact_id: deal
        for deal in Deal.objects.filter(source=SOURCE).select_related("stage").order_by("-pk")
    }
    seen: set[int] = set()
    for change in changes:
        if change.contact_id not in seen:
            seen.add(change.contact_id)
            deal = deals.get(change.contact_id)
            yield Rise(change.contact, change.total or 0, change.as_of, deal)


def set_up(track: Track, now: datetime, others: Set[int]) -> int:
    """Hand over, try and answer, each once, but for the others; how many there are."""
    found = [rise for rise in rises(track, now - UNTIL) if rise.contact.pk not in others]
    people = {normalise(user.username): user for user in User.objects.filter(is_staff=True)}
    with transaction.atomic(), recorded_as(SOURCE), quietly():
        handovers = list(handed(found, track, people, now))
        Handover.objects.bulk_create(handovers)
        Verdict.objects.bulk_create(
            Verdict(handover=one, verdict=one.verdict, reason=one.reason, at=one.answered_at,
                    by=one.answered_by)
            for one in handovers
            if one.answered_at
        )  # fmt: skip
        for one in handovers:
            if one.answered_at:
                put_activity(one, one.answered_at)
        store_activities([call for one in handovers for call in calls(one)])
        note_stages(handovers)
    return len(handovers)


def handed(
    found: Sequence[Rise], track: Track, people: dict[str, User], now: datetime
) -> Iterator[Handover]:
    """Some hours after they became hot, with the deadlines of the service level."""
    band = track.version.document_value.bands[-1].name
    level = ServiceLevel.objects.of(track.model, band)
    calendars = {owner: level.calendar_for(owner) for owner in {one.contact.owner for one in found}}
    times = {owner: calendar.working_time() for owner, calendar in calendars.items()}
    reasons = {reason.slug: reason for reason in RejectionReason.objects.all()}
    for rise in found:
        owner, rng = rise.contact.owner, rise.rng
        work = times[owner]
        at = work.next_start(rise.at + timedelta(hours=rng.uniform(1, 110)))
        if at >= now - UNTIL:
            continue
        deadlines = Deadlines(level, work, at)
        row = Handover(
            contact=rise.contact, model=track.model, band=band, total=rise.total, owner=owner,
            calendar=calendars[owner] if calendars[owner].pk else None, handed_at=at,
            respond_by=deadlines.respond_by, feedback_by=deadlines.feedback_by,
            origin=f"demo-year:{rise.contact.pk}",
        )  # fmt: skip
        try_and_answer(row, rise, work, now)
        why = rng.choice(WHY)
        row.reason = reasons.get(why) if row.verdict == VerdictKind.REJECTED else None
        row.answered_by = people.get(normalise(owner)) or people.get("mona")
        yield row


def try_and_answer(row: Handover, rise: Rise, work: WorkingTime, now: datetime) -> None:
    """Most in time; one of ten is never tried before the answer."""
    rng = rise.rng
    waited = timedelta(minutes=round(rng.lognormvariate(4.9, 0.8)))
    tried = work.add(row.handed_at, waited)
    if rng.random() < 0.9 and tried < now:
        row.responded_at, row.response_seconds = tried, int(waited.total_seconds())
    answered = work.add(row.handed_at, waited + timedelta(minutes=rng.lognormvariate(5.6, 0.9)))
    row.answered_at = min(answered, now - timedelta(hours=1))
    likely = {"won": 0.94, "open": 0.9, "lost": 0.6}.get(rise.outcome, 0.35)
    is_good = rng.random() < likely
    row.verdict = VerdictKind.ACCEPTED if is_good else VerdictKind.REJECTED


def calls(handover: Handover) -> Iterator[ActivityRecord]:
    if handover.responded_at is None:
        return
    rng = Random(f"{SEED} call {handover.origin}")
    answered = rng.random() < 0.6
    yield ActivityRecord(
        contact=handover.contact.email,
        type="call",
        occurred_at=handover.responded_at.replace(microsecond=0),
        target="First call",
        properties={
            "answered": answered,
            "result": "reached" if answered else "voicemail",
            "minutes": rng.randrange(3, 25) if answered else 0,
        },
        source=SOURCE,
        external_id=f"first-{handover.contact_id}",
    )


def note_stages(handovers: Sequence[Handover]) -> None:
    """How each went from lead to what the contact is now, step by step, only forward."""
    deals = {
        deal.contact_id: deal for deal in Deal.objects.filter(source=SOURCE).select_related("stage")
    }
    by_contact = {one.contact_id: one for one in handovers}
    contacts = Contact.objects.in_bulk({*by_contact, *deals} - {None})
    changes: list[FieldChange] = []
    for pk, contact in contacts.items():
        before = "lead"
        for after, at in steps(contact, by_contact.get(pk), deals.get(pk)):
            changes.append(
                FieldChange(contact=contact, field="lifecycle", before=before, after=after,
                            changed_at=at, origin=SOURCE)
            )  # fmt: skip
            before = after
        if before != contact.lifecycle:
            # Its own history has just been written.
            rows = Contact.objects.filter(pk=pk).unnoted()
            rows.update(lifecycle=before, lifecycle_norm=before)
    FieldChange.objects.bulk_create(changes, batch_size=500)


def steps(
    contact: Contact, handover: Handover | None, deal: Deal | None
) -> Iterator[tuple[str, datetime]]:
    """The stages in their order, each not before the one before it."""
    known: list[tuple[str, datetime]] = []
    if handover is not None:
        known.append((Lifecycle.MQL, handover.handed_at))
        if handover.verdict == VerdictKind.ACCEPTED and handover.answered_at:
            known.append((Lifecycle.SQL, handover.answered_at))
    if deal is not None and deal.opened_at:
        known.append((Lifecycle.OPPORTUNITY, deal.opened_at))
    if deal is not None and deal.closed_at:
        known.append((contact.lifecycle, deal.closed_at))
    last: datetime | None = None
    for stage, at in known:
        last = at if last is None else max(at, last)
        yield str(stage), last
