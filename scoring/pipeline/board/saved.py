"""Filters under a name: saved, renamed, shared, opened at first, deleted."""

from collections.abc import Mapping
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from leadscoring.saved.pages import (
    Deed,
    Refused,
    delete,
    do,
    given_name,
    rename,
    shown_again,
    whole,
)
from leadscoring.site import admin_page
from scoring.pipeline.board.filters import kept
from scoring.pipeline.board.models import EVERYTHING, SavedView
from scoring.pipeline.board.page import BOARD, ROUTE, board_of, existing


def to(query: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse(BOARD)}?{query or EVERYTHING}")


@admin_page(f"{ROUTE}views/", "pipeline_board_save")
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """The filters that the address has, as a view of this person's; one of its name is replaced."""
    board = existing(board_of(request))
    query = kept(QueryDict(request.POST.get("query", "")))
    try:
        name, query = given_name(request), whole(query)
    except Refused as refused:
        messages.error(request, str(refused))
        return to(shown_again(query))
    is_shared = "is_shared" in request.POST
    _view, is_new = SavedView.objects.update_or_create(
        author=board.user, name=name, defaults={"query": query, "is_shared": is_shared}
    )
    if is_new:
        said = gettext("The view “%(name)s” is saved.")
    else:
        said = gettext("“%(name)s” has these filters now.")
    messages.success(request, said % {"name": name})
    return to(query)


@admin_page(f"{ROUTE}views/<int:view_id>/<slug:deed>/", "pipeline_board_view")
@require_POST
def change_view(request: HttpRequest, view_id: int, deed: str) -> HttpResponse:
    board = existing(board_of(request))
    view = get_object_or_404(SavedView.objects.visible_to(board.user), pk=view_id)
    do(request, view, DEEDS, deed)
    return to(view.query if view.pk else "")


def begin(request: HttpRequest, view: SavedView) -> str:
    view.begin_with(request.user)
    return gettext("From now on your board opens with “%(name)s”.")


def forget(request: HttpRequest, view: SavedView) -> str:
    view.begin_without(request.user)
    return gettext("From now on your board opens with everything.")


DEEDS: Final[Mapping[str, Deed[SavedView]]] = {
    "rename": rename,
    "delete": delete,
    "begin": begin,
    "forget": forget,
}
