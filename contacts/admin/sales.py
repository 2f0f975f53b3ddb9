"""Campaigns and who met them, products, pipelines with their stages, deals."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)

from contacts.admin.base import RecordAdmin, column
from contacts.admin.filters import DaysFilter
from contacts.models import Campaign, CampaignArm, CampaignTouch, Deal, Pipeline, Product, Stage


class CampaignArmInline(TabularInline):
    model = CampaignArm
    extra = 0
    fields = ("name", "is_control", "people", "visits", "customers", "revenue")
    hide_title = True


@admin.register(Campaign)
class CampaignAdmin(RecordAdmin):
    empty_text = _("No campaigns yet. Add one with its budget to see later what it brought.")
    list_display = ("name", "channel", "starts_on", "ends_on", "budget", "cost")
    list_filter = (("channel", ChoicesDropdownFilter), ("starts_on", RangeDateFilter))
    search_fields = ("name",)
    fieldsets = [
        (None, {"fields": ["name", "channel", ("starts_on", "ends_on"), ("budget", "cost")]}),
        (
            _("Plan"),
            {
                "fields": [("planned_leads", "planned_customers"), "planned_revenue"],
                "description": _("The closed-loop report shows it beside the result."),
            },
        ),
    ]
    inlines = (CampaignArmInline,)


@admin.register(CampaignTouch)
class CampaignTouchAdmin(RecordAdmin):
    empty_text = _("Nobody has met a campaign yet.")
    list_display = ("occurred_at", "campaign", "contact")
    list_display_links = ("occurred_at", "campaign")
    list_select_related = ("campaign", "contact")
    list_filter = (("campaign", AutocompleteSelectFilter), ("occurred_at", DaysFilter))
    search_fields = ("contact__email_norm", "contact__last_name_norm", "campaign__name")
    autocomplete_fields = ("campaign", "contact")


@admin.register(Product)
class ProductAdmin(RecordAdmin):
    empty_text = _("No products yet.")
    list_display = ("name", "price")
    search_fields = ("name",)


class StageInline(TabularInline):
    model = Stage
    extra = 0
    fields = ("name", "outcome", "probability", "position")
    ordering_field: Any = "position"
    hide_ordering_field = True
    hide_title = True


@admin.register(Pipeline)
class PipelineAdmin(RecordAdmin):
    empty_text = _("No pipelines yet. A pipeline is the row of stages that a deal goes through.")
    list_display = ("name", "stages_shown")
    search_fields = ("name",)
    inlines = (StageInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("stages")

    @column(_("stages"))
    def stages_shown(self, pipeline: Pipeline) -> str:
        return " → ".join(stage.name for stage in pipeline.stages.all())


@admin.register(Stage)
class StageAdmin(RecordAdmin):
    empty_text = _("No stages yet.")
    list_display = ("name", "pipeline", "outcome", "probability")
    list_select_related = ("pipeline",)
    list_filter = (("pipeline", RelatedDropdownFilter), ("outcome", ChoicesDropdownFilter))
    search_fields = ("name", "pipeline__name")
    autocomplete_fields = ("pipeline",)


@admin.register(Deal)
class DealAdmin(RecordAdmin):
    empty_text = _("No deals yet. Import them, or add one from the page of a contact.")
    list_display = ("name", "contact", "company", "stage_shown", "amount", "owner", "closed_at")
    list_select_related = ("contact", "company", "stage")
    list_filter = (
        ("stage", RelatedDropdownFilter),
        ("product", RelatedDropdownFilter),
        ("campaign", AutocompleteSelectFilter),
        ("opened_at", DaysFilter),
        ("closed_at", DaysFilter),
    )
    search_fields = ("name", "contact__email_norm", "contact__last_name_norm", "company__name_norm")
    autocomplete_fields = ("contact", "company", "product", "campaign", "stage")
    readonly_fields = ("source", "external_id")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    "contact",
                    "company",
                    ("product", "campaign"),
                    ("stage", "owner"),
                    "amount",
                    "reason",
                    "opened_at",
                    "closed_at",
                ]
            },
        ),
        (_("Origin"), {"fields": [("source", "external_id")]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets if obj else self.fieldsets[:1]

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        initial = super().get_changeform_initial_data(request)
        return {"owner": request.user.get_username(), **initial}

    @column(
        _("stage"),
        ordering="stage",
        label={Stage.Outcome.WON: "success", Stage.Outcome.LOST: "danger"},
    )
    def stage_shown(self, deal: Deal) -> tuple[str, str]:
        return deal.stage.outcome, deal.stage.name
