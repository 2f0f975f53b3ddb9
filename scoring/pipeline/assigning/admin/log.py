"""How each lead got its owner: the list of all, and a table on the page of a lead."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from contacts.admin.base import ReadOnlyAdmin, Section, column, page_of
from contacts.admin.filters import DaysFilter, NormalisedFilter
from contacts.admin.sections import moment
from contacts.models import Assignment
from contacts.models.teams import name_of
from contacts.normalise import normalise
from scoring.engine.admin.more import lead_section
from scoring.engine.leads import Lead
from scoring.pipeline.assigning.claiming import may_claim


class NewOwnerFilter(NormalisedFilter):
    title = _("owner's user name")
    parameter_name = "owner_name"
    column = "owner_norm"


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    empty_text = _("No lead has changed its owner yet.")
    list_display = ("lead", "before_shown", "owner_shown", "came", "who", "when")
    list_select_related = ("contact", "by")
    list_filter = (("how", ChoicesDropdownFilter), NewOwnerFilter, ("at", DaysFilter))
    search_fields = ("contact__email_norm", "contact__last_name_norm", "owner_norm")
    fields = ("lead", "before_shown", "owner_shown", "came", "who", "when")

    @column(_("lead"))
    def lead(self, line: Assignment) -> str:
        return str(line.contact)

    @column(_("before"), ordering="before")
    def before_shown(self, line: Assignment) -> str:
        return line.before or gettext("the pool")

    @column(_("owner"), ordering="owner_norm")
    def owner_shown(self, line: Assignment) -> str:
        return line.owner or gettext("the pool")

    @column(_("how"))
    def came(self, line: Assignment) -> str:
        return line.in_words()

    @column(_("by"))
    def who(self, line: Assignment) -> str:
        return name_of(line.by) if line.by else ""

    @column(_("at"), ordering="at")
    def when(self, line: Assignment) -> str:
        return moment(line.at)


@lead_section
def how_it_got_its_owner(lead: Lead, request: HttpRequest) -> Section | None:
    if not request.user.has_perm("contacts.view_assignment"):
        return None
    lines = Assignment.objects.filter(contact=lead.pk).select_related("by")
    page = page_of(lines, request, "owners")
    is_own = lead.owner_norm == normalise(request.user.get_username())
    gives_back = is_own and may_claim(request.user)
    rows: list[list[Any]] = [
        [
            moment(line.at),
            line.before or gettext("the pool"),
            line.owner or gettext("the pool"),
            line.in_words(),
            name_of(line.by) if line.by else "",
        ]
        for line in page
    ]
    return Section(
        parameter="owners",
        title=gettext("Owners so far"),
        headers=[
            gettext("when"),
            gettext("before"),
            gettext("owner"),
            gettext("how"),
            gettext("by"),
        ],
        page=page,
        rows=rows,
        empty=gettext("The owner has never changed."),
        add_url=reverse("admin:pipeline_give_back", args=[lead.pk]) if gives_back else "",
        add_label=gettext("Give back to the pool"),
    )
