"""The pages of sources, keys and rejected items."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Activity, Contact, CustomField, FieldChange, Pending
from scoring.api.keys import KEY, find
from scoring.api.models import ApiKey, RejectedItem, Source
from tests.api.calls import ACTIVITIES, CONTACTS, Caller, caller, secret_of, visit

pytestmark = pytest.mark.django_db


def url(model: str, route: str, *args: Any) -> str:
    return reverse(f"admin:scoring_{model}_{route}", args=args)


def logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def make(client: Client, **fields: Any) -> Any:
    source = Source.objects.get_or_create(name="shop")[0]
    form = {"source": source.pk, "label": "web shop", "scopes": ["activities:write"], **fields}
    return client.post(url("apikey", "add"), form)


def test_a_key_is_shown_once_where_it_is_made(ada: User) -> None:
    client = logged_in(ada)
    answer = make(client)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    found = KEY.search(answer.content.decode())
    assert found
    key = find(found[0])
    assert key
    assert (key.created_by, key.scopes, key.label) == (ada, ["activities:write"], "web shop")
    secret = secret_of(found[0])
    for page in (url("apikey", "changelist"), url("apikey", "change", key.pk)):
        text = client.get(page).content.decode()
        assert key.prefix in text
        assert secret not in text
    assert secret not in client.get(url("apikey", "history", key.pk)).content.decode()


def test_a_key_that_has_expired_already_is_not_made(ada: User) -> None:
    passed = {"expires_at_0": "2020-01-01", "expires_at_1": "00:00:00"}
    answer = make(logged_in(ada), **passed)
    assert "expires_at" in answer.context["adminform"].form.errors
    assert "scopes" in make(logged_in(ada), scopes=[]).context["adminform"].form.errors
    assert not ApiKey.objects.exists()


def test_a_key_is_revoked_from_its_page_and_from_the_list(ada: User, shop: Caller) -> None:
    client = logged_in(ada)
    page = url("apikey", "change", shop.key.pk)
    address = url("apikey", "revoke", shop.key.pk)
    assert address in client.get(page).content.decode()
    assert client.get(address).status_code == 403
    assert shop.post(ACTIVITIES, visit()).status_code == 200
    assert client.post(address).status_code == 302
    assert shop.post(ACTIVITIES, visit()).status_code == 401
    assert address not in client.get(page).content.decode()
    other = caller("app")
    form = {"action": "revoke", "_selected_action": [shop.key.pk, other.key.pk]}
    first = ApiKey.objects.get(pk=shop.key.pk).revoked_at
    assert client.post(url("apikey", "changelist"), form).status_code == 302
    assert ApiKey.objects.get(pk=other.key.pk).revoked_at is not None
    assert ApiKey.objects.get(pk=shop.key.pk).revoked_at == first


def test_only_administrators_make_and_revoke(marta: User, mona: User, shop: Caller) -> None:
    for person in (marta, mona):
        client = logged_in(person)
        assert make(client).status_code == 403
        assert client.get(url("apikey", "changelist")).status_code == 403
        assert client.post(url("apikey", "revoke", shop.key.pk)).status_code in (403, 404)
    assert ApiKey.objects.get().revoked_at is None


def test_keys_are_found_by_their_state(ada: User, shop: Caller) -> None:
    expired, revoked = caller("expired"), caller("revoked")
    ApiKey.objects.filter(pk=expired.key.pk).update(expires_at=timezone.now())
    ApiKey.objects.filter(pk=revoked.key.pk).revoke(timezone.now())
    for state, key in (("valid", shop), ("expired", expired), ("revoked", revoked)):
        page = logged_in(ada).get(url("apikey", "changelist"), {"state": state})
        assert [row.pk for row in page.context["cl"].result_list] == [key.key.pk]


def test_the_name_of_a_source_stays(ada: User, shop: Caller) -> None:
    client = logged_in(ada)
    page = url("source", "change", shop.source.pk)
    client.post(page, {"name": "other", "calls_a_minute": 5})
    source = Source.objects.get()
    assert (source.name, source.calls_a_minute, source.creates_contacts) == ("shop", 5, False)
    for name in ("Shop", "a b", "", "x" * 65, "shop"):
        answer = client.post(url("source", "add"), {"name": name, "calls_a_minute": 5})
        assert "name" in answer.context["adminform"].form.errors
    assert (
        client.post(url("source", "add"), {"name": "new.one", "calls_a_minute": 5}).status_code
        == 302
    )


def test_what_was_rejected_is_sent_again(ada: User) -> None:
    shop = caller(creates_contacts=False)
    shop.post(ACTIVITIES, [visit("v-1"), visit("v-2", type="")])
    known, wrong = RejectedItem.objects.order_by("pk")
    Contact.objects.create(email="ana@acme.example")
    Pending.objects.all().delete()
    client = logged_in(ada)
    form = {"action": "send_again", "_selected_action": [known.pk, wrong.pk]}
    page = client.post(url("rejecteditem", "changelist"), form, follow=True)
    assert Activity.objects.get().external_id == "v-1"
    assert [one.quiet for one in Pending.objects.all()] == [False]
    told = " ".join(str(message) for message in page.context["messages"])
    assert "1 item is stored" in told
    assert "1 item is still rejected" in told
    known.refresh_from_db()
    wrong.refresh_from_db()
    assert known.stored_at is not None
    assert wrong.stored_at is None
    rows = {"no": [wrong.pk], "yes": [known.pk]}
    for state, found in rows.items():
        page = client.get(url("rejecteditem", "changelist"), {"again": state})
        assert [row.pk for row in page.context["cl"].result_list] == found


def test_a_rejected_contact_is_sent_again_from_its_page(ada: User, shop: Caller) -> None:
    Contact.objects.create(email="a@x.example", city="Cádiz")
    shop.post(CONTACTS, {"email": "a@x.example", "city": "Vigo", "attributes": {"seats": 5}})
    row = RejectedItem.objects.get()
    client = logged_in(ada)
    page = client.get(url("rejecteditem", "change", row.pk)).content.decode()
    assert "seats" in page
    address = url("rejecteditem", "send", row.pk)
    assert address in page
    assert client.get(address).status_code == 403
    client.post(address)
    assert Contact.objects.get().city == "Cádiz"
    CustomField.objects.create(key="seats", label="Seats", type="number")
    client.post(address)
    assert Contact.objects.get().attributes == {"seats": 5}
    assert {change.origin for change in FieldChange.objects.filter(field="city")} == {"api: shop"}


def test_an_item_that_lay_ahead_is_judged_by_when_it_came(ada: User, shop: Caller) -> None:
    ahead = (timezone.now() + timedelta(hours=25)).isoformat()
    shop.post(ACTIVITIES, visit(occurred_at=ahead))
    row = RejectedItem.objects.get()
    logged_in(ada).post(url("rejecteditem", "send", row.pk))
    assert not Activity.objects.exists()


def test_what_was_sent_is_shown_as_text(ada: User, shop: Caller) -> None:
    shop.post(ACTIVITIES, visit(type="<script>alert(1)</script>", contact="<b>@x.example"))
    client = logged_in(ada)
    for page in (
        url("rejecteditem", "changelist"),
        url("rejecteditem", "change", RejectedItem.objects.get().pk),
    ):
        text = client.get(page).content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text or page.endswith("rejecteditem/")


def test_marketing_sees_what_was_rejected_and_sends_nothing(marta: User, shop: Caller) -> None:
    shop.post(ACTIVITIES, visit(type=""))
    client = logged_in(marta)
    row = RejectedItem.objects.get()
    assert client.get(url("source", "changelist")).status_code == 200
    page = client.get(url("rejecteditem", "change", row.pk))
    assert page.status_code == 200
    assert url("rejecteditem", "send", row.pk) not in page.content.decode()
    assert client.post(url("rejecteditem", "send", row.pk)).status_code == 403
    form = {"action": "send_again", "_selected_action": [row.pk]}
    client.post(url("rejecteditem", "changelist"), form)
    row.refresh_from_db()
    assert row.stored_at is None
