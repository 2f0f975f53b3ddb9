"""One cell of a table as the JSON value that the border expects of its field."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from contacts.countries import country_code
from contacts.normalise import normalise
from contacts.values import Wrong

Value: TypeAlias = str | int | float | bool | Decimal | list[str] | None

TRUE: Final = frozenset(["true", "yes", "y", "si", "s", "1", "on", "verdadero", "x"])
FALSE: Final = frozenset(["false", "no", "n", "0", "off", "falso"])
NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d{1,3})?", re.ASCII)
ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?))?([Zz]|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
EPOCHS: Final = {"epoch": 1, "epoch_ms": 1000}


@dataclass(frozen=True, slots=True)
class Habits:
    """How this file writes what can be written in several ways.

    ``formats``: of dates and times, as for ``strptime``, or epoch, epoch_ms; beside them ISO
    8601 is always understood. ``time_zone``: of what has no offset; empty: refuse it.
    ``grouping``: what stands between thousands.
    """

    formats: tuple[str, ...] = ()
    time_zone: str = ""
    decimal_comma: bool = False
    grouping: str = ""
    separator: str = ";"

    @property
    def zone(self) -> tzinfo | None:
        return ZoneInfo(self.time_zone) if self.time_zone else None


def to_text(cell: str, habits: Habits) -> Value:
    return cell


def to_country(cell: str, habits: Habits) -> Value:
    return country_code(cell) or cell


def to_boolean(cell: str, habits: Habits) -> Value:
    word = normalise(cell)
    if word in TRUE or word in FALSE:
        return word in TRUE
    raise Wrong(_("This must be yes or no; other words can be translated in the mapping (values)."))


def to_number(cell: str, habits: Habits) -> Value:
    plain = without_grouping(cell.strip(), habits.grouping)
    if habits.decimal_comma:
        plain = plain.replace(",", ".") if "." not in plain else ""
    if not NUMBER.fullmatch(plain) or len(plain) > 400:
        raise Wrong(
            _(
                "This must be a number such as 1234.5; how the file writes numbers can be said in "
                "the mapping (decimal_comma, grouping)."
            )
        )
    return Decimal(plain)


def without_grouping(number: str, mark: str) -> str:
    """The number without what stands between its thousands; empty where it stands elsewhere."""
    if not mark or mark not in number:
        return number
    groups = re.fullmatch(rf"([+-]?\d{{1,3}})((?:{re.escape(mark)}\d{{3}})+)(\D.*)?", number)
    return "" if groups is None else number.replace(mark, "")


def to_instant(cell: str, habits: Habits) -> Value:
    moment = read_moment(cell.strip(), habits)
    if moment.tzinfo is None:
        if habits.zone is None:
            raise Wrong(_("This has no offset; name a time zone in the mapping (time_zone)."))
        moment = moment.replace(tzinfo=habits.zone)
    try:
        return moment.astimezone(UTC).isoformat()
    except OverflowError:
        raise Wrong(_("There is no such day or time between the years 1 and 9999.")) from None


def to_date(cell: str, habits: Habits) -> Value:
    moment = read_moment(cell.strip(), habits)
    if moment.tzinfo is not None and habits.zone is not None:
        moment = moment.astimezone(habits.zone)
    return moment.date().isoformat()


def read_moment(cell: str, habits: Habits) -> datetime:
    """The date or time that a cell says, with a zone only where the cell names one."""
    for form in habits.formats:
        try:
            if form in EPOCHS:
                return datetime.fromtimestamp(int(cell) / EPOCHS[form], UTC)
            return datetime.strptime(cell, form)
        except (ValueError, OverflowError, OSError):
            continue
    if found := ISO.fullmatch(cell):
        day, hour, offset = found.groups()
        text = f"{day}T{hour or '00:00'}{(offset or '').upper().replace('Z', '+00:00')}"
        try:
            if not (hour or "").startswith("24"):
                return datetime.fromisoformat(text)
        except ValueError:
            pass
        raise Wrong(_("There is no such day or time between the years 1 and 9999."))
    raise Wrong(
        _(
            "This must be a date such as 2026-03-31; other forms can be said in the mapping "
            "(format)."
        )
    )


def to_tags(cell: str, habits: Habits) -> Value:
    return [tag.strip() for tag in cell.split(habits.separator) if tag.strip()]


Convert: TypeAlias = Callable[[str, Habits], Value]
CONVERTERS: Final[dict[str, Convert]] = {
    "text": to_text,
    "choice": to_text,
    "country": to_country,
    "boolean": to_boolean,
    "number": to_number,
    "instant": to_instant,
    "date": to_date,
    "tags": to_tags,
}
