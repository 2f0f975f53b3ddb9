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
from scoring.engine.pilots.models import Pilot, PilotMember
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
from scoring.reports.ahead.models import ForecastMade
from scoring.reports.mailing.models import ReportRun, ReportSchedule
from scoring.reports.models import KeptReport
from scoring.reports.pilots.models import PilotLook
from scoring.reports.review.models import (
    AgendaItem,
    Decision,
    Meeting,
    MeetingSchedule,
    Reopening,
)
from scoring.reports.saved.models import ReportView
from scoring.reports.terms.models import Goal, Terms, TermsSignature

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
    "Goal",
    "Enrolment",
    "ForecastMade",
    "Handover",
    "Impact",
    "ImpactMove",
    "ImpactStep",
    "Lead",
    "ManualBand",
    "KeptReport",
    "Meeting",
    "MeetingSchedule",
    "Reopening",
    "PilotMember",
    "Message",
    "OutcomeTable",
    "Notification",
    "OwnerCard",
    "Persona",
    "Pilot",
    "PilotLook",
    "RateWindow",
    "Recompute",
    "RecomputeRange",
    "RejectedItem",
    "RejectionReason",
    "ReportRun",
    "ReportSchedule",
    "ReportView",
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
    "Terms",
    "TermsSignature",
    "Source",
    "Suggestion",
    "ThresholdChoice",
    "Track",
    "Troubled",
    "Verdict",
    "Version",
    "hand_over",
]
