"""Every way of changing a contact leaves its history and marks it for a new score."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import ProtectedError

from contacts.models import (
    Activity,
    ActivityType,
    CampaignTouch,
    Company,
    Contact,
    Deal,
    FieldChange,
    Pending,
    Stage,
    Tag,
    Target,
)
from contacts.models.history import changes_between
from contacts.provenance import current_origin, recorded_as
from contacts.records import ContactRecord
from contacts.storing import store_contacts

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
def acme() -> Company:
    return Company.objects.create(name="Acme", domain="acme.example")


@pytest.fixture
def vip() -> Tag:
    return Tag.objects.create(name="VIP")


@pytest.fixture
def lucia(acme: Company, vip: Tag) -> Contact:
    """A contact of Acme with a tag, whose score is up to date."""
    contact = Contact.objects.create(
        email="Lucia@Example.com", first_name="Lucía", company=acme, attributes={"seats": 5}
    )
    contact.set_tags([vip])
    FieldChange.objects.all().delete()
    Pending.objects.all().delete()
    return contact


def activity_of(contact: Contact, target: str = "/pricing", **fields: object) -> Activity:
    given: dict[str, object] = {"occurred_at": NOON, **fields}
    return Activity.objects.create(
        contact=contact,
        type=ActivityType.objects.get(slug="page_view"),
        target_id=Target.objects.ids_by_key([target])[Target.key_of(target)],
        **given,
    )


def history(contact: Contact) -> list[tuple[str, object, object]]:
    rows = FieldChange.objects.filter(contact=contact).order_by("pk")
    return list(rows.values_list("field", "before", "after"))


def pending() -> list[tuple[int, str]]:
    return list(Pending.objects.order_by("pk").values_list("contact_id", "cause"))


def save(contact: Contact, **fields: object) -> None:
    for name, value in fields.items():
        setattr(contact, name, value)
    contact.save()


def in_bulk(contact: Contact, **given: object) -> None:
    store_contacts([ContactRecord(email=contact.email, **given)])  # type: ignore[arg-type]


Change = Callable[[Contact], object]
CHANGES: dict[str, tuple[Change, list[tuple[str, object, object]]]] = {
    "a field saved": (
        lambda contact: save(contact, job_title="CEO"),
        [("job_title", "", "CEO")],
    ),
    "a field in bulk": (
        lambda contact: in_bulk(contact, fields={"job_title": "CEO"}),
        [("job_title", "", "CEO")],
    ),
    "a yes or no saved": (
        lambda contact: save(contact, unsubscribed=True),
        [("unsubscribed", False, True)],
    ),
    "an instant saved": (
        lambda contact: save(contact, created_at=NOON),
        [("created_at", None, "2026-03-31T12:00:00+00:00")],
    ),
    "an attribute saved": (
        lambda contact: save(contact, attributes={"seats": 7, "plan": "Pro"}),
        [("attributes.seats", 5, 7), ("attributes.plan", None, "Pro")],
    ),
    "an attribute taken away": (
        lambda contact: save(contact, attributes={}),
        [("attributes.seats", 5, None)],
    ),
    "attributes in bulk": (
        lambda contact: in_bulk(contact, attributes={"seats": None, "plan": "Pro"}),
        [("attributes.seats", 5, None), ("attributes.plan", None, "Pro")],
    ),
    "tags set": (
        lambda contact: contact.set_tags([Tag.objects.create(name="Ítem")]),
        [("tags", ["vip"], ["item"])],
    ),
    "tags in bulk": (
        lambda contact: in_bulk(contact, tags=("Ítem", "VIP")),
        [("tags", ["vip"], ["item", "vip"])],
    ),
    "a tag renamed": (
        lambda contact: rename(contact.tags.get()),
        [("tags", ["vip"], ["very important"])],
    ),
    "a tag deleted": (
        lambda contact: contact.tags.get().delete(),
        [("tags", ["vip"], [])],
    ),
    "tags deleted as a set": (
        lambda contact: Tag.objects.all().delete(),
        [("tags", ["vip"], [])],
    ),
}


def rename(tag: Tag) -> None:
    tag.name = "Very Important"
    tag.save()


@pytest.mark.parametrize(("change", "left"), CHANGES.values(), ids=CHANGES)
def test_a_change_leaves_history_and_a_pending_row(
    lucia: Contact, change: Change, left: list[tuple[str, object, object]]
) -> None:
    with recorded_as("a test"):
        change(lucia)
    assert history(lucia) == left
    assert set(pending()) == {(lucia.pk, "profile")}
    assert {row.origin for row in FieldChange.objects.all()} == {"a test"}


NO_CHANGES: dict[str, Change] = {
    "saved as it is": lambda contact: contact.save(),
    "the same attribute": lambda contact: save(contact, attributes={"seats": 5}),
    "an empty text for nothing": lambda contact: save(contact, attributes={"seats": 5, "plan": ""}),
    "the same tags": lambda contact: contact.set_tags(contact.tags.all()),
    "the same in bulk": lambda contact: in_bulk(
        contact, fields={"first_name": "Lucía"}, tags=("vip",), attributes={"seats": 5}
    ),
    "a tag written otherwise": lambda contact: rewrite(contact.tags.get()),
}


def rewrite(tag: Tag) -> None:
    tag.name = "Víp"
    tag.save()


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES)
def test_no_change_leaves_nothing(lucia: Contact, change: Change) -> None:
    change(lucia)
    assert history(lucia) == []
    assert pending() == []


def test_a_new_contact_is_pending_and_has_no_history(acme: Company) -> None:
    contact = Contact.objects.create(email="new@example.com", company=acme)
    assert history(contact) == []
    assert pending() == [(contact.pk, "profile")]


def test_a_partial_save_notes_only_what_it_stores(lucia: Contact) -> None:
    lucia.job_title, lucia.city = "CEO", "Cádiz"
    lucia.save(update_fields=["city"])
    assert history(lucia) == [("city", "", "Cádiz")]
    stored = Contact.objects.get(pk=lucia.pk)
    assert (stored.city, stored.city_norm, stored.job_title) == ("Cádiz", "cadiz", "")


def test_a_number_is_not_a_yes(lucia: Contact) -> None:
    assert changes_between({"x": 1}, {"x": True}) == {"x": (1, True)}
    assert changes_between({"x": None}, {"x": ""}) == {}


def test_history_and_pending_roll_back_with_the_change(lucia: Contact) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        save(lucia, city="Cádiz")
        raise RuntimeError
    assert history(lucia) == []
    assert pending() == []


def test_a_changed_company_marks_its_contacts(lucia: Contact, acme: Company) -> None:
    acme.industry = "Robótica"
    acme.save()
    assert pending() == [(lucia.pk, "profile")]
    rows = FieldChange.objects.filter(company=acme).values_list("field", "before", "after")
    assert list(rows) == [("industry", "", "Robótica")]


def test_a_partial_save_of_a_company_keeps_its_key(acme: Company) -> None:
    acme.domain = "other.example"
    acme.industry = "Robots"
    acme.save(update_fields=["industry"])
    stored = Company.objects.get(pk=acme.pk)
    assert stored.key == Company.objects.key_of("", "acme.example")
    fields = FieldChange.objects.filter(company=acme).values_list("field", flat=True)
    assert list(fields) == ["industry"]


@pytest.mark.parametrize("as_a_set", [False, True])
def test_a_deleted_company_is_a_change_of_its_contacts(
    lucia: Contact, acme: Company, as_a_set: bool
) -> None:
    pk = acme.pk
    (Company.objects.filter(pk=pk) if as_a_set else acme).delete()
    lucia.refresh_from_db()
    assert lucia.company is None
    assert history(lucia) == [("company_id", pk, None)]
    assert pending() == [(lucia.pk, "profile")]


def test_an_activity_marks_its_contact(lucia: Contact) -> None:
    activity_of(lucia)
    assert pending() == [(lucia.pk, "activity")]


def test_a_moved_activity_marks_both_contacts(lucia: Contact) -> None:
    other = Contact.objects.create(email="other@example.com")
    activity = activity_of(lucia)
    Pending.objects.all().delete()
    activity.contact = other
    activity.save()
    assert sorted(pending()) == sorted([(lucia.pk, "activity"), (other.pk, "activity")])


@pytest.mark.parametrize("as_a_set", [False, True])
def test_a_deleted_activity_marks_its_contact(lucia: Contact, as_a_set: bool) -> None:
    activity = activity_of(lucia)
    Pending.objects.all().delete()
    (Activity.objects.filter(pk=activity.pk) if as_a_set else activity).delete()
    assert pending() == [(lucia.pk, "activity")]


def test_a_deleted_contact_takes_everything_of_its_own_along(lucia: Contact) -> None:
    activity_of(lucia)
    save(lucia, city="Cádiz")
    lucia.delete()
    assert (Activity.objects.count(), FieldChange.objects.count(), Pending.objects.count()) == (
        0,
        0,
        0,
    )


def test_a_type_and_a_target_that_are_used_stay(lucia: Contact) -> None:
    activity = activity_of(lucia)
    for row in (activity.type, activity.target):
        with pytest.raises(ProtectedError):
            row.delete()


def test_an_unknown_slug_is_registered_once() -> None:
    first = ActivityType.objects.ids_by_slug(["fair_visit", "call"])
    assert ActivityType.objects.ids_by_slug(["fair_visit", "call"]) == first
    assert str(ActivityType.objects.get(slug="fair_visit")) == "fair_visit"
    assert str(ActivityType.objects.get(slug="call")) == "Call"


def test_targets_are_equal_as_texts_are() -> None:
    ids = Target.objects.ids_by_key(["/Precios", " /précios", "/pricing", ""])
    assert len(ids) == 3
    assert Target.objects.get(key=Target.key_of("/PRECIOS")).text == "/Precios"


def test_names_are_what_people_read(lucia: Contact, acme: Company) -> None:
    assert str(lucia) == "Lucía <Lucia@Example.com>"
    assert str(Contact(email="a@example.com")) == "a@example.com"
    assert (str(acme), str(Company(domain="x.example"))) == ("Acme", "x.example")
    assert str(activity_of(lucia)) == "Page view: /pricing"
    assert str(activity_of(lucia, target="")) == "Page view"


def test_contacts_are_found_by_address_whatever_its_case(lucia: Contact) -> None:
    assert list(Contact.objects.with_email([" lucia@example.COM "])) == [lucia]


def test_an_origin_ends_where_it_was_opened() -> None:
    with recorded_as("outer"):
        with recorded_as("x" * 300):
            assert len(current_origin()) == 200
        assert current_origin() == "outer"
    assert current_origin() == ""


class TestWhoSeesWhat:
    """Saul owns one contact, Peter another, and one is in the pool."""

    @pytest.fixture(autouse=True)
    def contacts(self, db: None) -> dict[str, Contact]:
        made = {
            owner: Contact.objects.create(email=f"of-{owner}@example.com", owner=owner)
            for owner in ("Saul", "peter", "")
        }
        stage = Stage.objects.first()
        assert stage is not None
        for contact in made.values():
            activity_of(contact)
            Deal.objects.create(name=f"with {contact.owner}", contact=contact, stage=stage)
            save(contact, city="Cádiz")
        Deal.objects.create(name="of nobody with nobody", stage=stage)
        Deal.objects.create(name="of peter with nobody", stage=stage, owner="peter")
        Deal.objects.create(name="of saul with nobody", stage=stage, owner="saul")
        return made

    def test_a_salesperson_sees_their_own_and_the_pool(
        self, saul: User, contacts: dict[str, Contact]
    ) -> None:
        mine = {contacts["Saul"], contacts[""]}
        assert set(Contact.objects.visible_to(saul)) == mine
        assert {row.contact for row in Activity.objects.visible_to(saul)} == mine
        assert {row.contact for row in FieldChange.objects.visible_to(saul)} == mine
        assert {row.name for row in Deal.objects.visible_to(saul)} == {
            "with Saul",
            "with ",
            "of nobody with nobody",
            "of saul with nobody",
        }

    def test_the_others_see_all(self, marta: User, mona: User, ada: User) -> None:
        for person in (marta, mona, ada):
            assert Contact.objects.visible_to(person).count() == 3
            assert Activity.objects.visible_to(person).count() == 3
            assert FieldChange.objects.visible_to(person).count() == 3
            assert Deal.objects.visible_to(person).count() == 6
            assert CampaignTouch.objects.visible_to(person).count() == 0

    def test_whoever_has_no_role_sees_nothing(self) -> None:
        stranger = User.objects.create_user("stranger", is_staff=True)
        gone = User.objects.create_user("gone", is_superuser=True, is_active=False)
        for person in (stranger, gone, AnonymousUser()):
            assert not Contact.objects.visible_to(person).exists()
            assert not Activity.objects.visible_to(person).exists()
