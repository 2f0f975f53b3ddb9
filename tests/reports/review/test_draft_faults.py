"""What may not happen to a decision in a draft: it is lost, changed when proposed, or misread."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from scoring.agreement.exchange import replace_draft
from scoring.agreement.proposals import REASON_MOST
from scoring.agreement.proposing import Propose, Withdraw
from scoring.criteria.drafts import Draft, DraftRule
from scoring.engine.models import Track
from scoring.reports.review.drafting import fitting
from scoring.reports.review.looking import seen_now
from scoring.reports.review.models import Decision, Meeting
from scoring.reports.review.pointing import is_named, rule_of
from tests.engine.scored import MODEL, go_live, person
from tests.reports.review.test_drafting import changed, first_rule, meeting_page, post, tab

pytestmark = pytest.mark.django_db


@pytest.fixture
def track(db: None) -> Track:
    return go_live()


@pytest.fixture
def decision(track: Track) -> Decision:
    return Meeting.objects.plan(timezone.now()).decisions.create(text="Worth less")


@pytest.fixture
def marketer(client: Client, marta: User) -> Client:
    client.force_login(marta)
    return client


def proposed(client: Client, decision: Decision, user: User, track: Track) -> Any:
    post(client, "draft", decision)
    post(client, "done", decision)
    changed(Draft.objects.get())
    return Propose(user, track.model, "More").execute().version


def test_it_stays_with_a_draft_that_is_filled_anew(
    marketer: Client, decision: Decision, track: Track
) -> None:
    post(marketer, "draft", decision)
    done = decision.meeting.decisions.create(text="Is done")
    post(marketer, "draft", done)
    post(marketer, "done", done)
    draft = Draft.objects.get()
    replace_draft(track.model, draft.snapshot())
    again = Draft.objects.get()
    assert (again, again.revision, again.base) == (draft, draft.revision + 1, draft.base)
    assert again.snapshot() == draft.snapshot()
    assert "Worth less" in tab(marketer, track.model).content.decode()
    form = tab(marketer, track.model, "agreement_propose").context["form"]
    assert form.initial["reason"].endswith(": Is done")


def test_with_its_draft_gone_it_can_be_done_otherwise(marketer: Client, decision: Decision) -> None:
    post(marketer, "draft", decision)
    post(marketer, "done", decision)
    Draft.objects.all().delete()
    assert "the draft that it was in is gone" in meeting_page(marketer, decision)
    post(marketer, "done", decision)
    text = meeting_page(marketer, decision)
    assert "the draft that it was in is gone" not in text
    assert "Done: marta" in text
    post(marketer, "done", decision, undo="1")
    assert "Done: marta" not in meeting_page(marketer, decision)


def test_one_that_is_a_task_too_says_that_its_draft_is_gone(
    marketer: Client, decision: Decision, saul: User
) -> None:
    post(marketer, "draft", decision)
    lead = person("own", owner="saul")
    post(marketer, "task", decision, assignee=saul.pk, contact=lead.pk)
    Draft.objects.all().delete()
    decision.refresh_from_db()
    assert decision.task is not None
    assert "the draft that it was in is gone" in meeting_page(marketer, decision)


def test_what_is_proposed_is_not_changed(
    marketer: Client, decision: Decision, track: Track, marta: User, saul: User
) -> None:
    version = proposed(marketer, decision, marta, track)
    decision.refresh_from_db()
    before = (decision.done_at, decision.version, decision.draft)
    for name, data in (("done", {"undo": "1"}), ("done", {}), ("leave_out", {}), ("suggest", {})):
        post(marketer, name, decision, **data)
    Draft.objects.all().delete()
    marketer.force_login(saul)
    assert post(marketer, "done", decision, undo="1").status_code == 403
    decision.refresh_from_db()
    assert (decision.done_at, decision.version) == before[:2]
    assert decision.version == version
    assert decision.suggestion is None


def test_after_a_proposal_is_withdrawn_it_is_taken_back(
    marketer: Client, decision: Decision, track: Track, marta: User
) -> None:
    version = proposed(marketer, decision, marta, track)
    assert "Not done yet" not in meeting_page(marketer, decision)
    Withdraw(marta, version).execute()
    assert "Not done yet" in meeting_page(marketer, decision)
    post(marketer, "done", decision, undo="1")
    Propose(marta, track.model, "The same again").execute()
    # It is in that version no more, for it was not done when that was proposed.
    assert "To be put into the draft" in meeting_page(marketer, decision)


def test_one_in_the_draft_is_not_suggested_too(
    marketer: Client, decision: Decision, saul: User
) -> None:
    post(marketer, "draft", decision)
    marketer.force_login(saul)
    post(marketer, "suggest", decision)
    decision.refresh_from_db()
    assert decision.suggestion is None


def test_it_does_not_move_to_the_draft_of_another_model(
    marketer: Client, decision: Decision, track: Track
) -> None:
    other = go_live({**MODEL, "name": "Other model"})
    post(marketer, "draft", decision, model=track.model_id)
    post(marketer, "done", decision)
    post(marketer, "draft", decision, model=other.model_id)
    decision.refresh_from_db()
    assert decision.draft == Draft.objects.get()
    assert decision.draft.model == track.model
    assert decision.done_at is not None
    assert "leave it out there first" in meeting_page(marketer, decision)


def test_what_was_kept_is_shown_also_of_a_model_that_is_live_no_more(
    marketer: Client, decision: Decision, track: Track
) -> None:
    other = go_live({**MODEL, "name": "Other model"})
    meeting = decision.meeting
    meeting.begin(timezone.now())
    meeting.refresh_from_db()
    meeting.end(timezone.now(), seen_now(meeting))
    meeting.refresh_from_db()
    kept = meeting.figures["model"]
    Track.objects.filter(model=kept).delete()
    page = marketer.get(reverse("admin:review_meeting", args=[meeting.pk]))
    assert page.context["is_kept"]
    assert page.context["model"].pk == kept
    assert not any("model=" in url for _kind, url in page.context["files"])
    for query in ({}, {"model": kept}):
        address = reverse("admin:review_file", args=[meeting.pk, "csv"])
        answer = marketer.get(address, query)
        assert answer.status_code == 200
        assert "as it was when the meeting ended" in answer.content.decode()
    left = (track, other)[kept == track.model_id]
    assert not marketer.get(page.request["PATH_INFO"], {"model": left.model_id}).context["is_kept"]


def queries(ask: Any) -> int:
    ask()
    with CaptureQueriesContext(connection) as found:
        ask()
    return len(found)


@pytest.mark.parametrize("name", ["criteria", "agreement_propose"])
def test_more_decisions_ask_no_more_queries(
    name: str, marketer: Client, decision: Decision, track: Track
) -> None:
    def ask() -> None:
        assert tab(marketer, track.model, name).status_code == 200

    post(marketer, "draft", decision)
    few = queries(ask)
    for number in range(4):
        post(marketer, "draft", decision.meeting.decisions.create(text=f"More {number}"))
    assert queries(ask) == few


def test_more_people_ask_no_more_queries(marketer: Client, decision: Decision) -> None:
    few = queries(lambda: meeting_page(marketer, decision))
    for number in range(4):
        user = User.objects.create_user(f"seller{number}", is_staff=True)
        user.groups.add(Group.objects.get(name="Sales"))
    assert "seller3" in meeting_page(marketer, decision)
    assert queries(lambda: meeting_page(marketer, decision)) == few


@pytest.mark.parametrize(
    ("name", "text", "is_so"),
    [
        ("mail", "Emailing: give mail less", True),
        ("mail", "Emailing gives less", False),
        ("Reads  the\tmail", "reads the\r\nmail: less", True),
        ("Opens (any) + mail", "Less for opens (any) + MAIL.", True),
        ("", "Anything", False),
        (" ", "Anything", False),
    ],
)
def test_a_rule_is_named_by_whole_words(name: str, text: str, is_so: bool) -> None:
    assert is_named(name, text) is is_so


def test_a_rule_without_a_name_or_with_another_one_is_no_place_in_the_draft(
    marketer: Client, decision: Decision, track: Track
) -> None:
    name = first_rule(track)
    Decision.objects.update(rule=name)
    post(marketer, "draft", decision)
    decision.refresh_from_db()
    row = DraftRule.objects.get(name=name)
    row.name = f" {name}  "
    assert rule_of(decision, [row]) == row
    DraftRule.objects.filter(name=name).update(name="Called otherwise")
    assert post(marketer, "draft", decision).headers["Location"].endswith("/criteria/")
    DraftRule.objects.all().update(name="")
    Decision.objects.update(rule="")
    assert tab(marketer, track.model).status_code == 200


def test_reasons_that_do_not_fit_are_counted() -> None:
    assert fitting(["One", "Two"]) == ["One", "Two"]
    long, lines = "x" * 3900, "\n".join("y" * 60)
    found = fitting([long, "z" * 200, "Short", lines])
    assert found == [long, "Short", "And 2 more decisions."]
    assert len("\r\n".join(fitting(["a\nb" * 100] * 50)).replace("\r", "")) < REASON_MOST
    many = fitting(["\n".join("ab" * 20)] * 100)
    assert len("\n".join(many).replace("\n", "\r\n")) <= REASON_MOST
