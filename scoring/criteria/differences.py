"""What one version of a model says that another does not, in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from scoring.criteria.canonical import canonical
from scoring.criteria.conditions import sentence
from scoring.criteria.document import Group, Limits, ModelDocument, Objective, Rule


@dataclass(frozen=True, slots=True)
class Difference:
    """``before`` is empty where something was added, ``after`` where it was removed."""

    what: str
    before: str
    after: str


def differences(old: ModelDocument, new: ModelDocument) -> list[Difference]:
    """In the order of the documents: what surrounds the rules, groups, then rules by name."""
    return [
        *around(old, new),
        *by_name(groups_in_words(old), groups_in_words(new)),
        *by_name(rules_in_words(old), rules_in_words(new)),
        *scenarios(old, new),
    ]


def around(old: ModelDocument, new: ModelDocument) -> Iterator[Difference]:
    for what, in_words in parts().items():
        before, after = in_words(old), in_words(new)
        if before != after:
            yield Difference(what, before, after)


def parts() -> dict[str, Callable[[ModelDocument], str]]:
    return {
        _("Name"): lambda document: document.name,
        _("Audience"): audience,
        _("Objective"): lambda document: objective(document.objective),
        _("Limits"): lambda document: limits(document.limits),
        _("Bands"): bands,
        _("Grades"): grades,
        _("Custom fields"): fields,
    }


def by_name(old: dict[str, str], new: dict[str, str]) -> Iterator[Difference]:
    for name in {**new, **old}:
        before, after = old.get(name, ""), new.get(name, "")
        if before != after:
            yield Difference(name, before, after)


def groups_in_words(document: ModelDocument) -> dict[str, str]:
    return {_("Group “%(name)s”") % {"name": g.name}: group(g) for g in document.groups}


def group(group: Group) -> str:
    said = _("fit") if group.dimension == "fit" else _("interest")
    return f"{said}, {bounds}" if (bounds := limits(group.limits)) else said


def rules_in_words(document: ModelDocument) -> dict[str, str]:
    """Rule -> its sentence and its group."""
    return {
        _("Rule “%(name)s”") % {"name": rule.name}: _("%(sentence)s (%(group)s)")
        % {"sentence": said(rule, document), "group": group.name}
        for group in document.groups
        for rule in group.rules
    }


def said(rule: Rule, document: ModelDocument) -> str:
    return rule.sentence(document.catalogue)


def scenarios(old: ModelDocument, new: ModelDocument) -> Iterator[Difference]:
    """Scenarios are compared as data; what they say is an expectation."""
    before = {scenario.name: scenario for scenario in old.scenarios}
    after = {scenario.name: scenario for scenario in new.scenarios}
    for name in {**after, **before}:
        was, now = before.get(name), after.get(name)
        if was and now and canonical(was.data()) == canonical(now.data()):
            continue
        yield Difference(
            _("Scenario “%(name)s”") % {"name": name},
            _("expects %(band)s") % {"band": was.expect} if was else "",
            _("expects %(band)s") % {"band": now.expect} if now else "",
        )


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
        words.append(_("at least %(min)d") % {"min": given.min})
    if given.max is not None:
        words.append(_("at most %(max)d") % {"max": given.max})
    return ", ".join(words)


def bands(document: ModelDocument) -> str:
    return ", ".join(step(band.name, band.start) for band in document.bands)


def step(name: str, start: int | None) -> str:
    return name if start is None else _("%(name)s from %(start)d") % {"name": name, "start": start}


def grades(document: ModelDocument) -> str:
    if document.matrix is None:
        return _("none")
    sides = (document.matrix.fit, document.matrix.interest)
    return "; ".join(", ".join(step(g.grade, g.start) for g in side) for side in sides)


def fields(document: ModelDocument) -> str:
    return ", ".join(f"{spec.label} ({spec.key}, {spec.type})" for spec in document.fields)
