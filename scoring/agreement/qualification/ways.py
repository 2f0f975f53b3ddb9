"""How the values of a row are compared with the field: one class for each way.

A way reads a cell, writes it, and gives the conditions that its values are in a document.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from contacts.normalise import normalise
from contacts.values import COUNTRY, Wrong
from scoring.agreement.qualification.spans import Span, read_spans
from scoring.agreement.qualification.texts import read_texts, written
from scoring.criteria.fields import Field, FieldKind

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Data = dict[str, Any]
Values = tuple[Any, ...]
# Two letters are stored, so nothing else would ever be found.
COUNTRIES: Final = ("country", "company.country")


class Way:
    """``overlaps``: a contact may have values of two degrees at once."""

    name: ClassVar[str]
    title: "ClassVar[StrOrPromise]"
    kinds: ClassVar[tuple[FieldKind, ...]]
    overlaps: ClassVar[bool] = False

    def read(self, cell: str, field: Field) -> Values:
        """The values of a cell; raises Wrong."""
        raise NotImplementedError

    def written(self, values: Values) -> str:
        """The cell that reads as these values, in the reader's language."""
        raise NotImplementedError

    def data(self, values: Values) -> list[Any]:
        """As they are stored."""
        return list(values)

    def of_data(self, stored: Sequence[Any]) -> Values:
        return tuple(stored)

    def conditions(self, field: str, values: Values) -> list[Data]:
        """Of which one must hold."""
        raise NotImplementedError

    def shared(self, one: Values, other: Values) -> str:
        """What stands in both of two degrees, in words; empty where nothing does."""
        raise NotImplementedError

    def meet(self, one: Values, other: Values) -> bool:
        """Whether a contact may have values of both."""
        return self.overlaps


class Texts(Way):
    def read(self, cell: str, field: Field) -> Values:
        return read_texts(cell)

    def written(self, values: Values) -> str:
        return written(values)

    def shared(self, one: Values, other: Values) -> str:
        known = {normalise(text) for text in one}
        return next((text for text in other if normalise(text) in known), "")


class Contains(Texts):
    name = "contains"
    title = gettext_lazy("contains")
    kinds = (FieldKind.TEXT,)
    overlaps = True

    def conditions(self, field: str, values: Values) -> list[Data]:
        return [{"field": field, "op": self.name, "value": text} for text in values]


class StartsWith(Contains):
    name = "starts_with"
    title = gettext_lazy("begins with")

    def meet(self, one: Values, other: Values) -> bool:
        return any(self.covers(*pair) for left in one for right in other
                   for pair in ((left, right), (right, left)))  # fmt: skip

    def covers(self, short: str, long: str) -> bool:
        return normalise(long).startswith(normalise(short))


class EndsWith(StartsWith):
    name = "ends_with"
    title = gettext_lazy("ends with")

    def covers(self, short: str, long: str) -> bool:
        return normalise(long).endswith(normalise(short))


class Is(Texts):
    name = "in"
    title = gettext_lazy("is exactly")
    kinds = (FieldKind.TEXT, FieldKind.CHOICE)

    def read(self, cell: str, field: Field) -> Values:
        texts = read_texts(cell)
        if field.choices:
            return tuple(chosen(text, field.choices) for text in texts)
        if field.id in COUNTRIES:
            return tuple(country(text) for text in texts)
        return texts

    def conditions(self, field: str, values: Values) -> list[Data]:
        return [{"field": field, "op": self.name, "value": list(values)}]


class Tagged(Texts):
    name = "has_any"
    title = gettext_lazy("include one of")
    kinds = (FieldKind.TAGS,)
    overlaps = True

    def conditions(self, field: str, values: Values) -> list[Data]:
        return [{"field": field, "op": self.name, "value": list(values)}]


class Between(Way):
    name = "between"
    title = gettext_lazy("is in the range")
    kinds = (FieldKind.NUMBER,)

    def read(self, cell: str, field: Field) -> Values:
        return read_spans(cell)

    def written(self, values: Values) -> str:
        return "; ".join(map(str, values))

    def data(self, values: Values) -> list[Any]:
        return [[span.low, span.high] for span in values]

    def of_data(self, stored: Sequence[Any]) -> Values:
        return tuple(Span(low, high) for low, high in stored)

    def conditions(self, field: str, values: Values) -> list[Data]:
        return [{"field": field} | compared(span) for span in values]

    def shared(self, one: Values, other: Values) -> str:
        return next((str(left) for left in one for right in other if left.meets(right)), "")


class YesOrNo(Way):
    name = "is"
    title = gettext_lazy("is")
    kinds = (FieldKind.BOOLEAN,)

    def read(self, cell: str, field: Field) -> Values:
        return tuple(dict.fromkeys(yes_or_no(text) for text in read_texts(cell)))

    def written(self, values: Values) -> str:
        return written(_("Yes") if value else _("No") for value in values)

    def conditions(self, field: str, values: Values) -> list[Data]:
        return [{"field": field, "op": "is_true" if value else "is_false"} for value in values]

    def shared(self, one: Values, other: Values) -> str:
        return next((self.written((value,)) for value in one if value in other), "")


WAYS: Final[Mapping[str, Way]] = {
    way.name: way
    for way in (Contains(), Is(), StartsWith(), EndsWith(), Between(), YesOrNo(), Tagged())
}


def ways_of(kind: FieldKind) -> list[Way]:
    """None where a field of that kind has no degrees, such as a date."""
    return [way for way in WAYS.values() if kind in way.kinds]


def compared(span: Span) -> Data:
    if span.low is None:
        return {"op": "lte", "value": span.high}
    if span.high is None:
        return {"op": "gte", "value": span.low}
    if span.low == span.high:
        return {"op": "eq", "value": span.low}
    return {"op": "between", "value": [span.low, span.high]}


def chosen(text: str, choices: Iterable[str]) -> str:
    known = {normalise(choice): choice for choice in choices}
    if normalise(text) not in known:
        raise Wrong(
            _("“%(text)s” is none of its values, which are: %(choices)s.")
            % {"text": text, "choices": ", ".join(known.values())}
        )
    return known[normalise(text)]


def country(text: str) -> str:
    if not COUNTRY.fullmatch(text):
        raise Wrong(
            _("“%(text)s”: a country is written with two letters, as in ES.") % {"text": text}
        )
    return text.upper()


def yes_or_no(text: str) -> bool:
    said = normalise(text)
    for value, words in ((True, {"yes", "si", "true"}), (False, {"no", "false"})):
        for code, _name in settings.LANGUAGES:
            with override(code):
                words.add(normalise(_("Yes") if value else _("No")))
        if said in words:
            return value
    raise Wrong(_("“%(text)s”: write yes or no.") % {"text": text})
