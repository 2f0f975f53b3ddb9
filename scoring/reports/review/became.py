"""What became of the decisions of a meeting: open, a task, on the way to the model, or done."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from django.contrib.auth.models import User
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext, pgettext

from contacts.models import Task
from contacts.models.teams import name_of
from scoring.agreement.admin.hub import address_of
from scoring.agreement.suggestions.models import Suggestion
from scoring.criteria.models import Version
from scoring.reports.review.models import Decision, Meeting

STATES = Version.State


@dataclass(frozen=True, slots=True)
class Fate:
    """In words, and where it is; ``is_open``: nothing has come of it yet."""

    said: str
    icon: str
    url: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """``tasks``: of the decisions that became one, those that the reader may see.

    ``numbers``: by model, that of the version which its draft becomes.
    """

    decisions: list[Decision]
    tasks: dict[int, Task]
    numbers: dict[int, int]

    @classmethod
    def of(cls, meeting: Meeting, user: User) -> Self:
        related = ("changed_by", "suggestion__model", "suggestion__live_version")
        more = ("draft__model", "version__model", "done_by")
        decisions = list(meeting.decisions.select_related(*related, *more))
        made = [each.task_id for each in decisions if each.task_id]
        seen = Task.objects.visible_to(user).filter(pk__in=made).select_related("assignee")
        models = {each.draft.model_id for each in decisions if each.draft}
        last = Version.objects.filter(model__in=models).order_by().values_list("model")
        numbers = {model: number + 1 for model, number in last.annotate(Max("number"))}
        return cls(decisions, seen.in_bulk(), numbers)

    def fates(self, decision: Decision) -> list[Fate]:
        found = [*self.of_task(decision), *of_suggestion(decision), *self.of_draft(decision)]
        if found:
            return found
        if decision.done_at is None:
            return [Fate(pgettext("decision", "Open"), "radio_button_unchecked", is_open=True)]
        who = name_of(decision.done_by) if decision.done_by else "?"
        return [Fate(gettext("Done: %(who)s") % {"who": who}, "check_circle")]

    def of_task(self, decision: Decision) -> Iterator[Fate]:
        """A task about a lead that the reader may not see is not named."""
        if task := self.tasks.get(decision.task_id or 0):
            who = name_of(task.assignee) if task.assignee else ""
            state = ", ".join(filter(None, (task.get_state_display(), who)))
            said = gettext("Task: %(title)s (%(state)s)") % {"title": task, "state": state}
            yield Fate(said, "task_alt", reverse("admin:contacts_task_change", args=[task.pk]))
        elif decision.task_id:
            yield Fate(gettext("It became a task about a colleague's lead."), "task_alt")

    def of_draft(self, decision: Decision) -> Iterator[Fate]:
        if decision.version is not None and decision.is_on_its_way:
            yield of_version(decision.version)
        elif decision.draft is not None:
            number = {"number": self.numbers.get(decision.draft.model_id, 1)}
            said = (
                gettext("To be put into the draft of version %(number)d")
                if decision.done_at is None
                else gettext("In the draft of version %(number)d, not proposed yet")
            )
            url = address_of("criteria", decision.draft.model)
            yield Fate(said % number, "edit_note", url)
        elif decision.has_lost_its_draft:
            said = gettext("Open: the draft that it was in is gone")
            yield Fate(said, "radio_button_unchecked", is_open=True)


def of_suggestion(decision: Decision) -> Iterator[Fate]:
    suggestion = decision.suggestion
    if suggestion is None:
        return
    state = suggestion.get_state_display()
    if suggestion.live_version is not None:
        number = {"number": suggestion.live_version.number}
        state = gettext("live since version %(number)d") % number
    elif suggestion.state == Suggestion.State.DECLINED and suggestion.answer:
        state = f"{state}: {suggestion.answer}"
    said = gettext("Suggested for the model: %(state)s") % {"state": state}
    yield Fate(said, "lightbulb", address_of("suggestions", suggestion.model))


def of_version(version: Version) -> Fate:
    said = {
        STATES.PROPOSED: gettext("Proposed in version %(number)d"),
        STATES.AGREED: gettext("Agreed in version %(number)d"),
        STATES.LIVE: gettext("Live with version %(number)d"),
        STATES.RETIRED: gettext("Was live with version %(number)d"),
    }[STATES(version.state)]
    icon = {STATES.PROPOSED: "outgoing_mail", STATES.AGREED: "handshake"}
    found = icon.get(STATES(version.state), "rocket_launch")
    return Fate(said % {"number": version.number}, found, address_of("agreement", version.model))
