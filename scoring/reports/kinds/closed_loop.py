"""From what campaigns cost to what was sold to whom they brought."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from django.db.models import F, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Campaign, Contact, Stage
from scoring.criteria.document import ModelDocument
from scoring.criteria.expressions import OneOf
from scoring.reports.asking import Question
from scoring.reports.blocks import Block, Column, Figure, Figures, Section, Table, Words
from scoring.reports.loop.arms import arm_sections
from scoring.reports.loop.attribution import attribution_of
from scoring.reports.loop.behind import ids_behind
from scoring.reports.loop.closing import CLOSED, DEALS, Closed, closed_by_quarter
from scoring.reports.loop.cohorts import COHORT, cohort_blocks
from scoring.reports.loop.facts import Facts, facts_of
from scoring.reports.loop.groups import Group, by_campaign, by_piece, by_source
from scoring.reports.loop.measures import MEASURES
from scoring.reports.loop.people import People, by_persona, by_segment
from scoring.reports.loop.returns import attribution_table, campaigns_of, cost_table, plan_table
from scoring.reports.loop.tables import group_blocks
from scoring.reports.periods import Grain
from scoring.reports.report import Measure, Report, Text, register
from scoring.reports.to_come import days_to_come, nothing_yet
from scoring.reports.values import Value, money, opened, text


@register
class ClosedLoop(Report):
    slug: ClassVar[str] = "closed_loop"
    title: ClassVar[Text] = _("Closed loop")
    purpose: ClassVar[Text] = _(
        "What campaigns cost, which leads they brought, how far these came, and what was sold."
    )
    icon: ClassVar[str] = "all_inclusive"
    order: ClassVar[int] = 20
    asks: ClassVar[frozenset[str]] = frozenset(
        {"model", "grain", "campaign", "segment", "source", "owner", "country"}
    )
    is_slow: ClassVar[bool] = True
    days: ClassVar[int] = 365
    measures: ClassVar[Sequence[Measure]] = MEASURES

    def make(self, question: Question) -> Sequence[Section]:
        if not_yet := nothing_yet(question):
            return not_yet
        track = question.track
        document = track.version.document_value if track else None
        facts = facts_of(question, track)
        campaigns = campaigns_of(question, facts.touches)
        return [
            Section(gettext("Deals"), [*days_to_come(question), *deal_blocks(question)]),
            campaign_section(campaigns, facts, document),
            *arm_sections(list(campaigns.values())),
            Section(gettext("Attribution"), [attributed(question)]),
            *other_sections(question, facts, document),
        ]

    def behind(self, question: Question, key: str) -> QuerySet[Contact] | None:
        ids = ids_behind(question, question.track, key)
        return None if ids is None else Contact.objects.filter(OneOf(F("pk"), tuple(ids)))


def campaign_section(
    campaigns: Mapping[int, Campaign], facts: Facts, document: ModelDocument | None
) -> Section:
    rows, groups = list(campaigns.values()), by_campaign(campaigns, facts)
    costs: list[Block] = [cost_table(groups, rows), *plan_table(groups, rows)]
    more = group_blocks("campaign", gettext("Campaign"), groups, document) if groups else []
    return Section(gettext("By campaign"), [*costs, *more])


def other_sections(
    question: Question, facts: Facts, document: ModelDocument | None
) -> list[Section]:
    sources: list[Group] = by_source(facts)
    pieces = list(by_piece(question, facts, question.grain))
    months = list(by_piece(question, facts, Grain.MONTH, COHORT))
    personas, segments = by_persona(question, facts), by_segment(question, facts)
    return [
        Section(gettext("By source"), group_blocks("source", gettext("Source"), sources, document)),
        *people_section("persona", gettext("By persona"), gettext("Persona"), personas, document),
        *people_section("segment", gettext("By segment"), gettext("Segment"), segments, document),
        Section(
            gettext("By period of entry"),
            group_blocks("period", gettext("Period"), pieces, document),
        ),
        Section(gettext("Cohorts"), cohort_blocks(months, question.now)),
    ]


def people_section(
    kind: str, title: str, head: str, people: People, document: ModelDocument | None
) -> list[Section]:
    """Nothing where there are none of them."""
    if not people.groups:
        return [Section(title, [Words(people.hint)])] if people.hint else []
    return [Section(title, group_blocks(kind, head, people.groups, document), people.hint)]


def attributed(question: Question) -> Table:
    found = attribution_of(question)
    return attribution_table(found, dict(Campaign.objects.values_list("pk", "name")))


def deal_blocks(question: Question) -> list[Block]:
    by_quarter = closed_by_quarter(question)
    whole = sum((closed for _piece, closed in by_quarter), Closed())
    columns = [
        Column(gettext("Quarter")),
        Column(gettext("Won value"), "value"),
        Column(gettext("Won"), "value"),
        Column(gettext("Lost"), "value"),
        Column(gettext("Win rate"), "win_rate"),
    ]
    rows = [
        [text(piece.label(Grain.QUARTER)), *closed_cells(closed, f":{piece.first.isoformat()}")]
        for piece, closed in by_quarter
        if closed != Closed()
    ]
    value, won, lost, rate = closed_cells(whole)
    figures = Figures(
        "",
        [
            Figure(gettext("Won value"), value, "value"),
            Figure(gettext("Won"), won, "value"),
            Figure(gettext("Lost"), lost, "value"),
            Figure(gettext("Win rate"), rate, "win_rate"),
        ],
    )
    empty = gettext("No deal was won or lost in this period.")
    return [figures, Table("quarters", gettext("By quarter"), columns, rows, empty=empty)]


def closed_cells(closed: Closed, narrower: str = "") -> list[Value]:
    """``narrower``: of the keys, for those of one quarter."""
    value = closed.value if closed.won else Decimal(0)
    won = f"{DEALS}{Stage.Outcome.WON}{narrower}"
    lost = opened(closed.lost, f"{DEALS}{Stage.Outcome.LOST}{narrower}")
    rate = Value.share(closed.rate, won, f"{DEALS}{CLOSED}{narrower}")
    return [money(value, won if closed.won else ""), opened(closed.won, won), lost, rate]
