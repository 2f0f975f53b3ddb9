"""What contacts did: activities, their types and their targets."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    BooleanRadioFilter,
)

from contacts.admin.base import ReadOnlyAdmin, RecordAdmin, column
from contacts.admin.filters import DaysFilter, TargetFilter
from contacts.admin.forms import ActivityForm, SlugForm
from contacts.models import Activity, ActivityType, Target
from contacts.models.activities import KNOWN_TYPES
from contacts.normalise import normalise


@admin.register(ActivityType)
class ActivityTypeAdmin(RecordAdmin):
    empty_text = _("No activity types yet.")
    form = SlugForm
    fields = ("slug", "label")
    list_display = ("slug", "name")
    search_fields = ("slug", "label")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Rules name a type by its slug."""
        return ("slug",) if obj else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Also by the names that the product itself has for types, in the reader's language."""
        found, _repeats = super().get_search_results(request, queryset, search_term)
        wanted = normalise(search_term)
        named = [slug for slug, name in KNOWN_TYPES.items() if wanted in normalise(str(name))]
        return queryset.filter(Q(pk__in=found.values("pk")) | Q(slug__in=named)), False

    @column(_("name"), ordering="label")
    def name(self, kind: ActivityType) -> str:
        return str(kind)


@admin.register(Target)
class TargetAdmin(ReadOnlyAdmin):
    empty_text = _("No targets yet. A target is what an activity concerned: a page, a form.")
    list_display = ("shown",)
    search_fields = ("norm",)
    fields = ("text", "norm")

    @column(_("target"), ordering="norm")
    def shown(self, target: Target) -> str:
        return target.text or "–"


@admin.register(Activity)
class ActivityAdmin(RecordAdmin):
    empty_text = _(
        "No activities yet. They come from an import or a program, or are added by hand."
    )
    form = ActivityForm
    list_display = ("occurred_at", "contact", "type", "aim", "source", "remark")
    list_select_related = ("contact", "type", "target")
    list_filter = (
        ("type", AutocompleteSelectFilter),
        TargetFilter,
        ("occurred_at", DaysFilter),
        ("automated", BooleanRadioFilter),
    )
    search_fields = (
        "contact__email_norm",
        "contact__first_name_norm",
        "contact__last_name_norm",
    )
    autocomplete_fields = ("contact", "type")
    readonly_fields = ("source", "external_id", "received_at")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "contact",
                    "type",
                    "occurred_at",
                    "target_text",
                    "properties",
                    "automated",
                ]
            },
        ),
        (_("Origin"), {"fields": [("source", "external_id"), "received_at"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new activity has no origin yet; whoever cannot edit sees the stored columns."""
        if obj is None:
            return self.fieldsets[:1]
        if not self.has_change_permission(request, obj):
            shown = ["contact", "type", "occurred_at", "target", "properties", "automated"]
            return [(None, {"fields": shown}), *self.fieldsets[1:]]
        return self.fieldsets

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        initial = super().get_changeform_initial_data(request)
        return {"occurred_at": timezone.now().replace(microsecond=0), **initial}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        text = form.cleaned_data["target_text"]
        if not change or Target.key_of(text) != obj.target.key:
            obj.target_id = Target.objects.ids_by_key([text])[Target.key_of(text)]
        super().save_model(request, obj, form, change)

    @column(_("target"))
    def aim(self, activity: Activity) -> str:
        return activity.target.text

    @column(_("remark"), label={"automated": "warning"})
    def remark(self, activity: Activity) -> tuple[str, str] | None:
        return ("automated", gettext("automated")) if activity.automated else None
