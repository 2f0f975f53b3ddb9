"""What a contact could do, or we could learn of it, so that a rule gives its points.

Only proposals, read off the rule: whether one brings any points is for the evaluator to say.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from contacts.models.people import CONTACT_FIELDS
from contacts.records import ActivityRecord, Attribute, ContactRecord, Property
from scoring.criteria.conditions import All, Any_, Condition, Leaf
from scoring.criteria.document import ActivityRule, Count, ProfileTest, Rule
from scoring.criteria.tests import PropertyTest, TargetTest
from scoring.criteria.values import Text, Value

Fields = dict[str, object]
# Of which somebody else decides, or which time does.
FIXED: Final = {"email", "created_at", "company_id", "owner", "unsubscribed", "bounced"}
NAMED: Final = {"equals", "contains", "starts_with", "ends_with"}
NUMBERED: Final[Mapping[str, int]] = {"eq": 0, "gte": 0, "lte": 0, "gt": 1, "lt": -1}


@dataclass(frozen=True, slots=True)
class Supposed:
    """A rule whose test is met so many ``times`` more: by activities, or by fields known."""

    rule: Rule
    times: int
    activities: tuple[ActivityRecord, ...] = ()
    contact: ContactRecord | None = None


def suppose(rule: Rule, who: ContactRecord, as_of: datetime, times: int = 1) -> Supposed | None:
    """None where the rule is not simple enough to say what would meet it."""
    if isinstance(rule.test, ActivityRule):
        return by_activities(rule, rule.test, who, as_of, times)
    if isinstance(rule.test, ProfileTest) and times == 1:
        wanted = wanted_fields(rule.test.when)
        record = with_fields(who, wanted) if wanted else None
        return Supposed(rule, 1, contact=record) if record else None
    return None


def by_activities(
    rule: Rule, test: ActivityRule, who: ContactRecord, as_of: datetime, times: int
) -> Supposed | None:
    if test.count is Count.ONCE:
        times = test.at_least
    target = wanted_target(test.activity.target)
    properties = wanted_properties(test.activity.properties)
    if target is None or properties is None:
        return None
    done = tuple(
        ActivityRecord(
            contact=who.email,
            type=test.activity.types[0],
            occurred_at=as_of - timedelta(seconds=number),
            target=target,
            properties=properties,
        )
        for number in range(times)
    )
    return Supposed(rule, times, activities=done)


def wanted_target(test: TargetTest | None) -> str | None:
    """A target that such a test holds of; None where none is easily named."""
    return "" if test is None else wanted_text(test.op, test.value)


def wanted_text(op: str, value: Value) -> str | None:
    if op in NAMED and isinstance(value, Text):
        return value.written
    if op == "in" and isinstance(value, tuple) and isinstance(value[0], Text):
        return value[0].written
    return None


def wanted_properties(tests: tuple[PropertyTest, ...]) -> dict[str, Property] | None:
    found = {test.key: wanted_value(test.op, test.value) for test in tests}
    if any(value is None for value in found.values()):
        return None
    return cast(dict[str, Property], found)


def wanted_value(op: str, value: Value) -> object | None:
    """A value that an operator of any kind holds of."""
    if op in {"is_true", "is_false"}:
        return op == "is_true"
    if op in NUMBERED and isinstance(value, int | float):
        return value + NUMBERED[op]
    if op == "between" and isinstance(value, tuple) and isinstance(value[0], int | float):
        return value[0]
    if op in {"has_any", "has_all"} and isinstance(value, tuple):
        texts = tuple(text.written for text in value if isinstance(text, Text))
        return texts[:1] if op == "has_any" else texts
    return wanted_text(op, value)


def wanted_fields(condition: Condition) -> Fields | None:
    """Fields by id with values of which the condition holds."""
    match condition:
        case Leaf(field, op, value):
            wanted = wanted_value(op, value)
            return None if wanted is None else {field: wanted}
        case Any_(parts):
            return next((found for part in parts if (found := wanted_fields(part))), None)
        case All(parts):
            together: Fields = {}
            for part in parts:
                if (inner := wanted_fields(part)) is None:
                    return None
                together |= inner
            return together
    return None


def with_fields(who: ContactRecord, wanted: Fields) -> ContactRecord | None:
    """The contact with those of the fields that are not known yet; None where all are."""
    wanted = {name: value for name, value in wanted.items() if not is_known(who, name)}
    if not wanted:
        return None
    fields, company = dict(who.fields), dict(who.company or {})
    attributes, tags = dict(who.attributes), list(who.tags or ())
    for name, value in wanted.items():
        place, _dot, key = name.partition(".")
        if name == "tags":
            tags.extend(cast(tuple[str, ...], value))
        elif place == "company":
            company[key] = value
        elif place == "attributes":
            attributes[key] = cast(Attribute, value)
        else:
            fields[name] = value
    if company and not (company.get("name") or company.get("domain")):
        company["name"] = "?"
    return ContactRecord(
        email=who.email,
        fields=fields,
        company=company or None,
        tags=tuple(tags),
        attributes=attributes,
    )


def is_known(who: ContactRecord, name: str) -> bool:
    """Whether a field has a value, or is none that people fill in. Tags can be added to."""
    place, _dot, key = name.partition(".")
    if place == "company":
        return bool((who.company or {}).get(key))
    if place == "attributes":
        return who.attributes.get(key) is not None
    return name != "tags" and (
        name in FIXED or name not in CONTACT_FIELDS or bool(who.fields.get(name))
    )


def gains(rules: tuple[Rule, ...]) -> Iterator[Rule]:
    """The rules that can add points, the heaviest first."""
    yield from sorted((rule for rule in rules if rule.points > 0), key=lambda rule: -rule.points)
