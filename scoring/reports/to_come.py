"""Days of a period that have not come yet: nothing is known of them, so nothing is shown."""

from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scoring.reports.asking import Question
from scoring.reports.blocks import Section, Words

ALL_TO_COME: Final = _("These days have not come yet: there is nothing to show for them.")


def nothing_yet(question: Question) -> list[Section]:
    """What stands in place of all figures where the whole period is to come; else nothing."""
    is_to_come = question.period.start > question.now
    return [Section("", [Words(str(ALL_TO_COME))])] if is_to_come else []


def days_to_come(question: Question) -> list[Words]:
    """Where the period goes on after today."""
    today = question.period.day_of(question.now)
    if question.period.last <= today:
        return []
    said = gettext("The days after %(day)s have not come yet: nothing is shown for them.")
    return [Words(said % {"day": date_format(today)})]
