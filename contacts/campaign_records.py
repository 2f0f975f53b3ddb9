"""Campaigns as they come in, checked: their plan, their cost, and the arms of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from contacts import values
from contacts.models import Campaign
from contacts.normalise import normalise
from contacts.records import Border
from contacts.values import Reader, Wrong

NAME_MOST: Final = 200
NUMBER_MOST: Final = 2_147_483_647


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """One campaign and perhaps one of its arms. Only what is given is there."""

    name: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    arm: Mapping[str, Any] = field(default_factory=dict)


def campaign_name(value: object) -> str:
    return values.filled(value, NAME_MOST).strip()


def channel(value: object) -> str:
    """``online`` or ``offline``, also with a hyphen, and as people call it."""
    if value in (None, ""):
        return Campaign.Channel.ONLINE.value
    said = normalise(values.text(value)).replace("-", "").replace(" ", "")
    known = {"enlinea": Campaign.Channel.ONLINE, "fueradelinea": Campaign.Channel.OFFLINE}
    known |= {one.value: one for one in Campaign.Channel}
    if said not in known:
        allowed = ", ".join(Campaign.Channel.values)
        raise Wrong(_("This must be one of: %(allowed)s.") % {"allowed": allowed})
    return known[said].value


def day(value: object) -> date | None:
    read = values.day(value)
    return date.fromisoformat(read) if read else None


def whole(value: object) -> int | None:
    number = values.number(value)
    if number is not None and not (isinstance(number, int) and 0 <= number <= NUMBER_MOST):
        raise Wrong(_("This must be a whole number from 0 on."))
    return number if isinstance(number, int) else None


def amount(value: object) -> Any:
    read = values.money(value)
    if read is not None and read < 0:
        raise Wrong(_("This must not be below zero."))
    return read


CAMPAIGN_READERS: Final[Mapping[str, Reader]] = {
    "channel": channel,
    "starts_on": day,
    "ends_on": day,
    **dict.fromkeys(["budget", "cost", "planned_revenue"], amount),
    **dict.fromkeys(["planned_leads", "planned_customers"], whole),
}
ARM_READERS: Final[Mapping[str, Reader]] = {
    "name": campaign_name,
    "is_control": values.boolean,
    **dict.fromkeys(["people", "visits", "customers"], whole),
    "revenue": amount,
}


def parse_campaign(data: object) -> CampaignRecord:
    """Raises RecordInvalid with every fault."""
    border = Border()
    given = border.mapping("", data, ["name", *CAMPAIGN_READERS, "arm"])
    name = border.read("", "name", given.get("name"), campaign_name)
    fields = border.readings("", given, CAMPAIGN_READERS)
    arm = border.mapping("arm", given.get("arm") or {}, list(ARM_READERS))
    if all(value in (None, False, "") for value in arm.values()):
        arm = {}
    elif not arm.get("name"):
        border.fault("arm.name", "", _("An arm needs a name."))
    read = border.readings("arm", {"name": "-", **arm} if arm else {}, ARM_READERS)
    border.close()
    return CampaignRecord(name, fields, read)
