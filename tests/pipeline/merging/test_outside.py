"""What other programs and people who are no users see of a merge."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.models import Activity
from scoring.automations.unsubscribe import token_of
from tests.api.calls import ACTIVITIES, CONTACTS, caller, visit
from tests.engine.scored import go_live
from tests.pipeline.merging.pair import merged, pair

pytestmark = pytest.mark.django_db


def test_the_api_gives_the_survivor_by_the_former_id_and_address(marta: User, saul: User) -> None:
    go_live()
    stays, goes = pair()
    merged(marta, stays, goes)
    shop = caller()
    for path in (f"{CONTACTS}/{goes.pk}", f"{CONTACTS}/{stays.pk}"):
        assert shop.get(path).json()["id"] == stays.pk
        assert shop.get(f"{path}/explanation").json()["contact"] == "ana@x.example"
    for address in (goes.email, stays.email):
        [found] = shop.get(CONTACTS, {"email": address}).json()["results"]
        assert found["id"] == stays.pk
    assert shop.get(f"{CONTACTS}/999999").status_code == 404
    stays.owner = "other"
    stays.save()
    client = Client()
    client.force_login(saul)
    assert client.get(f"{CONTACTS}/{goes.pk}").status_code == 404


def test_the_api_takes_activities_and_contacts_by_the_former_address(marta: User) -> None:
    stays, goes = pair()
    merged(marta, stays, goes)
    shop = caller(creates_contacts=True)
    body = [visit("1", contact=goes.email), visit(None, contact=goes.email)]
    for status in ("created", "duplicate"):
        told = shop.post(ACTIVITIES, body).json()["results"]
        assert [each["status"] for each in told] == [status] * 2
    assert set(Activity.objects.values_list("contact", flat=True)) == {stays.pk}
    told = shop.post(CONTACTS, {"email": goes.email, "city": "Soria"}).json()["results"]
    assert told[0]["status"] == "updated"
    stays.refresh_from_db()
    assert (stays.email, stays.city) == ("ana@x.example", "Soria")


def test_the_unsubscribe_link_of_an_older_letter_still_works(marta: User, client: Client) -> None:
    stays, goes = pair()
    token = token_of(goes, "k")
    merged(marta, stays, goes)
    assert client.post(reverse("unsubscribe", args=[token])).status_code == 200
    stays.refresh_from_db()
    assert stays.unsubscribed is True
