"""E-mails that salespeople begin with: marketing and the sales manager write them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.widgets import UnfoldAdminTextareaWidget

from contacts.admin.base import RecordAdmin, column
from scoring.pipeline.leads.admin.writing import OFFERED
from scoring.pipeline.leads.models import EmailTemplate


@admin.register(EmailTemplate)
class EmailTemplateAdmin(RecordAdmin):
    empty_text = _(
        "No templates yet. Salespeople begin an e-mail with one on the page of a lead; write the "
        "first for what they write most often."
    )
    list_display = ("name", "subject", "language_shown", "team_shown")
    list_select_related = ("team",)
    list_filter = (("language", ChoicesDropdownFilter), ("team", RelatedDropdownFilter))
    search_fields = ("name", "subject", "text")
    fields = ("name", ("language", "team"), "subject", "text")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "text":
            options["widget"] = UnfoldAdminTextareaWidget({"rows": 12})
            names = " ".join(f"{{{{ {name} }}}}" for name in OFFERED)
            options["help_text"] = _(
                "Variables are filled in for each lead: %(names)s. After a bar stands what is "
                "taken where there is nothing: {{ contact.first_name | there }}."
            ) % {"names": names}
        return super().formfield_for_dbfield(db_field, request, **options)

    @column(_("language"), ordering="language")
    def language_shown(self, template: EmailTemplate) -> str:
        return template.get_language_display() or str(_("any"))

    @column(_("for the team"), ordering="team")
    def team_shown(self, template: EmailTemplate) -> str:
        return str(template.team or _("everybody"))
