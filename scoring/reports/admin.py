"""The pages of the reports, gathered for the admin; nothing is defined here."""

from scoring.reports import pages

__all__ = ["pages"]
