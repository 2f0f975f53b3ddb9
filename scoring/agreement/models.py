"""The tables of the agreement, gathered; each stands in the module that it belongs to."""

from scoring.agreement.audit import AuditEntry
from scoring.agreement.planned import GoingLive
from scoring.agreement.proposals import Proposal
from scoring.agreement.remarks import Remark
from scoring.agreement.reviews import Review
from scoring.agreement.signing import Signature

__all__ = ["AuditEntry", "GoingLive", "Proposal", "Remark", "Review", "Signature"]
