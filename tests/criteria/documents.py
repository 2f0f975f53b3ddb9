"""Model documents for tests: a small one to change, and a strategy for all there are."""

import copy
import re
import string
from typing import Any

from hypothesis import strategies as st

from contacts.normalise import normalise

Data = dict[str, Any]

SMALL: Data = {
    "format": 1,
    "name": "Small",
    "fields": [
        {"key": "seats", "label": "Seats", "type": "number"},
        {"key": "size", "type": "choice", "choices": ["S", "M"]},
        {"key": "renewal", "type": "date"},
        {"key": "persona", "type": "text"},
        {"key": "budget", "type": "boolean"},
    ],
    "audience": {"field": "country", "op": "in", "value": ["ES", "PT"]},
    "objective": {"deal": "won"},
    "limits": {"min": 0, "max": 100},
    "groups": [
        {
            "name": "Profile",
            "dimension": "fit",
            "rules": [
                {
                    "name": "Decision maker",
                    "points": 15,
                    "when": {"field": "job_title", "op": "contains", "value": "director"},
                },
                {
                    "name": "Competitor",
                    "exclude": True,
                    "when": {"field": "tags", "op": "has_any", "value": ["competitor"]},
                },
            ],
        },
        {
            "name": "Behaviour",
            "dimension": "interest",
            "limits": {"max": 60},
            "rules": [
                {
                    "name": "Pricing",
                    "points": 20,
                    "activity": {
                        "type": "page_view",
                        "target": {"op": "starts_with", "value": "/pricing"},
                        "properties": [{"key": "seconds", "op": "gte", "value": 10}],
                    },
                    "decay": {"percent": 50, "every": "1 month"},
                    "limit": 40,
                },
                {"name": "Gone", "points": -10, "absent": {"type": "visit"}, "for": "6 months"},
            ],
        },
    ],
    "bands": [{"name": "cold"}, {"name": "warm", "from": 20}, {"name": "hot", "from": 50}],
    "matrix": {
        "fit": [{"grade": "A", "from": 15}, {"grade": "B"}],
        "interest": [{"grade": "1", "from": 30}, {"grade": "2"}],
    },
    "scenarios": [
        {
            "name": "Ana",
            "contact": {"job_title": "Director", "country": "ES", "attributes": {"seats": 5}},
            "activities": [{"type": "page_view", "age": "2 days", "target": "/pricing"}],
            "expect": "warm",
        }
    ],
}
GONE = object()


def small(**changes: object) -> Data:
    """SMALL with values put at (or, where GONE, taken from) places: ``groups[0].name``.

    As keyword arguments cannot hold such places, call it with ``**{"groups[0].name": "x"}``.
    """
    data = copy.deepcopy(SMALL)
    for place, value in changes.items():
        steps: list[Any] = [
            int(index) if index else key
            for key, index in re.findall(r"(\w+)|\[(\d+)\]", place)
            for key, index in [(key, index)]
        ]
        target: Any = data
        for step in steps[:-1]:
            target = target[step]
        if value is GONE:
            del target[steps[-1]]
        elif isinstance(target, list) and steps[-1] == len(target):
            target.append(value)
        else:
            target[steps[-1]] = value
    return data


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
WORDS = TEXTS.filter(lambda text: bool(normalise(text)))
NAMES = WORDS.filter(lambda text: bool(text.strip()))
KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
NUMBERS = st.integers(-(10**15) + 1, 10**15 - 1) | st.sampled_from(
    [0.5, -0.1, 49.5, 1e300, 1e-300, 1.5e16, 123456789012345e-20, 10.0, -0.0]
)
DURATIONS = st.builds(
    lambda count, unit: f"{count} {unit}",
    st.integers(1, 999_999),
    st.sampled_from(["days", "weeks", "months", "years", "day", "month"]),
)
DAYS = st.dates().map(str)
INSTANTS = st.datetimes().map(lambda moment: f"{moment.isoformat()}Z") | DAYS
STANDARD = {
    "text": ["email", "job_title", "lifecycle", "company.name"],
    "number": ["company.employees"],
    "boolean": ["unsubscribed"],
    "instant": ["created_at"],
    "tags": ["tags"],
}
KINDS = {"choice": "text", "date": "instant"}


def tests_of(kind: str) -> st.SearchStrategy[Data]:
    """An operator for that kind, with a value where it takes one."""
    lists = st.lists(WORDS, min_size=1, max_size=3)
    pairs = st.lists(NUMBERS, min_size=2, max_size=2).map(sorted)
    empty = (["is_empty", "is_not_empty"], None)
    table: dict[str, list[tuple[list[str], st.SearchStrategy[Any] | None]]] = {
        "text": [
            (["equals", "not_equals", "contains", "not_contains"], WORDS),
            (["starts_with", "ends_with"], WORDS),
            (["in", "not_in"], lists),
            empty,
        ],
        "number": [(["eq", "ne", "lt", "lte", "gt", "gte"], NUMBERS), (["between"], pairs), empty],
        "boolean": [(["is_true", "is_false"], None)],
        "instant": [(["before", "after"], INSTANTS), (["within_last", "older_than"], DURATIONS)]
        + [empty],
        "tags": [(["has_any", "has_all", "has_none"], lists), empty],
    }
    return st.one_of(
        [
            st.fixed_dictionaries(
                {"op": st.sampled_from(names)} | ({"value": values} if values is not None else {})
            )
            for names, values in table[kind]
        ]
    )


def conditions(fields: list[Data]) -> st.SearchStrategy[Data]:
    by_kind = {kind: list(ids) for kind, ids in STANDARD.items()}
    for field in fields:
        by_kind[str(KINDS.get(field["type"], field["type"]))].append(f"attributes.{field['key']}")
    leaves = st.one_of(
        [
            st.builds(lambda field, test: {"field": field} | test, st.sampled_from(ids), test)
            for ids, test in ((ids, tests_of(kind)) for kind, ids in by_kind.items())
        ]
    )

    def deeper(inner: st.SearchStrategy[Data]) -> st.SearchStrategy[Data]:
        lists = st.lists(inner, min_size=1, max_size=3)
        return (
            st.fixed_dictionaries({"all": lists})
            | st.fixed_dictionaries({"any": lists})
            | st.fixed_dictionaries({"not": inner})
        )

    return leaves | deeper(leaves | deeper(leaves))


def activity_tests() -> st.SearchStrategy[Data]:
    properties = st.builds(
        lambda key, test: {"key": key} | test,
        KEYS,
        tests_of("text") | tests_of("number") | tests_of("boolean"),
    )
    return st.fixed_dictionaries(
        {"type": KEYS | st.lists(KEYS, min_size=1, max_size=3)},
        optional={"target": tests_of("text"), "properties": st.lists(properties, max_size=2)},
    )


@st.composite
def rules(draw: st.DrawFn, name: str, fields: list[Data]) -> Data:
    rule: Data = {"name": name}
    exclude = draw(st.booleans())
    points = st.integers(-1000, 1000).filter(bool)
    rule |= {"exclude": True} if exclude else {"points": draw(points)}
    match draw(st.sampled_from(["when", "activity", "absent"])):
        case "when":
            return rule | {"when": draw(conditions(fields))}
        case "absent":
            return rule | {"absent": draw(activity_tests()), "for": draw(DURATIONS)}
    counts = ["each", "once", "once_per_target", "once_per_day"]
    count = "once" if exclude else draw(st.sampled_from(counts))
    optional: dict[str, st.SearchStrategy[Any]] = {"expires": DURATIONS}
    if count == "once":
        optional["at_least"] = st.integers(1, 5)
    else:
        optional["limit"] = st.integers(1, 2000)
    if count in {"each", "once"} and not exclude:
        decay = {"percent": st.integers(1, 100), "every": DURATIONS}
        optional["decay"] = st.fixed_dictionaries(decay)
    extras = draw(st.fixed_dictionaries({}, optional=optional))
    return rule | {"activity": draw(activity_tests()), "count": count} | extras


@st.composite
def limits(draw: st.DrawFn) -> Data:
    low, high = sorted(draw(st.tuples(st.integers(-500, 500), st.integers(-500, 500))))
    return draw(st.sampled_from([{}, {"min": low}, {"max": high}, {"min": low, "max": high}]))


@st.composite
def custom_fields(draw: st.DrawFn) -> list[Data]:
    types = ["text", "number", "boolean", "date", "choice"]
    fields = []
    for key in draw(st.lists(KEYS, max_size=4, unique=True)):
        field: Data = {"key": key, "type": draw(st.sampled_from(types))}
        field |= draw(st.fixed_dictionaries({}, optional={"label": NAMES}))
        if field["type"] == "choice":
            field["choices"] = draw(st.lists(NAMES, min_size=1, max_size=3, unique_by=normalise))
        fields.append(field)
    return fields


@st.composite
def scenarios(draw: st.DrawFn, bands: list[str]) -> Data:
    contact = st.fixed_dictionaries(
        {},
        optional={
            "job_title": TEXTS,
            "unsubscribed": st.booleans(),
            "created_at": st.none() | st.just("2026-01-01T00:00:00Z"),
            "company": st.fixed_dictionaries({"name": WORDS, "employees": NUMBERS}),
            "tags": st.lists(WORDS, max_size=2),
        },
    )
    activity = st.fixed_dictionaries(
        {"type": KEYS, "age": DURATIONS | st.just("0 days")},
        optional={
            "target": TEXTS,
            "properties": st.dictionaries(KEYS, TEXTS | NUMBERS | st.booleans(), max_size=2),
            "automated": st.booleans(),
        },
    )
    return draw(
        st.fixed_dictionaries(
            {"name": NAMES, "expect": st.sampled_from([*bands, "excluded"])},
            optional={"contact": contact, "activities": st.lists(activity, max_size=2)},
        )
    )


def falling(grades: list[str], starts: list[int]) -> list[Data]:
    steps: list[Data] = [
        {"grade": grade, "from": start}
        for grade, start in zip(grades, sorted(starts, reverse=True), strict=True)
    ]
    del steps[-1]["from"]
    return steps


@st.composite
def grades(draw: st.DrawFn) -> list[Data]:
    count = draw(st.integers(1, 3))
    starts = st.lists(st.integers(-100, 100), min_size=count, max_size=count, unique=True)
    return falling(draw(st.lists(NAMES, min_size=count, max_size=count)), draw(starts))


@st.composite
def documents(draw: st.DrawFn) -> Data:
    """Any valid document, with defaults written out or not."""
    fields = draw(custom_fields())
    in_nfc = NAMES.map(normalise).filter(bool)
    names = st.lists(in_nfc, min_size=1, max_size=3, unique=True)
    bands = [name for name in draw(names) if name != "excluded"] or ["cold"]
    starts = sorted(draw(st.sets(st.integers(-500, 500), min_size=len(bands), max_size=len(bands))))
    groups = [
        {
            "name": f"{string.ascii_uppercase[place]}",
            "dimension": draw(st.sampled_from(["fit", "interest"])),
            "limits": draw(limits()),
            "rules": [
                draw(rules(f"{place} {number}", fields))
                for number in range(draw(st.integers(0, 2)))
            ],
        }
        for place in range(draw(st.integers(0, 3)))
    ]
    document: Data = {"format": 1, "name": draw(NAMES), "fields": fields, "groups": groups}
    document["bands"] = [
        {"name": name} | ({"from": start} if place else {})
        for place, (name, start) in enumerate(zip(bands, starts, strict=True))
    ]
    objectives = st.sampled_from([{"deal": "won"}, {"lifecycle": "customer"}]) | (
        st.fixed_dictionaries({"activity": activity_tests()})
    )
    return document | draw(
        st.fixed_dictionaries(
            {},
            optional={
                "audience": conditions(fields),
                "objective": objectives,
                "limits": limits(),
                "matrix": st.fixed_dictionaries({"fit": grades(), "interest": grades()}),
                "scenarios": st.lists(scenarios(bands), max_size=2),
            },
        )
    )
