"""The admin pages of automations and of what has crossed.

Import direction: condition_forms <- builder <- editing <- switching <- versions <- automations;
crossings <- lead_sections.
"""

from scoring.automations.admin import automations, crossings, home, lead_sections

__all__ = ["automations", "crossings", "home", "lead_sections"]
