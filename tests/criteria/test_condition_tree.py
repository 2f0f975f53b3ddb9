"""Conditions as people build them: through a page and back, deed by deed, and what is refused."""

from html.parser import HTMLParser
from typing import Any

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

KNOWN = parse(small()).catalogue


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
@settings(max_examples=150, deadline=None)
def test_whatever_a_document_can_hold_goes_through_a_page_unchanged(
    known: tuple[Data, Catalogue],
) -> None:
    data, catalogue = known
    tree = ConditionTree.of_data("when", data, catalogue)
    back = through_a_page(tree)
    assert back.check() is not None, (back.data(), back.faults)
    assert canonical_form(back.data(), catalogue) == canonical_form(data, catalogue)
