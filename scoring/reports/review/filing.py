"""A meeting as a file for one person: its minutes, and what it looked at."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext

from scoring.automations.outbox.attachments import File
from scoring.reports.exports import FORMATS, Made
from scoring.reports.filing import made_at
from scoring.reports.kinds.review import Review
from scoring.reports.naming import Names
from scoring.reports.report import REPORTS, sections_for
from scoring.reports.review.looking import Looked
from scoring.reports.review.minutes import Minutes
from scoring.reports.review.models import Meeting


def file_of_meeting(meeting: Meeting, given: Mapping[str, Any], kind: str, user: User) -> File:
    """With the names that this person may see. Raises Impossible."""
    minutes, looked = Minutes.of(meeting, user), Looked.at(meeting, given)
    sections = [minutes.section(), *sections_for(user, looked.sections)]
    facts = [*minutes.facts(), *looked.facts, said_of(looked)]
    made = Made(REPORTS[Review.slug], looked.question, sections, facts, Names(sections, user))
    way = FORMATS[kind]
    return File(f"{made.file_name}.{kind}", way.mime, way.write(made))


def said_of(looked: Looked) -> str:
    if looked.is_kept:
        return gettext("as it was when the meeting ended")
    return made_at(looked.question.now)
