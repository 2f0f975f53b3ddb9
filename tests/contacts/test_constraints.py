"""What the database itself refuses, whoever writes."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from contacts.models import (
    Activity,
    ActivityType,
    Campaign,
    CampaignTouch,
    Company,
    Contact,
    CustomField,
    Deal,
    FieldChange,
    Pipeline,
    Stage,
    Tag,
    Target,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def contact(email: str = "ana@example.com", **fields: object) -> Contact:
    return Contact.objects.bulk_create([Contact(email=email, **fields)])[0]


def activity(of: Contact, source: str, external_id: str | None) -> Activity:
    target = Target.objects.get(text="")
    kind = ActivityType.objects.get(slug="call")
    row = Activity(
        contact=of, type=kind, target=target, occurred_at=NOON,
        source=source, external_id=external_id,
    )  # fmt: skip
    return Activity.objects.bulk_create([row])[0]


def two_activities(one: tuple[str, str | None], other: tuple[str, str | None]) -> None:
    of = contact()
    activity(of, *one)
    activity(of, *other)


def two_deals(one: tuple[str, str | None], other: tuple[str, str | None]) -> None:
    stage = Stage.objects.get(name="Won")
    for source, external_id in (one, other):
        Deal.objects.create(name="x", stage=stage, source=source, external_id=external_id)


def touch_twice() -> None:
    met = {"campaign": Campaign.objects.create(name="Fair"), "contact": contact()}
    for _time in range(2):
        CampaignTouch.objects.create(occurred_at=NOON, **met)


def change_of(*, of_contact: bool, of_company: bool) -> FieldChange:
    return FieldChange.objects.create(
        contact=contact() if of_contact else None,
        company=Company.objects.create(name="Acme") if of_company else None,
        field="city",
        changed_at=NOON,
    )


def company_twice(one: dict[str, str], other: dict[str, str]) -> None:
    Company.objects.create(**one)
    Company.objects.create(**other)


REFUSED: dict[str, Callable[[], object]] = {
    "one address in two cases": lambda: (contact("Ana@Example.com"), contact(" ana@example.COM ")),
    "one address in two cases beyond ASCII": lambda: (contact("Ü@x.com"), contact("ü@x.com")),
    "a contact without an address": lambda: contact(""),
    "a contact with a blank address": lambda: contact("  "),
    "a lifecycle that there is not": lambda: contact(lifecycle="hot"),
    "one tag in two cases": lambda: [Tag.objects.create(name=name) for name in ("VIP", "víp")],
    "one domain twice": lambda: company_twice(
        {"name": "A", "domain": "A.example"}, {"name": "B", "domain": "a.example"}
    ),
    "one name without a domain twice": lambda: company_twice({"name": "Acme"}, {"name": "ÁCME"}),
    "one activity twice": lambda: two_activities(("web", "1"), ("web", "1")),
    "one deal twice": lambda: two_deals(("crm", "1"), ("crm", "1")),
    "one touch twice": touch_twice,
    "one text as two targets": lambda: [Target.objects.create(text=t) for t in ("/a", "/Á")],
    "a custom field of a bad key": lambda: CustomField.objects.create(
        key="Seats", label="Seats", type="number"
    ),
    "an activity type of a bad slug": lambda: ActivityType.objects.create(slug="page view"),
    "a change of nothing": lambda: change_of(of_contact=False, of_company=False),
    "a change of two things": lambda: change_of(of_contact=True, of_company=True),
    "a campaign that ends before it starts": lambda: Campaign.objects.create(
        name="x", starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 31)
    ),
    "a probability over 100": lambda: Stage.objects.create(
        pipeline=Pipeline.objects.get(), name="x", probability=101
    ),
    "one stage twice in a pipeline": lambda: Stage.objects.create(
        pipeline=Pipeline.objects.get(), name="Won"
    ),
}


@pytest.mark.parametrize("write", REFUSED.values(), ids=REFUSED)
def test_the_database_refuses(write: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


ALLOWED: dict[str, Callable[[], object]] = {
    "activities without an id": lambda: two_activities(("web", None), ("web", None)),
    "one id from two sources": lambda: two_activities(("web", "1"), ("app", "1")),
    "ids that differ by case": lambda: two_activities(("web", "a"), ("web", "A")),
    "deals without an id": lambda: two_deals(("crm", None), ("crm", None)),
    "one name with two domains": lambda: company_twice(
        {"name": "A", "domain": "a.example"}, {"name": "A", "domain": "b.example"}
    ),
    "addresses that differ by an accent": lambda: (contact("ana@x.com"), contact("aná@x.com")),
    "every lifecycle": lambda: contact(lifecycle="mql"),
    "a change of one thing": lambda: change_of(of_contact=True, of_company=False),
    "a campaign of one day": lambda: Campaign.objects.create(
        name="x", starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 1)
    ),
    "one stage in two pipelines": lambda: Stage.objects.create(
        pipeline=Pipeline.objects.create(name="Partners"), name="Won"
    ),
}


@pytest.mark.parametrize("write", ALLOWED.values(), ids=ALLOWED)
def test_the_database_allows(write: Callable[[], object]) -> None:
    write()
