"""Periods with a name, and the days that they mean on a day."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from scoring.reports.periods import DAY, Grain, first_of, quarter


def last_week(today: date) -> tuple[date, date]:
    monday = first_of(today, Grain.WEEK)
    return monday - 7 * DAY, monday - DAY


def last_quarter(today: date) -> tuple[date, date]:
    last = first_of(today, Grain.QUARTER) - DAY
    return first_of(last, Grain.QUARTER), last


def last_month(today: date) -> tuple[date, date]:
    last = first_of(today, Grain.MONTH) - DAY
    return last.replace(day=1), last


def days_back(count: int) -> Callable[[date], tuple[date, date]]:
    return lambda today: (today - (count - 1) * DAY, today)


# Name -> title and the days that it means on a day.
SPANS: Final[dict[str, tuple[Any, Callable[[date], tuple[date, date]]]]] = {
    "7": (_("the last 7 days"), days_back(7)),
    "last_week": (_("last week"), last_week),
    "28": (_("the last 4 weeks"), days_back(28)),
    "month": (_("this month"), lambda today: (today.replace(day=1), today)),
    "last_month": (_("last month"), last_month),
    "90": (_("the last 90 days"), days_back(90)),
    "quarter": (
        _("this quarter"),
        lambda today: (today.replace(month=3 * quarter(today) - 2, day=1), today),
    ),
    "last_quarter": (_("last quarter"), last_quarter),
    "365": (_("the last 365 days"), days_back(365)),
    "730": (_("the last two years"), days_back(730)),
}
