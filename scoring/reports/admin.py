"""The pages of the reports, gathered for the admin; nothing is defined here."""

from scoring.reports import pages, rule_draft

__all__ = ["pages", "rule_draft"]
