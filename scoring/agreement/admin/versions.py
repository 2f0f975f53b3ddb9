"""The pages of versions, with what the agreement knows of them."""

from django.contrib import admin

from scoring.criteria.models import Version
from scoring.engine.admin.versions import LiveVersionAdmin


@admin.register(Version)
class AgreedVersionAdmin(LiveVersionAdmin):
    pass
