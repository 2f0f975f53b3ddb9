"""Take the contact out of a sequence, or out of all of them."""

from dataclasses import dataclass
from typing import Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scoring.automations.actions.base import Action, ActionForm, Occasion, register
from scoring.automations.actions.enrol import sequence_choices, sequence_named
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.leaving import take_out
from scoring.automations.sequences.models import Sequence
from scoring.criteria.faults import Node
from scoring.criteria.form_fields import choice_field


def choices() -> list[tuple[str, str]]:
    return [("", _("Every sequence")), *sequence_choices()]


class LeaveForm(ActionForm):
    sequence = choice_field(gettext_lazy("Sequence"), choices, required=False)


@register
@dataclass(frozen=True, slots=True)
class Leave(Action):
    """``sequence``: its name; empty for every sequence that the contact is in."""

    kind = "leave"
    title = gettext_lazy("Take the contact out of a sequence")
    icon = "playlist_remove"
    form = LeaveForm

    sequence: str = ""

    @classmethod
    def read(cls, node: Node) -> Self:
        fields = node.fields(optional=["sequence"])
        return cls(fields["sequence"].name() if "sequence" in fields else "")

    def data(self) -> dict[str, object]:
        return {"sequence": self.sequence} if self.sequence else {}

    def sentence(self) -> str:
        if not self.sequence:
            return _("take the contact out of every sequence")
        return _("take the contact out of the sequence “%(name)s”") % {"name": self.sequence}

    def problems(self) -> list[str]:
        if not self.sequence or Sequence.objects.filter(name=self.sequence).exists():
            return []
        return [_("There is no sequence “%(name)s”.") % {"name": self.sequence}]

    def run(self, occasion: Occasion) -> str:
        sequence = sequence_named(self.sequence) if self.sequence else None
        count = take_out(occasion.contact, Enrolment.Reason.AUTOMATION, sequence)
        if not count:
            return _("The contact was in no such sequence.")
        said = ngettext(
            "The contact has left %(count)d sequence.",
            "The contact has left %(count)d sequences.",
            count,
        )
        return said % {"count": count}
