"""What is done on the board by POST: cards are moved, taken from the pool, and changed in bulk."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from contacts.models import Contact
from leadscoring.site import admin_page
from scoring.pipeline.assigning.claiming import Claim, within_reach
from scoring.pipeline.assigning.claiming import NotPossible as NotClaimed
from scoring.pipeline.board.bulk import FORMS, move
from scoring.pipeline.board.cards import Board, read_key
from scoring.pipeline.board.moving import Gone, Moved, NotPossible
from scoring.pipeline.board.page import KEYS_MOST, ROUTE, board_of, existing

logger = logging.getLogger(__name__)


def told(message: str, status: int = 200, **facts: Any) -> JsonResponse:
    return JsonResponse({"said": message, **facts}, status=status)


def refused(request: HttpRequest, what: str, error: Exception) -> JsonResponse:
    """Nothing was changed. Who asks for what they may not see leaves a line in the log."""
    if isinstance(error, NotPossible | NotClaimed):
        return told(str(error), 409)
    logger.warning("board: %s asked for %s, which they do not see", request.user.pk, what)
    return told(str(error), 404)


@admin_page(f"{ROUTE}move/", "pipeline_board_move")
@require_POST
def move_view(request: HttpRequest) -> HttpResponse:
    """One card into a stage; ``seen`` is the stage in which the person saw it."""
    board = existing(board_of(request))
    key, stage = read_key(request.POST.get("key", "")), stage_of(board, request.POST.get("stage"))
    seen = stage_of(board, request.POST.get("seen"))
    if key is None or stage is None or seen is None:
        raise Http404
    reason = request.POST.get("reason")
    reason = None if reason is None else reason.replace("\0", "").strip()
    try:
        moved: Moved = move(*key, stage, seen.pk, board.user, reason)
    except (NotPossible, Gone) as error:
        return refused(request, request.POST["key"], error)
    undo = moved.before and {
        "key": f"d{moved.deal.pk}",
        "stage": moved.before,
        "seen": stage.pk,
        "reason": moved.reason,
    }
    return told(moved.message, key=f"d{moved.deal.pk}", undo=undo)


def stage_of(board: Board, text: str | None) -> Any:
    """A stage of the board by its id; None for what is none."""
    return next((stage for stage in board.stages if str(stage.pk) == text), None)


@admin_page(f"{ROUTE}claim/", "pipeline_board_claim")
@require_POST
def claim_view(request: HttpRequest) -> HttpResponse:
    """A lead of the pool becomes this person's; of two at once one is told who has it."""
    board = existing(board_of(request))
    text = request.POST.get("contact", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Http404
    contact = within_reach(board.user).filter(pk=int(text)).first()
    try:
        if contact is None:
            raise Gone
        claimed = Claim(contact, board.user).execute()
    except Contact.DoesNotExist:
        return refused(request, f"contact {text}", Gone())
    except (NotClaimed, Gone) as error:
        return refused(request, f"contact {text}", error)
    return told(claimed.message)


@admin_page(f"{ROUTE}bulk/", "pipeline_board_bulk")
@require_POST
def bulk_view(request: HttpRequest) -> HttpResponse:
    """One thing for all ticked cards; those that this person does not see are left alone."""
    board = existing(board_of(request))
    kind = request.POST.get("kind", "")
    if kind not in FORMS:
        raise Http404
    texts = set(request.POST.getlist("key"))
    if not texts or len(texts) > KEYS_MOST:
        said = ngettext(
            "Tick at least one card, and at most %(most)d.",
            "Tick at least one card, and at most %(most)d.",
            KEYS_MOST,
        )
        return told(said % {"most": KEYS_MOST}, 400)
    form = FORMS[kind](board, request.POST)
    if not form.may():
        raise PermissionDenied
    if not form.is_valid():
        faults = [text for faults in form.errors.values() for text in faults]
        return told(" ".join(str(text) for text in faults), 400)
    keys = [key for text in sorted(texts) if (key := read_key(text))]
    cards = board.cards(keys)
    missing = len(texts) - len(cards)
    if missing:
        logger.warning("board: %s ticked %d cards that they do not see", board.user.pk, missing)
    outcome = form.run(cards, missing)
    return told(outcome.message, undo=outcome.undo or None)
