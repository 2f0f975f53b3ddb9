"""The sweep marks whom time reaches at the instant at which it does, and nobody else."""

from datetime import datetime
from typing import Any

import pytest

from contacts.models import Contact, Pending
from scoring.engine.models import Cause, ScoreChange, Track
from scoring.engine.retries import refresh_pending
from scoring.engine.sweep import due, sweep, sweep_track
from tests.engine.reference import MICROSECOND, instant
from tests.engine.stored import Data, act, live, model, person, store, totals

pytestmark = pytest.mark.django_db

VIEWED: dict[str, Any] = {"points": 10, "activity": {"type": "page_view"}}
START = instant("2026-01-31T12:00:00Z")
# What a rule says; what ana has or did; and the instants at which that alone changes her score.
REACHED: list[tuple[str, Data, Data, list[str]]] = [
    ("future activity", VIEWED, {"at": "2026-02-10T00:00:00Z"}, ["2026-02-10T00:00:00Z"]),
    (
        "expiry",
        VIEWED | {"expires": "1 month"},
        {"at": "2026-01-31T12:00:00Z"},
        # There is no 31 February: the whole of it has cut-offs before the 31st at noon.
        ["2026-03-01T00:00:00Z"],
    ),
    (
        "decay",
        VIEWED | {"decay": {"percent": 50, "every": "1 week"}},
        {"at": "2026-01-31T00:00:00Z"},
        ["2026-02-07T00:00:00Z", "2026-02-14T00:00:00Z"],
    ),
    (
        "decay of the newest",
        VIEWED | {"count": "once", "decay": {"percent": 100, "every": "2 months"}},
        {"at": "2026-01-30T00:00:00Z"},
        ["2026-03-30T00:00:00Z"],
    ),
    (
        "absence of what was done",
        {"points": 10, "absent": {"type": "page_view"}, "for": "30 days"},
        {"at": "2026-01-30T08:00:00Z", "created_at": "2025-01-01T00:00:00Z"},
        ["2026-03-01T08:00:00Z"],
    ),
    (
        "absence of a new contact",
        {"points": 10, "absent": {"type": "page_view"}, "for": "30 days"},
        {"created_at": "2026-01-30T08:00:00Z"},
        ["2026-03-01T08:00:00Z"],
    ),
    (
        "within_last of an instant",
        {"points": 10, "when": {"field": "created_at", "op": "within_last", "value": "1 day"}},
        {"created_at": "2026-02-01T00:00:00.000001Z"},
        ["2026-02-01T00:00:00.000001Z", "2026-02-02T00:00:00.000001Z"],
    ),
    (
        "older_than of an instant",
        {"points": 10, "when": {"field": "created_at", "op": "older_than", "value": "1 year"}},
        {"created_at": "2025-02-28T00:00:00Z"},
        ["2026-02-28T00:00:00Z"],
    ),
    (
        "within_last of a date",
        {
            "points": 10,
            "when": {"field": "attributes.renewal", "op": "within_last", "value": "7 days"},
        },
        {"attributes": {"renewal": "2026-02-01"}},
        ["2026-02-01T00:00:00Z", "2026-02-08T00:00:00Z"],
    ),
    (
        "older_than of a date",
        {
            "points": 10,
            "when": {"field": "attributes.renewal", "op": "older_than", "value": "1 month"},
        },
        {"attributes": {"renewal": "2026-01-31"}},
        ["2026-03-01T00:00:00Z"],
    ),
]


def begin(rule: Data, ana: Data) -> Track:
    """Ana as the table says, and bea of whom nothing is known."""
    fields = {key: value for key, value in ana.items() if key != "at"}
    acts = [act("ana", ana["at"])] if "at" in ana else []
    store([person("ana", **fields), person("bea")], acts)
    track = live(model(rule), START)
    Pending.objects.all().delete()
    return track


def marked() -> list[str]:
    ids = Pending.objects.values_list("contact_id", flat=True)
    emails = Contact.objects.filter(pk__in=ids).order_by("pk").values_list("email_key", flat=True)
    return [email.partition("@")[0] for email in emails]


def swept(until: datetime) -> list[str]:
    """Whom a sweep marks; they are refreshed then."""
    sweep(until)
    found = marked()
    refresh_pending(until)
    return found


@pytest.mark.parametrize(
    ("rule", "ana", "reached"), [case[1:] for case in REACHED], ids=[case[0] for case in REACHED]
)
def test_it_marks_exactly_when_the_score_changes(rule: Data, ana: Data, reached: list[str]) -> None:
    begin(rule, ana)
    for moment in map(instant, reached):
        before = totals()
        assert swept(moment - MICROSECOND) == []
        assert totals() == before
        assert swept(moment) == ["ana"]
        assert totals()["ana"] != before["ana"]
        assert swept(moment + MICROSECOND) == []
    assert swept(instant("2031-01-01T00:00:00Z")) == []


def test_it_notes_that_time_was_the_cause() -> None:
    begin(VIEWED | {"expires": "1 day"}, {"at": "2026-01-31T12:00:00Z"})
    swept(instant("2026-03-01T00:00:00Z"))
    change = ScoreChange.objects.latest("revision")
    assert (change.total_before, change.total) == (10, 0)
    assert change.cause == Cause.TIME
    assert change.as_of == instant("2026-03-01T00:00:00Z")


def test_it_does_nothing_back_in_time() -> None:
    track = begin(VIEWED | {"expires": "1 day"}, {"at": "2026-01-31T12:00:00Z"})
    sweep(instant("2026-03-01T00:00:00Z"))
    Pending.objects.all().delete()
    for earlier in ("2026-03-01T00:00:00Z", "2026-01-01T00:00:00Z"):
        assert sweep_track(track.pk, instant(earlier)) == 0
    track.refresh_from_db()
    assert track.swept_at == instant("2026-03-01T00:00:00Z")


def test_it_leaves_out_what_bots_did_and_types_that_no_rule_names() -> None:
    track = begin(VIEWED, {})
    soon = "2026-02-01T00:00:00Z"
    store([], [act("ana", soon, automated=True), act("bea", soon, type="call")])
    found = due(track.version.document_value, START, instant("2026-02-02T00:00:00Z"))
    assert found == set()


def test_it_marks_whom_the_audience_takes_in_or_lets_go() -> None:
    audience = {"field": "created_at", "op": "within_last", "value": "1 day"}
    store([person("ana", created_at="2026-02-01T00:00:00Z")])
    live(model(VIEWED, audience=audience), START)
    Pending.objects.all().delete()
    assert totals() == {}
    assert swept(instant("2026-02-01T00:00:00Z")) == ["ana"]
    assert totals() == {"ana": 0}
    assert swept(instant("2026-02-02T00:00:00Z")) == ["ana"]
    assert totals() == {}
    history = ScoreChange.objects.order_by("revision").values_list("total_before", "total")
    assert list(history) == [(None, 0), (0, None)]


def test_it_looks_through_many_steps_at_once() -> None:
    rules = [
        {
            "points": 1000,
            "activity": {"type": "page_view"},
            "decay": {"percent": 1, "every": f"{days} days"},
        }
        for days in range(1, 31)
    ]
    store([person("ana"), person("bea")], [act("ana", "2026-01-31T00:00:00Z")])
    live(model(*rules), START)
    Pending.objects.all().delete()
    assert swept(instant("2026-03-01T00:00:00Z")) == ["ana"]


def test_it_sweeps_every_track_from_where_that_was() -> None:
    store([person("ana")], [act("ana", "2026-02-01T00:00:00Z"), act("ana", "2026-02-03T00:00:00Z")])
    live(model(VIEWED), START)
    live(model(VIEWED, name="Other"), instant("2026-02-02T00:00:00Z"))
    Pending.objects.all().delete()
    assert sweep(instant("2026-02-02T00:00:00Z")) == 1
    assert sweep(instant("2026-02-03T00:00:00Z")) == 2


def test_a_window_that_reaches_before_the_calendar_passes_nobody() -> None:
    track = begin(VIEWED | {"expires": "9999 years"}, {"at": "0001-01-01T00:00:00Z"})
    assert due(track.version.document_value, START, instant("9999-12-31T00:00:00Z")) == set()


def test_a_window_whose_cut_off_enters_the_calendar_passes_its_first_instant() -> None:
    rule = VIEWED | {"expires": "2025 years"}
    track = begin(rule, {"at": "0001-01-31T12:00:00Z"})
    until = instant("2026-01-31T12:00:00Z")
    document = track.version.document_value
    early = instant("2025-12-31T23:59:59Z")
    assert len(due(document, early, until)) == 1
    assert due(document, early, until - MICROSECOND) == set()
