"""Give somebody a task about the contact, due in working hours."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from django import forms
from django.contrib.auth.models import User
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from contacts.models import Calendar, Task, Team
from contacts.models.teams import name_of, person_for_owner
from contacts.working_time import NoWorkingTime
from scoring.automations.actions.base import Action, ActionForm, Impossible, Occasion, register
from scoring.automations.assigning import (
    person_choices,
    person_problems,
    present,
    rows_of,
    team_choices,
    team_named,
    team_problems,
)
from scoring.automations.texts import Template, TemplateField, read_template
from scoring.criteria.faults import Node
from scoring.criteria.form_fields import choice_field, number_field

OWNER, TEAM, PERSON = "owner", "team", "person"
ASSIGNEES: Final = (OWNER, TEAM, PERSON)
HOURS_MOST: Final = 1000


class TaskForm(ActionForm):
    title = TemplateField(
        label=gettext_lazy("Title"),
        max_length=200,
        initial="{{ contact.full_name }}: {{ score.band }}",
        widget=UnfoldAdminTextInputWidget,
    )
    text = TemplateField(
        label=gettext_lazy("Text"), required=False, widget=UnfoldAdminTextareaWidget
    )
    assignee = choice_field(
        gettext_lazy("For"),
        [
            (OWNER, gettext_lazy("The contact's owner")),
            (TEAM, gettext_lazy("The team, whose members take turns")),
            (PERSON, gettext_lazy("One person")),
        ],
        initial=OWNER,
    )
    person = choice_field(gettext_lazy("Person"), person_choices, required=False)
    team = choice_field(
        gettext_lazy("Team"),
        team_choices,
        required=False,
        help_text=gettext_lazy(
            "Its next member gets the task also where the owner or the person is away. "
            "Without a team, or with nobody there, the task waits for whoever takes it."
        ),
    )
    within_hours = number_field(
        gettext_lazy("Within so many working hours"),
        required=False,
        min_value=1,
        max_value=HOURS_MOST,
        help_text=gettext_lazy("By the team's calendar, otherwise by the default one."),
    )
    priority = choice_field(
        gettext_lazy("Priority"), Task.Priority.choices, initial=Task.Priority.NORMAL
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for assignee in (TEAM, PERSON):
            if given.get("assignee") == assignee and not given.get(assignee):
                self.add_error(assignee, forms.ValidationError(needed(assignee)))
        return given


def needed(assignee: str) -> str:
    return _("Say which person.") if assignee == PERSON else _("Say which team.")


@register
@dataclass(frozen=True, slots=True)
class CreateTask(Action):
    """``team`` is whose members take turns, also where the owner or the person is away."""

    kind = "task"
    title = gettext_lazy("Create a task")
    icon = "task_alt"
    form = TaskForm

    heading: Template
    text: Template = Template("")
    assignee: str = OWNER
    person: str = ""
    team: str = ""
    within_hours: int | None = None
    priority: str = Task.Priority.NORMAL.value

    @classmethod
    def read(cls, node: Node) -> Self:
        names = ["text", "assignee", "person", "team", "within_hours", "priority"]
        fields = node.fields(required=["title"], optional=names)
        found: dict[str, Any] = {
            name: fields[name].name() for name in (TEAM, PERSON) if name in fields
        }
        if "text" in fields:
            found["text"] = read_template(fields["text"])
        if "assignee" in fields:
            found["assignee"] = fields["assignee"].one_of(ASSIGNEES)
        if "within_hours" in fields:
            found["within_hours"] = fields["within_hours"].whole(1, HOURS_MOST)
        if "priority" in fields:
            found["priority"] = fields["priority"].one_of(Task.Priority.values)
        assignee = found.get("assignee", OWNER)
        if assignee != OWNER and assignee not in fields:
            node.fault(needed(assignee), key=assignee)
        heading = fields["title"].name() if "title" in fields else ""
        return cls(read_template(fields["title"]) if heading else Template(""), **found)

    def data(self) -> dict[str, object]:
        found: dict[str, object] = {
            "title": self.heading.text,
            "text": self.text.text,
            "assignee": self.assignee,
            "person": self.person,
            "team": self.team,
            "within_hours": self.within_hours,
            "priority": self.priority,
        }
        usual = {"assignee": OWNER, "priority": Task.Priority.NORMAL.value}
        return {
            name: value
            for name, value in found.items()
            if value not in ("", None) and usual.get(name) != value
        }

    def sentence(self) -> str:
        if self.within_hours is None:
            return _("create a task for %(whom)s") % {"whom": self.whom()}
        said = ngettext(
            "create a task for %(whom)s within %(hours)d working hour",
            "create a task for %(whom)s within %(hours)d working hours",
            self.within_hours,
        )
        return said % {"whom": self.whom(), "hours": self.within_hours}

    def whom(self) -> str:
        team = _("the next in the team “%(team)s”") % {"team": self.team}
        if self.assignee == TEAM:
            return team
        first = _("the owner") if self.assignee == OWNER else self.person
        return (
            _("%(first)s or else %(team)s") % {"first": first, "team": team} if self.team else first
        )

    def problems(self) -> list[str]:
        return [
            *team_problems(self.team),
            *(person_problems(self.person) if self.assignee == PERSON else []),
        ]

    def needed_rows(self) -> Any:
        return rows_of(self.team)

    def run(self, occasion: Occasion) -> str:
        if Task.objects.filter(origin=occasion.key).exists():
            return _("The task is there already.")
        # The crossing may lie days back: it was held back, or the action failed at first.
        at = max(occasion.as_of, timezone.now())
        team = team_named(self.team)
        calendar = team.calendar if team else Calendar.objects.default()
        heading = self.heading.render(occasion.values).strip() or str(occasion.contact)
        task = Task.objects.create(
            contact=occasion.contact,
            title=heading[:200],
            text=self.text.render(occasion.values),
            assignee=self.who(occasion, team, calendar, at),
            team=team,
            due_at=self.due(calendar, at),
            priority=self.priority,
            origin=occasion.key,
        )
        return told(task)

    def who(
        self, occasion: Occasion, team: Team | None, calendar: Calendar, at: datetime
    ) -> User | None:
        """None where nobody is there: the task then waits for whoever takes it."""
        names = {OWNER: occasion.contact.owner, PERSON: self.person, TEAM: ""}
        user = present(person_for_owner(names[self.assignee]), calendar, at)
        if user is None and team is not None:
            return Team.objects.next_member(team, at)
        return user

    def due(self, calendar: Calendar, at: datetime) -> datetime | None:
        if self.within_hours is None:
            return None
        try:
            return calendar.working_time().add(at, timedelta(hours=self.within_hours))
        except NoWorkingTime as closed:
            raise Impossible(str(closed)) from None


def told(task: Task) -> str:
    whom = name_of(task.assignee) if task.assignee else _("whoever takes it")
    if task.due_at is None:
        return _("Task for %(whom)s: %(title)s") % {"whom": whom, "title": task.title}
    when = formats.date_format(timezone.localtime(task.due_at), "SHORT_DATETIME_FORMAT")
    said = _("Task for %(whom)s until %(when)s: %(title)s")
    return said % {"whom": whom, "when": when, "title": task.title}
