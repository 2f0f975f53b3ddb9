"""The pages of the reports, gathered for the admin; nothing is defined here."""

from scoring.reports import pages, rule_draft
from scoring.reports.home import goals, marketing, sales, team
from scoring.reports.mailing import pages as mailing
from scoring.reports.pilots import lead_part
from scoring.reports.pilots import pages as pilots
from scoring.reports.review import actions as review
from scoring.reports.review import drafting, following
from scoring.reports.saved import pages as saved
from scoring.reports.terms import pages as terms

__all__ = [
    "drafting",
    "following",
    "goals",
    "lead_part",
    "mailing",
    "marketing",
    "pages",
    "pilots",
    "review",
    "rule_draft",
    "sales",
    "saved",
    "team",
    "terms",
]
