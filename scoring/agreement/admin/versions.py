"""The pages of versions, with what the agreement knows of them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import column
from scoring.agreement.admin.shown import talk
from scoring.agreement.periods import periods
from scoring.agreement.sides import Side
from scoring.criteria.models import Version
from scoring.engine.admin.versions import LiveVersionAdmin


@admin.register(Version)
class AgreedVersionAdmin(LiveVersionAdmin):
    list_display: Any = (
        "name",
        "state_shown",
        "signed_by",
        "live_since",
        "rules",
        "bands_shown",
        "short_hash",
        "created_at",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return (
            super()
            .get_queryset(request)
            .prefetch_related("proposals__proposed_by", "proposals__signatures__user")
        )

    @column(_("signed by"))
    def signed_by(self, version: Any) -> str:
        return ", ".join(each.who for each in standing_signatures(version))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        if isinstance(response, TemplateResponse):
            response.template_name = "scoring/agreement/version.html"
        return response

    def page(self, version: Any) -> dict[str, Any]:
        sides = {each.side for each in standing_signatures(version)}
        return {
            **super().page(version),
            "proposals": version.proposals.all(),
            "is_signed": sides == set(Side.values),
            "periods": periods([version.model]).get(version.pk, []),
            **talk(version),
        }


def standing_signatures(version: Version) -> list[Any]:
    return [
        signature
        for proposal in version.proposals.all()
        if proposal.withdrawn_at is None
        for signature in proposal.signatures.all()
        if signature.void_at is None
    ]
