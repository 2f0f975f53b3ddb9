"""Parts of a lead's page that come after it: its picture, and the ways to the next band."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.numerals import signed
from scoring.criteria.conditions import sentence
from scoring.criteria.document import ActivityRule, Count, ProfileTest
from scoring.engine.admin.badges import badge
from scoring.engine.admin.chart import chart_of
from scoring.engine.course import course
from scoring.engine.leads import Lead
from scoring.engine.models import Track
from scoring.engine.supposing import Supposed
from scoring.engine.ways import Obstacle, Way, Ways, ways_of

# What the picture shows, and the slider below it reaches.
BACK: Final = timedelta(days=365)
AHEAD: Final = timedelta(days=91)

OBSTACLES: Final = {
    Obstacle.OUTSIDE: _("This contact is outside the audience of the model."),
    Obstacle.EXCLUDED: _("As long as a rule excludes this contact, no points change that."),
    Obstacle.HIGHEST: _("Nothing is missing: this is the highest band."),
    Obstacle.TOO_MANY: _(
        "This contact has done too much for that to be tried out while a page is waited for."
    ),
    Obstacle.NONE: _("No rule alone, and no three together, would be enough."),
}


def window(today: date) -> tuple[datetime, datetime]:
    """The first and the last instant of the picture."""
    start = datetime.combine(today, time.min, timezone.get_default_timezone())
    return start - BACK, start + AHEAD


def picture(lead: Lead, track: Track) -> dict[str, Any]:
    now = timezone.now()
    since, until = window(now.date())
    found = course(lead, track, since, now, until)
    chart = chart_of(found.points, track.version.document_value, since, now, until)
    return {"chart": chart, "is_cut": found.is_cut}


def ways(lead: Lead, track: Track) -> dict[str, Any]:
    document = track.version.document_value
    found = ways_of(lead, document, timezone.now())
    return {
        "goal": found.goal,
        "obstacle": OBSTACLES[found.obstacle] if found.obstacle else "",
        "ways": [way_shown(way, found) for way in found.ways],
    }


def way_shown(way: Way, found: Ways) -> dict[str, Any]:
    result = way.result
    gained = result.total - (found.before.total if found.before else 0)
    return {
        "steps": [(step.rule.name, in_words(step, result)) for step in way.steps],
        "gained": signed(gained),
        "badge": badge(result.total, result.band, result.document),
    }


def in_words(step: Supposed, result: Any) -> str:
    """What must happen, as the rest of “if they …”."""
    test = step.rule.test
    if isinstance(test, ActivityRule):
        once = gettext("if they %(activity)s once")
        more = ngettext(
            "if they %(activity)s %(count)d time",
            "if they %(activity)s %(count)d times",
            step.times,
        )
        said = {"activity": test.activity.sentence(), "count": step.times}
        is_first = step.times == 1 and test.count is not Count.ONCE
        return (once if is_first or step.times == 1 else more) % said
    if isinstance(test, ProfileTest):
        said_of = {"condition": sentence(test.when, result.document.catalogue)}
        return gettext("if it turns out that %(condition)s") % said_of
    return ""
