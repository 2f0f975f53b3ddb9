"""What a dormant opportunity was, in words: the same on the page, at home and in the morning."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.numerals import whole
from scoring.engine.admin.badges import Reason, badge, band_name, reasons
from scoring.engine.models import Track
from scoring.pipeline.dormant.finding import Cut, Peak, peaks_of


@dataclass(frozen=True, slots=True)
class Shown:
    """One lead of the list. ``reasons``: what weighed most when it was at its highest."""

    lead: Any
    badge: str
    peak: str
    quiet: str
    reasons: list[Reason]

    @property
    def said(self) -> str:
        return f"{self.peak}; {self.quiet}"


def shown(leads: Iterable[Any], track: Track, cut: Cut, now: datetime) -> list[Shown]:
    rows = list(leads)
    peaks = peaks_of(rows, track, cut)
    found = []
    for lead in rows:
        peak = peaks.get(lead.pk) or Peak(lead.peak, lead.band, None, False, None)
        document = track.document_for(lead.scored_by)
        # By the rules of that day, which may have been others.
        then = peak.change.version.document_value if peak.change else document
        worths = peak.change.breakdown if peak.change else lead.breakdown
        found.append(
            Shown(
                lead=lead,
                badge=badge(lead.total, lead.band, document),
                peak=peak_said(peak, now),
                quiet=quiet_said(lead.last_at, now),
                reasons=reasons(then, worths or [], False),
            )
        )
    return found


def peak_said(peak: Peak, now: datetime) -> str:
    facts = {"band": band_name(peak.band), "total": whole(peak.total), "when": ""}
    if peak.at is None:
        return _("is %(band)s, %(total)s points") % facts
    facts["when"] = month_of(peak.at, now)
    if peak.ended:
        return _("was %(band)s until %(when)s, %(total)s points") % facts
    return _("was %(band)s in %(when)s, %(total)s points") % facts


def month_of(at: datetime, now: datetime) -> str:
    """The month, with its year where that is not clear by itself."""
    local = timezone.localtime(at)
    recent = (now - at).days < 300
    return date_format(local, "F" if recent else "YEAR_MONTH_FORMAT")


def quiet_said(last_at: datetime, now: datetime) -> str:
    weeks = (now - last_at).days // 7
    return ngettext("quiet for %(weeks)d week", "quiet for %(weeks)d weeks", weeks) % {
        "weeks": weeks
    }
