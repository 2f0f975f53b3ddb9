"""The tables of the agreement, gathered; each stands in the module that it belongs to."""

from scoring.agreement.audit import AuditEntry

__all__ = ["AuditEntry"]
