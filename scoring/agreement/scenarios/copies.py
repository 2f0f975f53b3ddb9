"""A scenario made of a real contact, without what says who it is."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext

from contacts.models import Activity, Contact
from contacts.records import FieldSpec
from contacts.values import Wrong
from scoring.criteria.document import ModelDocument
from scoring.criteria.rules import AbsenceTest, ActivityRule
from scoring.criteria.scenarios import tidy

Data = dict[str, Any]

# Not the name, the address or the telephone; nor the owner, who is a colleague.
COPIED: Final = (
    *("job_title", "language", "city", "region", "country", "source", "campaign", "lifecycle"),
    *("unsubscribed", "bounced"),
)
OF_COMPANY: Final = ("industry", "country", "employees", "annual_revenue")
ACTIVITIES_MOST: Final = 20


def tested_properties(document: ModelDocument | None) -> frozenset[str]:
    """The keys of the properties of activities that some rule tests."""
    found: set[str] = set()
    for rule in document.rules if document else ():
        match rule.test:
            case ActivityRule(activity=test) | AbsenceTest(absent=test):
                found |= {each.key for each in test.properties}
    return frozenset(found)


def scenario_of(
    contact: Contact,
    custom: Mapping[str, FieldSpec],
    properties: Collection[str],
    expect: str,
    as_of: datetime,
) -> Data:
    """As a document has it. Of the address the part after the @ stays: rules ask for it.

    ``properties``: of activities, those that are copied. Others may say who it is, as what was
    typed in a form does.
    """
    title = contact.job_title or gettext("A contact")
    return {
        "name": gettext("Like a real lead: %(title)s") % {"title": title[:150]},
        "contact": contact_of(contact, custom),
        "activities": activities_of(contact, properties, as_of),
        "expect": expect,
    }


def contact_of(contact: Contact, custom: Mapping[str, FieldSpec]) -> Data:
    data: Data = {"email": f"prospect@{contact.email.rpartition('@')[2]}"}
    data |= {name: value for name in COPIED if (value := getattr(contact, name))}
    if contact.created_at:
        data["created_at"] = contact.created_at.strftime("%Y-%m-%dT00:00:00Z")
    if contact.company:
        company = {name: value for name in OF_COMPANY if (value := getattr(contact.company, name))}
        data["company"] = {"name": gettext("A company")} | company
    if tags := contact.tag_names():
        data["tags"] = list(tags)
    if attributes := dict(attributes_of(contact, custom)):
        data["attributes"] = attributes
    return {key: tidy(value) for key, value in data.items()}


def attributes_of(contact: Contact, custom: Mapping[str, FieldSpec]) -> list[tuple[str, object]]:
    """Those that are declared, where the value is still of the declared type."""
    found: list[tuple[str, object]] = []
    for key, value in (contact.attributes or {}).items():
        if key not in custom or value is None:
            continue
        try:
            found.append((key, custom[key].read(value)))
        except Wrong:
            continue
    return found


def activities_of(contact: Contact, properties: Collection[str], as_of: datetime) -> list[Data]:
    """The newest that count, each as many whole days ago as it is."""
    newest = Activity.objects.filter(contact=contact, automated=False, occurred_at__lte=as_of)
    newest = newest.select_related("type", "target").order_by("-occurred_at", "-pk")
    return [activity_data(each, properties, as_of) for each in newest[:ACTIVITIES_MOST]]


def activity_data(activity: Activity, properties: Collection[str], as_of: datetime) -> Data:
    days = (as_of - activity.occurred_at).days
    data: Data = {"type": activity.type.slug, "age": f"{days} {'day' if days == 1 else 'days'}"}
    # One with an @ may be somebody's address.
    if activity.target.text and "@" not in activity.target.text:
        data["target"] = activity.target.text
    given = activity.properties or {}
    kept = {key: tidy(value) for key, value in given.items() if key in properties}
    if kept:
        data["properties"] = kept
    return data
