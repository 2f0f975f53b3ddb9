"""A report as a file for one person, from a page or a letter."""

from datetime import datetime

from django.contrib.auth.models import User
from django.utils.translation import gettext

from contacts.models import Calendar
from scoring.automations.outbox.attachments import File
from scoring.reports.asking import Question
from scoring.reports.exports import FORMATS, Made
from scoring.reports.making import answer, facts_of
from scoring.reports.naming import Names
from scoring.reports.report import Report, sections_for


def file_of(report: Report, question: Question, kind: str, user: User) -> File | None:
    """With the names that this person may see; None while a worker works it out.

    Raises Impossible.
    """
    found = answer(report, question)
    if found.sections is None:
        return None
    sections = sections_for(user, found.sections)
    made = Made(
        report=report,
        question=question,
        sections=sections,
        facts=[*facts_of(question, report.asks, report.numbers), made_at(found.made_at)],
        names=Names(sections, user),
    )
    way = FORMATS[kind]
    return File(f"{made.file_name}.{kind}", way.mime, way.write(made))


def made_at(at: datetime | None) -> str:
    """On the clock of which the days of the period are."""
    return gettext("as of %(instant)s") % {
        "instant": Calendar.objects.default().clock(at) if at else ""
    }
