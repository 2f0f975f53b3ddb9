"""A condition as people build it: groups within groups, made anew on the server at each click.

A page shows a tree inside any form with

    {% include "scoring/conditions/tree.html" with tree=tree %}

and reads it back with ``ConditionTree.of_post(prefix, request.POST, catalogue)``. All fields
begin with the prefix, so that several trees may stand in one form. A click on one of the
tree's own buttons, or a choice that needs other fields, sends the form to ``tree.url`` (the
view of ``condition_views``, which knows the fields of this installation) and puts the answer,
the same tree reshaped, in the place of ``#PREFIX-tree``; nothing is stored by that. The form
needs a submit button before the tree that does no harm, since Enter in a text presses the
first one; and the page ``{% static "leadscoring/conditions.js" %}``, so that nothing is lost
that is typed while an answer is on its way.

``data()`` is what was built, right or wrong, or None where nothing was; ``check()`` is the
condition, or None and the faults at their fields. Both may be asked of a tree of data too.
"""

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Self

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext

from scoring.criteria.condition_deeds import ADDING, CHANGING, added
from scoring.criteria.condition_groups import GroupPart, Part, levels, within
from scoring.criteria.condition_leaves import LeafPart
from scoring.criteria.conditions import (
    MOST_LEAVES,
    MOST_LEVELS,
    Condition,
    ConditionReader,
    sentence,
)
from scoring.criteria.faults import Fault, Node
from scoring.criteria.fields import Catalogue
from scoring.criteria.form_fields import Choices, Data
from scoring.criteria.installed import installed_catalogue, installed_fields
from scoring.criteria.segments import Segment

__all__ = ["ConditionTree", "installed_catalogue", "installed_fields"]

# A hundred tests, each in groups of its own as deep as they may be.
MOST_PARTS: Final = MOST_LEAVES * MOST_LEVELS
MOST_IDS: Final = 1000
MOST_SEGMENTS: Final = 500
ENTRY: Final = re.compile(r"([0-9]{1,3}):([0-9]{1,3}|):(leaf|group):([024])", re.ASCII)
DEED: Final = re.compile(r"([a-z]{2,8}):([0-9]{0,3})", re.ASCII)
PREFIX: Final = re.compile(r"[a-z][a-z0-9_-]{0,40}", re.ASCII)


@dataclass
class ConditionTree:
    """The parts of one condition; ``root`` is None where there is none."""

    prefix: str
    catalogue: Catalogue
    root: Part | None = None
    faults: list[str] = field(default_factory=list)
    # Which button or field has the focus when the page comes back: "3-field", "add".
    focus: str = ""
    next_id: int = 0
    view: str = "admin:scoring_condition_tree"

    def __post_init__(self) -> None:
        if not PREFIX.fullmatch(self.prefix):
            raise ValueError(self.prefix)

    # --- Where it comes from -------------------------------------------------------------------

    @classmethod
    def of_data(cls, prefix: str, data: object, catalogue: Catalogue) -> Self:
        """From a document's data, right or wrong; None or {} is no condition."""
        tree = cls(prefix, catalogue)
        if data:
            tree.root = tree.part_of(data, 1)
        return tree

    @classmethod
    def of_post(cls, prefix: str, post: QueryDict, catalogue: Catalogue) -> Self:
        """From what a form has sent. Of more than there may be only so much is looked at."""
        tree = cls(prefix, catalogue)
        groups: dict[str, tuple[GroupPart, int]] = {}
        seen: set[str] = set()
        for entry in post.getlist(f"{prefix}-part")[:MOST_PARTS]:
            found = ENTRY.fullmatch(entry)
            if found is None or found[1] in seen:
                continue
            seen.add(found[1])
            tree.next_id = max(tree.next_id, int(found[1]) + 1)
            part = tree.sent(found, post)
            above = groups.get(found[2])
            is_stray = bool(found[2]) and above is None
            if part is None or is_stray or not tree.put(part, above):
                continue
            if isinstance(part, GroupPart):
                groups[part.id] = (part, above[1] + 1 if above else 1)
        return tree

    def sent(self, entry: re.Match[str], post: QueryDict) -> Part | None:
        known: dict[str, Any] = {"prefix": self.prefix, "id": entry[1], "negations": int(entry[4])}
        if entry[3] == "group":
            group = GroupPart(**known)
            way = post.get(group.name("way"), "all")
            group.way = "any" if way.endswith("any") else "all"
            group.negations += way.startswith("not_")
            return group
        if sum(not part.is_group for part in self) >= MOST_LEAVES:
            self.refuse("leaves")
            return None
        return LeafPart.of_post(post, catalogue=self.catalogue, **known)

    def put(self, part: Part, above: tuple[GroupPart, int] | None) -> bool:
        """Whether there is a place for it: below a group that is not too deep, or as the root."""
        if above is not None and above[1] < MOST_LEVELS:
            above[0].parts.append(part)
            return True
        if above is None and self.root is None:
            self.root = part
            return True
        return False

    def part_of(self, data: object, level: int, negations: int = 0) -> Part:
        """One part of a document, and what is in it; what is no condition is an empty test."""
        shape = data if isinstance(data, dict) else {}
        # What lies deeper than this is a fault already, and need not be seen.
        inner = shape.get("not")
        if inner is not None and level <= MOST_LEVELS + 1:
            return self.part_of(inner, level + 1, negations + 1)
        known: dict[str, Any] = {"prefix": self.prefix, "id": self.new_id(), "negations": negations}
        for way in ("all", "any"):
            if isinstance(shape.get(way), list | tuple) and level <= MOST_LEVELS + 1:
                group = GroupPart(way=way, **known)
                for each in shape[way]:
                    if self.next_id >= MOST_IDS:
                        self.refuse("leaves")
                        break
                    group.parts.append(self.part_of(each, level + 1))
                return group
        return LeafPart.of_data(shape, catalogue=self.catalogue, **known)

    # --- What is in it -------------------------------------------------------------------------

    def new_id(self) -> str:
        """One that no part has had, so that no field takes over what was typed in another."""
        given = self.next_id
        if given >= MOST_IDS:
            taken = {part.id for part in self}
            return next(str(pk) for pk in range(MOST_IDS) if str(pk) not in taken)
        self.next_id += 1
        return str(given)

    def blank(self) -> LeafPart:
        return LeafPart(self.prefix, self.new_id(), catalogue=self.catalogue)

    def __iter__(self) -> Iterator[Part]:
        yield from within(self.root)

    @property
    def is_empty(self) -> bool:
        return self.root is None

    @property
    def is_wrong(self) -> bool:
        return bool(self.faults or any(part.faults for part in self))

    def data(self) -> Data | None:
        return self.root.data() if self.root else None

    def sentence(self) -> str:
        """In words; three dots where it cannot be read yet, nothing where it is empty."""
        if self.root is None:
            return ""
        node = Node(self.data())
        condition = ConditionReader(self.catalogue).read(node)
        return "…" if node.faults else sentence(condition, self.catalogue)

    @property
    def segments(self) -> Choices:
        """Whose conditions can be inserted."""
        return list(Segment.objects.values_list("key", "name")[:MOST_SEGMENTS])

    @property
    def url(self) -> str:
        return f"{reverse(self.view)}?tree={self.prefix}"

    # --- What is done with it ------------------------------------------------------------------

    def do(self, deed: str) -> None:
        """Do what a button says, as ``add:3``; what is no deed, or too much, changes nothing."""
        found = DEED.fullmatch(deed)
        if found is None:
            return
        name, pk = found.groups()
        part = next((part for part in self if part.id == pk), None)
        if name in ADDING and (part or not pk):
            self.within_limits(lambda: ADDING[name](self, part), f"{pk}-{name}")
        elif name in CHANGING and part:
            self.within_limits(lambda: CHANGING[name](self, part), f"{pk}-{name}")

    def insert(self, data: object) -> None:
        """Add a copy of another condition, such as a segment's, to the whole."""

        def put() -> str:
            part, root = self.part_of(data, 1), self.root
            if isinstance(part, GroupPart) and isinstance(root, GroupPart) and part.joins(root):
                root.parts += part.parts
            else:
                added(self, None, part)
            return "-segment"

        self.within_limits(put, "-segment")

    def within_limits(self, deed: Callable[[], str], focus: str) -> None:
        """Do it, or leave all as it was where a condition would be too large after it."""
        before = copy.deepcopy(self.root)
        focus_after = deed()
        too_many = sum(not each.is_group for each in self) > MOST_LEAVES
        if too_many or levels(self.root) > max(MOST_LEVELS, levels(before)):
            self.root, focus_after = before, focus
            self.refuse("leaves" if too_many else "levels")
        self.set_focus(focus_after)

    def set_focus(self, focus: str) -> None:
        self.focus = focus
        pk, _dash, what = focus.partition("-")
        for part in self:
            part.focus = what if part.id == pk else ""

    def refuse(self, what: str) -> None:
        most = {
            "levels": gettext("A condition has at most %(most)d levels of groups in groups.")
            % {"most": MOST_LEVELS},
            "leaves": gettext("A condition has at most %(most)d tests.") % {"most": MOST_LEAVES},
        }
        if most[what] not in self.faults:
            self.faults.append(most[what])

    # --- What is wrong with it -----------------------------------------------------------------

    def check(self) -> Condition | None:
        """The condition, or None where it is empty, or has faults: those are noted at its parts."""
        if self.root is None:
            return None
        node = Node(self.data())
        condition = ConditionReader(self.catalogue).read(node)
        places = dict(places_of(self.root))
        for fault in node.faults:
            self.note(fault, places)
        for part in self:
            if isinstance(part, LeafPart) and part.was_replaced:
                part.fault("op", gettext("Look whether this is the comparison that you want."))
        return None if self.is_wrong else condition

    def note(self, fault: Fault, places: dict[str, Part]) -> None:
        """A fault of the data at the part that it is about."""
        steps = re.findall(r"[^.\[\]]+|\[[0-9]+\]", fault.path)
        for end in range(len(steps), -1, -1):
            path = ".".join(steps[:end]).replace(".[", "[")
            if path in places:
                part = places[path]
                break
        else:
            self.faults.append(str(fault))
            return
        rest = steps[end] if end < len(steps) else ""
        if isinstance(part, LeafPart):
            message = part.reworded(fault.message) if rest == "value" else fault.message
            part.fault(rest if rest in ("field", "op", "value") else "", message)
        else:
            part.fault("", fault.message)


def places_of(part: Part, path: str = "") -> Iterator[tuple[str, Part]]:
    """Where each part stands in the data, with the way to it through every ``not``."""
    yield path, part
    for _each in range(part.negations):
        path = f"{path}.not" if path else "not"
        yield path, part
    if isinstance(part, GroupPart):
        start = f"{path}.{part.way}" if path else part.way
        yield start, part
        for place, each in enumerate(part.parts):
            yield from places_of(each, f"{start}[{place}]")
