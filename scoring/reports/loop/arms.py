"""The arms of campaigns beside their control."""

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext

from contacts.models import Campaign, CampaignArm
from scoring.engine.proportions import Proportion
from scoring.reports.blocks import Column, Section, Table
from scoring.reports.statistics.difference import difference
from scoring.reports.values import Kind, Value, count, money, text


def arm_sections(campaigns: Sequence[Campaign]) -> list[Section]:
    """Of the campaigns that have arms, a table each; in one query."""
    found: dict[int, list[CampaignArm]] = defaultdict(list)
    for arm in CampaignArm.objects.filter(campaign__in=campaigns):
        found[arm.campaign_id].append(arm)
    tables = [
        arm_table(campaign, found[campaign.pk]) for campaign in campaigns if campaign.pk in found
    ]
    return [Section(gettext("Against a control"), tables)] if tables else []


def arm_table(campaign: Campaign, arms: Sequence[CampaignArm]) -> Table:
    control = next((arm for arm in arms if arm.is_control), None)
    columns = [
        Column(gettext("Arm")),
        Column(gettext("People")),
        Column(gettext("Visited")),
        Column(gettext("more than the control"), "effect"),
        Column(gettext("Bought")),
        Column(gettext("more than the control"), "effect"),
        Column(gettext("Revenue")),
    ]
    hint = "" if control else gettext("Without a control nobody knows what the campaign did.")
    return Table(
        f"arms-{campaign.pk}",
        campaign.name,
        columns,
        [row(arm, control) for arm in arms],
        hint=hint,
    )


def row(arm: CampaignArm, control: CampaignArm | None) -> list[Value]:
    name = gettext("%(arm)s (control)") % {"arm": arm.name} if arm.is_control else arm.name
    visits, customers = Proportion(arm.visits, arm.people), Proportion(arm.customers, arm.people)
    against = None if control is None or arm.is_control else control
    return [
        text(name),
        count(arm.people),
        Value.share(visits),
        effect(visits, Proportion(against.visits, against.people) if against else None),
        Value.share(customers),
        effect(customers, Proportion(against.customers, against.people) if against else None),
        money(arm.revenue),
    ]


def effect(found: Proportion, control: Proportion | None) -> Value:
    apart = difference(found, control) if control else None
    if apart is None:
        return Value(Kind.POINTS, None)
    return Value(Kind.POINTS, apart.value, apart.low, apart.high, found.of)
