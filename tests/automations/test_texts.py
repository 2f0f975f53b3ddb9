"""Texts with variables: what they become, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.automations.texts import VARIABLES, Template, TextInvalid

pytestmark = pytest.mark.once

VALUES = {"contact.first_name": "Ana", "score.total": "72", "contact.company": ""}


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("Hello", "Hello"),
        ("Hello {{ contact.first_name }}!", "Hello Ana!"),
        ("{{contact.first_name}} {{  score.total  }}", "Ana 72"),
        ("At {{ contact.company }}.", "At ."),
        ("At {{ contact.company | your company }}.", "At your company."),
        ("{{ contact.first_name | there }}", "Ana"),
        ("{ single } 100 %s {0} $x", "{ single } 100 %s {0} $x"),
        ("{{ owner.name | us }}", "us"),
    ],
)
def test_variables_are_filled_in(text: str, rendered: str) -> None:
    assert Template.read(text).render(VALUES) == rendered


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ contact.password }}", "contact.password"),
        ("{{ }}", "is no variable"),
        ("{{ contact.first_name", "two braces"),
        ("contact.first_name }}", "two braces"),
        ("{{ contact.__class__ }} {{ moon }}", "moon"),
        ("{% if contact %}{{ contact }}{% endif %}", "“contact”"),
        ("x" * 10_001, "10000"),
    ],
)
def test_what_is_no_variable_is_refused(text: str, told: str) -> None:
    with pytest.raises(TextInvalid) as refused:
        Template.read(text)
    assert told in str(refused.value)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(TextInvalid) as refused:
        Template.read("{{ one }} {{ two }} {{")
    assert len(refused.value.faults) == 3


@given(st.dictionaries(st.sampled_from(sorted(VARIABLES)), st.text()))
def test_what_a_variable_stands_for_is_never_read_again(values: dict[str, str]) -> None:
    text = "".join(f"[{{{{ {name} }}}}]" for name in values)
    assert Template.read(text).render(values) == "".join(f"[{value}]" for value in values.values())
