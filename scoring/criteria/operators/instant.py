"""Comparisons in time. A date is its midnight in UTC, kept as whole days since 1970-01-01."""

from datetime import UTC, datetime

from django.db.models import DateTimeField, Expression, F, Q
from django.db.models import Value as Parameter
from django.db.models.lookups import GreaterThan, LessThan, LessThanOrEqual
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.values import Wrong
from scoring.criteria.durations import Duration, DurationFault
from scoring.criteria.expressions import IsTrue
from scoring.criteria.fields import Field, FieldKind
from scoring.criteria.moments import (
    DayBound,
    InstantBound,
    Literal,
    Moment,
    MomentParameter,
    days,
)
from scoring.criteria.operators.base import Operator, Takes, both, register
from scoring.criteria.values import Instant, day_or_instant

KINDS = (FieldKind.INSTANT, FieldKind.DATE)
NOW = Moment()


def is_midnight(instant: datetime) -> bool:
    return instant == instant.replace(hour=0, minute=0, second=0, microsecond=0)


def moving(field: Field, moment: Moment) -> MomentParameter:
    bound = DayBound if field.kind is FieldKind.DATE else InstantBound
    return MomentParameter(bound(moment))


class Fixed(Operator[Instant]):
    takes = Takes.INSTANT

    def parse(self, data: object) -> Instant:
        return day_or_instant(data)

    def said(self, value: Instant) -> str:
        if is_midnight(value.at):
            return date_format(value.at, "DATE_FORMAT")
        return f"{date_format(value.at.astimezone(UTC), 'DATE_FORMAT')} {value.at:%H:%M:%S} UTC"


@register("before", *KINDS)
class Before(Fixed):
    words = _("%(field)s is before %(value)s")

    def holds(self, field: Field, value: Instant) -> Q:
        return Q(IsTrue(LessThan(field.expression, self.end(field, value.at))))

    @staticmethod
    def end(field: Field, at: datetime) -> Expression:
        """The first day, or the instant, that is not before it any more."""
        if field.kind is FieldKind.DATE:
            return Literal(days(at.date()) + (0 if is_midnight(at) else 1))
        return Parameter(at, output_field=DateTimeField())


@register("after", *KINDS)
class After(Fixed):
    words = _("%(field)s is after %(value)s")

    def holds(self, field: Field, value: Instant) -> Q:
        return Q(IsTrue(GreaterThan(field.expression, self.start(field, value.at))))

    @staticmethod
    def start(field: Field, at: datetime) -> Expression:
        """The last day, or the instant, that is not after it yet."""
        if field.kind is FieldKind.DATE:
            return Literal(days(at.date()))
        return Parameter(at, output_field=DateTimeField())


class Sliding(Operator[Duration]):
    takes = Takes.DURATION

    def parse(self, data: object) -> Duration:
        if not isinstance(data, str):
            raise Wrong(gettext('must be a duration, such as "6 months"'))
        try:
            return Duration.parse(data)
        except DurationFault as wrong:
            raise Wrong(str(wrong)) from None

    def said(self, value: Duration) -> str:
        return value.in_words()


@register("within_last", *KINDS)
class WithinLast(Sliding):
    words = _("%(field)s is within the last %(value)s")

    def holds(self, field: Field, value: Duration) -> Q:
        compared: Expression | F = field.expression
        return both(
            IsTrue(GreaterThan(compared, moving(field, Moment(value)))),
            IsTrue(LessThanOrEqual(compared, moving(field, NOW))),
        )

    def moments(self, value: Duration) -> tuple[Moment, ...]:
        return (NOW, Moment(value))


@register("older_than", *KINDS)
class OlderThan(Sliding):
    words = _("%(field)s is at least %(value)s ago")

    def holds(self, field: Field, value: Duration) -> Q:
        return Q(IsTrue(LessThanOrEqual(field.expression, moving(field, Moment(value)))))

    def moments(self, value: Duration) -> tuple[Moment, ...]:
        return (Moment(value),)
