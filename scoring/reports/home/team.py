"""For whoever looks after salespeople: how soon the team reaches leads, and who has how much."""

from collections import Counter as Tally
from collections.abc import Mapping
from typing import Final

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import gettext

from contacts.models import Task
from scoring.engine.admin.home_blocks import Block, home_block
from scoring.pipeline.feedback.models import Handover
from scoring.reports.blocks import Chart, Series, Shape
from scoring.reports.home.asked import WEEKS, asked, live_track
from scoring.reports.home.marketing import report_url
from scoring.reports.home.picture import picture, short
from scoring.reports.home.sales import DAYS, MANAGE, kept
from scoring.reports.people import People
from scoring.reports.periods import Grain
from scoring.reports.terms.counting import Counter
from scoring.reports.terms.models import What
from scoring.reports.terms.progress import lately, pieces_of
from scoring.reports.values import Value, count, text

# Bars for more people have no room for their names.
PEOPLE_MOST: Final = 6


@home_block(order=17)
def response(request: HttpRequest) -> Block | None:
    """Which share of first attempts was in time, week by week."""
    if not request.user.has_perm(MANAGE) or (track := live_track(request)) is None:
        return None
    question = asked(track, DAYS)
    pieces = pieces_of(lately(question, Grain.WEEK, WEEKS), Grain.WEEK)
    shares = Counter(question, track).kept(What.RESPONSE, pieces)
    labels = [piece.label(Grain.WEEK) for piece in pieces]
    title = gettext("First attempts in time, week by week")
    series = Series(title, [each.share for each in shares])
    chart = Chart("response", title, Shape.BARS, labels, [series], shares=True)
    return picture(
        "response",
        "timer",
        chart,
        [gettext("week from"), gettext("in time"), gettext("were due")],
        [
            [text(label), Value.share(each), count(each.of)]
            for label, each in zip(labels, shares, strict=True)
        ],
        items=list(kept(question, Q())),
        more_url=report_url("service", span=str(DAYS)),
        more=gettext("Service level"),
        empty=gettext("No first attempt fell due in these weeks."),
    )


@home_block(order=18)
def load(request: HttpRequest) -> Block | None:
    """Who has how many leads to answer and tasks to do."""
    if not request.user.has_perm(MANAGE):
        return None
    people = People()
    leads, tasks = leads_waiting(people), tasks_open(people)
    ranked = sorted({*leads, *tasks}, key=lambda who: (-leads[who] - tasks[who], who))
    shown = ranked[:PEOPLE_MOST]
    titles = (gettext("leads to answer"), gettext("open tasks"))
    chart = Chart(
        "load",
        gettext("Who has how much to do now"),
        Shape.STACKED,
        [short(first_name(people.name(who))) for who in shown],
        [
            Series(titles[0], [leads[who] for who in shown]),
            Series(titles[1], [tasks[who] for who in shown]),
        ],
    )
    return picture(
        "load",
        "group",
        chart,
        [gettext("person"), *titles],
        [[text(people.name(who)), count(leads[who]), count(tasks[who])] for who in ranked],
        more_url=report_url("activity", span=str(DAYS)),
        more=gettext("What sales did"),
        empty=gettext("Nobody has anything to do."),
    )


def first_name(name: str) -> str:
    return name.split()[0] if name.split() else name


def leads_waiting(people: People) -> Tally[str]:
    """By whose lead it is now; the pool under the empty name."""
    rows = Handover.objects.waiting().order_by().values_list("contact__owner")
    return summed(people, dict(rows.annotate(number=Count("pk"))))


def tasks_open(people: People) -> Tally[str]:
    rows = Task.objects.filter(state=Task.State.OPEN).order_by()
    named = rows.values_list("assignee__username").annotate(number=Count("pk"))
    return summed(people, {who or "": number for who, number in named})


def summed(people: People, counted: Mapping[str, int]) -> Tally[str]:
    found: Tally[str] = Tally()
    for who, number in counted.items():
        found[people.key(who)] += number
    return found
