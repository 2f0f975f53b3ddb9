"""Meetings of both teams with their agenda, notes and decisions, and when they are held."""

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from contacts.models import Calendar, Task
from contacts.working_time import WorkingTime
from scoring.agreement.suggestions.models import Suggestion
from scoring.reports.asking import own_zone
from scoring.reports.periods import DAY, DAYS_MOST, Period

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NOTE_MOST: Final = 20_000
DECISION_MOST: Final = 2_000
MINUTES_MOST: Final = 240
# What the first meeting of all looks back on.
FIRST_DAYS: Final = 7
# Title and minutes: 25 in all.
USUAL_AGENDA: Final = (
    (_("What became of the last decisions"), 3),
    (_("New hot leads and what sales did"), 7),
    (_("Hot but rejected, cold but won"), 6),
    (_("Rules that help and rules that do not"), 5),
    (_("Decisions"), 4),
)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def plan(
        self, at: datetime, user: "User | None" = None, origin: str | None = None
    ) -> "Meeting":
        """A meeting at an instant with the usual agenda; one of the same origin stands."""
        day = Calendar.objects.default().day_of(at)
        with transaction.atomic():
            row = Meeting(held_at=at, since=self.last_day_before(day), made_by=user, origin=origin)
            if origin is None:
                row.save()
            else:
                self.bulk_create([row], ignore_conflicts=True)
                row = self.select_for_update().get(origin=origin)
            if row.items.exists():
                return row
            AgendaItem.objects.bulk_create(
                AgendaItem(meeting=row, position=place, title=str(title), minutes=minutes)
                for place, (title, minutes) in enumerate(USUAL_AGENDA)
            )
        return row

    def last_day_before(self, day: date) -> date | None:
        """The day of the last meeting before that day; None where there was none."""
        calendar = Calendar.objects.default()
        start = calendar.working_time().instant(day, 0, fold=0)
        former = self.filter(held_at__lt=start).exclude(state=Meeting.State.PLANNED)
        last = former.order_by("-held_at").first()
        return calendar.day_of(last.held_at) if last else None

    def next_one(self) -> "Meeting | None":
        """The one that goes on, or the next that is planned."""
        waiting = self.exclude(state=Meeting.State.HELD)
        return waiting.order_by(models.F("begun_at").asc(nulls_last=True), "held_at", "pk").first()


class Meeting(models.Model):
    """``since``: the day of the meeting before; None for the first one."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("meeting", "Planned")
        RUNNING = "running", pgettext_lazy("meeting", "Goes on")
        HELD = "held", pgettext_lazy("meeting", "Held")

    held_at = models.DateTimeField(_("when"))
    since = models.DateField(_("since"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.PLANNED)
    begun_at = models.DateTimeField(_("begun"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The key of what planned it, so that this plans it once; NULL where a person did.
    origin = models.CharField(max_length=100, unique=True, null=True, editable=False)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-held_at", "-pk"]
        default_permissions = ("view", "change")
        verbose_name = _("weekly review")
        verbose_name_plural = _("weekly reviews")
        indexes = [models.Index(fields=["held_at"], name="meeting_by_time")]

    def __str__(self) -> str:
        return Calendar.objects.default().clock(self.held_at)

    @property
    def period(self) -> Period:
        """Whole days: from that of the meeting before to the one before this meeting.

        So every day belongs to one meeting. The meeting of a day on which there was one
        already looks at that day.
        """
        zone = own_zone()
        day = self.held_at.astimezone(zone).date()
        first = day - FIRST_DAYS * DAY if self.since is None else self.since
        last = max(day - DAY, first)
        return Period(max(first, last - (DAYS_MOST - 1) * DAY), last, zone)

    def begin(self, at: datetime) -> bool:
        """False where somebody has begun or ended it meanwhile."""
        planned = Meeting.objects.filter(pk=self.pk, state=self.State.PLANNED)
        day = Calendar.objects.default().day_of(at)
        since = Meeting.objects.exclude(pk=self.pk).last_day_before(day)
        return bool(planned.update(state=self.State.RUNNING, begun_at=at, held_at=at, since=since))

    def end(self, at: datetime) -> bool:
        running = Meeting.objects.filter(pk=self.pk, state=self.State.RUNNING)
        return bool(running.update(state=self.State.HELD, ended_at=at))


class Written(models.Model):
    """A text that several people write: ``revision`` counts how often it was stored."""

    revision = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(_("changed"), null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True


class AgendaItem(Written):
    """A point of the agenda with the minutes that it may take, and what was noted of it."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(_("title"), max_length=200)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), validators=[MinValueValidator(1), MaxValueValidator(MINUTES_MOST)]
    )
    text = models.TextField(_("notes"), max_length=NOTE_MOST, blank=True, default="")

    class Meta:
        ordering = ["position", "pk"]
        default_permissions = ()
        verbose_name = _("point of an agenda")
        verbose_name_plural = _("points of agendas")

    def __str__(self) -> str:
        return self.title


class Decision(Written):
    """What was decided, and what it became: a task, or a suggestion for the model."""

    class Kind(models.TextChoices):
        NOTE = "note", pgettext_lazy("decision", "Note")
        TASK = "task", pgettext_lazy("decision", "Task")
        CHANGE = "change", _("Change of the draft")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="decisions")
    text = models.TextField(_("decision"), max_length=DECISION_MOST)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices, default=Kind.NOTE)
    task = models.OneToOneField(
        Task, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    suggestion = models.OneToOneField(
        Suggestion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")

    def __str__(self) -> str:
        return self.text[:80]


class MeetingScheduleQuerySet(models.QuerySet["MeetingSchedule"]):
    def the_one(self) -> "MeetingSchedule":
        """There is one for all; what is usual where nobody has set it."""
        return self.order_by("pk").first() or MeetingSchedule()

    def switched_on(self) -> Self:
        return self.filter(active=True)


class MeetingSchedule(models.Model):
    """On which day of the week both teams meet, by the clock of the default calendar."""

    active = models.BooleanField(_("Plan the meetings and send the letter"), default=False)
    weekday = models.PositiveSmallIntegerField(
        _("Day"), choices=sorted(WEEKDAYS.items()), default=0
    )
    at = models.TimeField(_("At"), default=time(10))
    days_before = models.PositiveSmallIntegerField(
        _("Days before"),
        default=1,
        validators=[MaxValueValidator(6)],
        help_text=_("The letter leaves so many days before the meeting, at the same hour."),
    )
    recipients = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("Who gets it")
    )
    revision = models.PositiveIntegerField(default=0)

    objects = MeetingScheduleQuerySet.as_manager()

    class Meta:
        default_permissions = ("change",)
        verbose_name = _("schedule of the weekly review")
        verbose_name_plural = _("schedules of the weekly review")

    def __str__(self) -> str:
        values = {"day": WEEKDAYS[self.weekday], "time": f"{self.at:%H:%M}"}
        return gettext("%(day)s at %(time)s") % values

    def next_day(self, now: datetime, working: WorkingTime) -> date:
        """Of the next meeting that has not begun yet."""
        today = now.astimezone(working.zone).date()
        day = today + ((self.weekday - today.weekday()) % 7) * DAY
        return day if self.instant(day, working) > now else day + 7 * DAY

    def instant(self, day: date, working: WorkingTime) -> datetime:
        """At its hour on that day, by the clock there; where the hour is twice, the first one."""
        return working.instant(day, self.at.hour * 60 + self.at.minute, fold=0)
