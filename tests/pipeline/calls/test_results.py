"""What a result writes, once, and how it is taken back; two at once, and what is gone meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from contacts.models import Activity, Contact, Note, Pending, Task
from scoring.pipeline.calls.models import CallEntry, CallSession
from scoring.pipeline.calls.results import UNDO
from scoring.pipeline.feedback.handing import Handing
from scoring.pipeline.feedback.models import Alarm, Handover
from scoring.pipeline.leads.contacting import NoteContact
from scoring.pipeline.leads.emailing import Letter, SendLetter
from tests.engine.scored import refresh_all
from tests.pipeline.calls.sessions import (
    address,
    do,
    entry_of,
    lead,
    logged_in,
    names,
    started,
)

pytestmark = pytest.mark.django_db

RESULTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("reached", {}, {"call": {"result": "reached", "answered": True}}),
    (
        "reached",
        {"minutes": "7", "step": "Send the offer", "step_when": "tomorrow"},
        {
            "call": {"result": "reached", "answered": True, "minutes": 7},
            "tasks": ["Send the offer"],
        },
    ),
    (
        "voicemail",
        {},
        {"call": {"result": "voicemail", "answered": False}, "tasks": ["Call Ana again"]},
    ),
    (
        "meeting_booked",
        {},
        {"call": {"result": "meeting_booked", "answered": True}, "meetings": 1},
    ),
    ("not_interested", {}, {"call": {"result": "not_interested", "answered": True}}),
    ("wrong_person", {}, {"call": {"result": "wrong_person", "answered": True}}),
    (
        "later:monday",
        {},
        {"call": {"result": "later", "answered": True}, "tasks": ["Call Ana again"]},
    ),
]


@pytest.mark.parametrize(("result", "data", "expected"), RESULTS)
def test_a_result_writes_all_that_follows_and_moves_on(
    result: str, data: dict[str, Any], expected: dict[str, Any], saul: User
) -> None:
    session = started(saul)
    ana = entry_of(session, "ana")
    answer = do(logged_in(saul), ana, "result", result=result, note="<b>Nice</b>", **data)
    assert answer.headers["Location"] == address("_next", session.pk)
    call = Activity.objects.get(contact=ana.contact, type__slug="call")
    assert call.properties == expected["call"]
    meetings = Activity.objects.filter(contact=ana.contact, type__slug="meeting_booked")
    assert meetings.count() == expected.get("meetings", 0)
    tasks = Task.objects.filter(contact=ana.contact)
    assert [task.title for task in tasks] == expected.get("tasks", [])
    assert all(
        task.assignee == saul and task.due_at and task.due_at > timezone.now() for task in tasks
    )
    assert Note.objects.get(contact=ana.contact).text == "<b>Nice</b>"
    ana.refresh_from_db()
    assert (ana.state, ana.result, ana.holds) == ("done", result.split(":")[0], False)


def test_a_result_is_written_once_however_often_it_is_sent(saul: User) -> None:
    ana = entry_of(started(saul), "ana")
    client = logged_in(saul)
    for result in ("reached", "reached", "wrong_person"):
        answer = do(client, ana, "result", result=result)
        assert answer.status_code == 302
    assert Activity.objects.filter(type__slug="call").count() == 1
    said = client.get(address("_session", ana.session_id)).content.decode()
    assert "This call was written down already at" in said
    ana.refresh_from_db()
    assert ana.result == "reached"


WRONG: list[dict[str, Any]] = [
    {"result": ""},
    {"result": "sold"},
    {"result": "later:someday"},
    {"result": "later:own", "again_at": ""},
    {"result": "later:own", "again_at": "tomorrow"},
    {"result": "later:own", "again_at": "2020-01-01T10:00"},
    {"result": "later:own", "again_at": "9999-12-31T10:00"},
    {"result": "later:own", "again_at": "0001-01-01T00:00"},
    {"result": "reached", "minutes": "-1"},
    {"result": "reached", "minutes": "a lot"},
    {"result": "reached", "note": "a\0b"},
    {"result": "reached", "step": "x" * 201},
    {"result": "reached", "step": "Offer", "step_when": "never"},
    {"result": "reached", "step": "Offer", "step_when": "own", "step_at": "soon"},
]


@pytest.mark.once
@pytest.mark.parametrize("data", WRONG, ids=str)
def test_wrong_input_is_told_and_writes_nothing(data: dict[str, Any], saul: User) -> None:
    ana = entry_of(started(saul), "ana")
    answer = do(logged_in(saul), ana, "result", **data)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert not Activity.objects.filter(type__slug="call").exists()
    assert not Task.objects.exists()


def test_the_score_follows_at_once_and_sales_have_responded(saul: User) -> None:
    session = started(saul)
    ana = entry_of(session, "ana")
    model = session.model
    Handover.objects.create(
        contact=ana.contact, model=model, band="hot", handed_at=timezone.now() - timedelta(hours=1)
    )
    do(logged_in(saul), ana, "result", result="reached")
    assert Handover.objects.get().responded_at is not None
    assert not Pending.objects.filter(contact=ana.contact).exists()


def test_the_call_back_that_was_promised_is_done_by_the_call(saul: User) -> None:
    low = lead("low")
    due = timezone.now() - timedelta(hours=1)
    task = Task.objects.create(
        contact=low, title="Call", due_at=due, assignee=saul, origin="call:0:again"
    )
    entry = entry_of(started(saul, "ana"), "low")
    assert entry.promised_at == due
    do(logged_in(saul), entry, "result", result="voicemail")
    task.refresh_from_db()
    assert (task.state, task.result, task.done_by) == ("done", "voicemail", saul)


def test_undoing_takes_away_what_a_result_made(saul: User) -> None:
    session = started(saul)
    ana = entry_of(session, "ana")
    client = logged_in(saul)
    do(client, ana, "result", result="meeting_booked", note="Tuesday", step="Prepare")
    answer = do(client, ana, "undo")
    assert answer.headers["Location"] == address("_lead", session.pk, ana.pk)
    assert not Activity.objects.exists()
    assert not Task.objects.exists()
    assert not Note.objects.exists()
    ana.refresh_from_db()
    assert (ana.state, ana.result, ana.holds, ana.called_at) == ("waiting", "", True, None)
    # And once more, as if nothing had been.
    do(client, ana, "result", result="reached")
    assert Activity.objects.count() == 1


def hand_over(entry: CallEntry) -> Handover:
    at = timezone.now() - timedelta(minutes=5)
    return Handing(entry.contact, entry.session.model, "hot", 80, at, "x:1:0").do()[0]


def call_of_a_colleague(entry: CallEntry, mona: User) -> None:
    contact = Contact.objects.get(pk=entry.contact_id)
    NoteContact(contact, mona, "call", timezone.now(), "t1").execute()


def meeting_written_down(entry: CallEntry, mona: User) -> None:
    contact = Contact.objects.get(pk=entry.contact_id)
    NoteContact(contact, mona, "meeting", timezone.now(), "t2").execute()


def letter_of_a_colleague(entry: CallEntry, mona: User) -> None:
    contact = Contact.objects.get(pk=entry.contact_id)
    SendLetter(Letter(contact, mona, "Hello", "You called.", "t3")).execute()


def nobody_else(entry: CallEntry, mona: User) -> None:
    pass


@pytest.mark.parametrize(
    "somebody_else",
    [nobody_else, call_of_a_colleague, meeting_written_down, letter_of_a_colleague],
)
def test_undoing_the_first_attempt_has_the_next_one_be_it_or_the_clock_run_again(
    somebody_else: Callable[[CallEntry, User], None], saul: User, mona: User
) -> None:
    ana = entry_of(started(saul), "ana")
    handover, client = hand_over(ana), logged_in(saul)
    reminders = set(Alarm.objects.values_list("kind", "due_at"))
    assert {kind for kind, _due in reminders} >= {"response_near", "response_past"}
    do(client, ana, "result", result="voicemail")
    handover.refresh_from_db()
    called_at = handover.responded_at
    assert called_at is not None
    somebody_else(ana, mona)
    do(client, ana, "undo")
    handover.refresh_from_db()
    if somebody_else is nobody_else:
        assert (handover.responded_at, handover.response_seconds) == (None, None)
        assert set(Alarm.objects.values_list("kind", "due_at")) == reminders
    else:
        assert handover.responded_at is not None
        assert handover.responded_at > called_at
        assert handover.response_seconds is not None
        assert not Alarm.objects.filter(kind__startswith="response").exists()


def test_undoing_a_later_attempt_leaves_the_first_one(saul: User) -> None:
    ana = entry_of(started(saul), "ana")
    handover, client = hand_over(ana), logged_in(saul)
    before = handover.handed_at + timedelta(minutes=1)
    Handover.objects.respond([ana.contact_id], before)
    do(client, ana, "result", result="voicemail")
    do(client, ana, "undo")
    handover.refresh_from_db()
    assert handover.responded_at == before


def test_undoing_the_last_call_opens_its_session_again(saul: User) -> None:
    session = started(saul, "ana")
    ana = entry_of(session, "ana")
    client = logged_in(saul)
    do(client, ana, "result", result="reached")
    session.refresh_from_db()
    assert session.ended_at is not None
    do(client, ana, "undo")
    session.refresh_from_db()
    assert session.ended_at is None


def test_only_the_last_result_is_undone_and_only_for_a_while(saul: User) -> None:
    session = started(saul)
    ana, bea = entry_of(session, "ana"), entry_of(session, "bea")
    client = logged_in(saul)
    do(client, ana, "result", result="reached")
    do(client, bea, "result", result="reached")
    do(client, ana, "undo")
    assert Activity.objects.count() == 2
    CallEntry.objects.filter(pk=bea.pk).update(called_at=timezone.now() - UNDO - timedelta(1))
    CallEntry.objects.filter(pk=ana.pk).update(called_at=timezone.now() - timedelta(9))
    do(client, bea, "undo")
    assert Activity.objects.count() == 2


def test_a_lead_that_another_session_has_by_now_is_not_taken_back(saul: User, mona: User) -> None:
    session = started(saul, owner="")
    ana = entry_of(session, "ana")
    client = logged_in(saul)
    do(client, ana, "result", result="reached")
    other = CallSession.objects.create(user=mona, model=session.model, cadence="daily", capacity=1)
    CallEntry.objects.create(session=other, contact=ana.contact, position=1, total=1, band="hot")
    answer = do(client, ana, "undo")
    assert answer.status_code == 302
    said = client.get(address("_session", session.pk)).content.decode()
    assert "is in the session of mona" in said
    assert Activity.objects.count() == 1


def test_a_lead_that_was_given_away_meanwhile_is_told_and_taken_off(saul: User) -> None:
    session = started(saul)
    ana, bea = entry_of(session, "ana"), entry_of(session, "bea")
    Contact.objects.filter(pk=ana.contact_id).update(owner="peter")
    client = logged_in(saul)
    assert client.get(address("_lead", session.pk, ana.pk)).status_code == 302
    answer = do(client, ana, "result", result="reached")
    assert answer.headers["Location"] == address("_next", session.pk)
    assert not Activity.objects.exists()
    ana.refresh_from_db()
    assert ana.state == "dropped"
    next_one = client.get(address("_next", session.pk)).headers["Location"]
    assert next_one == address("_lead", session.pk, bea.pk)


def test_a_lead_that_was_removed_meanwhile_is_told(saul: User) -> None:
    session = started(saul)
    ana = entry_of(session, "ana")
    Contact.objects.get(pk=ana.contact_id).delete()
    client = logged_in(saul)
    answer = do(client, ana, "result", result="reached")
    assert answer.headers["Location"] == address("_next", session.pk)
    page = client.get(answer.headers["Location"], follow=True).content.decode()
    assert "was removed meanwhile" in page


def test_the_session_that_was_ended_meanwhile_takes_no_result(saul: User, mona: User) -> None:
    session = started(saul)
    ana = entry_of(session, "ana")
    logged_in(mona).post(address("_deed", session.pk, "end"))
    do(logged_in(saul), ana, "result", result="reached")
    assert not Activity.objects.exists()


def test_putting_off_brings_a_lead_to_the_end(saul: User) -> None:
    session = started(saul)
    assert names(session) == ["ana", "bea", "cid", "dora"]
    do(logged_in(saul), entry_of(session, "ana"), "skip")
    assert names(session) == ["bea", "cid", "dora", "ana"]
    do(logged_in(saul), entry_of(session, "bea"), "skip")
    assert names(session) == ["cid", "dora", "ana", "bea"]


def test_a_pool_lead_is_claimed_from_call_mode(saul: User) -> None:
    session = started(saul, owner="")
    ana = entry_of(session, "ana")
    do(logged_in(saul), ana, "claim")
    assert Contact.objects.get(pk=ana.contact_id).owner == "saul"
    refresh_all()
