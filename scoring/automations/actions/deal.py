"""Put the contact's deal into a stage: move the one that is open, or create one."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Self

from django import forms
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from contacts.models import Deal, Stage
from scoring.automations.actions.base import Action, ActionForm, Impossible, Occasion, register
from scoring.automations.texts import Template, TemplateField, read_template
from scoring.criteria.faults import Node
from scoring.criteria.form_fields import choice_field

SOURCE: Final = "automation"
USUAL_NAME: Final = "{{ contact.full_name }}"
AMOUNT_MOST: Final = Decimal(10) ** 12


def full_name(stage: Stage) -> str:
    return f"{stage.pipeline} / {stage}"


def stage_named(name: str) -> Stage | None:
    stages = Stage.objects.select_related("pipeline")
    return next((stage for stage in stages if full_name(stage) == name), None)


def stage_choices() -> list[tuple[str, str]]:
    names = [full_name(stage) for stage in Stage.objects.select_related("pipeline")]
    return [(name, name) for name in names]


class DealForm(ActionForm):
    stage = choice_field(gettext_lazy("Stage"), stage_choices)
    name = TemplateField(
        label=gettext_lazy("Name of a new deal"),
        max_length=200,
        initial=USUAL_NAME,
        widget=UnfoldAdminTextInputWidget,
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Amount of a new deal"),
        required=False,
        min_value=0,
        max_value=AMOUNT_MOST,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    backwards = forms.BooleanField(
        label=gettext_lazy("Also from a later stage"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy("Otherwise a deal that is further on stays where it is."),
    )

    def parameters(self) -> dict[str, Any]:
        found = {name: value for name, value in super().parameters().items() if value is not False}
        return {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in found.items()
        }


@register
@dataclass(frozen=True, slots=True)
class PutDeal(Action):
    """Deals that are won or lost are never touched."""

    kind = "deal"
    title = gettext_lazy("Create or move a deal")
    icon = "handshake"
    form = DealForm

    stage: str
    name: Template = Template(USUAL_NAME)
    amount: Decimal | None = None
    backwards: bool = False

    @classmethod
    def read(cls, node: Node) -> Self:
        fields = node.fields(required=["stage"], optional=["name", "amount", "backwards"])
        found: dict[str, Any] = {}
        if "name" in fields and fields["name"].name():
            found["name"] = read_template(fields["name"])
        if "amount" in fields:
            found["amount"] = read_amount(fields["amount"])
        if "backwards" in fields:
            found["backwards"] = fields["backwards"].boolean()
        return cls(fields["stage"].name() if "stage" in fields else "", **found)

    def data(self) -> dict[str, object]:
        found: dict[str, object] = {"stage": self.stage}
        if self.name.text != USUAL_NAME:
            found["name"] = self.name.text
        if self.amount is not None:
            found["amount"] = f"{self.amount:.2f}"
        return found | ({"backwards": True} if self.backwards else {})

    def sentence(self) -> str:
        return _("move the open deal to “%(stage)s”, or create one there") % {"stage": self.stage}

    def problems(self) -> list[str]:
        if stage_named(self.stage):
            return []
        return [_("There is no stage “%(name)s”.") % {"name": self.stage}]

    def run(self, occasion: Occasion) -> str:
        stage = stage_named(self.stage)
        if stage is None:
            raise Impossible(" ".join(self.problems()))
        deal = self.open_deal(occasion, stage)
        if deal and (problem := self.staying(deal, stage)):
            return problem
        at = max(occasion.as_of, timezone.now())
        return self.move(deal, stage, at) if deal else self.create(occasion, stage, at)

    def open_deal(self, occasion: Occasion, stage: Stage) -> Deal | None:
        """The newest one in the pipeline."""
        # Locked without a join to the stage, by which PostgreSQL would lose a row that
        # somebody moves at that moment; only then looked at.
        list(Deal.objects.select_for_update().filter(contact=occasion.contact).values_list("pk"))
        deals = Deal.objects.select_related("stage")
        return (
            deals.open_in(stage.pipeline_id)
            .filter(contact=occasion.contact)
            .order_by(F("opened_at").desc(nulls_last=True), "-pk")
            .first()
        )

    def staying(self, deal: Deal, stage: Stage) -> str:
        """Why the deal is not moved; empty where it is."""
        if deal.stage_id == stage.pk:
            return _("“%(deal)s” is there already.") % {"deal": deal}
        is_later = (deal.stage.position, deal.stage.pk) > (stage.position, stage.pk)
        if is_later and not self.backwards:
            given = {"deal": deal, "stage": deal.stage}
            return _("“%(deal)s” stays in “%(stage)s”, which is further on.") % given
        return ""

    def move(self, deal: Deal, stage: Stage, at: datetime) -> str:
        before = deal.stage
        deal.move_to(stage, at)
        given = {"deal": deal, "before": before, "stage": stage}
        return _("“%(deal)s” was moved from “%(before)s” to “%(stage)s”.") % given

    def create(self, occasion: Occasion, stage: Stage, at: datetime) -> str:
        contact = occasion.contact
        name = self.name.render(occasion.values).strip() or str(contact)
        deal, is_new = Deal.objects.open_once(
            (SOURCE, occasion.key), contact, stage, at, name=name[:255], amount=self.amount
        )
        given = {"deal": deal, "stage": stage}
        if not is_new:
            return _("“%(deal)s” was created before.") % given
        return _("“%(deal)s” was created in “%(stage)s”.") % given


def read_amount(node: Node) -> Decimal | None:
    """A number or a text such as ``1200.50``."""
    given = node.data
    try:
        if isinstance(given, bool) or not isinstance(given, int | float | str):
            raise InvalidOperation
        amount = Decimal(str(given))
        if not (amount.is_finite() and 0 <= amount <= AMOUNT_MOST):
            raise InvalidOperation
    except InvalidOperation:
        node.fault(_("must be an amount, such as 1200.50"))
        return None
    return amount.quantize(Decimal("0.01"))
