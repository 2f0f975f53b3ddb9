"""The pages on which a model is edited, tried, signed and followed.

Import direction: hub <- the tabs <- models, versions.
"""

from scoring.agreement import grades
from scoring.agreement.admin import agreement, history, home, impact, models, trail, versions
from scoring.agreement.editor import page as criteria_page
from scoring.agreement.scenarios import lead_section
from scoring.agreement.scenarios import page as scenarios_page
from scoring.agreement.workshop import page as threshold_page
from scoring.agreement.qualification import pages as qualification_pages
from scoring.agreement.suggestions import admin as suggestions_admin
from scoring.agreement.suggestions import pages as suggestions_pages

__all__ = ["suggestions_admin", "suggestions_pages", "criteria_page", "qualification_pages", "grades", "lead_section", "scenarios_page", "threshold_page", "agreement", "history", "impact", "models", "trail", "versions"]
