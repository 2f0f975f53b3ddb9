"""Meetings of both teams with their agenda, notes and decisions, and when they are held."""

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils import formats, timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import Calendar, Task
from scoring.agreement.suggestions.models import Suggestion
from scoring.criteria.drafts import Draft
from scoring.criteria.faults import LONGEST_NAME
from scoring.criteria.models import ScoringModel, Version
from scoring.reports.asking import own_zone
from scoring.reports.codec import Data
from scoring.reports.periods import DAY, DAYS_MOST, Period
from scoring.reports.review.agenda import USUAL_AGENDA, said
from scoring.reports.rhythm import Every, Rhythm

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NOTE_MOST: Final = 20_000
DECISION_MOST: Final = 2_000
MINUTES_MOST: Final = 240
# What the first meeting of all looks back on.
FIRST_DAYS: Final = 7


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def plan(
        self, at: datetime, user: "User | None" = None, origin: str | None = None
    ) -> "Meeting":
        """A meeting at an instant with the usual agenda; one of the same origin stands."""
        with transaction.atomic():
            row = Meeting(held_at=at, since=self.days_from(at), made_by=user, origin=origin)
            if origin is None:
                row.save()
            else:
                self.bulk_create([row], ignore_conflicts=True)
                row = self.select_for_update().get(origin=origin)
            if row.items.exists():
                return row
            AgendaItem.objects.bulk_create(
                AgendaItem(meeting=row, position=place, title=title, minutes=minutes)
                for place, (title, minutes) in enumerate(USUAL_AGENDA)
            )
        return row

    def days_from(self, at: datetime) -> date | None:
        """The first day that no meeting before that instant looked at; None where was none."""
        former = self.filter(held_at__lt=at).exclude(state=Meeting.State.PLANNED)
        last = former.order_by("-held_at", "-pk").first()
        return last.period.last + DAY if last else None

    def next_one(self) -> "Meeting | None":
        """The one that goes on, or the next that is planned; not one that had ended before.

        One of a former day that nobody has begun is the next only where no other is planned.
        """
        waiting = self.exclude(state=Meeting.State.HELD).filter(reopenings=None)
        running = waiting.exclude(state=Meeting.State.PLANNED).order_by("begun_at", "pk").first()
        if running is not None:
            return running
        planned = waiting.order_by("held_at", "pk")
        today = datetime.combine(timezone.now().astimezone(own_zone()), time.min, own_zone())
        return planned.filter(held_at__gte=today).first() or planned.last()


class Meeting(models.Model):
    """``since``: the first day that the one before did not look at; None for the first one."""

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

    # What it looked at when it ended, in each language; NULL where none was kept.
    figures: models.JSONField[Any, Any] = models.JSONField(null=True, editable=False)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-held_at", "-pk"]
        default_permissions = ("view", "change")
        verbose_name = _("weekly review")
        verbose_name_plural = _("weekly reviews")
        indexes = [models.Index(fields=["held_at"], name="meeting_by_time")]

    def __str__(self) -> str:
        return Calendar.objects.default().clock(self.held_at)

    def day_in_words(self, zone: ZoneInfo) -> str:
        return formats.date_format(self.held_at.astimezone(zone), "SHORT_DATE_FORMAT")

    @property
    def period(self) -> Period:
        """Whole days: from that of the meeting before to the one before this meeting.

        So every day belongs to one meeting. The meeting of a day on which there was one
        already looks at that day, and the next one begins with the day after.
        """
        zone = own_zone()
        day = self.held_at.astimezone(zone).date()
        first = day - FIRST_DAYS * DAY if self.since is None else min(self.since, day)
        last = max(day - DAY, first)
        return Period(max(first, last - (DAYS_MOST - 1) * DAY), last, zone)

    def begin(self, at: datetime) -> bool:
        """False where somebody has begun or ended it meanwhile."""
        planned = Meeting.objects.filter(pk=self.pk, state=self.State.PLANNED)
        since = Meeting.objects.exclude(pk=self.pk).days_from(at)
        return bool(planned.update(state=self.State.RUNNING, begun_at=at, held_at=at, since=since))

    @property
    def is_held(self) -> bool:
        """Then nobody writes any more, until it is opened again."""
        return self.state == self.State.HELD

    def end(self, at: datetime, figures: Data | None) -> bool:
        """``figures``: what it sees now, and shows from then on."""
        running = Meeting.objects.filter(pk=self.pk, state=self.State.RUNNING)
        return bool(running.update(state=self.State.HELD, ended_at=at, figures=figures))

    def reopen(self, at: datetime, user: "User") -> bool:
        """It goes on, and ends anew. False where somebody has opened it meanwhile."""
        held = Meeting.objects.filter(pk=self.pk, state=self.State.HELD)
        with transaction.atomic():
            changed = held.update(state=self.State.RUNNING, ended_at=None, figures=None)
            if changed:
                self.reopenings.create(at=at, by=user, ended_at=self.ended_at)
        return bool(changed)


class Reopening(models.Model):
    """Who opened a meeting again that had ended, so that its minutes could be changed."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="reopenings")
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        verbose_name = _("meeting that was opened again")
        verbose_name_plural = _("meetings that were opened again")

    def __str__(self) -> str:
        return f"{self.meeting}: {self.at:%Y-%m-%d %H:%M}"


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
        return said(self.title)

    def rename(self, title: str, minutes: int) -> None:
        """A usual title that was not touched goes on being read in every language."""
        self.title = self.title if title == str(self) else title
        self.minutes = minutes
        self.save(update_fields=["title", "minutes"])


class DecisionQuerySet(models.QuerySet["Decision"]):
    def in_draft_of(self, model: ScoringModel) -> Self:
        """Those of its draft that are in no version which was proposed and stands."""
        unproposed = models.Q(version=None) | models.Q(version__state=Version.State.DRAFT)
        return self.filter(unproposed, draft__model=model)


class Decision(Written):
    """What was decided, and what it became: a task, a suggestion, or a change of the draft.

    ``rule``: the name of the rule that it is about. ``draft``: into which it is put; gone with
    it. ``version``: that with which it was proposed. ``done_at``: it is carried out.
    """

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
    rule = models.CharField(_("rule"), max_length=LONGEST_NAME, blank=True, default="")
    draft = models.ForeignKey(
        Draft, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    version = models.ForeignKey(
        Version, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def is_on_its_way(self) -> bool:
        """In a version that was proposed and not withdrawn."""
        return self.version is not None and self.version.state != Version.State.DRAFT

    @property
    def has_lost_its_draft(self) -> bool:
        """The draft into which it was put is gone, and what was done there with it."""
        is_nowhere = self.draft_id is None and self.suggestion_id is None
        return is_nowhere and not self.is_on_its_way and self.kind == self.Kind.CHANGE

    @property
    def is_done(self) -> bool:
        return self.done_at is not None and not self.has_lost_its_draft

    @property
    def kind_without_draft(self) -> Kind:
        return self.Kind.NOTE if self.task_id is None else self.Kind.TASK


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
        validators=[MinValueValidator(1), MaxValueValidator(6)],
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
        return str(self.rhythm)

    @property
    def rhythm(self) -> Rhythm:
        """Its next day is that of the next meeting that has not begun yet."""
        return Rhythm(Every.WEEK, self.at, weekday=self.weekday)
