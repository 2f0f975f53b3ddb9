"""A lead that marketing handed over is answered in the same step as its call is written."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from contacts.models import Activity
from scoring.pipeline.calls.models import CallEntry
from scoring.pipeline.feedback.answering import Answer, Said
from scoring.pipeline.feedback.models import Handover, RejectionReason, VerdictKind
from tests.pipeline.calls.sessions import address, do, entry_of, logged_in, started

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(saul: User) -> CallEntry:
    entry = entry_of(started(saul), "ana")
    now = timezone.now()
    Handover.objects.create(
        contact=entry.contact,
        model=entry.session.model,
        band="hot",
        handed_at=now - timedelta(hours=2),
        respond_by=now + timedelta(hours=1),
    )
    return entry


def no_budget() -> RejectionReason:
    return RejectionReason.objects.get(slug="no_budget")


def answer(user: User, entry: CallEntry, **data: Any) -> Any:
    reason = no_budget().pk if data.get("verdict") == "rejected" else ""
    given = {"result": "not_interested", "reason": reason, "verdict_text": "Too dear", **data}
    return do(logged_in(user), entry, "result", **given)


def test_the_page_tells_the_deadline_and_asks_for_the_answer(ana: CallEntry, saul: User) -> None:
    page = logged_in(saul).get(address("_lead", ana.session_id, ana.pk)).content.decode()
    assert "The first attempt is due by" in page
    assert "Marketing waits for your answer" in page
    assert "No budget" in page


@pytest.mark.parametrize("verdict", ["accepted", "rejected"])
def test_an_answer_is_given_with_the_result(verdict: str, ana: CallEntry, saul: User) -> None:
    assert answer(saul, ana, verdict=verdict).status_code == 302
    handover = Handover.objects.get()
    assert (handover.verdict, handover.answered_by, handover.text) == (verdict, saul, "Too dear")
    assert (handover.reason == no_budget()) == (verdict == "rejected")
    assert handover.responded_at is not None
    slugs = Activity.objects.filter(contact=ana.contact).values_list("type__slug", flat=True)
    assert sorted(slugs) == ["call", f"lead_{verdict}"]


def test_a_rejection_needs_a_reason_and_nothing_is_written_without(
    ana: CallEntry, saul: User
) -> None:
    page = answer(saul, ana, verdict="rejected", reason="")
    assert "Choose a reason" in page.content.decode()
    assert 'data-sent-result="not_interested"' in page.content.decode()
    assert not Activity.objects.exists()
    assert Handover.objects.get().is_waiting


def test_no_answer_is_given_where_none_was_chosen(ana: CallEntry, saul: User) -> None:
    answer(saul, ana, verdict="")
    assert Handover.objects.get().is_waiting


def test_the_call_counts_also_where_somebody_else_has_answered_meanwhile(
    ana: CallEntry, saul: User, mona: User
) -> None:
    handover = Handover.objects.get()
    Answer(handover, mona, Said(VerdictKind.ACCEPTED), handover.state).execute()
    answer(saul, ana, verdict="rejected")
    assert Activity.objects.filter(type__slug="call").count() == 1
    assert Handover.objects.get().verdict == "accepted"
    page = logged_in(saul).get(address("_session", ana.session_id)).content.decode()
    assert "not_interested" not in page


def test_undoing_says_that_the_answer_stays(ana: CallEntry, saul: User) -> None:
    client = logged_in(saul)
    reason = no_budget().pk
    do(client, ana, "result", result="wrong_person", verdict="rejected", reason=reason)
    do(client, ana, "undo")
    page = client.get(address("_lead", ana.session_id, ana.pk)).content.decode()
    assert "What you told marketing stays; change it under Feedback." in page
    assert not Activity.objects.filter(type__slug="call").exists()
    assert Handover.objects.get().verdict == "rejected"
