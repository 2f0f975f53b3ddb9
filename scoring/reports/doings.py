"""What sales did: calls, meetings, e-mails, tasks, sessions, leads taken; who did it, and when."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from django.db.models import Case, Count, F, OuterRef, QuerySet, Subquery, TextField, When
from django.db.models import Value as Constant
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from contacts.models import Activity, Contact, Task
from contacts.models.assignments import Assignment, How
from scoring.automations.outbox.messages import Message
from scoring.engine.proportions import Proportion
from scoring.pipeline.calls.models import CallEntry, CallSession
from scoring.pipeline.calls.results import SOURCE as CALL_LIST
from scoring.pipeline.leads.contacting import SOURCE as LEAD_PAGE
from scoring.reports.asking import Question
from scoring.reports.people import People, place_in

CALLS: Final = "calls"
SESSIONS: Final = "sessions"
REACHED: Final = "reached"
# Calls with one of the results that there are.
TOLD: Final = "told"
# How the outbox names what one person wrote to one lead.
LETTERS: Final = "o:"
# A call that says none of the results that there are.
UNKNOWN: Final = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """Rows with a column ``who`` of a user name or an owner, and the column of their instant."""

    name: str
    rows: QuerySet[Any]
    at: str


def who_acted() -> Any:
    """Whoever noted it on the lead page, or called from the list; else whose lead it is."""
    entries = CallEntry.objects.filter(
        contact=OuterRef("contact"), called_at=OuterRef("occurred_at")
    )
    known = Case(
        When(source=LEAD_PAGE, then=KeyTextTransform("by", "properties")),
        When(source=CALL_LIST, then=Subquery(entries.values("session__user__username")[:1])),
        output_field=TextField(),
    )
    return Coalesce(known, F("contact__owner"), output_field=TextField())


def text_of(column: Any) -> Any:
    """Nobody is an empty text, also where the database says NULL."""
    return Coalesce(column, Constant(""), output_field=TextField())


def activities(question: Question, slug: str) -> QuerySet[Any]:
    rows: QuerySet[Any] = Activity.objects.filter(
        **question.during("occurred_at"), type__slug=slug, automated=False
    )
    return of_contacts(question, rows.annotate(who=who_acted()))


def of_contacts(question: Question, rows: QuerySet[Any]) -> QuerySet[Any]:
    rows = rows.order_by()
    return rows if question.is_of_all else rows.filter(contact__in=question.contacts())


def facts(question: Question) -> Iterator[Fact]:
    yield Fact(CALLS, activities(question, "call"), "occurred_at")
    yield Fact("meetings", activities(question, "meeting_booked"), "occurred_at")
    yield Fact("emails", activities(question, "email_sent"), "occurred_at")
    letters = Message.objects.filter(
        **question.during("sent_at"),
        key__startswith=LETTERS,
        channel="email",
        state=Message.State.SENT,
    )
    letters = of_contacts(question, letters).annotate(who=text_of("contact__owner"))
    yield Fact("emails", letters, "sent_at")
    yield from task_facts(question)
    sessions = CallSession.objects.filter(**question.during("started_at")).order_by()
    if not question.is_of_all:
        called = CallEntry.objects.filter(contact__in=question.contacts())
        sessions = sessions.filter(pk__in=called.values("session"))
    yield Fact(SESSIONS, sessions.annotate(who=text_of("user__username")), "started_at")
    moves = of_contacts(question, Assignment.objects.filter(**question.during("at")))
    yield Fact("taken", moves.filter(how=How.CLAIM).annotate(who=F("owner")), "at")
    yield Fact("returned", moves.filter(how=How.RETURN).annotate(who=F("before")), "at")


def task_facts(question: Question) -> Iterator[Fact]:
    tasks = of_contacts(question, Task.objects.all())
    done = tasks.filter(**question.during("done_at"), state=Task.State.DONE)
    done = done.annotate(who=text_of("done_by__username"))
    yield Fact("done", done, "done_at")
    yield Fact("done_late", done.filter(done_at__gt=F("due_at")), "done_at")
    due = tasks.filter(**question.during("due_at")).annotate(who=text_of("assignee__username"))
    yield Fact("overdue", due.filter(state=Task.State.OPEN), "due_at")
    yield Fact("put_off", due.filter(snoozes__gt=0), "due_at")


# By what, by whom, and at which place of the pieces; None has those of all.
Counted = Counter[tuple[str, str | None, int | None]]


@dataclass(frozen=True, slots=True)
class Doings:
    """How many of each fact by person and place of the piece; of calls also by result."""

    facts: Counted = field(default_factory=Counter)
    results: Counted = field(default_factory=Counter)

    def number(self, fact: str, who: str | None = None, place: int | None = None) -> int:
        return self.facts[fact, who, place]

    def result(self, result: str, who: str | None = None, place: int | None = None) -> int:
        return self.results[result, who, place]

    def reached(self, who: str | None = None, place: int | None = None) -> Proportion:
        """Of the calls with a result, those where somebody was on the phone."""
        known = {name: self.result(name, who, place) for name in CallEntry.Result.values}
        answered = sum(known[name] for name in CallEntry.ANSWERED)
        return Proportion(answered, sum(known.values()))

    @property
    def people(self) -> set[str]:
        return {who for _fact, who, _place in self.facts if who is not None}

    @property
    def callers(self) -> set[str]:
        return {who for _result, who, _place in self.results if who is not None}


def note(counted: Counted, name: str, who: str, place: int, number: int) -> None:
    """Also in the sums: they are asked for of every cell of a long table."""
    for key in product((name,), (who, None), (place, None)):
        counted[key] += number


def doings(question: Question, people: People) -> Doings:
    pieces = question.pieces()
    made = Doings()
    for fact in facts(question):
        rows = fact.rows.annotate(place=place_in(pieces, fact.at))
        if fact.name == CALLS:
            rows = rows.annotate(said=KeyTextTransform("result", "properties"))
            found = rows.values_list("who", "place", "said")
            for who, place, said, number in found.annotate(Count("pk")):
                result = said if said in CallEntry.Result.values else UNKNOWN
                note(made.results, result, people.key(who), place, number)
                note(made.facts, CALLS, people.key(who), place, number)
            continue
        for who, place, number in rows.values_list("who", "place").annotate(Count("pk")):
            note(made.facts, fact.name, people.key(who), place, number)
    return made


def contacts_of(question: Question, name: str, whose: str | None) -> QuerySet[Contact] | None:
    """The contacts of a fact, of one person or of all; None for what has no contacts.

    Beside the facts: ``reached``, ``told``, and ``result-`` with a result, or with none for
    ``UNKNOWN``.
    """
    if (calls := calls_of(question, name)) is not None:
        found = [calls]
    else:
        found = [fact.rows for fact in facts(question) if fact.name == name]
    if not found or name == SESSIONS:
        return None
    narrowed = [rows if whose is None else of_person(rows, whose) for rows in found]
    contacts = Contact.objects.none()
    for rows in narrowed:
        contacts |= Contact.objects.filter(pk__in=rows.values("contact"))
    return contacts


def calls_of(question: Question, name: str) -> QuerySet[Any] | None:
    """Those with a result; None where the name is of something else."""
    known, (kind, dash, result) = CallEntry.Result.values, name.partition("-")
    is_result = kind == "result" and dash and result in (UNKNOWN, *known)
    if name not in (REACHED, TOLD) and not is_result:
        return None
    calls: QuerySet[Any] = activities(question, "call").annotate(
        said=text_of(KeyTextTransform("result", "properties"))
    )
    if name == REACHED:
        calls = calls.filter(said__in=CallEntry.ANSWERED)
    elif name == TOLD:
        calls = calls.filter(said__in=known)
    elif result == UNKNOWN:
        calls = calls.exclude(said__in=known)
    else:
        calls = calls.filter(said=result)
    return calls


def of_person(rows: QuerySet[Any], whose: str) -> QuerySet[Any]:
    people = People()
    written: Sequence[str] = list(rows.values_list("who", flat=True).distinct())
    return rows.filter(who__in=[who for who in written if people.key(who) == whose])
