"""Strategies for whole models and the people they score, crowded around every cut-off.

All is plain JSON in the shapes of the contract, so that the product's own parsers and the
reference of ``tests.engine.reference`` read the same thing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.engine.reference import MICROSECOND, cut_off, instant, plain_text

Data = dict[str, Any]

INSTANTS = [
    "2024-02-29T00:00:00Z",
    "2025-03-31T10:00:00.000001Z",
    "2025-12-31T23:59:59.999999Z",
    "2026-08-31T10:30:00Z",
    "2027-02-28T12:00:00Z",
]
DURATIONS = [
    *("1 day", "7 days", "1 week", "30 days", "1 month", "2 months", "6 months"),
    *("1 year", "4 years", "9999 years"),
]
WRITTEN = [
    *("CEO", "Céo", "ＣＥＯ", "ceo of sales", "  CEO\u00a0 of\tsales ", "100%", "100_", "1__"),
    *("a\\b", "a%b", "Straße", "STRASSE", "İstanbul", "istanbul", "ﬁnance", "fin", "ΣΊΣΥΦΟΣ"),
    *("σισυφος", "①", "1", "한글", "e\u0301", "é", "👩\u200d💻", "ﷺ", "'; --", '"q"', "S", "M"),
]
EMPTIES = ["", "  ", "\u0301", "\u00a0"]
TEXTS = [*WRITTEN, *EMPTIES]
TYPES = ["page_view", "email_open", "call"]
PROPERTIES = ["seconds", "campaign", "mobile"]
NUMBERS = [0, 1, -1, 10, 10.0, 0.1, -0.5, 49.5, 123456789012345, 1e300, 1e-300, 2**49]
FIELDS: list[Data] = [
    {"key": "persona", "type": "text"},
    {"key": "seats", "type": "number"},
    {"key": "budget", "type": "boolean"},
    {"key": "renewal", "type": "date"},
    {"key": "size", "type": "choice", "choices": ["S", "M", "Straße"]},
]
BY_KIND = {
    "text": ["email", "job_title", "city", "country", "lifecycle", "company.name"]
    + ["company.domain", "company.country", "attributes.persona", "attributes.size"],
    "number": ["company.employees", "company.annual_revenue", "attributes.seats"],
    "boolean": ["unsubscribed", "bounced", "attributes.budget"],
    "time": ["created_at", "attributes.renewal"],
    "tags": ["tags"],
}


@cache
def moments(as_of: str) -> Sequence[datetime]:
    """Instants at, just before and just after every cut-off there can be."""
    now = instant(as_of)
    cuts = [cut_off(now, duration, times) for duration in DURATIONS for times in (1, 2, 3, 10)]
    exact = [now, now + timedelta(days=1), *(cut for cut in cuts if cut)]
    midnights = [one.replace(hour=0, minute=0, second=0, microsecond=0) for one in exact]
    shifts = (-MICROSECOND, timedelta(0), MICROSECOND)
    return sorted({one + shift for one in [*exact, *midnights] for shift in shifts})


@cache
def instants(as_of: str) -> st.SearchStrategy[str]:
    """The same as text, in UTC or elsewhere."""
    zones = [timezone(timedelta(hours=hours)) for hours in (0, 2, -5)]
    found = [one.astimezone(zones[at % 3]).isoformat() for at, one in enumerate(moments(as_of))]
    return st.sampled_from(found)


@cache
def days(as_of: str) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted({str(one.date()) for one in moments(as_of)}))


def pieces(text: str) -> list[str]:
    half = len(text) // 2
    return [text, text[:half], text[half:], text[half : half + 1]]


ANY_TEXT = st.sampled_from(TEXTS)
VALUES = st.sampled_from(
    sorted({piece for text in WRITTEN for piece in pieces(text) if plain_text(piece)})
)
LISTS = st.lists(VALUES, min_size=1, max_size=3)
ANY_NUMBER = st.sampled_from(NUMBERS)
PAIRS = st.tuples(ANY_NUMBER, ANY_NUMBER).map(sorted)
DURATION = st.sampled_from(DURATIONS)


def tested(names: Sequence[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Data]:
    return st.fixed_dictionaries({"op": st.sampled_from(names), "value": values})


def bare(*names: str) -> st.SearchStrategy[Data]:
    return st.fixed_dictionaries({"op": st.sampled_from(names)})


EMPTINESS = bare("is_empty", "is_not_empty")
TEXT_TESTS = st.one_of(
    tested(["equals", "not_equals", "contains", "not_contains"], VALUES),
    tested(["starts_with", "ends_with"], VALUES),
    tested(["in", "not_in"], LISTS),
    EMPTINESS,
)
NUMBER_TESTS = st.one_of(
    tested(["eq", "ne", "lt", "lte", "gt", "gte"], ANY_NUMBER),
    tested(["between"], PAIRS),
    EMPTINESS,
)
BOOLEAN_TESTS = bare("is_true", "is_false")
TAG_TESTS = tested(["has_any", "has_all", "has_none"], LISTS) | EMPTINESS


@cache
def time_tests(as_of: str) -> st.SearchStrategy[Data]:
    fixed = tested(["before", "after"], instants(as_of) | days(as_of))
    return st.one_of(fixed, tested(["within_last", "older_than"], DURATION), EMPTINESS)


@cache
def leaves(as_of: str) -> st.SearchStrategy[Data]:
    tests = {
        "text": TEXT_TESTS,
        "number": NUMBER_TESTS,
        "boolean": BOOLEAN_TESTS,
        "time": time_tests(as_of),
        "tags": TAG_TESTS,
    }
    return st.one_of(
        [
            st.builds(lambda name, test: {"field": name} | test, st.sampled_from(names), tests[k])
            for k, names in BY_KIND.items()
        ]
    )


@cache
def conditions(as_of: str, levels: int = 4) -> st.SearchStrategy[Data]:
    leaf = leaves(as_of)
    if levels == 1:
        return leaf
    parts = st.lists(conditions(as_of, levels - 1), min_size=1, max_size=3)
    return st.one_of(
        leaf,
        leaf,
        st.fixed_dictionaries({"all": parts}),
        st.fixed_dictionaries({"any": parts}),
        st.fixed_dictionaries({"not": conditions(as_of, levels - 1)}),
    )


PROPERTY_TESTS = st.builds(
    lambda key, test: {"key": key} | test,
    st.sampled_from(PROPERTIES),
    TEXT_TESTS | NUMBER_TESTS | BOOLEAN_TESTS,
)
ACTIVITY_TESTS = st.fixed_dictionaries(
    {"type": st.sampled_from([*TYPES, "never_seen", TYPES[:2], TYPES])},
    optional={"target": TEXT_TESTS, "properties": st.lists(PROPERTY_TESTS, max_size=2)},
)
POINTS = st.sampled_from([1, -1, 3, -7, 15, 100, -1000, 1000])
DECAYS = st.fixed_dictionaries({"percent": st.sampled_from([1, 7, 33, 50, 100]), "every": DURATION})


@st.composite
def rules(draw: st.DrawFn, name: str, as_of: str) -> Data:
    rule: Data = {"name": name}
    exclude = draw(st.integers(0, 5)) == 5
    rule |= {"exclude": True} if exclude else {"points": draw(POINTS)}
    kind = draw(st.sampled_from(["when", "activity", "activity", "absent"]))
    if kind == "when":
        return rule | {"when": draw(conditions(as_of))}
    if kind == "absent":
        return rule | {"absent": draw(ACTIVITY_TESTS), "for": draw(DURATION)}
    counts = ["each", "once", "once_per_target", "once_per_day"]
    count = "once" if exclude else draw(st.sampled_from(counts))
    optional: dict[str, st.SearchStrategy[Any]] = {"expires": DURATION}
    if count == "once":
        optional["at_least"] = st.integers(1, 3)
    else:
        optional["limit"] = st.sampled_from([1, 10, 1001])
    if count in {"each", "once"} and not exclude:
        optional["decay"] = DECAYS
    extras = draw(st.fixed_dictionaries({}, optional=optional))
    return rule | {"activity": draw(ACTIVITY_TESTS), "count": count} | extras


LIMITS = st.sampled_from(
    [{}, {"min": 0}, {"max": 20}, {"min": -5, "max": 30}, {"min": 2, "max": 2}]
)
GRADES = st.sampled_from(
    [
        [{"grade": "A", "from": 15}, {"grade": "B", "from": 0}, {"grade": "C"}],
        [{"grade": "1", "from": -5}, {"grade": "2"}],
        [{"grade": "only"}],
    ]
)
BANDS = st.sampled_from(
    [
        [{"name": "cold"}],
        [{"name": "cold"}, {"name": "warm", "from": 0}, {"name": "hot", "from": 20}],
        [{"name": "low"}, {"name": "high", "from": 1}],
    ]
)


@st.composite
def documents(draw: st.DrawFn, as_of: str, most_groups: int = 3, most_rules: int = 4) -> Data:
    """Any model; names of groups and rules are its own numbering."""
    groups = [
        {
            "name": f"Group {place}",
            "dimension": draw(st.sampled_from(["fit", "interest"])),
            "limits": draw(LIMITS),
            "rules": [
                draw(rules(f"Rule {place}.{number}", as_of))
                for number in range(draw(st.integers(0, most_rules)))
            ],
        }
        for place in range(draw(st.integers(0, most_groups)))
    ]
    document: Data = {"format": 1, "name": "Model", "fields": FIELDS, "groups": groups}
    document |= {"bands": draw(BANDS), "limits": draw(LIMITS)}
    if draw(st.integers(0, 3)) == 3:
        document["audience"] = draw(conditions(as_of, 2))
    if draw(st.booleans()):
        document["matrix"] = {"fit": draw(GRADES), "interest": draw(GRADES)}
    return document


COMPANIES = st.fixed_dictionaries(
    {},
    optional={
        "name": ANY_TEXT,
        "domain": st.sampled_from(["acme.example", "ACME.example ", "Straße.example", ""]),
        "country": st.sampled_from(["ES", "mx", "", None]),
        "employees": st.none() | ANY_NUMBER,
        "annual_revenue": st.none() | ANY_NUMBER,
    },
).filter(lambda c: plain_text(c.get("name")) or plain_text(c.get("domain")))
ATTRIBUTE_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "persona": ANY_TEXT,
    "seats": ANY_NUMBER,
    "budget": st.booleans(),
    "size": st.sampled_from(["S", "m", "STRASSE"]),
}


@cache
def profiles(as_of: str) -> st.SearchStrategy[Data]:
    """What is said of a contact, without its address."""
    attributes = ATTRIBUTE_VALUES | {"renewal": days(as_of)}
    return st.fixed_dictionaries(
        {},
        optional={
            "job_title": ANY_TEXT,
            "city": ANY_TEXT,
            "country": st.sampled_from(["ES", "mx", "", None]),
            "lifecycle": st.sampled_from(["lead", "Customer", "", None]),
            "unsubscribed": st.none() | st.booleans(),
            "bounced": st.booleans(),
            "created_at": st.none() | instants(as_of),
            "tags": st.lists(st.sampled_from(WRITTEN), max_size=3),
            "company": st.none() | COMPANIES,
            "attributes": st.fixed_dictionaries(
                {}, optional={key: st.none() | value for key, value in attributes.items()}
            ),
        },
    )


@cache
def acts(as_of: str) -> st.SearchStrategy[Data]:
    """What somebody did, without saying who."""
    values = ANY_TEXT | ANY_NUMBER | st.booleans() | st.none()
    return st.fixed_dictionaries(
        {"type": st.sampled_from(TYPES), "occurred_at": instants(as_of)},
        optional={
            "target": ANY_TEXT,
            "properties": st.fixed_dictionaries({}, optional=dict.fromkeys(PROPERTIES, values)),
            "automated": st.integers(0, 4).map(lambda drawn: drawn == 4),
        },
    )


EMAILS = ["Ana@acme.example", " berta@Straße.example", "césar@100%.example", "d_d@b.example"]


@dataclass(frozen=True)
class Drawn:
    """A model, people and what they did, and the instant to score them at."""

    as_of: str
    document: Data
    contacts: list[Data]
    activities: list[Data]


@st.composite
def worlds(draw: st.DrawFn) -> Drawn:
    as_of = draw(st.sampled_from(INSTANTS))
    emails = EMAILS[: draw(st.integers(1, len(EMAILS)))]
    contacts = [{"email": email} | draw(profiles(as_of)) for email in emails]
    activities = [
        {"contact": draw(st.sampled_from(emails))} | act
        for act in draw(st.lists(acts(as_of), max_size=16))
    ]
    return Drawn(as_of, draw(documents(as_of)), contacts, activities)
