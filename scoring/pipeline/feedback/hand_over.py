"""The action that hands a lead over to sales, who answer it within the service level.

Registered here and not in ``automations.actions``, for automations know nothing of handovers;
``scoring.models`` imports it, so every process that reads a document knows the kind.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.working_time import NoWorkingTime
from scoring.automations.actions.base import Action, ActionForm, Impossible, Occasion, register
from scoring.criteria.faults import Node
from scoring.pipeline.feedback.handing import Handing
from scoring.pipeline.feedback.models import Handover


@register
@dataclass(frozen=True, slots=True)
class HandOver(Action):
    """Has no parameters: the deadlines are agreed for model and band, and not in an automation."""

    kind = "hand_over"
    title = gettext_lazy("Hand the lead over to sales")
    icon = "handshake"
    form = ActionForm

    @classmethod
    def read(cls, node: Node) -> Self:
        node.fields()
        return cls()

    def data(self) -> dict[str, object]:
        return {}

    def sentence(self) -> str:
        return _("hand the lead over to sales, who accept or reject it")

    def run(self, occasion: Occasion) -> str:
        score = occasion.score
        if score is None or score.excluded:
            raise Impossible(_("The lead has no score, so there is nothing to hand over."))
        # The crossing may lie days back: it was held back, or the action failed at first.
        at = max(occasion.as_of, timezone.now())
        handing = Handing(
            contact=occasion.contact,
            model=occasion.model,
            band=score.band,
            total=score.total,
            at=at,
            key=occasion.key,
            crossing=occasion.crossing,
        )
        try:
            handover, is_new = handing.do()
        except NoWorkingTime as closed:
            raise Impossible(str(closed)) from None
        return told(handover, is_new)


def told(handover: Handover, is_new: bool) -> str:
    if not is_new:
        return _("The lead was handed over on %(day)s already.") % {
            "day": shown(handover.handed_at)
        }
    whom = handover.owner or _("whoever takes it")
    if handover.next_due is None:
        return _("Handed over to %(whom)s.") % {"whom": whom}
    facts = {"whom": whom, "when": shown(handover.next_due)}
    return _("Handed over to %(whom)s, first deadline %(when)s.") % facts


def shown(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
