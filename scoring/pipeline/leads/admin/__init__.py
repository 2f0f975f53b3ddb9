"""The pages of what salespeople do with a lead."""

from scoring.pipeline.leads.admin import manual_bands

__all__ = ["manual_bands"]
