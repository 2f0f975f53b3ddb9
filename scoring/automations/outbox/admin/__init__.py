"""The pages of the outbox, one module for each kind of row."""

from scoring.automations.outbox.admin import messages, personal, receivers

__all__ = ["messages", "personal", "receivers"]
