"""What campaigns cost beside what they brought, and their plan beside the result."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext

from contacts.models import Campaign
from scoring.reports.asking import Question
from scoring.reports.blocks import Block, Column, Table
from scoring.reports.loop.attribution import Attribution
from scoring.reports.loop.facts import STAGES
from scoring.reports.loop.groups import Group
from scoring.reports.values import Kind, Value, count, money, text


def campaigns_of(question: Question, touched: Mapping[int, object]) -> dict[int, Campaign]:
    """Those that brought somebody in the period, and those that ran in it."""
    if question.campaign is not None:
        return {question.campaign.pk: question.campaign}
    first, last = question.period.first, question.period.last
    ran = Q(starts_on__lte=last) & (Q(ends_on=None) | Q(ends_on__gte=first))
    rows = Campaign.objects.all()
    if not question.is_of_all:
        return {row.pk: row for row in rows if row.pk in touched}
    running = set(rows.filter(ran).values_list("pk", flat=True))
    return {row.pk: row for row in rows if row.pk in touched or row.pk in running}


def ratio(amount: Decimal | None, number: int | Decimal) -> Decimal | None:
    """Nothing where there is no amount, or nobody to divide it by."""
    return amount / number if amount is not None and number else None


def return_of(won: Decimal, cost: Decimal | None) -> Value:
    """(revenue - cost) / cost; nothing without a cost."""
    found = ratio(won - cost, cost) if cost else None
    return Value(Kind.SHARE, None if found is None else float(found))


def cost_table(groups: Sequence[Group], campaigns: Sequence[Campaign]) -> Table:
    columns = [
        Column(gettext("Campaign")),
        Column(gettext("Channel")),
        Column(gettext("Budget"), "cost"),
        Column(gettext("Cost"), "cost"),
        Column(gettext("per lead"), "per_lead"),
        Column(gettext("per hot lead"), "per_lead"),
        Column(gettext("per customer"), "per_lead"),
        Column(gettext("Won value"), "won"),
        Column(gettext("Return"), "return"),
    ]
    rows = [
        [text(group.title), text(campaign.get_channel_display()), *costs(group, campaign)]
        for group, campaign in zip(groups, campaigns, strict=True)
    ]
    return Table(
        "campaign-costs",
        gettext("What it cost and what it brought"),
        columns,
        rows,
        empty=gettext("No campaign ran in this period. Add campaigns with their cost."),
    )


def costs(group: Group, campaign: Campaign) -> list[Value]:
    cost, won = campaign.cost, group.won()
    customers = len(group.of_stage(len(STAGES) - 1))
    numbers = (len(group.leads), len(group.hot()), customers)
    return [
        money(campaign.budget),
        money(cost),
        *(money(ratio(cost, number)) for number in numbers),
        money(won),
        return_of(won, cost),
    ]


def plan_table(groups: Sequence[Group], campaigns: Sequence[Campaign]) -> list[Block]:
    """Of the campaigns that have a plan; nothing if none has."""
    columns = [Column(gettext("Campaign"))]
    for name in (gettext("Leads"), gettext("Customers"), gettext("Won value")):
        columns += [
            Column(gettext("%(what)s, planned") % {"what": name}, "plan"),
            Column(gettext("%(what)s, so far") % {"what": name}, "plan"),
        ]
    rows = [
        [text(group.title), *planned(group, campaign)]
        for group, campaign in zip(groups, campaigns, strict=True)
        if has_plan(campaign)
    ]
    return [Table("campaign-plan", gettext("Plan and result"), columns, rows)] if rows else []


def has_plan(campaign: Campaign) -> bool:
    plan = (campaign.planned_leads, campaign.planned_customers, campaign.planned_revenue)
    return any(one is not None for one in plan)


def planned(group: Group, campaign: Campaign) -> list[Value]:
    customers = len(group.of_stage(len(STAGES) - 1))
    return [
        Value(Kind.COUNT, campaign.planned_leads),
        count(len(group.leads)),
        Value(Kind.COUNT, campaign.planned_customers),
        count(customers),
        money(campaign.planned_revenue),
        money(group.won()),
    ]


def attribution_table(found: Attribution, names: Mapping[int, str]) -> Table:
    columns = [
        Column(gettext("Campaign")),
        Column(gettext("First touch"), "attribution"),
        Column(gettext("Last touch"), "attribution"),
        Column(gettext("Linear"), "attribution"),
    ]
    ways = (found.first, found.last, found.linear)

    def place(campaign: int | None) -> tuple[bool, str]:
        return campaign is None, names.get(campaign or 0, "")

    rows = [
        [
            text(gettext("none") if campaign is None else names[campaign]),
            *(money(way.get(campaign, Decimal(0))) for way in ways),
        ]
        for campaign in sorted(found.campaigns, key=place)
    ]
    sums = [money(sum(way.values(), Decimal(0))) for way in ways]
    return Table(
        "attribution",
        gettext("Whom the won value is owed to"),
        columns,
        rows,
        total=[text(gettext("all")), *sums] if rows else None,
        empty=gettext("No deal was won in this period."),
    )
