"""The versions of a model, newest first, with what became of each."""

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scoring.agreement.admin.hub import ModelPage, View, model_page
from scoring.criteria.models import ScoringModel


@model_page
class VersionsPage(ModelPage):
    slug: ClassVar[str] = "versions"
    title: ClassVar[str | Promise] = _("Versions")
    icon: ClassVar[str] = "history_edu"
    order: ClassVar[int] = 60

    def routes(self) -> list[tuple[str, str, View]]:
        return [("", "", self.versions)]

    def versions(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        return self.page(
            request, model, "scoring/agreement/versions.html", versions=model.versions.all()
        )
