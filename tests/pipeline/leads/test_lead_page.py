"""What a salesperson does with a lead from its page, what others may not, and what goes wrong."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.models import Activity, CampaignTouch, Contact, Deal, Note, Stage, Task
from contacts.models.sales import Campaign
from scoring.engine.models import Score, Track
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.leads.admin.deeds import DEEDS
from scoring.pipeline.leads.manual import ManualBand
from tests.automations.set_up import MODEL, go_live, person, refresh_all
from tests.pipeline.leads.page import address, at_work, do, text_of

pytestmark = pytest.mark.django_db
CALLS = {
    "name": "Talks to us",
    "points": 35,
    "activity": {"type": "call", "properties": {"answered": {"op": "is", "value": True}}},
}


def with_calls() -> dict[str, Any]:
    who, what = MODEL["groups"]
    groups = [who, {**what, "rules": [*what["rules"], {**CALLS, "activity": {"type": "call"}}]}]
    return {**MODEL, "groups": groups, "scenarios": []}


@pytest.fixture
def track() -> Track:
    return go_live(with_calls())


@pytest.fixture
def ana(track: Track) -> Contact:
    contact = person("ana", owner="saul", phone="+34 600", company={"name": "Norte"})
    refresh_all()
    return contact


def page(user: User, contact: Contact, **query: Any) -> str:
    address = reverse("admin:scoring_lead_change", args=[contact.pk])
    return text_of(at_work(user).get(address, query))


def test_a_call_is_an_activity_an_answer_in_time_and_points_at_once(
    ana: Contact, saul: User, track: Track
) -> None:
    handover = Handover.objects.create(
        contact=ana, model=track.model, band="hot", handed_at=timezone.now() - timedelta(hours=1)
    )
    answer = do(saul, "call", ana, result="reached", minutes=7, text="Wants a quote")
    assert "Noted." in text_of(answer)
    activity = Activity.objects.get(contact=ana)
    assert (activity.type.slug, activity.properties) == (
        "call",
        {"by": "saul", "result": "reached", "answered": True, "minutes": 7},
    )
    assert Note.objects.get(contact=ana).author == saul
    assert Score.objects.get(contact=ana).total == 35
    handover.refresh_from_db()
    assert handover.responded_at is not None


def test_a_call_that_is_sent_twice_counts_once(ana: Contact, saul: User) -> None:
    token = str(uuid.uuid4())
    for _click in range(2):
        do(saul, "call", ana, result="voicemail", text="Beep", token=token)
    assert (Activity.objects.get(contact=ana).properties or {})["answered"] is False
    assert Note.objects.count() == 1


DONE = [
    ("meeting", {"text": ""}, lambda: Activity.objects.get().type.slug == "meeting"),
    ("written", {"text": ""}, lambda: Activity.objects.get().type.slug == "email_sent"),
    ("note", {"text": "Has a dog"}, lambda: Note.objects.get().text == "Has a dog"),
    ("task", {"title": "Ring"}, lambda: Task.objects.get().assignee is None),
    ("band", {"band": "hot", "reason": "met"}, lambda: ManualBand.objects.get().band == "hot"),
]


@pytest.mark.parametrize(("deed", "given", "holds"), DONE, ids=[row[0] for row in DONE])
def test_what_is_done_is_stored(
    deed: str, given: dict[str, str], holds: Any, ana: Contact, saul: User
) -> None:
    answer = do(saul, deed, ana, **given)
    assert answer.headers.get("HX-Trigger") == "lead-changed", text_of(answer)
    assert holds()


def test_a_deal_is_opened_once_with_the_leads_owner_and_company(ana: Contact, saul: User) -> None:
    stage = Stage.objects.filter(outcome="open").first()
    token = str(uuid.uuid4())
    for _click in range(2):
        do(saul, "deal", ana, name="Suite", stage=stage.pk, amount="1200.50", token=token)  # type: ignore[union-attr]
    deal = Deal.objects.get()
    assert (deal.owner, deal.company, str(deal.amount)) == ("saul", ana.company, "1200.50")
    assert "Suite" in page(saul, ana)


WRONG = [
    ("call", {"result": "eaten"}, "is not one of the available choices"),
    ("call", {"result": "reached", "at": "tomorrow"}, "Enter a valid date/time"),
    ("call", {"result": "reached", "at": "2099-01-01T10:00"}, "still to come"),
    ("call", {"result": "reached", "minutes": "-1"}, "greater than or equal to 0"),
    ("note", {"text": ""}, "This field is required"),
    ("note", {"text": "x" * 10_001}, "at most 10000 characters"),
    ("task", {"title": "x" * 201}, "at most 200 characters"),
    ("task", {"title": "x", "assignee": str(2**31 - 1)}, "Select a valid choice"),
    ("deal", {"name": "x", "stage": "0"}, "Select a valid choice"),
    ("deal", {"name": "x", "amount": "NaN"}, "Enter a number"),
    ("band", {"band": "lukewarm", "reason": "x"}, "not one of the available choices"),
    ("band", {"band": "hot", "reason": "x", "until": "2020-01-01"}, "must not be in the past"),
    ("band", {"band": "hot", "reason": "x", "until": "9999-12-31"}, "too far off"),
    ("band", {"band": "hot", "reason": ""}, "This field is required"),
]


@pytest.mark.parametrize(("deed", "given", "said"), WRONG)
def test_what_is_wrong_is_said_and_nothing_is_stored(
    deed: str, given: dict[str, str], said: str, ana: Contact, saul: User
) -> None:
    answer = do(saul, deed, ana, **given)
    assert said in text_of(answer)
    assert "HX-Trigger" not in answer.headers
    for model in (Activity, Note, Task, Deal, ManualBand):
        assert not model._default_manager.exists()


def test_every_deed_answers_404_for_a_lead_that_is_not_there_for_this_person(
    track: Track, saul: User
) -> None:
    others, gone = person("others", owner="peter"), person("gone", owner="saul")
    former = Contact(pk=gone.pk)
    gone.delete()
    for contact in (others, former):
        for name in DEEDS:
            assert at_work(saul).get(address("do", contact, name)).status_code == 404
            assert do(saul, name, contact, text="x", subject="x").status_code == 404
        for part in ("facts", "beside", "timeline"):
            assert at_work(saul).get(address(part, contact)).status_code == 404
        assert at_work(saul).post(address("take", contact)).status_code == 404
    assert not Note.objects.exists()


def test_who_may_not_do_it_gets_no_button_and_a_refusal(ana: Contact, marta: User) -> None:
    assert "Open a deal" not in page(marta, ana)
    answer = do(marta, "deal", ana, name="x")
    assert answer.status_code == 403
    nobody = User.objects.create_user("nobody", is_staff=True)
    for name in DEEDS:
        assert do(nobody, name, ana).status_code == 403


def test_what_changes_something_takes_a_post(ana: Contact, saul: User) -> None:
    note = Note.objects.create(contact=ana, text="x", author=saul)
    client = at_work(saul)
    for route, args in (("note_pin", [note.pk]), ("note_delete", [note.pk]), ("take", [])):
        assert client.get(address(route, ana, *args)).status_code == 405
    assert client.get(address("do", ana, "fly")).status_code == 404


class TestNotes:
    @pytest.fixture
    def note(self, ana: Contact, saul: User) -> Note:
        return Note.objects.create(contact=ana, text="Likes tea", author=saul)

    def test_a_pinned_note_stands_on_top(self, note: Note, ana: Contact, mona: User) -> None:
        at_work(mona).post(address("note_pin", ana, note.pk), {"pinned": "1"})
        assert "sales-pinned" in page(mona, ana)
        at_work(mona).post(address("note_pin", ana, note.pk), {"pinned": "0"})
        assert "sales-pinned" not in page(mona, ana)

    def test_only_its_author_changes_it(
        self, note: Note, ana: Contact, saul: User, mona: User
    ) -> None:
        given = {"token": str(uuid.uuid4()), "text": "Likes coffee"}
        assert at_work(mona).post(address("note_edit", ana, note.pk), given).status_code == 403
        at_work(saul).post(address("note_edit", ana, note.pk), given)
        note.refresh_from_db()
        assert (note.text, note.edited_at is not None) == ("Likes coffee", True)

    def test_what_was_deleted_comes_back_as_it_was(
        self, note: Note, ana: Contact, saul: User
    ) -> None:
        before = Note.objects.values().get()
        answer = text_of(at_work(saul).post(address("note_delete", ana, note.pk)))
        assert not Note.objects.exists()
        kept = re.search(r'name="kept" value="([^"]+)"', answer)
        assert kept
        for _click in range(2):
            at_work(saul).post(address("note_restore", ana), {"kept": kept[1]})
        assert Note.objects.values().get() == before

    def test_nobody_brings_back_what_another_person_has_deleted(
        self, note: Note, ana: Contact, saul: User, mona: User
    ) -> None:
        answer = text_of(at_work(saul).post(address("note_delete", ana, note.pk)))
        kept = re.search(r'name="kept" value="([^"]+)"', answer)
        assert kept
        client = at_work(mona)
        assert client.post(address("note_restore", ana), {"kept": kept[1]}).status_code == 404
        assert "too late" in text_of(client.post(address("note_restore", ana), {"kept": "x"}))
        assert not Note.objects.exists()

    def test_a_manager_deletes_the_notes_of_others_and_marketing_does_not(
        self, note: Note, ana: Contact, mona: User, marta: User
    ) -> None:
        assert at_work(marta).post(address("note_delete", ana, note.pk)).status_code == 403
        assert at_work(mona).post(address("note_delete", ana, note.pk)).status_code == 200
        assert not Note.objects.exists()


class TestByHand:
    def give(self, contact: Contact, track: Track, user: User) -> ManualBand:
        return ManualBand.objects.create(
            contact=contact, model=track.model, band="hot", reason="met her", set_by=user,
            set_at=timezone.now(),
        )  # fmt: skip

    def test_it_stands_beside_the_computed_band_on_the_page_and_in_the_list(
        self, ana: Contact, track: Track, saul: User
    ) -> None:
        self.give(ana, track, saul)
        assert "by hand, saul" in page(saul, ana)
        listed = text_of(at_work(saul).get(reverse("admin:scoring_lead_changelist")))
        assert "by hand, saul" in listed
        assert "cold" in listed

    FILTERED = [("any", {"ana"}), ("none", {"bo"}), ("band:hot", {"ana"}), ("band:cold", set())]

    @pytest.mark.parametrize(("value", "names"), FILTERED)
    def test_the_list_is_filtered_by_it(
        self, value: str, names: set[str], ana: Contact, track: Track, saul: User
    ) -> None:
        person("bo", owner="saul")
        refresh_all()
        self.give(ana, track, saul)
        listed = at_work(saul).get(reverse("admin:scoring_lead_changelist"), {"by_hand": value})
        found = {lead.email.partition("@")[0] for lead in listed.context["cl"].result_list}
        assert found == names

    def test_whoever_looks_at_an_old_page_is_told_who_was_faster(
        self, ana: Contact, track: Track, saul: User, mona: User
    ) -> None:
        self.give(ana, track, mona)
        answer = do(saul, "band", ana, band="cold", reason="no money", known="")
        assert "mona gave it “hot” meanwhile: met her" in text_of(answer)
        assert ManualBand.objects.count() == 1

    def test_it_is_ended_by_hand_once(self, ana: Contact, track: Track, saul: User) -> None:
        manual = self.give(ana, track, saul)
        client = at_work(saul)
        assert "has ended" in text_of(client.post(address("band_end", ana, manual.pk)))
        assert "ended meanwhile" in text_of(client.post(address("band_end", ana, manual.pk)))
        history = text_of(client.get(reverse("admin:scoring_manualband_changelist")))
        assert "ended on" in history


def test_a_lead_of_the_pool_is_taken_and_the_second_is_told_by_whom(
    track: Track, saul: User
) -> None:
    lead = person("lead")
    other = User.objects.create_user("sara", is_staff=True)
    other.groups.set(saul.groups.all())
    assert "Take it" in page(saul, lead)
    assert "is yours now" in text_of(at_work(saul).post(address("take", lead)))
    assert "saul was faster" in text_of(at_work(other).post(address("take", lead)))
    assert Contact.objects.get(pk=lead.pk).owner == "saul"


def test_the_head_says_where_the_lead_stands(ana: Contact, saul: User, track: Track) -> None:
    Task.objects.create(contact=ana, title="Ring her", assignee=saul)
    Handover.objects.create(
        contact=ana, model=track.model, band="hot", handed_at=timezone.now(),
        respond_by=timezone.now() + timedelta(hours=2),
    )  # fmt: skip
    text = page(saul, ana)
    for said in ('href="tel:+34600"', "Ring her", "data-countdown", "none is open"):
        assert said in text


def test_an_owner_who_has_left_is_named_as_such(ana: Contact, saul: User, mona: User) -> None:
    saul.is_active = False
    saul.save()
    assert "does not log in here any more" in page(mona, ana)


def test_colleagues_are_those_that_one_may_see(ana: Contact, saul: User, mona: User) -> None:
    person("bea", owner="saul", company={"name": "Norte"})
    person("carl", owner="peter", company={"name": "Norte"})
    refresh_all()
    assert "carl@x.example" not in page(saul, ana)
    for name in ("bea@x.example", "carl@x.example"):
        assert name in page(mona, ana)


def test_a_task_is_done_from_here_once(ana: Contact, saul: User, mona: User) -> None:
    task = Task.objects.create(contact=ana, title="Ring", assignee=saul)
    theirs = Task.objects.create(contact=ana, title="Write", assignee=mona)
    client = at_work(saul)
    assert "is done" in text_of(client.post(address("task_done", ana, task.pk)))
    assert "closed meanwhile" in text_of(client.post(address("task_done", ana, task.pk)))
    assert client.post(address("task_done", ana, theirs.pk)).status_code == 403


def test_the_page_costs_as_much_whatever_there_is(ana: Contact, saul: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(saul, ana)
        return len(queries)

    campaign = Campaign.objects.create(name="Fair")
    stage = Stage.objects.get(name="Won")

    def add(count: int) -> None:
        now = timezone.now()
        for n in range(count):
            CampaignTouch.objects.create(
                campaign=campaign, contact=ana, occurred_at=now - timedelta(days=n)
            )
            Task.objects.create(contact=ana, title="x", assignee=saul)
            Deal.objects.create(name="x", contact=ana, stage=stage, opened_at=now)
            Note.objects.create(contact=ana, text="x", author=saul, pinned=True)

    add(2)
    page(saul, ana)
    few = cost()
    add(12)
    assert cost() <= few + 2
