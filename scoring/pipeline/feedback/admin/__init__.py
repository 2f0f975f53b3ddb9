"""The pages of feedback: the list and one answer, the reasons, the service level, home."""

from scoring.pipeline.feedback.admin import levels, pages, reasons

__all__ = ["levels", "pages", "reasons"]
