"""What came of schedules: when they were sent last, to how many, and what went wrong."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext, ngettext

from contacts.models import Calendar
from scoring.automations.outbox.messages import Message
from scoring.reports.mailing.models import ALL, ReportRun, ReportSchedule

State = Message.State


@dataclass(frozen=True, slots=True)
class Told:
    """One time, in words; ``wrong`` says what is to be looked at."""

    run: ReportRun
    lines: Sequence[str]
    wrong: Sequence[str]


@dataclass(frozen=True, slots=True)
class Standing:
    schedule: ReportSchedule
    next_at: datetime | None
    people: Sequence[User]
    last: Told | None
    # The last one that whoever looks had sent to themselves.
    trial: Told | None
    # Whoever looks: whether they may change it, and whether they get it.
    is_theirs: bool
    gets_it: bool


def standings(schedules: QuerySet[ReportSchedule], user: User, now: datetime) -> list[Standing]:
    """In a number of queries that does not grow with them."""
    rows = list(schedules.select_related("view", "made_by").prefetch_related("recipients"))
    working = Calendar.objects.default().working_time()
    begun = begun_from(now.astimezone(working.zone).date(), rows)
    sees_all = user.has_perm(ALL)
    last = latest(rows, Q(only_for=None))
    trials = latest(rows, Q(only_for=user))
    messages = messages_of([*last.values(), *trials.values()], rows)
    return [
        Standing(
            schedule=row,
            next_at=row.next_at(now, working, begun.get(row.pk, ())),
            people=list(row.recipients.all()),
            last=told(last.get(row.pk), messages),
            trial=told(trials.get(row.pk), messages),
            is_theirs=sees_all or row.made_by_id == user.pk,
            gets_it=user in row.recipients.all(),
        )
        for row in rows
    ]


def begun_from(day: date, rows: Sequence[ReportSchedule]) -> dict[int, set[date]]:
    """Which days from that one on have had their letter, by schedule."""
    found: dict[int, set[date]] = {}
    runs = ReportRun.objects.of_days_from(day).filter(schedule__in=rows)
    for pk, name in runs.values_list("schedule", "name"):
        found.setdefault(pk, set()).add(date.fromisoformat(name))
    return found


def latest(rows: Sequence[ReportSchedule], which: Q) -> dict[int, ReportRun]:
    """The last run of each schedule."""
    runs = ReportRun.objects.filter(which, schedule__in=rows).order_by()
    ids = runs.values("schedule").annotate(last=Max("pk")).values("last")
    found = ReportRun.objects.filter(pk__in=ids).select_related("only_for")
    return {run.schedule_id: run for run in found}


def messages_of(
    runs: Sequence[ReportRun], rows: Sequence[ReportSchedule]
) -> dict[int, list[Message]]:
    people = {row.pk: list(row.recipients.all()) for row in rows}
    keys = {
        run.key_for(user): run.pk
        for run in runs
        for user in ([run.only_for] if run.only_for else people[run.schedule_id])
    }
    found: dict[int, list[Message]] = {}
    fields = ("key", "state", "kept", "last_error", "sent_at")
    for message in Message.objects.filter(key__in=keys).only(*fields):
        found.setdefault(keys[message.key], []).append(message)
    return found


def told(run: ReportRun | None, messages: dict[int, list[Message]]) -> Told | None:
    if run is None:
        return None
    own = messages.get(run.pk, [])
    wrong = [run.get_fault_display()] if run.fault else []
    failed = [each for each in own if each.state not in (State.SENT, State.PENDING)]
    wrong += sorted({each.last_error or each.get_state_display() for each in failed})
    # What waits for another attempt says why.
    wrong += sorted({each.last_error for each in own if each.state == State.PENDING} - {""})
    return Told(run, list(counted(run, own)), wrong)


def counted(run: ReportRun, messages: Sequence[Message]) -> list[str]:
    counts = Counter("kept" if each.kept else each.state for each in messages)
    said = {
        State.SENT: ngettext(
            "sent to %(count)d person", "sent to %(count)d people", counts["sent"]
        ),
        "kept": ngettext(
            "kept here for %(count)d person (nothing leaves this installation)",
            "kept here for %(count)d people (nothing leaves this installation)",
            counts["kept"],
        ),
        State.PENDING: ngettext(
            "on its way to %(count)d person", "on its way to %(count)d people", counts["pending"]
        ),
    }
    lines = [words % {"count": counts[key]} for key, words in said.items() if counts[key]]
    if run.done_at is None:
        lines.append(gettext("the report is being worked out"))
    return lines
