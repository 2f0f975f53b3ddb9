"""The first page: how much there is, and what waits."""

from typing import Any, Final, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from contacts.admin.base import visible
from contacts.admin.imports import kinds_for
from contacts.admin.sections import link, moment
from contacts.models import Activity, Company, Contact, Deal, Pending, Task
from contacts.numerals import whole

# Counting stops here: the first page must not scan a table of ten million rows.
COUNTED_MOST: Final = 100_000
NEWEST: Final = 8


class Figure(NamedTuple):
    title: str
    value: str
    hint: str = ""
    url: str = ""
    icon: str = ""


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What templates/admin/index.html shows; Unfold calls it by the name in the settings."""
    may = request.user.has_perm
    figures = [my_tasks(request)] if may("contacts.change_task") else []
    figures += [
        count(request, model, title, icon)
        for model, title, icon in (
            (Contact, gettext("Contacts"), "person"),
            (Company, gettext("Companies"), "domain"),
            (Activity, gettext("Activities"), "bolt"),
            (Deal, gettext("Deals"), "handshake"),
        )
        if may(f"contacts.view_{model._meta.model_name}")
    ]
    if may("contacts.view_contact") and (contacts := waiting_contacts(request)).exists():
        figures.append(waiting(contacts))
    return {
        **context,
        "figures": figures,
        "is_empty": not Contact.objects.exists(),
        "newest": newest(request) if may("contacts.view_contact") else None,
        "add_url": reverse("admin:contacts_contact_add") if may("contacts.add_contact") else "",
        "import_url": reverse("admin:contacts_importjob_add") if kinds_for(request.user) else "",
    }


def count(request: HttpRequest, model: Any, title: str, icon: str) -> Figure:
    url = reverse(f"admin:contacts_{model._meta.model_name}_changelist")
    return Figure(title, counted(visible(model.objects.all(), request)), url=url, icon=icon)


def my_tasks(request: HttpRequest) -> Figure:
    mine = Task.objects.waiting_for(request.user, timezone.now())
    late = mine.overdue(timezone.now()).count()
    hint = ngettext("%(count)d is overdue", "%(count)d are overdue", late) % {"count": late}
    url = reverse("admin:contacts_task_changelist") + "?whose=mine&state__exact=open"
    return Figure(gettext("My open tasks"), counted(mine), hint if late else "", url, "task_alt")


def waiting_contacts(request: HttpRequest) -> QuerySet[Any]:
    """The ids of contacts that this person may see and that wait for a new score."""
    seen = Contact.objects.visible_to(request.user)
    return Pending.objects.filter(contact__in=seen).order_by().values("contact_id").distinct()


def waiting(contacts: QuerySet[Any]) -> Figure:
    hint = gettext("Contacts that changed since their score was made; the worker does them.")
    return Figure(gettext("Waiting for a score"), counted(contacts), hint, icon="hourglass_empty")


def newest(request: HttpRequest) -> dict[str, Any]:
    """A table of the contacts that came last."""
    contacts = Contact.objects.visible_to(request.user).select_related("company").order_by("-pk")
    return {
        "headers": [gettext("contact"), gettext("company"), gettext("owner"), gettext("since")],
        "rows": [
            [
                link(contact, contact.full_name or contact.email),
                str(contact.company or ""),
                contact.owner,
                moment(contact.stored_at),
            ]
            for contact in contacts[:NEWEST]
        ],
    }


def counted(rows: QuerySet[Any]) -> str:
    """How many there are, to 100,000."""
    number = rows.order_by()[: COUNTED_MOST + 1].count()
    text = whole(min(number, COUNTED_MOST))
    return gettext("more than %(number)s") % {"number": text} if number > COUNTED_MOST else text
