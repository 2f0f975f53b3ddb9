"""Two documents side by side, part by part and rule by rule, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from scoring.criteria.canonical import canonical
from scoring.criteria.differences import limits, parts
from scoring.criteria.document import Group, ModelDocument, Rule, Scenario
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
    surrounding = {what: (in_words(old), in_words(new)) for what, in_words in parts().items()}
    around = [Row(what, *both, both[0] == both[1]) for what, both in surrounding.items()]
    return [
        Part(_("The whole"), [row for row in around if row.before or row.after]),
        *groups(old, new),
        Part(_("Scenarios"), list(scenarios(old, new, types))),
    ]


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
        rows += [
            Row(
                f"{formerly[rule]} → {rule}" if rule in formerly else rule,
                said(rule, before, old, after),
                said(rule, after, new, before),
                is_same(before.get(rule), after.get(rule)),
            )
            for rule in rules
        ]
        yield Part(_("Group “%(name)s”") % {"name": name}, rows)


Placed = Mapping[str, tuple[Group, Rule]]


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


def as_unnamed(rule: Rule) -> bytes:
    return canonical({key: value for key, value in rule.data().items() if key != "name"})


def is_same(before: tuple[Group, Rule] | None, after: tuple[Group, Rule] | None) -> bool:
    """By what they are: two rules may read alike."""
    if before is None or after is None:
        return False
    return before[0].name == after[0].name and before[1].canonical() == after[1].canonical()


def head(name: str, old: ModelDocument, new: ModelDocument) -> Row:
    both = [
        next((bounds(group) for group in document.groups if group.name == name), "")
        for document in (old, new)
    ]
    return row(_("The group itself"), *both)


def bounds(group: Group) -> str:
    dimension = _("fit") if group.dimension == "fit" else _("interest")
    return f"{dimension}, {found}" if (found := limits(group.limits)) else dimension


def said(name: str, here: Placed, document: ModelDocument, there: Placed) -> str:
    """Points and sentence of a rule, with its group where that differs; empty where it is not."""
    if name not in here:
        return ""
    group, rule = here[name]
    words = rule.sentence(document.catalogue)
    if name in there and there[name][0].name != group.name:
        words = _("%(rule)s (in “%(group)s”)") % {"rule": words, "group": group.name}
    return words


def scenarios(old: ModelDocument, new: ModelDocument, types: Mapping[str, str]) -> Iterator[Row]:
    """Compared as data: who is invented counts as much as what is expected of them."""
    before = {each.name: each for each in old.scenarios}
    after = {each.name: each for each in new.scenarios}
    for name in {**after, **before}:
        was, now = before.get(name), after.get(name)
        same = bool(was and now and canonical(was.data()) == canonical(now.data()))
        yield Row(
            name,
            prospect(was, old, types) if was else "",
            prospect(now, new, types) if now else "",
            same,
        )


def prospect(scenario: Scenario, document: ModelDocument, types: Mapping[str, str]) -> str:
    known = ", ".join(facts(scenario.contact, document.catalogue))
    done = "; ".join(activities(scenario, types))
    expected = _("expects %(band)s") % {"band": scenario.expect}
    return " · ".join(part for part in (known, done, expected) if part)


def row(what: str, before: str, after: str) -> Row:
    return Row(what, before, after, before == after)
