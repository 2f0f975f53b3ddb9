"""Who is on the list: from the highest score down, who is due, and how many are left."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from contacts.models import Contact, Tag, Task
from scoring.criteria.segments import Segment
from scoring.pipeline.calls.models import CallCapacity, CallRoutine
from scoring.pipeline.calls.plan import Plan, deal, live_track, plan_for
from scoring.pipeline.calls.starting import Start
from tests.engine.scored import go_live, refresh_all, visit
from tests.pipeline.calls.sessions import director, lead, live_with, started

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def planned(*people: User) -> Plan:
    return plan_for(people, live_track(), CallRoutine.objects.current(), timezone.now())


def on_list(user: User) -> list[str]:
    [part] = planned(user).parts
    return [row.first_name for row in part.leads]


def test_it_goes_from_the_highest_score_down(saul: User) -> None:
    lead("low")
    director("middle")
    visit(director("high"), DAY)
    go_live()
    assert on_list(saul) == ["High", "Middle", "Low"]


WHOSE = [("saul", True), ("SAÚL", True), ("", True), ("peter", False)]


@pytest.mark.parametrize(("owner", "is_there"), WHOSE)
def test_it_has_ones_own_leads_and_the_pool(owner: str, is_there: bool, saul: User) -> None:
    director("ana", owner=owner)
    go_live()
    assert on_list(saul) == (["Ana"] if is_there else [])


def test_a_manager_who_sees_everybody_calls_only_what_is_theirs(mona: User) -> None:
    director("ana", owner="saul")
    director("bea", owner="mona")
    go_live()
    assert on_list(mona) == ["Bea"]


LEFT_OUT = [
    {"lifecycle": "customer"},
    {"lifecycle": "lost"},
    {"phone": ""},
    {"tags": ["competitor"]},
]


@pytest.mark.parametrize("fields", LEFT_OUT, ids=str)
def test_who_cannot_be_called_or_sold_to_is_left_out(fields: dict[str, object], saul: User) -> None:
    director("ana", **fields)
    director("bea")
    go_live()
    assert on_list(saul) == ["Bea"]
    assert planned(saul).without_phone == ("phone" in fields)


@pytest.mark.parametrize(("ago", "is_there"), [(6.9, False), (7.1, True)])
def test_whoever_was_called_lately_is_left_out(ago: float, is_there: bool, saul: User) -> None:
    visit(director("ana"), ago * DAY, "", kind="call")
    go_live()
    assert on_list(saul) == (["Ana"] if is_there else [])


PROMISED = [
    (timedelta(hours=1), "call:1:again", False),
    (timedelta(hours=-1), "call:1:again", True),
    # Another task is no call back: the call a day ago counts.
    (timedelta(hours=-1), "crossing:7", False),
]


@pytest.mark.parametrize(("until", "origin", "is_there"), PROMISED)
def test_a_call_back_counts_once_its_time_has_come(
    until: timedelta, origin: str, is_there: bool, saul: User
) -> None:
    ana = director("ana")
    visit(ana, DAY, "", kind="call")
    go_live()
    due = timezone.now() + until
    Task.objects.create(contact=ana, title="Call", due_at=due, assignee=saul, origin=origin)
    assert on_list(saul) == (["Ana"] if is_there else [])


def test_those_below_the_line_and_above_the_capacity_are_left_for_next_time(saul: User) -> None:
    CallRoutine(from_total=20).save()
    CallCapacity.objects.create(user=saul, capacity=2)
    for name in ("ana", "bea", "cid"):
        director(name)
    for name in ("low", "lower"):
        lead(name)
    go_live()
    plan = planned(saul)
    assert (plan.count, plan.below, plan.beyond, plan.left) == (2, 2, 1, 3)


def test_a_call_back_is_on_the_list_however_low_its_lead_is(saul: User) -> None:
    CallRoutine(from_total=20).save()
    low = lead("low")
    go_live()
    due = timezone.now() - DAY
    Task.objects.create(contact=low, title="Call", due_at=due, assignee=saul, origin="call:1:again")
    assert on_list(saul) == ["Low"]


def test_a_segment_is_never_called(saul: User) -> None:
    condition = {"field": "tags", "op": "has_any", "value": ["no calls"]}
    segment = Segment(name="No calls", condition=condition).store(saul)
    CallRoutine(never=segment).save()
    ana = director("ana")
    director("bea")
    go_live()
    ana.set_tags([Tag.objects.create(name="No calls")])
    refresh_all()
    assert on_list(saul) == ["Bea"]
    segment.condition = {"field": "attributes.gone", "op": "is_true"}
    segment.store(saul)
    assert on_list(saul) == []


def test_a_lead_that_is_in_a_session_is_on_no_other_list(saul: User, mona: User) -> None:
    live_with("ana", "bea", owner="")
    CallCapacity.objects.create(user=saul, capacity=1)
    Start([saul], saul).execute()
    assert on_list(mona) == ["Bea"]


def test_without_a_live_model_nobody_is_on_the_list(saul: User) -> None:
    director("ana")
    assert on_list(saul) == []


def test_a_list_takes_few_questions(
    saul: User, mona: User, django_assert_max_num_queries: object
) -> None:
    live_with(*(f"n{number}" for number in range(30)))
    routine, track, now = CallRoutine.objects.current(), live_track(), timezone.now()
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert plan_for([saul, mona], track, routine, now).count == 20


def test_a_team_shares_out_the_pool_and_everybody_keeps_their_own(saul: User, mona: User) -> None:
    visit(director("own", owner="saul"), DAY)
    for name in ("p1", "p2", "p3"):
        director(name)
    go_live()
    parts = {
        part.user: [row.first_name for row in part.leads] for part in planned(saul, mona).parts
    }
    assert parts == {saul: ["Own", "P2"], mona: ["P1", "P3"]}


people = st.dictionaries(st.sampled_from("abc"), st.integers(0, 4), min_size=1)
owners = st.lists(st.sampled_from(["", "a", "b", "c"]), max_size=20)


@pytest.mark.once
@given(people, owners)
def test_dealing_gives_each_lead_once_and_nobody_more_than_there_is_room_for(
    rooms: dict[str, int], owned: list[str]
) -> None:
    leads = list(enumerate(owned))
    dealt = deal(leads, rooms)
    given_out = [pk for got in dealt.values() for pk in got]
    assert len(given_out) == len(set(given_out))
    assert all(len(dealt[name]) <= room for name, room in rooms.items())
    assert all(owned[pk] in ("", name) for name, got in dealt.items() for pk in got)
    assert all(got == sorted(got) for got in dealt.values())
    # Nobody has room left while a lead that they could have is not given out.
    left = [owner for pk, owner in leads if pk not in given_out]
    free = {name for name, room in rooms.items() if len(dealt[name]) < room}
    assert not any(owner in free or (owner == "" and free) for owner in left)


def test_a_contact_that_is_deleted_leaves_its_session(saul: User) -> None:
    session = started(saul)
    Contact.objects.get(email_key="ana@x.example").delete()
    assert session.entries.count() == 3
