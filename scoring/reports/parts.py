"""Which fields of a question are shown together, and which may be folded up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django import forms
from django.utils.translation import gettext

# About whom it is: asked beside the period and the model, and mostly left as it is.
WHOSE: Final = ("campaign", "segment", "source", "owner", "country")


@dataclass(frozen=True, slots=True)
class Part:
    """Fields that are shown together; without a title always, else they may be folded up.

    ``is_used``: something else than the usual is asked there, or asked wrongly.
    """

    title: str
    fields: Sequence[forms.BoundField]
    is_used: bool = True


def parts_of(fields: Sequence[forms.BoundField], what_ifs: Mapping[str, str]) -> list[Part]:
    """``what_ifs``: fields of what-if questions, and what they usually ask."""
    usual = {**dict.fromkeys(WHOSE, ""), **what_ifs}
    found = [Part("", [field for field in fields if field.name not in usual])]
    for title, names in ((gettext("Whose leads"), {*WHOSE}), (gettext("What if"), {*what_ifs})):
        inside = [field for field in fields if field.name in names]
        used = any(field.errors or (field.value() or "") != usual[field.name] for field in inside)
        found += [Part(title, inside, used)] if inside else []
    return found
