"""The admin pages of sequences.

Import direction: forms, people <- pages <- sequences.
"""

from scoring.automations.sequences.admin import sequences

__all__ = ["sequences"]
