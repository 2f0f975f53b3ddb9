"""Sessions of calls with the leads in them, what people say on the phone, and the routine."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from contacts.models.on_merge import CloseTwice
from scoring.automations.texts import validate_template
from scoring.criteria.models import ScoringModel
from scoring.criteria.segments import Segment

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin

CALLS: Final = "scoring.add_callsession"
PLANS: Final = "scoring.plan_calls"
# Of one session; the workshop of thresholds begins with as many calls a week.
CAPACITY: Final = 20
CAPACITY_MOST: Final = 200
QUIET_DAYS: Final = 7


class Cadence(models.TextChoices):
    DAILY = "daily", _("every day")
    WEEKLY = "weekly", _("every week")


# A session that nobody touches for so long is over: its leads are free for others.
KEPT: Final = {Cadence.DAILY: timedelta(days=1), Cadence.WEEKLY: timedelta(days=7)}


def capacity_field(**options: Any) -> "models.PositiveSmallIntegerField[int, int]":
    most = [MinValueValidator(1), MaxValueValidator(CAPACITY_MOST)]
    return models.PositiveSmallIntegerField(
        _("calls in a session"), default=CAPACITY, validators=most, **options
    )


class CallRoutineQuerySet(models.QuerySet["CallRoutine"]):
    def current(self) -> "CallRoutine":
        """The one of this installation; what a new one begins with where nobody set it."""
        return self.select_related("never").first() or CallRoutine()


class CallRoutine(models.Model):
    """How calling goes here: a single row."""

    ONLY: Final = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    cadence = models.CharField(
        _("how often"), max_length=6, choices=Cadence.choices, default=Cadence.DAILY
    )
    capacity = capacity_field()
    from_total = models.BigIntegerField(
        _("only from so many points on"),
        null=True,
        blank=True,
        help_text=_("Leads below wait for the next session. Empty: everybody is called."),
    )
    quiet_days = models.PositiveSmallIntegerField(
        _("days between two calls"),
        default=QUIET_DAYS,
        validators=[MaxValueValidator(365)],
        help_text=_("Whoever was called within so many days is not on the list."),
    )
    never = models.ForeignKey(
        Segment,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("never call"),
        help_text=_("A segment, such as of those who have asked not to be called."),
    )
    # Ids of fields; None: those that the fit rules of the live model test.
    questions = models.JSONField(_("questions"), null=True, blank=True)

    objects = CallRoutineQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("routine of calls")
        verbose_name_plural = _("routines of calls")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="call_routine_one")]

    def __str__(self) -> str:
        return self.get_cadence_display()

    def quiet_since(self, now: datetime) -> datetime:
        return now - timedelta(days=self.quiet_days)


class CallCapacity(models.Model):
    """How many calls one person makes in a session, where it is not what others make."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="call_capacity"
    )
    capacity = capacity_field()

    class Meta:
        default_permissions = ()
        verbose_name = _("capacity for calls")
        verbose_name_plural = _("capacities for calls")

    def __str__(self) -> str:
        return f"{self.user}: {self.capacity}"


class CallSessionQuerySet(models.QuerySet["CallSession"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """One's own; everybody's for those who plan the calls of others."""
        known = cast("PermissionsMixin", user)
        if not known.has_perm("scoring.view_callsession"):
            return self.none()
        return self if known.has_perm(PLANS) else self.filter(user=user.pk)

    def running(self) -> Self:
        return self.filter(ended_at=None)

    def end(self, now: datetime) -> int:
        """End those that run; the leads that were not called are free again."""
        ids = list(self.running().select_for_update(of=("self",)).values_list("pk", flat=True))
        CallEntry.objects.filter(session__in=ids, holds=True).update(holds=False)
        return CallSession.objects.filter(pk__in=ids).update(ended_at=now)

    def left_behind(self, now: datetime) -> Self:
        """Those of nobody who works here any more, and those that nobody has touched for long."""
        stale = models.Q(user__is_active=False)
        for cadence, kept in KEPT.items():
            stale |= models.Q(cadence=cadence, touched_at__lt=now - kept)
        return self.running().filter(stale)


class CallSession(models.Model):
    """One person's calls in a row; it survives reloads, and waits while it is paused."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="call_sessions",
        verbose_name=_("who calls"),
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    model = models.ForeignKey(
        ScoringModel, on_delete=models.CASCADE, related_name="+", verbose_name=_("model")
    )
    cadence = models.CharField(_("how often"), max_length=6, choices=Cadence.choices)
    capacity = models.PositiveSmallIntegerField(_("calls in a session"))
    from_total = models.BigIntegerField(_("from so many points on"), null=True)
    # What was left for the next time when it began: below that total, and above the capacity.
    left_below = models.PositiveIntegerField(default=0)
    left_beyond = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    paused_at = models.DateTimeField(_("paused"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = CallSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("view", "add")
        permissions = [("plan_calls", "Can plan and see the calls of others")]
        verbose_name = _("session of calls")
        verbose_name_plural = _("sessions of calls")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(ended_at=None), name="call_session_running"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_running(self) -> bool:
        return self.ended_at is None

    @property
    def left(self) -> int:
        return self.left_below + self.left_beyond

    def may_be_worked_by(self, user: "AbstractBaseUser | AnonymousUser") -> bool:
        return self.user_id == user.pk and cast("PermissionsMixin", user).has_perm(CALLS)


class CallEntryQuerySet(models.QuerySet["CallEntry"]):
    def open(self) -> Self:
        return self.filter(state__in=CallEntry.OPEN)

    def in_turn(self) -> Self:
        """As they are called: those that were put off come last."""
        put_off = models.Case(models.When(state=CallEntry.State.SKIPPED, then=1), default=0)
        return self.order_by(put_off, "position", "pk")

    def holding(self, contact_ids: "list[int] | models.QuerySet[Any]") -> Self:
        """Where these leads are, of sessions that run."""
        return self.filter(contact__in=contact_ids, holds=True).select_related("session__user")


class CallEntry(models.Model):
    """A lead in a session. While ``holds``, it is in no other one that runs."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits")
        SKIPPED = "skipped", _("put off")
        DONE = "done", _("called")
        DROPPED = "dropped", _("taken off")

    class Result(models.TextChoices):
        REACHED = "reached", _("Reached")
        VOICEMAIL = "voicemail", _("Voicemail")
        MEETING = "meeting_booked", _("Meeting booked")
        NOT_INTERESTED = "not_interested", _("Not interested")
        WRONG_PERSON = "wrong_person", _("Wrong person")
        LATER = "later", _("Call later")

    OPEN: Final = (State.WAITING, State.SKIPPED)
    # Somebody was on the phone, whoever it was.
    ANSWERED: Final = frozenset(set(Result.values) - {Result.VOICEMAIL.value})

    session = models.ForeignKey(CallSession, on_delete=models.CASCADE, related_name="entries")
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="call_entries", verbose_name=_("contact")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    # As it was when the session began.
    total = models.BigIntegerField(_("total"))
    band = models.TextField(_("band"))
    # When a call back was promised for, where one was.
    promised_at = models.DateTimeField(_("promised for"), null=True)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.WAITING)
    holds = models.BooleanField(default=True)
    result = models.CharField(
        _("result"), max_length=14, choices=Result.choices, blank=True, default=""
    )
    called_at = models.DateTimeField(_("called"), null=True)
    # Ids of what the result has made, by kind, so that it can be taken back.
    made = models.JSONField(default=dict)

    objects = CallEntryQuerySet.as_manager()
    # Nobody is called twice: the entry of the survivor stays, in whoever's session.
    on_merge = CloseTwice(
        is_open={"holds": True}, closed=lambda: {"holds": False, "state": CallEntry.State.DROPPED}
    )

    class Meta:
        ordering = ["position", "pk"]
        default_permissions = ()
        verbose_name = _("lead in a session")
        verbose_name_plural = _("leads in sessions")
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=models.Q(holds=True), name="call_entry_held_once"
            ),
            models.CheckConstraint(
                condition=models.Q(holds=False) | models.Q(state__in=["waiting", "skipped"]),
                name="call_entry_held_while_open",
            ),
            models.CheckConstraint(
                condition=models.Q(state="done") ^ models.Q(called_at__isnull=True),
                name="call_entry_called_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.contact}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def key(self) -> str:
        """Leads the origin of whatever a result makes, so that it is made once."""
        return f"call:{self.pk}"


class CallScript(models.Model):
    """What to say on the phone, in one language or both; for whom it is meant."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    band = models.CharField(
        _("band"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("Only for leads in this band. Empty: whatever the band."),
    )
    segment = models.ForeignKey(
        Segment,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("segment"),
        help_text=_("Only for leads in this segment. Empty: for everybody."),
    )
    text_en = models.TextField(
        _("text in English"), max_length=10_000, blank=True, validators=[validate_template]
    )
    text_es = models.TextField(
        _("text in Spanish"), max_length=10_000, blank=True, validators=[validate_template]
    )
    position = models.PositiveSmallIntegerField(
        _("position"),
        default=0,
        help_text=_("Of several that fit a lead equally well, the lowest is shown."),
    )

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("call script")
        verbose_name_plural = _("call scripts")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(text_en="") | ~models.Q(text_es=""),
                name="call_script_says_something",
                violation_error_message=_("Write the text in one language at least."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not (self.text_en.strip() or self.text_es.strip()):
            raise ValidationError(gettext("Write the text in one language at least."))

    def text_in(self, *languages: str) -> str:
        """In the first of these languages that it has, otherwise in whichever it has."""
        texts = {"en": self.text_en, "es": self.text_es}
        wanted = [texts.get(language[:2].lower(), "") for language in languages]
        return next((text for text in [*wanted, *texts.values()] if text.strip()), "")
