"""The action that puts a deal into a stage."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from contacts.models import Company, Contact, Deal, Pipeline, Stage
from scoring.automations.actions import Impossible
from tests.automations.actions.acting import (
    MONDAY,
    action,
    errors,
    faults,
    occasion,
    parameters,
)

pytestmark = pytest.mark.django_db

HOT, MEETING, WON = "Sales / Hot Leads", "Sales / Meeting", "Sales / Won"


@pytest.fixture
def lea(db: None) -> Contact:
    company = Company.objects.create(name="Acme")
    return Contact.objects.create(
        email="lea@example.com", first_name="Lea", owner="saul", company=company
    )


def stage(name: str) -> Stage:
    return Stage.objects.get(pipeline__name="Sales", name=name)


def deal(contact: Contact, place: str, name: str = "Old", **given: Any) -> Deal:
    return Deal.objects.create(name=name, contact=contact, stage=stage(place), **given)


def run(contact: Contact, key: str = "x:1:0", **data: Any) -> str:
    return action("deal", **data).run(occasion(contact, key))


def stages() -> dict[str, str]:
    return dict(Deal.objects.values_list("name", "stage__name"))


class TestANewOne:
    def test_it_is_created_for_the_contact_with_its_company_and_owner(self, lea: Contact) -> None:
        told = run(
            lea, stage=HOT, name="{{ contact.company }}: {{ contact.first_name }}", amount=99
        )
        assert told == "“Acme: Lea” was created in “Hot Leads”."
        made = Deal.objects.get()
        assert (made.contact, made.company, made.owner) == (lea, lea.company, "saul")
        assert (made.stage, made.amount) == (stage("Hot Leads"), Decimal("99.00"))
        assert (made.source, made.external_id) == ("automation", "x:1:0")
        assert (made.opened_at, made.closed_at) == (MONDAY, None)

    def test_it_is_created_once(self, lea: Contact) -> None:
        run(lea, stage=WON)
        assert run(lea, stage=WON) == "“Lea” was created before."
        assert Deal.objects.count() == 1

    def test_it_is_created_beside_deals_that_are_closed_or_of_another_pipeline(
        self, lea: Contact
    ) -> None:
        other = Pipeline.objects.create(name="Partners")
        first = Stage.objects.create(pipeline=other, name="Hot Leads", position=9)
        Deal.objects.create(name="Partner", contact=lea, stage=first)
        deal(lea, "Won", "Bought", closed_at=MONDAY)
        deal(lea, "Lost", "Gone", closed_at=MONDAY)
        run(lea, stage=HOT)
        assert stages() == {
            "Partner": "Hot Leads",
            "Bought": "Won",
            "Gone": "Lost",
            "Lea": "Hot Leads",
        }
        assert Deal.objects.get(name="Partner").stage == first

    def test_one_in_a_closed_stage_is_closed(self, lea: Contact) -> None:
        run(lea, stage=WON)
        assert Deal.objects.get().closed_at == MONDAY

    def test_its_name_is_never_empty(self, lea: Contact) -> None:
        run(lea, stage=HOT, name="{{ contact.phone }}")
        assert Deal.objects.get().name == "Lea <lea@example.com>"


class TestAnOpenOne:
    def test_it_is_moved_on(self, lea: Contact) -> None:
        deal(lea, "Hot Leads")
        assert run(lea, stage=MEETING) == "“Old” was moved from “Hot Leads” to “Meeting”."
        assert stages() == {"Old": "Meeting"}

    def test_it_is_not_moved_back(self, lea: Contact) -> None:
        deal(lea, "Meeting")
        assert run(lea, stage=HOT) == "“Old” stays in “Meeting”, which is further on."
        assert stages() == {"Old": "Meeting"}

    def test_it_is_moved_back_where_that_is_wanted(self, lea: Contact) -> None:
        deal(lea, "Meeting")
        run(lea, stage=HOT, backwards=True)
        assert stages() == {"Old": "Hot Leads"}

    def test_it_stays_where_it_is_there_already(self, lea: Contact) -> None:
        deal(lea, "Hot Leads")
        assert run(lea, stage=HOT, backwards=True) == "“Old” is there already."

    def test_it_is_closed_by_the_stage(self, lea: Contact) -> None:
        deal(lea, "Meeting")
        run(lea, stage=WON)
        assert Deal.objects.get().closed_at == MONDAY

    def test_it_is_the_newest_of_several(self, lea: Contact) -> None:
        deal(lea, "Hot Leads", "Newest", opened_at=MONDAY)
        deal(lea, "Hot Leads", "Older", opened_at=MONDAY - timedelta(days=1))
        deal(lea, "Hot Leads", "Unknown")
        run(lea, stage=MEETING)
        assert stages() == {"Newest": "Meeting", "Older": "Hot Leads", "Unknown": "Hot Leads"}

    def test_that_of_another_contact_stays(self, lea: Contact) -> None:
        other = Contact.objects.create(email="max@example.com")
        deal(other, "Hot Leads")
        run(lea, stage=MEETING)
        assert stages() == {"Old": "Hot Leads", "Lea": "Meeting"}


def test_it_cannot_be_done_without_the_stage(lea: Contact) -> None:
    with pytest.raises(Impossible, match="no stage “Sales / Nope”"):
        run(lea, stage="Sales / Nope")


def test_a_stage_is_found_whatever_its_name() -> None:
    odd = Pipeline.objects.create(name="A / B")
    Stage.objects.create(pipeline=odd, name="C / D")
    assert action("deal", stage="A / B / C / D").problems() == []
    assert action("deal", stage="A / B / C").problems() == ["There is no stage “A / B / C”."]


DATA: list[dict[str, Any]] = [
    {"stage": HOT},
    {"stage": HOT, "name": "Deal of {{ contact.email }}", "amount": "1200.50", "backwards": True},
]


@pytest.mark.parametrize("data", DATA, ids=str)
def test_it_is_said_and_written_as_it_was_read(data: dict[str, Any]) -> None:
    read = action("deal", **data)
    assert read.data() == data
    said = "move the open deal to “Sales / Hot Leads”, or create one there"
    assert read.sentence() == said


AMOUNTS = [
    (1200, "1200.00"),
    (0, "0.00"),
    (99.5, "99.50"),
    ("1200.5", "1200.50"),
]


@pytest.mark.parametrize(("given", "written"), AMOUNTS)
def test_an_amount_is_written_in_one_way(given: Any, written: str) -> None:
    assert action("deal", stage=HOT, amount=given).data()["amount"] == written


FAULTS = [
    ({}, ["stage: is missing"]),
    ({"stage": ""}, ["stage: must not be empty"]),
    ({"stage": HOT, "name": "{{ nope }}"}, ["name: “nope” is no variable"]),
    *(
        ({"stage": HOT, "amount": wrong}, ["amount: must be an amount"])
        for wrong in (-1, True, None, "much", "NaN", "1e400", float("inf"), 10**13, [1])
    ),
    ({"amount": "x", "backwards": 1}, ["stage: is missing", "amount: ", "backwards: "]),
    ({"stage": HOT, "pipeline": "Sales"}, ["pipeline: is not known here"]),
]


@pytest.mark.parametrize(("data", "told"), FAULTS, ids=str)
def test_every_fault_is_told(data: dict[str, Any], told: list[str]) -> None:
    found = faults("deal", **data)
    assert len(found) == len(told)
    for fault, beginning in zip(found, told, strict=True):
        assert fault.startswith(beginning)


def test_its_form_gives_the_parameters() -> None:
    found = parameters("deal", stage=HOT, name="{{ contact.full_name }}", amount="12.5")
    assert found == {"stage": HOT, "name": "{{ contact.full_name }}", "amount": "12.5"}
    assert action("deal", **found).data() == {"stage": HOT, "amount": "12.50"}
    assert set(errors("deal", stage="Nope", name="x", amount="-1")) == {"stage", "amount"}
