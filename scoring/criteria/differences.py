"""What one version of a model says that another does not, in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from contacts.numerals import numeral
from scoring.criteria.canonical import canonical
from scoring.criteria.conditions import sentence
from scoring.criteria.document import Group, Limits, ModelDocument, Objective, Rule, Scenario
from scoring.criteria.operators.base import in_full


@dataclass(frozen=True, slots=True)
class Difference:
    """``before`` is empty where something was added, ``after`` where it was removed.

    ``rule``: the name of the one that it is about, if it is about one.
    """

    what: str
    before: str
    after: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A part of a document: what people read of it, and what it is as plain data."""

    words: str
    data: object


def told_apart(before: Said | None, after: Said | None) -> tuple[str, str] | None:
    """Both texts, which differ wherever the parts do; None where the parts are the same.

    Where two parts read alike their data stand behind the words: nobody signs a difference
    that cannot be seen.
    """
    if before is None or after is None:
        return (before.words if before else "", after.words if after else "")
    if canonical(before.data) == canonical(after.data):
        return None
    if before.words == after.words:
        return in_data(before), in_data(after)
    return before.words, after.words


def in_data(part: Said) -> str:
    return f"{part.words} {canonical(part.data).decode()}".strip()


def differences(old: ModelDocument, new: ModelDocument) -> list[Difference]:
    """In the order of the documents: what surrounds the rules, groups, then rules by name.

    Documents with different hashes differ in at least one of these, and its texts differ.
    """
    with in_full():
        return [
            *around(old, new),
            *by_name(groups_in_words(old), groups_in_words(new)),
            *of_rules(old, new),
            *by_name(scenarios_in_words(old), scenarios_in_words(new)),
        ]


def around(old: ModelDocument, new: ModelDocument) -> Iterator[Difference]:
    for what, in_words in parts().items():
        if texts := told_apart(in_words(old), in_words(new)):
            yield Difference(what, *texts)
    for what, names in orders().items():
        if texts := reordered(names(old), names(new)):
            yield Difference(what, *texts)


def parts() -> dict[str, Callable[[ModelDocument], Said]]:
    """What surrounds the rules; the matrix and the fields are compared as data too."""

    def of(key: str, in_words: Callable[[ModelDocument], str]) -> Callable[[ModelDocument], Said]:
        return lambda document: Said(in_words(document), document.as_data().get(key))

    return {
        _("Name"): of("name", lambda document: document.name),
        _("Audience"): of("audience", audience),
        _("Objective"): of("objective", lambda document: objective(document.objective)),
        _("Limits"): of("limits", lambda document: limits(document.limits)),
        _("Bands"): of("bands", bands),
        _("Grades"): of("matrix", grades),
        _("Custom fields"): of("fields", fields),
    }


# Where something stands, and its name there: a rule that moves to another group is not
# a matter of order.
Place = tuple[str, str]


def orders() -> dict[str, Callable[[ModelDocument], list[Place]]]:
    return {
        _("Order of the groups"): lambda document: [("", group.name) for group in document.groups],
        _("Order of the rules"): lambda document: [
            (group.name, rule.name) for group in document.groups for rule in group.rules
        ],
        _("Order of the scenarios"): lambda document: [
            ("", name) for name in scenarios_by_name(document)
        ],
    }


def reordered(old: list[Place], new: list[Place]) -> tuple[str, str] | None:
    """What both have, in the order of each; None where that is the same."""
    before = [place for place in old if place in set(new)]
    after = [place for place in new if place in set(old)]
    if before == after:
        return None
    return ", ".join(name for _in, name in before), ", ".join(name for _in, name in after)


def by_name(old: dict[str, Said], new: dict[str, Said]) -> Iterator[Difference]:
    for name in {**new, **old}:
        if texts := told_apart(old.get(name), new.get(name)):
            yield Difference(name, *texts)


def of_rules(old: ModelDocument, new: ModelDocument) -> Iterator[Difference]:
    names = {rule_title(rule.name): rule.name for one in (old, new) for rule in one.rules}
    for each in by_name(rules_in_words(old), rules_in_words(new)):
        yield replace(each, rule=names[each.what])


def rule_title(name: str) -> str:
    return _("Rule “%(name)s”") % {"name": name}


def groups_in_words(document: ModelDocument) -> dict[str, Said]:
    return {
        _("Group “%(name)s”") % {"name": one.name}: Said(
            group(one), [one.dimension.value, one.limits.data()]
        )
        for one in document.groups
    }


def group(group: Group) -> str:
    said = _("fit") if group.dimension == "fit" else _("interest")
    return f"{said}, {bounds}" if (bounds := limits(group.limits)) else said


def rules_in_words(document: ModelDocument) -> dict[str, Said]:
    """Rule -> its sentence and its group."""
    return {
        rule_title(rule.name): Said(
            _("%(sentence)s (%(group)s)") % {"sentence": said(rule, document), "group": group.name},
            [group.name, rule.data()],
        )
        for group in document.groups
        for rule in group.rules
    }


def said(rule: Rule, document: ModelDocument) -> str:
    return rule.sentence(document.catalogue)


def scenarios_in_words(document: ModelDocument) -> dict[str, Said]:
    return {
        _("Scenario “%(name)s”") % {"name": name}: Said(
            _("expects %(band)s") % {"band": scenario.expect}, scenario.data()
        )
        for name, scenario in scenarios_by_name(document).items()
    }


def scenarios_by_name(document: ModelDocument) -> dict[str, Scenario]:
    """Two may have one name: the later ones with their number."""
    found: dict[str, Scenario] = {}
    for scenario in document.scenarios:
        name, number = scenario.name, 1
        while name in found:
            number += 1
            name = f"{scenario.name} ({number})"
        found[name] = scenario
    return found


def audience(document: ModelDocument) -> str:
    return sentence(document.audience, document.catalogue) if document.audience else _("everybody")


def objective(given: Objective | None) -> str:
    if given is None:
        return _("none")
    if given.activity:
        return _("they %(activity)s") % {"activity": given.activity.sentence()}
    if given.deal:
        return _("a deal is won")
    return _("lifecycle is %(stage)s") % {"stage": given.lifecycle}


def limits(given: Limits) -> str:
    """Empty where there are none."""
    words = []
    if given.min is not None:
        words.append(_("at least %(points)s") % {"points": numeral(given.min)})
    if given.max is not None:
        words.append(_("at most %(points)s") % {"points": numeral(given.max)})
    return ", ".join(words)


def bands(document: ModelDocument) -> str:
    return ", ".join(step(band.name, band.start) for band in document.bands)


def step(name: str, start: int | None) -> str:
    return (
        name
        if start is None
        else _("%(name)s from %(start)s") % {"name": name, "start": numeral(start)}
    )


def grades(document: ModelDocument) -> str:
    if document.matrix is None:
        return _("none")
    sides = (document.matrix.fit, document.matrix.interest)
    return "; ".join(", ".join(step(g.grade, g.start) for g in side) for side in sides)


def fields(document: ModelDocument) -> str:
    return ", ".join(f"{spec.label} ({spec.key}, {spec.type})" for spec in document.fields)
