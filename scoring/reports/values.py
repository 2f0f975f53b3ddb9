"""What a cell of a report holds: a number with its kind, so that every format shows it its way."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final, Self

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from contacts.numerals import numeral
from scoring.engine.proportions import Proportion

Raw = int | float | Decimal | str | date | datetime | None
# What stands where there is nothing to say: a share of none, a mean of nobody.
NOTHING: Final = "\N{EN DASH}"
HOURS_OF_A_DAY: Final = 24


class Kind(Enum):
    COUNT = "count"
    NUMBER = "number"
    # From 0 to 1, shown in per cent.
    SHARE = "share"
    # Of two shares, how far one is above the other: from -1 to 1, shown in points of a hundred.
    POINTS = "points"
    MONEY = "money"
    # Hours.
    DURATION = "duration"
    DAY = "day"
    INSTANT = "instant"
    TEXT = "text"
    # The id of a contact: named only to whoever may see that contact.
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Value:
    """One figure. ``low`` and ``high`` bound it in 95 of 100 cases, where that was worked out.

    ``of``: the number of cases that it rests on. ``behind``: what the report's ``behind`` is
    asked for the leads that make it; empty where there are none. ``among``: the same for all
    that a share is of. ``hint`` says more.
    """

    kind: Kind
    raw: Raw
    low: float | None = None
    high: float | None = None
    of: int | None = None
    behind: str = ""
    hint: str = ""
    among: str = ""

    @property
    def is_number(self) -> bool:
        return self.kind not in (Kind.TEXT, Kind.CONTACT, Kind.DAY, Kind.INSTANT)

    def __str__(self) -> str:
        """As people of the language in use read it, with its interval."""
        if self.raw is None:
            return NOTHING
        said = shown(self.kind, self.raw)
        if self.low is None or self.high is None:
            return said
        ends = {"low": self.end(self.low), "high": self.end(self.high)}
        return gettext("%(value)s (%(low)s to %(high)s)") % {"value": said, **ends}

    def end(self, raw: float) -> str:
        """Of the interval; what points are called is said once, before it."""
        return in_points(raw) if self.kind is Kind.POINTS else shown(self.kind, raw)

    @classmethod
    def share(cls, found: Proportion, behind: str = "", among: str = "") -> Self:
        """With its interval; nothing where it is a share of none.

        Nobody is behind a nought, but whoever it is of may still be looked at.
        """
        if not found.of:
            return cls(Kind.SHARE, None, of=0)
        low, high = found.interval()
        opens = behind if found.count or among else ""
        return cls(Kind.SHARE, found.share, low, high, found.of, opens, among=among)


def count(number: int, behind: str = "") -> Value:
    return Value(Kind.COUNT, number, behind=behind)


def opened(number: int, behind: str) -> Value:
    """A number that opens; nobody is behind a nought."""
    return count(number, behind if number else "")


def money(amount: Decimal | None, behind: str = "") -> Value:
    return Value(Kind.MONEY, amount, behind=behind)


def number(value: float | None) -> Value:
    return Value(Kind.NUMBER, value)


def hours(value: float | None, of: int | None = None, behind: str = "") -> Value:
    return Value(Kind.DURATION, value, of=of, behind=behind if of else "")


def text(said: object, behind: str = "", hint: str = "") -> Value:
    return Value(Kind.TEXT, str(said), behind=behind, hint=hint)


def contact(pk: int) -> Value:
    return Value(Kind.CONTACT, pk)


def day(value: date | None) -> Value:
    return Value(Kind.DAY, value)


def instant(value: datetime | None) -> Value:
    return Value(Kind.INSTANT, value)


def shown(kind: Kind, raw: Raw) -> str:
    if isinstance(raw, datetime):
        return date_format(timezone.localtime(raw), "SHORT_DATETIME_FORMAT")
    if isinstance(raw, date):
        return date_format(raw, "SHORT_DATE_FORMAT")
    if raw is None or isinstance(raw, str):
        return raw or ""
    if kind is Kind.SHARE:
        return per_cent(raw, places_of(100 * raw))
    if kind is Kind.POINTS:
        return gettext("%(number)s points") % {"number": in_points(raw)}
    if kind is Kind.DURATION:
        return lasting(float(raw))
    if kind is Kind.COUNT:
        return numeral(raw, 0)
    if kind is Kind.MONEY:
        return numeral(raw, 0 if raw == int(raw) else 2)
    return numeral(raw, 0 if raw == int(raw) else 2)


def per_cent(share: float | Decimal, places: int) -> str:
    return gettext("%(number)s %%") % {"number": numeral(100 * share, places)}


def in_points(share: float | Decimal) -> str:
    return numeral(100 * share, places_of(100 * share))


def places_of(number: float | Decimal) -> int:
    """Of a number of per cent: one place, where whole ones would say too little."""
    return 1 if number != 0 and -10 < number < 10 else 0


def lasting(hours_long: float) -> str:
    """``40 min``, ``5.5 h``, ``3.2 days``."""
    if abs(hours_long) < 1:
        return gettext("%(number)s min") % {"number": numeral(60 * hours_long, 0)}
    if abs(hours_long) < HOURS_OF_A_DAY:
        return gettext("%(number)s h") % {"number": numeral(hours_long, 1)}
    days = round(hours_long / HOURS_OF_A_DAY, 1)
    said = ngettext("%(number)s day", "%(number)s days", 1 if days == 1 else 2)
    return said % {"number": numeral(days, 1)}
