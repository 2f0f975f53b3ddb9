"""The list of scoring models; each opens on the first tab that a person may see."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from scoring.agreement.admin import hub
from scoring.agreement.admin.columns import ModelColumns
from scoring.agreement.editor import beginning
from scoring.criteria.models import ScoringModel


@admin.register(ScoringModel)
class AgreedModelAdmin(ModelColumns):
    def get_urls(self) -> list[Any]:
        return [*hub.urls(), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(beginning.BEGIN)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return beginning.new_model(request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        model: Any = self.get_object(request, unquote(object_id))
        first = hub.first_view(request, model)
        if first is None:
            raise PermissionDenied
        return first(request, model)
