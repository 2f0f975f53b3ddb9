"""Segments: who is in one at an instant, and the values that conditions are built with."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact, CustomField, Tag
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.segments import Segment
from tests.engine.scored import person

pytestmark = pytest.mark.django_db

SPAIN = {"field": "country", "op": "equals", "value": "es"}


def segment(name: str, condition: object) -> Segment:
    return Segment(name=name, condition=condition).store(User())


def with_attributes(name: str, attributes: dict[str, object], **fields: object) -> None:
    contact = person(name, **fields)
    contact.attributes = attributes
    contact.save()


def names(found: Segment, as_of: datetime | None = None) -> set[str]:
    return set(found.contacts(as_of).values_list("first_name", flat=True))


def test_whoever_meets_the_condition_is_in_it() -> None:
    person("ana", first_name="Ana", country="ES", tags=["vip"])
    person("luc", first_name="Luc", country="FR", company={"name": "Nord", "employees": 80})
    assert names(segment("Spain", SPAIN)) == {"Ana"}
    assert names(segment("Others", {"not": SPAIN})) == {"Luc"}
    large = {"any": [{"field": "company.employees", "op": "gte", "value": 50}, SPAIN]}
    assert names(segment("Large", large)) == {"Ana", "Luc"}
    assert names(segment("Vip", {"field": "tags", "op": "has_any", "value": ["VIP"]})) == {"Ana"}


def test_time_takes_contacts_out_of_it() -> None:
    person("ana", first_name="Ana", created_at="2026-03-01T00:00:00Z")
    new = segment("New", {"field": "created_at", "op": "within_last", "value": "1 month"})
    march = datetime(2026, 3, 31, tzinfo=UTC)
    assert names(new, march) == {"Ana"}
    assert names(new, march + timedelta(days=2)) == set()


def test_a_window_longer_than_history_holds_everybody() -> None:
    person("ana", first_name="Ana", created_at="2026-03-01T00:00:00Z")
    ever = {"field": "created_at", "op": "within_last", "value": "9999 years"}
    assert names(segment("Ever", ever)) == {"Ana"}


def test_a_day_of_a_custom_field_moves_too() -> None:
    CustomField.objects.create(key="renewal", label="Renewal", type="date")
    with_attributes("ana", {"renewal": "2026-03-01"}, first_name="Ana")
    old = {"field": "attributes.renewal", "op": "older_than", "value": "1 month"}
    assert names(segment("Old", old), datetime(2026, 3, 20, tzinfo=UTC)) == set()
    assert names(segment("Older", old), datetime(2026, 4, 2, tzinfo=UTC)) == {"Ana"}


def test_a_field_that_is_gone_is_told() -> None:
    gone = segment("Gone", {"field": "attributes.seats", "op": "eq", "value": 1})
    with pytest.raises(DocumentInvalid, match="attributes.seats is not declared"):
        gone.contacts()


def test_keys_come_from_names_and_never_change() -> None:
    first, second = segment("Día: ¡100 %!", SPAIN), segment("dia 100", SPAIN)
    assert (first.key, second.key) == ("dia_100", "dia_100_2")
    first.name = "Other"
    assert first.store(User()).key == "dia_100"
    assert segment("日本", SPAIN).key == "segment"
    assert segment("7 days", SPAIN).key == "s_7_days"


class TestValues:
    """What is offered where a text of a condition is typed."""

    @pytest.fixture(autouse=True)
    def people(self) -> None:
        person("a", job_title="Director", owner="saul", company={"name": "Norte"}, tags=["vip"])
        person("b", job_title="director", owner="mona", company={"name": "Norte"})
        person("c", job_title="Buyer 100%", owner="mona", tags=["vip", "rival"])
        CustomField.objects.create(key="team", label="Team", type="text")
        with_attributes("d", {"team": "Red"}, owner="saul")

    def offered(self, client: Client, field: str, sought: str = "") -> list[str]:
        url = reverse("admin:scoring_condition_values")
        page = client.get(url, {"field": field, "of": "when-0-value", "when-0-value": sought})
        assert page.status_code == 200
        found: list[str] = page.context["values"]
        return found

    @pytest.mark.parametrize(
        ("field", "sought", "expected"),
        [
            ("job_title", "", ["director", "Buyer 100%"]),
            ("job_title", "DÍR", ["director"]),
            ("job_title", "%", ["Buyer 100%"]),
            ("job_title", "_", []),
            ("company.name", "nor", ["Norte"]),
            ("attributes.team", "r", ["Red"]),
            ("tags", "", ["vip", "rival"]),
            ("tags", "_", []),
            ("lifecycle", "", []),
            ("password", "", []),
            ("job_title", "\0", ["director", "Buyer 100%"]),
            ("job_title", "x" * 10_000, []),
        ],
    )
    def test_the_most_frequent_come_first(
        self, client: Client, marta: User, field: str, sought: str, expected: list[str]
    ) -> None:
        client.force_login(marta)
        assert self.offered(client, field, sought) == expected

    def test_nobody_is_offered_what_they_may_not_see(self, client: Client, saul: User) -> None:
        client.force_login(saul)
        assert self.offered(client, "job_title") == ["Director"]
        assert self.offered(client, "tags") == ["vip"]

    def test_whoever_may_see_no_contacts_is_refused(self, client: Client) -> None:
        client.force_login(User.objects.create_user("nobody", is_staff=True))
        url = reverse("admin:scoring_condition_values")
        assert client.get(url, {"field": "job_title"}).status_code == 403


def test_a_tree_is_reshaped_by_its_view(client: Client, saul: User) -> None:
    client.force_login(saul)
    segment("Spain", SPAIN)
    url = f"{reverse('admin:scoring_condition_tree')}?tree=when"
    page = client.post(url, {"when-do": "add:"})
    assert page.context["tree"].data()["field"] == "job_title"
    page = client.post(url, {"when-segment": "spain"})
    assert page.context["tree"].data() == SPAIN
    assert client.post(reverse("admin:scoring_condition_tree")).status_code == 404
    assert client.post(url, {"when-segment": "\0"}).status_code == 200
    assert client.get(url).status_code == 405
    client.logout()
    assert client.post(url).status_code == 302


def test_lists_are_filtered_by_a_segment(client: Client, marta: User) -> None:
    client.force_login(marta)
    person("ana", first_name="Ana", country="ES")
    person("luc", first_name="Luc", country="FR")
    segment("Spain", SPAIN)
    segment("Gone", {"field": "attributes.seats", "op": "eq", "value": 1})
    url = reverse("admin:contacts_contact_changelist")
    shown = client.get(url, {"segment": "spain"}).context["cl"].queryset
    assert [contact.first_name for contact in shown] == ["Ana"]
    for wanted in ("gone", "none", "x" * 10_000):
        shown = client.get(url, {"segment": wanted}).context["cl"].queryset
        assert not shown
    assert client.get(url, {"segment": "\0"}).status_code == 400


def test_who_is_in_it_is_asked_of_the_contacts_as_they_are() -> None:
    person("ana", first_name="Ana", country="FR")
    spain = segment("Spain", SPAIN)
    assert names(spain) == set()
    Contact.objects.get().delete()
    person("eva", first_name="Eva", country="ES")
    assert names(spain, timezone.now()) == {"Eva"}
    assert Tag.objects.count() == 0
