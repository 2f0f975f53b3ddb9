"""The value of one test in a form: which fields it is typed in, and what they hold as data.

Each shape writes a value into its fields and reads it from them. Where what is read would not
be what was written, the value is shown raw: as JSON, so that nothing of it is lost.
"""

import json
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, Final, Protocol

from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from scoring.criteria.durations import Unit
from scoring.criteria.form_fields import UNITS, Choices, Data, as_number
from scoring.criteria.operators import Takes

# 2026-03-31; an instant with its hour is longer, and is typed.
DAY_LENGTH: Final = 10
# Beyond so many items, lines of text are quicker than boxes to tick.
MOST_LINES_SHOWN: Final = 6


class Shape(StrEnum):
    """How a value is typed."""

    NOTHING = "nothing"
    TEXT = "text"
    CHOICE = "choice"
    LINES = "lines"
    CHOICES = "choices"
    NUMBER = "number"
    RANGE = "range"
    DAY = "day"
    INSTANT = "instant"
    DURATION = "duration"
    RAW = "raw"


PLAIN: Final = {
    Takes.NOTHING: Shape.NOTHING,
    Takes.TEXT: Shape.TEXT,
    Takes.TEXTS: Shape.LINES,
    Takes.NUMBER: Shape.NUMBER,
    Takes.RANGE: Shape.RANGE,
    Takes.INSTANT: Shape.INSTANT,
    Takes.DURATION: Shape.DURATION,
}
TAKES: Final = {shape: takes for takes, shape in PLAIN.items()} | {
    Shape.CHOICE: Takes.TEXT,
    Shape.CHOICES: Takes.TEXTS,
    Shape.DAY: Takes.INSTANT,
}


class Leaf(Protocol):
    """What a shape has to know of the test that it shows."""

    value: Any

    def name(self, what: str) -> str: ...
    def attributes(self, what: str, label: str, fault_at: str = "") -> Data: ...
    def text_input(self, what: str, value: Any, label: str, **attrs: Any) -> SafeString: ...
    def text_offering(self, what: str, value: Any, label: str, **attrs: Any) -> SafeString: ...
    @property
    def choices(self) -> tuple[str, ...]: ...


def blank(takes: Takes) -> Any:
    """What stands for a value that nobody has typed yet."""
    if takes is Takes.TEXTS:
        return []
    return ["", ""] if takes is Takes.RANGE else ""


def shape_of(takes: Takes, value: Any, choices: Sequence[str]) -> Shape:
    shape = PLAIN[takes]
    if shape is Shape.NOTHING:
        return shape
    if not is_kept(shape, value):
        return Shape.RAW
    if takes is Takes.TEXT and choices:
        return Shape.CHOICE
    if takes is Takes.TEXTS and choices:
        in_order = [choice for choice in choices if choice in value]
        return Shape.CHOICES if value == in_order else Shape.LINES
    is_day = takes is Takes.INSTANT and len(value) in (0, DAY_LENGTH)
    return Shape.DAY if is_day else shape


def is_kept(shape: Shape, value: Any) -> bool:
    """Whether the fields give back what is written into them."""
    fields = written(shape, value)
    if any(not storable(text) for text in fields.values()):
        return False
    read = from_fields(shape, lambda name: fields.get(name, ""))
    return type(read) is type(value) and read == value and alike_within(read, value)


def alike_within(read: Any, value: Any) -> bool:
    """True is 1 to Python, but not to a document."""
    if not isinstance(value, list):
        return True
    return [type(item) for item in read] == [type(item) for item in value]


def storable(text: str) -> bool:
    """Whether a page can hold the text and send it as it is."""
    bare = text.replace("\n", "")
    return bare.isprintable() or not any(letter < " " or letter == "\x7f" for letter in bare)


def written(shape: Shape, value: Any) -> dict[str, str]:
    """The texts of the fields, by the ends of their names."""
    match shape:
        case Shape.LINES | Shape.CHOICES if isinstance(value, list):
            return {"value": "\n".join(str(item) for item in value)}
        case Shape.RANGE if isinstance(value, list):
            low, high = [*value, "", ""][:2]
            return {"low": str(low), "high": str(high)}
        case Shape.DURATION:
            count, _blank, unit = str(value).partition(" ")
            return {"count": count, "unit": f"{unit.removesuffix('s')}s" if unit else ""}
    return {"value": str(value)}


def from_fields(shape: Shape, given: Callable[[str], str]) -> Any:
    """What the fields say, as a document has it."""
    match shape:
        case Shape.NUMBER:
            return as_number(given("value").strip())
        case Shape.RANGE:
            return [as_number(given("low").strip()), as_number(given("high").strip())]
        case Shape.LINES:
            lines = [*given("value").split("\n"), given("more")]
            return [line.strip() for line in lines if line.strip()]
        case Shape.DURATION:
            return duration(given("count").strip(), given("unit"))
        case Shape.TEXT | Shape.DAY | Shape.INSTANT:
            return given("value").strip()
    return given("value")


def duration(count: str, unit: str) -> str:
    """``30 days``; nothing where no number was typed, and what was typed where it is none."""
    units = unit if unit in set(Unit) else Unit.DAYS.value
    if not count:
        return ""
    return f"{count} {units[:-1] if count == '1' else units}"


def read_shape(shape: Shape, name: Callable[[str], str], post: QueryDict) -> Any:
    """What was sent of a value."""
    if shape is Shape.NOTHING:
        return ""
    if shape is Shape.CHOICES:
        return [value for value in post.getlist(name("value")) if value]
    if shape is Shape.RAW:
        return read_raw(post.get(name("value"), ""))
    return from_fields(shape, lambda what: post.get(name(what), ""))


def read_raw(text: str) -> Any:
    """JSON or, where it is none any more, the text itself: its reader will say what is wrong."""
    try:
        return json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return text.strip()


# --- The fields of a page ----------------------------------------------------------------------


def render_shape(leaf: Leaf, shape: Shape) -> SafeString:
    label = gettext("Value")
    given = written(shape, leaf.value)
    match shape:
        case Shape.NOTHING:
            return SafeString("")
        case Shape.CHOICE:
            choices = with_stray(leaf.choices, leaf.value)
            return select(leaf, "value", choices, leaf.value, label)
        case Shape.CHOICES:
            return ticks(leaf)
        case Shape.LINES:
            return lines(leaf, given["value"])
        case Shape.NUMBER:
            return leaf.text_input("value", given["value"], label, inputmode="decimal")
        case Shape.RANGE:
            low = leaf.text_input("low", given["low"], gettext("From"), inputmode="decimal")
            high = leaf.text_input("high", given["high"], gettext("To"), inputmode="decimal")
            return format_html('{} <span class="cond-to">–</span> {}', low, high)
        case Shape.DURATION:
            count = leaf.text_input(
                "count", given["count"], gettext("Length of time"), inputmode="numeric"
            )
            unit = select(leaf, "unit", UNITS, given["unit"], gettext("Unit"))
            return format_html("{} {}", count, unit)
        case Shape.DAY:
            return leaf.text_input("value", given["value"], label, type="date")
        case Shape.RAW:
            said = gettext("Value, as a document writes it")
            return leaf.text_input("value", json.dumps(leaf.value), said, spellcheck="false")
        case Shape.TEXT:
            return leaf.text_offering("value", given["value"], label)
    return leaf.text_input("value", given["value"], label)


def with_stray(choices: Sequence[str], value: str) -> Choices:
    """The choices, and what is chosen though it is none of them (any more)."""
    found: Choices = [(choice, choice) for choice in choices]
    if value in choices:
        return found
    return [(value, value or gettext("Choose…")), *found]


def select(leaf: Leaf, what: str, choices: Choices, value: str, label: str) -> SafeString:
    attrs = leaf.attributes(what, label, "value")
    return UnfoldAdminSelectWidget(choices=choices).render(leaf.name(what), value, attrs)


def ticks(leaf: Leaf) -> SafeString:
    """Boxes to tick, by hand: a condition may have a hundred of them in a row."""
    boxes = [
        format_html(
            '<label><input type="checkbox" name="{}" value="{}"{}> {}</label>',
            leaf.name("value"),
            choice,
            SafeString(" checked") if choice in leaf.value else "",
            choice,
        )
        for choice in leaf.choices
    ]
    attrs = leaf.attributes("value", gettext("Values"), "value")
    return format_html(
        '<span class="cond-ticks" role="group" id="{}" aria-label="{}">{}</span>',
        attrs["id"],
        attrs["aria-label"],
        SafeString("".join(boxes)),
    )


def lines(leaf: Leaf, text: str) -> SafeString:
    rows = min(MOST_LINES_SHOWN, max(2, text.count("\n") + 1))
    attrs = leaf.attributes("value", gettext("Values, one a line"), "value")
    area = UnfoldAdminTextareaWidget({"rows": rows}).render(leaf.name("value"), text, attrs)
    said = {"placeholder": gettext("Add…"), "data-reshapes": "", "data-adds": ""}
    more = leaf.text_offering("more", "", gettext("Add a value"), **said)
    return format_html("{} {}", area, more)
