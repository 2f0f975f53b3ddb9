"""Scoring models and their versions, to read: what was agreed, in words."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from contacts.admin.base import ReadOnlyAdmin, column
from contacts.admin.people import MORE_FILTERS
from contacts.numerals import signed
from scoring.criteria import condition_views, yaml
from scoring.criteria.differences import (
    audience,
    bands,
    differences,
    limits,
    objective,
)
from scoring.criteria.document import ModelDocument, Rule
from scoring.criteria.models import ScoringModel, Version
from scoring.criteria.operators.base import in_full
from scoring.criteria.segment_filter import SegmentFilter

NO_MODEL = _(
    "No scoring model yet. Load one: “manage.py load_model --template b2b_starter --activate”."
)
MORE_FILTERS.append(SegmentFilter)
STATES = {Version.State.LIVE: "success", Version.State.DRAFT: "info"}


class ScoringModelAdmin(ReadOnlyAdmin):
    """The list of models; the agreement registers it, and knows their pages."""

    empty_text = NO_MODEL
    list_display = ("name", "live_version", "versions_shown", "created_at")
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> Any:
        found = super().get_queryset(request).annotate(version_count=Count("versions"))
        return found.prefetch_related("versions")

    @column(_("live version"))
    def live_version(self, model: ScoringModel) -> str:
        live = [one for one in model.versions.all() if one.state == Version.State.LIVE]
        return (
            link(live[0], gettext("version %(number)d") % {"number": live[0].number})
            if live
            else ""
        )

    @column(_("versions"), ordering="version_count")
    def versions_shown(self, model: Any) -> int:
        count: int = model.version_count
        return count


class VersionAdmin(ReadOnlyAdmin):
    """The pages of versions, but for what only the engine knows: it registers them."""

    empty_text = NO_MODEL
    list_display: Any = ("name", "state_shown", "rules", "bands_shown", "short_hash", "created_at")
    list_select_related = ("model",)
    list_filter = (("model", RelatedDropdownFilter), ("state", ChoicesDropdownFilter))
    search_fields = ("model__name", "hash")

    def get_urls(self) -> list[Any]:
        download = self.admin_site.admin_view(self.download)
        tree = self.admin_site.admin_view(condition_views.reshape)
        values = self.admin_site.admin_view(condition_views.values)
        return [
            path("conditions/tree/", tree, name="scoring_condition_tree"),
            path("conditions/values/", values, name="scoring_condition_values"),
            path("<path:object_id>/yaml/", download, name="scoring_version_yaml"),
            *super().get_urls(),
        ]

    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The document as a YAML file, which ``load_model`` reads back."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        version: Any = self.get_object(request, unquote(object_id))
        name = f"{slugify(version.model.name) or 'model'}-{version.number}.yaml"
        return HttpResponse(
            yaml.write(version.document_value),
            content_type="application/yaml; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        version: Any = self.get_object(request, unquote(object_id))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "object": version,
            "title": str(version),
            "media": self.media,
            **self.page(version),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "scoring/version.html", context)

    def page(self, version: Version) -> dict[str, Any]:
        former = version.model.versions.filter(number__lt=version.number).first()
        return {
            "version": version,
            "yaml_url": reverse("admin:scoring_version_yaml", args=[version.pk]),
            "former": former,
            "differences": differences(former.document_value, version.document_value)
            if former
            else [],
            **in_words(version.document_value),
        }

    @column(_("version"), ordering="number")
    def name(self, version: Version) -> str:
        return str(version)

    @column(_("state"), ordering="state", label=STATES)
    def state_shown(self, version: Version) -> tuple[str, str]:
        return version.state, version.get_state_display()

    @column(_("rules"))
    def rules(self, version: Version) -> int:
        return len(version.document_value.rules)

    @column(_("bands"))
    def bands_shown(self, version: Version) -> str:
        return bands(version.document_value)

    @column(_("hash"))
    def short_hash(self, version: Version) -> str:
        return version.hash[:12]


def in_words(document: ModelDocument) -> dict[str, Any]:
    with in_full():
        return parts_in_words(document)


def parts_in_words(document: ModelDocument) -> dict[str, Any]:
    return {
        "document": document,
        "audience": audience(document),
        "objective": objective(document.objective),
        "limits": limits(document.limits),
        "groups": [
            {
                "name": group.name,
                "dimension": gettext("Fit") if group.dimension == "fit" else gettext("Interest"),
                "limits": limits(group.limits),
                "rules": [
                    (rule, points(rule), rule.sentence(document.catalogue)) for rule in group.rules
                ],
            }
            for group in document.groups
        ],
    }


def points(rule: Rule) -> str:
    return gettext("excludes") if rule.exclude else signed(rule.points)


def link(version: Version, text: str) -> str:
    return format_html(
        '<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>',
        reverse("admin:scoring_version_change", args=[version.pk]),
        text,
    )
