"""What the builder shows and takes: the parts of an automation, each with its form.

Everything is on the server: a click sends the whole form, and the builder comes back with
one part more, or in another order. Nothing is stored before all of it is right.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Self

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext

from scoring.automations.actions import ACTIONS
from scoring.automations.admin.condition_forms import CONDITION_FORMS, ProfileForm
from scoring.automations.conditions import read_condition
from scoring.automations.document import AutomationDocument, read, read_action, read_trigger
from scoring.automations.form_fields import fits_form
from scoring.automations.triggers import TRIGGERS
from scoring.automations.words import composed
from scoring.criteria.document import DocumentInvalid, Fault, ModelDocument
from scoring.criteria.faults import Node
from scoring.criteria.form_fields import Data

TRIGGER: Final = "trigger"
CONDITIONS: Final = "conditions"
ACTIONS_KEY: Final = "actions"
# A part that the form cannot show: it is kept as it is, and can be taken away.
KEPT: Final = "kept"
LISTS: Final = {CONDITIONS: "c", ACTIONS_KEY: "a"}
ID: Final = re.compile(r"[ca][0-9]{1,4}", re.ASCII)


@dataclass
class Part:
    """A trigger, condition or action in the builder; ``form`` is None where it is kept."""

    id: str
    kind: str
    form: Any = None
    kept: Any = None
    faults: list[str] = field(default_factory=list)
    # Of this part in words; filled by the builder.
    said: str = ""
    is_new: bool = False
    checked: bool = False

    @property
    def about(self) -> Any:
        """The class of its kind, with title and icon; None where there is none such."""
        if self.id == TRIGGER:
            return TRIGGERS.get(self.kind)
        return CONDITION_FORMS.get(self.kind) or ACTIONS.get(self.kind)

    @property
    def title(self) -> Any:
        return self.about.title if self.about else gettext("Written as text")

    @property
    def icon(self) -> str:
        return str(self.about.icon) if self.about else "data_object"

    @property
    def kept_text(self) -> str:
        return json.dumps(self.kept, ensure_ascii=False)

    @property
    def data(self) -> Any:
        """As in a document; None where what was typed has faults of its own."""
        if self.form is None or not self.form.is_bound:
            return self.kept
        if not self.form.is_valid():
            return None
        given = self.form.parameters()
        return given if self.kind in CONDITION_FORMS and self.id != TRIGGER else {
            "kind": self.kind
        } | given  # fmt: skip

    @cached_property
    def shown(self) -> Any:
        """The form as a page shows it: with its faults only once it was checked."""
        if self.form is None or not self.form.is_bound or self.checked:
            return self.form
        return unbound(self)

    def place(self, path: str) -> str | None:
        """The field of the form that a place in the part's document stands for."""
        if self.form is None or not self.form.is_bound:
            return None
        steps = re.findall(r"[^.\[\]]+", path)
        places = getattr(self.form, "places", {})
        for start in (0, 1):
            for end in range(len(steps), start, -1):
                name = "_".join(steps[start:end])
                name = places.get(name, name)
                if name in self.form.fields:
                    return str(name)
        return None

    def fault(self, path: str, message: str) -> None:
        if name := self.place(path):
            self.form.add_error(name, message)
        else:
            self.faults.append(f"{path}: {message}" if path else message)

    @property
    def is_wrong(self) -> bool:
        return bool(self.faults or (self.checked and self.form is not None and self.form.errors))

    @property
    def main(self) -> list[Any]:
        """The fields that are always seen."""
        folded = self.folded_names
        return [each for each in self.shown if each.name not in folded and each.name != "negated"]

    @property
    def folded(self) -> list[Any]:
        return [each for each in self.shown if each.name in self.folded_names]

    @property
    def folded_names(self) -> tuple[str, ...]:
        return tuple(getattr(self.form, "folded", ()))

    @property
    def negated(self) -> Any:
        fields = self.form.fields if self.form else {}
        return self.shown["negated"] if "negated" in fields else None

    @property
    def unfolded(self) -> bool:
        """Whether what is folded away says something that one should see."""
        return any(each.errors or is_told(each) for each in self.folded)


def is_told(bound: Any) -> bool:
    value = bound.value()
    told = value[0] if isinstance(value, list | tuple) and value else value
    usual = {"rearm_mode": ("", "below_exit"), "rearm_cool_down_hours": (24, "24")}
    return bool(told) and told not in usual.get(bound.name, ())


def unbound(part: Part) -> Any:
    """The same form with the same values, none of them looked at yet."""
    form = part.form
    initial = {
        name: each.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        for name, each in form.fields.items()
    }
    return remade(form, initial)


def remade(form: Any, initial: Data) -> Any:
    options = {"prefix": form.prefix, "initial": initial}
    for attribute in ("document", "catalogue"):
        if hasattr(form, attribute):
            return type(form)(getattr(form, attribute), **options)
    return type(form)(**options)


@dataclass(slots=True)
class Builder:
    """The parts of one automation for one model."""

    model: ModelDocument
    trigger: Part
    conditions: list[Part]
    actions: list[Part]
    faults: list[str] = field(default_factory=list)

    # --- Where it comes from -----------------------------------------------------------------

    @classmethod
    def blank(cls, model: ModelDocument) -> Self:
        band = model.bands[-1].name
        return cls.of_document(model, {"trigger": {"kind": "band_entered", "band": band}})

    @classmethod
    def of_document(cls, model: ModelDocument, data: Mapping[str, Any]) -> Self:
        """From the plain data of a version, which may fit the model no more."""
        builder = cls(model, Part(TRIGGER, KEPT), [], [])
        trigger = data.get(TRIGGER) or {}
        builder.trigger = builder.stored(TRIGGER, builder.trigger_kind(trigger), trigger)
        builder.conditions = [
            builder.stored(f"c{place}", condition_kind(each), each)
            for place, each in enumerate(data.get(CONDITIONS, []))
        ]
        builder.actions = [
            builder.stored(f"a{place}", action_kind(each), each)
            for place, each in enumerate(data.get(ACTIONS_KEY, []))
        ]
        return builder

    @classmethod
    def of_post(cls, model: ModelDocument, post: QueryDict) -> Self:
        builder = cls(model, Part(TRIGGER, KEPT), [], [])
        kind = post.get("trigger_kind", "")
        builder.trigger = builder.sent(TRIGGER, kind if kind in [*TRIGGERS, KEPT] else "", post)
        builder.conditions = [builder.sent(pk, kind, post) for pk, kind in pairs(post, CONDITIONS)]
        builder.actions = [builder.sent(pk, kind, post) for pk, kind in pairs(post, ACTIONS_KEY)]
        return builder

    @staticmethod
    def trigger_kind(data: Mapping[str, Any]) -> str:
        kind = data.get("kind")
        if kind not in TRIGGERS or ("activity" in data and not fits_form(data["activity"])):
            return KEPT
        return str(kind)

    def stored(self, pk: str, kind: str, data: Any) -> Part:
        if kind == KEPT:
            return Part(pk, KEPT, kept=data)
        form_class = self.form_class(pk, kind)
        try:
            initial = form_class.initial_of(parameters_of(data))
            return Part(pk, kind, self.form(pk, kind, initial=initial), kept=data)
        except (AttributeError, TypeError, KeyError, ValueError):
            # A document that was written for a version of old, or by hand for another product.
            return Part(pk, KEPT, kept=data)

    def sent(self, pk: str, kind: str, post: QueryDict) -> Part:
        if kind == KEPT:
            return Part(pk, KEPT, kept=kept_data(post.get(f"{pk}-kept", "")))
        if kind == "":
            return Part(pk, "band_entered", self.form(pk, "band_entered", data=post))
        return Part(pk, kind, self.form(pk, kind, data=post))

    def form_class(self, pk: str, kind: str) -> Any:
        if pk == TRIGGER:
            return TRIGGERS[kind].form
        return CONDITION_FORMS[kind] if pk.startswith("c") else ACTIONS[kind].form

    def form(self, pk: str, kind: str, **options: Any) -> forms.Form:
        made = self.form_class(pk, kind)
        if pk == TRIGGER:
            return made(self.model, prefix=pk, **options)  # type: ignore[no-any-return]
        if pk.startswith("c"):
            return made(self.model.catalogue, prefix=pk, **options)  # type: ignore[no-any-return]
        return made(prefix=pk, **options)  # type: ignore[no-any-return]

    # --- What is done with it ----------------------------------------------------------------

    def do(self, order: str) -> None:
        """Add, remove or move a part; what is no order changes nothing."""
        deed, _colon, what = order.partition(":")
        if deed == "add" and what in CONDITION_FORMS:
            self.add(CONDITIONS, what)
        elif deed == "add" and what in ACTIONS:
            self.add(ACTIONS_KEY, what)
        for parts in (self.conditions, self.actions):
            place = next((at for at, part in enumerate(parts) if part.id == what), None)
            if place is None:
                continue
            if deed == "remove":
                del parts[place]
            elif deed == "up" and place > 0:
                parts[place - 1 : place + 1] = parts[place - 1 : place + 1][::-1]
            elif deed == "down":
                parts[place : place + 2] = parts[place : place + 2][::-1]

    def add(self, key: str, kind: str) -> None:
        parts = self.conditions if key == CONDITIONS else self.actions
        used = {part.id for part in parts}
        pk = next(pk for n in range(len(used) + 1) if (pk := f"{LISTS[key]}{n}") not in used)
        initial = self.first_values(pk, kind)
        parts.append(Part(pk, kind, self.form(pk, kind, initial=initial), is_new=True))

    def first_values(self, pk: str, kind: str) -> Data:
        if kind == ProfileForm.kind and pk.startswith("c"):
            return {"field": "job_title", "op": "contains"}
        return {}

    def __iter__(self) -> Iterator[Part]:
        yield self.trigger
        yield from self.conditions
        yield from self.actions

    # --- What it says ------------------------------------------------------------------------

    def data(self) -> Data:
        """The document of those parts that have no faults of their own."""
        conditions = [data for part in self.conditions if (data := part.data) is not None]
        actions = [data for part in self.actions if (data := part.data) is not None]
        found: Data = {} if self.trigger.data is None else {TRIGGER: self.trigger.data}
        return found | ({CONDITIONS: conditions} if conditions else {}) | {ACTIONS_KEY: actions}

    def check(self) -> AutomationDocument | None:
        """The document, or None and every fault at its field."""
        for part in self:
            part.checked = True
        root = Node(self.data())
        document = read(root, self.model)
        sound = {
            CONDITIONS: [part for part in self.conditions if part.data is not None],
            ACTIONS_KEY: [part for part in self.actions if part.data is not None],
        }
        for fault in root.faults:
            self.note(fault, sound)
        if root.faults or any(part.data is None for part in self):
            return None
        return document

    def note(self, fault: Fault, sound: Mapping[str, list[Part]]) -> None:
        """A fault of the document where people see it."""
        found = re.fullmatch(r"(conditions|actions)\[(\d+)\]\.?(.*)", fault.path)
        if found:
            sound[found[1]][int(found[2])].fault(found[3], fault.message)
        elif fault.path == TRIGGER and self.trigger.data is None:
            return
        elif fault.path.startswith(TRIGGER):
            self.trigger.fault(fault.path.removeprefix(TRIGGER).lstrip("."), fault.message)
        elif fault.path == ACTIONS_KEY and not self.actions:
            self.faults.append(gettext("Nothing is to be done yet: add an action."))
        elif fault.path != ACTIONS_KEY or len(self.actions) == len(sound[ACTIONS_KEY]):
            self.faults.append(str(fault))

    def sentence(self) -> str:
        """The whole in words, as far as it can be read already."""
        for part in self:
            part.said = self.said(part)
        return composed(
            self.trigger.said,
            [part.said for part in self.conditions],
            [part.said for part in self.actions],
        )

    def said(self, part: Part) -> str:
        """One part in words; three dots where it cannot be read yet."""
        data = part.data
        if data is None:
            return "…"
        node = Node(data)
        with suppress(DocumentInvalid):
            if part.id == TRIGGER:
                found: Any = read_trigger(node, self.model)
                return found.sentence() if found and not node.faults else "…"
            if part.id.startswith("c"):
                condition = read_condition(node, self.model.catalogue)
                return "…" if node.faults else condition.sentence(self.model.catalogue)
            action = read_action(node)
            return action.sentence() if action and not node.faults else "…"
        return "…"


def condition_kind(data: Any) -> str:
    if isinstance(data, Mapping):
        for kind, form in CONDITION_FORMS.items():
            if kind in data and form.fits(data):
                return kind
    return KEPT


def action_kind(data: Any) -> str:
    kind = data.get("kind") if isinstance(data, Mapping) else None
    return str(kind) if kind in ACTIONS else KEPT


def parameters_of(data: Data) -> Data:
    return {key: value for key, value in data.items() if key != "kind"}


def kept_data(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return {}


def pairs(post: QueryDict, key: str) -> Iterator[tuple[str, str]]:
    """Ids and kinds of the parts that were sent, in their order; strangers are left out."""
    known = CONDITION_FORMS if key == CONDITIONS else ACTIONS
    seen: set[str] = set()
    for given in post.getlist(key):
        pk, _colon, kind = given.partition(":")
        is_ours = ID.fullmatch(pk) and pk.startswith(LISTS[key]) and pk not in seen
        if is_ours and (kind in known or kind == KEPT):
            seen.add(pk)
            yield pk, kind
