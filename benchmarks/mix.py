"""A model document of any number of rules, of every kind, in fixed shares."""

from collections.abc import Callable
from typing import Any

from benchmarks.data import PLACES, TAGS, TYPES
from scoring.criteria.document import ModelDocument, parse

Rule = dict[str, Any]

FIELDS = [
    {"key": "seats", "label": "Seats", "type": "number"},
    {"key": "plan", "label": "Plan", "type": "text"},
    {"key": "budget", "label": "Budget", "type": "boolean"},
    {"key": "renewal", "label": "Renewal", "type": "date"},
]
# In every mix, so that flipping ``bounced`` changes a contact's score.
BOUNCED: Rule = {"name": "Bounced", "points": -20, "when": {"field": "bounced", "op": "is_true"}}


def place(at: int) -> dict[str, str]:
    return {"op": "starts_with", "value": f"/{PLACES[at % len(PLACES)]}/"}


def kind(at: int, later: int = 0) -> str:
    """The types of activity in turn, the frequent ones first; ``at`` is the rule's place."""
    turn = at - 1 - at // len(CYCLE)
    return TYPES[(turn + later) % len(TYPES)]


def profile(at: int) -> Rule:
    conditions = [
        {"field": "job_title", "op": "contains", "value": "director"},
        {"field": "company.employees", "op": "gte", "value": 50 * at},
        {"field": "tags", "op": "has_any", "value": [f"tag {at % TAGS + 1}", "tag 50"]},
        {"field": "attributes.seats", "op": "between", "value": [at, 200 + at]},
        {
            "any": [
                {"field": "country", "op": "in", "value": ["ES", "PT"]},
                {"field": "attributes.plan", "op": "equals", "value": "enterprise"},
            ]
        },
        {"field": "attributes.renewal", "op": "within_last", "value": f"{at + 1} months"},
    ]
    return {"points": 5 + at % 10, "when": conditions[at // len(CYCLE) % len(conditions)]}


def capped(at: int) -> Rule:
    """Each, in a window, up to a limit."""
    return {"activity": {"type": kind(at)}, "expires": f"{1 + at % 12} months", "limit": 30}


def by_target(at: int) -> Rule:
    return {"activity": {"type": kind(at), "target": place(at)}, "expires": "1 year"}


def decaying(at: int) -> Rule:
    return {"activity": {"type": kind(at)}, "decay": {"percent": 25, "every": "1 month"}}


def often(at: int) -> Rule:
    """Once, if there are several."""
    return {
        "activity": {"type": [kind(at), kind(at, 1)]},
        "count": "once",
        "at_least": 2 + at % 3,
        "expires": "6 months",
    }


def on_days(at: int) -> Rule:
    return {"activity": {"type": kind(at)}, "count": "once_per_day", "limit": 20}


def on_targets(at: int) -> Rule:
    return {
        "activity": {"type": kind(at), "target": place(at)},
        "count": "once_per_target",
        "expires": "9 months",
    }


def absent(at: int) -> Rule:
    return {"points": -5, "absent": {"type": kind(at)}, "for": f"{1 + at % 6} months"}


def by_property(at: int) -> Rule:
    tests = [
        {"key": "seconds", "op": "gte", "value": 10 * at},
        {"key": "device", "op": "equals", "value": "mobile"},
        {"key": "returning", "op": "is_true"},
    ]
    return {"activity": {"type": kind(at), "properties": [tests[at // len(CYCLE) % 3]]}}


def newest(at: int) -> Rule:
    """Once, fading."""
    return {
        "activity": {"type": kind(at)},
        "count": "once",
        "decay": {"percent": 10, "every": "2 weeks"},
    }


# The place of the rule that differs in another version.
FEW_CONTACTS = 26
CYCLE: tuple[Callable[[int], Rule], ...] = (
    *(profile, capped, by_target, decaying, often),
    *(on_days, on_targets, absent, by_property, newest),
)
MIX = (
    "of every ten rules one each: profile (text, number, tag, custom field, date); each with a"
    " window and a limit; each with a text test of the target; each with decay; once with"
    " at_least over two types; once_per_day with a limit; once_per_target with a text test;"
    " absence; a test of a property; once with decay. The first is a test of the field bounced."
    " The rules take the 20 types in turn, the frequent ones first."
)


def document(rules: int, changed_points: int = 0) -> ModelDocument:
    """A document of so many rules; another ``changed_points`` is another version of one rule.

    The rule that differs counts targets of one type of activity, which a few contacts in a
    hundred have.
    """
    made: list[Rule] = [
        {"name": f"Rule {at}", "points": 3 + at % 7} | CYCLE[at % len(CYCLE)](at)
        for at in range(rules)
    ]
    made[0] = BOUNCED
    if changed_points:
        place_of_changed = FEW_CONTACTS if rules > FEW_CONTACTS else FEW_CONTACTS % 20
        made[place_of_changed]["points"] += changed_points
    fits = [rule for rule in made if "when" in rule]
    interests = [rule for rule in made if "when" not in rule]
    half = len(interests) // 2
    return parse(
        {
            "format": 1,
            "name": f"Benchmark of {rules} rules",
            "fields": FIELDS,
            "groups": [
                {"name": "Fit", "dimension": "fit", "limits": {"max": 200}, "rules": fits},
                {"name": "Recent", "dimension": "interest", "rules": interests[:half]},
                {"name": "Lasting", "dimension": "interest", "rules": interests[half:]},
            ],
            "bands": [{"name": "cold"}, {"name": "warm", "from": 50}, {"name": "hot", "from": 150}],
            "matrix": {
                "fit": [{"grade": "A", "from": 30}, {"grade": "B", "from": 15}, {"grade": "C"}],
                "interest": [{"grade": "1", "from": 100}, {"grade": "2"}],
            },
        }
    )
