"""What a pilot has come to, in words: keep, drop or go on, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from contacts.models.teams import name_of
from contacts.numerals import numeral
from scoring.engine.pilots.models import Pilot
from scoring.reports.blocks import Tone
from scoring.reports.pilots.measures import title_of
from scoring.reports.pilots.models import PilotLook
from scoring.reports.values import Kind, per_cent, shown

# The slug of its report.
REPORT: Final = "pilot"
SAID: Final = {
    PilotLook.Said.KEEP: _(
        "The candidate is better than the live version, beyond what chance would do."
    ),
    PilotLook.Said.WORSE: _(
        "The candidate is worse than the live version, beyond what chance would do."
    ),
    PilotLook.Said.NO_DIFFERENCE: _(
        "The planned number of leads is reached and no difference was found. One that is "
        "smaller than what was planned for may be there."
    ),
}
# What is to be done about it, as long as the pilot runs.
ADVICE: Final = {
    PilotLook.Said.KEEP: _("Bring it live."),
    PilotLook.Said.WORSE: _("Stop the pilot."),
    PilotLook.Said.NO_DIFFERENCE: _("Stop the pilot."),
}


@dataclass(frozen=True, slots=True)
class Result:
    """``verb``: keep, drop or go on, and where nothing was shown that."""

    verb: str
    headline: str
    more: str
    tone: Tone


def result_of(pilot: Pilot, looks: Sequence[PilotLook]) -> Result:
    last = looks[-1] if looks else None
    if last is not None and (last.is_final or pilot.state == Pilot.State.RUNNING):
        return result_of_look(last)
    if pilot.state != Pilot.State.RUNNING:
        verb = pgettext("pilot", "Nothing shown")
        text = gettext("The pilot ended before the planned number of leads was reached.")
        return Result(verb, text, told_of(last) if last else "", Tone.WARNING)
    text = gettext("No lead has had its days yet when a look was due.")
    return Result(pgettext("pilot", "Go on"), text, "", Tone.PLAIN)


def result_of_look(look: PilotLook) -> Result:
    """What it said when it was taken, whatever became of the pilot."""
    if not look.is_final:
        text = gettext("What is seen so far may be chance.")
        return Result(pgettext("pilot", "Go on"), text, told_of(look), Tone.PLAIN)
    kept = look.said == PilotLook.Said.KEEP
    verb = pgettext("pilot", "Keep") if kept else pgettext("pilot", "Drop")
    tone = Tone.GOOD if kept else Tone.WARNING
    said = PilotLook.Said(look.said)
    headline = str(SAID[said])
    if look.pilot.state == Pilot.State.RUNNING:
        headline = f"{headline} {ADVICE[said]}"
    return Result(verb, headline, told_of(look), tone)


def told_of(last: PilotLook) -> str:
    facts = {
        "day": day_of(last),
        "share": per_cent(last.share, 0),
        "statistic": said_number(last.statistic),
        "bound": said_number(last.bound),
    }
    return (
        gettext(
            "At the look of %(day)s, with %(share)s of the planned leads: statistic %(statistic)s, "
            "bound ±%(bound)s."
        )
        % facts
    )


def day_of(look: PilotLook) -> str:
    return date_format(look.at.astimezone(look.pilot.time_zone), "SHORT_DATE_FORMAT")


def said_number(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else numeral(value, 2)


def plan_facts(pilot: Pilot) -> Iterator[tuple[str, object]]:
    """What was planned, by what it is called."""
    people = ", ".join(name_of(one) for one in pilot.salespeople.all())
    yield gettext("candidate"), pilot.version
    yield gettext("salespeople"), people
    yield gettext("segments"), ", ".join(pilot.stratum_names())
    yield gettext("primary measure"), title_of(pilot.measure)
    yield gettext("days for each lead"), pilot.days
    yield gettext("expected share"), shown(Kind.SHARE, pilot.expected / 100)
    yield gettext("smallest difference"), shown(Kind.POINTS, pilot.smallest / 100)
    yield gettext("leads in each arm"), shown(Kind.COUNT, pilot.per_arm)


def state_of(pilot: Pilot) -> str:
    """How far it has come, for the list of pilots."""
    said = str(pilot.get_state_display())
    if pilot.state == Pilot.State.RUNNING and pilot.track is not None:
        unfinished = pilot.track.recomputes.filter(finished_at=None).exists()
        if unfinished:
            return gettext("Being prepared: everybody is scored by the candidate as well")
    if pilot.ended_as:
        return pgettext("pilot", "%(state)s: %(how)s") % {
            "state": said,
            "how": pilot.get_ended_as_display(),
        }
    return said


def report_of(pilot: Pilot) -> str:
    """The address of its report, without that of the site."""
    asked = urlencode({"model": pilot.model_id, "pilot": pilot.pk})
    return f"{reverse('admin:report', args=[REPORT])}?{asked}"
