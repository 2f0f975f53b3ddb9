"""A few contacts and activities in the database, and who of them meets a condition."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from contacts.models import Activity, Contact
from contacts.records import FieldSpec, parse_activity, parse_contact
from contacts.storing import store_activities, store_contacts
from scoring.criteria.conditions import ConditionReader, holds
from scoring.criteria.faults import DocumentInvalid, Node
from scoring.criteria.fields import Catalogue, CustomFieldSpec, CustomType
from scoring.criteria.moments import Bound
from scoring.criteria.tests import read_activity_test

AS_OF = datetime(2026, 8, 31, 10, 30, tzinfo=UTC)
SPECS = (
    CustomFieldSpec("persona", "Persona", CustomType.TEXT),
    CustomFieldSpec("seats", "Seats", CustomType.NUMBER),
    CustomFieldSpec("budget", "Budget", CustomType.BOOLEAN),
    CustomFieldSpec("renewal", "Renewal", CustomType.DATE),
    CustomFieldSpec("size", "Size", CustomType.CHOICE, ("S", "M")),
)
CATALOGUE = Catalogue(SPECS)
DECLARED = {spec.key: FieldSpec(spec.type.value, spec.choices) for spec in SPECS}


def store(people: Mapping[str, Mapping[str, object]]) -> None:
    """Contacts by a short name, which becomes their address."""
    records = [
        parse_contact({"email": f"{name}@x.example", **fields}, DECLARED)
        for name, fields in people.items()
    ]
    store_contacts(records)


def store_acts(acts: Mapping[str, Mapping[str, object]]) -> None:
    """Activities by a short name, all of one contact."""
    store({"somebody": {}})
    common = {
        "contact": "somebody@x.example",
        "type": "page_view",
        "occurred_at": "2026-08-01T00:00:00Z",
        "source": "tests",
    }
    store_activities([parse_activity({**common, "external_id": k, **v}) for k, v in acts.items()])


def rows(queryset: "QuerySet[Any, Any]", as_of: datetime) -> set[str]:
    """The one column of a queryset whose parameters may be bounds."""
    sql, params = queryset.query.get_compiler(connection=connection).as_sql()
    with connection.cursor() as cursor:
        cursor.execute(sql, [bound(param, as_of) for param in params])
        return {row[0] for row in cursor.fetchall()}


def people_where(condition: object, as_of: datetime = AS_OF) -> set[str]:
    """The short names of those who meet a condition."""
    node = Node(condition)
    read = ConditionReader(CATALOGUE).read(node)
    if node.faults:
        raise DocumentInvalid(node.faults)
    found = Contact.objects.filter(holds(read, CATALOGUE)).values_list("email").order_by()
    return {address.partition("@")[0] for address in rows(found, as_of)}


def acts_where(test: Mapping[str, object]) -> set[str]:
    """The short names of the activities that pass a test's target and properties."""
    node = Node({"type": "page_view", **test})
    read = read_activity_test(node)
    if node.faults:
        raise DocumentInvalid(node.faults)
    wanted: Q = read.holds()
    return rows(Activity.objects.filter(wanted).values_list("external_id").order_by(), AS_OF)


def bound(param: Any, as_of: datetime) -> Any:
    return param.bind(as_of, connection.vendor) if isinstance(param, Bound) else param
