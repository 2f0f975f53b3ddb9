"""Who is to leave a sequence, and what leaving means."""

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Many
from datetime import datetime
from typing import Final

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from contacts.models import Activity, ActivityType, Contact
from scoring.automations.outbox.messages import Message
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.goals import who_is_there
from scoring.automations.sequences.models import Sequence
from scoring.engine.models import Score, Track

Reason = Enrolment.Reason
# What a contact did since it was enrolled, and what that means.
DEEDS: Final = {
    "unsubscribe": Reason.UNSUBSCRIBED,
    "email_reply": Reason.REPLY,
    "meeting_booked": Reason.MEETING,
}


def reasons_to_leave(enrolments: Many[Enrolment], as_of: datetime) -> dict[int, Enrolment.Reason]:
    """By the id of the enrolment; of several reasons the first of ``found``.

    A few queries however many there are. The contacts and tracks must be fresh.
    """
    did, scores = deeds(enrolments), scores_of(enrolments)
    there = at_goal(enrolments, as_of)
    reasons = {}
    for each in enrolments:
        score = scores.get((each.track_id, each.contact_id))
        found = [
            *flags(each.contact),
            *(DEEDS[what] for what in DEEDS
              if (at := did.get((each.contact_id, what))) and at > each.started_at),
            *([Reason.GOAL] if each.pk in there else []),
            *by_score(each, score),
        ]  # fmt: skip
        if found:
            reasons[each.pk] = found[0]
    return reasons


def flags(contact: Contact) -> list[Enrolment.Reason]:
    return [
        *([Reason.UNSUBSCRIBED] if contact.unsubscribed else []),
        *([Reason.BOUNCED] if contact.bounced else []),
    ]


def by_score(enrolment: Enrolment, score: Score | None) -> list[Enrolment.Reason]:
    """Nothing where the contact had no score when it was enrolled."""
    if enrolment.track_id is None or not enrolment.band_at_start:
        return []
    if score is None:
        return [Reason.AUDIENCE]
    if score.excluded:
        return [Reason.EXCLUDED]
    asked = enrolment.sequence.leave_on_band_change
    return [Reason.BAND] if asked and score.band != enrolment.band_at_start else []


def deeds(enrolments: Many[Enrolment]) -> Mapping[tuple[int, str], datetime]:
    """When each contact last did each of these things; machines do not count."""
    if not enrolments:
        return {}
    names = {pk: slug for slug, pk in ActivityType.objects.known_ids(DEEDS).items()}
    rows = (
        Activity.objects.filter(
            contact__in={each.contact_id for each in enrolments},
            type__in=list(names),
            automated=False,
            occurred_at__gt=min(each.started_at for each in enrolments),
        )
        .order_by()
        .values_list("contact_id", "type_id")
        .annotate(last=Max("occurred_at"))
    )
    return {(contact, names[kind]): last for contact, kind, last in rows}


def scores_of(enrolments: Many[Enrolment]) -> dict[tuple[int | None, int], Score]:
    """Of each contact that which acts, by the track of the enrolment."""
    members: dict[Track, list[int]] = {}
    for each in enrolments:
        if each.track is not None:
            members.setdefault(each.track, []).append(each.contact_id)
    return {
        (track.pk, row.contact_id): row
        for track, contacts in members.items()
        for row in Score.objects.acting(track)
        .filter(contact__in=contacts)
        .only("track_id", "contact_id", "band", "excluded")
    }


def at_goal(enrolments: Many[Enrolment], as_of: datetime) -> set[int]:
    by_sequence: dict[Sequence, list[Enrolment]] = {}
    for each in enrolments:
        by_sequence.setdefault(each.sequence, []).append(each)
    return {
        each.pk
        for sequence, members in by_sequence.items()
        for there in [who_is_there(sequence, [one.contact_id for one in members], as_of)]
        for each in members
        if each.contact_id in there
    }


def leave(enrolments: Iterable[Enrolment], reason: Enrolment.Reason) -> int:
    """End these, which the caller has locked, and stop what waits in the outbox for them."""
    count = 0
    for enrolment in enrolments:
        enrolment.end(Enrolment.State.LEFT, reason)
        keys = enrolment.runs.filter(message__isnull=False).values("message")
        Message.objects.waiting().filter(pk__in=keys).cancel(
            _("The contact has left the sequence: %(reason)s.") % {"reason": reason.label}
        )
        count += 1
    return count


def locked(contact_ids: Iterable[int], *where: Q) -> list[Enrolment]:
    """The active enrolments of these contacts, for the open transaction alone."""
    rows = Enrolment.objects.active().filter(*where, contact__in=contact_ids).order_by("pk")
    return list(rows.select_for_update(of=("self",)).select_related("sequence", "contact", "track"))


def take_out(contact: Contact, reason: Enrolment.Reason, sequence: Sequence | None = None) -> int:
    """Have a contact leave one sequence, or all; in the caller's transaction."""
    where = [Q(sequence=sequence)] if sequence else []
    return leave(locked([contact.pk], *where), reason)
