"""Plans the next meeting and tells who takes part of it, some days before: a chore."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from contacts.chores import chore
from contacts.models import Calendar
from contacts.models.preferences import language_of
from contacts.models.teams import name_of
from scoring.automations.outbox.messages import Message
from scoring.reports.asking import ask
from scoring.reports.blocks import Figures, Section
from scoring.reports.kinds.review import Review
from scoring.reports.periods import DAY
from scoring.reports.report import REPORTS
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
    day = schedule.next_day(now, working)
    if now < schedule.instant(day - schedule.days_before * DAY, working):
        return 0
    at = schedule.instant(day, working)
    people = who_gets_it(schedule)
    key = f"review:{day.isoformat()}"
    told = set(
        Message.objects.filter(key__in=[f"{key}:{user.pk}" for user in people]).values_list(
            "key", flat=True
        )
    )
    waiting = [user for user in people if f"{key}:{user.pk}" not in told]
    meeting = Meeting.objects.filter(origin=key).first() or plan(at, key)
    for user in waiting:
        tell(user, meeting, f"{key}:{user.pk}")
    return len(waiting)


def who_gets_it(schedule: MeetingSchedule) -> list[User]:
    """Who may still log in, see the reviews, and has an address."""
    people = schedule.recipients.filter(is_active=True).exclude(email="").order_by("pk")
    return [user for user in people if user.has_perm("scoring.view_meeting")]


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


def tell(user: User, meeting: Meeting, key: str) -> None:
    with transaction.atomic(), override(language_of(user)):
        when = {"when": meeting}
        Message.objects.post(
            key=key,
            channel="staff",
            recipient=user.email,
            subject=gettext("Weekly review, %(when)s") % when,
            body={"text": "\n".join(lines(user, meeting))},
        )


def lines(user: User, meeting: Meeting) -> Iterator[str]:
    """The figures of all leads, and where the rest stands; no lead is named."""
    period = meeting.period
    query = f"first={period.first}&last={period.last}"
    yield gettext("Good morning, %(name)s.") % {"name": name_of(user)}
    yield ""
    yield gettext("Both teams meet on %(when)s.") % {"when": meeting}
    yield gettext("Since the last time (%(period)s):") % {"period": period}
    question = ask({"first": str(period.first), "last": str(period.last)}, Review.asks, Review.days)
    yield from figures(REPORTS[Review.slug].make(question.question()))
    yield ""
    yield gettext("The page of the meeting, with its agenda:")
    yield settings.SITE_URL + reverse("admin:review_meeting", args=[meeting.pk])
    yield gettext("As a PDF:")
    yield settings.SITE_URL + reverse("admin:report_file", args=[Review.slug, "pdf"]) + f"?{query}"


def figures(sections: Sequence[Section]) -> Iterator[str]:
    for section in sections:
        found: list[Any] = [
            figure
            for block in section.blocks
            if isinstance(block, Figures)
            for figure in block.items
        ]
        if found:
            yield ""
            yield section.title
        for figure in found:
            yield f"- {figure.title}: {figure.value}"
