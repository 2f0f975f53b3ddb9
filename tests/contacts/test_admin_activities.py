"""The pages of activities, their types and targets: add by hand, find, delete."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.utils import translation

from contacts.models import Activity, ActivityType, Contact, Pending, Target

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
ACTIVITIES = "/admin/contacts/activity/"
TYPES = "/admin/contacts/activitytype/"


@pytest.fixture
def ada_client(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def lucia() -> Contact:
    return Contact.objects.create(email="lucia@example.com", last_name="Núñez")


@pytest.fixture
def visit(lucia: Contact) -> Activity:
    """A visit of the price page that came from the web site."""
    return Activity.objects.create(
        contact=lucia, type=ActivityType.objects.get(slug="page_view"),
        target=Target.objects.create(text="/Précios"), occurred_at=NOON,
        source="web", external_id="1", properties={"minutes": 3},
    )  # fmt: skip


def form_for(contact: Contact, /, **given: Any) -> dict[str, Any]:
    return {
        "contact": contact.pk,
        "type": ActivityType.objects.get(slug="call").pk,
        "occurred_at_0": "2026-03-31",
        "occurred_at_1": "12:00:00",
        **given,
    }


def listed(client: Client, address: str) -> list[Model]:
    answer = client.get(address)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def test_an_activity_is_added_by_hand(ada_client: Client, lucia: Contact) -> None:
    Pending.objects.all().delete()
    form = form_for(
        lucia, target_text=" /Preise ", properties='{"minutes": 12, "device": "Móvil", "x": null}'
    )
    assert ada_client.post(f"{ACTIVITIES}add/", form).status_code == 302
    activity = Activity.objects.get()
    assert (activity.type.slug, activity.occurred_at) == ("call", NOON)
    assert (activity.target.text, activity.target.norm) == ("/Preise", "/preise")
    assert activity.properties == {"minutes": 12, "device": "Móvil"}
    assert activity.properties_norm == {"n:minutes": 12.0, "s:device": "movil"}
    assert (activity.source, activity.external_id) == ("", None)
    assert list(Pending.objects.values_list("contact", "cause")) == [(lucia.pk, "activity")]


def test_what_is_left_empty_is_nothing(ada_client: Client, lucia: Contact) -> None:
    for _time in range(2):
        assert ada_client.post(f"{ACTIVITIES}add/", form_for(lucia)).status_code == 302
    activities = Activity.objects.all()
    assert [(row.target.text, row.properties, row.external_id) for row in activities] == [
        ("", None, None),
        ("", None, None),
    ]


def test_a_target_that_is_known_is_used_again(ada_client: Client, visit: Activity) -> None:
    ada_client.post(f"{ACTIVITIES}add/", form_for(visit.contact, target_text="/PRECIOS"))
    assert {row.target_id for row in Activity.objects.all()} == {visit.target_id}


def test_it_begins_with_the_contact_and_now(ada_client: Client, lucia: Contact) -> None:
    page = ada_client.get(f"{ACTIVITIES}add/?contact={lucia.pk}")
    assert "Núñez &lt;lucia@example.com&gt;" in page.content.decode()
    began = page.context["adminform"].form.initial["occurred_at"]
    assert abs((datetime.now(UTC) - began).total_seconds()) < 60


WRONG = [
    ("properties", "{minutes: 3}", "This is not JSON"),
    ("properties", "[1]", "This must be an object"),
    ("properties", '{"a": {"b": 1}}', "nothing inside another"),
    ("properties", '{"Minutes": 1}', "This must be a word of lower-case letters"),
    ("properties", '{"a": 1, "a": 2}', "stands twice"),
    ("properties", '{"a": 1e999}', "too large"),
    ("properties", "[" * 3000, "nested too deeply"),
    ("target_text", "x" * 4097, "at most 4096 are allowed"),
    ("occurred_at_0", "", "This field is required."),
    ("type", "", "This field is required."),
    ("type", "0", "Select a valid choice."),
    ("contact", "", "This field is required."),
]


@pytest.mark.parametrize(("name", "value", "message"), WRONG)
def test_what_is_wrong_is_said(
    ada_client: Client, lucia: Contact, name: str, value: str, message: str
) -> None:
    answer = ada_client.post(f"{ACTIVITIES}add/", form_for(lucia, **{name: value}))
    assert answer.status_code == 200
    assert message in answer.context["adminform"].form.errors[name.removesuffix("_0")][0]
    assert not Activity.objects.exists()


def test_an_activity_is_changed(ada_client: Client, visit: Activity) -> None:
    Pending.objects.all().delete()
    page = ada_client.get(f"{ACTIVITIES}{visit.pk}/change/")
    assert page.context["adminform"].form.initial["properties"] == '{"minutes": 3}'
    form = form_for(visit.contact, target_text="/docs", properties='{"minutes": 4}', automated="on")
    assert ada_client.post(f"{ACTIVITIES}{visit.pk}/change/", form).status_code == 302
    visit.refresh_from_db()
    assert (visit.target.text, visit.properties, visit.automated) == ("/docs", {"minutes": 4}, True)
    assert (visit.source, visit.external_id) == ("web", "1")
    assert Pending.objects.count() == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=nunez", 1),
        ("q=NÚÑEZ", 1),
        ("q=other", 0),
        ("target=/PRECIOS", 1),
        ("target=/docs", 0),
        ("occurred_at_from=2026-03-31&occurred_at_to=2026-03-31", 1),
        ("occurred_at_to=2026-03-30", 0),
        ("automated__exact=1", 0),
        ("automated__exact=0", 1),
    ],
)
def test_activities_are_found(ada_client: Client, visit: Activity, query: str, found: int) -> None:
    assert len(listed(ada_client, f"{ACTIVITIES}?{query}")) == found


def test_activities_of_a_type_and_a_contact_are_found(ada_client: Client, visit: Activity) -> None:
    for query in (f"type__id__exact={visit.type_id}", f"contact__id__exact={visit.contact_id}"):
        assert listed(ada_client, f"{ACTIVITIES}?{query}") == [visit]
        assert listed(ada_client, f"{ACTIVITIES}?{query}9") == []


def test_ticked_activities_are_deleted_and_their_contacts_marked(
    ada_client: Client, visit: Activity
) -> None:
    Pending.objects.all().delete()
    form = {"action": "delete_selected", "_selected_action": [visit.pk]}
    page = ada_client.post(ACTIVITIES, form)
    assert "Page view: /Précios" in page.content.decode()
    ada_client.post(ACTIVITIES, {**form, "post": "yes"})
    assert not Activity.objects.exists()
    assert list(Pending.objects.values_list("contact", "cause")) == [(visit.contact_id, "activity")]


def test_a_type_is_found_by_the_name_that_the_reader_sees(ada_client: Client) -> None:
    assert [str(row) for row in listed(ada_client, f"{TYPES}?q=webinar+att")] == [
        "Webinar attended"
    ]
    assert [row.pk for row in listed(ada_client, f"{TYPES}?q=email_rep")] == [
        ActivityType.objects.get(slug="email_reply").pk
    ]
    given = {"app_label": "contacts", "model_name": "activity", "field_name": "type",
             "term": "MEETING"}  # fmt: skip
    found = ada_client.get("/admin/autocomplete/", given).json()["results"]
    assert [row["text"] for row in found] == ["Meeting", "Meeting booked"]


def test_a_type_in_use_cannot_be_deleted(ada_client: Client, visit: Activity) -> None:
    page = ada_client.get(f"{TYPES}{visit.type_id}/delete/").content.decode()
    assert "Page view: /Précios" in page
    ada_client.post(f"{TYPES}{visit.type_id}/delete/", {"post": "yes"})
    assert ActivityType.objects.filter(pk=visit.type_id).exists()


def test_the_slug_of_a_type_is_checked_and_stays(ada_client: Client, visit: Activity) -> None:
    answer = ada_client.post(f"{TYPES}add/", {"slug": "Page View", "label": "x"})
    assert list(answer.context["adminform"].form.errors) == ["slug"]
    answer = ada_client.post(f"{TYPES}add/", {"slug": "call", "label": "x"})
    assert list(answer.context["adminform"].form.errors) == ["slug"]
    ada_client.post(f"{TYPES}{visit.type_id}/change/", {"slug": "other", "label": "Seen"})
    visit.type.refresh_from_db()
    assert (visit.type.slug, visit.type.label) == ("page_view", "Seen")


def test_targets_are_looked_at_only(ada_client: Client, visit: Activity) -> None:
    address = "/admin/contacts/target/"
    assert listed(ada_client, f"{address}?q=PRECIOS") == [visit.target]
    assert ada_client.get(f"{address}{visit.target_id}/change/").status_code == 200
    assert ada_client.get(f"{address}add/").status_code == 403
    assert ada_client.post(f"{address}{visit.target_id}/change/", {}).status_code == 403


def test_names_of_types_follow_the_readers_language() -> None:
    kind = ActivityType.objects.get(slug="call")
    with translation.override("en"):
        assert str(kind) == "Call"
