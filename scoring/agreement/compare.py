"""Two documents side by side, part by part and rule by rule, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from scoring.criteria.canonical import canonical
from scoring.criteria.differences import (
    Said,
    limits,
    orders,
    parts,
    reordered,
    scenarios_by_name,
    told_apart,
)
from scoring.criteria.document import Group, ModelDocument, Rule, Scenario
from scoring.criteria.operators.base import in_full
from scoring.engine.admin.versions import activities, facts


@dataclass(frozen=True, slots=True)
class Row:
    """``before`` is empty where something was added, ``after`` where it was removed."""

    what: str
    before: str
    after: str
    same: bool


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    rows: list[Row]

    @property
    def changed(self) -> list[Row]:
        return [row for row in self.rows if not row.same]

    @property
    def unchanged(self) -> list[Row]:
        return [row for row in self.rows if row.same]


def compared(old: ModelDocument, new: ModelDocument, types: Mapping[str, str]) -> list[Part]:
    """What surrounds the rules, then each group with its rules, then the scenarios.

    ``types``: the names of activity types by their slugs.
    """
    with in_full():
        return [
            Part(_("The whole"), [row for row in around(old, new) if row.before or row.after]),
            *groups(old, new),
            Part(_("Scenarios"), list(scenarios(old, new, types))),
        ]


def around(old: ModelDocument, new: ModelDocument) -> Iterator[Row]:
    for what, in_words in parts().items():
        yield row_of(what, in_words(old), in_words(new))
    for what, names in orders().items():
        if texts := reordered(names(old), names(new)):
            yield Row(what, *texts, False)


def row_of(what: str, before: Said | None, after: Said | None) -> Row:
    """Whose texts differ wherever the parts do."""
    if texts := told_apart(before, after):
        return Row(what, *texts, False)
    words = before.words if before else ""
    return Row(what, words, words, True)


def groups(old: ModelDocument, new: ModelDocument) -> Iterator[Part]:
    """A rule that has moved stands in the group where it is now, with where it was."""
    before, after = placed(old), placed(new)
    renamed = renames(before, after)
    # Under the name that it has now, so that both stand in one row.
    before = {renamed.get(name, name): found for name, found in before.items()}
    formerly = {now: was for was, now in renamed.items()}
    names = [group.name for group in new.groups]
    names += [group.name for group in old.groups if group.name not in names]
    for name in names:
        rules = [rule for rule, (group, _rule) in after.items() if group.name == name]
        rules += [
            rule
            for rule, (group, _rule) in before.items()
            if group.name == name and rule not in after
        ]
        rows = [head(name, old, new)]
        rows += [rule_row(rule, formerly.get(rule), (before, old), (after, new)) for rule in rules]
        yield Part(_("Group “%(name)s”") % {"name": name}, rows)


Placed = Mapping[str, tuple[Group, Rule]]
Side = tuple[Placed, ModelDocument]


def rule_row(name: str, former_name: str | None, before: Side, after: Side) -> Row:
    (was, old), (now, new) = before, after
    row = row_of(name, said(name, was, old, now), said(name, now, new, was))
    if former_name is None:
        return row
    return replace(row, what=f"{former_name} → {name}", same=False)


def placed(document: ModelDocument) -> Placed:
    return {rule.name: (group, rule) for group in document.groups for rule in group.rules}


def renames(before: Placed, after: Placed) -> dict[str, str]:
    """Old name -> new name of rules that are the same in all but their name."""
    gone = {as_unnamed(rule): name for name, (_g, rule) in before.items() if name not in after}
    return {
        gone[as_unnamed(rule)]: name
        for name, (_g, rule) in after.items()
        if name not in before and as_unnamed(rule) in gone
    }


def unnamed(rule: Rule) -> dict[str, object]:
    return {key: value for key, value in rule.data().items() if key != "name"}


def as_unnamed(rule: Rule) -> bytes:
    return canonical(unnamed(rule))


def head(name: str, old: ModelDocument, new: ModelDocument) -> Row:
    before, after = (
        next((bounds(group) for group in document.groups if group.name == name), None)
        for document in (old, new)
    )
    return row_of(_("The group itself"), before, after)


def bounds(group: Group) -> Said:
    dimension = _("fit") if group.dimension == "fit" else _("interest")
    words = f"{dimension}, {found}" if (found := limits(group.limits)) else dimension
    return Said(words, [group.dimension.value, group.limits.data()])


def said(name: str, here: Placed, document: ModelDocument, there: Placed) -> Said | None:
    """Points and sentence of a rule, with its group where that differs; None where it is not."""
    if name not in here:
        return None
    group, rule = here[name]
    words = rule.sentence(document.catalogue)
    if name in there and there[name][0].name != group.name:
        words = _("%(rule)s (in “%(group)s”)") % {"rule": words, "group": group.name}
    return Said(words, [group.name, unnamed(rule)])


def scenarios(old: ModelDocument, new: ModelDocument, types: Mapping[str, str]) -> Iterator[Row]:
    """Compared as data: who is invented counts as much as what is expected of them."""
    before, after = scenarios_by_name(old), scenarios_by_name(new)
    for name in {**after, **before}:
        was, now = before.get(name), after.get(name)
        yield row_of(
            name,
            prospect(was, old, types) if was else None,
            prospect(now, new, types) if now else None,
        )


def prospect(scenario: Scenario, document: ModelDocument, types: Mapping[str, str]) -> Said:
    known = ", ".join(facts(scenario.contact, document.catalogue))
    done = "; ".join(activities(scenario, types))
    expected = _("expects %(band)s") % {"band": scenario.expect}
    words = " · ".join(part for part in (known, done, expected) if part)
    return Said(words, scenario.data())
