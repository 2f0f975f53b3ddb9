"""Adding, editing, moving and deleting the groups of a draft, with what is in them."""

from typing import Any, Final

from django import forms
from django.http import Http404, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scoring.agreement.audit import AuditEntry
from scoring.agreement.editor.desk import Desk, Refused, Stale, at_the_desk, who_changed
from scoring.agreement.editor.rules import group_of
from scoring.criteria.draft_rows import Data, DraftGroup
from scoring.criteria.drafts import Draft
from scoring.criteria.faults import LARGEST, LONGEST_NAME
from scoring.criteria.form_fields import choice_field, number_field, text_field

NEW: Final = "group-new"


class GroupForm(forms.Form):
    name = text_field(_("Name"), required=True, max_length=LONGEST_NAME)
    dimension = choice_field(
        _("It says"), [("fit", _("who they are (fit)")), ("interest", _("what they do (interest)"))]
    )
    min = number_field(
        _("At least so many points"), required=False, min_value=-LARGEST, max_value=LARGEST
    )
    max = number_field(
        _("At most so many points"), required=False, min_value=-LARGEST, max_value=LARGEST
    )

    def __init__(self, draft: Draft, own: int, *args: Any, **options: Any) -> None:
        self.others = draft.groups.exclude(pk=own)
        super().__init__(*args, **options)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if self.others.filter(name=name).exists():
            raise forms.ValidationError(
                gettext("Another group of this model has this name already.")
            )
        return name

    def clean(self) -> None:
        check_ends(self)

    def row(self) -> Data:
        given = self.cleaned_data
        return {
            "name": given["name"],
            "dimension": given["dimension"],
            "limits": limits_of(given),
        }


def limits_of(given: Data) -> Data:
    return {name: given[name] for name in ("min", "max") if given.get(name) is not None}


def check_ends(form: forms.Form) -> None:
    low, high = form.cleaned_data.get("min"), form.cleaned_data.get("max")
    if low is not None and high is not None and low > high:
        form.add_error("max", gettext("This must not be below the least."))


def form_of(desk: Desk, slot: str, own: int, **options: Any) -> GroupForm:
    return GroupForm(desk.draft, own, auto_id=f"{slot}-%s", **options)


def shown(desk: Desk, slot: str, form: GroupForm, **facts: Any) -> HttpResponse:
    return desk.form("group_form", slot, form=form, is_wrong=form.is_bound, **facts)


@at_the_desk("GET", "POST")
def add(desk: Desk) -> HttpResponse:
    if desk.request.method == "GET":
        return shown(desk, NEW, form_of(desk, NEW, 0))
    form = form_of(desk, NEW, 0, data=desk.request.POST)
    if not form.is_valid():
        return shown(desk, NEW, form)
    with desk.change("group_added", **form.row()) as detail:
        group = desk.draft.put_group(form.row() | {"rules": []}, form.cleaned_data["name"])
        detail["slot"] = f"group{group.pk}"
    said = gettext("“%(name)s” is added.") % {"name": group.name}
    return desk.board(said, touched={NEW}, focus=f"edit-group{group.pk}")


@at_the_desk("GET", "POST")
def edit(desk: Desk, group_id: int) -> HttpResponse:
    slot = f"group{group_id}"
    group = group_of(desk.draft, group_id)
    if desk.request.method == "GET":
        initial = {"name": group.name, "dimension": group.dimension, **group.limits}
        form = form_of(desk, slot, group_id, initial=initial)
        return shown(desk, slot, form, row=group, stamp=group.revision)
    post = desk.request.POST
    form = form_of(desk, slot, group_id, data=post)
    if not form.is_valid():
        return shown(desk, slot, form, row=group, stamp=post.get("stamp", ""))
    try:
        with desk.change("group_changed", slot=slot, after=form.row()) as detail:
            group = group_of(desk.draft, group_id)
            if str(group.revision) != post.get("stamp"):
                raise Stale
            detail |= {"name": group.name, "before": own_row(group)}
            store(group, form.row())
    except Stale:
        group.refresh_from_db()
        who = who_changed(desk.model, slot)
        return shown(desk, slot, form, row=group, stamp=group.revision, theirs=group, who=who)
    said = gettext("“%(name)s” is saved.") % {"name": group.name}
    return desk.board(said, touched={slot}, focus=f"edit-{slot}")


def own_row(group: DraftGroup) -> Data:
    return {"name": group.name, "dimension": group.dimension, "limits": group.limits}


def store(group: DraftGroup, row: Data) -> None:
    if row["name"] != group.name.strip():
        group.name = row["name"]
    group.dimension, group.limits = row["dimension"], row["limits"]
    group.revision += 1
    group.save()


@at_the_desk("POST")
def do(desk: Desk, group_id: int, deed: str) -> HttpResponse:
    if deed not in DEEDS:
        raise Http404
    return DEEDS[deed](desk, group_id)


def move(desk: Desk, group_id: int, step: int) -> HttpResponse:
    with desk.change("group_moved") as detail:
        group = group_of(desk.draft, group_id)
        rows = list(desk.draft.groups.all())
        at = [row.pk for row in rows].index(group.pk)
        to = min(max(at + step, 0), len(rows) - 1)
        rest = [row for row in rows if row.pk != group.pk]
        desk.draft.place_group(group, rest[to] if to < len(rest) else None)
        detail["name"] = group.name
    said = gettext("“%(name)s” is now group number %(place)d.") % {
        "name": group.name,
        "place": to + 1,
    }
    return desk.board(said, focus=f"{'up' if step < 0 else 'down'}-group{group_id}")


def up(desk: Desk, group_id: int) -> HttpResponse:
    return move(desk, group_id, -1)


def down(desk: Desk, group_id: int) -> HttpResponse:
    return move(desk, group_id, 1)


def switch(desk: Desk, group_id: int) -> HttpResponse:
    with desk.change("group_switched", slot=f"group{group_id}") as detail:
        group = group_of(desk.draft, group_id)
        group.enabled = not group.enabled
        group.revision += 1
        group.save(update_fields=["enabled", "revision"])
        detail |= {"name": group.name, "enabled": group.enabled}
    on = gettext("“%(name)s” is on again, with its rules.")
    off = gettext("“%(name)s” and its rules are off: they stay here, and are not proposed.")
    said = (on if group.enabled else off) % {"name": group.name}
    return desk.board(said, touched=slots_of(group), focus=f"switch-group{group_id}")


def duplicate(desk: Desk, group_id: int) -> HttpResponse:
    with desk.change("group_added") as detail:
        group = desk.draft.copy_group(group_of(desk.draft, group_id))
        detail |= {"name": group.name, "slot": f"group{group.pk}"}
    said = gettext("“%(name)s” is added.") % {"name": group.name}
    return desk.board(said, touched=slots_of(group), focus=f"edit-group{group.pk}")


def slots_of(group: DraftGroup) -> set[str]:
    """Of its rules: their numbers are to be counted."""
    return {f"rule{pk}" for pk in group.rules.values_list("pk", flat=True)}


def delete(desk: Desk, group_id: int) -> HttpResponse:
    with desk.change("group_deleted", slot=f"group{group_id}") as detail:
        group = group_of(desk.draft, group_id)
        follower = desk.draft.groups.filter(position__gt=group.position).first()
        detail |= {"name": group.name, "before": group.snapshot()}
        detail["follower"] = follower.pk if follower else None
        group.delete()
    said = gettext("“%(name)s” is deleted with its rules.") % {"name": detail["name"]}
    return desk.board(said, undo=detail["entry"], focus="editor-undo")


def restore(desk: Desk, entry: AuditEntry) -> HttpResponse:
    """Bring back a deleted group with its rules, before the one that it stood before."""
    was = entry.detail
    with desk.change("group_restored", name=was["name"], undoes=entry.pk):
        if desk.draft.groups.filter(name=was["name"]).exists():
            raise Refused(gettext("There is a group of this name again; rename it first."))
        group = desk.draft.put_group(was["before"], was["name"])
        follower = desk.draft.groups.filter(pk=was["follower"]).first()
        desk.draft.place_group(group, follower)
    said = gettext("“%(name)s” is back.") % {"name": group.name}
    return desk.board(said, touched=slots_of(group), focus=f"edit-group{group.pk}")


DEEDS: Final = {
    "up": up,
    "down": down,
    "switch": switch,
    "duplicate": duplicate,
    "delete": delete,
}
