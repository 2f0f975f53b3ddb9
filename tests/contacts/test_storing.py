"""Records become rows: created, changed, left alone, and never twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from contacts.models import Activity, Company, Contact, FieldChange, Pending, Tag, Target
from contacts.records import ActivityRecord, ContactRecord
from contacts.storing import (
    ContactBatch,
    Stored,
    UnknownContacts,
    store_activities,
    store_contacts,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
ACME = {"name": "Acme", "domain": "acme.example", "employees": 120.0}


def person(email: str = "ana@example.com", **given: Any) -> ContactRecord:
    return ContactRecord(email=email, **given)


def visit(contact: str = "ana@example.com", **given: Any) -> ActivityRecord:
    return ActivityRecord(contact=contact, **{"type": "page_view", "occurred_at": NOON, **given})


def the(email: str = "ana@example.com") -> Contact:
    return Contact.objects.get(email_key=email)


def forget() -> None:
    Pending.objects.all().delete()
    FieldChange.objects.all().delete()


def test_a_new_contact_is_stored_whole() -> None:
    record = person(
        fields={"first_name": "Ána", "country": "ES", "created_at": NOON, "unsubscribed": True},
        company=ACME,
        tags=("VIP", "Ítem"),
        attributes={"seats": 5, "plan": "Pró"},
    )
    assert store_contacts([record]) == Stored(created=1)
    contact = the()
    assert (contact.first_name_norm, contact.country_norm) == ("ana", "es")
    assert (contact.created_at, contact.unsubscribed) == (NOON, True)
    assert contact.company is not None
    assert (contact.company.name, contact.company.employees) == ("Acme", 120.0)
    assert contact.tag_names() == ["item", "vip"]
    assert contact.attributes == {"seats": 5, "plan": "Pró"}
    assert contact.attributes_norm == {"n:seats": 5.0, "s:plan": "pro"}
    assert list(Pending.objects.values_list("contact", "cause")) == [(contact.pk, "profile")]
    assert not FieldChange.objects.exists()


def test_only_what_is_given_is_written() -> None:
    store_contacts([person(fields={"city": "Cádiz"}, tags=("VIP",), attributes={"seats": 5})])
    assert store_contacts([person(fields={"job_title": "CEO"})]) == Stored(updated=1)
    contact = the()
    assert (contact.city, contact.job_title, contact.attributes) == ("Cádiz", "CEO", {"seats": 5})
    assert contact.tag_names() == ["vip"]


def test_the_same_again_changes_nothing() -> None:
    records = [
        person(f"p{number}@example.com", fields={"city": "Cádiz"}, company=ACME, tags=("VIP",))
        for number in range(20)
    ]
    assert store_contacts(records) == Stored(created=20)
    forget()
    assert store_contacts(records) == Stored(unchanged=20)
    assert not Pending.objects.exists()
    assert not FieldChange.objects.exists()
    assert (Company.objects.count(), Tag.objects.count()) == (1, 1)


def test_of_two_records_of_one_contact_the_later_wins() -> None:
    records = [
        person("Ana@Example.com", fields={"city": "Cádiz", "job_title": "CEO"}),
        person("ana@example.com", fields={"city": "Vigo"}),
    ]
    assert store_contacts(records) == Stored(created=1)
    contact = the()
    assert (contact.email, contact.city, contact.job_title) == ("Ana@Example.com", "Vigo", "CEO")


def test_the_first_spelling_of_an_address_stays() -> None:
    store_contacts([person("Ana@Example.com")])
    assert store_contacts([person("ANA@example.com")]) == Stored(unchanged=1)
    assert the().email == "Ana@Example.com"


def test_a_change_keeps_what_was() -> None:
    store_contacts([person(fields={"city": "Cádiz"}, company=ACME, attributes={"seats": 5})])
    forget()
    record = person(
        fields={"city": "Vigo", "created_at": NOON},
        clears_company=True,
        tags=("VIP",),
        attributes={"seats": None, "trial": False},
    )
    assert store_contacts([record]) == Stored(updated=1)
    company = Company.objects.get()
    rows = FieldChange.objects.values_list("field", "before", "after")
    assert {field: (before, after) for field, before, after in rows} == {
        "city": ("Cádiz", "Vigo"),
        "created_at": (None, NOON.isoformat()),
        "company_id": (company.pk, None),
        "tags": ([], ["vip"]),
        "attributes.seats": (5, None),
        "attributes.trial": (None, False),
    }
    assert the().company is None


COMPANIES: list[tuple[str, dict[str, Any], dict[str, Any], int]] = [
    ("one domain, two names", {"domain": "acme.example", "name": "A"},
     {"domain": "ACME.example", "name": "B"}, 1),
    ("one name, no domain", {"name": "Acme"}, {"name": " ÁCME "}, 1),
    ("one name, two domains", {"name": "A", "domain": "a.example"},
     {"name": "A", "domain": "b.example"}, 2),
    ("one name, one with a domain", {"name": "A"}, {"name": "A", "domain": "a.example"}, 2),
    ("two names", {"name": "A"}, {"name": "B"}, 2),
]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "count"), [case[1:] for case in COMPANIES], ids=[c[0] for c in COMPANIES]
)
@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_company_is_known_by_its_domain_or_else_its_name(
    one: dict[str, Any], other: dict[str, Any], count: int, in_one_batch: bool
) -> None:
    records = [person("a@example.com", company=one), person("b@example.com", company=other)]
    if in_one_batch:
        store_contacts(records)
    else:
        for record in records:
            store_contacts([record])
    assert Company.objects.count() == count
    assert all(Company.out_of_step(company) == [] for company in Company.objects.all())


def test_what_is_new_of_a_company_concerns_all_its_contacts() -> None:
    store_contacts([person("a@example.com", company=ACME), person("b@example.com", company=ACME)])
    forget()
    assert store_contacts([person("a@example.com", company=ACME | {"employees": 130.0})]) == (
        Stored(unchanged=1)
    )
    assert set(Pending.objects.values_list("contact__email", flat=True)) == {
        "a@example.com",
        "b@example.com",
    }
    change = FieldChange.objects.get()
    assert (change.field, change.before, change.after) == ("employees", 120.0, 130.0)


def test_given_tags_are_all_the_tags() -> None:
    store_contacts([person(tags=("VIP", "Old"))])
    store_contacts([person(tags=("víp", "New"))])
    assert the().tag_names() == ["new", "vip"]
    assert set(Tag.objects.values_list("name", flat=True)) == {"VIP", "Old", "New"}
    store_contacts([person(tags=())])
    assert the().tag_names() == []


def test_a_batch_takes_as_many_statements_whatever_its_size(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    def records(prefix: str, count: int) -> list[ContactRecord]:
        return [
            person(
                f"{prefix}{number}@example.com",
                fields={"city": f"{prefix}{number}"},
                company={"name": f"{prefix}{number % 7}"},
                tags=("VIP", "New"),
            )
            for number in range(count)
        ]

    with django_assert_max_num_queries(30):
        store_contacts(records("a", 300))
    with django_assert_max_num_queries(30):
        store_contacts(
            [person(f"a{number}@example.com", fields={"city": "Vigo"}) for number in range(300)]
        )
    assert Contact.objects.filter(city="Vigo").count() == 300


def test_activities_are_added() -> None:
    store_contacts([person(), person("b@example.com")])
    forget()
    records = [
        visit(target="/Precios", properties={"minutes": 3, "device": "Móvil"}, source="web",
              external_id="1", automated=True),
        visit("B@example.com", type="fair_visit", occurred_at=NOON - timedelta(days=1)),
    ]  # fmt: skip
    assert store_activities(records) == Stored(created=2)
    one, other = Activity.objects.order_by("pk")
    assert (one.type.slug, one.target.norm, one.automated) == ("page_view", "/precios", True)
    assert one.properties_norm == {"n:minutes": 3.0, "s:device": "movil"}
    assert (other.type.slug, other.target.text) == ("fair_visit", "")
    assert (other.external_id, other.properties, other.properties_norm) == (None, None, None)
    assert sorted(Pending.objects.values_list("contact", "cause")) == sorted(
        (contact.pk, "activity") for contact in Contact.objects.all()
    )


def test_the_first_of_a_source_and_id_stays() -> None:
    store_contacts([person()])
    first = visit(source="web", external_id="1", target="/first")
    records = [
        first,
        visit(source="web", external_id="1", target="/again"),
        visit(source="app", external_id="1", target="/other-source"),
        visit(target="/no-id"),
        visit(target="/no-id"),
    ]
    assert store_activities(records) == Stored(created=4, unchanged=1)
    assert store_activities([first]) == Stored(unchanged=1)
    targets = Activity.objects.order_by("pk").values_list("target__text", flat=True)
    assert list(targets) == ["/first", "/other-source", "/no-id", "/no-id"]


def test_what_is_known_marks_nobody() -> None:
    store_contacts([person()])
    store_activities([visit(source="web", external_id="1")])
    forget()
    store_activities([visit(source="web", external_id="1")])
    assert not Pending.objects.exists()


def test_an_activity_of_an_unknown_contact_stops_the_batch() -> None:
    store_contacts([person()])
    with pytest.raises(UnknownContacts) as refused:
        store_activities([visit(), visit("x@example.com"), visit("Y@example.com")])
    assert refused.value.addresses == ["x@example.com", "y@example.com"]
    assert not Activity.objects.exists()
    assert not Target.objects.exclude(text="").exists()


def test_an_empty_batch_is_no_work() -> None:
    assert store_contacts([]) == Stored()
    assert store_activities([]) == Stored()


def test_what_another_writer_brought_meanwhile_is_found_when_looking_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = ContactBatch.read
    met: list[int] = []

    def meanwhile(batch: ContactBatch, records: Any) -> Any:
        found = read(batch, records)
        if not met:
            met.append(1)
            raise IntegrityError("the other was faster")
        return found

    monkeypatch.setattr(ContactBatch, "read", meanwhile)
    record = person(company=ACME, tags=("VIP",))
    assert store_contacts([record]) == Stored(created=1)
    assert (Company.objects.count(), Tag.objects.count(), Pending.objects.count()) == (1, 1, 1)


def test_a_row_that_the_database_never_takes_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(batch: ContactBatch, records: Any) -> Any:
        raise IntegrityError("never")

    monkeypatch.setattr(ContactBatch, "read", refuse)
    with pytest.raises(IntegrityError):
        store_contacts([person()])


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_writers_of_the_same_new_rows_both_succeed() -> None:
    records = [person(f"p{n}@example.com", company=ACME, tags=("VIP",)) for n in range(3)]
    barrier = Barrier(2)
    told: list[Stored] = []
    with ThreadPoolExecutor(2) as pool:

        def write() -> None:
            try:
                barrier.wait()
                told.append(store_contacts(records))
            finally:
                connection.close()

        for task in [pool.submit(write), pool.submit(write)]:
            task.result()
    assert sorted((one.created, one.unchanged) for one in told) == [(0, 3), (3, 0)]
    assert (Company.objects.count(), Tag.objects.count(), Contact.objects.count()) == (1, 1, 3)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["batch", "save"])
def test_what_refers_to_a_contact_may_be_stored_while_the_contact_is_written(way: str) -> None:
    """Otherwise a recompute and a change of the same contact could wait for each other."""
    store_contacts([person(company=ACME)])

    def refer() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
                cursor.execute("SELECT 1 FROM contacts_contact FOR KEY SHARE")
                cursor.execute("SELECT 1 FROM contacts_company FOR KEY SHARE")
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        if way == "batch":
            changed = ACME | {"employees": 130.0}
            store_contacts([person(fields={"city": "Vigo"}, company=changed)])
        else:
            contact = the()
            contact.city = "Vigo"
            contact.save()
            company = Company.objects.get()
            company.employees = 130.0
            company.save()
        pool.submit(refer).result()
    assert the().city == "Vigo"
