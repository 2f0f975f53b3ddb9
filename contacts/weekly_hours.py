"""The hours of a week: as people type them, as they are stored, and as minutes of a day.

Stored is ``{"mon": [["09:00", "14:00"], ["15:00", "18:00"]], ...}``; typed is one line for
each day of the week, ``09:00-14:00, 15:00-18:00``, and an empty one for a day without work.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from django.utils.translation import gettext as _

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_IN_DAY: Final = 24 * 60
SPANS_MOST: Final = 12
TYPED = re.compile(
    r"(\d{1,2})(?:[:.](\d\d))?\s*(?:-|\u2013|\u2014)\s*(\d{1,2})(?:[:.](\d\d))?", re.ASCII
)
STORED = re.compile(r"(\d\d):(\d\d)", re.ASCII)


class Hours(NamedTuple):
    """From one minute of the day to another, which is not in it; 1440 is the midnight after."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{clock(self.start)}-{clock(self.end)}"


# Monday to Sunday, the hours of each day in order.
Week: TypeAlias = tuple[tuple[Hours, ...], ...]


class HoursInvalid(ValueError):
    """Hours that no day has; the message says what to write."""


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def read_line(text: str) -> tuple[Hours, ...]:
    """What was typed for one day. Raises HoursInvalid."""
    parts = [part.strip() for part in re.split("[,;]", text) if part.strip()]
    return in_order(read_span(part) for part in parts)


def read_span(text: str) -> Hours:
    found = TYPED.fullmatch(text)
    if found is None:
        raise HoursInvalid(
            _("“%(text)s” are no hours; write them as in 09:00-14:00, 15:00-18:00.")
            % {"text": text[:40]}
        )
    start, start_minutes, end, end_minutes = found.groups(default="0")
    return checked(int(start), int(start_minutes), int(end), int(end_minutes))


def checked(start: int, start_minutes: int, end: int, end_minutes: int) -> Hours:
    hours = Hours(start * 60 + start_minutes, end * 60 + end_minutes)
    if max(start_minutes, end_minutes) > 59 or max(hours) > MINUTES_IN_DAY:
        raise HoursInvalid(_("A day goes from 00:00 to 24:00."))
    if hours.end <= hours.start:
        raise HoursInvalid(
            _(
                "%(hours)s ends before it begins; work past midnight is written as 22:00-24:00, "
                "and 00:00-06:00 on the day after."
            )
            % {"hours": hours}
        )
    return hours


def in_order(spans: Iterable[Hours]) -> tuple[Hours, ...]:
    """By their beginning. Raises HoursInvalid where two have a minute in common."""
    ordered = sorted(spans)
    if len(ordered) > SPANS_MOST:
        raise HoursInvalid(_("A day has at most %(most)d spans of hours.") % {"most": SPANS_MOST})
    for before, after in zip(ordered, ordered[1:], strict=False):
        if after.start < before.end:
            raise HoursInvalid(
                _("%(one)s and %(other)s overlap.") % {"one": before, "other": after}
            )
    return tuple(ordered)


def read_week(data: object) -> Week:
    """What is stored. Raises HoursInvalid."""
    if not isinstance(data, Mapping) or not set(data) <= set(DAYS):
        raise HoursInvalid(
            _("Hours are an object with the keys %(days)s.") % {"days": ", ".join(DAYS)}
        )
    return tuple(in_order(map(read_pair, list_of(data.get(day, [])))) for day in DAYS)


def read_pair(pair: object) -> Hours:
    ends = [STORED.fullmatch(end) for end in list_of(pair) if isinstance(end, str)]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        raise HoursInvalid(_('Hours are written as in ["09:00", "14:00"].'))
    return checked(int(ends[0][1]), int(ends[0][2]), int(ends[1][1]), int(ends[1][2]))


def list_of(data: object) -> Sequence[Any]:
    if not isinstance(data, list | tuple):
        raise HoursInvalid(_('Hours are written as in ["09:00", "14:00"].'))
    return data


def stored_week(week: Week) -> dict[str, list[list[str]]]:
    return {
        day: [[clock(hours.start), clock(hours.end)] for hours in spans]
        for day, spans in zip(DAYS, week, strict=True)
    }


def line_of(spans: Iterable[Hours]) -> str:
    """What to type for these hours of a day."""
    return ", ".join(map(str, spans))


# Monday to Friday with a pause at noon: what a new installation begins with.
USUAL_WEEK: Final = {
    day: [["09:00", "14:00"], ["15:00", "18:00"]] if day not in ("sat", "sun") else []
    for day in DAYS
}
