"""From a schedule to letters: begun when it comes round, posted when the report is there."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.timesince import timesince
from django.utils.translation import gettext, override

from contacts.models import Calendar
from contacts.models.preferences import language_of
from contacts.models.teams import name_of
from scoring.automations.outbox.messages import Message
from scoring.reports.asking import Question, ask
from scoring.reports.blocks import Section
from scoring.reports.mailing.files import Wanted
from scoring.reports.mailing.letters import main_lines, page_of, post, reachable
from scoring.reports.mailing.models import ReportRun, ReportSchedule
from scoring.reports.making import facts_of
from scoring.reports.models import KeptReport
from scoring.reports.report import REPORTS, sections_for

logger = logging.getLogger(__name__)

# So long a letter waits until a slow report is worked out anew.
WAITS: Final = timedelta(hours=1)
# A worker that holds one longer is dead.
HELD: Final = timedelta(minutes=10)
# After so many seconds no further one is begun in a slice.
SECONDS: Final = 20.0
Fault = ReportRun.Fault


def begin_due(now: datetime) -> int:
    """How many schedules have come round since they were looked at last."""
    schedules = ReportSchedule.objects.filter(active=True, slug__in=REPORTS).select_related("view")
    if not schedules:
        return 0
    working = Calendar.objects.default().working_time()
    begun = 0
    for schedule in schedules:
        rhythm = schedule.rhythm
        day = rhythm.last_day(now, working)
        at = rhythm.instant(day, working)
        if at <= schedule.since:
            continue
        with transaction.atomic():
            # Meanwhile it may have been begun by another worker, paused, or set anew.
            waiting = ReportSchedule.objects.filter(pk=schedule.pk, active=True, since__lt=at)
            if not waiting.update(since=at):
                continue
            schedule.begin(day.isoformat())
        begun += 1
    return begun


def carry_on(clock: Callable[[], datetime]) -> int:
    """How many sendings got through in one slice."""
    until, through = monotonic() + SECONDS, 0
    rows = ReportRun.objects.free(clock()).filter(schedule__slug__in=REPORTS)
    for run in rows.select_related("schedule__view", "only_for").order_by("pk"):
        now = clock()
        # Whoever changes the row first has it.
        if not ReportRun.objects.free(now).filter(pk=run.pk).update(held_until=now + HELD):
            continue
        # One that fails is held for as long, so that it does not come first again and again.
        run.held_until = now + HELD
        through += looked_after(run, now)
        if monotonic() > until:
            break
    return through


def looked_after(run: ReportRun, now: datetime) -> bool:
    """One that fails says so, is tried again for a while, and holds up no other."""
    try:
        is_through = Sending(run, now).go()
    except OperationalError:
        raise
    except Exception:
        logger.exception("The report %s could not be sent.", run)
        run.fault, is_through = Fault.FAILED, now > run.begun_at + WAITS
    else:
        run.held_until = None
    run.done_at = now if is_through else None
    # What was paused or deleted while it was worked out stays so.
    stored = ReportRun.objects.unended(run.pk).update(
        fault=run.fault, done_at=run.done_at, held_until=run.held_until
    )
    return is_through and bool(stored)


@dataclass(frozen=True, slots=True)
class Ready:
    """``sections`` is None where it could not be worked out at all; ``note``: what to say."""

    sections: Sequence[Section] | None
    note: str = ""


class Sending:
    """The letters of one time: each posted as soon as the report is there in its language."""

    def __init__(self, run: ReportRun, now: datetime) -> None:
        self.run, self.now = run, now
        self.schedule = run.schedule
        self.report = self.schedule.report

    def go(self) -> bool:
        """Whether everybody has been told, or nobody can be."""
        if self.run.fault == Fault.FAILED:
            self.run.fault = ""
        people = self.people()
        if not people:
            self.run.fault = Fault.NOBODY
            return True
        # Every language is looked at, whether or not the one before is there.
        through = [self.tell(language, users) for language, users in self.waiting(people).items()]
        return all(through)

    def people(self) -> list[User]:
        wanted = self.schedule.recipients.order_by("pk")
        people = [self.run.only_for] if self.run.only_for else wanted
        return reachable(people, self.report.permission)

    def waiting(self, people: Sequence[User]) -> dict[str, list[User]]:
        """Who has no letter yet, by language."""
        keys = {self.run.key_for(user): user for user in people}
        told = set(Message.objects.filter(key__in=keys).values_list("key", flat=True))
        found: dict[str, list[User]] = {}
        for key, user in keys.items():
            if key not in told:
                found.setdefault(language_of(user), []).append(user)
        return found

    def tell(self, language: str, users: Sequence[User]) -> bool:
        """False where the report is not there yet in this language, or is not wanted any more."""
        with override(language):
            ready = self.ready()
            # It may be paused or deleted while the report is worked out.
            if ready is None or not ReportRun.objects.unended(self.run.pk).exists():
                return False
            for user in users:
                self.write(user, ready)
        return True

    # --- What it says ----------------------------------------------------------------------

    @cached_property
    def question(self) -> Question:
        report = self.report
        given = QueryDict(self.run.query)
        return ask(given, report.asks, report.days, report.numbers).question()

    def ready(self) -> Ready | None:
        """The report in the language in use; None while it is worth waiting for."""
        if not self.report.is_slow:
            return Ready(self.report.make(self.question))
        kept = KeptReport.objects.kept(self.report.slug, self.run.query)
        if kept is None or kept.asked_at < self.run.begun_at:
            kept = KeptReport.objects.ask(self.report.slug, self.run.query)
        is_fresh = kept.done_at is not None and kept.done_at >= self.run.begun_at
        if is_fresh:
            return Ready(kept.sections)
        if kept.is_under_way and self.now < self.run.begun_at + WAITS:
            return None
        self.run.fault = Fault.LATE if kept.is_under_way else Fault.FAILED
        return Ready(kept.sections, self.age(kept))

    def age(self, kept: KeptReport) -> str:
        if kept.done_at is None:
            return gettext("It could not be worked out in time; open the page to see it later.")
        ago = {"ago": timesince(kept.done_at, self.now)}
        return gettext("It could not be worked out anew in time; this is from %(ago)s ago.") % ago

    def write(self, user: User, ready: Ready) -> None:
        report, schedule = self.report, self.schedule
        wanted = Wanted(report, self.run.query, schedule.kind)
        subject = gettext("%(title)s, %(period)s") % {
            "title": schedule.title,
            "period": self.question.period,
        }
        post(user, self.run.key_for(user), subject, self.lines(user, ready, wanted), wanted)

    def lines(self, user: User, ready: Ready, wanted: Wanted) -> Iterator[str]:
        report = self.report
        yield gettext("Hello, %(name)s.") % {"name": name_of(user)}
        yield ""
        yield f"{self.schedule.title}. {report.purpose}"
        yield " · ".join(facts_of(self.question, report.asks, report.numbers))
        if self.run.fault == Fault.GONE:
            yield ""
            yield gettext(
                "The view asks for something that is gone; this is what the report usually shows."
            )
        if ready.note:
            yield ""
            yield ready.note
        yield from main_lines(sections_for(user, ready.sections or ()))
        yield ""
        yield gettext("The page, where each figure opens the leads behind it:")
        yield page_of(report, self.run.query)
        yield gettext("The file, up to date and with the names that you may see:")
        yield wanted.url
        yield ""
        yield "-- "
        page = settings.SITE_URL + reverse("admin:report_mails")
        made_by = self.schedule.made_by
        said = gettext(
            "%(name)s had this sent: %(rhythm)s. Schedules, and how to get it no more: %(page)s"
        )
        yield said % {
            "name": name_of(made_by) if made_by else "–",
            "rhythm": self.schedule.rhythm,
            "page": page,
        }
