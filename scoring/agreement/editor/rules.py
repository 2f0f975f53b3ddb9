"""Adding, editing, moving, copying and deleting the rules of a draft."""

from typing import Any, Final

from django.http import Http404, HttpResponse
from django.utils.translation import gettext

from scoring.agreement.admin.hub import address_of
from scoring.agreement.audit import AuditEntry
from scoring.agreement.editor.cards import draft_catalogue, rule_card
from scoring.agreement.editor.desk import Desk, Refused, Stale, at_the_desk, who_changed
from scoring.agreement.editor.rule_form import KINDS, SLIDER, RuleForm
from scoring.criteria.draft_rows import Data, DraftGroup, DraftRule
from scoring.criteria.drafts import Draft

Kept = dict[str, Any]
# An id has fewer.
DIGITS: Final = 19


def rules_of(draft: Draft) -> Any:
    return DraftRule.objects.filter(group__draft=draft).select_related("group")


def group_of(draft: Draft, pk: int) -> DraftGroup:
    group = DraftGroup.objects.filter(draft=draft, pk=pk).first()
    if group is None:
        raise Refused(gettext("This group has been deleted meanwhile."))
    return group


def rule_of(draft: Draft, pk: int) -> DraftRule:
    rule: DraftRule | None = rules_of(draft).filter(pk=pk).first()
    if rule is None:
        raise Refused(gettext("This rule has been deleted meanwhile."))
    return rule


def known(kind: str) -> str:
    if kind not in KINDS:
        raise Http404
    return kind


# --- Forms -----------------------------------------------------------------------------------


def shown(desk: Desk, form: RuleForm, *, is_wrong: bool = False, **facts: Any) -> HttpResponse:
    return desk.form("rule_form", form.slot, is_wrong=is_wrong, form=form, slider=SLIDER, **facts)


@at_the_desk("GET", "POST")
def add(desk: Desk, group_id: int, kind: str) -> HttpResponse:
    """The form of a new rule of a group, and the rule made from it."""
    slot = f"add{group_id}"
    catalogue = draft_catalogue(desk.draft)
    facts: Kept = {"group_id": group_id, "stamp": ""}
    known(kind)
    if desk.request.method == "GET":
        group_of(desk.draft, group_id)
        return shown(desk, RuleForm.blank(slot, kind, catalogue), **facts)
    form = RuleForm.of_post(slot, kind, desk.request.POST, catalogue)
    data = form.check()
    if data is None or is_taken(desk.draft, form, data["name"]):
        return shown(desk, form, is_wrong=True, **facts)
    with desk.change("rule_added", name=data["name"], after=data) as detail:
        rule = desk.draft.add_rule(group_of(desk.draft, group_id), data, form.note)
        detail["slot"] = f"rule{rule.pk}"
    said = gettext("“%(name)s” is added.") % {"name": rule.name}
    return desk.board(said, touched={slot, f"rule{rule.pk}"}, focus=f"add{group_id}-{kind}")


@at_the_desk("GET", "POST")
def edit(desk: Desk, rule_id: int) -> HttpResponse:
    """The form of a rule, and the rule changed by it."""
    catalogue = draft_catalogue(desk.draft)
    slot = f"rule{rule_id}"
    row = rules_of(desk.draft).filter(pk=rule_id).first()
    if desk.request.method == "GET":
        if row is None:
            raise Refused(gettext("This rule has been deleted meanwhile."))
        form = RuleForm.of_data(slot, row.as_data(), row.note, catalogue)
        return shown(desk, form, **editing(row))
    if row is None:
        return again_as_new(desk, slot)
    kind = next((each for each in KINDS if each in row.test), "when")
    form = RuleForm.of_post(slot, kind, desk.request.POST, catalogue, row.test)
    data = form.check()
    if data is None or is_taken(desk.draft, form, data["name"], rule_id):
        return shown(desk, form, is_wrong=True, **editing(row, desk.request.POST.get("stamp", "")))
    return save(desk, form, data, rule_id)


def editing(row: DraftRule, stamp: str | None = None) -> Kept:
    return {
        "row": row,
        "stamp": str(row.revision) if stamp is None else stamp,
    }


def save(desk: Desk, form: RuleForm, data: Data, rule_id: int) -> HttpResponse:
    """Store it, unless somebody else was faster: then say what they have made of it."""
    try:
        with desk.change("rule_changed", slot=form.slot, name=data["name"], after=data) as detail:
            row = rule_of(desk.draft, rule_id)
            if str(row.revision) != desk.request.POST.get("stamp"):
                raise Stale
            detail["before"] = row.as_data()
            # Blanks that nobody sees are not taken away in passing.
            name = row.name if data["name"] == row.name.strip() else data["name"]
            row.take(data | {"name": name, "note": form.note, "enabled": row.enabled})
            row.revision += 1
            row.save()
    except Stale:
        return conflict(desk, form, rule_of(desk.draft, rule_id))
    said = gettext("“%(name)s” is saved.") % {"name": row.name}
    return desk.board(said, touched={form.slot}, focus=f"edit-{form.slot}")


def conflict(desk: Desk, form: RuleForm, row: DraftRule) -> HttpResponse:
    """What was typed stays; saving once more overwrites what the other has saved."""
    theirs = rule_card(row, form.catalogue)
    who = who_changed(desk.model, form.slot)
    return shown(desk, form, is_wrong=True, theirs=theirs, who=who, **editing(row))


def again_as_new(desk: Desk, slot: str) -> HttpResponse:
    """A rule that somebody deleted while it was edited: what was typed may become a new one."""
    post = desk.request.POST
    group = desk.draft.groups.filter(pk=number(post.get("group"))).first()
    if group is None or "kept" in post:
        raise Refused(gettext("This rule has been deleted meanwhile."))
    kind = known(post.get("kind", ""))
    form = RuleForm.of_post(slot, kind, post, draft_catalogue(desk.draft))
    facts: Kept = {"stamp": "", "group_id": group.pk, "is_gone": True}
    address = address_of("criteria", desk.model, "add_rule", group.pk, kind)
    return shown(desk, form, is_wrong=True, address=address, **facts)


def is_taken(draft: Draft, form: RuleForm, name: str, own: int = 0) -> bool:
    """Whether another rule has the name; the form says so then."""
    others = rules_of(draft).exclude(pk=own).filter(name=name)
    if others.exists():
        form.worth.add_error("name", gettext("Another rule of this model has this name already."))
        return True
    return False


def number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < DIGITS else 0


# --- Deeds -----------------------------------------------------------------------------------


@at_the_desk("POST")
def do(desk: Desk, rule_id: int, deed: str) -> HttpResponse:
    if deed not in DEEDS:
        raise Http404
    return DEEDS[deed](desk, rule_id)


def move(desk: Desk, rule_id: int, step: int) -> HttpResponse:
    """One place up or down within the group; at its end nothing happens."""
    with desk.change("rule_moved") as detail:
        rule = rule_of(desk.draft, rule_id)
        rows = list(rule.group.rules.all())
        at = [row.pk for row in rows].index(rule.pk)
        to = min(max(at + step, 0), len(rows) - 1)
        rest = [row for row in rows if row.pk != rule.pk]
        desk.draft.place_rule(rule, rule.group, rest[to] if to < len(rest) else None)
        detail |= {"name": rule.name, "group": rule.group.name}
    arrow = "up" if step < 0 else "down"
    said = gettext("“%(name)s” is now number %(place)d of “%(group)s”.") % {
        "name": rule.name,
        "place": to + 1,
        "group": rule.group.name,
    }
    return desk.board(said, focus=f"{arrow}-rule{rule_id}")


def up(desk: Desk, rule_id: int) -> HttpResponse:
    return move(desk, rule_id, -1)


def down(desk: Desk, rule_id: int) -> HttpResponse:
    return move(desk, rule_id, 1)


def put(desk: Desk, rule_id: int) -> HttpResponse:
    """Into a group, before one of its rules or as its last one: what was dragged, or chosen."""
    post = desk.request.POST
    with desk.change("rule_moved") as detail:
        rule = rule_of(desk.draft, rule_id)
        group = group_of(desk.draft, number(post.get("group")))
        before = number(post.get("before"))
        follower = group.rules.exclude(pk=rule.pk).filter(pk=before).first()
        if before and follower is None:
            raise Refused(gettext("Somebody else has moved the rules meanwhile; look again."))
        desk.draft.place_rule(rule, group, follower)
        detail |= {"name": rule.name, "group": group.name}
    said = gettext("“%(name)s” is moved to “%(group)s”.") % {
        "name": rule.name,
        "group": group.name,
    }
    return desk.board(said, focus=f"edit-rule{rule_id}")


def switch(desk: Desk, rule_id: int) -> HttpResponse:
    with desk.change("rule_switched", slot=f"rule{rule_id}") as detail:
        rule = rule_of(desk.draft, rule_id)
        rule.enabled = not rule.enabled
        rule.revision += 1
        rule.save(update_fields=["enabled", "revision"])
        detail |= {"name": rule.name, "enabled": rule.enabled}
    on = gettext("“%(name)s” is on again.")
    off = gettext("“%(name)s” is off: it stays here, and is no part of what is proposed.")
    said = (on if rule.enabled else off) % {"name": rule.name}
    return desk.board(said, touched={f"rule{rule_id}"}, focus=f"switch-rule{rule_id}")


def delete(desk: Desk, rule_id: int) -> HttpResponse:
    with desk.change("rule_deleted", slot=f"rule{rule_id}") as detail:
        rule = rule_of(desk.draft, rule_id)
        detail |= {"name": rule.name, "group": rule.group.name, "before": rule.snapshot()}
        follower = rule.group.rules.filter(position__gt=rule.position).first()
        detail |= {"group_id": rule.group_id, "follower": follower.pk if follower else None}
        rule.delete()
    said = gettext("“%(name)s” is deleted.") % {"name": detail["name"]}
    return desk.board(said, undo=detail["entry"], focus="editor-undo")


def duplicate(desk: Desk, rule_id: int) -> HttpResponse:
    with desk.change("rule_added") as detail:
        rule = rule_of(desk.draft, rule_id)
        follower = rule.group.rules.filter(position__gt=rule.position).first()
        copied = desk.draft.add_rule(rule.group, rule.as_data(), rule.note)
        desk.draft.place_rule(copied, rule.group, follower)
        detail |= {"slot": f"rule{copied.pk}", "name": copied.name, "after": copied.as_data()}
    said = gettext("“%(name)s” is added.") % {"name": copied.name}
    slot = f"rule{copied.pk}"
    return desk.board(said, touched={slot}, focus=f"edit-{slot}")


def restore(desk: Desk, entry: AuditEntry) -> HttpResponse:
    """Bring back a deleted rule where it was, as far as that place is still there."""
    was = entry.detail
    with desk.change("rule_restored", name=was["name"], undoes=entry.pk) as detail:
        group = desk.draft.groups.filter(pk=was["group_id"]).first() or desk.draft.groups.first()
        if group is None:
            raise Refused(gettext("There is no group any more that the rule could go back to."))
        rule = desk.draft.add_rule(group, was["before"])
        follower = group.rules.filter(pk=was["follower"]).first()
        desk.draft.place_rule(rule, group, follower)
        detail |= {"slot": f"rule{rule.pk}", "after": rule.as_data()}
    said = gettext("“%(name)s” is back.") % {"name": rule.name}
    slot = f"rule{rule.pk}"
    return desk.board(said, touched={slot}, focus=f"edit-{slot}")


DEEDS: Final = {
    "up": up,
    "down": down,
    "put": put,
    "switch": switch,
    "delete": delete,
    "duplicate": duplicate,
}
