"""The admin pages of what the engine makes: leads, versions at work, recomputes.

Import direction: tracks <- badges <- filters, lead_page, history, more <- leads, versions, home.
"""

from scoring.engine.admin import doubting, leads, recomputes, versions

__all__ = ["doubting", "leads", "recomputes", "versions"]
