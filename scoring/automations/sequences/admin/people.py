"""The page of who is at which step of a sequence, and what came of each step."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from contacts.admin.base import visible
from contacts.admin.sections import moment
from contacts.models import Contact
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.models import Sequence, SequenceStep
from scoring.automations.sequences.statistics import StepNumbers, numbers_of

A_PAGE: Final = 25


@dataclass(frozen=True, slots=True)
class Bar:
    """One share of a step's e-mails: ``percent`` is also said in words beside it."""

    kind: str
    title: str
    count: int
    percent: int


@dataclass(frozen=True, slots=True)
class StepShown:
    numbers: StepNumbers
    bars: list[Bar]

    @property
    def is_email(self) -> bool:
        return self.numbers.step.kind == SequenceStep.Kind.EMAIL


@dataclass(frozen=True, slots=True)
class PersonShown:
    enrolment: Enrolment
    name: str
    url: str
    state: str
    step: str
    when: str
    remove_url: str


def steps_shown(sequence: Sequence) -> list[StepShown]:
    return [StepShown(numbers, list(bars(numbers))) for numbers in numbers_of(sequence)]


def bars(numbers: StepNumbers) -> Iterator[Bar]:
    titles = {
        "opens": gettext("opened"),
        "clicks": gettext("clicked"),
        "replies": gettext("answered"),
        "unsubscribes": gettext("unsubscribed"),
    }
    for kind, title in titles.items():
        yield Bar(kind, title, numbers.came.get(kind, 0), numbers.rate(kind))


def counts_of(sequence: Sequence) -> dict[str, int]:
    people = sequence.enrolments
    return {state: people.filter(state=state).count() for state in Enrolment.State.values}


def chosen(sequence: Sequence, request: HttpRequest) -> QuerySet[Enrolment]:
    """The people that the address asks for, and whom this person may see."""
    people: Any = visible(Enrolment.objects.filter(sequence=sequence), request)
    if (state := request.GET.get("state", "active")) in Enrolment.State.values:
        people = people.filter(state=state)
    step = request.GET.get("step", "")
    if step.isdecimal() and len(step) < 10:
        people = people.filter(step=int(step))
    rows: QuerySet[Enrolment] = people.select_related("contact", "step")
    return rows.order_by("next_at", "-ended_at", "pk")


def page_of_people(sequence: Sequence, request: HttpRequest, may_remove: bool) -> dict[str, Any]:
    page = Paginator(chosen(sequence, request), A_PAGE).get_page(request.GET.get("page"))
    return {
        "page": page,
        "people": [person_shown(enrolment, may_remove) for enrolment in page],
        "asked_state": request.GET.get("state", "active"),
        "asked_step": request.GET.get("step", ""),
        "states": Enrolment.State.choices,
    }


def person_shown(enrolment: Enrolment, may_remove: bool) -> PersonShown:
    contact = enrolment.contact
    place = [enrolment.sequence_id, enrolment.pk]
    removable = may_remove and enrolment.state == Enrolment.State.ACTIVE
    return PersonShown(
        enrolment=enrolment,
        name=name_of(contact),
        url=reverse("admin:contacts_contact_change", args=[contact.pk]),
        state=state_shown(enrolment),
        step=str(enrolment.step) if enrolment.step else "",
        when=moment(enrolment.next_at or enrolment.ended_at or enrolment.started_at),
        remove_url=reverse("admin:scoring_sequence_remove", args=place) if removable else "",
    )


def state_shown(enrolment: Enrolment) -> str:
    """``Left: answered``."""
    if enrolment.reason:
        return f"{enrolment.get_state_display()}: {enrolment.get_reason_display()}"
    return str(enrolment.get_state_display())


def name_of(contact: Contact) -> str:
    return contact.full_name or contact.email
