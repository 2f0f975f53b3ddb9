"""What is said of goals: their names, how they stand, what was agreed of words and thresholds."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Lifecycle
from contacts.numerals import numeral
from scoring.automations.models import Automation
from scoring.criteria.models import ScoringModel
from scoring.engine.admin.badges import band_name
from scoring.engine.models import Track
from scoring.pipeline.feedback.levels import ServiceLevel
from scoring.reports.blocks import Column, Table, Tone, Words
from scoring.reports.stages import STAGES
from scoring.reports.terms.models import Goal, Terms, What
from scoring.reports.terms.progress import Progress, Standing
from scoring.reports.values import Value, hours, number, text

STANDING: Final[Mapping[Standing, Any]] = {
    Standing.REACHED: _("goal reached"),
    Standing.ON_THE_WAY: _("on the way"),
    Standing.BEHIND: _("behind"),
    Standing.MISSED: _("not reached"),
    Standing.UNKNOWN: _("nothing to judge by yet"),
}
# What the product itself takes each stage for; the words of the teams stand beside it.
MEANT: Final[Mapping[Lifecycle, Any]] = {
    Lifecycle.MQL: _("The lifecycle became MQL, or went past it."),
    Lifecycle.SQL: _(
        "The lifecycle became SQL, or went past it: accepting a handed-over lead does that."
    ),
    Lifecycle.OPPORTUNITY: _("A first deal was opened, or the lifecycle became opportunity."),
    Lifecycle.CUSTOMER: _("A first deal was won, or the lifecycle became customer."),
}


def rounded(expected: float) -> float:
    found = round(expected, 1) if expected < 10 else round(expected)
    return int(found) if found == int(found) else found


def title_of(goal: Goal) -> str:
    if goal.kind is What.BAND:
        return gettext("leads that reach %(band)s") % {"band": band_name(goal.band)}
    return str(goal.kind.label)


def promised_by(goal: Goal) -> str:
    side = goal.kind.side
    return str(side.label) if side is not None else gettext("both")


def aim(goal: Goal) -> str:
    """``20``, ``90 %``."""
    said = numeral(goal.number, 0)
    return gettext("%(number)s %%") % {"number": said} if goal.kind.is_share else said


def hint(one: Progress) -> str:
    """What was agreed, and what would be usual by now."""
    if one.goal.kind.is_share or one.now.passed >= 1:
        return gettext("agreed: %(goal)s") % {"goal": aim(one.goal)}
    said = {"goal": aim(one.goal), "expected": numeral(rounded(one.expected))}
    return gettext("agreed: %(goal)s; expected by now: %(expected)s") % said


def standing(one: Progress) -> str:
    return str(STANDING[one.standing])


def state_words(terms: Terms | None, url: str, zone: ZoneInfo) -> Words:
    """Which set of terms this is, and whether it holds; days are those of the zone."""
    link = gettext("Open the terms")
    if terms is None:
        said = gettext("Marketing and sales have not agreed on goals yet: somebody writes them.")
        return Words(said, Tone.WARNING, url, link)
    facts = {"number": terms.number, "who": ", ".join(sorted(one.who for one in terms.standing))}
    if terms.agreed_at is None:
        missing = " + ".join(str(side.label) for side in terms.missing_sides())
        said = gettext(
            "These goals (set %(number)d) do not hold yet: the signature of %(sides)s is missing."
        )
        return Words(said % (facts | {"sides": missing}), Tone.WARNING, url, link)
    said = gettext("Set %(number)d of the terms, signed by %(who)s; it holds since %(day)s.")
    day = date_format(terms.agreed_at.astimezone(zone))
    return Words(said % (facts | {"day": day}), url=url, link=link)


def meanings(terms: Terms | None, track: Track | None) -> Table:
    """Each stage in the teams' words, and in those of the product."""
    said = terms.words if terms else {}
    setting = setters(track.model) if track else {}
    rows = [
        [
            text(stage.label),
            text(said.get(stage) or gettext("nothing agreed")),
            text(" ".join([str(MEANT[stage]), *setting.get(stage, [])])),
        ]
        for stage in STAGES
    ]
    columns = [
        Column(gettext("word")),
        Column(gettext("what we mean by it")),
        Column(gettext("what is counted")),
    ]
    return Table("meanings", gettext("MQL, SQL, opportunity, customer"), columns, rows)


def setters(model: ScoringModel) -> dict[Lifecycle, list[str]]:
    """The automations that are on and set a stage of the life cycle."""
    found: dict[Lifecycle, list[str]] = {}
    rows = Automation.objects.filter(model=model, live=True).select_related("version")
    for automation in rows.order_by("name"):
        for stage in stages_set(automation):
            told = gettext("The automation “%(name)s” sets it.") % {"name": automation.name}
            found.setdefault(stage, []).append(told)
    return found


def stages_set(automation: Automation) -> Iterator[Lifecycle]:
    actions: Any = automation.version.data.get("actions", []) if automation.version else []
    for action in actions:
        if action.get("kind") == "lifecycle" and action.get("to") in STAGES:
            yield Lifecycle(action["to"])


def thresholds(track: Track) -> Table:
    version = track.version
    facts = {"number": version.number, "model": track.model.name}
    rows = [
        [text(band_name(band.name)), number(band.start)]
        for band in reversed(version.document_value.bands)
    ]
    return Table(
        "thresholds",
        gettext("Where each band begins, by version %(number)d of “%(model)s”") % facts,
        [Column(gettext("band")), Column(gettext("from points"))],
        rows,
        hint=gettext("A dash: it has no beginning, so everybody below the others is in it."),
    )


def levels(track: Track) -> Table:
    """What sales promise in hours; kept on a page of its own."""
    bands = [band.name for band in reversed(track.version.document_value.bands)]
    rows = [
        [text(band_name(level.band)), hours_of(level.respond_hours), hours_of(level.feedback_hours)]
        for level in ServiceLevel.objects.of_bands(track.model, bands)
    ]
    return Table(
        "levels",
        gettext("Service level, in working hours from the handover"),
        [
            Column(gettext("band")),
            Column(gettext("first attempt within")),
            Column(gettext("answer within")),
        ],
        rows,
        hint=gettext("A dash: no time is agreed."),
    )


def hours_of(agreed: Any) -> Value:
    # Working hours: not to be said as days, of which one has eight of them.
    if agreed is None:
        return hours(None)
    return text(gettext("%(number)s h") % {"number": numeral(agreed, 0 if agreed % 1 == 0 else 2)})


def levels_link() -> Words:
    url = reverse("admin:pipeline_service_levels")
    return Words(
        gettext("The service level has a page of its own."), url=url, link=gettext("Service level")
    )
