"""Quick capture: stored as imports are, scored at once, silent of whom one may not see, undone."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.models import Activity, Campaign, CampaignTouch, Contact, Note, Task
from scoring.engine.models import Score, Track
from scoring.pipeline.leads.manual import SetBand
from scoring.pipeline.merging.merge import MergeContacts
from tests.automations.set_up import go_live, person
from tests.pipeline.leads.page import at_work, text_of

pytestmark = pytest.mark.django_db
PAGE = "admin:pipeline_capture"
CARD = {
    "email": "Ana@X.example", "first_name": "Ana", "last_name": "Núñez", "phone": "600",
    "company": "Norte", "job_title": "Director", "country": "es", "source": "Fair",
    "campaign": "Expo", "tags": "fair, VIP", "activity": "event_attend", "target": "Stand 4",
    "note": "Wants a quote", "owner": "saul",
}  # fmt: skip


@pytest.fixture
def track() -> Track:
    return go_live()


@pytest.fixture
def desk(saul: User, track: Track) -> Client:
    return at_work(saul)


def captured(desk: Client, **given: Any) -> Any:
    data = {**CARD, "token": str(uuid.uuid4()), **given}
    return desk.post(reverse(PAGE), data, follow=True)


def test_a_card_becomes_a_contact_with_what_happened_and_a_score(desk: Client, saul: User) -> None:
    Campaign.objects.create(name="Expo")
    shown = text_of(captured(desk))
    ana = Contact.objects.get()
    assert (ana.email, ana.owner, ana.country, str(ana.company)) == (
        "Ana@X.example",
        "saul",
        "ES",
        "Norte",
    )
    assert ana.tag_names() == ["fair", "vip"]
    activity = Activity.objects.get()
    assert (activity.type.slug, activity.target.text) == ("event_attend", "Stand 4")
    assert Note.objects.get().author == saul
    assert CampaignTouch.objects.count() == 1
    assert Score.objects.get().total == 30
    for said in ("Ana Núñez", "<b>30</b> warm", "Director", "Take it back"):
        assert said in shown


def test_what_a_fair_has_in_common_stays_and_the_person_does_not(desk: Client) -> None:
    form = captured(desk).context["form"]
    kept = {name: form.initial.get(name) for name in ("campaign", "source", "tags", "activity")}
    assert kept == {
        "campaign": "Expo",
        "source": "Fair",
        "tags": "fair, VIP",
        "activity": "event_attend",
    }
    assert "first_name" not in form.initial


def test_a_click_that_comes_twice_makes_one(desk: Client) -> None:
    token = str(uuid.uuid4())
    for _click in range(2):
        answer = captured(desk, token=token)
        assert answer.redirect_chain
    assert (Contact.objects.count(), Note.objects.count(), Activity.objects.count()) == (1, 1, 1)


class TestKnownAddress:
    def test_one_that_is_seen_is_offered_and_takes_what_happened(
        self, desk: Client, saul: User
    ) -> None:
        ana = person("ana", owner="saul", first_name="Anna", tags=["fair"])
        answer = captured(desk)
        assert f'value="{ana.pk}"' in text_of(answer)
        assert not Note.objects.exists()
        captured(desk, add_to=str(ana.pk))
        ana.refresh_from_db()
        assert (ana.first_name, ana.tag_names()) == ("Anna", ["fair", "vip"])
        assert Activity.objects.get().contact == ana
        desk.post(reverse("admin:pipeline_capture_undo"))
        assert (ana.tag_names(), Note.objects.count(), Activity.objects.count()) == (["fair"], 0, 0)

    @pytest.mark.parametrize("way", ["post", "typing", "add_to"])
    def test_of_one_that_is_not_seen_only_that_it_is_there_is_said(
        self, way: str, desk: Client
    ) -> None:
        ana = person("ana", owner="peter", first_name="Secret")
        given = {"add_to": str(ana.pk)} if way == "add_to" else {}
        if way == "typing":
            address = reverse("admin:pipeline_capture_known")
            text = text_of(desk.get(address, {"email": "ANA@x.example "}))
        else:
            text = text_of(captured(desk, **given))
        assert "There is a contact with this e-mail address already." in text
        assert "Secret" not in text
        assert "peter" not in text
        assert f'value="{ana.pk}"' not in text
        assert not Note.objects.exists()

    def test_one_that_is_new_says_nothing_while_one_types(self, desk: Client) -> None:
        answer = desk.get(reverse("admin:pipeline_capture_known"), {"email": "new@x.example"})
        assert text_of(answer).strip() == ""


WRONG = [
    ({"email": ""}, "email"),
    ({"email": "no address"}, "email"),
    ({"country": "E1"}, "country"),
    ({"phone": "9" * 256}, "phone"),
    ({"company": "x" * 256}, "company"),
    ({"tags": "x" * 101}, "tags"),
    ({"activity": "fly"}, "activity"),
    ({"owner": "peter"}, "owner"),
    ({"note": "x" * 10_001}, "note"),
    ({"first_name": "a\0b"}, "first_name"),
    ({"target": "x" * 4097}, "target"),
    ({"token": ""}, "token"),
]


@pytest.mark.parametrize(("given", "field"), WRONG)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(
    given: dict[str, str], field: str, desk: Client
) -> None:
    answer = captured(desk, **given)
    assert list(answer.context["form"].errors) == [field]
    assert not Contact.objects.exists()


class TestUndo:
    def undo(self, desk: Client) -> str:
        return text_of(desk.post(reverse("admin:pipeline_capture_undo"), follow=True))

    def test_a_new_lead_is_gone_with_all_that_came_along(self, desk: Client) -> None:
        captured(desk)
        assert "was taken back" in self.undo(desk)
        assert not Contact.objects.exists()
        assert "nothing to take back" in self.undo(desk)

    TOUCHED = ["note", "field", "task", "to do", "band", "merge"]

    @pytest.mark.parametrize("how", TOUCHED)
    def test_one_with_whom_somebody_has_worked_since_stays(
        self, how: str, desk: Client, mona: User
    ) -> None:
        captured(desk)
        ana = Contact.objects.get()
        if how == "note":
            Note.objects.create(contact=ana, text="Called", author=mona)
        elif how == "task":
            Task.objects.create(contact=ana, title="x", state="done", done_at=ana.stored_at)
        elif how == "to do":
            Task.objects.create(contact=ana, title="Send the offer", assignee=mona)
        elif how == "band":
            SetBand(ana, Track.objects.get(), "hot", "Knows us", None, mona).execute()
        elif how == "merge":
            MergeContacts(mona, ana.pk, person("anna").pk).execute()
        else:
            ana.changes.create(field="city", changed_at=ana.stored_at, origin="admin: mona")
        assert "so it stays" in self.undo(desk)
        assert Contact.objects.exists()

    def test_what_was_removed_meanwhile_is_no_error(self, desk: Client) -> None:
        captured(desk)
        Contact.objects.all().delete()
        assert desk.get(reverse(PAGE)).status_code == 200
        assert "not there any more" in self.undo(desk)


def test_who_may_not_add_contacts_finds_no_page() -> None:
    nobody = User.objects.create_user("nobody", is_staff=True)
    for name in ("", "_known", "_undo"):
        assert at_work(nobody).get(reverse(PAGE + name)).status_code == 403


def test_it_works_without_a_model(saul: User) -> None:
    shown = text_of(captured(at_work(saul)))
    assert "Stored, and without a score" in shown
