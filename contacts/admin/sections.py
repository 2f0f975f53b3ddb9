"""The tables below a contact's or a company's form: read-only, one page at a time."""

import json
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext

from contacts.admin.base import Section, page_of, visible
from contacts.models import Activity, Company, Contact, CustomField, Deal, FieldChange, Task
from contacts.models.teams import name_of
from contacts.numerals import numeral


def activities_of(contact: Contact, request: HttpRequest) -> Section:
    page = page_of(contact.activities.select_related("type", "target"), request, "activities")
    return Section(
        parameter="activities",
        title=gettext("Activities"),
        headers=[gettext("when"), gettext("what"), gettext("target"), gettext("details")],
        page=page,
        rows=[
            [
                link(activity, moment(activity.occurred_at)),
                str(activity.type),
                short(activity.target.text),
                short(details(activity)),
            ]
            for activity in page
        ],
        empty=gettext("This contact has done nothing yet that was recorded."),
        add_url=add_url(Activity, request, f"contact={contact.pk}"),
        add_label=gettext("Add activity"),
    )


def details(activity: Activity) -> str:
    facts = [gettext("automated, does not count")] if activity.automated else []
    facts += [f"{key}: {shown_value(value)}" for key, value in (activity.properties or {}).items()]
    return ", ".join(facts)


def deals_of(deals: QuerySet[Deal], request: HttpRequest, preset: str) -> Section:
    """``preset``: what a deal that is added from here begins with, as ``contact=5``."""
    page = page_of(visible(deals.select_related("stage"), request), request, "deals")
    return Section(
        parameter="deals",
        title=gettext("Deals"),
        headers=[gettext("deal"), gettext("stage"), gettext("amount"), gettext("owner")],
        page=page,
        rows=[
            [link(deal, deal.name), str(deal.stage), amount(deal.amount), deal.owner]
            for deal in page
        ],
        empty=gettext("No deals yet."),
        add_url=add_url(Deal, request, preset),
        add_label=gettext("Add deal"),
    )


def tasks_of(contact: Contact, request: HttpRequest) -> Section:
    tasks: Any = visible(contact.tasks.select_related("assignee"), request)
    page = page_of(tasks.urgent_first(request.user), request, "tasks")
    return Section(
        parameter="tasks",
        title=gettext("Tasks"),
        headers=[gettext("task"), gettext("due"), gettext("for"), gettext("state")],
        page=page,
        rows=[
            [
                link(task, task.title),
                moment(task.due_at) if task.due_at else "",
                name_of(task.assignee) if task.assignee else gettext("nobody yet"),
                gettext("overdue") if task.is_overdue(timezone.now()) else task.get_state_display(),
            ]
            for task in page
        ],
        empty=gettext("Nothing is to do about this contact."),
        add_url=add_url(Task, request, f"contact={contact.pk}"),
        add_label=gettext("Add task"),
    )


def contacts_of(contacts: QuerySet[Contact], request: HttpRequest) -> Section:
    page = page_of(visible(contacts.order_by("last_name_norm", "pk"), request), request, "contacts")
    return Section(
        parameter="contacts",
        title=gettext("Contacts"),
        headers=[gettext("contact"), gettext("e-mail"), gettext("job title"), gettext("owner")],
        page=page,
        rows=[
            [
                link(contact, contact.full_name or contact.email),
                contact.email,
                contact.job_title,
                contact.owner,
            ]
            for contact in page
        ],
        empty=gettext("No contacts of this company."),
    )


def changes_of(changes: QuerySet[FieldChange], request: HttpRequest) -> Section:
    page = page_of(changes, request, "changes")
    names = company_names(page)
    labels = dict(CustomField.objects.values_list("key", "label"))
    return Section(
        parameter="changes",
        title=gettext("History of fields"),
        headers=[
            gettext("when"),
            gettext("field"),
            gettext("before"),
            gettext("after"),
            gettext("by"),
        ],
        page=page,
        rows=[
            [
                moment(change.changed_at),
                labels.get(change.field.removeprefix("attributes."), field_label(change.field)),
                *(
                    names.get(value, value)
                    if change.field == "company_id"
                    else short(shown_value(value))
                    for value in (change.before, change.after)
                ),
                change.origin,
            ]
            for change in page
        ],
        empty=gettext("No field has changed yet."),
    )


def company_names(changes: Any) -> dict[Any, str]:
    """Names of the companies that these changes speak of by id; a deleted one has none."""
    ids = {
        value
        for change in changes
        if change.field == "company_id"
        for value in (change.before, change.after)
    }
    found = Company.objects.in_bulk([pk for pk in ids if pk is not None])
    return {pk: str(found[pk]) if pk in found else f"#{pk}" for pk in ids if pk} | {None: ""}


def field_label(name: str) -> str:
    """A tracked field as people call it; custom fields by their key."""
    if name == "tags":
        return gettext("Tags")
    if name == "merged":
        return gettext("Merged with")
    if name.startswith("attributes."):
        return name.removeprefix("attributes.")
    model = Contact if name in {f.attname for f in Contact._meta.concrete_fields} else Company
    known = {f.attname: f for f in model._meta.concrete_fields}
    return capfirst(str(known[name].verbose_name)) if name in known else name


def shown_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def short(text: str) -> str:
    return Truncator(text).chars(80)


def moment(value: datetime) -> str:
    return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")


def quantity(value: float | None) -> str:
    """A number of things, with decimals only where it has some."""
    if value is None:
        return ""
    return numeral(value, 0 if value.is_integer() else None)


def amount(value: Any) -> str:
    return "" if value is None else numeral(value, 2)


def link(row: Any, text: str) -> str:
    address = reverse(f"admin:contacts_{row._meta.model_name}_change", args=[row.pk])
    return format_html(
        '<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>', address, text
    )


def add_url(model: type[Any], request: HttpRequest, preset: str) -> str:
    """Where to add a row, beginning with ``preset``; empty for whoever may not."""
    if not request.user.has_perm(f"contacts.add_{model._meta.model_name}"):
        return ""
    return reverse(f"admin:contacts_{model._meta.model_name}_add") + "?" + preset
