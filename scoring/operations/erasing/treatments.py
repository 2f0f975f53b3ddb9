"""What becomes of the rows of a contact that is erased, model by model.

A test finds a model that belongs to a contact and is not named here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat

from contacts.models import (
    Activity,
    Assignment,
    CampaignTouch,
    ContactTag,
    Deal,
    EmailAlias,
    FieldChange,
    Merge,
    NotDuplicate,
    Note,
    Pending,
    Task,
)
from scoring.agreement.impact import ImpactMove
from scoring.agreement.suggestions.models import Suggestion
from scoring.automations.models import ActionRun, Crossing, TriggerState
from scoring.automations.outbox.messages import Attempt, Message
from scoring.automations.outbox.personal import Notification
from scoring.automations.sequences.enrolments import Enrolment, StepRun
from scoring.engine.doubts import ScoreDoubt
from scoring.engine.models import Score, ScoreChange
from scoring.engine.pilots.models import PilotMember
from scoring.engine.troubled import Troubled
from scoring.operations.erasing.identity import Identity
from scoring.pipeline.calls.models import CallEntry
from scoring.pipeline.dormant.models import Dismissal
from scoring.pipeline.feedback.models import Alarm, Handover, Verdict
from scoring.pipeline.leads.manual import ManualBand

# Of the history of fields these say nothing of who it was, and reports count by them.
COUNTED_FIELDS: Final = (
    *("lifecycle", "owner", "country", "source", "campaign", "unsubscribed", "bounced"),
)


PSEUDONYM: Final = "{pseudonym}"


class Fate(StrEnum):
    GONE = "gone"
    EMPTIED = "emptied"
    STAYS = "stays"


@dataclass(frozen=True)
class Treatment:
    """``path``: the lookup of the contact; ``among``: which of its rows; ``values``: the columns
    that are overwritten, with the pseudonym where PSEUDONYM stands.
    """

    model: type[models.Model]
    fate: Fate
    path: str = "contact"
    values: Mapping[str, Any] = field(default_factory=dict)
    among: Q = Q()

    def rows(self, contact_id: int) -> Any:
        found: Any = self.model._default_manager.filter(self.among, (self.path, contact_id))
        return (found.unnoted() if hasattr(found, "unnoted") else found).order_by()

    def apply(self, identity: Identity) -> None:
        rows = self.rows(identity.contact_id)
        if self.fate == Fate.GONE:
            rows.delete()
        elif self.fate == Fate.EMPTIED:
            named = {
                name: identity.pseudonym if value is PSEUDONYM else value
                for name, value in self.values.items()
            }
            rows.update(**named)


def gone(model: type[models.Model], path: str = "contact", **among: Any) -> Treatment:
    return Treatment(model, Fate.GONE, path, among=Q(**among))


def stays(model: type[models.Model], path: str = "contact", among: Q | None = None) -> Treatment:
    return Treatment(model, Fate.STAYS, path, among=among or Q())


def emptied(model: type[models.Model], path: str = "contact", **values: Any) -> Treatment:
    return Treatment(model, Fate.EMPTIED, path, values)


COUNTED: Final = Q(field__in=COUNTED_FIELDS)
# What was given with an activity, and the id under which another system knows it.
OWN_ID: Final = Concat(Value("erased:"), Cast(F("pk"), models.CharField()))
TREATMENTS: Final[tuple[Treatment, ...]] = (
    # Its properties: see emptying.
    emptied(Activity, external_id=OWN_ID),
    emptied(Assignment, detail=""),
    stays(CampaignTouch),
    gone(ContactTag),
    emptied(Deal, name=PSEUDONYM, reason=""),
    gone(EmailAlias),
    Treatment(FieldChange, Fate.GONE, among=~COUNTED),
    stays(FieldChange, among=COUNTED),
    gone(Merge),
    gone(NotDuplicate, "first"),
    gone(NotDuplicate, "second"),
    gone(Note),
    gone(Pending),
    emptied(Task, title=PSEUDONYM, text="", result_text=""),
    stays(CallEntry),
    emptied(ActionRun, "crossing__contact", detail=""),
    stays(Crossing),
    emptied(Dismissal, text=""),
    stays(StepRun, "enrolment__contact"),
    emptied(Enrolment, trouble=""),
    gone(Alarm, "handover__contact", done_at=None),
    stays(Alarm, "handover__contact"),
    emptied(Verdict, "handover__contact", text=""),
    emptied(Handover, text=""),
    stays(ImpactMove),
    emptied(ManualBand, reason=PSEUDONYM),
    emptied(Attempt, "message__contact", error="", head="", response=""),
    gone(Notification, "message__contact"),
    emptied(Message, subject="", last_error=""),
    stays(PilotMember),
    gone(Score),
    stays(ScoreChange),
    emptied(ScoreDoubt, text=PSEUDONYM, answer=""),
    emptied(Suggestion, contact=None),
    gone(TriggerState),
    gone(Troubled),
)
