"""The same call twice: done once, answered the same."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from contacts.models import Activity
from scoring.api import ingestion
from scoring.api.jobs import forget_what_is_old
from scoring.api.models import Answer
from tests.api.calls import ACTIVITIES, CONTACTS, Caller, caller, counts, visit

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "order-17"}


def test_the_answer_is_the_same_again(shop: Caller) -> None:
    item = [visit(), visit("bad", type="")]
    first = shop.post(ACTIVITIES, item, **KEY)
    again = shop.post(ACTIVITIES, item, **KEY)
    assert first.status_code == again.status_code == 207
    assert first.content == again.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    # Without the key it is told that nothing is new.
    assert counts(shop.post(ACTIVITIES, item)) == (0, 1, 1, 0)


def test_another_body_with_the_same_key_is_refused(shop: Caller) -> None:
    shop.post(ACTIVITIES, visit("v-1"), **KEY)
    answer = shop.post(ACTIVITIES, visit("v-2"), **KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Activity.objects.get().external_id == "v-1"


def test_a_key_is_of_a_source_and_an_address(shop: Caller) -> None:
    shop.post(ACTIVITIES, visit("v-1"), **KEY)
    assert shop.post(CONTACTS, {"email": "a@x.example"}, **KEY).status_code == 200
    assert caller("app").post(ACTIVITIES, visit("v-2"), **KEY).status_code == 200


def test_a_call_that_is_being_worked_on_is_not_begun_again(
    shop: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = visit()
    answers: list[Any] = []
    stored = ingestion.stored

    def meanwhile(*given: Any) -> Any:
        if not answers:
            answers.append(shop.post(ACTIVITIES, item, **KEY))
        return stored(*given)

    monkeypatch.setattr(ingestion, "stored", meanwhile)
    assert shop.post(ACTIVITIES, item, **KEY).status_code == 200
    [answer] = answers
    assert (answer.status_code, answer.json()["code"]) == (409, "in_progress")
    assert answer.headers["Retry-After"] == "1"


def test_what_a_dead_process_held_is_free_after_a_minute(
    shop: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = visit()
    shop.post(ACTIVITIES, item, **KEY)
    start = timezone.now()
    Answer.objects.update(status=None, lease_until=start + timedelta(seconds=60))
    monkeypatch.setattr("django.utils.timezone.now", lambda: start + timedelta(seconds=59))
    assert shop.post(ACTIVITIES, item, **KEY).status_code == 409
    monkeypatch.setattr("django.utils.timezone.now", lambda: start + timedelta(seconds=60))
    answer = shop.post(ACTIVITIES, item, **KEY)
    assert (answer.status_code, counts(answer)) == (200, (0, 1, 0, 0))


def test_a_call_that_failed_can_be_sent_again_at_once(
    shop: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: Any) -> Any:
        raise OperationalError("disk full")

    item = visit()
    with monkeypatch.context() as patched:
        patched.setattr(ingestion, "stored", broken)
        answer = shop.post(ACTIVITIES, item, **KEY)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["code"] == "unavailable"
    assert not Answer.objects.exists()
    assert shop.post(ACTIVITIES, item, **KEY).status_code == 200


def test_a_malformed_body_does_not_use_the_key_up(shop: Caller) -> None:
    assert shop.post(ACTIVITIES, b"{", **KEY).status_code == 400
    assert shop.post(ACTIVITIES, visit(), **KEY).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "a\tb"])
def test_a_key_is_visible_and_short(key: str, shop: Caller) -> None:
    answer = shop.post(ACTIVITIES, visit(), **{"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")


def test_a_key_is_kept_for_72_hours(shop: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    start = timezone.now()
    item = visit()
    shop.post(ACTIVITIES, item, **KEY)
    kept = Answer.objects.get().created_at

    def at(moment: Any) -> Any:
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
        return shop.post(ACTIVITIES, item, **KEY)

    assert start <= kept
    assert counts(at(kept + timedelta(hours=72, microseconds=-1))) == (1, 0, 0, 0)
    assert counts(at(kept + timedelta(hours=72))) == (0, 1, 0, 0)


def test_what_is_old_is_forgotten(shop: Caller) -> None:
    now = timezone.now()
    shop.post(ACTIVITIES, [visit(), visit("bad", type="")], **KEY)
    forget_what_is_old(now + timedelta(hours=71))
    assert Answer.objects.exists()
    assert forget_what_is_old(now + timedelta(hours=73)) == 1
    assert not Answer.objects.exists()
    assert shop.source.rejected_items.count() == 1
    forget_what_is_old(now + timedelta(days=29))
    assert shop.source.rejected_items.count() == 1
    forget_what_is_old(now + timedelta(days=31))
    assert shop.source.rejected_items.count() == 0
