"""A sequence as a document: the same on another installation, by names and not ids."""

import re
from dataclasses import dataclass, field
from datetime import time
from typing import Final

from django.utils.text import slugify
from django.utils.translation import gettext as _

from contacts.models import Task
from scoring.automations.sequences.goals import Goal, goal_data, read_goal
from scoring.automations.sequences.models import WAIT_MOST, Sequence, SequenceStep
from scoring.automations.texts import read_template
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.faults import Node
from scoring.criteria.installed import installed_fields

MOST_STEPS: Final = 50
SUBJECT_MOST: Final = 200
SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
WAIT: Final = re.compile(r"(\d{1,3}) (working )?days?")
CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")

Kind = SequenceStep.Kind
Assignee = SequenceStep.Assignee


@dataclass(frozen=True, slots=True)
class StepDocument:
    kind: str
    subject: str
    text: str = ""
    wait_days: int = 0
    wait_working: bool = False
    at: time | None = None
    priority: str = Task.Priority.NORMAL.value
    assignee: str = Assignee.OWNER.value
    team: str = ""
    person: str = ""
    due_hours: int = 8

    def as_data(self) -> dict[str, object]:
        data: dict[str, object] = {"kind": self.kind, "wait": wait_text(self)}
        if self.at:
            data["at"] = f"{self.at:%H:%M}"
        data["subject"] = self.subject
        if self.text:
            data["text"] = self.text
        if self.kind == Kind.TASK:
            data |= {"assignee": self.assignee, "priority": self.priority}
            data |= {"due_hours": self.due_hours}
            data |= {name: value for name in ("team", "person") if (value := getattr(self, name))}
        return data


def wait_text(step: "StepDocument | SequenceStep") -> str:
    """As a document says it: ``2 working days``."""
    working = "working " if step.wait_working else ""
    return f"{step.wait_days} {working}{'day' if step.wait_days == 1 else 'days'}"


@dataclass(frozen=True, slots=True)
class SequenceDocument:
    """``calendar`` is empty where the default one counts."""

    name: str
    slug: str
    purpose: str = Sequence.Purpose.NURTURING.value
    calendar: str = ""
    leave_on_band_change: bool = False
    goal: Goal = ()
    steps: tuple[StepDocument, ...] = field(default=())

    def as_data(self) -> dict[str, object]:
        """Plain data, keys in reading order; ``parse`` gives it back."""
        data: dict[str, object] = {"name": self.name, "slug": self.slug, "purpose": self.purpose}
        if self.calendar:
            data["calendar"] = self.calendar
        if self.leave_on_band_change:
            data["leave_on_band_change"] = True
        if self.goal:
            data["goal"] = goal_data(self.goal)
        return data | {"steps": [step.as_data() for step in self.steps]}


def parse(data: object) -> SequenceDocument:
    """Read plain data; raises DocumentInvalid with every fault."""
    root = Node(data)
    optional = ["slug", "purpose", "calendar", "leave_on_band_change", "goal"]
    fields = root.fields(["name", "steps"], optional)
    name = fields["name"].name() if "name" in fields else ""
    steps = fields["steps"].items(at_least=1, at_most=MOST_STEPS) if "steps" in fields else []
    document = SequenceDocument(
        name=name,
        slug=read_slug(fields["slug"]) if "slug" in fields else slug_of(name),
        purpose=fields["purpose"].one_of(Sequence.Purpose.values)
        if "purpose" in fields
        else Sequence.Purpose.NURTURING.value,
        calendar=fields["calendar"].name() if "calendar" in fields else "",
        leave_on_band_change=fields["leave_on_band_change"].boolean()
        if "leave_on_band_change" in fields
        else False,
        goal=read_goal(fields["goal"], installed_fields()) if "goal" in fields else (),
        steps=tuple(read_step(item) for item in steps),
    )
    if root.faults:
        raise DocumentInvalid(root.faults)
    return document


def slug_of(name: str) -> str:
    return slugify(name)[:60].strip("-_").replace("_", "-") or "sequence"


def read_slug(node: Node) -> str:
    text = node.text()
    if not SLUG.fullmatch(text):
        node.fault(_("must be small letters, digits and hyphens, at most 60"))
    return text


def read_step(node: Node) -> StepDocument:
    tasks = ["priority", "assignee", "team", "person", "due_hours"]
    fields = node.fields(["kind", "subject"], ["wait", "at", "text", *tasks])
    kind = fields["kind"].one_of(Kind.values) if "kind" in fields else Kind.EMAIL.value
    for name in tasks:
        if name in fields and kind == Kind.EMAIL:
            fields[name].fault(_("goes only with a task"))
    days, working = read_wait(fields["wait"]) if "wait" in fields else (0, False)
    assignee = fields["assignee"].one_of(Assignee.values) if "assignee" in fields else "owner"
    for name in ("team", "person"):
        if assignee == name and name not in fields:
            node.fault(_("is missing"), key=name)
        elif assignee != name and name in fields:
            fields[name].fault(_("goes only with assignee: %(name)s") % {"name": name})
    if kind == Kind.EMAIL and "text" not in fields:
        node.fault(_("is missing"), key="text")
    return StepDocument(
        kind=kind,
        subject=read_subject(fields["subject"]) if "subject" in fields else "",
        text=read_template(fields["text"]).text if "text" in fields else "",
        wait_days=days,
        wait_working=working,
        at=read_clock(fields["at"]) if "at" in fields else None,
        priority=fields["priority"].one_of(Task.Priority.values)
        if "priority" in fields
        else Task.Priority.NORMAL.value,
        assignee=assignee,
        team=fields["team"].name() if "team" in fields else "",
        person=fields["person"].name() if "person" in fields else "",
        due_hours=fields["due_hours"].whole(0, 1000) if "due_hours" in fields else 8,
    )


def read_subject(node: Node) -> str:
    text = read_template(node).text
    if not text.strip():
        node.fault(_("must not be empty"))
    elif len(text) > SUBJECT_MOST:
        node.fault(_("must have at most %(most)d characters") % {"most": SUBJECT_MOST})
    return text


def read_wait(node: Node) -> tuple[int, bool]:
    found = WAIT.fullmatch(node.data) if isinstance(node.data, str) else None
    if found is None or int(found[1]) > WAIT_MOST:
        node.fault(_('must be days as in "2 working days" or "3 days", at most 365'))
        return 0, False
    return int(found[1]), bool(found[2])


def read_clock(node: Node) -> time | None:
    found = CLOCK.fullmatch(node.data) if isinstance(node.data, str) else None
    if found is None:
        node.fault(_('must be a time of day in quotes, as in "09:30"'))
        return None
    return time(int(found[1]), int(found[2]))
