"""Clocks that are wrong: both sides of every limit."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contacts.models import Activity
from contacts.values import Wrong
from scoring.api.clock import Instant, corrected
from tests.api.calls import ACTIVITIES, Caller, states, visit

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
FIVE = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("given", "sent_at", "wanted"),
    [
        (NOON - HOUR, None, Instant(NOON - HOUR)),
        (NOON, None, Instant(NOON)),
        (NOON + MICROSECOND, None, Instant(NOON, "clamped")),
        (NOON + 23 * HOUR, None, Instant(NOON, "clamped")),
        (NOON + 24 * HOUR, None, Instant(NOON, "clamped")),
        (NOON - 10 * 365 * 24 * HOUR, None, Instant(NOON - 10 * 365 * 24 * HOUR)),
        (datetime(2000, 1, 1, tzinfo=UTC), None, Instant(datetime(2000, 1, 1, tzinfo=UTC))),
        # Less than five minutes of difference is the way that the call took.
        (NOON - HOUR, NOON + FIVE - MICROSECOND, Instant(NOON - HOUR)),
        (NOON - HOUR, NOON - FIVE + MICROSECOND, Instant(NOON - HOUR)),
        (NOON - HOUR, NOON + FIVE, Instant(NOON - HOUR - FIVE, "skew_corrected")),
        (NOON - HOUR, NOON - FIVE, Instant(NOON - HOUR + FIVE, "skew_corrected")),
        # A clock that is two days ahead, or a year behind.
        (NOON + 47 * HOUR, NOON + 48 * HOUR, Instant(NOON - HOUR, "skew_corrected")),
        (NOON - 8761 * HOUR, NOON - 8760 * HOUR, Instant(NOON - HOUR, "skew_corrected")),
        # What is still ahead afterwards happened when it was received.
        (NOON + 50 * HOUR, NOON + 48 * HOUR, Instant(NOON, "clamped")),
    ],
)
def test_an_instant_is_put_right(
    given: datetime, sent_at: datetime | None, wanted: Instant
) -> None:
    assert corrected(given, sent_at, NOON) == wanted


@pytest.mark.parametrize(
    ("given", "sent_at", "code"),
    [
        (NOON + 24 * HOUR + MICROSECOND, None, "future_timestamp"),
        (NOON + 25 * HOUR, None, "future_timestamp"),
        (NOON + 73 * HOUR, NOON + 48 * HOUR, "future_timestamp"),
        (datetime(2000, 1, 1, tzinfo=UTC) - MICROSECOND, None, "past_timestamp"),
        (datetime(9999, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC), "invalid_timestamp"),
        (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC), "invalid_timestamp"),
    ],
)
def test_an_instant_that_cannot_be_is_refused(
    given: datetime, sent_at: datetime | None, code: str
) -> None:
    with pytest.raises(Wrong) as raised:
        corrected(given, sent_at, NOON)
    assert raised.value.code == code


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)


@pytest.mark.django_db
class TestSent:
    @pytest.mark.parametrize(
        ("fields", "note", "stored"),
        [
            ({"occurred_at": "2026-04-01T11:00:00Z"}, "clamped", NOON),
            ({"occurred_at": "2026-03-31T10:00:00Z", "sent_at": "2026-03-31T11:00:00Z"},
             "skew_corrected", NOON - HOUR),
        ],
    )  # fmt: skip
    def test_a_resend_of_what_was_put_right_is_a_duplicate(
        self,
        fields: dict[str, Any],
        note: str,
        stored: datetime,
        shop: Caller,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)
        item = visit(**fields)
        [result] = shop.post(ACTIVITIES, item).json()["results"]
        assert (result["status"], result["code"], result["field"]) == (
            "created",
            note,
            "occurred_at",
        )
        activity = Activity.objects.get()
        assert activity.occurred_at == stored
        assert activity.given_at == datetime.fromisoformat(fields["occurred_at"])
        # Later, and with the sender's clock of then.
        monkeypatch.setattr("django.utils.timezone.now", lambda: NOON + 3 * HOUR)
        if "sent_at" in fields:
            item["sent_at"] = "2026-03-31T14:00:00Z"
        assert states(shop.post(ACTIVITIES, item)) == ["duplicate"]
        other = item | {"occurred_at": "2026-03-31T09:59:59Z"}
        assert states(shop.post(ACTIVITIES, other)) == ["conflict"]

    def test_a13_too_far_ahead_is_refused(self, shop: Caller, noon: None) -> None:
        answer = shop.post(ACTIVITIES, visit(occurred_at="2026-04-01T13:00:00Z"))
        assert answer.status_code == 422
        assert answer.json()["results"][0]["code"] == "future_timestamp"

    @pytest.mark.parametrize("sent_at", ["yesterday", "2026-03-31T10:00:00", 5])
    def test_when_it_was_sent_is_an_instant_too(self, sent_at: object, shop: Caller) -> None:
        answer = shop.post(ACTIVITIES, visit(sent_at=sent_at))
        [result] = answer.json()["results"]
        assert (result["code"], result["field"]) == ("invalid_timestamp", "sent_at")

    def test_an_unneeded_correction_is_not_kept(self, shop: Caller, noon: None) -> None:
        item = visit(occurred_at="2026-03-31T10:00:00Z", sent_at="2026-03-31T12:00:01Z")
        assert shop.post(ACTIVITIES, item).json()["results"][0].get("code") is None
        assert Activity.objects.get().given_at is None
