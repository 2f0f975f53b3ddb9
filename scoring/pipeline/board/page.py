"""The board as a page, and what it asks for while it is open: further cards, and what changed."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET
from unfold.widgets import INPUT_CLASSES

from leadscoring.saved.menu import entries_of
from leadscoring.saved.models import NAME_MOST
from leadscoring.site import admin_page
from scoring.engine.admin.tracks import chosen_track
from scoring.pipeline.assigning.claiming import may_claim
from scoring.pipeline.board.bulk import KindForm, forms_for
from scoring.pipeline.board.cards import Board, Place, read_key
from scoring.pipeline.board.columns import columns_of, places_of, stamp_of
from scoring.pipeline.board.details import Shown, details
from scoring.pipeline.board.filters import NAMES, kept
from scoring.pipeline.board.models import SavedView
from scoring.pipeline.board.which import WhichForm, pipelines

ROUTE: Final = "pipeline/board/"
BOARD: Final = "admin:pipeline_board"
# So many cards are given at once where their keys are named.
KEYS_MOST: Final = 200
# An open board asks so often what changed, in milliseconds.
EVERY = 5000
# What came longer ago than that is no news any more, however long a board is open.
OPEN_MOST: Final = timedelta(days=1)


def board_of(request: HttpRequest) -> Board | None:
    """What the address asks for; None without a pipeline. Raises PermissionDenied and Http404."""
    if not (request.user.has_perm("contacts.view_deal") and sees_contacts(request)):
        raise PermissionDenied
    wanted = request.GET.get("pipeline", "")
    found = pipelines()
    if wanted:
        if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 10):
            raise Http404
        found = found.filter(pk=int(wanted))
    pipeline = found.order_by("pk").first()
    if wanted and pipeline is None:
        raise Http404
    return Board.of(request, pipeline, chosen_track(request)) if pipeline else None


def sees_contacts(request: HttpRequest) -> bool:
    return request.user.has_perm("contacts.view_contact")


def existing(board: Board | None) -> Board:
    if board is None:
        raise Http404
    return board


@admin_page(ROUTE, "pipeline_board")
@require_GET
def board_page(request: HttpRequest) -> HttpResponse:
    board = board_of(request)
    if not request.GET and (view := SavedView.objects.default_of(request.user)):
        return HttpResponseRedirect(view.address)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": gettext("Pipeline board"),
        "input_class": " ".join(INPUT_CLASSES),
        "board": board,
    }
    if board is not None:
        context |= {**of_board(board), **of_filters(board), **rights(request)}
    return TemplateResponse(request, "scoring/board/board.html", context)


def of_board(board: Board) -> dict[str, Any]:
    at = timezone.now()
    columns = columns_of(board, at)
    forms = forms_for(board)
    return {
        "opened": str(int(at.timestamp())),
        "columns": columns,
        "ends": board.ends,
        "stages": board.stages,
        "stamp": stamp_of(columns),
        "every": str(EVERY),
        "is_empty": not any(column.head.count for column in columns),
        "which": WhichForm(board),
        "kinds": KindForm(forms),
        "forms": forms,
    }


def of_filters(board: Board) -> dict[str, Any]:
    form = board.filter.shown
    query = kept(board.request.GET)
    views = list(SavedView.objects.visible_to(board.user).select_related("author"))
    first = SavedView.objects.default_of(board.user)
    return {
        "form": form,
        "is_filtered": any(board.given.get(name) for name in NAMES),
        "filters_set": sum(bool(board.given.get(name)) for name in NAMES),
        "query": query,
        "views": entries_of(views, first, board.user, lambda view: view.query == query),
        "name_most": NAME_MOST,
    }


def rights(request: HttpRequest) -> dict[str, bool]:
    user = request.user
    return {
        "may_move": user.has_perm("contacts.change_deal") and user.has_perm("contacts.add_deal"),
        "may_claim": may_claim(user),
        "may_task": user.has_perm("contacts.add_task"),
        "may_contact": user.has_perm("contacts.change_contact"),
    }


def cards_html(request: HttpRequest, board: Board, shown: list[Shown]) -> dict[str, str]:
    context = {"stages": board.stages, "columns": board.columns, **rights(request)}
    return {
        each.card.key: render_to_string(
            "scoring/board/card.html", {**context, "shown": each, "card": each.card}, request
        )
        for each in shown
    }


@admin_page(f"{ROUTE}column/<int:stage_id>/", "pipeline_board_column")
@require_GET
def column_view(request: HttpRequest, stage_id: int) -> HttpResponse:
    """The cards of a column below a place."""
    board = existing(board_of(request))
    stage = next((each for each in board.columns if each.pk == stage_id), None)
    after = Place.read(request.GET.get("after", ""))
    if stage is None or after is None:
        raise Http404
    places, next_place = places_of(board, stage, after=after)
    shown = details(board.standing(places), board.track, board.user, timezone.now())
    html = cards_html(request, board, shown)
    return JsonResponse({"cards": list(html.values()), "after": next_place})


@admin_page(f"{ROUTE}changes/", "pipeline_board_changes")
@require_GET
def changes_view(request: HttpRequest) -> HttpResponse:
    """What is in each column now, by keys and signs; nothing where that is what is shown."""
    board = existing(board_of(request))
    asked = {
        stage.pk: int(given)
        for stage in board.columns
        if (given := request.GET.get(f"n{stage.pk}", "")).isascii()
        and given.isdecimal()
        and len(given) < 6
    }
    at = timezone.now()
    columns = columns_of(board, at, asked, opened_at(request.GET.get("opened", ""), at))
    stamp = stamp_of(columns)
    if stamp == request.GET.get("stamp"):
        return HttpResponse(status=204)
    return JsonResponse({"stamp": stamp, "columns": [column.data() for column in columns]})


def opened_at(seconds: str, at: datetime) -> datetime | None:
    """When the asking board was opened, at most a day ago; None where that is not said."""
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 12):
        return None
    opened = datetime.fromtimestamp(int(seconds), UTC)
    return max(opened, at - OPEN_MOST)


@admin_page(f"{ROUTE}cards/", "pipeline_board_cards")
@require_GET
def cards_view(request: HttpRequest) -> HttpResponse:
    """The cards of these keys as they are now; those that are not there are left out."""
    board = existing(board_of(request))
    keys = [key for text in request.GET.getlist("key")[:KEYS_MOST] if (key := read_key(text))]
    shown = details(board.cards(keys), board.track, board.user, timezone.now())
    return JsonResponse({"cards": cards_html(request, board, shown)})
