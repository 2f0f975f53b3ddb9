from django.contrib.admin.apps import AdminConfig

from leadscoring import checks as checks


class LeadScoringAdminConfig(AdminConfig):
    """Django's admin with our own site as `admin.site`; also where our checks are registered."""

    default_site = "leadscoring.site.LeadScoringAdminSite"
