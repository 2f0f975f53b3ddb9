"""Filters under a name: saved, renamed, shared, opened at first, deleted."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from leadscoring.site import admin_page
from scoring.pipeline.board.cards import Board
from scoring.pipeline.board.filters import kept
from scoring.pipeline.board.models import NAME_MOST, QUERY_MOST, SavedView
from scoring.pipeline.board.page import BOARD, EVERYTHING, ROUTE, board_of, existing, may_change


def to(query: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse(BOARD)}?{query or EVERYTHING}")


def given_name(request: HttpRequest) -> str:
    return " ".join(request.POST.get("name", "").replace("\0", "").split())[:NAME_MOST]


@admin_page(f"{ROUTE}views/", "pipeline_board_save")
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """The filters that the address has, as a view of this person's; one of its name is replaced."""
    board = existing(board_of(request))
    query = kept(QueryDict(request.POST.get("query", "")[:QUERY_MOST]))
    name = given_name(request)
    if not name:
        messages.error(request, gettext("Give the view a name."))
        return to(query)
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
    if deed not in DEEDS:
        raise Http404
    DEEDS[deed](request, board, view)
    return to(view.query if view.pk else "")


def rename(request: HttpRequest, board: Board, view: SavedView) -> None:
    if not may_change(view, board):
        raise PermissionDenied
    name = given_name(request)
    if not name:
        messages.error(request, gettext("Give the view a name."))
        return
    view.name, view.is_shared = name, "is_shared" in request.POST
    try:
        with transaction.atomic():
            view.save(update_fields=["name", "is_shared"])
    except IntegrityError:
        messages.error(request, gettext("There is a view of this name already."))
    else:
        messages.success(request, gettext("The view is called “%(name)s” now.") % {"name": name})


def delete(request: HttpRequest, board: Board, view: SavedView) -> None:
    if not may_change(view, board):
        raise PermissionDenied
    name = view.name
    view.delete()
    messages.success(request, gettext("The view “%(name)s” is deleted.") % {"name": name})


def begin(request: HttpRequest, board: Board, view: SavedView) -> None:
    view.begin_with(board.user)
    said = gettext("From now on your board opens with “%(name)s”.")
    messages.success(request, said % {"name": view.name})


def forget(request: HttpRequest, board: Board, view: SavedView) -> None:
    view.begins_for.remove(board.user.pk)
    messages.success(request, gettext("From now on your board opens with everything."))


DEEDS = {"rename": rename, "delete": delete, "begin": begin, "forget": forget}
