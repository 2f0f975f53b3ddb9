"""Every manual band, standing or over: who gave it, why, and how it ended."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter

from contacts.admin.base import ReadOnlyAdmin, column
from contacts.admin.sections import moment
from contacts.models.teams import name_of
from scoring.automations.admin.crossings import lead_url
from scoring.pipeline.leads.manual import ManualBand


class StandingFilter(DropdownFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("standing", _("stands")), ("over", _("is over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        standing = ManualBand.objects.in_force(timezone.now()).values("pk")
        if self.value() == "standing":
            return queryset.filter(pk__in=standing)
        return queryset.exclude(pk__in=standing) if self.value() == "over" else queryset


@admin.register(ManualBand)
class ManualBandAdmin(ReadOnlyAdmin):
    empty_text = _(
        "Nobody has given a lead a band by hand yet. That is done on the page of a lead, by "
        "“Qualify by hand”."
    )
    list_display = ("set_at", "lead", "band", "reason", "given_by", "state_shown")
    list_select_related = ("contact", "set_by", "ended_by")
    list_filter = (StandingFilter, ("model", RelatedDropdownFilter))
    search_fields = (
        "contact__email_norm",
        "contact__first_name_norm",
        "contact__last_name_norm",
        "reason",
    )

    @column(_("lead"), ordering="contact__last_name_norm")
    def lead(self, manual: ManualBand) -> str:
        return format_html(
            '<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>',
            lead_url(manual.contact),
            manual.contact.full_name or manual.contact.email,
        )

    @column(_("set by"), ordering="set_by__username")
    def given_by(self, manual: ManualBand) -> str:
        return manual.giver

    @column(_("state"))
    def state_shown(self, manual: ManualBand) -> str:
        return state_of(manual)


def state_of(manual: ManualBand) -> str:
    """How long it stands, or how it ended, in words."""
    if manual.stands_at(timezone.now()):
        return until_of(manual)
    if manual.ended_by:
        said = gettext("ended on %(when)s by %(who)s")
        return said % {"when": moment(ended_at(manual)), "who": name_of(manual.ended_by)}
    return gettext("ran out on %(when)s") % {"when": moment(ended_at(manual))}


def ended_at(manual: ManualBand) -> Any:
    known = [at for at in (manual.ended_at, manual.ran_out_at) if at is not None]
    return min(known) if known else manual.set_at


def until_of(manual: ManualBand) -> str:
    if manual.until is None:
        return gettext("until somebody ends it")
    return gettext("until %(day)s") % {"day": date_format(manual.until, "DATE_FORMAT")}
