"""A change of a draft as the audit trail tells it: what was changed, and from what to what."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from scoring.criteria.condition_tree import installed_catalogue
from scoring.criteria.differences import step
from scoring.criteria.faults import Node
from scoring.criteria.fields import Catalogue
from scoring.criteria.rules import read_rule

CHANGES: Final[dict[str, Any]] = {
    "rule_added": _("the rule “%(name)s” added"),
    "rule_changed": _("the rule “%(name)s” changed"),
    "rule_moved": _("the rule “%(name)s” moved, in “%(group)s”"),
    "rule_deleted": _("the rule “%(name)s” deleted from “%(group)s”"),
    "rule_restored": _("the rule “%(name)s” brought back"),
    "group_added": _("the group “%(name)s” added"),
    "group_changed": _("the group “%(name)s” changed"),
    "group_moved": _("the group “%(name)s” moved"),
    "group_deleted": _("the group “%(name)s” deleted with its rules"),
    "group_restored": _("the group “%(name)s” brought back"),
    "scenario_added": _("the scenario “%(name)s” added"),
    "scenario_changed": _("the scenario “%(name)s” changed"),
    "scenario_deleted": _("the scenario “%(name)s” deleted"),
    "scenario_moved": _("the scenario “%(name)s” moved"),
}
SWITCHED: Final[dict[str, tuple[Any, Any]]] = {
    "rule_switched": (
        _("the rule “%(name)s” switched on"),
        _("the rule “%(name)s” switched off"),
    ),
    "group_switched": (
        _("the group “%(name)s” switched on"),
        _("the group “%(name)s” switched off"),
    ),
}
PARTS: Final[dict[str, Any]] = {
    "bands": _("the bands changed"),
    "limits": _("the limits of the total changed"),
    "matrix": _("the matrix of grades changed"),
    "audience": _("the audience changed"),
    "objective": _("what counts as success changed"),
    "fields": _("the custom fields changed"),
}


def what_changed(detail: dict[str, Any]) -> str:
    """In one line; the slug itself where it is none of the editor's."""
    change = str(detail.get("change", ""))
    if change == "part_changed":
        return str(PARTS.get(str(detail.get("part")), change))
    if change in SWITCHED:
        on, off = SWITCHED[change]
        return str(on if detail.get("enabled") else off) % {"name": detail.get("name", "")}
    said = {name: detail.get(name, "") for name in ("name", "group")}
    return str(CHANGES[change]) % said if change in CHANGES else change


def sides(detail: dict[str, Any]) -> list[tuple[str, Any]]:
    """(“before” or “after”, the rule as a sentence or else its data), where they are known."""
    catalogue = installed_catalogue() if "rule" in str(detail.get("change")) else None
    found = []
    for side in ("before", "after"):
        data = detail.get(side)
        if data in (None, "", [], {}):
            continue
        if detail.get("part") == "bands":
            data = ", ".join(step(str(band.get("name", "")), band.get("from")) for band in data)
        found.append((side, rule_words(data, catalogue) if catalogue else data))
    return found


def rule_words(data: Any, catalogue: Catalogue) -> Any:
    """The sentence of a rule; its data where it cannot be read (any more)."""
    given = data if isinstance(data, dict) else {}
    plain = {key: value for key, value in given.items() if key not in ("note", "enabled")}
    node = Node(plain)
    rule = read_rule(node, catalogue)
    return data if node.faults else rule.sentence(catalogue)
