"""The page of one scoring model: a frame with tabs, each of which registers itself.

A tab is a subclass of ``ModelPage``: its routes lie below the address of the model, and each
of its views gets the model that the address names.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import Promise

from contacts.admin.base import origin_of
from contacts.provenance import recorded_as
from scoring.criteria.models import ScoringModel

View = Callable[..., HttpResponse]
PAGES: Final[dict[str, "ModelPage"]] = {}


class ModelPage:
    """One tab. ``permission`` is what seeing it takes; views ask for more where they write.

    The address of a route is ``admin:scoring_scoringmodel_SLUG`` or, of one with a name,
    ``admin:scoring_scoringmodel_SLUG_NAME``; its first argument is the model's id.
    """

    slug: ClassVar[str]
    title: ClassVar[str | Promise]
    icon: ClassVar[str]
    order: ClassVar[int]
    permission: ClassVar[str] = "scoring.view_version"
    # Shown as a tab; what is not is reached from another page.
    is_tab: ClassVar[bool] = True

    def routes(self) -> list[tuple[str, str, View]]:
        """(route below the tab's address, name or "", view) of every view; the tab's page first."""
        raise NotImplementedError

    def may_see(self, request: HttpRequest, _model: ScoringModel) -> bool:
        return request.user.has_perm(self.permission)

    def note(self, _request: HttpRequest, _model: ScoringModel) -> str:
        """What stands beside the tab's title: a count of what waits; nothing where empty."""
        return ""

    def page(
        self, request: HttpRequest, model: ScoringModel, template: str, **facts: Any
    ) -> TemplateResponse:
        """A whole page inside the frame; ``template`` extends scoring/agreement/frame.html."""
        return TemplateResponse(request, template, context_of(request, model, self.slug) | facts)

    def address(self, model: ScoringModel, name: str = "", *more: Any) -> str:
        return address_of(self.slug, model, name, *more)


def address_of(slug: str, model: ScoringModel, name: str = "", *more: Any) -> str:
    view = "_".join(["admin:scoring_scoringmodel", slug, *([name] if name else [])])
    return reverse(view, args=[model.pk, *more])


def model_page(page: type[ModelPage]) -> type[ModelPage]:
    """Register a tab."""
    PAGES[page.slug] = page()
    return page


def context_of(request: HttpRequest, model: ScoringModel, slug: str) -> dict[str, Any]:
    """What every page of a model has, with its tabs."""
    return {
        **admin.site.each_context(request),
        "opts": ScoringModel._meta,
        "object": model,
        "model": model,
        "title": str(model),
        "tab": slug,
        "tabs": [
            (page, address_of(page.slug, model), page.note(request, model))
            for page in sorted(PAGES.values(), key=lambda page: page.order)
            if page.is_tab and page.may_see(request, model)
        ],
    }


def first_view(request: HttpRequest, model: ScoringModel) -> View | None:
    """What a model opens on: the first tab that this person may see."""
    for page in sorted(PAGES.values(), key=lambda page: page.order):
        if page.is_tab and page.may_see(request, model):
            return page.routes()[0][2]
    return None


def urls() -> list[Any]:
    """The addresses of every tab, for the admin of scoring models."""
    return [
        path(
            f"<int:model_id>/{page.slug}/{route}",
            admin.site.admin_view(guarded(page, view)),
            name="_".join(["scoring_scoringmodel", page.slug, *([name] if name else [])]),
        )
        for page in PAGES.values()
        for route, name, view in page.routes()
    ]


def guarded(page: ModelPage, view: View) -> View:
    """404 where there is no such model, 403 for whom the tab is not."""

    def shown(request: HttpRequest, model_id: int, **more: Any) -> HttpResponse:
        model = ScoringModel.objects.filter(pk=model_id).first()
        if model is None:
            raise Http404
        if not page.may_see(request, model):
            raise PermissionDenied
        with recorded_as(origin_of(request)):
            return view(request, model, **more)

    return shown
