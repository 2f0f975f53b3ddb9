"""What became of past leads like this one, in words; and the time where the lead is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from contacts.numerals import whole
from scoring.engine.admin.badges import band_name
from scoring.engine.models import Score, Track
from scoring.engine.proportions import FEW, Proportion
from scoring.pipeline.calls.tally import MONTHS, tally_of

# Countries whose clocks all show one time, or nearly everybody's do.
ZONES: Final = {
    "AR": "America/Argentina/Buenos_Aires",
    "AT": "Europe/Vienna",
    "BE": "Europe/Brussels",
    "BO": "America/La_Paz",
    "CH": "Europe/Zurich",
    "CO": "America/Bogota",
    "CR": "America/Costa_Rica",
    "CU": "America/Havana",
    "CZ": "Europe/Prague",
    "DE": "Europe/Berlin",
    "DK": "Europe/Copenhagen",
    "DO": "America/Santo_Domingo",
    "ES": "Europe/Madrid",
    "FI": "Europe/Helsinki",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "GR": "Europe/Athens",
    "GT": "America/Guatemala",
    "HN": "America/Tegucigalpa",
    "HU": "Europe/Budapest",
    "IE": "Europe/Dublin",
    "IN": "Asia/Kolkata",
    "IT": "Europe/Rome",
    "JP": "Asia/Tokyo",
    "KR": "Asia/Seoul",
    "LU": "Europe/Luxembourg",
    "MA": "Africa/Casablanca",
    "NI": "America/Managua",
    "NL": "Europe/Amsterdam",
    "NO": "Europe/Oslo",
    "PA": "America/Panama",
    "PE": "America/Lima",
    "PL": "Europe/Warsaw",
    "PR": "America/Puerto_Rico",
    "PY": "America/Asuncion",
    "RO": "Europe/Bucharest",
    "SE": "Europe/Stockholm",
    "SG": "Asia/Singapore",
    "SV": "America/El_Salvador",
    "TR": "Europe/Istanbul",
    "UY": "America/Montevideo",
    "VE": "America/Caracas",
    "ZA": "Africa/Johannesburg",
}


def local_time(country: str, now: datetime) -> datetime | None:
    """What clocks show in that country, of no zone of its own; None where that is not one time."""
    zone = ZONES.get(country.upper())
    return now.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if zone else None


@dataclass(frozen=True, slots=True)
class Share:
    """``told``: the whole sentence; ``percent`` is None where too little is known to say one."""

    told: str
    percent: int | None = None


def shares_of(score: Score | None, track: Track) -> list[Share]:
    """Of past leads in the same band, and with the same grade, how many bought."""
    if score is None:
        return []
    if track.version.document_value.objective is None:
        text = _("The model does not say what counts as success, so nobody can say who bought.")
        return [Share(text)]
    tally = tally_of(track)
    if tally is None:
        return [Share(_("What became of past leads has not been counted yet; a worker does it."))]
    facts = {"band": band_name(score.band), "grade": score.grade or ""}
    found = [
        share_of(
            tally.share(band=score.band),
            _("Of past leads in the band “%(band)s”") % facts,
            _("Past leads in the band “%(band)s”") % facts,
        )
    ]
    if score.grade:
        found.append(
            share_of(
                tally.share(grade=score.grade),
                _("Of past leads with the grade %(grade)s") % facts,
                _("Past leads with the grade %(grade)s") % facts,
            )
        )
    return found


def share_of(share: Proportion, of_whom: str, who: str) -> Share:
    """Few outcomes are said to be few: no share is made of them."""
    facts = {
        "of_whom": of_whom,
        "who": who,
        "won": whole(share.count),
        "of": whole(share.of),
        "months": MONTHS,
    }
    if not share.of:
        return Share(_("%(who)s: no outcome is known, so nothing can be said.") % facts)
    if share.of < FEW:
        said = _("%(who)s: %(won)s of %(of)s bought, too few to say a share.")
        return Share(said % facts)
    low, high = share.interval()
    percent = round(100 * (share.share or 0))
    facts |= {"percent": percent, "low": round(100 * low), "high": round(100 * high)}
    said = _(
        "%(of_whom)s %(percent)d %% bought (%(won)s of %(of)s in %(months)d months; in 95 of 100 "
        "cases the true share lies between %(low)d %% and %(high)d %%)."
    )
    return Share(said % facts, percent)
