"""A task made of a decision: who may give one, to whom, and about which lead."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from contacts.models import Contact, Task
from contacts.models.teams import name_of
from scoring.automations.sequences.admin.forms import ContactSelect

ADD = "contacts.add_task"
TAKES_PART = "scoring.change_meeting"


def may_give_tasks(user: User) -> bool:
    """Whoever makes tasks anyway; and whoever sees them, for what the meeting has decided."""
    return user.has_perm(ADD) or user.has_perm("contacts.view_task")


def people_for(user: User) -> list[User]:
    """Who works with tasks; of somebody who makes none otherwise, those of the meeting."""
    people = User.objects.with_perm("contacts.change_task", include_superusers=False)
    if not user.has_perm(ADD):
        people = people.filter(pk__in=User.objects.with_perm(TAKES_PART).values("pk"))
    return list(people.order_by("username"))


def may_be_given(user: User, assignee: User, contact: Contact) -> bool:
    """Somebody who makes no tasks otherwise shows nobody a lead that they do not see."""
    if user.has_perm(ADD):
        return True
    return Contact.objects.visible_to(assignee).filter(pk=contact.pk).exists()


class TaskForm(forms.Form):
    """For whom, and about which lead: a task is about one, of those that this person sees."""

    assignee = forms.ChoiceField(label=_("For"), widget=UnfoldAdminSelectWidget())
    contact = forms.ModelChoiceField(
        Contact.objects.none(),
        label=_("Lead"),
        error_messages={"invalid_choice": _("You see no such lead: choose one of the list.")},
    )

    def __init__(self, user: User, people: list[User], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user
        self.people = {str(one.pk): one for one in people}
        assignee: Any = self.fields["assignee"]
        assignee.choices = [(pk, name_of(one)) for pk, one in self.people.items()]
        contact: Any = self.fields["contact"]
        contact.widget = ContactSelect(Task._meta.get_field("contact"), admin.site)
        contact.widget.choices = contact.choices
        contact.queryset = Contact.objects.visible_to(user)

    def clean_assignee(self) -> User:
        return self.people[self.cleaned_data["assignee"]]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        assignee, contact = data.get("assignee"), data.get("contact")
        if assignee and contact and not may_be_given(self.user, assignee, contact):
            said = gettext("%(who)s does not see this lead.") % {"who": name_of(assignee)}
            self.add_error("contact", said)
        return data


class TaskForms:
    """Those of one page, which ask once for whom tasks may be."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.people = people_for(user)

    @property
    def media(self) -> forms.Media:
        return self.blank(0).media

    def blank(self, decision: int) -> TaskForm:
        return TaskForm(self.user, self.people, auto_id=ids_of(decision))

    def filled(self, decision: int, data: Any) -> TaskForm:
        return TaskForm(self.user, self.people, data, auto_id=ids_of(decision))


def ids_of(decision: int) -> str:
    return f"task-{decision}-%s"
