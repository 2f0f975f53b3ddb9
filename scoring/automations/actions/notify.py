"""Tell people: in the admin, and in a channel of Slack, Teams or another service."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Self

from django import forms
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from contacts.models.teams import Team, person_for_owner
from scoring.automations.actions.base import Action, ActionForm, Impossible, Occasion, register
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.receivers import Destination
from scoring.automations.texts import Template, TemplateField, read_template
from scoring.criteria.faults import Node

USUAL_TITLE: Final = "{{ contact.full_name }}: {{ score.band }}"
MOST_USERS: Final = 50


def teams() -> list[tuple[str, str]]:
    return [("", "---------"), *((name, name) for name in names(Team))]


def destinations() -> list[tuple[str, str]]:
    return [("", "---------"), *((name, name) for name in names(Destination))]


def users() -> list[tuple[str, str]]:
    staff = User.objects.filter(is_active=True, is_staff=True).order_by("username")
    return [(user.get_username(), user.get_full_name() or user.get_username()) for user in staff]


def names(model: Any) -> list[str]:
    return list(model.objects.order_by("name").values_list("name", flat=True))


class NotifyForm(ActionForm):
    owner = forms.BooleanField(
        label=gettext_lazy("The owner"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    team = forms.ChoiceField(
        label=gettext_lazy("Everybody in the team"),
        required=False,
        choices=teams,
        widget=UnfoldAdminSelectWidget,
    )
    users = forms.MultipleChoiceField(
        label=gettext_lazy("These people"),
        required=False,
        choices=users,
        widget=UnfoldAdminSelect2MultipleWidget,
    )
    by_email = forms.BooleanField(
        label=gettext_lazy("Also by e-mail"),
        required=False,
        help_text=gettext_lazy("To those people who have an e-mail address here."),
        widget=UnfoldBooleanSwitchWidget,
    )
    destination = forms.ChoiceField(
        label=gettext_lazy("Destination"),
        required=False,
        choices=destinations,
        help_text=gettext_lazy("A channel of Slack, Teams, an e-mail list or another service."),
        widget=UnfoldAdminSelectWidget,
    )
    title = TemplateField(
        label=gettext_lazy("Title"),
        max_length=200,
        initial=USUAL_TITLE,
        widget=UnfoldAdminTextInputWidget,
    )
    text = TemplateField(label=gettext_lazy("Text"), widget=UnfoldAdminTextareaWidget)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not any(given.get(name) for name in ("owner", "team", "users", "destination")):
            raise forms.ValidationError(nobody())
        return given

    def parameters(self) -> dict[str, Any]:
        found = super().parameters()
        return {name: value for name, value in found.items() if value is not False}


def nobody() -> str:
    return _("Somebody must be told: the owner, a team, people or a destination.")


@register
@dataclass(frozen=True, slots=True)
class Notify(Action):
    kind = "notify"
    title = gettext_lazy("Notify people")
    icon = "notifications"
    form = NotifyForm

    heading: Template
    text: Template
    owner: bool = False
    team: str = ""
    users: tuple[str, ...] = ()
    destination: str = ""
    by_email: bool = False

    @classmethod
    def read(cls, node: Node) -> Self:
        receivers = ["owner", "team", "users", "destination"]
        fields = node.fields(required=["text"], optional=["title", "by_email", *receivers])
        owner = fields["owner"].boolean() if "owner" in fields else False
        named = {name: fields[name].name() for name in ("team", "destination") if name in fields}
        people = fields["users"].items(at_most=MOST_USERS) if "users" in fields else []
        if not (owner or named or people):
            node.fault(nobody())
        return cls(
            heading=read_template(fields["title"]) if "title" in fields else Template(USUAL_TITLE),
            text=read_template(fields["text"]) if "text" in fields else Template(""),
            owner=owner,
            team=named.get("team", ""),
            users=tuple(each.name() for each in people),
            destination=named.get("destination", ""),
            by_email=fields["by_email"].boolean() if "by_email" in fields else False,
        )

    def data(self) -> dict[str, object]:
        found: dict[str, object] = {
            "owner": self.owner,
            "team": self.team,
            "users": list(self.users),
            "destination": self.destination,
            "by_email": self.by_email,
        }
        texts = {"title": self.heading.text, "text": self.text.text}
        return {**{name: value for name, value in found.items() if value}, **texts}

    def sentence(self) -> str:
        told = [_("the owner")] if self.owner else []
        if self.team:
            told.append(_("the team “%(name)s”") % {"name": self.team})
        told.extend(self.users)
        if self.destination:
            told.append(_("the destination “%(name)s”") % {"name": self.destination})
        people = ", ".join(told)
        if self.by_email:
            return _("notify %(people)s, also by e-mail") % {"people": people}
        return _("notify %(people)s") % {"people": people}

    def problems(self) -> list[str]:
        found = []
        if self.team and not Team.objects.filter(name=self.team).exists():
            found.append(_("There is no team “%(name)s”.") % {"name": self.team})
        known = set(User.objects.filter(username__in=self.users).values_list("username", flat=True))
        found += [
            _("There is no user “%(name)s”.") % {"name": name}
            for name in self.users
            if name not in known
        ]
        if (
            self.destination
            and not Destination.objects.filter(name=self.destination, active=True).exists()
        ):
            found.append(_("There is no destination “%(name)s”.") % {"name": self.destination})
        return found

    def run(self, occasion: Occasion) -> str:
        people = self.people(occasion)
        for user in people:
            link = reverse("admin:scoring_lead_change", args=[occasion.contact.pk])
            self.post(occasion, "inbox", user.get_username(), f":{user.pk}", link)
            if self.by_email and user.email:
                link = occasion.values.get("contact.link", "")
                self.post(occasion, "staff", user.email, f":{user.pk}:mail", link)
        told = [user.get_username() for user in people]
        if self.destination and Destination.objects.filter(name=self.destination).exists():
            link = occasion.values.get("contact.link", "")
            self.post(occasion, "notify", self.destination, ":to", link)
            told.append(self.destination)
        if not told:
            raise Impossible(_("There is nobody to tell: no owner, and nobody else is named."))
        return _("Told: %(people)s") % {"people": ", ".join(told)}

    def people(self, occasion: Occasion) -> list[User]:
        """Everybody once, though owner, team and list may name the same person."""
        found = {user.pk: user for user in self.named(occasion)}
        return [found[pk] for pk in sorted(found)]

    def named(self, occasion: Occasion) -> Iterator[User]:
        if self.owner and (owner := person_for_owner(occasion.contact.owner)):
            yield owner
        if self.team:
            members = {"memberships__team__name": self.team, "memberships__active": True}
            yield from User.objects.filter(is_active=True, **members)
        yield from User.objects.filter(is_active=True, username__in=self.users)

    def post(
        self, occasion: Occasion, channel: str, recipient: str, suffix: str, link: str
    ) -> None:
        mark = _("[Test] ") if occasion.is_test else ""
        Message.objects.post(
            key=occasion.key + suffix,
            channel=channel,
            recipient=recipient,
            subject=mark + self.heading.render(occasion.values),
            body={"text": mark + self.text.render(occasion.values), "link": link},
            contact=occasion.contact,
            crossing=occasion.crossing,
        )
