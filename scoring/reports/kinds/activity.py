"""What sales did in a period: by person, and over time."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar, Final
from urllib.parse import quote

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from scoring.engine.proportions import FEW, Proportion
from scoring.pipeline.calls.models import CallEntry
from scoring.reports.asking import Question
from scoring.reports.bands import decoded
from scoring.reports.blocks import (
    Block,
    Chart,
    Column,
    Figure,
    Figures,
    Section,
    Series,
    Shape,
    Table,
    Words,
)
from scoring.reports.doings import (
    CALLS,
    REACHED,
    SESSIONS,
    TOLD,
    UNKNOWN,
    Doings,
    contacts_of,
    doings,
)
from scoring.reports.handed import ANY
from scoring.reports.people import People
from scoring.reports.periods import Period
from scoring.reports.report import Measure, Report, Text, register
from scoring.reports.to_come import days_to_come, nothing_yet
from scoring.reports.values import Value, count, opened, text

NOTHING: Final = _(
    "Nobody called, wrote, closed a task or took a lead in this period, as far as is stored here. "
    "Choose a longer one."
)


def measures() -> Iterator[Measure]:
    yield Measure(
        "calls",
        _("Calls"),
        _(
            "Calls within the period, in the time zone of the default working calendar. They count "
            "for whoever noted them on the lead page or called from the call list; those that came "
            "in by the API or an import count for the owner of the lead. What was automated does "
            "not count, here or below."
        ),
    )
    yield Measure(
        "reached",
        _("Reached"),
        _(
            "Of the calls with a result, the share where somebody was on the phone: every result "
            "but voicemail. With Wilson's interval for 95 of 100 cases."
        ),
    )
    yield Measure(
        "meetings", _("Meetings booked"), _("Activities “meeting booked”, for whom calls count.")
    )
    yield Measure(
        "emails",
        _("E-mails sent"),
        _(
            "E-mails that were noted, for whom calls count, and those that one person wrote on the "
            "lead page and that went out, for the owner of the lead. Those of automations and "
            "sequences do not count."
        ),
    )
    yield Measure(
        "tasks",
        _("Tasks"),
        _(
            "Done: closed as done within the period, by whoever closed them; late: after they were "
            "due. Overdue: due within the period, and open now. Put off: due within the period, "
            "and put off at least once. The last two by whose task it is now."
        ),
    )
    yield Measure(
        "sessions",
        _("Call sessions"),
        _("Sessions of the call list that were begun within the period, by who calls in them."),
    )
    yield Measure(
        "pool",
        _("Taken from the pool, given back"),
        _("Times that somebody took a lead from the pool or gave one back, within the period."),
    )


@register
class SalesActivity(Report):
    slug: ClassVar[str] = "activity"
    title: ClassVar[Text] = _("What sales did")
    purpose: ClassVar[Text] = _("Calls, meetings, e-mails and tasks, by person and over time.")
    icon: ClassVar[str] = "call"
    order: ClassVar[int] = 75
    permission: ClassVar[str] = "scoring.view_team_reports"
    asks: ClassVar[frozenset[str]] = frozenset(
        {"grain", "campaign", "segment", "source", "country"}
    )
    days: ClassVar[int] = 28
    measures: ClassVar[Sequence[Measure]] = tuple(measures())

    def make(self, question: Question) -> Sequence[Section]:
        if not_yet := nothing_yet(question):
            return not_yet
        people = People()
        found = doings(question, people)
        if not found.facts:
            return [Section("", [Words(str(NOTHING))])]
        return [
            Section("", list(summary(found))),
            Section(gettext("By person"), [by_person(found, people), by_result(found, people)]),
            Section(gettext("Over time"), [*days_to_come(question), *over_time(question, found)]),
        ]

    def behind(self, question: Question, key: str) -> QuerySet[Contact] | None:
        """``fact``, ``fact:person`` or ``fact:person:day``, the day being the first of a step; the
        person is percent-encoded, or ``ANY``.
        """
        fact, *given = key.split(":")
        whose, first = [*given, ANY, ANY][:2]
        period: Period | None = question.period
        if first != ANY:
            period = question.period.piece_from(first, question.grain)
        if period is None or len(given) > 2:
            return None
        asked = replace(question, period=period)
        return contacts_of(asked, fact, None if whose == ANY else decoded(whose) or "")


# The columns of a table after the calls: the fact, its measure and what it is called.
COLUMNS: Final = (
    ("meetings", "meetings", _("meetings booked")),
    ("emails", "emails", _("e-mails sent")),
    ("done", "tasks", _("tasks done")),
    ("done_late", "tasks", _("done late")),
    ("overdue", "tasks", _("overdue")),
    ("put_off", "tasks", _("put off")),
    (SESSIONS, "sessions", _("call sessions")),
    ("taken", "pool", _("taken from the pool")),
    ("returned", "pool", _("given back")),
)


def columns(first: str) -> list[Column]:
    found = [Column(str(title), measure) for _fact, measure, title in COLUMNS]
    calls = [Column(gettext("calls"), "calls"), Column(gettext("reached"), "reached")]
    return [Column(first), *calls, *found]


def cells(
    found: Doings, who: str | None = None, place: int | None = None, first: str = ANY
) -> Iterator[Value]:
    """``first``: the first day of the step that lies at the place."""
    narrower = f"{whose(who)}:{first}"

    def cell(fact: str) -> Value:
        number = found.number(fact, who, place)
        return count(number) if fact == SESSIONS else opened(number, f"{fact}:{narrower}")

    yield cell(CALLS)
    yield share(found.reached(who, place), narrower)
    yield from (cell(fact) for fact, _measure, _title in COLUMNS)


def whose(who: str | None) -> str:
    return ANY if who is None else quote(who, safe="")


def share(reached: Proportion, narrower: str = ANY) -> Value:
    """Open to those who were reached, among those of whose call the result is known."""
    return Value.share(reached, f"{REACHED}:{narrower}", f"{TOLD}:{narrower}")


def summary(found: Doings) -> Iterator[Block]:
    reached = found.reached()
    shown = (
        (CALLS, "calls", gettext("calls")),
        ("meetings", "meetings", gettext("meetings booked")),
        ("emails", "emails", gettext("e-mails sent")),
        ("done", "tasks", gettext("tasks done")),
        ("overdue", "tasks", gettext("tasks overdue")),
    )
    figures = [
        Figure(title, count(found.number(fact), fact), measure) for fact, measure, title in shown
    ]
    figures.insert(1, Figure(gettext("reached"), share(reached), "reached"))
    yield Figures("", figures)
    if 0 < reached.of < FEW:
        yield Words(gettext("These are few calls: a single one moves the share far."))


def by_person(found: Doings, people: People) -> Table:
    rows = [[text(people.name(who)), *cells(found, who)] for who in people.sorted(found.people)]
    total = [text(gettext("all")), *cells(found)]
    return Table("people", gettext("By person"), columns(gettext("person")), rows, total)


def by_result(found: Doings, people: People) -> Table:
    results = [*CallEntry.Result.choices, (UNKNOWN, gettext("without a result"))]
    callers = people.sorted(found.callers)

    def numbers(who: str | None = None) -> Iterator[Value]:
        for name, _title in results:
            yield opened(found.result(name, who), f"result-{name}:{whose(who)}")

    rows = [[text(people.name(who)), *numbers(who)] for who in callers]
    total = [text(gettext("all")), *numbers()]
    shown = [Column(gettext("person")), *(Column(str(title), "calls") for _name, title in results)]
    return Table(
        "results",
        gettext("Calls by result"),
        shown,
        rows,
        total if rows else None,
        empty=gettext("Nobody called in this period."),
    )


def over_time(question: Question, found: Doings) -> list[Block]:
    pieces = question.pieces()
    labels = [piece.label(question.grain) for piece in pieces]
    places = range(len(labels))
    reached = [found.reached(place=place) for place in places]
    answered = [each.count for each in reached]
    chart = Chart(
        "time",
        gettext("Calls over time"),
        Shape.STACKED,
        labels,
        [
            Series(gettext("reached"), answered),
            Series(gettext("voicemail"), [each.of - each.count for each in reached]),
            Series(
                gettext("without a result"),
                [found.result(UNKNOWN, place=place) for place in places],
            ),
        ],
    )
    rows = [
        [text(labels[place]), *cells(found, None, place, pieces[place].first.isoformat())]
        for place in places
    ]
    table = Table("time", gettext("Everything over time"), columns(gettext("from")), rows)
    return [chart, table]
