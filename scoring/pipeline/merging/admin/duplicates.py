"""The list of contacts that may be one person."""

from typing import Final

from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from contacts.models import NotDuplicate
from leadscoring.site import admin_page
from scoring.pipeline.merging.duplicates import WINDOW, look_through
from scoring.pipeline.merging.together import may_merge

DIGITS_MOST: Final = 9
APART_MOST: Final = 20


@admin_page("duplicates/", "pipeline_duplicates")
def duplicates(request: HttpRequest) -> HttpResponse:
    if not may_merge(request.user) or request.method not in ("GET", "HEAD"):
        raise PermissionDenied
    given = request.GET.get("from", "")
    start = int(given) if given.isdecimal() and len(given) <= DIGITS_MOST else None
    told_apart = NotDuplicate.objects.visible_to(request.user).select_related("first", "second")
    context = {
        **site.each_context(request),
        "title": gettext("Possible duplicates"),
        "found": look_through(request.user, start),
        "window": WINDOW,
        "is_first": start is None,
        "apart": told_apart.order_by("-pk")[:APART_MOST],
    }
    return TemplateResponse(request, "scoring/merging/duplicates.html", context)
