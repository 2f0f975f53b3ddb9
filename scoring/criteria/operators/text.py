"""Comparisons of texts and choices: case, accents and outer blanks do not count."""

from django.db.models import Q
from django.db.models.functions import StrIndex
from django.db.models.lookups import Exact, GreaterThan
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.values import Wrong
from scoring.criteria.expressions import End, IsBlank, OneOf, Start, parameter
from scoring.criteria.fields import Field, FieldKind
from scoring.criteria.moments import Literal
from scoring.criteria.operators.base import Operator, Takes, Unary, listed, quoted, register
from scoring.criteria.values import Text, comparable_text

KINDS = (FieldKind.TEXT, FieldKind.CHOICE)


def comparable_texts(data: object) -> tuple[Text, ...]:
    """A list of texts in a value: neither it nor any of them is empty."""
    if not isinstance(data, list | tuple) or not data:
        raise Wrong(gettext("must be a list of at least one text"))
    return tuple(comparable_text(item) for item in data)


class TextOperator(Operator[Text]):
    takes = Takes.TEXT

    def parse(self, data: object) -> Text:
        return comparable_text(data)

    def said(self, value: Text) -> str:
        return quoted(value)


@register("equals", *KINDS)
class Equals(TextOperator):
    words = _("%(field)s is %(value)s")

    def holds(self, field: Field, value: Text) -> Q:
        return Q(Exact(field.expression, parameter(value.norm)))


@register("not_equals", *KINDS)
class NotEquals(Equals):
    words = _("%(field)s is not %(value)s")

    def holds(self, field: Field, value: Text) -> Q:
        return ~super().holds(field, value)


@register("contains", *KINDS)
class Contains(TextOperator):
    words = _("%(field)s contains %(value)s")

    def holds(self, field: Field, value: Text) -> Q:
        # Not LIKE: there %, _ and \ would not be ordinary characters.
        return Q(GreaterThan(StrIndex(field.expression, parameter(value.norm)), Literal(0)))


@register("not_contains", *KINDS)
class NotContains(Contains):
    words = _("%(field)s does not contain %(value)s")

    def holds(self, field: Field, value: Text) -> Q:
        return ~super().holds(field, value)


@register("starts_with", *KINDS)
class StartsWith(TextOperator):
    words = _("%(field)s starts with %(value)s")

    def holds(self, field: Field, value: Text) -> Q:
        start = Start(field.expression, len(value.norm))
        return Q(Exact(start, parameter(value.norm)))


@register("ends_with", *KINDS)
class EndsWith(TextOperator):
    words = _("%(field)s ends with %(value)s")

    def holds(self, field: Field, value: Text) -> Q:
        end = End(field.expression, len(value.norm))
        return Q(Exact(end, parameter(value.norm)))


@register("in", *KINDS)
class In(Operator[tuple[Text, ...]]):
    words = _("%(field)s is %(value)s")
    takes = Takes.TEXTS

    def parse(self, data: object) -> tuple[Text, ...]:
        return comparable_texts(data)

    def holds(self, field: Field, value: tuple[Text, ...]) -> Q:
        return Q(OneOf(field.expression, tuple(text.norm for text in value)))

    def said(self, value: tuple[Text, ...]) -> str:
        return listed(value)


@register("not_in", *KINDS)
class NotIn(In):
    words = _("%(field)s is not %(value)s")

    def holds(self, field: Field, value: tuple[Text, ...]) -> Q:
        return ~super().holds(field, value)


@register("is_empty", *KINDS)
class IsEmpty(Unary):
    words = _("%(field)s is empty")

    def holds(self, field: Field, value: None) -> Q:
        return Q(IsBlank(field.expression))


@register("is_not_empty", *KINDS)
class IsNotEmpty(IsEmpty):
    words = _("%(field)s is not empty")

    def holds(self, field: Field, value: None) -> Q:
        return ~super().holds(field, value)
