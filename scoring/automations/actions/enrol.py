"""Enrol the contact in a sequence of e-mails and tasks."""

from dataclasses import dataclass
from typing import Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.working_time import NoWorkingTime
from scoring.automations.actions.base import Action, ActionForm, Impossible, Occasion, register
from scoring.automations.sequences.enrolling import CannotEnrol, enrol
from scoring.automations.sequences.models import Sequence
from scoring.criteria.faults import Node
from scoring.criteria.form_fields import choice_field


def sequence_choices() -> list[tuple[str, str]]:
    return [(name, name) for name in Sequence.objects.values_list("name", flat=True)]


class EnrolForm(ActionForm):
    sequence = choice_field(gettext_lazy("Sequence"), sequence_choices)


def sequence_problems(name: str) -> list[str]:
    sequence = Sequence.objects.filter(name=name).first()
    if sequence is None:
        return [_("There is no sequence “%(name)s”.") % {"name": name}]
    return [] if sequence.active else [_("The sequence “%(name)s” is off.") % {"name": name}]


def sequence_named(name: str) -> Sequence:
    """Raises Impossible."""
    found = Sequence.objects.filter(name=name).first()
    if found is None:
        raise Impossible(_("There is no sequence “%(name)s”.") % {"name": name})
    return found


@register
@dataclass(frozen=True, slots=True)
class Enrol(Action):
    kind = "enrol"
    title = gettext_lazy("Enrol the contact in a sequence")
    icon = "playlist_add"
    form = EnrolForm

    sequence: str

    @classmethod
    def read(cls, node: Node) -> Self:
        fields = node.fields(["sequence"])
        return cls(fields["sequence"].name() if "sequence" in fields else "")

    def data(self) -> dict[str, object]:
        return {"sequence": self.sequence}

    def sentence(self) -> str:
        return _("enrol the contact in the sequence “%(name)s”") % {"name": self.sequence}

    def problems(self) -> list[str]:
        return sequence_problems(self.sequence)

    def run(self, occasion: Occasion) -> str:
        sequence = sequence_named(self.sequence)
        name = {"name": sequence.name}
        crossing = occasion.crossing
        by = crossing.automation.name if crossing else ""
        try:
            _found, is_new = enrol(
                sequence, occasion.contact, score=occasion.score, crossing=crossing, by=by
            )
        except (CannotEnrol, NoWorkingTime) as reason:
            raise Impossible(str(reason)) from None
        if is_new:
            return _("The contact is now in the sequence “%(name)s”.") % name
        return _("The contact was in the sequence “%(name)s” already.") % name
