"""The kinds of records that a file may hold, and where each of their parts goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from contacts.campaign_records import ARM_READERS, CAMPAIGN_READERS
from contacts.records import ACTIVITY_READERS, COMPANY_READERS, CONTACT_READERS, DEAL_READERS

CONTACTS: Final = "contacts"
COMPANIES: Final = "companies"
ACTIVITIES: Final = "activities"
DEALS: Final = "deals"
CAMPAIGNS: Final = "campaigns"

SPECIAL: Final = {
    **dict.fromkeys(["unsubscribed", "bounced", "automated", "is_control"], "boolean"),
    **dict.fromkeys(["employees", "annual_revenue", "amount", "budget", "cost"], "number"),
    **dict.fromkeys(["planned_leads", "planned_customers", "planned_revenue"], "number"),
    **dict.fromkeys(["people", "visits", "customers", "revenue"], "number"),
    **dict.fromkeys(["starts_on", "ends_on"], "date"),
    **dict.fromkeys(["created_at", "occurred_at", "opened_at", "closed_at"], "instant"),
    "tags": "tags",
    "country": "country",
}


def typed(names: Sequence[str], prefix: str = "") -> dict[str, str]:
    return {prefix + name: SPECIAL.get(name, "text") for name in names}


@dataclass(frozen=True, slots=True)
class Kind:
    """``targets``: the paths that a mapping may fill, with the type of each.

    ``open``: the prefix under which there may be paths of any key. ``required``: of each
    group, one path at least must be filled.
    """

    name: str
    targets: Mapping[str, str]
    required: tuple[tuple[str, ...], ...]
    open: str = ""


COMPANY: Final = typed(list(COMPANY_READERS), "company.")
KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in [
        Kind(
            CONTACTS,
            typed(["email", *CONTACT_READERS, "tags"]) | COMPANY,
            required=(("email",),),
            open="attributes.",
        ),
        Kind(COMPANIES, typed(list(COMPANY_READERS)), required=(("domain", "name"),)),
        Kind(
            ACTIVITIES,
            typed(list(ACTIVITY_READERS)),
            required=(("contact",), ("type",), ("occurred_at",)),
            open="properties.",
        ),
        Kind(
            DEALS,
            typed(list(DEAL_READERS)) | COMPANY,
            required=(("external_id",), ("stage",)),
        ),
        Kind(
            CAMPAIGNS,
            typed(["name", *CAMPAIGN_READERS]) | typed(list(ARM_READERS), "arm."),
            required=(("name",),),
        ),
    ]
}
