"""A decision on its way into the model: put into the draft, carried out, proposed, live."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scoring.agreement.proposing import Propose, Withdraw
from scoring.criteria.drafts import Draft, DraftRule
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.models import Track
from scoring.reports.blocks import Section, Words
from scoring.reports.models import KeptReport
from scoring.reports.report import WorkedOut
from scoring.reports.review.models import Decision, Meeting
from scoring.reports.review.rules import have_worked_out
from tests.engine.scored import go_live

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


def post(client: Client, name: str, decision: Decision, **data: Any) -> Any:
    return client.post(
        reverse(f"admin:review_{name}", args=[decision.meeting_id, decision.pk]), data
    )


def meeting_page(client: Client, decision: Decision) -> str:
    address = reverse("admin:review_meeting", args=[decision.meeting_id])
    return client.get(address).content.decode()


def tab(client: Client, model: ScoringModel, name: str = "criteria") -> Any:
    return client.get(reverse(f"admin:scoring_scoringmodel_{name}", args=[model.pk]))


def first_rule(track: Track) -> str:
    return track.version.document_value.rules[0].name


def changed(draft: Draft) -> None:
    """So that it can be proposed."""
    draft.scenarios.all().delete()
    row = DraftRule.objects.filter(group__draft=draft, points__gt=1).first()
    assert row is not None
    row.points = (row.points or 0) + 1
    row.save()


def test_its_text_stands_above_a_draft_that_is_begun_for_it(
    marketer: Client, decision: Decision, track: Track
) -> None:
    assert "Open" in meeting_page(marketer, decision)
    answer = post(marketer, "draft", decision)
    draft = Draft.objects.get(model=track.model)
    assert draft.base == track.version
    assert answer.headers["Location"] == reverse(
        "admin:scoring_scoringmodel_criteria", args=[track.model_id]
    )
    for page in ("criteria", "agreement_propose"):
        text = tab(marketer, track.model, page).content.decode()
        assert "Decision of the meeting of" in text
        assert "Worth less" in text
    assert "To be put into the draft of version 2" in meeting_page(marketer, decision)


def test_it_leads_straight_to_the_rule_that_it_names(
    marketer: Client, decision: Decision, track: Track
) -> None:
    name = first_rule(track)
    meeting = decision.meeting
    post(marketer, "draft", decision)
    row = DraftRule.objects.get(name=name)
    said = meeting.decisions.create(text=f"From now on {name.upper()}: less.")
    address = reverse("admin:review_decide", args=[meeting.pk])
    marketer.post(address, {"text": "Less of it", "rule": name})
    marketer.post(address, {"text": "Of another", "rule": "none such"})
    chosen = meeting.decisions.get(text="Less of it")
    assert not meeting.decisions.filter(text="Of another").exists()
    for each in (said, chosen):
        assert post(marketer, "draft", each).headers["Location"].endswith(f"#card-rule{row.pk}")
    part = meeting.decisions.create(text=f"Un{name}d")
    assert "#" not in post(marketer, "draft", part).headers["Location"]


@pytest.mark.parametrize("points", ["7", None])
def test_where_the_report_on_rules_gives_advice_on_it_that_is_one_click(
    points: str | None, marketer: Client, decision: Decision, track: Track
) -> None:
    name = first_rule(track)
    Decision.objects.update(rule=name)
    asked = {"rule": name, "version": track.version.hash, "model": track.model_id}
    url = reverse("admin:report_rule_draft", query=asked | ({"points": points} if points else {}))
    have_worked_out(track)
    KeptReport.objects.get().keep(WorkedOut([Section("What to do", [Words("x", url=url)])]))
    assert post(marketer, "draft", decision).headers["Location"] == url
    assert "Worth less" in marketer.get(url).content.decode()
    row = DraftRule.objects.get(name=name)
    assert marketer.post(url).headers["Location"].endswith(f"#card-rule{row.pk}")
    # What is so already is not advised once more.
    assert post(marketer, "draft", decision).headers["Location"].endswith(f"#card-rule{row.pk}")


def test_what_is_done_gives_the_reason_and_goes_with_the_version(
    marketer: Client, decision: Decision, track: Track, marta: User
) -> None:
    post(marketer, "draft", decision)
    other = decision.meeting.decisions.create(text="Not yet")
    post(marketer, "draft", other)
    changed(Draft.objects.get())
    answer = post(marketer, "done", decision, to="draft")
    assert "/criteria/" in answer.headers["Location"]
    assert "Worth less" not in tab(marketer, track.model).content.decode()
    assert "In the draft of version 2, not proposed yet" in meeting_page(marketer, decision)

    form = tab(marketer, track.model, "agreement_propose").context["form"]
    reason = form.initial["reason"]
    assert reason.endswith(": Worth less")
    assert "Not yet" not in reason
    Propose(marta, track.model, reason).execute()
    decision.refresh_from_db()
    other.refresh_from_db()
    assert decision.version is not None
    assert (decision.version.number, other.version) == (2, None)
    for state, said in (
        ("proposed", "Proposed in version 2"),
        ("agreed", "Agreed in version 2"),
        ("live", "Live with version 2"),
        ("retired", "Was live with version 2"),
    ):
        Version.objects.filter(state="live").update(state="retired")
        Version.objects.filter(number=2).update(state=state)
        assert said in meeting_page(marketer, decision)


def test_of_a_proposal_that_is_withdrawn_it_goes_with_the_next_one(
    marketer: Client, decision: Decision, track: Track, marta: User
) -> None:
    post(marketer, "draft", decision)
    post(marketer, "done", decision)
    for number in (2, 3):
        changed(Draft.objects.get())
        proposal = Propose(marta, track.model, "More").execute()
        decision.refresh_from_db()
        assert decision.version is not None
        assert decision.version.number == number
        if number == 2:
            Withdraw(marta, proposal.version).execute()
            assert "In the draft of version 3" in meeting_page(marketer, decision)


def test_with_the_draft_gone_or_left_out_it_is_open_again(
    marketer: Client, decision: Decision, track: Track
) -> None:
    post(marketer, "draft", decision)
    post(marketer, "leave_out", decision)
    assert "Worth less" not in tab(marketer, track.model).content.decode()
    post(marketer, "draft", decision)
    post(marketer, "done", decision)
    Draft.objects.all().delete()
    assert "Open: the draft that it was in is gone" in meeting_page(marketer, decision)
    post(marketer, "draft", decision)
    assert "Worth less" in tab(marketer, track.model).content.decode()


def test_what_changes_no_model_is_marked_as_done_and_open_again(
    client: Client, decision: Decision, saul: User
) -> None:
    client.force_login(saul)
    post(client, "done", decision)
    assert "Done: saul" in meeting_page(client, decision)
    post(client, "done", decision, undo="1")
    assert "Done: saul" not in meeting_page(client, decision)


def test_whoever_writes_no_drafts_suggests_it_and_finishes_none(
    client: Client, decision: Decision, saul: User, marta: User
) -> None:
    client.force_login(saul)
    text = meeting_page(client, decision)
    assert "Suggest it for the model" in text
    assert "Put into the draft" not in text
    assert post(client, "draft", decision).status_code == 403
    client.force_login(marta)
    assert "Suggest it for the model" not in meeting_page(client, decision)
    post(client, "draft", decision)
    client.force_login(saul)
    for name in ("done", "leave_out"):
        assert post(client, name, decision).status_code == 403
    text = tab(client, Draft.objects.get().model).content.decode()
    assert "Worth less" in text
    assert "Leave it out" not in text


def test_one_that_was_suggested_is_not_put_into_the_draft_too(
    marketer: Client, decision: Decision
) -> None:
    post(marketer, "suggest", decision)
    post(marketer, "draft", decision)
    decision.refresh_from_db()
    assert decision.draft is None
    assert "Suggested for the model: Open" in meeting_page(marketer, decision)


def test_without_a_live_model_there_is_no_draft(client: Client, marta: User) -> None:
    decision = Meeting.objects.plan(timezone.now()).decisions.create(text="Worth less")
    client.force_login(marta)
    post(client, "draft", decision)
    assert not Draft.objects.exists()
