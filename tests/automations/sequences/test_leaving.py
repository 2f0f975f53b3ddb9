"""Who leaves a sequence, when, and what is then not sent any more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Contact, Tag
from contacts.records import ActivityRecord
from contacts.storing import store_activities
from scoring.automations.outbox.messages import Message
from scoring.automations.sequences.enrolling import CannotEnrol, enrol
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.follow import Leavers
from scoring.automations.sequences.leaving import take_out
from scoring.automations.sequences.models import Sequence
from scoring.automations.sequences.stepping import do_due
from scoring.engine.followers import FOLLOWERS, followed, followers_of
from scoring.engine.models import Track
from tests.automations.sequences.making import (
    MONDAY,
    STEPS,
    fresh,
    lea,
    put_in,
    run_until,
    sent,
    sequence,
)
from tests.automations.set_up import go_live, person, refresh_all, visit

pytestmark = pytest.mark.django_db

GOAL = [{"activity": {"type": "purchase"}}]
MODEL_OF_SPAIN: dict[str, Any] = {
    "format": 1,
    "name": "Spain",
    "audience": {"field": "country", "op": "equals", "value": "ES"},
    "groups": [
        {
            "name": "What",
            "dimension": "interest",
            "rules": [
                {"name": "Visits", "points": 40, "activity": {"type": "page_view"}},
                {
                    "name": "Rival",
                    "exclude": True,
                    "when": {"field": "tags", "op": "has_any", "value": ["rival"]},
                },
            ],
        }
    ],
    "bands": [{"name": "cold"}, {"name": "warm", "from": 30}],
}


def act(who: Contact, kind: str, after: timedelta = timedelta(seconds=1), **more: Any) -> None:
    at = timezone.now() + after
    store_activities([ActivityRecord(contact=who.email, type=kind, occurred_at=at, **more)])


def changed(who: Contact, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(who, name, value)
    who.save()


def tagged(who: Contact) -> None:
    who.set_tags([Tag.objects.create(name="rival")])


REASONS: list[tuple[str, Callable[[Contact], None]]] = [
    ("reply", lambda who: act(who, "email_reply")),
    ("meeting", lambda who: act(who, "meeting_booked")),
    ("unsubscribed", lambda who: act(who, "unsubscribe")),
    ("unsubscribed", lambda who: changed(who, unsubscribed=True)),
    ("bounced", lambda who: changed(who, bounced=True)),
    ("goal", lambda who: act(who, "purchase", timedelta(0))),
    ("band", lambda who: act(who, "page_view", timedelta(0))),
    ("excluded", tagged),
    ("audience", lambda who: changed(who, country="FR")),
]
by_reason = pytest.mark.parametrize(
    ("reason", "happen"),
    REASONS,
    ids=[f"{place} {name}" for place, (name, _) in enumerate(REASONS)],
)


def enrolled() -> tuple[Contact, Enrolment]:
    """In Spain's model, cold; with the first e-mail waiting in the outbox."""
    go_live(MODEL_OF_SPAIN)
    who = person("lea", country="ES")
    refresh_all()
    one = sequence(goal=GOAL, leave_on_band_change=True)
    enrolment, _new = enrol(one, who)
    assert enrolment.band_at_start == "cold"
    assert enrolment.next_at is not None
    do_due(enrolment.next_at)
    assert Message.objects.get().state == "pending"
    return who, enrolment


@by_reason
def test_a_contact_leaves_with_the_next_refresh(
    reason: str, happen: Callable[[Contact], None]
) -> None:
    who, enrolment = enrolled()
    refresh_all()
    assert fresh(enrolment).state == "active"
    happen(who)
    refresh_all()
    left = fresh(enrolment)
    assert (left.state, left.reason) == ("left", reason)
    assert left.ended_at is not None and left.next_at is None
    assert Message.objects.get().state == "cancelled"


@by_reason
def test_and_at_the_latest_before_the_next_step(
    reason: str, happen: Callable[[Contact], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Leavers, "follow", lambda self, refreshed: None)
    who, enrolment = enrolled()
    happen(who)
    refresh_all()
    assert fresh(enrolment).state == "active"
    do_due(MONDAY)
    left = fresh(enrolment)
    assert (left.state, left.reason) == ("left", reason)
    assert sent() == ["Hello there"]


STAYS: list[Callable[[Contact], None]] = [
    lambda who: act(who, "email_open"),
    lambda who: act(who, "email_reply", automated=True),
    lambda who: act(who, "email_reply", -timedelta(hours=1)),
    lambda who: act(who, "meeting_booked", -timedelta(days=1)),
    lambda who: changed(who, city="Vigo"),
]


@pytest.mark.parametrize("happen", STAYS)
def test_what_came_before_or_means_nothing_lets_a_contact_stay(
    happen: Callable[[Contact], None],
) -> None:
    who, enrolment = enrolled()
    happen(who)
    refresh_all()
    assert fresh(enrolment).state == "active"


def test_the_band_counts_only_where_that_is_asked() -> None:
    who, enrolment = enrolled()
    Sequence.objects.update(leave_on_band_change=False)
    act(who, "page_view", timedelta(0))
    refresh_all()
    assert fresh(enrolment).state == "active"


def test_without_a_model_a_contact_leaves_before_the_next_step() -> None:
    who = lea()
    enrolment = put_in(who, sequence(goal=GOAL))
    assert enrolment.track is None
    changed(who, bounced=True)
    do_due(MONDAY + timedelta(days=1))
    assert fresh(enrolment).reason == "bounced"
    assert sent() == []


def test_one_is_asked_for_only_while_somebody_is_enrolled() -> None:
    go_live(MODEL_OF_SPAIN)
    who = person("lea", country="ES")
    refresh_all()
    assert not follows()
    enrol(sequence(), who)
    assert follows()
    take_out(who, Enrolment.Reason.PERSON)
    assert not follows()


def follows() -> bool:
    return FOLLOWERS["sequences"] in followers_of(followed(Track.objects.all()).get())


def test_a_refresh_asks_as_often_for_one_as_for_many(django_assert_max_num_queries: Any) -> None:
    go_live(MODEL_OF_SPAIN)
    people = [person(f"p{number}", country="ES") for number in range(12)]
    refresh_all()
    one = sequence(goal=GOAL, leave_on_band_change=True)
    for who in people:
        enrol(one, who)
    from_engine = 45
    for who in people:
        visit(who, timedelta(hours=1), "/about", "download")
    with django_assert_max_num_queries(from_engine):
        refresh_all()


def test_a_goal_whose_field_is_gone_is_no_reason() -> None:
    who, enrolment = enrolled()
    Sequence.objects.update(goal=[{"when": {"field": "seats", "op": "is_set"}}])
    act(who, "purchase", timedelta(0))
    refresh_all()
    assert fresh(enrolment).state == "active"


def test_leaving_one_sequence_leaves_the_others_alone() -> None:
    who = lea()
    one, other = sequence(), sequence("Other", STEPS[:2])
    put_in(who, one)
    put_in(who, other)
    run_until(MONDAY + timedelta(hours=1))
    assert take_out(who, Enrolment.Reason.PERSON, one) == 1
    assert Message.objects.get(target__startswith="sequence/welcome/").state == "cancelled"
    assert Message.objects.get(target__startswith="sequence/other/").state == "pending"
    assert take_out(who, Enrolment.Reason.PERSON) == 1
    assert take_out(who, Enrolment.Reason.PERSON) == 0


def test_what_was_sent_stays_sent() -> None:
    who, _enrolment = enrolled()
    Message.objects.update(state=Message.State.SENT)
    changed(who, unsubscribed=True)
    refresh_all()
    assert Message.objects.get().state == "sent"


def test_the_excluded_do_not_get_in() -> None:
    go_live(MODEL_OF_SPAIN)
    who = person("lea", country="ES")
    tagged(who)
    refresh_all()
    assert Track.objects.exists()
    with pytest.raises(CannotEnrol, match="excluded"):
        enrol(sequence(), who)
