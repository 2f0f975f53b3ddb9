"""Conditions of an automation: rule tests without points, run by the engine's own query."""

import logging
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
    DocumentInvalid,
    Group,
    Limits,
    ModelDocument,
    ProfileTest,
    Rule,
)
from scoring.criteria.durations import Duration, Unit
from scoring.criteria.faults import Node
from scoring.criteria.fields import Catalogue, CustomFieldSpec
from scoring.criteria.installed import installed_fields
from scoring.criteria.rules import Test
from scoring.criteria.segments import Segment
from scoring.criteria.tests import ActivityTest, read_activity_test
from scoring.engine.results import score

logger = logging.getLogger(__name__)

MOST_CONDITIONS = 20
TESTS = ("when", "activity", "absent", "segment")


@dataclass(frozen=True, slots=True)
class SegmentTest:
    """Who is in the segment at that moment; the segment may change, its key stays."""

    key: str

    def data(self) -> dict[str, object]:
        return {"segment": self.key}

    def sentence(self, _catalogue: Catalogue) -> str:
        found = Segment.objects.filter(key=self.key).values_list("name", flat=True).first()
        return _("the contact is in the segment “%(name)s”") % {"name": found or self.key}

    def problems(self) -> list[str]:
        """What is wrong with the segment, in words."""
        segment = Segment.objects.filter(key=self.key).first()
        if segment is None:
            return [_("There is no segment “%(key)s”.") % {"key": self.key}]
        try:
            segment.read()
        except DocumentInvalid as invalid:
            said = _("The segment “%(name)s” cannot be read: %(fault)s")
            return [said % {"name": segment.name, "fault": each} for each in invalid.faults]
        return []


@dataclass(frozen=True, slots=True)
class ConditionTest:
    """One test, which must hold or, where ``negated``, must not."""

    test: Test | SegmentTest
    negated: bool = False

    def data(self) -> dict[str, object]:
        return ({"not": True} if self.negated else {}) | self.test.data()

    def sentence(self, catalogue: Catalogue) -> str:
        said = in_words(self.test, catalogue)
        return _("not %(condition)s") % {"condition": said} if self.negated else said


def in_words(test: Test | SegmentTest, catalogue: Catalogue) -> str:
    """As a rule says it, but for how long an activity counts: here that is a window."""
    if not isinstance(test, ActivityRule) or test.expires is None:
        return test.sentence(catalogue)
    return _("%(occasion)s within the last %(duration)s") % {
        "occasion": test.occasion(),
        "duration": test.expires.in_words(),
    }


def read_condition(node: Node, catalogue: Catalogue) -> ConditionTest:
    fields = node.fields([], ["not", *TESTS, "for", "at_least", "within"])
    given = [key for key in TESTS if key in fields]
    if len(given) != 1:
        node.fault(_("must have exactly one test: when, activity, absent or segment"))
        return ConditionTest(AbsenceTest(ActivityTest(()), Duration(1, Unit.DAYS)))
    for key in ("at_least", "within"):
        if key in fields and given != ["activity"]:
            fields[key].fault(_("goes only with an activity test"))
    if "for" in fields and given != ["absent"]:
        fields["for"].fault(_("goes only with absent"))
    negated = fields["not"].boolean() if "not" in fields else False
    return ConditionTest(read_test(given[0], node, fields, catalogue), negated)


def read_test(
    kind: str, node: Node, fields: dict[str, Node], catalogue: Catalogue
) -> Test | SegmentTest:
    if kind == "segment":
        return SegmentTest(fields["segment"].slug())
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
    """A model with a rule of one point for each condition: what the engine can run.

    Segments are put in their place before: see ``resolved``.
    """
    tests = [each.test for each in conditions if not isinstance(each.test, SegmentTest)]
    rules = tuple(Rule(f"{at}", 1, False, test) for at, test in enumerate(tests))
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


Resolved = tuple[list[ConditionTest | None], tuple[CustomFieldSpec, ...]]


def resolved(conditions: Sequence[ConditionTest], fields: tuple[CustomFieldSpec, ...]) -> Resolved:
    """With the conditions of segments in their place, and the fields that these may test.

    None stands for a segment that is not there any more, or cannot be read.
    """
    keys = {each.test.key for each in conditions if isinstance(each.test, SegmentTest)}
    if not keys:
        return list(conditions), fields
    known = {spec.key for spec in fields}
    all_fields = (*fields, *(spec for spec in installed_fields() if spec.key not in known))
    catalogue = Catalogue(all_fields)
    found: dict[str, Test] = {}
    for segment in Segment.objects.filter(key__in=keys):
        try:
            found[segment.key] = ProfileTest(segment.read(catalogue))
        except DocumentInvalid:
            logger.warning("The segment %s cannot be read.", segment.key)
    return [in_place(each, found) for each in conditions], all_fields


def in_place(condition: ConditionTest, found: dict[str, Test]) -> ConditionTest | None:
    if not isinstance(condition.test, SegmentTest):
        return condition
    test = found.get(condition.test.key)
    return replace(condition, test=test) if test else None


def who_meets(
    conditions: Sequence[ConditionTest],
    fields: tuple[CustomFieldSpec, ...],
    contact_ids: Sequence[int],
    as_of: datetime,
) -> set[int]:
    """Of these contacts those for whom every condition holds at ``as_of``.

    Nobody where a segment is not there: to act on everybody instead would be worse.
    """
    if not conditions or not contact_ids:
        return set(contact_ids)
    tests, all_fields = resolved(conditions, fields)
    whole = [each for each in tests if each is not None]
    if len(whole) < len(tests):
        return set()
    results = score(as_model(whole, all_fields), contact_ids, as_of, DEFAULT_DB_ALIAS)
    return {
        pk
        for pk, result in results.items()
        if all(
            bool(worth) is not condition.negated
            for worth, condition in zip(result.worths, whole, strict=True)
        )
    }


def which_hold(
    conditions: Sequence[ConditionTest],
    fields: tuple[CustomFieldSpec, ...],
    contact_id: int,
    as_of: datetime,
) -> list[bool]:
    """For one contact each condition by itself: for whoever asks why nothing happened."""
    tests, all_fields = resolved(conditions, fields)
    positive = [replace(each, negated=False) for each in tests if each is not None]
    if not positive:
        return [False for _each in tests]
    model = as_model(positive, all_fields)
    [result] = score(model, [contact_id], as_of, DEFAULT_DB_ALIAS).values()
    worths = iter(result.worths)
    return [
        each is not None and bool(next(worths)) is not each.negated for each in tests
    ]  # fmt: skip
