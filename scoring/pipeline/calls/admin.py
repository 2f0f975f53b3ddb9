"""The pages of calls, gathered for Django; nothing is defined here."""

from scoring.pipeline.calls import scripts

__all__ = ["scripts"]
