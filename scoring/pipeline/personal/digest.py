"""What one person is told in the morning: what waits for them today, and nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from contacts.models import Activity, ActivityType, Calendar, Contact, Preferences, Task
from contacts.models.teams import name_of
from contacts.normalise import normalise
from contacts.numerals import whole
from contacts.working_time import DAY, NoWorkingTime, WorkingTime
from scoring.engine.admin.badges import band_name
from scoring.engine.leads import Lead
from scoring.engine.models import Track
from scoring.pipeline.dormant.finding import cut_of, dormant
from scoring.pipeline.dormant.models import DormantChoice
from scoring.pipeline.dormant.words import shown
from scoring.pipeline.feedback.models import Handover

# Of each kind; how many more there are is said.
LINES_MOST: Final = 15
DORMANT_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Part:
    """``count``: how many there are, of which ``lines`` may be the first only."""

    title: str
    lines: Sequence[str]
    count: int
    page: str


@dataclass(frozen=True, slots=True)
class Digest:
    subject: str
    text: str


class Morning:
    """What waits for one person at an instant, on the clock of their team's calendar."""

    def __init__(self, user: User, calendar: Calendar, now: datetime) -> None:
        self.user = user
        self.working: WorkingTime = calendar.working_time()
        self.zone = calendar.zone
        self.now = now
        self.tonight = self.working.instant(self.today + DAY, 0, fold=0)
        own = Contact.objects.visible_to(user)
        self.own = own.filter(owner_norm=normalise(user.get_username()))

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def written(self, language: str) -> Digest | None:
        """The letter in that language; None where there is nothing to say."""
        with override(language):
            parts = [part for part in self.parts() if part.count]
            if not parts:
                return None
            counts = ", ".join(f"{part.title.lower()}: {part.count}" for part in parts[:3])
            day = formats.date_format(self.today, "SHORT_DATE_FORMAT")
            subject = _("Your day, %(day)s – %(counts)s") % {"day": day, "counts": counts}
            return Digest(subject, "\n".join(self.lines(parts)))

    def lines(self, parts: Sequence[Part]) -> Iterator[str]:
        yield _("Good morning, %(name)s.") % {"name": name_of(self.user)}
        for part in parts:
            yield ""
            yield f"{part.title} ({part.count})"
            yield from (f"- {line}" for line in part.lines)
            if (more := part.count - len(part.lines)) > 0:
                yield ngettext("- and %(more)d more", "- and %(more)d more", more) % {"more": more}
            yield settings.SITE_URL + part.page
        yield ""
        yield "-- "
        page = settings.SITE_URL + reverse("admin:pipeline_settings")
        yield _("When this comes, and whether it does, you set here: %(page)s") % {"page": page}

    def parts(self) -> Iterator[Part]:
        yield from self.tasks()
        yield from self.handovers()
        yield self.meetings()
        if self.is_first_day_of_week():
            yield self.dormant()

    # --- Tasks -----------------------------------------------------------------------------

    def tasks(self) -> Iterator[Part]:
        waiting = (
            Task.objects.waiting_for(self.user, self.tonight)
            .select_related("contact__company")
            .order_by("due_at", "pk")
        )
        page = reverse("admin:contacts_task_changelist")
        late = waiting.filter(due_at__lt=self.now)
        today = waiting.filter(due_at__gte=self.now, due_at__lt=self.tonight)
        yield self.part(_("Overdue"), late, self.task_said, f"{page}?whose=mine&due=overdue")
        yield self.part(_("Due today"), today, self.task_said, f"{page}?whose=mine&due=today")

    def task_said(self, task: Task) -> str:
        return f"{self.moment(task.due_at)}: {task.title} – {self.who(task.contact)}"

    # --- Leads -----------------------------------------------------------------------------

    def handovers(self) -> Iterator[Part]:
        """Those to be reached first, and those of which sales have still to say something."""
        waiting = (
            Handover.objects.waiting()
            .filter(contact__in=self.own)
            .select_related("contact__company")
            .order_by("respond_by", "feedback_by", "pk")
        )
        page = reverse("admin:scoring_lead_changelist")
        new = waiting.filter(responded_at=None)
        tried = waiting.exclude(responded_at=None)
        yield self.part(_("New hot leads"), new, self.lead_said, page)
        yield self.part(_("Waiting for your feedback"), tried, self.feedback_said, page)

    def lead_said(self, handover: Handover) -> str:
        band = band_name(handover.band)
        score = band if handover.total is None else f"{band}, {whole(handover.total)}"
        left = self.time_left(handover.respond_by)
        return f"{self.who(handover.contact)} ({score}){': ' if left else ''}{left}"

    def feedback_said(self, handover: Handover) -> str:
        left = self.time_left(handover.feedback_by)
        return f"{self.who(handover.contact)}{': ' if left else ''}{left}"

    def time_left(self, due: datetime | None) -> str:
        """In working time, as the service level counts; empty where nothing is due."""
        if due is None:
            return ""
        facts = {"when": self.moment(due), "hours": 0, "minutes": 0}
        if due <= self.now:
            return _("was due %(when)s") % facts
        try:
            minutes = int(self.working.between(self.now, due).total_seconds()) // 60
        except NoWorkingTime:
            return self.moment(due)
        facts |= {"hours": minutes // 60, "minutes": minutes % 60}
        return _("%(hours)d h %(minutes)02d min of working time left, until %(when)s") % facts

    def meetings(self) -> Part:
        """Booked since work last began: what is new in one's own calendar."""
        booked = Activity.objects.filter(
            contact__in=self.own,
            type__slug="meeting_booked",
            automated=False,
            occurred_at__gt=self.last_morning(),
        ).select_related("contact__company")
        rows = booked.order_by("-occurred_at", "-pk")
        kind = ActivityType.objects.known_ids(["meeting_booked"]).get("meeting_booked", 0)
        page = f"{reverse('admin:contacts_activity_changelist')}?type__id__exact={kind}"
        return self.part(_("Meetings booked"), rows, self.meeting_said, page)

    def meeting_said(self, activity: Activity) -> str:
        return f"{self.moment(activity.occurred_at)}: {self.who(activity.contact)}"

    def last_morning(self) -> datetime:
        """When work began on the last working day before this one."""
        for back in range(1, 15):
            spans = list(self.working.spans_on(self.today - back * DAY))
            if spans:
                return spans[0].start
        return self.now - timedelta(days=1)

    def dormant(self) -> Part:
        """Once a week, for they change slowly."""
        track = Track.objects.filter(role=Track.Role.LIVE).select_related("model", "version")
        first, title = track.order_by("pk").first(), _("Dormant opportunities")
        page = reverse("admin:pipeline_dormant")
        if first is None:
            return Part(title, [], 0, page)
        cut = cut_of(DormantChoice.objects.of(self.user), first.version.document_value, self.now)
        own = Lead.objects.filter(pk__in=self.own.values("pk"))
        rows = list(dormant(first, cut, own).select_related("company")[:DORMANT_MOST])
        lines = [
            f"{self.who(each.lead)}: {each.said}" for each in shown(rows, first, cut, self.now)
        ]
        return Part(title, lines, len(rows), page)

    def is_first_day_of_week(self) -> bool:
        """The first day of this week on which anybody works; or a Monday, where nobody does."""
        monday = self.today - self.today.weekday() * DAY
        days = [monday + each * DAY for each in range(7)]
        worked = [day for day in days if self.working.hours_on(day)]
        return self.today == (worked[0] if worked else monday)

    # --- Words -----------------------------------------------------------------------------

    def part(self, title: str, rows: Any, said: Any, page: str) -> Part:
        lines = [said(row) for row in rows[:LINES_MOST]]
        count = len(lines) if len(lines) < LINES_MOST else rows.order_by().count()
        return Part(title, lines, count, page)

    def moment(self, at: datetime | None) -> str:
        """On the clock of the team, for that is what hangs on their wall."""
        if at is None:
            return ""
        local = at.astimezone(self.zone)
        is_today = local.date() == self.today
        return formats.date_format(local, "TIME_FORMAT" if is_today else "SHORT_DATETIME_FORMAT")

    def who(self, contact: Contact) -> str:
        name = contact.full_name or contact.email
        company = f", {contact.company}" if contact.company else ""
        phone = f", {contact.phone}" if contact.phone else ""
        return f"{name}{company}{phone}"


def digest_of(user: User, now: datetime, preferences: Preferences | None = None) -> Digest | None:
    """What this person would be told at that instant; None where there is nothing to say."""
    own = preferences or Preferences.objects.of(user)
    return Morning(user, Calendar.objects.of(user), now).written(own.language_code)
