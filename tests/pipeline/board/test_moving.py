"""Cards are moved: by whom, into what, and what whoever comes too late is told."""

import threading
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from contacts.models import Deal, Pipeline, Stage
from scoring.engine.models import Track
from scoring.pipeline.board.moving import Gone, Moved, MoveDeal, NotPossible, OpenDeal
from scoring.pipeline.feedback.reasons import RejectionReason
from tests.engine.scored import go_live, person
from tests.pipeline.board.set_up import days_ago, deal, handed_over, stage

pytestmark = pytest.mark.django_db


def move(found: Deal, to: str, user: User, reason: str | None = None, seen: str = "") -> Moved:
    origin = stage(seen).pk if seen else found.stage_id
    return MoveDeal(found.pk, stage(to), origin, User.objects.get(pk=user.pk), reason).execute()


def test_a_deal_is_moved_with_a_line_in_its_history(saul: User) -> None:
    found = deal("Acme", owner="saul")
    moved = move(found, "Meeting", saul)
    assert moved.message == "“Acme” is in “Meeting” now."
    assert (moved.before, moved.deal.stage, moved.deal.closed_at) == (
        *(stage("Hot Leads").pk, stage("Meeting"), None),
    )
    entry = LogEntry.objects.get(object_id=str(found.pk))
    assert (entry.user, str(entry)) == (saul, "Changed “Acme” — Changed stage for stage “Meeting”.")


@pytest.mark.parametrize(
    ("to", "reason", "refusal"),
    [
        ("Won", None, ""),
        ("Won", "Fast delivery", ""),
        ("Lost", "Too dear", ""),
        ("Lost", None, "Say why the customer did not buy."),
        ("Lost", "  ", "Say why the customer did not buy."),
        ("Lost", "x" * 256, "At most 255 characters."),
    ],
)
def test_a_deal_is_closed_with_the_customers_reason(
    saul: User, to: str, reason: str | None, refusal: str
) -> None:
    found = deal("Acme", owner="saul")
    if refusal:
        with pytest.raises(NotPossible, match=refusal):
            move(found, to, saul, reason)
        found.refresh_from_db()
        assert (found.stage, found.closed_at) == (stage("Hot Leads"), None)
        return
    moved = move(found, to, saul, reason)
    found.refresh_from_db()
    assert found.closed_at
    assert (found.stage, found.reason) == (stage(to), reason or "")
    # Taken back, it is as it was.
    move(found, "Hot Leads", saul, moved.reason)
    found.refresh_from_db()
    assert (found.stage, found.reason) == (stage("Hot Leads"), "")
    assert Deal.objects.filter(pk=found.pk, closed_at=None).exists()


def test_who_is_too_late_learns_who_was_faster_and_nothing_changes(saul: User, mona: User) -> None:
    found = deal("Acme", owner="saul")
    move(found, "Proposal", mona)
    told = "mona has moved “Acme” meanwhile: it is in “Proposal” now."
    with pytest.raises(NotPossible, match=told):
        move(found, "Contacted", saul, seen="Hot Leads")
    found.refresh_from_db()
    assert found.stage == stage("Proposal")


def test_a_move_by_an_automation_names_nobody(saul: User, mona: User) -> None:
    found = deal("Acme", owner="saul")
    move(found, "Meeting", mona)
    found.move_to(stage("Proposal"), days_ago(0))
    with pytest.raises(NotPossible, match="“Acme” was moved meanwhile: it is in “Proposal” now."):
        move(found, "Contacted", saul, seen="Hot Leads")


def test_the_second_click_of_two_changes_nothing(saul: User) -> None:
    found = deal("Acme", owner="saul")
    move(found, "Meeting", saul, seen="Hot Leads")
    again = move(found, "Meeting", saul, seen="Hot Leads")
    assert (again.message, again.before) == ("“Acme” is in “Meeting” already.", None)
    assert LogEntry.objects.count() == 1


def test_a_deal_goes_into_no_stage_of_another_pipeline(mona: User) -> None:
    other = Stage.objects.create(pipeline=Pipeline.objects.create(name="Renewals"), name="Due")
    found = deal("Acme")
    with pytest.raises(NotPossible, match="another pipeline"):
        MoveDeal(found.pk, other, found.stage_id, mona).execute()


@pytest.mark.parametrize("what", ["another's", "removed"])
def test_what_is_not_there_for_a_person_is_told_alike(saul: User, what: str) -> None:
    found = deal("Acme", owner="peter" if what == "another's" else "saul")
    if what == "removed":
        Deal.objects.filter(pk=found.pk).delete()
    with pytest.raises(Gone, match="not here any more"):
        move(found, "Meeting", saul)
    assert not LogEntry.objects.exists()


def test_who_may_not_change_deals_moves_none(marta: User) -> None:
    found = deal("Acme")
    with pytest.raises(PermissionDenied):
        move(found, "Meeting", marta)
    with pytest.raises(PermissionDenied):
        OpenDeal(1, stage("Meeting"), marta).execute()


class TestALeadThatWasHandedOver:
    @pytest.fixture
    def track(self) -> Track:
        return go_live()

    def test_it_gets_its_deal_when_it_is_moved_and_only_one(self, track: Track, saul: User) -> None:
        ana = person("ana", first_name="Ana", company={"name": "Norte"})
        opened = OpenDeal(handed_over(track, ana).pk, stage("Contacted"), saul)
        moved = opened.execute()
        assert moved.message == "A deal for “Ana” is open in “Contacted”."
        made = Deal.objects.get()
        assert (made.contact, made.company, made.owner) == (ana, ana.company, "saul")
        assert made.opened_at
        # Taken back, the lead stands in the first column again, with its deal.
        assert moved.before == stage("Hot Leads").pk
        assert opened.execute().message == "“Ana” is in “Contacted” already."
        assert Deal.objects.count() == 1

    def test_who_is_too_late_learns_who_has_opened_one(
        self, track: Track, saul: User, mona: User
    ) -> None:
        handover = handed_over(track, person("ana", first_name="Ana"))
        OpenDeal(handover.pk, stage("Contacted"), mona).execute()
        with pytest.raises(NotPossible, match="mona has moved “Ana” meanwhile"):
            OpenDeal(handover.pk, stage("Meeting"), saul).execute()
        assert Deal.objects.get().stage == stage("Contacted")

    def test_one_that_was_rejected_gets_none(self, track: Track, saul: User, mona: User) -> None:
        answered: dict[str, Any] = {"verdict": "rejected", "answered_at": days_ago(0)}
        reason = RejectionReason.objects.earliest("pk")
        rejected = handed_over(track, person("ana"), reason=reason, answered_by=mona, **answered)
        with pytest.raises(NotPossible, match="mona has rejected this lead meanwhile"):
            OpenDeal(rejected.pk, stage("Contacted"), saul).execute()
        assert not Deal.objects.exists()

    def test_one_of_another_is_not_there(self, track: Track, saul: User) -> None:
        handover = handed_over(track, person("ana", owner="peter"))
        with pytest.raises(Gone):
            OpenDeal(handover.pk, stage("Contacted"), saul).execute()


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_move_at_once_one_wins(saul: User, mona: User) -> None:
    found = deal("Acme")
    start, told = threading.Barrier(2), []

    def go(user: User, to: str) -> None:
        try:
            start.wait()
            told.append(MoveDeal(found.pk, stage(to), found.stage_id, user).execute().message)
        except (NotPossible, Gone) as refused:
            told.append(str(refused))
        finally:
            connections.close_all()

    both = [
        threading.Thread(target=go, args=(saul, "Meeting")),
        threading.Thread(target=go, args=(mona, "Proposal")),
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    won = sorted(told, key=lambda text: "meanwhile" in text)
    found.refresh_from_db()
    assert won[0] == f"“Acme” is in “{found.stage}” now."
    assert won[1].endswith(f"has moved “Acme” meanwhile: it is in “{found.stage}” now.")


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks as a whole")
def test_a_lead_is_locked_before_what_was_handed_over_of_it(saul: User) -> None:
    waits = handed_over(go_live(), person("ana", owner="saul"))
    with CaptureQueriesContext(connection) as asked:
        OpenDeal(waits.pk, stage("Meeting"), User.objects.get(pk=saul.pk)).execute()
    locks = [each["sql"] for each in asked if " FOR " in each["sql"]]
    assert [sql.partition('"')[2].partition('"')[0] for sql in locks[:2]] == [
        "contacts_contact",
        "scoring_handover",
    ]
