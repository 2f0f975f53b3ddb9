"""The list of reasons for which leads are rejected."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import RecordAdmin, column
from scoring.pipeline.feedback.reasons import KNOWN_REASONS, RejectionReason


@admin.register(RejectionReason)
class RejectionReasonAdmin(RecordAdmin):
    """Their order is that of the form; one that was given stays, and is no longer offered."""

    list_display = ("shown", "position", "active", "slug")
    list_editable = ("position", "active")
    fields = ("name", "position", "active")
    ordering = ("position", "pk")
    empty_text = _("No reason yet: without one, nobody can reject a lead.")

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change, **options)
        if "name" in form.base_fields:
            # The first ones have a name in every language until somebody types one.
            form.base_fields["name"].required = obj is None or obj.slug not in KNOWN_REASONS
            form.base_fields["name"].help_text = _(
                "As people read it when they reject a lead. A rule or an automation knows the "
                "reason by its key, which stays the same."
            )
        return form

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that was given belongs to the answers; it can be switched off."""
        is_used = obj is not None and obj.handovers.exists()
        return not is_used and super().has_delete_permission(request, obj)

    @column(_("reason"), ordering="name")
    def shown(self, reason: RejectionReason) -> str:
        return str(reason)
