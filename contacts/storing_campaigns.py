"""How campaigns and their arms become rows, and what must hold of them together."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _

from contacts.campaign_records import CampaignRecord
from contacts.models import Campaign, CampaignArm
from contacts.normalise import normalise
from contacts.records import Fault, shown
from contacts.storing import Stored, at_once

FIELDS: Final = (
    *("channel", "starts_on", "ends_on", "budget", "cost"),
    *("planned_leads", "planned_customers", "planned_revenue"),
)
ARM_FIELDS: Final = ("is_control", "people", "visits", "customers", "revenue")
# What a column that may not be empty holds where its cell is emptied.
EMPTY: Final = {"visits": 0, "customers": 0}


class CampaignInvalid(ValueError):
    """Campaigns that together break a rule, which was not so when they were checked."""


def store_campaigns(records: Sequence[CampaignRecord], using: str = DEFAULT_DB_ALIAS) -> Stored:
    """Create or update campaigns by name, and their arms by theirs.

    Raises CampaignInvalid, and stores nothing.
    """
    return at_once(lambda: CampaignBatch(using, locks=True).store(records), using)


class CampaignBatch:
    """What is stored, changed in memory by one record after the other."""

    def __init__(self, using: str = DEFAULT_DB_ALIAS, *, locks: bool = False) -> None:
        self.using = using
        self.campaigns: dict[str, Campaign] = {}
        self.arms: dict[tuple[str, str], CampaignArm] = {}
        campaigns, arms = Campaign.objects.using(using), CampaignArm.objects.using(using)
        if locks:
            campaigns = campaigns.select_for_update(no_key=True)
            arms = arms.select_for_update(no_key=True, of=("self",))
        for campaign in campaigns.order_by("pk"):
            self.campaigns[normalise(campaign.name)] = campaign
        for arm in arms.select_related("campaign").order_by("pk"):
            self.arms[normalise(arm.campaign.name), normalise(arm.name)] = arm

    def apply(self, record: CampaignRecord) -> Iterator[Fault]:
        """Fill in what the record says; what does not go together comes as faults."""
        key = normalise(record.name)
        campaign = self.campaigns.setdefault(key, Campaign(name=record.name))
        before = {name: getattr(campaign, name) for name in FIELDS}
        fill(campaign, record.fields)
        faults = list(campaign_faults(campaign))
        if record.arm and not faults:
            faults = list(self.apply_arm(key, campaign, record))
        if faults:
            # A row that is refused says nothing of the ones after it.
            fill(campaign, before)
        yield from faults

    def apply_arm(self, key: str, campaign: Campaign, record: CampaignRecord) -> Iterator[Fault]:
        place = key, normalise(record.arm["name"])
        there = self.arms.get(place)
        arm = there or CampaignArm(campaign=campaign, name=record.arm["name"])
        before = {name: getattr(arm, name) for name in ARM_FIELDS}
        fill(arm, {name: given for name, given in record.arm.items() if name != "name"})
        faults = list(self.arm_faults(place, arm))
        if faults:
            fill(arm, before)
        else:
            self.arms[place] = arm
        yield from faults

    def arm_faults(self, place: tuple[str, str], arm: CampaignArm) -> Iterator[Fault]:
        if arm.people is None:
            yield Fault("arm.people", "", _("An arm needs the number of its people."))
            return
        for name in ("visits", "customers"):
            if getattr(arm, name) > arm.people:
                said = _("No more people can visit or buy than there are.")
                yield Fault(f"arm.{name}", shown(getattr(arm, name)), said)
        others = [
            other for at, other in self.arms.items() if at[0] == place[0] and at[1] != place[1]
        ]
        if arm.is_control and any(other.is_control for other in others):
            yield Fault("arm.is_control", arm.name, _("A campaign has one control."))

    def store(self, records: Sequence[CampaignRecord]) -> Stored:
        """A row about an arm counts as that arm."""
        before = {key: state(campaign, FIELDS) for key, campaign in self.campaigns.items()}
        arms = {at: state(arm, ARM_FIELDS) for at, arm in self.arms.items()}
        for record in records:
            if faults := list(self.apply(record)):
                raise CampaignInvalid(str(faults[0]))
        changed = {
            key for key, one in self.campaigns.items() if state(one, FIELDS) != before.get(key)
        }
        for key in sorted(changed):
            write(self.campaigns[key], FIELDS, before.get(key), self.using)
        moved = {at for at, arm in self.arms.items() if state(arm, ARM_FIELDS) != arms.get(at)}
        # The former control gives way before the new one comes.
        for at in sorted(moved, key=lambda at: (self.arms[at].is_control, at)):
            self.arms[at].campaign = self.campaigns[at[0]]
            write(self.arms[at], ARM_FIELDS, arms.get(at), self.using)
        return counted(
            {place_of(record) for record in records},
            {*arms, *((key, "") for key in before)},
            {*moved, *((key, "") for key in changed)},
        )


def place_of(record: CampaignRecord) -> tuple[str, str]:
    return normalise(record.name), normalise(record.arm.get("name", ""))


def counted(
    rows: set[tuple[str, str]], there: set[tuple[str, str]], changed: set[tuple[str, str]]
) -> Stored:
    new = rows - there
    updated = {at for at in rows - new if at in changed or (at[0], "") in changed}
    return Stored(len(new), len(updated), len(rows) - len(new) - len(updated))


def fill(row: Campaign | CampaignArm, given: Any) -> None:
    for name, value in given.items():
        setattr(row, name, EMPTY.get(name) if value is None else value)


def state(row: Campaign | CampaignArm, names: Sequence[str]) -> list[Any]:
    return [getattr(row, name) for name in names]


def write(
    row: Campaign | CampaignArm, names: Sequence[str], before: list[Any] | None, using: str
) -> None:
    """Only what differs: the rest may have been changed elsewhere since it was read.

    ``before``: as it was read; None for a new one.
    """
    if before is None:
        row.save(using=using)
        return
    pairs = zip(names, before, strict=True)
    row.save(using=using, update_fields=[name for name, was in pairs if getattr(row, name) != was])


def campaign_faults(campaign: Campaign) -> Iterator[Fault]:
    starts, ends = campaign.starts_on, campaign.ends_on
    if starts and ends and ends < starts:
        yield Fault("ends_on", shown(ends), _("The end must not be before the start."))
