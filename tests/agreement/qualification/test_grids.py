"""What is typed becomes a grid, or a fault at its cell; and a grid becomes a group of rules."""

from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from scoring.agreement.qualification.degrees import Degree
from scoring.agreement.qualification.grids import Grid, Typed, TypedRow, read_grid, typed_of
from scoring.agreement.qualification.groups import group_data, group_hash
from scoring.criteria.document import parse
from scoring.criteria.faults import Node
from tests.agreement.qualification.grids import CATALOGUE, faults, read, row

pytestmark = pytest.mark.once

TITLES = row("job_title", "contains", high="CEO, director", medium="manager", low="student")
SIZES = row("company.employees", high="50 to 200", medium="from 201", low="up to 9")


def rules(grid: Grid, name: str = "Buyer") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = group_data(name, grid, CATALOGUE, "en")["rules"]
    return found


def document(group: dict[str, Any]) -> Any:
    declared = [
        {"key": "plan", "label": "Plan", "type": "choice", "choices": ["Basic", "Pro"]},
    ]
    return parse(
        {
            "format": 1,
            "name": "Trial",
            "fields": declared,
            "groups": [group],
            "bands": [{"name": "all"}],
        }
    )


WRONG = [
    ("a value in two degrees", row("job_title", high="CEO, Director", low="director"),
     "rows[0].low", "“director” stands in “High” too"),
    ("ranges that overlap", row("company.employees", high="50 to 200", medium="200 to 500"),
     "rows[0].medium", "“50 to 200” stands in “High” too"),
    ("a text for a number", row("company.employees", high="big"),
     "rows[0].high", "“big” is no range of numbers"),
    ("an unknown field", row("attributes.gone", high="x"),
     "rows[0].field", "There is no field “attributes.gone” any more"),
    ("a day", row("created_at", high="2026-01-01"), "rows[0].field", "is a day and has no degrees"),
    ("a custom day", row("attributes.since", high="x"), "rows[0].field", "is a day"),
    ("no field", row("", high="x"), "rows[0].field", "Choose what this row looks at."),
    ("an unknown way", row("job_title", "regex", high="x"), "rows[0].way", "Choose how"),
    ("no choice of the field", row("attributes.plan", high="Gold"),
     "rows[0].high", "which are: Basic, Pro."),
    ("a country in words", row("country", "in", high="ES, Spain"),
     "rows[0].high", "“Spain”: a country is written with two letters"),
    ("neither yes nor no", row("bounced", high="maybe"), "rows[0].high", "write yes or no"),
    ("twice the same", row("job_title", high="CEO, ceo"), "rows[0].high", "stands here twice"),
    ("nothing to compare", row("job_title", high="CEO, ´"), "rows[0].high", "cannot be compared"),
    ("an open quotation mark", row("job_title", high="x" * 201), "rows[0].high", "is too long"),
    ("10 KB", row("job_title", high="x, " * 5000), "rows[0].high", "This is too long"),
    ("a NUL", row("job_title", high="a\0b"), "rows[0].high", "U+0000"),
    ("half a character", row("job_title", high="\ud800"), "rows[0].high", "half a character"),
    ("points in words", row("job_title", points={"high": "many"}, high="x"),
     "rows[0].points.high", "from -1000 to 1000"),
    ("points that are too many", row("job_title", points={"low": "-" + "9" * 5000}, low="x"),
     "rows[0].points.low", "from -1000 to 1000"),
    ("too many values", row("job_title", high=", ".join(f"a{n}" for n in range(60)),
                            low=", ".join(f"b{n}" for n in range(60))),
     "rows[0].low", "have 120 values; at most 99 fit"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "path", "said"), [each[1:] for each in WRONG],
                         ids=[each[0] for each in WRONG])  # fmt: skip
def test_what_is_wrong_is_said_at_its_cell(typed: TypedRow, path: str, said: str) -> None:
    found = faults(typed)
    assert [where for where, _said in found] == [path]
    assert said in found[0][1]


def test_every_fault_is_named_at_once() -> None:
    found = faults(
        row("job_title", high="CEO"),
        row("job_title", high="CFO"),
        row("country", "in", high="Spain"),
        points={"high": "x"},
        mark=row("company.industry", mark=""),
    )
    assert [path for path, _said in found] == [
        "points.high", "mark.values", "rows[1].field", "rows[2].high",
    ]  # fmt: skip


def test_there_are_at_most_sixty_rows() -> None:
    assert faults(*[row("job_title")] * 61) == [
        ("rows", "A matrix has at most 60 criteria; take some out.")
    ]


def test_a_degree_keeps_those_below_it_out_where_both_could_hold() -> None:
    high, medium, low = rules(read(TITLES))
    ceo = {"field": "job_title", "op": "contains", "value": "CEO"}
    director = {"field": "job_title", "op": "contains", "value": "director"}
    manager = {"field": "job_title", "op": "contains", "value": "manager"}
    student = {"field": "job_title", "op": "contains", "value": "student"}
    assert high == {
        "name": "Buyer: job title, high",
        "points": 20,
        "when": {"any": [ceo, director]},
    }
    assert medium["when"] == {"all": [manager, {"not": {"any": [ceo, director]}}]}
    assert low["when"] == {"all": [student, {"not": {"any": [ceo, director, manager]}}]}
    assert (medium["points"], low["points"]) == (10, -5)


def test_degrees_that_cannot_meet_have_plain_conditions() -> None:
    assert [rule["when"] for rule in rules(read(SIZES))] == [
        {"field": "company.employees", "op": "between", "value": [50, 200]},
        {"field": "company.employees", "op": "gte", "value": 201},
        {"field": "company.employees", "op": "lte", "value": 9},
    ]
    ends = row("email", "ends_with", high="@acme.example", low="@gmail.com, example")
    assert "not" not in str(rules(read(ends))[0])
    assert rules(read(ends))[1]["when"]["all"][1] == {
        "not": {"field": "email", "op": "ends_with", "value": "@acme.example"}
    }


def test_an_excluded_value_excludes_and_a_degree_without_points_makes_no_rule() -> None:
    grid = read(row("tags", excluded="competitor", high="partner", medium="vip",
                    points={"high": "0"}))  # fmt: skip
    medium, excluded = rules(grid)
    assert medium["when"]["all"][1] == {
        "not": {"field": "tags", "op": "has_any", "value": ["partner"]}
    }
    assert excluded == {
        "name": "Buyer: tags, excluded",
        "exclude": True,
        "when": {"field": "tags", "op": "has_any", "value": ["competitor"]},
    }


def test_a_row_has_points_of_its_own_or_those_of_the_column() -> None:
    grid = read(
        row("country", "in", high="es", medium="PT", points={"high": "+35"}),
        points={"medium": "7", "low": "−3"},
    )
    assert [rule["points"] for rule in rules(grid)] == [35, 7]
    assert grid.points == {Degree.HIGH: 20, Degree.MEDIUM: 7, Degree.LOW: -3}


def test_the_mark_of_a_persona_is_a_part_of_each_of_its_rules() -> None:
    grid = read(SIZES, mark=row("job_title", "contains", mark="IT, systems"))
    mark = {
        "any": [
            {"field": "job_title", "op": "contains", "value": "IT"},
            {"field": "job_title", "op": "contains", "value": "systems"},
        ]
    }
    assert [rule["when"]["all"][0] for rule in rules(grid)] == [mark] * 3


def test_the_same_grid_gives_the_same_group_in_either_language() -> None:
    grid = read(TITLES, SIZES)
    with override("es"):
        spanish = group_data("Buyer", grid, CATALOGUE, "en")
    assert group_hash(spanish) == group_hash(group_data("Buyer", grid, CATALOGUE, "en"))


WORDS = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30),
    max_size=4,
)
QUOTED = WORDS.map(lambda words: ", ".join('"' + word.replace('"', '""') + '"' for word in words))
NUMBERS = st.sampled_from(["up to 9", "10", "11 to 49", "from 50", "", "7; 8"])
ROWS = st.builds(
    TypedRow,
    st.sampled_from(["job_title", "company.industry", "email", "tags", "attributes.plan"]),
    st.sampled_from(["contains", "in", "starts_with", "ends_with", ""]),
    st.fixed_dictionaries({"high": QUOTED, "medium": WORDS.map(", ".join), "excluded": QUOTED}),
    st.fixed_dictionaries({}, optional={"high": st.sampled_from(["5", "0", "-1000", "many"])}),
) | st.builds(
    TypedRow,
    st.sampled_from(["company.employees", "bounced", "created_at", "nonsense", ""]),
    st.just(""),
    st.fixed_dictionaries({"high": NUMBERS, "low": NUMBERS | st.just("yes")}),
)


@given(st.lists(ROWS, max_size=4), st.sampled_from(["en", "es"]))
def test_whatever_is_typed_is_refused_or_makes_a_sound_document_and_reads_back(
    rows: list[TypedRow], language: str
) -> None:
    root = Node(None)
    grid = read_grid(Typed(rows=rows), CATALOGUE, root)
    if root.faults:
        return
    with override(language):
        again = read_grid(typed_of(grid.data()), CATALOGUE, Node(None))
    assert again == grid
    document(group_data("Buyer", grid, CATALOGUE, language))
