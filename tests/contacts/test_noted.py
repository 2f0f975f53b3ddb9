"""Every ordinary route of writing leaves a history and pending contacts, or refuses."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from contacts.models import (
    Activity,
    ActivityType,
    Company,
    Contact,
    ContactTag,
    FieldChange,
    Pending,
    Tag,
    Target,
)

pytestmark = pytest.mark.django_db

Route = Callable[["World"], object]


class World:
    """Ana at ACME with a tag and an activity, Bob without anything, and nothing pending."""

    def __init__(self) -> None:
        self.acme = Company.objects.create(name="ACME", industry="Retail")
        self.vip = Tag.objects.create(name="VIP")
        self.rival = Tag.objects.create(name="Rival")
        self.ana = Contact.objects.create(email="ana@x.example", company=self.acme, city="Jaca")
        self.bob = Contact.objects.create(email="bob@x.example")
        self.ana.set_tags([self.vip])
        self.visit = ActivityType.objects.create(slug="peeked")
        self.activity = self.made_activity(self.ana)
        self.activity.save()
        Pending.objects.all().delete()
        FieldChange.objects.all().delete()

    def made_activity(self, contact: Contact) -> Activity:
        target = Target.objects.ids_by_key([""])[Target.key_of("")]
        return Activity(
            contact=contact, type=self.visit, target_id=target, occurred_at=timezone.now()
        )

    def pending(self) -> set[str]:
        rows = Pending.objects.values_list("contact_id", flat=True)
        return set(Contact.objects.filter(pk__in=rows).values_list("email", flat=True))

    def history(self) -> list[tuple[str, object, object]]:
        """What changed, contacts before companies, in order."""
        rows = FieldChange.objects.order_by("contact_id", "pk")
        return list(rows.values_list("field", "before", "after"))


@pytest.fixture
def world() -> World:
    return World()


def bulk_update(world: World) -> None:
    world.ana.city, world.bob.city = "Huesca", "Jaca"
    Contact.objects.bulk_update([world.ana, world.bob], ["city"])


def bulk_update_of_attributes(world: World) -> None:
    world.ana.attributes = {"size": 5}
    Contact.objects.bulk_update([world.ana], ["attributes"])


def bulk_update_of_companies(world: World) -> None:
    world.acme.industry = "Steel"
    Company.objects.bulk_update([world.acme], ["industry"])


def link_in_bulk(contact: Contact, tag: Tag) -> None:
    ContactTag.objects.bulk_create([ContactTag(contact=contact, tag=tag)])


ANA, BOB = "ana@x.example", "bob@x.example"
TO_HUESCA = ("city", "Jaca", "Huesca")
ROUTES: dict[str, tuple[Route, set[str], list[tuple[str, object, object]]]] = {
    "update": (
        lambda world: Contact.objects.update(city="Huesca"),
        {ANA, BOB},
        [TO_HUESCA, ("city", "", "Huesca")],
    ),
    "update of what some have already": (
        lambda world: Contact.objects.update(city="Jaca"),
        {BOB},
        [("city", "", "Jaca")],
    ),
    "update that takes its rows out of its own filter": (
        lambda world: Contact.objects.filter(city="Jaca").update(city="Huesca"),
        {ANA},
        [TO_HUESCA],
    ),
    "update of rows found through a relation": (
        lambda world: Contact.objects.filter(tags__name="VIP").distinct().update(city="Huesca"),
        {ANA},
        [TO_HUESCA],
    ),
    "update of a switch": (
        lambda world: Contact.objects.filter(pk=world.bob.pk).update(unsubscribed=True),
        {BOB},
        [("unsubscribed", False, True)],
    ),
    "update of attributes": (
        lambda world: Contact.objects.filter(pk=world.bob.pk).update(attributes={"size": 5}),
        {BOB},
        [("attributes.size", None, 5)],
    ),
    "bulk_update": (bulk_update, {ANA, BOB}, [TO_HUESCA, ("city", "", "Jaca")]),
    "bulk_update of attributes": (
        bulk_update_of_attributes,
        {ANA},
        [("attributes.size", None, 5)],
    ),
    "bulk_create": (
        lambda world: Contact.objects.bulk_create([Contact(email="new@x.example")]),
        {"new@x.example"},
        [],
    ),
    "bulk_create of one that may be there": (
        lambda world: Contact.objects.bulk_create(
            [Contact(email="new@x.example"), Contact(email="new@x.example")], ignore_conflicts=True
        ),
        {"new@x.example"},
        [],
    ),
    "update_or_create": (
        lambda world: Contact.objects.update_or_create({"city": "Huesca"}, email=ANA),
        {ANA},
        [TO_HUESCA],
    ),
    "update of companies": (
        lambda world: Company.objects.update(industry="Steel"),
        {ANA},
        [("industry", "Retail", "Steel")],
    ),
    "bulk_update of companies": (
        bulk_update_of_companies,
        {ANA},
        [("industry", "Retail", "Steel")],
    ),
    "company.contacts.add": (
        lambda world: world.acme.contacts.add(world.bob),
        {BOB},
        [("company_id", None, "ACME")],
    ),
    "company.contacts.remove": (
        lambda world: world.acme.contacts.remove(world.ana),
        {ANA},
        [("company_id", "ACME", None)],
    ),
    "company.contacts.clear": (
        lambda world: world.acme.contacts.clear(),
        {ANA},
        [("company_id", "ACME", None)],
    ),
    "company.contacts.set": (
        lambda world: world.acme.contacts.set([world.bob]),
        {ANA, BOB},
        [("company_id", "ACME", None), ("company_id", None, "ACME")],
    ),
    "tags.add": (
        lambda world: world.ana.tags.add(world.rival),
        {ANA},
        [("tags", ["vip"], ["rival", "vip"])],
    ),
    "tags.add of what is there": (lambda world: world.ana.tags.add(world.vip), set(), []),
    "tags.remove": (
        lambda world: world.ana.tags.remove(world.vip),
        {ANA},
        [("tags", ["vip"], [])],
    ),
    "tags.clear": (lambda world: world.ana.tags.clear(), {ANA}, [("tags", ["vip"], [])]),
    "tags.set": (
        lambda world: world.bob.tags.set([world.vip, world.rival]),
        {BOB},
        [("tags", [], ["rival", "vip"])],
    ),
    "tags.create": (
        lambda world: world.bob.tags.create(name="New"),
        {BOB},
        [("tags", [], ["new"])],
    ),
    "set_tags": (
        lambda world: world.ana.set_tags([world.rival]),
        {ANA},
        [("tags", ["vip"], ["rival"])],
    ),
    "tag.contacts.add": (
        lambda world: world.vip.contacts.add(world.bob),
        {BOB},
        [("tags", [], ["vip"])],
    ),
    "tag.contacts.remove": (
        lambda world: world.vip.contacts.remove(world.ana),
        {ANA},
        [("tags", ["vip"], [])],
    ),
    "update of tags": (
        lambda world: Tag.objects.filter(pk=world.vip.pk).update(name="Very important"),
        {ANA},
        [("tags", ["vip"], ["very important"])],
    ),
    "a link made": (
        lambda world: ContactTag.objects.create(contact=world.bob, tag=world.vip),
        {BOB},
        [("tags", [], ["vip"])],
    ),
    "links made in bulk": (
        lambda world: ContactTag.objects.bulk_create(
            [ContactTag(contact=world.bob, tag=world.vip)]
        ),
        {BOB},
        [("tags", [], ["vip"])],
    ),
    "a link deleted": (
        lambda world: ContactTag.objects.get(contact=world.ana).delete(),
        {ANA},
        [("tags", ["vip"], [])],
    ),
    "links deleted in bulk": (
        lambda world: ContactTag.objects.all().delete(),
        {ANA},
        [("tags", ["vip"], [])],
    ),
    "bulk_create of activities": (
        lambda world: Activity.objects.bulk_create([world.made_activity(world.bob)]),
        {BOB},
        [],
    ),
    "update of activities": (
        lambda world: Activity.objects.update(automated=True),
        {ANA},
        [],
    ),
    "activities that move to another contact": (
        lambda world: Activity.objects.update(contact=world.bob),
        {ANA, BOB},
        [],
    ),
    "contact.activities.update": (
        lambda world: world.ana.activities.update(automated=True),
        {ANA},
        [],
    ),
    "update of what no rule reads": (
        lambda world: Contact.objects.update(stored_at=timezone.now()),
        set(),
        [],
    ),
}


@pytest.mark.parametrize(("route", "pending", "history"), ROUTES.values(), ids=ROUTES)
def test_a_route_is_noted(
    world: World, route: Route, pending: set[str], history: list[tuple[str, object, object]]
) -> None:
    route(world)
    named = {"ACME": world.acme.pk}
    assert world.pending() == pending
    assert sorted(map(str, world.history())) == sorted(
        str((field, *(named.get(str(value), value) for value in values)))
        for field, *values in history
    )


REFUSED: dict[str, Route] = {
    "an upsert of contacts": lambda world: Contact.objects.bulk_create(
        [world.ana], update_conflicts=True, unique_fields=["email_key"], update_fields=["city"]
    ),
    "an upsert of companies": lambda world: Company.objects.bulk_create(
        [world.acme], update_conflicts=True, unique_fields=["key"], update_fields=["industry"]
    ),
    "an upsert of activities": lambda world: Activity.objects.bulk_create(
        [world.activity], update_conflicts=True, unique_fields=["pk"], update_fields=["automated"]
    ),
    "a link that is changed": lambda world: ContactTag.objects.update(tag=world.rival),
    "the name of companies": lambda world: Company.objects.update(name="ACME Ltd"),
    "the name of companies, in bulk": lambda world: Company.objects.bulk_update(
        [world.acme], ["domain"]
    ),
}


@pytest.mark.parametrize("route", REFUSED.values(), ids=REFUSED)
def test_a_route_that_cannot_be_noted_says_what_to_use(world: World, route: Route) -> None:
    with pytest.raises(TypeError, match=r"use contacts|use Contact|save\(\)"):
        route(world)


def test_who_notes_by_other_means_can_say_so(world: World) -> None:
    Contact.objects.unnoted().filter(pk=world.ana.pk).update(city="Huesca")
    Contact.objects.unnoted().bulk_create([Contact(email="new@x.example")])
    ContactTag.objects.unnoted().filter(contact=world.ana).delete()
    Activity.objects.unnoted().update(automated=True)
    assert world.pending() == set()
    assert world.history() == []


def test_many_rows_are_noted_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contacts.models.noted.AT_ONCE", 1)
    assert Contact.objects.update(city="Huesca") == 2
    assert world.pending() == {ANA, BOB}


def test_a_company_made_in_bulk_is_found_by_its_key() -> None:
    Company.objects.bulk_create([Company(name="New", domain="new.example")])
    assert Company.objects.filter(key=Company.objects.key_of("New", "new.example")).exists()
