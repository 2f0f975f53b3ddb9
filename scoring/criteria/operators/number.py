"""Comparisons of numbers, as double precision; an empty field is in none of them."""

from typing import Any, ClassVar

from django.db.models import Q
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IsNull,
    LessThan,
    LessThanOrEqual,
    Lookup,
)
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.numerals import numeral
from contacts.values import Number, Wrong
from scoring.criteria.expressions import IsTrue, parameter
from scoring.criteria.fields import Field, FieldKind
from scoring.criteria.operators.base import Operator, Takes, Unary, both, register
from scoring.criteria.values import number


class Comparison(Operator[Number]):
    takes = Takes.NUMBER
    lookup: ClassVar[type[Lookup[Any]]]

    def parse(self, data: object) -> Number:
        return number(data)

    def holds(self, field: Field, value: Number) -> Q:
        return Q(IsTrue(self.lookup(field.expression, parameter(float(value)))))

    def said(self, value: Number) -> str:
        return numeral(value)


@register("eq", FieldKind.NUMBER)
class Equal(Comparison):
    words = _("%(field)s is %(value)s")
    lookup = Exact


@register("ne", FieldKind.NUMBER)
class Differs(Equal):
    """The exact complement of Equal, so true for an empty field."""

    words = _("%(field)s is not %(value)s")

    def holds(self, field: Field, value: Number) -> Q:
        return ~super().holds(field, value)


@register("lt", FieldKind.NUMBER)
class Below(Comparison):
    words = _("%(field)s is below %(value)s")
    lookup = LessThan


@register("lte", FieldKind.NUMBER)
class AtMost(Comparison):
    words = _("%(field)s is at most %(value)s")
    lookup = LessThanOrEqual


@register("gt", FieldKind.NUMBER)
class Above(Comparison):
    words = _("%(field)s is above %(value)s")
    lookup = GreaterThan


@register("gte", FieldKind.NUMBER)
class AtLeast(Comparison):
    words = _("%(field)s is at least %(value)s")
    lookup = GreaterThanOrEqual


@register("between", FieldKind.NUMBER)
class Between(Operator[tuple[Number, ...]]):
    """Both ends belong to it."""

    words = _("%(field)s is from %(value)s")
    takes = Takes.RANGE

    def parse(self, data: object) -> tuple[Number, ...]:
        if not isinstance(data, list | tuple) or len(data) != 2:
            raise Wrong(gettext("must be a list of two numbers, the lower one first"))
        low, high = number(data[0]), number(data[1])
        if low > high:
            raise Wrong(gettext("must have the lower number first"))
        return low, high

    def holds(self, field: Field, value: tuple[Number, ...]) -> Q:
        low, high = (parameter(float(end)) for end in value)
        return both(
            IsTrue(GreaterThanOrEqual(field.expression, low)),
            IsTrue(LessThanOrEqual(field.expression, high)),
        )

    def said(self, value: tuple[Number, ...]) -> str:
        low, high = value
        return gettext("%(low)s to %(high)s") % {"low": numeral(low), "high": numeral(high)}


@register("is_empty", FieldKind.NUMBER, FieldKind.INSTANT, FieldKind.DATE)
class IsMissing(Unary):
    words = _("%(field)s is empty")

    def holds(self, field: Field, value: None) -> Q:
        return Q(IsNull(field.expression, True))


@register("is_not_empty", FieldKind.NUMBER, FieldKind.INSTANT, FieldKind.DATE)
class IsGiven(IsMissing):
    words = _("%(field)s is not empty")

    def holds(self, field: Field, value: None) -> Q:
        return ~super().holds(field, value)
