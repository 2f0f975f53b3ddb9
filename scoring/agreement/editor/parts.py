"""Editing what is beside the groups of a draft."""

import hashlib

from django.http import Http404, HttpResponse
from django.utils.translation import gettext

from scoring.agreement.editor.cards import draft_catalogue
from scoring.agreement.editor.desk import Desk, Stale, at_the_desk, who_changed
from scoring.agreement.editor.part_forms import PARTS, Part
from scoring.criteria.canonical import canonical
from scoring.criteria.drafts import Draft


@at_the_desk("GET", "POST")
def edit(desk: Desk, name: str) -> HttpResponse:
    if name not in PARTS:
        raise Http404
    kind, post = PARTS[name], desk.request.POST
    if desk.request.method == "GET":
        part = kind(desk.draft, draft_catalogue(desk.draft))
        return shown(desk, part, stamp=stamp_of(kind, desk.draft))
    part = kind(desk.draft, draft_catalogue(desk.draft), post)
    if not part.check():
        return shown(desk, part, is_wrong=True, stamp=post.get("stamp", ""))
    try:
        with desk.change("part_changed", slot=part.slot, part=name) as detail:
            if stamp_of(kind, desk.draft) != post.get("stamp"):
                raise Stale
            detail |= {"before": kind.stored(desk.draft), "after": part.data()}
            part.store(desk.draft)
    except Stale:
        desk.draft.refresh_from_db()
        facts = {"who": who_changed(desk.model, part.slot), "stamp": stamp_of(kind, desk.draft)}
        return shown(desk, part, is_wrong=True, theirs=True, **facts)
    # Who is scored at all, and what counts as success, changes every number.
    touched = {part.slot, "*"} if name in ("audience", "objective") else {part.slot}
    return desk.board(gettext("Saved."), touched=touched, focus=f"edit-{part.slot}")


def shown(desk: Desk, part: Part, *, is_wrong: bool = False, **facts: object) -> HttpResponse:
    return desk.form(part.template, part.slot, is_wrong=is_wrong, part=part, **facts)


def stamp_of(kind: type[Part], draft: Draft) -> str:
    """Differs where somebody else has stored something else."""
    return hashlib.sha256(canonical({"stored": kind.stored(draft)})).hexdigest()[:16]
