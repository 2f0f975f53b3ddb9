"""The pages of the reports, gathered for the admin; nothing is defined here."""

from scoring.reports import pages, rule_draft
from scoring.reports.review import actions as review

__all__ = ["pages", "review", "rule_draft"]
