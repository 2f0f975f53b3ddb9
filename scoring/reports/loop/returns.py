"""What campaigns cost beside what they brought, and their plan beside the result."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext

from contacts.models import Campaign, Stage
from scoring.reports.asking import Question
from scoring.reports.blocks import Block, Column, Table
from scoring.reports.loop.attribution import WAYS, Attribution
from scoring.reports.loop.closing import DEALS
from scoring.reports.loop.groups import Group
from scoring.reports.stages import STAGES
from scoring.reports.values import Kind, Value, money, opened, text


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


def won_value(group: Group) -> Value:
    """Open to the leads that bought."""
    won = group.won()
    return money(won, f"{group.key}:won" if won else "")


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
    numbers = {"leads": len(group.leads), "hot": len(group.hot()), str(STAGES[-1]): customers}
    return [
        money(campaign.budget),
        money(cost),
        *(cost_per(ratio(cost, number), f"{group.key}:{what}") for what, number in numbers.items()),
        won_value(group),
        return_of(won, cost),
    ]


def cost_per(amount: Decimal | None, behind: str) -> Value:
    """Open to those among whom the cost is divided."""
    return money(amount, "" if amount is None else behind)


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
        opened(len(group.leads), f"{group.key}:leads"),
        Value(Kind.COUNT, campaign.planned_customers),
        opened(customers, f"{group.key}:{STAGES[-1]}"),
        money(campaign.planned_revenue),
        won_value(group),
    ]


def attribution_table(found: Attribution, names: Mapping[int, str]) -> Table:
    columns = [
        Column(gettext("Campaign")),
        Column(gettext("First touch"), "attribution"),
        Column(gettext("Last touch"), "attribution"),
        Column(gettext("Linear"), "attribution"),
    ]
    ways = dict(zip(WAYS, (found.first, found.last, found.linear), strict=True))

    def place(campaign: int | None) -> tuple[bool, str]:
        return campaign is None, names.get(campaign or 0, "")

    rows = [
        [
            text(gettext("none") if campaign is None else names[campaign]),
            *(
                money(owed.get(campaign, Decimal(0)), found.key(way, campaign))
                for way, owed in ways.items()
            ),
        ]
        for campaign in sorted(found.campaigns, key=place)
    ]
    won = f"{DEALS}{Stage.Outcome.WON}" if found.leads else ""
    sums = [money(sum(owed.values(), Decimal(0)), won) for owed in ways.values()]
    return Table(
        "attribution",
        gettext("Whom the won value is owed to"),
        columns,
        rows,
        total=[text(gettext("all")), *sums] if rows else None,
        empty=gettext("No deal was won in this period."),
    )
