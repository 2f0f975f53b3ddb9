"""Who may call: keys, their scopes and their end; and people who are logged in."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from contacts.models import Activity, Contact
from scoring.api.keys import KEY, digest_of
from scoring.api.limits import address_of
from scoring.api.models import ApiKey, RateWindow, Scope
from tests.api.calls import (
    ACTIVITIES,
    CONTACTS,
    PROBLEM,
    SCORES,
    Caller,
    caller,
    secret_of,
    visit,
)

pytestmark = pytest.mark.django_db


def post(**headers: str) -> Any:
    return Client().post(ACTIVITIES, visit(), content_type="application/json", headers=headers)


def test_the_secret_is_nowhere_in_the_database(shop: Caller) -> None:
    key = ApiKey.objects.get()
    assert KEY.fullmatch(shop.text)
    assert shop.text.startswith(f"{key.prefix}_")
    secret = shop.text.removeprefix(f"{key.prefix}_")
    assert len(secret) == 43  # 256 bits
    assert secret not in repr(ApiKey.objects.values().get())
    assert key.digest == digest_of(shop.text)


def test_the_digest_needs_the_secret_key_of_the_site(shop: Caller, settings: Settings) -> None:
    settings.SECRET_KEY = "another one"
    assert shop.post(ACTIVITIES, visit()).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer x"},
        {"Authorization": "Bearer ls_abcdefgh_" + "x" * 43},
        {"Authorization": "Basic {key}"},
        {"Authorization": "Token {key}"},
        {"Authorization": "Bearer {key}x"},
        {"Authorization": "Bearer {key} {key}"},
        {"Authorization": "{key}"},
        {"Authorization": "Bearer \u00e9\u00e9"},
        {"X-Api-Key": "{key}"},
    ],
)
def test_without_a_valid_key_nothing_is_stored(headers: dict[str, str], shop: Caller) -> None:
    given = {name: text.replace("{key}", shop.text) for name, text in headers.items()}
    answer = post(**given)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == PROBLEM
    assert not Activity.objects.exists()


def test_a_key_works_until_it_expires_or_is_revoked(
    shop: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    shop.key.expires_at = now + timedelta(minutes=1)
    shop.key.save()
    assert shop.post(ACTIVITIES, visit()).status_code == 200
    with monkeypatch.context() as patched:
        patched.setattr("django.utils.timezone.now", lambda: now + timedelta(minutes=1))
        assert shop.post(ACTIVITIES, visit()).status_code == 401
    assert ApiKey.objects.revoke(now) == 1
    assert ApiKey.objects.revoke(now) == 0
    answer = shop.post(ACTIVITIES, visit())
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_key")


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope.ACTIVITIES_WRITE, {"activities"}),
        (Scope.CONTACTS_WRITE, {"contacts"}),
        (Scope.CONTACTS_READ, {"list", "scores"}),
    ],
)
def test_a_key_may_do_what_its_scopes_say(scope: Scope, allowed: set[str]) -> None:
    key = caller(scopes=[scope])
    answers = {
        "activities": key.post(ACTIVITIES, visit()),
        "contacts": key.post(CONTACTS, {"email": "a@x.example"}),
        "list": key.get(CONTACTS),
        "scores": key.get(SCORES),
    }
    assert {name for name, answer in answers.items() if answer.status_code == 200} == allowed
    for name in answers.keys() - allowed:
        assert answers[name].status_code == 403
        assert answers[name].json()["code"] == "missing_scope"


def test_when_a_key_was_used_is_noted_to_the_minute(
    shop: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = timezone.now()

    def used_at(at: Any) -> Any:
        monkeypatch.setattr("django.utils.timezone.now", lambda: at)
        shop.get(CONTACTS)
        return ApiKey.objects.get().last_used_at

    assert used_at(first) == first
    assert used_at(first + timedelta(seconds=59)) == first
    assert used_at(first + timedelta(seconds=60)) == first + timedelta(seconds=60)


@pytest.mark.parametrize("name", ["key", "api_key", "access_token", "anything"])
def test_a17_a_key_in_the_query_is_refused_and_not_logged(
    name: str, shop: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    answer = Client().post(f"{ACTIVITIES}?{name}={shop.text}", visit(), "application/json")
    assert (answer.status_code, answer.json()["code"]) == (401, "key_in_query")
    # Even beside the right header: the address has been seen by whoever keeps addresses.
    answer = shop.get(CONTACTS, {name: shop.text})
    assert answer.status_code == 401
    secret = secret_of(shop.text)
    assert secret not in caplog.text
    assert secret not in answer.content.decode()


def test_a17_wrong_keys_are_limited_by_the_address(settings: Settings, shop: Caller) -> None:
    settings.API_WRONG_KEYS_A_MINUTE = 3
    codes = [post(Authorization=f"Bearer wrong{number}").status_code for number in range(50)]
    assert codes == [401] * 3 + [429] * 47
    answer = post(Authorization="Bearer wrong")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    # The right key still works there, and a wrong one from elsewhere is only wrong.
    assert shop.post(ACTIVITIES, visit()).status_code == 200
    other = Client(REMOTE_ADDR="192.0.2.7")
    assert other.get(CONTACTS, headers={"Authorization": "Bearer x"}).status_code == 401


def test_what_a_client_says_of_its_address_is_not_believed(settings: Settings) -> None:
    settings.API_WRONG_KEYS_A_MINUTE = 3
    codes = [
        post(**{"Authorization": "Bearer x", "X-Forwarded-For": f"10.0.0.{number}"}).status_code
        for number in range(6)
    ]
    assert codes == [401] * 3 + [429] * 3


@pytest.mark.parametrize(
    ("proxies", "told", "address"),
    [
        (0, "1.1.1.1", "9.9.9.9"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (2, "1.1.1.1", "9.9.9.9"),
        (1, "", "9.9.9.9"),
    ],
)
def test_only_so_many_proxies_are_believed(
    proxies: int, told: str, address: str, settings: Settings
) -> None:
    settings.NUM_PROXIES = proxies
    assert address_of({"REMOTE_ADDR": "9.9.9.9", "HTTP_X_FORWARDED_FOR": told}) == address


def test_a_source_has_a_number_of_calls_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = caller(calls_a_minute=2)
    other_key = caller("shop")
    start = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: start)
    item = visit()
    assert [shop.post(ACTIVITIES, item).status_code for _time in range(2)] == [200, 200]
    answer = other_key.post(ACTIVITIES, item)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert answer.headers["Retry-After"] == "60"
    assert caller("app").post(ACTIVITIES, item).status_code == 200
    monkeypatch.setattr("django.utils.timezone.now", lambda: start + timedelta(seconds=59))
    assert shop.post(ACTIVITIES, item).headers["Retry-After"] == "1"
    monkeypatch.setattr("django.utils.timezone.now", lambda: start + timedelta(seconds=60))
    assert shop.post(ACTIVITIES, item).status_code == 200
    assert RateWindow.objects.get(pk=f"source:{shop.source.pk}").used == 1


def test_calls_that_a_key_may_not_make_are_counted_too() -> None:
    reader = caller(scopes=[Scope.CONTACTS_READ], calls_a_minute=2)
    codes = [reader.post(ACTIVITIES, visit()).status_code for _time in range(3)]
    assert codes == [403, 403, 429]
    assert reader.get(CONTACTS).status_code == 429


def test_a_clock_that_is_set_back_stops_nobody() -> None:
    shop = caller(calls_a_minute=1)
    now = timezone.now()
    window = RateWindow.objects.create(
        name=f"source:{shop.source.pk}", started_at=now + timedelta(days=1), used=1
    )
    assert shop.post(ACTIVITIES, visit()).status_code == 200
    assert shop.post(ACTIVITIES, visit()).status_code == 429
    window.refresh_from_db()
    assert window.started_at - now < timedelta(minutes=1)


class TestPeople:
    def test_who_is_logged_in_reads_what_they_may_see(self, saul: User, mona: User) -> None:
        for owner in ("saul", "", "peter"):
            Contact.objects.create(email=f"of{owner}@x.example", owner=owner)
        assert self.seen_by(saul) == {"ofsaul@x.example", "of@x.example"}
        assert self.seen_by(mona) == {"ofsaul@x.example", "of@x.example", "ofpeter@x.example"}

    def seen_by(self, person: User) -> set[str]:
        client = Client()
        client.force_login(person)
        return {one["email"] for one in client.get(CONTACTS).json()["results"]}

    def test_the_contact_of_another_is_not_there(self, saul: User) -> None:
        others = Contact.objects.create(email="b@x.example", owner="peter")
        client = Client()
        client.force_login(saul)
        for path in (f"{CONTACTS}/{others.pk}", f"{CONTACTS}/{others.pk}/explanation"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    def test_who_is_logged_in_sends_nothing(self, ada: User) -> None:
        client = Client()
        client.force_login(ada)
        for path in (ACTIVITIES, CONTACTS):
            assert client.post(path, visit(), "application/json").status_code == 401

    def test_who_may_not_see_contacts_sees_none(self) -> None:
        nobody = User.objects.create_user("nobody", is_staff=True)
        client = Client()
        client.force_login(nobody)
        assert client.get(CONTACTS).status_code == 403
        customer = User.objects.create_user("customer", is_superuser=True)
        client.force_login(customer)
        assert client.get(CONTACTS).status_code == 401

    def test_nobody_is_asked_who_they_are(self) -> None:
        for path in (CONTACTS, SCORES, f"{CONTACTS}/1", f"{CONTACTS}/1/explanation"):
            answer = Client().get(path)
            assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
