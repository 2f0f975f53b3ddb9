"""A document becomes a sequence of this installation, and a sequence a document."""

from typing import Any

import yaml
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models.teams import Calendar, Team
from scoring.automations.sequences.document import SequenceDocument, StepDocument, parse
from scoring.automations.sequences.goals import goal_data, parse_goal
from scoring.automations.sequences.models import Sequence, SequenceStep
from scoring.criteria.document import DocumentInvalid, Fault
from scoring.criteria.yaml import Writer


def load_sequence(data: object) -> Sequence:
    """Store what a document says under its short name; a new sequence is off.

    One that is there keeps its steps: the first of the document becomes what the first is,
    and so on, so that whoever is in it goes on. Raises DocumentInvalid.
    """
    document = parse(data)
    places = Places()
    calendar = places.calendar(document)
    steps = [places.step(step, place) for place, step in enumerate(document.steps)]
    other = Sequence.objects.filter(name=document.name).exclude(slug=document.slug)
    if other.exists():
        places.faults.append(Fault("name", _("is the name of another sequence")))
    if places.faults:
        raise DocumentInvalid(places.faults)
    with transaction.atomic():
        sequence, _new = Sequence.objects.update_or_create(
            slug=document.slug,
            defaults={
                "name": document.name,
                "purpose": document.purpose,
                "calendar": calendar,
                "leave_on_band_change": document.leave_on_band_change,
                "goal": goal_data(document.goal),
            },
        )
        store_steps(sequence, steps)
        sequence.look_again()
    return sequence


def store_steps(sequence: Sequence, steps: list[dict[str, Any]]) -> None:
    known = list(sequence.steps.order_by("position", "pk"))
    for place, values in enumerate(steps):
        step = known[place] if place < len(known) else SequenceStep(sequence=sequence)
        for name, value in (values | {"position": place + 1}).items():
            setattr(step, name, value)
        step.save()
    for step in known[len(steps) :]:
        step.delete()


class Places:
    """Finds what documents name; what is not there is a fault."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def calendar(self, document: SequenceDocument) -> Calendar | None:
        if not document.calendar:
            return None
        found = Calendar.objects.filter(name=document.calendar).first()
        if found is None:
            self.missing("calendar", _("there is no calendar of this name"))
        return found

    def step(self, step: StepDocument, place: int) -> dict[str, Any]:
        team = Team.objects.filter(name=step.team).first() if step.team else None
        if step.team and team is None:
            self.missing(f"steps[{place}].team", _("there is no team of this name"))
        person = User.objects.filter(username=step.person).first() if step.person else None
        if step.person and person is None:
            self.missing(f"steps[{place}].person", _("there is no user of this name"))
        names = ("kind", "subject", "text", "wait_days", "wait_working", "at", "priority",
                 "assignee", "due_hours")  # fmt: skip
        return {name: getattr(step, name) for name in names} | {"team": team, "person": person}

    def missing(self, path: str, message: str) -> None:
        self.faults.append(Fault(path, message))


def document_of(sequence: Sequence) -> SequenceDocument:
    """Raises DocumentInvalid where its goal names a field that is not there any more."""
    return SequenceDocument(
        name=sequence.name,
        slug=sequence.slug,
        purpose=sequence.purpose,
        calendar=sequence.calendar.name if sequence.calendar else "",
        leave_on_band_change=sequence.leave_on_band_change,
        goal=parse_goal(sequence.goal),
        steps=tuple(
            step_document(step)
            for step in sequence.steps.select_related("team", "person").order_by("position", "pk")
        ),
    )


def step_document(step: SequenceStep) -> StepDocument:
    is_team = step.assignee == SequenceStep.Assignee.TEAM
    is_person = step.assignee == SequenceStep.Assignee.PERSON
    assignee = step.assignee
    if (is_team and not step.team) or (is_person and not step.person):
        assignee = SequenceStep.Assignee.OWNER.value
    return StepDocument(
        kind=step.kind,
        subject=step.subject,
        text=step.text,
        wait_days=step.wait_days,
        wait_working=step.wait_working,
        at=step.at,
        priority=step.priority,
        assignee=assignee,
        team=step.team.name if is_team and step.team else "",
        person=step.person.username if is_person and step.person else "",
        due_hours=step.due_hours,
    )


def dump_sequence(sequence: Sequence) -> str:
    """The document as YAML that ``load_sequence`` reads back."""
    return yaml.dump(
        document_of(sequence).as_data(),
        Dumper=Writer,
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )
