"""Plans the next meeting and tells who takes part of it, some days before: a chore."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from contacts.chores import chore
from contacts.models import Calendar
from contacts.models.preferences import language_of
from contacts.models.teams import name_of
from scoring.automations.outbox.messages import Message
from scoring.reports.asking import ask
from scoring.reports.kinds.review import Review
from scoring.reports.mailing.files import Wanted
from scoring.reports.mailing.letters import main_lines, post, reachable
from scoring.reports.making import pinned
from scoring.reports.periods import DAY
from scoring.reports.report import REPORTS, sections_for
from scoring.reports.review.looking import question_of
from scoring.reports.review.models import Meeting, MeetingSchedule
from scoring.reports.review.rules import have_worked_out


@chore("review", every=120)
def tell_of_meetings() -> int:
    """How many people were told of the next meeting."""
    return tell_due(timezone.now())


def tell_due(now: datetime) -> int:
    schedule = MeetingSchedule.objects.switched_on().first()
    if schedule is None:
        return 0
    working = Calendar.objects.default().working_time()
    rhythm = schedule.rhythm
    day = rhythm.next_day(now, working)
    if now < rhythm.instant(day - schedule.days_before * DAY, working):
        return 0
    people = reachable(schedule.recipients.order_by("pk"), "scoring.view_meeting")
    key = f"review:{day.isoformat()}"
    told = set(
        Message.objects.filter(key__in=[f"{key}:{user.pk}" for user in people]).values_list(
            "key", flat=True
        )
    )
    waiting = [user for user in people if f"{key}:{user.pk}" not in told]
    meeting = Meeting.objects.filter(origin=key).first() or plan(rhythm.instant(day, working), key)
    by_language: dict[str, list[User]] = {}
    for user in waiting:
        by_language.setdefault(language_of(user), []).append(user)
    for language, users in by_language.items():
        with override(language):
            tell(users, meeting, key)
    return len(waiting)


def plan(at: datetime, key: str) -> Meeting:
    """With the rules worked out anew by the time that people look."""
    with override(settings.LANGUAGE_CODE):
        meeting = Meeting.objects.plan(at, origin=key)
    track = ask(None, Review.asks, Review.days).question().track
    if track is not None:
        for language, _name in settings.LANGUAGES:
            with override(language):
                have_worked_out(track)
    return meeting


def tell(users: Sequence[User], meeting: Meeting, key: str) -> None:
    """In the language in use; the figures are worked out once for all of them."""
    subject = gettext("Weekly review, %(when)s") % {"when": meeting}
    question = question_of(meeting, {})
    wanted = Wanted(REPORTS[Review.slug], pinned(question), "pdf")
    sections = wanted.report.make(question)
    for user in users:
        figures = main_lines(sections_for(user, sections))
        text = lines(user, meeting, figures, wanted)
        post(user, f"{key}:{user.pk}", subject, text, wanted)


def lines(user: User, meeting: Meeting, figures: Iterable[str], wanted: Wanted) -> Iterator[str]:
    """The figures of all leads, and where the rest stands; no lead is named."""
    yield gettext("Good morning, %(name)s.") % {"name": name_of(user)}
    yield ""
    yield gettext("Both teams meet on %(when)s.") % {"when": meeting}
    yield gettext("Since the last time (%(period)s):") % {"period": meeting.period}
    yield from figures
    yield ""
    yield gettext("The page of the meeting, with its agenda:")
    yield settings.SITE_URL + reverse("admin:review_meeting", args=[meeting.pk])
    yield gettext("The file, up to date and with the names that you may see:")
    yield wanted.url
