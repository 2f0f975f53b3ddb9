"""What the buttons of a condition tree do. Each gives what has the focus afterwards."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from scoring.criteria.condition_groups import GroupPart, Part

if TYPE_CHECKING:
    from scoring.criteria.condition_tree import ConditionTree

ADD: Final = "-add"


class Place(NamedTuple):
    """Where a part stands; ``above`` is None for the root."""

    above: GroupPart | None
    at: int


def place_of(tree: "ConditionTree", part: Part) -> Place:
    for group in tree:
        if isinstance(group, GroupPart):
            for at, each in enumerate(group.parts):
                if each is part:
                    return Place(group, at)
    return Place(None, 0)


def put_in_place(tree: "ConditionTree", part: Part, instead: list[Part]) -> None:
    """Others in the place of a part; as the root one at most."""
    above, at = place_of(tree, part)
    if above is not None:
        above.parts[at : at + 1] = instead
    else:
        tree.root = instead[0] if instead else None


def new_group(tree: "ConditionTree", way: str, parts: list[Part]) -> GroupPart:
    return GroupPart(tree.prefix, tree.new_id(), way=way, parts=parts)


def add(tree: "ConditionTree", part: Part | None) -> str:
    """A new test at the end of a group or, where none is named, of the whole."""
    return added(tree, part, tree.blank())


def group(tree: "ConditionTree", part: Part | None) -> str:
    """A new group with one test in it, of the other way than what it stands in."""
    above = part or tree.root
    way = above.other_way if isinstance(above, GroupPart) else "any"
    return added(tree, part, new_group(tree, way, [tree.blank(), tree.blank()]))


def added(tree: "ConditionTree", part: Part | None, new: Part) -> str:
    above = part or tree.root
    if above is None:
        tree.root = new
    elif isinstance(above, GroupPart):
        above.parts.append(new)
    else:
        put_in_place(tree, above, [new_group(tree, "all", [above, new])])
    first = new.parts[0] if isinstance(new, GroupPart) else new
    return f"{first.id}-field"


def wrap(tree: "ConditionTree", part: Part) -> str:
    """A group around a part, with a new test beside it: what may hold instead."""
    above, _at = place_of(tree, part)
    new = tree.blank()
    put_in_place(tree, part, [around := new_group(tree, above.other_way if above else "any", [])])
    around.parts = [part, new]
    return f"{new.id}-field"


def unwrap(tree: "ConditionTree", part: Part) -> str:
    """The parts of a group without the group, where they have somewhere to stand."""
    if not isinstance(part, GroupPart):
        return ""
    above, _at = place_of(tree, part)
    if above is None and len(part.parts) != 1:
        return f"{part.id}-unwrap"
    put_in_place(tree, part, part.parts)
    return f"{above.id}{ADD}" if above else ADD


def remove(tree: "ConditionTree", part: Part) -> str:
    """Without the part, and without a group that is empty then."""
    above, at = place_of(tree, part)
    put_in_place(tree, part, [])
    if above is None:
        return ADD
    if not above.parts:
        return remove(tree, above)
    if above is tree.root and len(above.parts) == 1 and not above.negations:
        tree.root = above.parts[0]
        return ADD
    beside = above.parts[min(at, len(above.parts) - 1)]
    return f"{beside.id}-remove"


def negate(_tree: "ConditionTree", part: Part) -> str:
    """Turned round; what was turned round twice is plain then."""
    part.negations = 0 if part.negations else 1
    return f"{part.id}-not"


def turn(_tree: "ConditionTree", part: Part) -> str:
    """All instead of any, or any instead of all."""
    if isinstance(part, GroupPart):
        part.way = part.other_way
        return f"{part.id}-way"
    return ""


def up(tree: "ConditionTree", part: Part) -> str:
    return move(tree, part, -1)


def down(tree: "ConditionTree", part: Part) -> str:
    return move(tree, part, 1)


def move(tree: "ConditionTree", part: Part, step: int) -> str:
    """By one place as it is read: past a test, into a group, and out of one at its ends."""
    focus = f"{part.id}-{'up' if step < 0 else 'down'}"
    above, at = place_of(tree, part)
    if above is None:
        return focus
    to = at + step
    if 0 <= to < len(above.parts):
        beside = above.parts[to]
        del above.parts[at]
        if isinstance(beside, GroupPart):
            beside.parts.insert(len(beside.parts) if step < 0 else 0, part)
        else:
            above.parts.insert(to, part)
        return focus
    outer, place = place_of(tree, above)
    if outer is not None:
        del above.parts[at]
        outer.parts.insert(place + (1 if step > 0 else 0), part)
        if not above.parts:
            outer.parts.remove(above)
    return focus


ADDING: Final[dict[str, Callable[["ConditionTree", Part | None], str]]] = {
    "add": add,
    "group": group,
}
CHANGING: Final[dict[str, Callable[["ConditionTree", Part], str]]] = {
    "wrap": wrap,
    "unwrap": unwrap,
    "remove": remove,
    "negate": negate,
    "turn": turn,
    "up": up,
    "down": down,
}
