"""What a list may be asked: its filters, its orders and how long a page is.

Not the cursor: a page is reached by the address in ``next`` of the one before.
"""

from collections.abc import Iterable
from typing import Any, Final

from django_filters import ChoiceFilter
from drf_spectacular.utils import OpenApiParameter

from contacts.filters import WHOLE_MOST, InstantFilter, SwitchFilter, WholeFilter
from scoring.api.paging import LIMIT, LIMIT_MOST
from scoring.api.schema.shapes import INSTANT, SWITCH, Schema, text, whole

# Text without U+0000 that is more than white space.
FILLED: Final = r"^[^\u0000]*[^\s\u0000\u001c-\u001f\u0085][^\u0000]*$"


def asked(filters: Any, orders: Iterable[str]) -> list[OpenApiParameter]:
    """The parameters of a list with the filters of a FilterSet, in one of these orders."""
    names = list(orders)
    order = {"type": "string", "enum": names, "default": names[0]}
    return [
        *(
            parameter(name, shape_of(each), each.label)
            for name, each in filters.base_filters.items()
        ),
        parameter("limit", whole(minimum=1, maximum=LIMIT_MOST, default=LIMIT), "Rows a page."),
        parameter("order", order, "What comes first; a leading minus turns it round."),
    ]


def parameter(name: str, schema: Schema, description: Any) -> OpenApiParameter:
    return OpenApiParameter(name, schema, description=description)


def shape_of(each: Any) -> Schema:
    if isinstance(each, SwitchFilter):
        return SWITCH
    if isinstance(each, InstantFilter):
        return INSTANT
    if isinstance(each, WholeFilter):
        return whole(minimum=-WHOLE_MOST, maximum=WHOLE_MOST)
    if isinstance(each, ChoiceFilter):
        return {"type": "string", "enum": [value for value, _label in each.extra["choices"]]}
    return text(each.extra["max_length"], pattern=FILLED)
