"""Give the contact an owner: one person, the next in a team, or whom the assignment rules say."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldBooleanSwitchWidget

from contacts.models import Contact, Team
from contacts.models.assignments import How, Why, assigned
from contacts.models.teams import person_for_owner
from contacts.normalise import normalise
from scoring.automations.actions.base import Action, ActionForm, Impossible, Occasion, register
from scoring.automations.assigning import (
    RULES,
    person_choices,
    person_problems,
    rows_of,
    team_choices,
    team_named,
    team_problems,
)
from scoring.criteria.faults import Node
from scoring.criteria.form_fields import choice_field

WAYS: Final = ("person", "team", "rules")


class AssignOwnerForm(ActionForm):
    person = choice_field(gettext_lazy("Person"), person_choices, required=False)
    team = choice_field(
        gettext_lazy("Or a team, whose members take turns"), team_choices, required=False
    )
    rules = forms.BooleanField(
        label=gettext_lazy("Or by the assignment rules"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    always = forms.BooleanField(
        label=gettext_lazy("Also where the contact has an owner"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if sum(bool(given.get(name)) for name in WAYS) != 1:
            raise forms.ValidationError(one_of_three())
        return given

    def parameters(self) -> dict[str, Any]:
        return {name: value for name, value in super().parameters().items() if value}


def one_of_three() -> str:
    return _("Name either a person or a team, or choose the assignment rules.")


@register
@dataclass(frozen=True, slots=True)
class AssignOwner(Action):
    kind = "assign_owner"
    title = gettext_lazy("Assign an owner")
    icon = "person_add"
    form = AssignOwnerForm

    person: str = ""
    team: str = ""
    rules: bool = False
    always: bool = False

    @classmethod
    def read(cls, node: Node) -> Self:
        fields = node.fields(optional=[*WAYS, "always"])
        rules = fields["rules"].boolean() if "rules" in fields else False
        if ("person" in fields) + ("team" in fields) + rules != 1:
            node.fault(one_of_three())
        return cls(
            person=fields["person"].name() if "person" in fields else "",
            team=fields["team"].name() if "team" in fields else "",
            rules=rules,
            always=fields["always"].boolean() if "always" in fields else False,
        )

    def data(self) -> dict[str, object]:
        found = {
            "person": self.person,
            "team": self.team,
            "rules": self.rules,
            "always": self.always,
        }
        return {name: value for name, value in found.items() if value}

    def sentence(self) -> str:
        if self.rules:
            if self.always:
                return _("give the lead an owner by the assignment rules")
            return _("give the lead an owner by the assignment rules if there is none")
        whom = self.person or _("the next in the team “%(team)s”") % {"team": self.team}
        if self.always:
            return _("make %(whom)s the owner") % {"whom": whom}
        return _("make %(whom)s the owner if there is none") % {"whom": whom}

    def problems(self) -> list[str]:
        if self.rules:
            return RULES[0].problems()
        return [*team_problems(self.team), *person_problems(self.person)]

    def needed_rows(self) -> Any:
        return RULES[0].needed_rows() if self.rules else rows_of(self.team)

    def run(self, occasion: Occasion) -> str:
        # Locked and read again: somebody may have taken the lead since it was read.
        row = Contact.objects.select_for_update(no_key=True).filter(pk=occasion.contact.pk)
        owner = row.values_list("owner", flat=True).get()
        if normalise(owner) and not self.always:
            return _("%(owner)s stays the owner.") % {"owner": owner}
        at = max(occasion.as_of, timezone.now())
        if self.rules:
            told = RULES[0].give(occasion.contact.pk, occasion.model, at, always=self.always)
            # What follows in this automation is about the owner that the lead has now.
            occasion.contact.refresh_from_db(fields=["owner", "owner_norm"])
            return told
        name = self.who(at).get_username()
        occasion.contact.owner = name
        with assigned(Why(How.AUTOMATION)):
            occasion.contact.save(update_fields=["owner"])
        return _("The owner is %(owner)s.") % {"owner": name}

    def who(self, at: datetime) -> User:
        """Raises Impossible where nobody is there."""
        if self.person:
            if user := person_for_owner(self.person):
                # Where nobody stands in, the lead waits for the person: nobody else was named.
                return RULES[0].stand_in(user, at) or user
            raise Impossible(" ".join(person_problems(self.person)))
        team = team_named(self.team)
        if team is None:
            raise Impossible(" ".join(team_problems(self.team)))
        if user := Team.objects.next_member(team, at, for_lead=True):
            return user
        raise Impossible(_("Nobody in the team “%(name)s” is there.") % {"name": self.team})
