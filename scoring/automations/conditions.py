"""Conditions of an automation: rule tests without points, run by the engine's own query."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _

from scoring.criteria.conditions import ConditionReader
from scoring.criteria.document import (
    AbsenceTest,
    ActivityRule,
    Band,
    Count,
    Dimension,
    Group,
    Limits,
    ModelDocument,
    ProfileTest,
    Rule,
)
from scoring.criteria.durations import Duration, Unit
from scoring.criteria.faults import Node
from scoring.criteria.fields import Catalogue, CustomFieldSpec
from scoring.criteria.rules import Test
from scoring.criteria.tests import ActivityTest, read_activity_test
from scoring.engine.results import score

MOST_CONDITIONS = 20


@dataclass(frozen=True, slots=True)
class ConditionTest:
    """One test, which must hold or, where ``negated``, must not."""

    test: Test
    negated: bool = False

    def data(self) -> dict[str, object]:
        return ({"not": True} if self.negated else {}) | self.test.data()

    def sentence(self, catalogue: Catalogue) -> str:
        said = in_words(self.test, catalogue)
        return _("not %(condition)s") % {"condition": said} if self.negated else said


def in_words(test: Test, catalogue: Catalogue) -> str:
    """As a rule says it, but for how long an activity counts: here that is a window."""
    if not isinstance(test, ActivityRule) or test.expires is None:
        return test.sentence(catalogue)
    return _("%(occasion)s within the last %(duration)s") % {
        "occasion": test.occasion(),
        "duration": test.expires.in_words(),
    }


def read_condition(node: Node, catalogue: Catalogue) -> ConditionTest:
    fields = node.fields([], ["not", "when", "activity", "absent", "for", "at_least", "within"])
    given = [key for key in ("when", "activity", "absent") if key in fields]
    if len(given) != 1:
        node.fault(_("must have exactly one test: when, activity or absent"))
        return ConditionTest(AbsenceTest(ActivityTest(()), Duration(1, Unit.DAYS)))
    for key in ("at_least", "within"):
        if key in fields and given != ["activity"]:
            fields[key].fault(_("goes only with an activity test"))
    if "for" in fields and given != ["absent"]:
        fields["for"].fault(_("goes only with absent"))
    negated = fields["not"].boolean() if "not" in fields else False
    return ConditionTest(read_test(given[0], node, fields, catalogue), negated)


def read_test(kind: str, node: Node, fields: dict[str, Node], catalogue: Catalogue) -> Test:
    if kind == "when":
        return ProfileTest(ConditionReader(catalogue).read(fields["when"]))
    if kind == "absent":
        if "for" not in fields:
            node.fault(_("is missing; absent needs it"), key="for")
        duration = fields["for"].duration() if "for" in fields else Duration(1, Unit.DAYS)
        return AbsenceTest(read_activity_test(fields["absent"]), duration)
    return ActivityRule(
        activity=read_activity_test(fields["activity"]),
        count=Count.ONCE,
        at_least=fields["at_least"].whole(1, 1_000_000) if "at_least" in fields else 1,
        expires=fields["within"].duration() if "within" in fields else None,
    )


def condition_data(condition: ConditionTest) -> dict[str, object]:
    """As in an automation's document, where ``within`` says what a rule calls ``expires``."""
    data = condition.data()
    data.pop("count", None)
    if "expires" in data:
        data["within"] = data.pop("expires")
    return data


def as_model(
    conditions: Sequence[ConditionTest], fields: tuple[CustomFieldSpec, ...]
) -> ModelDocument:
    """A model with a rule of one point for each condition: what the engine can run."""
    rules = tuple(Rule(f"{at}", 1, False, each.test) for at, each in enumerate(conditions))
    return ModelDocument(
        name="conditions",
        fields=fields,
        audience=None,
        objective=None,
        limits=Limits(),
        groups=(Group("conditions", Dimension.INTEREST, Limits(), rules),),
        bands=(Band("none", None), Band("some", 1)),
        matrix=None,
        scenarios=(),
    )


def who_meets(
    conditions: Sequence[ConditionTest],
    fields: tuple[CustomFieldSpec, ...],
    contact_ids: Sequence[int],
    as_of: datetime,
) -> set[int]:
    """Of these contacts those for whom every condition holds at ``as_of``."""
    if not conditions or not contact_ids:
        return set(contact_ids)
    results = score(as_model(conditions, fields), contact_ids, as_of, DEFAULT_DB_ALIAS)
    return {
        pk
        for pk, result in results.items()
        if all(
            bool(worth) is not condition.negated
            for worth, condition in zip(result.worths, conditions, strict=True)
        )
    }


def which_hold(
    conditions: Sequence[ConditionTest],
    fields: tuple[CustomFieldSpec, ...],
    contact_id: int,
    as_of: datetime,
) -> list[bool]:
    """For one contact each condition by itself: for whoever asks why nothing happened."""
    positive = [replace(condition, negated=False) for condition in conditions]
    if not positive:
        return []
    [result] = score(as_model(positive, fields), [contact_id], as_of, DEFAULT_DB_ALIAS).values()
    return [
        bool(worth) is not condition.negated
        for worth, condition in zip(result.worths, conditions, strict=True)
    ]
