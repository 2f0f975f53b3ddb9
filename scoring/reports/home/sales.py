"""For salespeople: how soon they reach their own leads, and their own deals by stage."""

from collections import Counter as Tally
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from contacts.models import Deal, Pipeline, Stage
from contacts.normalise import normalise
from scoring.engine.admin.home_blocks import Block, Item, home_block
from scoring.engine.proportions import Proportion
from scoring.pipeline.feedback.answering import ANSWER
from scoring.pipeline.feedback.models import Handover
from scoring.reports.asking import Question
from scoring.reports.blocks import Chart, Series, Shape
from scoring.reports.handed import median_of, owners_of
from scoring.reports.home.asked import asked, live_track
from scoring.reports.home.picture import picture, short
from scoring.reports.people import People
from scoring.reports.terms.counting import DUE, Counter, late
from scoring.reports.terms.models import What
from scoring.reports.values import Kind, Value, count, hours, money, text

# Who gives leads to others looks after all of them.
MANAGE: Final = "contacts.hand_over_leads"
DAYS: Final = 28


@home_block(order=16)
def own_response(request: HttpRequest) -> Block | None:
    """How one keeps to the service level; left out for managers, who see the team's."""
    may = request.user.has_perm
    if not may(ANSWER) or may(MANAGE) or (track := live_track(request)) is None:
        return None
    question = asked(track, DAYS)
    own = normalise(request.user.get_username())
    people = People()
    rows = Handover.objects.filter(model=track.model, respond_by__gte=question.period.start)
    written = owners_of(rows.order_by(), own, people)
    return Block(
        "own-response",
        gettext("How soon I reach my leads, in %(days)d days") % {"days": DAYS},
        "timer",
        list(kept(question, Q(owner__in=written))) if written else [],
        empty=gettext("No lead was handed over to you in these days."),
        more_url=reverse("admin:pipeline_service_levels"),
        more=gettext("Service level"),
    )


def kept(question: Question, whose: Q) -> Iterator[Item]:
    """Of the handovers that fell due in the period: what was in time, and the usual time."""
    counter = Counter(question, question.track)
    for what, icon in ((What.RESPONSE, "call"), (What.ANSWER, "thumbs_up_down")):
        rows = counter.due(what).filter(whose, **counter.span(question.period, DUE[what]))
        found = rows.order_by().aggregate(due=Count("pk"), late=Count("pk", filter=late(what)))
        share = Proportion(found["due"] - found["late"], found["due"])
        said = {"what": what.label, "share": Value(Kind.SHARE, share.share)}
        facts = {"count": share.count, "of": share.of}
        hint = gettext("%(count)d of %(of)d that were due") % facts
        line = gettext("%(what)s: %(share)s") % said
        percent = None if share.share is None else int(100 * share.share)
        yield Item(line[:1].upper() + line[1:], "", icon, hint, percent=percent)
    yield median(question, whose)


def median(question: Question, whose: Q) -> Item:
    rows = Handover.objects.filter(whose, model=question.model, **question.during("responded_at"))
    known: Any = rows.filter(response_seconds__isnull=False).order_by()
    counted = known.values_list("response_seconds").annotate(Count("pk"))
    numbers: Tally[int] = Tally(dict(counted))
    usual = hours(median_of(numbers) / 3600 if numbers else None)
    said = gettext("Median working time to the first attempt: %(time)s") % {"time": usual}
    return Item(said, "", "timer")


@home_block(order=25)
def pipeline(request: HttpRequest) -> Block | None:
    """Open deals by stage: one's own or, for managers, the team's."""
    user = request.user
    if not user.has_perm("contacts.change_deal") or (chosen := first_pipeline()) is None:
        return None
    deals = Deal.objects.filter(stage__pipeline=chosen, stage__outcome=Stage.Outcome.OPEN)
    if user.has_perm(MANAGE):
        return stages(chosen, deals, gettext("Open deals of everybody, by stage"), "")
    own = deals.visible_to(user).filter(owner_norm=normalise(user.get_username()))
    return stages(chosen, own, gettext("My open deals, by stage"), "me")


def first_pipeline() -> Pipeline | None:
    """The one that the board shows first."""
    return Pipeline.objects.filter(stages__outcome=Stage.Outcome.OPEN).distinct().first()


def stages(chosen: Pipeline, deals: QuerySet[Deal], title: str, owner: str) -> Block:
    found: dict[int, tuple[int, Decimal | None]] = {
        stage: (number, amount)
        for stage, number, amount in deals.order_by()
        .values("stage")
        .annotate(number=Count("pk"), sum=Sum("amount"))
        .values_list("stage", "number", "sum")
    }
    rows: list[Any] = [
        (stage.name, *found.get(stage.pk, (0, None)))
        for stage in chosen.stages.filter(outcome=Stage.Outcome.OPEN)
    ]
    chart = Chart(
        "stages",
        title,
        Shape.BARS,
        [short(name) for name, _number, _amount in rows],
        [Series(title, [number for _name, number, _amount in rows])],
    )
    board = reverse("admin:pipeline_board")
    return picture(
        "stages",
        "view_kanban",
        chart,
        [gettext("stage"), gettext("deals"), gettext("amount")],
        [[text(name), count(number), money(amount)] for name, number, amount in rows],
        more_url=f"{board}?{urlencode({'owner': owner})}" if owner else board,
        more=gettext("Open the board"),
        empty=gettext("No deal is open."),
    )
