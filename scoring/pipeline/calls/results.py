"""What came of a call: written once, with all that follows from it, and taken back as a whole."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Activity, ActivityType, Contact, Note, Target, Task
from contacts.provenance import recorded_as
from scoring.pipeline.assigning.claiming import NotPossible as NotAnswered
from scoring.pipeline.calls.models import CallEntry, CallSession
from scoring.pipeline.calls.plan import CALL, ORIGIN
from scoring.pipeline.calls.starting import NotPossible, when, who_holds
from scoring.pipeline.feedback.answering import Answer
from scoring.pipeline.feedback.answering import Said as Word
from scoring.pipeline.feedback.attempts import take_back_attempt
from scoring.pipeline.feedback.models import Handover

MEETING: Final = "meeting_booked"
SOURCE: Final = "call list"
# So long a result can be taken back.
UNDO: Final = timedelta(minutes=15)
Result = CallEntry.Result
# How a task that is done by a call came out.
OF_TASK: Final[dict[str, str]] = {
    Result.REACHED: Task.Result.REACHED,
    Result.VOICEMAIL: Task.Result.VOICEMAIL,
    Result.MEETING: Task.Result.MEETING_BOOKED,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of a call, checked.

    ``again``: when to call again, for a voicemail and "later". ``step`` and ``step_at``: what is
    to be done next, and until when.
    """

    result: str
    again: datetime | None = None
    step: str = ""
    step_at: datetime | None = None
    note: str = ""
    minutes: int | None = None
    # What marketing is told of a lead that was handed over, and which answer was seen before.
    verdict: Word | None = None
    seen: str = ""


def origin(user: User) -> str:
    """As the history of fields names whoever works through calls."""
    return f"calls: {user.get_username()}"


class Finish:
    """A call is over. Of two at once, from two tabs or by a double click, one is written."""

    def __init__(self, entry: CallEntry, user: User, said: Said) -> None:
        self.entry = entry
        self.user = user
        self.said = said

    def may(self) -> bool:
        return may_work(self.entry.session, self.user)

    def execute(self) -> str:
        """What could not be told to marketing, in words; empty where all went well.

        Raises PermissionDenied or NotPossible, and changes nothing then.
        """
        if not self.may():
            raise PermissionDenied
        now = timezone.now()
        with transaction.atomic(), recorded_as(origin(self.user)):
            contact = locked_contact(self.entry, self.user)
            self.take(now)
            made: dict[str, Any] = {
                "activities": self.activities(contact, now),
                "closed": self.close_promised(contact, now),
                "tasks": self.tasks(contact),
                "notes": self.notes(contact, now),
                "answered": self.said.verdict is not None,
            }
            Handover.objects.respond([contact.pk], now)
            CallEntry.objects.filter(pk=self.entry.pk).update(made=made)
            CallSession.objects.filter(pk=self.entry.session_id).update(
                touched_at=now, paused_at=None
            )
            return self.answer_marketing()

    def answer_marketing(self) -> str:
        """The call counts also where somebody else has answered meanwhile: that is told."""
        if self.said.verdict is None:
            return ""
        handovers = Handover.objects.filter(contact=self.entry.contact_id)
        handover = handovers.filter(model=self.entry.session.model_id).first()
        if handover is None:
            return _("Nobody waits for an answer about this lead any more.")
        try:
            with transaction.atomic():
                Answer(handover, self.user, self.said.verdict, self.said.seen).execute()
        except NotAnswered as reason:
            return str(reason)
        return ""

    def take(self, now: datetime) -> None:
        """Raises NotPossible where it was finished before, or the session was ended."""
        rows = CallEntry.objects.open().filter(pk=self.entry.pk, holds=True, session__ended_at=None)
        taken = rows.update(
            state=CallEntry.State.DONE, holds=False, result=self.said.result, called_at=now
        )
        if not taken:
            raise NotPossible(why_not(self.entry))

    def activities(self, contact: Contact, now: datetime) -> list[int]:
        facts: dict[str, object] = {
            "result": self.said.result,
            "answered": self.said.result in CallEntry.ANSWERED,
        }
        if self.said.minutes is not None:
            facts["minutes"] = self.said.minutes
        rows = [(CALL, self.entry.key, facts)]
        if self.said.result == Result.MEETING:
            rows.append((MEETING, f"{self.entry.key}:meeting", {"by": "phone"}))
        types = ActivityType.objects.ids_by_slug([slug for slug, _key, _facts in rows])
        [target] = Target.objects.ids_by_key([""]).values()
        made = [
            Activity(
                contact=contact,
                type_id=types[slug],
                target_id=target,
                occurred_at=now,
                source=SOURCE,
                external_id=key,
                properties=properties,
            )
            for slug, key, properties in rows
        ]
        for activity in made:
            activity.save()
        return [activity.pk for activity in made]

    def close_promised(self, contact: Contact, now: datetime) -> list[int]:
        """The call that was promised has been made."""
        promised = Task.objects.open().for_doing_by(self.user)
        promised = promised.filter(contact=contact, origin__startswith=ORIGIN)
        ids = list(promised.values_list("pk", flat=True))
        result = OF_TASK.get(self.said.result, Task.Result.DONE)
        Task.objects.filter(pk__in=ids).finish(self.user, now, result)
        return ids

    def tasks(self, contact: Contact) -> list[int]:
        name = contact.full_name or contact.email
        asked: list[tuple[str, str, datetime | None]] = []
        if self.said.again is not None:
            title = _("Call %(name)s again") % {"name": name}
            asked.append((f"{self.entry.key}:again", title, self.said.again))
        if self.said.step:
            asked.append((f"next:{self.entry.key}", self.said.step, self.said.step_at))
        made = [
            Task.objects.create(
                contact=contact,
                title=title[:200],
                text=self.said.note,
                assignee=self.user,
                due_at=due,
                origin=key,
            )
            for key, title, due in asked
        ]
        return [task.pk for task in made]

    def notes(self, contact: Contact, now: datetime) -> list[int]:
        if not self.said.note:
            return []
        text = self.said.note
        note = Note.objects.create(contact=contact, text=text, author=self.user, created_at=now)
        return [note.pk]


def may_work(session: CallSession, user: User) -> bool:
    """A session is worked by whoever it is for; others look at it, and end it."""
    return session.may_be_worked_by(user) and user.has_perm("contacts.add_activity")


def locked_contact(entry: CallEntry, user: User) -> Contact:
    """Raises NotPossible where this person does not see the lead any more."""
    rows = Contact.objects.visible_to(user).select_for_update(no_key=True)
    contact = rows.filter(pk=entry.contact_id).first()
    if contact is None:
        raise NotPossible(_("This lead was removed meanwhile, or belongs to somebody else now."))
    return contact


def why_not(entry: CallEntry) -> str:
    """Why nothing can be written for it any more."""
    now = CallEntry.objects.filter(pk=entry.pk).select_related("session").first()
    if now is None:
        return _("This lead was removed meanwhile.")
    if now.called_at is not None:
        facts = {"result": now.get_result_display(), "when": when(now.called_at)}
        return _("This call was written down already at %(when)s: %(result)s.") % facts
    return _("This session was ended meanwhile; nothing was written.")


def last_done(session: CallSession) -> CallEntry | None:
    """The newest result of a session."""
    done = session.entries.filter(state=CallEntry.State.DONE).select_related("contact", "session")
    return done.order_by("-called_at", "-pk").first()


class TakeBack:
    """The newest result of a session is undone: what it made goes, and the call is open again."""

    def __init__(self, entry: CallEntry, user: User) -> None:
        self.entry = entry
        self.user = user

    def may(self) -> bool:
        return may_work(self.entry.session, self.user)

    def check(self, now: datetime) -> list[str]:
        if self.entry.called_at is None or last_done(self.entry.session) != self.entry:
            return [_("Only the last result can be undone.")]
        if now - self.entry.called_at > UNDO:
            return [_("This result is too old to be undone; change what it made one by one.")]
        return []

    def execute(self) -> None:
        """Raises PermissionDenied or NotPossible, and changes nothing then."""
        if not self.may():
            raise PermissionDenied
        with transaction.atomic(), recorded_as(origin(self.user)):
            contact = locked_contact(self.entry, self.user)
            self.entry = CallEntry.objects.select_related("session__user").get(pk=self.entry.pk)
            if reasons := self.check(timezone.now()):
                raise NotPossible(" ".join(reasons))
            self.reopen_session()
            self.reopen(contact)
            self.remove(contact)

    def reopen(self, contact: Contact) -> None:
        """Raises NotPossible where another session has the lead by now."""
        done = CallEntry.objects.filter(pk=self.entry.pk, called_at=self.entry.called_at)
        try:
            with transaction.atomic():
                opened = done.update(
                    state=CallEntry.State.WAITING, holds=True, result="", called_at=None, made={}
                )
        except IntegrityError:
            holder = CallEntry.objects.holding([contact.pk]).select_related("contact").first()
            said = who_holds(holder) if holder else _("Another session has this lead by now.")
            raise NotPossible(said) from None
        if not opened:
            raise NotPossible(_("Only the last result can be undone."))

    def reopen_session(self) -> None:
        """It may have ended with this very call. Raises NotPossible where another one runs."""
        session = CallSession.objects.filter(pk=self.entry.session_id)
        try:
            with transaction.atomic():
                session.update(ended_at=None, touched_at=timezone.now())
        except IntegrityError:
            raise NotPossible(_("Another session of yours is running; end it first.")) from None

    def remove(self, contact: Contact) -> None:
        """Of what was made, that which nobody has gone on with."""
        made = self.entry.made
        Activity.objects.filter(pk__in=made.get("activities", [])).delete()
        if self.entry.called_at is not None:
            take_back_attempt(contact.pk, self.entry.called_at)
        Task.objects.open().filter(pk__in=made.get("tasks", [])).delete()
        Task.objects.filter(pk__in=made.get("closed", []), done_by=self.user).reopen()
        Note.objects.filter(pk__in=made.get("notes", []), edited_at=None).delete()
