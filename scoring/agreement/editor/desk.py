"""What every view of the editor does: find the draft, change it once, show what became of it.

A change is one transaction: the draft is locked, its rows are written, its revision counts it
and the audit trail says what it was. The answer is the whole board; forms that are open on it
stay as they are, but for the one that was saved.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from unfold.widgets import INPUT_CLASSES, SELECT_CLASSES

from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.editor.cards import Board
from scoring.agreement.editor.rule_form import KINDS
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel

INPUT: Final = " ".join(INPUT_CLASSES)
SELECT: Final = " ".join(SELECT_CLASSES)
CHANGE: Final = "scoring.change_draft"
# So many numbers are asked for at once.
CHUNK: Final = 20
EVERYTHING: Final = frozenset({"*"})

View = Callable[..., HttpResponse]


class Refused(Exception):
    """A change that cannot be made, with the words for it; nothing was stored."""


class Stale(Exception):
    """Somebody else has changed the same thing since it was looked at; nothing was stored."""


@dataclass
class Desk:
    """A person at the draft of a model."""

    request: HttpRequest
    model: ScoringModel
    draft: Draft

    @contextmanager
    def change(self, what: str, **detail: Any) -> Iterator[dict[str, Any]]:
        """One change, all of it or nothing; what is put into the detail goes to the trail."""
        with self.draft.changing():
            yield detail
            detail["entry"] = AuditEntry.objects.note(
                self.request.user, self.model, Action.DRAFT_CHANGED, change=what, **detail
            )

    # --- Answers -----------------------------------------------------------------------------

    def board(
        self,
        said: str = "",
        *,
        undo: AuditEntry | None = None,
        touched: Collection[str] = (),
        focus: str = "",
        is_wrong: bool = False,
    ) -> HttpResponse:
        """The board anew. ``touched``: the slots whose form is closed and numbers are stale."""
        facts = board_facts(self.request, self.draft, touched)
        facts |= {"said": said, "undo": undo, "focus": focus, "said_is_wrong": is_wrong}
        return TemplateResponse(self.request, "scoring/editor/answer.html", self.facts() | facts)

    def form(
        self, template: str, slot: str, *, is_wrong: bool = False, **facts: Any
    ) -> HttpResponse:
        """A form in its slot."""
        classes = {"input_classes": INPUT, "select_classes": SELECT}
        context = self.facts() | classes | {"slot": slot, "address": self.request.path} | facts
        answer = TemplateResponse(self.request, f"scoring/editor/{template}.html", context)
        if is_wrong:
            answer["HX-Retarget"] = f"#slot-{slot}"
            answer["HX-Reswap"] = "innerHTML"
        return answer

    def facts(self) -> dict[str, Any]:
        return {"model": self.model, "draft": self.draft, "may_change": may_change(self.request)}


def may_change(request: HttpRequest) -> bool:
    return request.user.has_perm(CHANGE)


def board_facts(
    request: HttpRequest, draft: Draft, touched: Collection[str] = EVERYTHING
) -> dict[str, Any]:
    board = Board.of(draft)
    stale = [
        str(card.row.pk)
        for card in board.cards()
        if card.is_counted and ("*" in touched or card.slot in touched)
    ]
    return {
        "board": board,
        "touched": touched,
        "all_touched": "*" in touched,
        "chunks": [",".join(stale[at : at + CHUNK]) for at in range(0, len(stale), CHUNK)],
        "kinds": [(kind, title, icon) for kind, (title, icon) in KINDS.items()],
    }


def at_the_desk(*methods: str) -> Callable[[View], View]:
    """A view of somebody who may change the draft; 405 for other methods than these."""

    def decorated(view: View) -> View:
        @wraps(view)
        def shown(request: HttpRequest, model: ScoringModel, **more: Any) -> HttpResponse:
            if not may_change(request):
                raise PermissionDenied
            if request.method not in methods:
                return HttpResponse(status=405)
            draft = Draft.objects.select_related("model").filter(model=model).first()
            if draft is None:
                return gone()
            desk = Desk(request, model, draft)
            try:
                return view(desk, **more)
            except Draft.DoesNotExist:
                return gone()
            except Refused as refused:
                draft.refresh_from_db()
                return desk.board(str(refused), is_wrong=True)

        return shown

    return decorated


def gone() -> HttpResponse:
    """The draft was discarded meanwhile: the page is loaded anew, and says so."""
    answer = HttpResponse(gettext("The draft has been discarded meanwhile."))
    answer["HX-Refresh"] = "true"
    return answer


def who_changed(model: ScoringModel, slot: str) -> str:
    """Who changed the thing of that slot last; the product's words where nobody is known."""
    entry = (
        AuditEntry.objects.filter(model=model, detail__slot=slot).order_by("-pk").first()
    )  # fmt: skip
    return entry.username if entry and entry.username else gettext("Somebody else")
