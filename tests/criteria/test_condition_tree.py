"""Conditions as people build them: through a page and back, deed by deed, and what is refused."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.criteria.canonical import canonical
from scoring.criteria.condition_tree import ConditionTree
from scoring.criteria.conditions import ConditionReader, condition_data
from scoring.criteria.document import parse
from scoring.criteria.faults import Node
from scoring.criteria.fields import Catalogue
from tests.criteria.documents import Data, conditions, custom_fields, small

# The page offers the segments that there are.
pytestmark = [pytest.mark.django_db, pytest.mark.once]

KNOWN = parse(small()).catalogue
SPAIN: Data = {"field": "country", "op": "equals", "value": "ES"}
BOSS: Data = {"field": "job_title", "op": "contains", "value": "director"}
LARGE: Data = {"field": "company.employees", "op": "gte", "value": 50}


class Sent(HTMLParser):
    """What a browser would send of a page's fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.select = ""
        self.chosen: list[str] = []
        self.options: list[str] = []
        self.area = ""
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        kind = given.get("type", "text")
        if tag == "input" and given.get("name"):
            if kind not in ("checkbox", "radio") or "checked" in given:
                self.fields.append((given["name"], one_line(given.get("value", ""))))
        elif tag == "select":
            self.select, self.chosen, self.options = given["name"], [], []
        elif tag == "option" and self.select:
            self.options.append(given["value"])
            if "selected" in given:
                self.chosen.append(given["value"])
        elif tag == "textarea":
            self.area, self.text = given["name"], []

    def handle_data(self, data: str) -> None:
        if self.area:
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            value = (self.chosen or self.options[:1] or [""])[-1]
            self.fields.append((self.select, value))
            self.select = ""
        elif tag == "textarea":
            text = "".join(self.text).removeprefix("\n")
            self.fields.append((self.area, text.replace("\r\n", "\n").replace("\n", "\r\n")))
            self.area = ""


def one_line(value: str) -> str:
    """As an input of one line holds it."""
    return value.replace("\r", "").replace("\n", "")


def through_a_page(tree: ConditionTree) -> ConditionTree:
    """What the server gets when the page of the tree is sent as it is."""
    page = render_to_string("scoring/conditions/tree.html", {"tree": tree})
    post = QueryDict(mutable=True)
    for name, value in Sent(page).fields:
        post.appendlist(name, value)
    return ConditionTree.of_post(tree.prefix, post, tree.catalogue)


def canonical_form(data: Any, catalogue: Catalogue) -> bytes:
    node = Node(data)
    condition = ConditionReader(catalogue).read(node)
    assert node.faults == []
    return canonical(condition_data(condition))


@st.composite
def known_conditions(draw: st.DrawFn) -> tuple[Data, Catalogue]:
    fields = draw(custom_fields())
    specs = parse(small(fields=fields, groups=[], scenarios=[])).fields
    return draw(conditions(fields)), Catalogue(specs)


@given(known_conditions())
@settings(max_examples=60, deadline=None)
def test_whatever_a_document_can_hold_goes_through_a_page_unchanged(
    known: tuple[Data, Catalogue],
) -> None:
    data, catalogue = known
    tree = ConditionTree.of_data("when", data, catalogue)
    back = through_a_page(tree)
    assert back.check() is not None, (back.data(), back.faults)
    assert canonical_form(back.data(), catalogue) == canonical_form(data, catalogue)


@pytest.mark.parametrize(
    "data",
    [
        {"not": {"not": {"not": SPAIN}}},
        {"not": {"any": [SPAIN, {"not": {"all": [BOSS]}}]}},
        {"field": "job_title", "op": "equals", "value": "one\r\ntwo"},
        {"field": "job_title", "op": "in", "value": ["a, b", " outer ", "x\u2028y", "a", "a"]},
        {"field": "attributes.size", "op": "equals", "value": "XXL"},
        {"field": "attributes.size", "op": "in", "value": ["M", "S", "XXL"]},
        {"field": "company.employees", "op": "between", "value": [-0.5, 1e300]},
        {"field": "created_at", "op": "before", "value": "2026-03-31T10:00:00.5+02:00"},
        {"field": "attributes.renewal", "op": "within_last", "value": "1 month"},
        {"field": "tags", "op": "has_all", "value": ["<b>&amp;", '"', "'"]},
    ],
)
def test_what_is_hard_to_type_goes_through_a_page_unchanged(data: Data) -> None:
    back = through_a_page(ConditionTree.of_data("when", data, KNOWN))
    assert canonical_form(back.data(), KNOWN) == canonical_form(data, KNOWN)


def built(*deeds: str, data: Data | None = None) -> ConditionTree:
    tree = ConditionTree.of_data("when", data, KNOWN)
    for deed in deeds:
        tree.do(deed)
    return tree


BOTH: Data = {"all": [SPAIN, BOSS]}
NEW: Data = {"field": "job_title", "op": "contains", "value": ""}
INNER: Data = {"all": [SPAIN, {"any": [BOSS, LARGE]}]}


@pytest.mark.parametrize(
    ("data", "deed", "expected", "focus"),
    [
        (None, "add:", NEW, "0-field"),
        (None, "group:", {"any": [NEW, NEW]}, "0-field"),
        (SPAIN, "add:", {"all": [SPAIN, NEW]}, "1-field"),
        (BOTH, "add:0", {"all": [SPAIN, BOSS, NEW]}, "3-field"),
        (BOTH, "group:0", {"all": [SPAIN, BOSS, {"any": [NEW, NEW]}]}, "3-field"),
        (BOTH, "wrap:1", {"all": [{"any": [SPAIN, NEW]}, BOSS]}, "3-field"),
        (SPAIN, "wrap:0", {"any": [SPAIN, NEW]}, "1-field"),
        (INNER, "unwrap:2", {"all": [SPAIN, BOSS, LARGE]}, "0-add"),
        (BOTH, "unwrap:0", BOTH, "0-unwrap"),
        (BOTH, "remove:2", SPAIN, "-add"),
        (INNER, "remove:3", {"all": [SPAIN, {"any": [LARGE]}]}, "4-remove"),
        ({"all": [SPAIN, BOSS, LARGE]}, "remove:2", {"all": [SPAIN, LARGE]}, "3-remove"),
        (SPAIN, "remove:0", None, "-add"),
        (SPAIN, "negate:0", {"not": SPAIN}, "0-not"),
        ({"not": SPAIN}, "negate:0", SPAIN, "0-not"),
        (BOTH, "turn:0", {"any": [SPAIN, BOSS]}, "0-way"),
        (BOTH, "up:2", {"all": [BOSS, SPAIN]}, "2-up"),
        (BOTH, "down:1", {"all": [BOSS, SPAIN]}, "1-down"),
        (BOTH, "up:1", BOTH, "1-up"),
        (INNER, "down:1", {"all": [{"any": [SPAIN, BOSS, LARGE]}]}, "1-down"),
        (INNER, "up:3", {"all": [SPAIN, BOSS, {"any": [LARGE]}]}, "3-up"),
        (INNER, "down:4", {"all": [SPAIN, {"any": [BOSS]}, LARGE]}, "4-down"),
        (BOTH, "up:0", BOTH, "0-up"),
        (BOTH, "add:99", BOTH, ""),
        (BOTH, "wrap:", BOTH, ""),
        (BOTH, "drop table:1", BOTH, ""),
    ],
)
def test_a_button_does_what_it_says(
    data: Data | None, deed: str, expected: Data | None, focus: str
) -> None:
    tree = built(deed, data=data)
    assert tree.data() == expected
    assert tree.focus == focus


def test_a_condition_cannot_be_nested_deeper_than_a_document_allows() -> None:
    tree = built("wrap:0", "wrap:0", "wrap:0", "wrap:0", data=SPAIN)
    before = tree.data()
    tree.do("wrap:0")
    assert tree.data() == before
    assert tree.faults == ["A condition has at most 5 levels of groups in groups."]


def test_a_hundred_tests_are_the_most() -> None:
    tree = built("add:0", data={"all": [SPAIN] * 100})
    assert tree.data() == {"all": [SPAIN] * 100}
    assert tree.faults == ["A condition has at most 100 tests."]


def test_the_condition_of_a_segment_joins_what_is_there() -> None:
    tree = built(data=BOTH)
    tree.insert({"all": [LARGE]})
    tree.insert({"any": [SPAIN, BOSS]})
    assert tree.data() == {"all": [SPAIN, BOSS, LARGE, {"any": [SPAIN, BOSS]}]}


def posted(*entries: str, **fields: str) -> QueryDict:
    post = QueryDict(mutable=True)
    post.setlist("when-part", list(entries))
    for name, value in fields.items():
        post[f"when-{name.replace('__', '-')}"] = value
    return post


def sent(*entries: str, **fields: str) -> ConditionTree:
    return ConditionTree.of_post("when", posted(*entries, **fields), KNOWN)


def leaf(field: str, op: str, value: str, shown_as: str = "text") -> ConditionTree:
    given = {"0__field": field, "0__op": op, "0__value": value, "0__as": f"{shown_as}:{field}"}
    return sent("0::leaf:0", **given)


@pytest.mark.parametrize(
    "field",
    ["_connector", "password", "owner__password", "id) OR 1=1", "a.b", "job\x00title", "\x1b", ""],
)
def test_a_field_that_is_not_in_the_list_is_refused_at_its_place(field: str) -> None:
    tree = leaf(field, "equals", "x")
    assert tree.check() is None
    [part] = tree
    assert list(part.faults) == ["field"]
    through_a_page(tree)


@pytest.mark.parametrize(
    "value", [r"^(\w+\s?)*$", "%", "_", "\\", "x" * 10_240, "'; DROP TABLE x; --", "{{ 1 }}"]
)
def test_a_value_is_text_and_nothing_else(value: str) -> None:
    condition = leaf("job_title", "contains", value).check()
    assert condition is not None
    assert condition_data(condition) == {"field": "job_title", "op": "contains", "value": value}


@pytest.mark.parametrize(
    ("field", "op", "value", "shown_as", "said"),
    [
        ("job_title", "contains", "", "text", "Write something here, or choose the comparison “is"),
        ("job_title", "contains", "a\0b", "text", "The text holds the character U+0000; take it"),
        ("job_title", "in", "", "lines", "Name at least one, each on a line of its own."),
        ("company.employees", "gte", "", "number", "Write a number here, such as"),
        ("company.employees", "gte", "many", "number", "Write a number here, such as"),
        (
            "company.employees",
            "gte",
            "9" * 10_240,
            "number",
            "This must be a number that is finite.",
        ),
        ("company.employees", "gte", "nan", "number", "This must be a number that is finite."),
        ("created_at", "before", "2026-02-30", "day", "There is no such day."),
        ("created_at", "within_last", "x", "duration", "Write a duration as a number and a unit"),
        ("job_title", "equals", "[" * 10_000, "raw", ""),
    ],
)
def test_a_bad_value_is_told_at_its_field(
    field: str, op: str, value: str, shown_as: str, said: str
) -> None:
    tree = leaf(field, op, value, shown_as)
    condition = tree.check()
    [part] = tree
    assert (condition is None) is bool(said)
    assert list(part.faults) == (["value"] if said else [])
    assert said in "".join(part.faults.get("value", []))
    through_a_page(tree)


def test_an_operator_that_nothing_has_is_refused() -> None:
    tree = leaf("job_title", "regex", "x")
    assert tree.check() is None
    [part] = tree
    assert "Is no operator of job_title" in part.faults["op"][0]


def test_a_comparison_that_nobody_chose_is_looked_at_before_it_is_saved() -> None:
    tree = sent(
        "0::leaf:0",
        **{
            "0__field": "company.employees",
            "0__op": "contains",
            "0__value": "50",
            "0__as": "text:job_title",
        },
    )
    assert tree.data() == {"field": "company.employees", "op": "eq", "value": ""}
    assert tree.check() is None
    [part] = tree
    assert "Look whether this is the comparison" in part.faults["op"][0]


@pytest.mark.parametrize(
    ("field", "shown_as", "op", "typed", "expected"),
    [
        ("country", "text", "in", {"value": "ES"}, ["ES"]),
        ("country", "lines", "equals", {"value": "ES\r\nPT"}, "ES"),
        ("company.employees", "number", "between", {"value": "5"}, [5, ""]),
        ("company.employees", "range", "eq", {"low": "5", "high": "9"}, 5),
        ("created_at", "day", "within_last", {"value": "2026-01-01"}, ""),
    ],
)
def test_another_comparison_keeps_what_still_fits(
    field: str, shown_as: str, op: str, typed: dict[str, str], expected: object
) -> None:
    given = {"0__field": field, "0__op": op, "0__as": f"{shown_as}:{field}"}
    tree = sent("0::leaf:0", **given, **{f"0__{name}": value for name, value in typed.items()})
    assert tree.data() == {"field": field, "op": op, "value": expected}


def test_what_is_added_beside_a_list_belongs_to_it() -> None:
    given = {"0__field": "tags", "0__op": "has_any", "0__as": "lines:tags"}
    tree = sent("0::leaf:0", **given, **{"0__value": "a\r\nb", "0__more": "c"})
    assert tree.data() == {"field": "tags", "op": "has_any", "value": ["a", "b", "c"]}


@pytest.mark.parametrize(
    "entries",
    [
        ["x::leaf:0"],
        ["0:7:leaf:0"],
        ["0::drop:0"],
        ["0::leaf:9"],
        ["12345::leaf:0"],
        ["0::leaf:0 "],
        ["0:0:group:0"],
        ["\0"],
    ],
)
def test_what_is_no_part_is_left_out(entries: list[str]) -> None:
    tree = sent(*entries)
    assert tree.is_empty
    assert tree.check() is None


def test_parts_below_one_another_in_a_ring_or_too_deep_are_left_out() -> None:
    chain = ["0::group:0", *(f"{at}:{at - 1}:group:0" for at in range(1, 40)), "1:3:group:0"]
    tree = sent(*chain)
    assert len(list(tree)) == 5
    assert tree.check() is None


def test_of_thousands_of_parts_only_so_many_are_looked_at() -> None:
    tree = sent("0::group:0", *(f"{at}:0:leaf:0" for at in range(1, 1000)))
    assert len(list(tree)) == 101
    assert tree.faults == ["A condition has at most 100 tests."]


@pytest.mark.parametrize(
    "data",
    [
        {"all": "x"},
        {"any": []},
        {"not": 5},
        [1, 2],
        "text",
        {"field": ["x"], "op": {}, "value": {"a": 1}},
        {"all": [None, {"field": "country"}]},
        {"all": [SPAIN] * 300},
    ],
)
def test_data_that_is_no_condition_is_shown_and_refused(data: object) -> None:
    tree = ConditionTree.of_data("when", data, KNOWN)
    through_a_page(tree)
    assert tree.check() is None
    assert tree.is_wrong


def test_two_trees_stand_in_one_form() -> None:
    page = "".join(
        render_to_string(
            "scoring/conditions/tree.html", {"tree": ConditionTree.of_data(prefix, data, KNOWN)}
        )
        for prefix, data in (("when", BOTH), ("audience", LARGE))
    )
    post = QueryDict(mutable=True)
    for name, value in Sent(page).fields:
        post.appendlist(name, value)
    assert ConditionTree.of_post("when", post, KNOWN).data() == BOTH
    assert ConditionTree.of_post("audience", post, KNOWN).data() == LARGE
