"""Set where the contact stands in its life as a customer."""

from dataclasses import dataclass
from typing import Any, Final, Self

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldBooleanSwitchWidget

from contacts.models import Contact, Lifecycle
from scoring.automations.actions.base import Action, ActionForm, Occasion, register
from scoring.criteria.faults import Node
from scoring.criteria.form_fields import choice_field

# One leads to the next; who is lost stands aside.
LADDER: Final = [
    "",
    Lifecycle.SUBSCRIBER.value,
    Lifecycle.LEAD.value,
    Lifecycle.MQL.value,
    Lifecycle.SQL.value,
    Lifecycle.OPPORTUNITY.value,
    Lifecycle.CUSTOMER.value,
]


class LifecycleForm(ActionForm):
    to = choice_field(gettext_lazy("Lifecycle"), Lifecycle.choices)
    only_forward = forms.BooleanField(
        label=gettext_lazy("Only forward"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "A contact that is further on stays there, and one that is lost stays lost."
        ),
        widget=UnfoldBooleanSwitchWidget,
    )

    def parameters(self) -> dict[str, Any]:
        return {name: value for name, value in super().parameters().items() if value}


@register
@dataclass(frozen=True, slots=True)
class SetLifecycle(Action):
    kind = "lifecycle"
    title = gettext_lazy("Change the lifecycle")
    icon = "moving"
    form = LifecycleForm

    to: str
    only_forward: bool = False

    @classmethod
    def read(cls, node: Node) -> Self:
        fields = node.fields(required=["to"], optional=["only_forward"])
        return cls(
            to=fields["to"].one_of(Lifecycle.values) if "to" in fields else Lifecycle.LEAD.value,
            only_forward=fields["only_forward"].boolean() if "only_forward" in fields else False,
        )

    def data(self) -> dict[str, object]:
        return {"to": self.to} | ({"only_forward": True} if self.only_forward else {})

    def sentence(self) -> str:
        given = {"to": Lifecycle(self.to).label}
        if self.only_forward:
            return _("set the lifecycle to “%(to)s”, unless it is further on") % given
        return _("set the lifecycle to “%(to)s”") % given

    def run(self, occasion: Occasion) -> str:
        row = Contact.objects.select_for_update(no_key=True).filter(pk=occasion.contact.pk)
        stands = row.values_list("lifecycle", flat=True).get()
        if stands == self.to or (self.only_forward and not leads_forward(stands, self.to)):
            return _("The lifecycle stays “%(stands)s”.") % {"stands": Lifecycle(stands).label}
        occasion.contact.lifecycle = self.to
        occasion.contact.save(update_fields=["lifecycle"])
        return _("The lifecycle is “%(to)s”.") % {"to": Lifecycle(self.to).label}


def leads_forward(stands: str, to: str) -> bool:
    """Whether one comes after the other; who is lost does not come back by itself."""
    if Lifecycle.LOST in (stands, to):
        return stands != Lifecycle.LOST
    return LADDER.index(to) > LADDER.index(stands)
