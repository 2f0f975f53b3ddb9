"""What is sent to whom and when, and what came of each time."""

from collections.abc import Container
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from contacts.chores import wake
from contacts.working_time import WorkingTime
from leadscoring.edited import Edited
from scoring.reports.asking import QuestionForm, ask
from scoring.reports.making import pinned
from scoring.reports.report import REPORTS, Report
from scoring.reports.rhythm import LAST_OF_MONTH, Every, Rhythm
from scoring.reports.saved.models import ReportView

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

CHORE: Final = "report_mail"
ALL: Final = "scoring.change_reportschedule"


class ReportScheduleQuerySet(models.QuerySet["ReportSchedule"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """One's own; everybody's for whoever looks after them. Of reports that one may see."""
        person: Any = user
        found = self.readable_by(user)
        return found if person.has_perm(ALL) else found.filter(made_by=user.pk)

    def shown_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """Those, and whatever one gets."""
        own = models.Q(pk__in=self.visible_to(user).values("pk"))
        return self.filter(own | models.Q(pk__in=self.received_by(user).values("pk")))

    def received_by(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        return self.readable_by(user).filter(recipients=user.pk)

    def readable_by(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        person: Any = user
        slugs = [report.slug for report in REPORTS.values() if person.has_perm(report.permission)]
        return self.filter(slug__in=slugs)


class ReportSchedule(Edited):
    """A report, as a view asks it or as it is, in a rhythm by the clock of the default calendar."""

    slug = models.CharField(max_length=64)
    view = models.ForeignKey(
        ReportView,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="schedules",
        verbose_name=_("What it asks"),
    )
    every = models.CharField(
        _("How often"), max_length=5, choices=Every.choices, default=Every.WEEK
    )
    weekday = models.PositiveSmallIntegerField(
        _("Day"), choices=sorted(WEEKDAYS.items()), default=0
    )
    monthday = models.PositiveSmallIntegerField(
        _("Day of the month"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(LAST_OF_MONTH)],
        help_text=_("In a shorter month its last day."),
    )
    at = models.TimeField(_("At"), default=time(8))
    kind = models.CharField(_("File"), max_length=10, default="pdf")
    recipients = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("Who gets it")
    )
    active = models.BooleanField(_("on"), default=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # Up to this instant every occasion is dealt with, or came before it was switched on.
    since = models.DateTimeField(default=timezone.now)

    objects = ReportScheduleQuerySet.as_manager()

    class Meta:
        ordering = ["slug", "pk"]
        default_permissions = ("change",)
        verbose_name = _("report by e-mail")
        verbose_name_plural = _("reports by e-mail")

    def __str__(self) -> str:
        return f"{self.title}, {self.rhythm}"

    @property
    def report(self) -> Report:
        return REPORTS[self.slug]

    @property
    def title(self) -> str:
        return f"{self.report.title}: {self.view}" if self.view else str(self.report.title)

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(self.every, self.at, self.weekday, self.monthday)

    def form(self) -> QuestionForm:
        """What it asks today."""
        report = self.report
        if self.view:
            return self.view.form()
        return ask(None, report.asks, report.days, report.numbers)

    def next_at(
        self, now: datetime, working: WorkingTime, begun: Container[date]
    ) -> datetime | None:
        """None while it is paused. A day of those ``begun`` gets no second letter."""
        rhythm = self.rhythm
        day = rhythm.next_day(now, working, begun)
        return rhythm.instant(day, working) if self.active else None

    def pause(self) -> None:
        with transaction.atomic():
            self.active = False
            self.save(update_fields=["active"])
            self.runs.filter(done_at=None, only_for=None).update(done_at=timezone.now())

    def resume(self) -> None:
        """From now on: what came while it was paused is not sent any more."""
        self.active = True
        self.save(update_fields=["active"])
        self.begin_anew()

    def begin_anew(self) -> None:
        self.since = timezone.now()
        self.save(update_fields=["since"])

    def leave_out(self, user: User) -> None:
        """Also by whoever edits it just now; where nobody is left, it is paused."""
        with transaction.atomic():
            mine = ReportSchedule.objects.filter(pk=self.pk)
            mine.update(revision=models.F("revision") + 1)
            self.recipients.remove(user)
            if not self.recipients.exists():
                self.pause()

    def begin(self, name: str, only_for: User | None = None) -> None:
        """Have a worker send it: once for each name, which is a day or a trial's own."""
        form = self.form()
        run = ReportRun(
            schedule=self,
            name=name,
            only_for=only_for,
            query=pinned(form.question()),
            fault=ReportRun.Fault.GONE if form.gone else "",
        )
        ReportRun.objects.bulk_create([run], ignore_conflicts=True)
        wake(CHORE)


class ReportRunQuerySet(models.QuerySet["ReportRun"]):
    def free(self, now: datetime) -> Self:
        """Not through, and in no worker's hands."""
        unheld = models.Q(held_until=None) | models.Q(held_until__lte=now)
        return self.filter(unheld, done_at=None)

    def of_days_from(self, day: date) -> Self:
        """Those of a schedule's own days, from that one on: their names are days."""
        return self.filter(only_for=None, name__gte=day.isoformat())

    def unended(self, pk: int) -> Self:
        """The one of that number, unless it is through, paused or deleted."""
        return self.filter(pk=pk, done_at=None)


class ReportRun(models.Model):
    """One time that a schedule comes round, or is tried by somebody: what is asked stays."""

    class Fault(models.TextChoices):
        GONE = "gone", _("What the view asks for is gone; the usual was sent.")
        LATE = "late", _("It took too long to work out; it was sent as it was before.")
        FAILED = "failed", _("It could not be worked out; the log says why.")
        NOBODY = "nobody", _("Nobody who gets it may still see it and has an e-mail address.")

    schedule = models.ForeignKey(ReportSchedule, on_delete=models.CASCADE, related_name="runs")
    name = models.CharField(max_length=60)
    only_for = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    query = models.TextField()
    begun_at = models.DateTimeField(default=timezone.now)
    held_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=10, choices=Fault.choices, blank=True, default="")

    objects = ReportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ()
        verbose_name = _("sending of a report")
        verbose_name_plural = _("sendings of reports")
        constraints = [models.UniqueConstraint(fields=["schedule", "name"], name="report_run_once")]
        indexes = [
            models.Index(
                fields=["held_until"], name="report_run_open", condition=models.Q(done_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.schedule}: {self.name}"

    def key_for(self, user: User) -> str:
        """Of the message to this person: the same however often it is posted."""
        return f"report:{self.pk}:{user.pk}"
