"""The pages of feedback: list, one answer, reasons, service level, home, and on the lead."""

from scoring.pipeline.feedback.admin import home, levels, on_lead, pages, reasons

__all__ = ["home", "levels", "on_lead", "pages", "reasons"]
