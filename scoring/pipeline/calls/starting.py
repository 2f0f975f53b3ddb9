"""A session begins, for oneself or for others: of two at once each lead is in one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contacts.models.teams import name_of
from scoring.engine.models import Track
from scoring.pipeline.calls.models import (
    CALLS,
    PLANS,
    CallEntry,
    CallRoutine,
    CallSession,
)
from scoring.pipeline.calls.plan import Part, live_track, plan_for


class NotPossible(Exception):
    """It cannot be done now; the message says to a person why."""


@dataclass(frozen=True, slots=True)
class Started:
    """``taken``: those of the plan that somebody else's session has got meanwhile."""

    session: CallSession
    count: int
    taken: Sequence[CallEntry]


class Start:
    """Sessions for one person or several, dealt from one list.

    ``check`` looks and changes nothing: it is for buttons. ``execute`` asks again.
    """

    def __init__(self, people: Iterable[User], by: User) -> None:
        self.people = list(people)
        self.by = by

    def may(self) -> bool:
        """One's own; those of others for who plans them."""
        if self.by.has_perm(PLANS):
            return True
        return self.by.has_perm(CALLS) and [user.pk for user in self.people] == [self.by.pk]

    def check(self) -> list[str]:
        """Why it cannot be, in words; empty where it can."""
        if live_track() is None:
            return [_("No scoring model is live yet, so nobody is hotter than anybody else.")]
        if not self.people:
            return [_("Nobody is there to call.")]
        return [fault for user in self.people if (fault := fault_of(user))]

    def execute(self) -> list[Started]:
        """Raises PermissionDenied or NotPossible, and changes nothing then."""
        if not self.may():
            raise PermissionDenied
        now, routine = timezone.now(), CallRoutine.objects.current()
        with transaction.atomic():
            CallSession.objects.left_behind(now).end(now)
            faults, track = self.check(), live_track()
            if faults or track is None:
                raise NotPossible(" ".join(faults))
            plan = plan_for(self.people, track, routine, now)
            parts = [part for part in plan.parts if part.leads]
            if not parts:
                raise NotPossible(_("Nobody is to be called now."))
            sessions = [
                CallSession(
                    user=part.user,
                    started_by=self.by,
                    model=track.model,
                    cadence=routine.cadence,
                    capacity=part.capacity,
                    from_total=routine.from_total,
                    left_below=plan.below,
                    left_beyond=plan.beyond,
                    started_at=now,
                    touched_at=now,
                )
                for part in parts
            ]
            return [begin(session, part) for session, part in zip(sessions, parts, strict=True)]


def fault_of(user: User) -> str:
    """Why this person cannot begin; empty where they can."""
    facts = {"name": name_of(user)}
    if not user.is_active or not user.has_perm(CALLS):
        return _("%(name)s makes no calls here.") % facts
    running = CallSession.objects.running().filter(user=user).first()
    if running is None:
        return ""
    facts["when"] = when(running.started_at)
    return _("%(name)s has a session since %(when)s: go on with it, or end it first.") % facts


def begin(session: CallSession, part: Part) -> Started:
    """Raises NotPossible where the person has begun another one at the same moment."""
    try:
        with transaction.atomic():
            session.save()
    except IntegrityError:
        raise NotPossible(fault_of(part.user)) from None
    entries = [
        CallEntry(
            session=session,
            contact_id=lead.pk,
            position=place,
            total=lead.total,
            band=lead.band,
            promised_at=lead.promised,
        )
        for place, lead in enumerate(part.leads, start=1)
    ]
    # In one order of contacts, so that two who begin at once do not wait for each other in a
    # circle. What another session holds is passed over.
    entries.sort(key=lambda entry: entry.contact_id)
    CallEntry.objects.bulk_create(entries, ignore_conflicts=True)
    got = set(session.entries.values_list("contact_id", flat=True))
    if not got:
        raise NotPossible(_("Somebody was faster: every lead of this list is in another session."))
    missing = [lead.pk for lead in part.leads if lead.pk not in got]
    taken = CallEntry.objects.holding(missing).select_related("contact", "session__user")
    return Started(session, len(got), list(taken))


def who_holds(entry: CallEntry) -> str:
    facts = {
        "lead": entry.contact.full_name or entry.contact.email,
        "name": name_of(entry.session.user),
    }
    return _("“%(lead)s” is in the session of %(name)s.") % facts


def when(at: datetime) -> str:
    here = timezone.localtime(at)
    today = here.date() == timezone.localdate()
    return date_format(here, "TIME_FORMAT" if today else "SHORT_DATETIME_FORMAT")


def track_of(session: CallSession) -> Track | None:
    """The live track of the model that the session was made by."""
    tracks = Track.objects.select_related("model", "version__model")
    return tracks.filter(model=session.model_id, role=Track.Role.LIVE).first()
