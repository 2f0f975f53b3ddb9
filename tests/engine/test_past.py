"""A past day is explained with the profile of that day, as far as it is known."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Company, Contact, FieldChange
from scoring.criteria.document import parse
from scoring.engine.explain import Explanation, explain

pytestmark = pytest.mark.django_db

BEFORE = timezone.now() - timedelta(days=10)
BETWEEN = timezone.now() - timedelta(days=5)


def explained(contact: Contact, field: str, op: str, value: Any) -> Explanation:
    rule = {"name": "Fits", "points": 5, "when": {"field": field, "op": op, "value": value}}
    document = parse(
        {
            "format": 1,
            "name": "Past",
            "groups": [{"name": "Profile", "dimension": "fit", "rules": [rule]}],
            "bands": [{"name": "cold"}],
        }
    )
    return explain(contact, document, BETWEEN)


@pytest.fixture
def ana(db: None) -> Contact:
    """Known for ten days, of Acme."""
    acme = Company.objects.create(name="Acme", domain="acme.example", employees=80)
    Contact.objects.create(email="ana@acme.example", country="ES", company=acme)
    for model in (Company, Contact):
        model.objects.update(stored_at=BEFORE)
    FieldChange.objects.all().delete()
    return Contact.objects.get()


def test_a_field_is_what_it_was(ana: Contact) -> None:
    ana.country = "MX"
    ana.save()
    found = explained(ana, "country", "equals", "es")
    assert found.result and found.result.total == 5
    assert found.known_since is None


def test_the_address_is_what_it_was_and_the_contact_who_it_is(ana: Contact) -> None:
    ana.email = "ana@new.example"
    ana.save()
    found = explained(ana, "email", "ends_with", "acme.example")
    assert found.result and found.result.total == 5
    assert found.email == "ana@new.example"


def test_a_field_of_the_company_is_what_it_was(ana: Contact) -> None:
    assert ana.company
    ana.company.employees = 5
    ana.company.save()
    found = explained(ana, "company.employees", "gte", 50)
    assert found.result and found.result.total == 5


def test_of_a_company_that_was_deleted_it_says_since_when_it_knows(ana: Contact) -> None:
    Company.objects.all().delete()
    found = explained(Contact.objects.get(), "company.employees", "gte", 50)
    assert found.result and found.result.total == 0
    assert found.known_since and found.known_since > BETWEEN


def test_before_the_contact_was_stored_it_says_since_when_it_is_known(ana: Contact) -> None:
    Contact.objects.update(stored_at=BETWEEN + timedelta(days=1))
    ana.refresh_from_db()
    found = explained(ana, "country", "equals", "es")
    assert found.known_since == ana.stored_at
