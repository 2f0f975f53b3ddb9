"""Put a tag on the contact, or take one away."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact, Tag
from contacts.normalise import normalise
from scoring.automations.actions.base import Action, ActionForm, Occasion, register
from scoring.criteria.faults import Node
from scoring.criteria.form_fields import text_field

LONGEST = 100


class TagActionForm(ActionForm):
    add = text_field(
        gettext_lazy("Add the tag"),
        max_length=LONGEST,
        help_text=gettext_lazy("It is made where there is none of this name."),
    )
    remove = text_field(gettext_lazy("Remove the tag"), max_length=LONGEST)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        names = [normalise(given.get(name) or "") for name in ("add", "remove")]
        if names[0] == names[1]:
            raise forms.ValidationError(two_tags())
        return given


def two_tags() -> str:
    return _("Name a tag to add, or another one to remove, or both.")


@register
@dataclass(frozen=True, slots=True)
class ChangeTag(Action):
    kind = "tag"
    title = gettext_lazy("Add or remove a tag")
    icon = "label"
    form = TagActionForm

    add: str = ""
    remove: str = ""

    @classmethod
    def read(cls, node: Node) -> Self:
        fields = node.fields(optional=["add", "remove"])
        found = {name: read_tag(child) for name, child in fields.items()}
        if normalise(found.get("add", "")) == normalise(found.get("remove", "")):
            node.fault(two_tags())
        return cls(**found)

    def data(self) -> dict[str, object]:
        found = {"add": self.add, "remove": self.remove}
        return {name: value for name, value in found.items() if value}

    def sentence(self) -> str:
        given = {"add": self.add, "remove": self.remove}
        if self.add and self.remove:
            return _("add the tag “%(add)s” and remove the tag “%(remove)s”") % given
        if self.add:
            return _("add the tag “%(add)s”") % given
        return _("remove the tag “%(remove)s”") % given

    def run(self, occasion: Occasion) -> str:
        contact = occasion.contact
        names = contact.tag_names()
        with Contact.objects.all().tags_noted([contact.pk]):
            contact.tags.add(*self.added())
            contact.tags.remove(*self.removed())
        return " ".join(self.told(names))

    def told(self, names: list[str]) -> Iterator[str]:
        """What has become of the tags; ``names`` are those from before."""
        if self.add:
            had = normalise(self.add) in names
            said = _("The tag “%(tag)s” was there.") if had else _("The tag “%(tag)s” was added.")
            yield said % {"tag": self.add}
        if self.remove:
            had = normalise(self.remove) in names
            said = (
                _("The tag “%(tag)s” was removed.")
                if had
                else _("The tag “%(tag)s” was not there.")
            )
            yield said % {"tag": self.remove}

    def added(self) -> list[Tag]:
        if not self.add:
            return []
        found, _new = Tag.objects.get_or_create(
            name_norm=normalise(self.add), defaults={"name": self.add.strip()}
        )
        return [found]

    def removed(self) -> list[Tag]:
        return list(Tag.objects.filter(name_norm=normalise(self.remove))) if self.remove else []


def read_tag(node: Node) -> str:
    before = len(node.faults)
    name = node.name()
    if len(node.faults) == before:
        if not normalise(name):
            node.fault(_("must not be empty"))
        elif len(name) > LONGEST:
            node.fault(_("must have at most %(most)d characters") % {"most": LONGEST})
    return name
