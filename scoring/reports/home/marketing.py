"""For marketing: how many became hot, how the leads are spread, and how far they come."""

from typing import Final

from django.db.models import Count
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, Lifecycle
from scoring.agreement.sides import PROPOSE
from scoring.engine.admin.badges import band_name
from scoring.engine.admin.home_blocks import Block, home_block
from scoring.engine.models import Score
from scoring.reports.blocks import Chart, Series, Shape
from scoring.reports.home.asked import WEEKS, asked, live_track
from scoring.reports.home.picture import picture, short
from scoring.reports.periods import Grain
from scoring.reports.stages import STAGES
from scoring.reports.terms.counting import Counter
from scoring.reports.terms.progress import lately, pieces_of
from scoring.reports.values import Kind, Value, count, text

FUNNEL_DAYS: Final = 90
# As they stand under a bar.
SHORT: Final = {
    Lifecycle.MQL: "MQL",
    Lifecycle.SQL: "SQL",
    Lifecycle.OPPORTUNITY: _("opportun."),
    Lifecycle.CUSTOMER: _("customer"),
}


def report_url(slug: str, **query: str) -> str:
    found = reverse("admin:report", args=[slug])
    return f"{found}?{urlencode(query)}" if query else found


@home_block(order=22)
def hot_weeks(request: HttpRequest) -> Block | None:
    """How many came to the highest band in each of the last weeks."""
    if not request.user.has_perm(PROPOSE) or (track := live_track(request)) is None:
        return None
    question = asked(track, 1)
    pieces = pieces_of(lately(question, Grain.WEEK, WEEKS), Grain.WEEK)
    counter = Counter(question, track)
    band = counter.bands[-1]
    counts = counter.reached_band(band, pieces)
    labels = [piece.label(Grain.WEEK) for piece in pieces]
    title = gettext("New %(band)s leads, week by week") % {"band": band_name(band)}
    chart = Chart("hot_weeks", title, Shape.BARS, labels, [Series(title, counts)])
    return picture(
        "hot-weeks",
        "local_fire_department",
        chart,
        [gettext("week from"), gettext("leads")],
        [[text(label), count(number)] for label, number in zip(labels, counts, strict=True)],
        more_url=report_url("movement", span="90", grain="week"),
        more=gettext("Bands over time"),
        empty=gettext("Nobody reached %(band)s in these weeks.") % {"band": band_name(band)},
    )


@home_block(order=23)
def bands(request: HttpRequest) -> Block | None:
    """How many leads stand in each band now."""
    if not request.user.has_perm(PROPOSE) or (track := live_track(request)) is None:
        return None
    rows = Score.objects.acting(track).filter(excluded=False).order_by()
    found = dict(rows.values_list("band").annotate(Count("contact_id")))
    # The candidate of a pilot may have bands of its own.
    documents = [each.version.document_value for each in (track, track.pilot) if each]
    names = dict.fromkeys(band.name for document in documents for band in document.bands)
    counts = [found.get(name, 0) for name in names]
    title = gettext("Leads by band now")
    labels = [band_name(name) for name in names]
    chart = Chart("bands", title, Shape.BARS, list(map(short, labels)), [Series(title, counts)])
    return picture(
        "bands",
        "stacked_bar_chart",
        chart,
        [gettext("band"), gettext("leads"), gettext("share")],
        [
            [text(label), count(number), share_of(number, sum(counts))]
            for label, number in zip(labels, counts, strict=True)
        ],
        more_url=reverse("admin:scoring_lead_changelist"),
        more=gettext("All leads"),
        empty=gettext("No lead has a score yet."),
    )


def share_of(number: int, everybody: int) -> Value:
    return Value(Kind.SHARE, number / everybody if everybody else None)


@home_block(order=24)
def funnel(request: HttpRequest) -> Block | None:
    """How far those have come who came lately; the closed loop counts the same."""
    if not request.user.has_perm(PROPOSE) or (track := live_track(request)) is None:
        return None
    question = asked(track, FUNNEL_DAYS)
    came = Contact.objects.annotate(entry=Coalesce("created_at", "stored_at"))
    came = came.filter(**question.during("entry")).order_by()
    counter = Counter(question, track)
    reached = {
        f"n_{stage.value}": Count("pk", filter=counter.at_stage(stage, "pk", question.now))
        for stage in STAGES
    }
    found = came.aggregate(n_all=Count("pk"), **reached)
    steps = [(gettext("came in"), found["n_all"])]
    steps += [(str(stage.label), found[f"n_{stage.value}"]) for stage in STAGES]
    title = gettext("How far the leads of the last %(days)d days came") % {"days": FUNNEL_DAYS}
    labels = [steps[0][0], *(SHORT[stage] for stage in STAGES)]
    chart = Chart(
        "funnel",
        title,
        Shape.FUNNEL,
        list(map(short, map(str, labels))),
        [Series(title, [number for _said, number in steps])],
    )
    return picture(
        "funnel",
        "filter_alt",
        chart,
        [gettext("stage"), gettext("leads"), gettext("of those who came")],
        [[text(said), count(number), share_of(number, found["n_all"])] for said, number in steps],
        more_url=report_url("closed_loop", span=str(FUNNEL_DAYS)),
        more=gettext("Closed loop"),
        empty=gettext("Nobody came in these days."),
    )
