"""The page of a lead for salespeople, and the pages of what they write.

Import direction: forms <- deeds <- talking, adding, qualifying, writing; notes <- timeline;
qualifying <- head.
"""

from scoring.pipeline.leads.admin import (
    adding,
    beside,
    capture,
    email_templates,
    head,
    manual_bands,
    notes,
    qualifying,
    talking,
    timeline,
    writing,
)

__all__ = [
    "adding",
    "beside",
    "capture",
    "email_templates",
    "head",
    "manual_bands",
    "notes",
    "qualifying",
    "talking",
    "timeline",
    "writing",
]
