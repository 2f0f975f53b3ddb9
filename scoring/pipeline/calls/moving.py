"""Going through a session: whose turn it is, putting off, pausing, ending."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Contact
from scoring.pipeline.calls.models import PLANS, CallEntry, CallSession
from scoring.pipeline.calls.results import may_work
from scoring.pipeline.calls.starting import NotPossible


@dataclass(frozen=True, slots=True)
class Progress:
    """``number`` of ``of`` are done with, ``percent`` of all."""

    done: int
    dropped: int
    of: int

    @property
    def number(self) -> int:
        return self.done + self.dropped

    @property
    def left(self) -> int:
        return self.of - self.number

    @property
    def percent(self) -> int:
        return round(100 * self.number / self.of) if self.of else 100


def progress(session: CallSession) -> Progress:
    counts = session.entries.aggregate(
        done=Count("pk", filter=Q(state=CallEntry.State.DONE)),
        dropped=Count("pk", filter=Q(state=CallEntry.State.DROPPED)),
        of=Count("pk"),
    )
    return Progress(**counts)


def drop_lost(session: CallSession) -> list[str]:
    """Take those off that whoever calls does not see any more, or nobody sells to; their names."""
    open_ones = session.entries.open().filter(holds=True)
    seen = Contact.objects.visible_to(session.user).values("pk")
    lost = list(open_ones.exclude(contact__in=seen).select_related("contact"))
    ids = [entry.pk for entry in lost]
    if ids:
        CallEntry.objects.open().filter(pk__in=ids).update(
            state=CallEntry.State.DROPPED, holds=False
        )
    return [entry.contact.full_name or entry.contact.email for entry in lost]


def whose_turn(session: CallSession) -> CallEntry | None:
    """The next to be called, of those whom the caller still sees; those put off come last."""
    seen = Contact.objects.visible_to(session.user).values("pk")
    return session.entries.open().filter(holds=True, contact__in=seen).in_turn().first()


def before(entry: CallEntry) -> CallEntry | None:
    """The one that stands before it in the list."""
    rows = CallEntry.objects.filter(session=entry.session_id, position__lt=entry.position)
    return rows.order_by("-position", "-pk").first()


def put_off(entry: CallEntry, user: User) -> None:
    """To the end of the session. Raises PermissionDenied or NotPossible."""
    if not may_work(entry.session, user):
        raise PermissionDenied
    with transaction.atomic():
        list(CallSession.objects.select_for_update().filter(pk=entry.session_id).values_list("pk"))
        rows = CallEntry.objects.filter(session=entry.session_id)
        last = rows.aggregate(last=Max("position"))["last"] or 0
        waiting = rows.open().filter(pk=entry.pk, holds=True)
        if not waiting.update(state=CallEntry.State.SKIPPED, position=last + 1):
            raise NotPossible(_("This lead is not waiting any more."))
        touch(entry.session)


def pause(session: CallSession, user: User) -> None:
    """Raises PermissionDenied."""
    if not may_work(session, user):
        raise PermissionDenied
    now = timezone.now()
    CallSession.objects.running().filter(pk=session.pk).update(paused_at=now, touched_at=now)


def go_on(session: CallSession, user: User) -> None:
    """Raises PermissionDenied."""
    if not may_work(session, user):
        raise PermissionDenied
    touch(session)


def touch(session: CallSession, at: datetime | None = None) -> None:
    now = at or timezone.now()
    CallSession.objects.filter(pk=session.pk).update(paused_at=None, touched_at=now)


def end(session: CallSession, user: User) -> int:
    """Whoever calls ends it, or whoever plans the calls of others. Raises PermissionDenied."""
    if not (may_work(session, user) or user.has_perm(PLANS)):
        raise PermissionDenied
    with transaction.atomic():
        return CallSession.objects.filter(pk=session.pk).end(timezone.now())
