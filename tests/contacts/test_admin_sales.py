"""The pages of campaigns, products, pipelines and deals."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from contacts.models import Campaign, Company, Contact, Deal, Pipeline, Product, Stage

pytestmark = pytest.mark.django_db

DEALS = "/admin/contacts/deal/"


@pytest.fixture
def ada_client(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def deal() -> Deal:
    company = Company.objects.create(name="Ácme")
    contact = Contact.objects.create(email="lucia@example.com", last_name="Núñez", company=company)
    return Deal.objects.create(
        name="Robots", contact=contact, company=company, stage=Stage.objects.get(name="Meeting")
    )


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["adminform"].form.errors)


def test_a_deal_is_added(ada_client: Client, deal: Deal) -> None:
    form = {
        "name": "Arms", "contact": deal.contact_id, "stage": deal.stage_id, "amount": "1200.50",
        "reason": "Price", "opened_at_0": "2026-03-31", "opened_at_1": "12:00",
        "closed_at_0": "", "closed_at_1": "", "owner": "saul",
    }  # fmt: skip
    assert ada_client.post(f"{DEALS}add/", form).status_code == 302
    added = Deal.objects.get(name="Arms")
    assert (str(added.amount), added.reason, added.closed_at) == ("1200.50", "Price", None)
    assert (added.source, added.external_id) == ("", None)


def test_deals_without_an_id_of_a_source_do_not_clash(ada_client: Client, deal: Deal) -> None:
    form = {"name": "Same", "stage": deal.stage_id}
    for _time in range(2):
        assert ada_client.post(f"{DEALS}add/", form).status_code == 302
    assert Deal.objects.filter(name="Same").count() == 2


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"amount": "1e20"}, "amount"),
        ({"amount": "lots"}, "amount"),
        ({"stage": ""}, "stage"),
        ({"name": ""}, "name"),
        ({"opened_at_0": "soon", "opened_at_1": "12:00"}, "opened_at"),
    ],
)
def test_what_is_wrong_with_a_deal_is_said(
    ada_client: Client, deal: Deal, given: dict[str, str], name: str
) -> None:
    form = {"name": "x", "stage": deal.stage_id, **given}
    assert list(errors(ada_client.post(f"{DEALS}add/", form))) == [name]


@pytest.mark.parametrize(
    ("typed", "count"), [("robots", 1), ("NUNEZ", 1), ("acme", 1), ("robots nunez", 1), ("zzz", 0)]
)
def test_deals_are_found(ada_client: Client, deal: Deal, typed: str, count: int) -> None:
    answer = ada_client.get(DEALS, {"q": typed})
    assert len(answer.context["cl"].result_list) == count


def test_a_deal_stands_on_the_pages_of_its_contact_and_company(
    ada_client: Client, deal: Deal
) -> None:
    for address in (f"contact/{deal.contact_id}", f"company/{deal.company_id}"):
        page = ada_client.get(f"/admin/contacts/{address}/change/").content.decode()
        assert "Robots" in page


def test_a_campaign_ends_after_it_starts(ada_client: Client) -> None:
    form = {"name": "Fair", "channel": "offline", "starts_on": "2026-02-01",
            "ends_on": "2026-01-31"}  # fmt: skip
    answer = ada_client.post("/admin/contacts/campaign/add/", form)
    assert errors(answer)["__all__"] == ["The end must not be before the start."]
    assert not Campaign.objects.exists()


@pytest.mark.parametrize("model", ["campaign", "product", "pipeline"])
def test_a_name_that_exists_is_refused(ada_client: Client, model: str) -> None:
    Campaign.objects.create(name="Same")
    Product.objects.create(name="Same")
    Pipeline.objects.create(name="Same")
    inline = {"stages-TOTAL_FORMS": "0", "stages-INITIAL_FORMS": "0"}
    form = {"name": "Same", "channel": "online", **inline}
    answer = ada_client.post(f"/admin/contacts/{model}/add/", form)
    assert list(errors(answer)) == ["name"]


def stages_form(pipeline: Pipeline, **given: str) -> dict[str, str]:
    stages = list(pipeline.stages.all())
    form = {"name": pipeline.name, "stages-TOTAL_FORMS": str(len(stages)),
            "stages-INITIAL_FORMS": str(len(stages))}  # fmt: skip
    for number, stage in enumerate(stages):
        fields = {"id": stage.pk, "pipeline": pipeline.pk, "name": stage.name,
                  "outcome": stage.outcome, "probability": stage.probability,
                  "position": stage.position}  # fmt: skip
        form |= {f"stages-{number}-{name}": str(value) for name, value in fields.items()}
    return form | given


def test_stages_are_edited_in_their_pipeline(ada_client: Client) -> None:
    pipeline = Pipeline.objects.get()
    address = f"/admin/contacts/pipeline/{pipeline.pk}/change/"
    form = stages_form(pipeline, **{"stages-0-name": "New", "stages-0-position": "9"})
    assert ada_client.post(address, form).status_code == 302
    assert [stage.name for stage in pipeline.stages.all()][-1] == "New"
    answer = ada_client.post(address, stages_form(pipeline, **{"stages-0-probability": "101"}))
    assert "A probability is from 0 to 100." in answer.content.decode()


def test_a_pipeline_with_deals_cannot_be_deleted(ada_client: Client, deal: Deal) -> None:
    address = f"/admin/contacts/pipeline/{deal.stage.pipeline_id}/delete/"
    assert "Robots" in ada_client.get(address).content.decode()
    ada_client.post(address, {"post": "yes"})
    assert Pipeline.objects.exists()
    deal.delete()
    ada_client.post(address, {"post": "yes"})
    assert not Pipeline.objects.exists()


def test_deleting_a_contact_leaves_its_deals(ada_client: Client, deal: Deal) -> None:
    ada_client.post(f"/admin/contacts/contact/{deal.contact_id}/delete/", {"post": "yes"})
    deal.refresh_from_db()
    assert deal.contact is None
