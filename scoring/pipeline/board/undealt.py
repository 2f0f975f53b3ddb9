"""Leads that were handed over and of which no deal was made yet: those stand on the board too."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q

from contacts.models import Deal, Lifecycle
from scoring.pipeline.feedback.models import Handover, HandoverQuerySet, VerdictKind

# Since it was accepted: of a lead of which nothing came for so long nothing is to be done.
ACCEPTED_STAYS: Final = timedelta(days=90)


def undealt(rows: HandoverQuerySet, pipeline: int, now: datetime) -> HandoverQuerySet:
    """Those that wait for sales or were accepted, without a deal in this pipeline.

    One that waits has no open deal. One that was accepted has had none since, opened or closed,
    stands once for each lead, and the lead has not bought or been lost elsewhere.
    """
    same = {"contact": OuterRef("contact")}
    deals = Deal.objects.filter(**same, stage__pipeline=pipeline)
    # One without any date may be of this hand-over: to show it twice would invite a second deal.
    handed = OuterRef("handed_at")
    since = deals.filter(
        Q(opened_at__gte=handed) | Q(closed_at__gte=handed) | Q(opened_at=None, closed_at=None)
    )
    later = Handover.objects.filter(
        **same, model=OuterRef("model"), handed_at__gt=OuterRef("handed_at")
    )
    accepted = (
        Q(verdict=VerdictKind.ACCEPTED, answered_at__gte=now - ACCEPTED_STAYS)
        & ~Q(contact__lifecycle__in=[Lifecycle.CUSTOMER, Lifecycle.LOST])
        & ~Exists(since)
        & ~Exists(later)
    )
    is_open = Exists(Deal.objects.open_in(pipeline).filter(**same))
    return rows.filter(Q(answered_at=None) | accepted, ~is_open)
