"""A handover as a line of a page: who, how hot, and what is due until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from contacts.models.teams import name_of, people_for_owners
from scoring.criteria.models import Version
from scoring.engine.admin.badges import badge
from scoring.pipeline.feedback.models import Handover, VerdictKind


@dataclass(frozen=True, slots=True)
class Line:
    handover: Handover
    badge: str
    owner: str

    @property
    def is_rejected(self) -> bool:
        return self.handover.verdict == VerdictKind.REJECTED

    @property
    def is_late(self) -> bool:
        """An answered one: after its deadline; one that waits: something is overdue now."""
        by, answered = self.handover.feedback_by, self.handover.answered_at
        if answered is not None:
            return by is not None and answered > by
        due = self.handover.next_due
        return due is not None and due < timezone.now()

    @property
    def attempt_due(self) -> datetime | None:
        return None if self.handover.responded_at else self.handover.respond_by


def lines_of(handovers: Iterable[Handover]) -> list[Line]:
    rows = list(handovers)
    live = Version.objects.live().filter(model__in={row.model_id for row in rows})
    documents = {version.model_id: version.document_value for version in live}
    people = people_for_owners({row.contact.owner for row in rows})
    owners = {owner: name_of(person) for owner, person in people.items()}
    return [
        Line(
            row,
            badge(row.total, row.band, documents[row.model_id])
            if row.model_id in documents
            else row.band,
            owners.get(row.contact.owner, row.contact.owner),
        )
        for row in rows
    ]
