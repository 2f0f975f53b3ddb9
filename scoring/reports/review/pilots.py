"""What the looks at pilots said in the period of a review."""

from collections.abc import Iterator

from django.utils.translation import gettext

from scoring.reports.blocks import Block, Words
from scoring.reports.pilots.models import PilotLook
from scoring.reports.pilots.words import report_of, result_of_look
from scoring.reports.review.facts import Facts


def pilot_blocks(facts: Facts) -> list[Block]:
    """Of each pilot the last look that was taken; nothing where none was."""
    taken = PilotLook.objects.filter(
        pilot__model=facts.track.model_id, **facts.question.during("taken_at")
    )
    rows = taken.select_related("pilot__version").order_by("pilot", "number")
    last = {look.pilot_id: look for look in rows}
    return [block for look in last.values() for block in said(look)]


def said(look: PilotLook) -> Iterator[Block]:
    """The words stand by themselves: a letter leaves out what only leads to a page."""
    result = result_of_look(look)
    facts = {"number": look.pilot.version.number, "verb": result.verb}
    verb = gettext("Version %(number)d: %(verb)s.") % facts
    yield Words(" ".join((verb, result.headline, result.more)), result.tone)
    yield Words(
        gettext("Every look and the figures stand in the report on the pilot."),
        url=report_of(look.pilot),
        link=gettext("Open the report"),
    )
