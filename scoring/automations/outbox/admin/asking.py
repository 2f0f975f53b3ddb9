"""A page that asks before something is done, and does it by POST alone."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache

View = Callable[..., HttpResponse]


def ask(
    request: HttpRequest,
    *,
    title: str,
    model: type[Model],
    text: str,
    button: str,
    back: str,
    allowed: bool,
    do: Callable[[], None],
    fields: dict[str, str] | None = None,
) -> HttpResponse:
    """GET asks, POST does; both are for those who may. ``fields`` are posted along."""
    if not allowed:
        raise PermissionDenied
    if request.method == "POST":
        do()
        return HttpResponseRedirect(back)
    facts = {"text": text, "button": button, "back": back, "fields": fields or {}}
    return page(request, "confirm", title, model, **facts)


def page(
    request: HttpRequest, name: str, title: str, model: type[Model], **facts: Any
) -> TemplateResponse:
    """One of our own pages, which stands below the list of a model."""
    own = {"title": title, "opts": model._meta}
    context = {**admin.site.each_context(request), **own, **facts}
    return TemplateResponse(request, f"scoring/outbox/{name}.html", context)


def guarded(view: View) -> View:
    return never_cache(admin.site.admin_view(view))
