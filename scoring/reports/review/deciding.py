"""A decision of the meeting becomes a task for somebody, or a suggestion for the model."""

from dataclasses import dataclass
from typing import Final

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


def locked(decision: Decision) -> Decision:
    return Decision.objects.select_for_update().get(pk=decision.pk)


@dataclass(frozen=True, slots=True)
class MakeTask:
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

    def execute(self) -> Task:
        """Once, also of two who ask at the same time. Raises Refused."""
        self.check()
        with transaction.atomic():
            decision = locked(self.decision)
            if decision.task_id is not None:
                raise Refused(gettext("Somebody has made the task meanwhile."))
            task = Task.objects.create(
                contact=self.contact,
                title=" ".join(decision.text.split())[:TITLE_MOST],
                text=decision.text,
                assignee=self.assignee,
                origin=f"decision:{decision.pk}",
            )
            decision.task, decision.kind = task, Decision.Kind.TASK
            decision.save(update_fields=["task", "kind"])
            for follow in TASKS_GIVEN:
                follow([task], self.assignee, self.user)
        return task


@dataclass(frozen=True, slots=True)
class MakeSuggestion:
    """In words, as everybody's suggestions; marketing makes it a rule of the draft."""

    decision: Decision
    user: User
    model: ScoringModel

    def execute(self) -> Suggestion:
        """Raises Refused."""
        with transaction.atomic():
            decision = locked(self.decision)
            if decision.suggestion_id is not None:
                raise Refused(gettext("Somebody has made the suggestion meanwhile."))
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
