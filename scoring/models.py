"""The models of every sub-package, gathered for Django; nothing is defined here."""

from scoring.agreement.impact import Impact, ImpactMove, ImpactStep
from scoring.agreement.models import AuditEntry
from scoring.agreement.qualification.models import Persona
from scoring.agreement.suggestions.models import Suggestion
from scoring.agreement.workshop.choices import ThresholdChoice
from scoring.agreement.workshop.table import OutcomeTable
from scoring.api.models import Answer, ApiKey, RateWindow, RejectedItem, Source
from scoring.automations.bulk import BulkRun
from scoring.automations.models import (
    ActionRun,
    Automation,
    AutomationVersion,
    Crossing,
    TriggerState,
)
from scoring.automations.outbox.messages import Attempt, Message
from scoring.automations.outbox.personal import Notification, OwnerCard
from scoring.automations.outbox.receivers import Destination, Endpoint
from scoring.automations.sequences.enrolments import Enrolment, StepRun
from scoring.automations.sequences.models import Sequence, SequenceStep
from scoring.criteria.drafts import Draft, DraftBand, DraftGroup, DraftRule, DraftScenario
from scoring.criteria.models import ScoringModel, Version
from scoring.criteria.segments import Segment
from scoring.engine.doubts import ScoreDoubt
from scoring.engine.leads import Lead
from scoring.engine.models import Recompute, RecomputeRange, Score, ScoreChange, Track
from scoring.engine.troubled import Troubled
from scoring.pipeline.assigning.models import AssignmentRule
from scoring.pipeline.board.models import SavedView
from scoring.pipeline.calls.models import (
    CallCapacity,
    CallEntry,
    CallRoutine,
    CallScript,
    CallSession,
)
from scoring.pipeline.calls.tally import Tally
from scoring.pipeline.dormant.models import Dismissal, DormantChoice
from scoring.pipeline.feedback import hand_over
from scoring.pipeline.feedback.levels import ServiceLevel
from scoring.pipeline.feedback.models import Alarm, Handover, Verdict
from scoring.pipeline.feedback.reasons import RejectionReason
from scoring.pipeline.leads.models import EmailTemplate, ManualBand
from scoring.reports.models import KeptReport
from scoring.reports.review.models import AgendaItem, Decision, Meeting, MeetingSchedule

__all__ = [
    "ActionRun",
    "AgendaItem",
    "Alarm",
    "AssignmentRule",
    "Answer",
    "ApiKey",
    "AuditEntry",
    "Attempt",
    "Automation",
    "AutomationVersion",
    "BulkRun",
    "CallCapacity",
    "CallEntry",
    "CallRoutine",
    "CallScript",
    "CallSession",
    "Crossing",
    "Decision",
    "Destination",
    "TriggerState",
    "Dismissal",
    "DormantChoice",
    "Draft",
    "DraftBand",
    "DraftGroup",
    "DraftRule",
    "DraftScenario",
    "EmailTemplate",
    "Endpoint",
    "Enrolment",
    "Handover",
    "Impact",
    "ImpactMove",
    "ImpactStep",
    "Lead",
    "ManualBand",
    "KeptReport",
    "Meeting",
    "MeetingSchedule",
    "Message",
    "OutcomeTable",
    "Notification",
    "OwnerCard",
    "Persona",
    "RateWindow",
    "Recompute",
    "RecomputeRange",
    "RejectedItem",
    "RejectionReason",
    "Score",
    "SavedView",
    "ScoreChange",
    "ScoreDoubt",
    "ScoringModel",
    "Segment",
    "ServiceLevel",
    "Sequence",
    "SequenceStep",
    "StepRun",
    "Tally",
    "Source",
    "Suggestion",
    "ThresholdChoice",
    "Track",
    "Troubled",
    "Verdict",
    "Version",
    "hand_over",
]
