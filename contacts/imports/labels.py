"""What people call the fields that a column may become."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contacts.imports.kinds import ACTIVITIES, CAMPAIGNS, COMPANIES, CONTACTS, DEALS, KINDS
from contacts.models import (
    Activity,
    Campaign,
    CampaignArm,
    Company,
    Contact,
    CustomField,
    Deal,
    Pipeline,
    Stage,
)

MODELS: Final[Mapping[str, Any]] = {
    CONTACTS: Contact,
    COMPANIES: Company,
    ACTIVITIES: Activity,
    DEALS: Deal,
    CAMPAIGNS: Campaign,
}
# Fields of a deal that are columns of its stage.
ELSEWHERE: Final[Mapping[str, Any]] = {"pipeline": Pipeline, "outcome": Stage}


def target_label(kind: str, target: str, custom: Mapping[str, str]) -> str:
    """A field as people call it; ``custom``: key -> label of custom fields."""
    outer, _dot, inner = target.partition(".")
    if outer == "attributes":
        return custom.get(inner) or inner.replace("_", " ").capitalize()
    if outer == "properties":
        return _("Property “%(name)s”") % {"name": inner}
    if outer == "arm":
        return _("Arm: %(field)s") % {"field": verbose(CampaignArm, inner)}
    if inner:
        return _("Company: %(field)s") % {"field": verbose(Company, inner)}
    if target == "pipeline":
        return capfirst(str(Pipeline._meta.verbose_name))
    return capfirst(verbose(ELSEWHERE.get(target, MODELS[kind]), target))


def verbose(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).verbose_name)


def custom_labels() -> dict[str, str]:
    """Key -> label of every custom field."""
    return dict(CustomField.objects.values_list("key", "label"))


def target_choices(kind: str, custom: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """(target, label) of every field that a column of this kind of file may become."""
    targets = list(KINDS[kind].targets)
    if kind == CONTACTS:
        targets += [f"attributes.{key}" for key in custom]
    return [(target, target_label(kind, target, custom)) for target in targets]
