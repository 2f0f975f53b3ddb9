"""A decision of the meeting becomes a task for somebody, or a suggestion for the model."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from contacts.followers import TASKS_GIVEN
from contacts.models import Contact, Task
from contacts.models.teams import name_of
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.suggestions.models import NAME_MOST, REASON_MOST, Suggestion
from scoring.criteria.faults import LONGEST_NAME
from scoring.criteria.models import ScoringModel
from scoring.reports.review.models import Decision

TITLE_MOST: Final = 200


class Refused(Exception):
    """It cannot be done as things are; the message tells people why."""


class Deed(ABC):
    """Something that is done to a decision once, also by two who do it at the same time."""

    decision: Decision

    @abstractmethod
    def do(self) -> Any:
        """In a transaction. Raises Refused."""

    def locked(self) -> Decision:
        return Decision.objects.select_for_update().get(pk=self.decision.pk)

    def execute(self) -> Any:
        """Raises Refused, and then has changed nothing."""
        with transaction.atomic():
            return self.do()


@dataclass(frozen=True, slots=True)
class MakeTask(Deed):
    """``contact``: the lead that it is about, of those that the user may see."""

    decision: Decision
    user: User
    contact: Contact
    assignee: User

    def check(self) -> None:
        if not self.assignee.is_active or not self.assignee.has_perm("contacts.change_task"):
            raise Refused(
                gettext("%(who)s does not work with tasks.") % {"who": name_of(self.assignee)}
            )

    def do(self) -> Task:
        self.check()
        decision = self.locked()
        if decision.task_id is not None:
            raise Refused(gettext("Somebody has made the task meanwhile."))
        task = Task.objects.create(
            contact=self.contact,
            title=" ".join(decision.text.split())[:TITLE_MOST],
            text=decision.text,
            assignee=self.assignee,
            origin=f"decision:{decision.pk}",
        )
        decision.task = task
        if decision.kind == Decision.Kind.NOTE:
            # What is in a draft stays a change of it, and is told when that draft is gone.
            decision.kind = Decision.Kind.TASK
        decision.save(update_fields=["task", "kind"])
        for follow in TASKS_GIVEN:
            follow([task], self.assignee, self.user)
        return task


@dataclass(frozen=True, slots=True)
class MakeSuggestion(Deed):
    """In words, as everybody's suggestions; marketing makes it a rule of the draft."""

    decision: Decision
    user: User
    model: ScoringModel

    def do(self) -> Suggestion:
        decision = self.locked()
        if decision.suggestion_id is not None:
            raise Refused(gettext("Somebody has made the suggestion meanwhile."))
        if decision.is_on_its_way:
            raise Refused(gettext("It is in a version already."))
        if decision.draft_id is not None:
            raise Refused(gettext("It is in the draft already."))
        meeting = decision.meeting
        page = reverse("admin:review_meeting", args=[meeting.pk])
        reason = gettext("Decided at the weekly review of %(when)s: %(text)s (%(page)s)") % {
            "when": meeting,
            "text": decision.text,
            "page": page,
        }
        made = Suggestion.objects.create(
            model=self.model,
            author=self.user,
            author_name=name_of(self.user)[:NAME_MOST],
            title=" ".join(decision.text.split())[:LONGEST_NAME],
            reason=reason[:REASON_MOST],
        )
        AuditEntry.objects.note(self.user, self.model, Action.SUGGESTED, title=made.title)
        decision.suggestion, decision.kind = made, Decision.Kind.CHANGE
        decision.save(update_fields=["suggestion", "kind"])
        return made
