"""The admin pages of sequences.

Import direction: forms, people <- pages <- sequences; people <- lead_sections.
"""

from scoring.automations.sequences.admin import lead_sections, sequences

__all__ = ["lead_sections", "sequences"]
