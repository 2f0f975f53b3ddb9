"""The pages on which a model is edited, tried, signed and followed.

Import direction: hub <- the tabs <- models, versions.
"""

from scoring.agreement import grades
from scoring.agreement.admin import agreement, history, home, impact, models, trail, versions
from scoring.agreement.doubts import pages as doubts_pages
from scoring.agreement.editor import page as criteria_page
from scoring.agreement.qualification import pages as qualification_pages
from scoring.agreement.scenarios import lead_section
from scoring.agreement.scenarios import page as scenarios_page
from scoring.agreement.suggestions import admin as suggestions_admin
from scoring.agreement.suggestions import pages as suggestions_pages
from scoring.agreement.workshop import page as threshold_page

__all__ = [
    "agreement",
    "criteria_page",
    "doubts_pages",
    "grades",
    "history",
    "home",
    "impact",
    "lead_section",
    "models",
    "qualification_pages",
    "scenarios_page",
    "suggestions_admin",
    "suggestions_pages",
    "threshold_page",
    "trail",
    "versions",
]
