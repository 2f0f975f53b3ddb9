"""Whom the value of a deal that was won is owed to: the first, the last, or every touch alike."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet

from contacts.models import CampaignTouch, Deal, Stage
from scoring.reports.asking import Question

CENT: Final = Decimal("0.01")
# What the keys of these figures begin with, and what they call no campaign.
OWED: Final = "owed:"
NONE: Final = "none"
WAYS: Final = ("first", "last", "linear")
# A campaign, or none.
Owed = int | None


@dataclass(slots=True)
class Attribution:
    """By campaign; each of the three sums to the whole value.

    ``leads``: by way and campaign, whose deals a part of that is of.
    """

    first: dict[Owed, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    last: dict[Owed, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    linear: dict[Owed, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    leads: dict[tuple[str, Owed], set[int]] = field(default_factory=lambda: defaultdict(set))

    @property
    def campaigns(self) -> set[Owed]:
        return {*self.first, *self.last, *self.linear}

    def add(self, amount: Decimal, path: Sequence[Owed], lead: int | None = None) -> None:
        """A deal may be of nobody."""
        self.first[path[0]] += amount
        self.last[path[-1]] += amount
        for campaign, share in zip(path, shares(amount, len(path)), strict=True):
            self.linear[campaign] += share
        if lead is not None:
            for way, owed in zip(WAYS, (path[:1], path[-1:], path), strict=True):
                for campaign in owed:
                    self.leads[way, campaign].add(lead)

    def key(self, way: str, campaign: Owed) -> str:
        """What one figure is asked by; empty where no lead is behind it."""
        named = NONE if campaign is None else campaign
        return f"{OWED}{way}:{named}" if self.leads.get((way, campaign)) else ""


def shares(amount: Decimal, number: int) -> list[Decimal]:
    """Whole cents that differ by one at most and sum to the amount; the earlier get more."""
    each, rest = divmod(int((amount / CENT).to_integral_value()), number)
    return [(each + (place < rest)) * CENT for place in range(number)]


def closed_deals(question: Question) -> QuerySet[Deal]:
    """Won or lost in the period; without a contact only where all are asked for."""
    rows = Deal.objects.exclude(stage__outcome=Stage.Outcome.OPEN)
    rows = rows.filter(**question.during("closed_at"))
    return rows if question.is_of_all else rows.filter(contact__in=question.contacts())


def attribution_of(question: Question) -> Attribution:
    """In two queries: the deals, and the touches of their contacts."""
    won = closed_deals(question).filter(stage__outcome=Stage.Outcome.WON)
    paths = touches_of(won)
    found = Attribution()
    for contact, own, amount, closed in won.order_by("pk").values_list(
        "contact_id", "campaign_id", "amount", "closed_at"
    ):
        met = paths.get(contact or 0, ())
        path: list[Owed] = [campaign for at, campaign in met if closed and at <= closed]
        found.add(amount or Decimal(0), path or [own], contact)
    return found


def ids_of_owed(question: Question, key: str) -> list[int] | None:
    """Whose won deals are owed to a campaign, wholly or in part; None for an unknown key."""
    way, _colon, named = key.partition(":")
    is_campaign = named.isdecimal() and named.isascii() and len(named) < 10
    if way not in WAYS or not (is_campaign or named == NONE):
        return None
    campaign = int(named) if is_campaign else None
    return sorted(attribution_of(question).leads.get((way, campaign), ()))


def touches_of(won: QuerySet[Any]) -> dict[int, list[tuple[datetime, int]]]:
    whose = won.filter(contact__isnull=False).order_by().values("contact")
    rows = CampaignTouch.objects.filter(contact__in=whose).order_by("occurred_at", "pk")
    found: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for contact, at, campaign in rows.values_list("contact_id", "occurred_at", "campaign_id"):
        found[contact].append((at, campaign))
    return found
