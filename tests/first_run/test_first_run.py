"""The first steps: who may take them, what each does, and what the first page says of them."""

import re
import sys
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse

from contacts.models import Calendar, Contact, Holiday, ImportRun, Member, Preferences, Team
from scoring.agreement.audit import Action, AuditEntry
from scoring.criteria.drafts import Draft
from scoring.criteria.models import Version
from scoring.demo import loading
from scoring.first_run import jobs, people
from scoring.first_run.jobs import invent
from tests.engine.scored import go_live, person

pytestmark = pytest.mark.django_db
HOME = reverse("admin:index")
PERSON = {
    "do": "person",
    "person-name": "Nora Vidal",
    "person-email": "nora@lumbre.example",
    "person-role": "Sales",
}
HOURS = {
    "name": "Office hours",
    "time_zone": "Europe/Madrid",
    "mon": "09:00-14:00",
    "holidays": "2026-12-25 Christmas\n\n2027-01-06 Reyes",
}


def at(slug: str) -> str:
    return reverse("first_run", args=[slug])


@pytest.fixture
def admin(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def marketing(marta: User) -> Client:
    client = Client()
    client.force_login(marta)
    return client


def blocks(client: Client) -> dict[str, Any]:
    return {block.slug: block for block in client.get(HOME).context["blocks"]}


def test_the_first_page_says_what_to_do_first(admin: Client, marketing: Client) -> None:
    steps = blocks(admin)["first-steps"]
    assert [str(item.text) for item in steps.items][-2:] == ["A scoring model", "Contacts"]
    assert "first-steps" not in blocks(marketing)


def test_it_says_no_more_when_there_is_something_to_see(admin: Client) -> None:
    person("ana")
    go_live()
    assert "first-steps" not in blocks(admin)


@pytest.mark.parametrize("slug", ["language", "people", "hours", "model", "data"])
def test_every_step_opens_for_administrators_only(
    slug: str, admin: Client, marketing: Client
) -> None:
    assert admin.get(at(slug)).status_code == 200
    assert marketing.get(at(slug)).status_code == 403
    assert marketing.post(at(slug), PERSON).status_code == 403
    assert Client().get(at(slug)).status_code == 302


def test_an_unknown_step_is_not_there(admin: Client) -> None:
    assert admin.get(at("nothing")).status_code == 404


def test_it_goes_on_with_the_first_step_that_is_not_done(admin: Client) -> None:
    admin.cookies["django_language"] = "en"
    assert admin.get(reverse("first_run_next")).headers["Location"] == at("people")


class TestPeople:
    def test_a_person_sets_their_password_by_the_link(self, admin: Client) -> None:
        team = Team.objects.create(name="Callers", calendar=Calendar.objects.default())
        answer = admin.post(at("people"), PERSON | {"person-team": team.pk})
        nora = User.objects.get(username="nora")
        assert not nora.has_usable_password()
        assert [group.name for group in nora.groups.all()] == ["Sales"]
        assert (nora.get_full_name(), nora.is_staff) == ("Nora Vidal", True)
        assert Member.objects.filter(team=team, user=nora).exists()
        stranger = Client()
        form = stranger.get(answer.context["link"], follow=True)
        assert form.status_code == 200
        password = {"new_password1": "a long walk home", "new_password2": "a long walk home"}
        stranger.post(form.redirect_chain[-1][0], password)
        assert stranger.login(username="nora", password="a long walk home")
        again = Client().get(answer.context["link"], follow=True)
        assert "does not work any more" in again.content.decode()

    WRONG = [
        ({"person-email": "no address"}, "email"),
        ({"person-name": ""}, "name"),
        ({"person-username": "ADA"}, "username"),
        ({"person-username": "a b"}, "username"),
        ({"person-email": "ada@lumbre.example"}, "username"),
        ({"person-role": "Superuser"}, "role"),
        ({"person-team": "99999999999999999999"}, "team"),
        ({"person-name": "x" * 10_000}, "name"),
        ({"person-username": "a\0b"}, "username"),
    ]

    @pytest.mark.parametrize(("change", "field"), WRONG)
    def test_what_is_wrong_is_said_at_its_field(
        self, change: dict[str, str], field: str, admin: Client
    ) -> None:
        answer = admin.post(at("people"), PERSON | change)
        assert list(answer.context["person_form"].errors) == [field]
        assert not User.objects.filter(username="nora").exists()

    def test_a_new_link_is_given_to_who_has_not_been_here(self, admin: Client, ada: User) -> None:
        admin.post(at("people"), PERSON)
        nora = User.objects.get(username="nora")
        answer = admin.post(at("people"), {"do": "link", "user": nora.pk})
        assert "/set-password/" in answer.context["link"]
        for other in (ada.pk, "0", "x", "9" * 30):
            assert admin.post(at("people"), {"do": "link", "user": other}).status_code == 404

    def test_the_link_is_sent_to_whom_it_is_for(self, admin: Client) -> None:
        admin.post(at("people"), PERSON)
        nora = User.objects.get(username="nora")
        Preferences.objects.create(user=nora, language="es")
        answer = admin.post(at("people"), {"do": "mail", "user": nora.pk})
        assert "The link is on its way to" in answer.content.decode()
        [letter] = mail.outbox
        assert letter.to == [nora.email]
        assert "/set-password/" in letter.body
        assert "3 días" in letter.body

    def test_a_mail_server_that_does_not_take_it_is_told(
        self, admin: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_args: object) -> None:
            raise ConnectionRefusedError

        admin.post(at("people"), PERSON)
        monkeypatch.setattr(people, "send_mail", refuse)
        nora = User.objects.get(username="nora")
        answer = admin.post(at("people"), {"do": "mail", "user": nora.pk})
        assert "It could not be sent" in answer.content.decode()
        assert "/set-password/" in answer.context["link"]

    def test_no_link_is_sent_to_who_has_a_password(self, admin: Client, ada: User) -> None:
        assert admin.post(at("people"), {"do": "mail", "user": ada.pk}).status_code == 404
        assert mail.outbox == []

    def test_a_team_is_made_once(self, admin: Client) -> None:
        admin.post(at("people"), {"do": "team", "team-name": "Callers"})
        answer = admin.post(at("people"), {"do": "team", "team-name": "callers"})
        assert "already" in str(answer.context["team_form"].errors)
        assert Team.objects.filter(name__iexact="callers").count() == 1


class TestHours:
    def test_hours_and_holidays_are_stored(self, admin: Client) -> None:
        assert admin.post(at("hours"), HOURS).status_code == 302
        calendar = Calendar.objects.default()
        assert calendar.time_zone == "Europe/Madrid"
        assert [str(each.day) for each in calendar.holidays.all()] == ["2026-12-25", "2027-01-06"]
        admin.post(at("hours"), HOURS | {"holidays": ""})
        assert not Holiday.objects.exists()

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"holidays": "Christmas"}, "holidays"),
            ({"mon": "nine to five"}, "mon"),
            ({"mon": ""}, "__all__"),
            ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ],
    )
    def test_what_is_wrong_is_said(self, change: dict[str, str], field: str, admin: Client) -> None:
        answer = admin.post(at("hours"), HOURS | change)
        assert list(answer.context["form"].errors) == [field]
        assert not Holiday.objects.exists()


class TestModel:
    def test_a_draft_is_begun_and_noted(self, admin: Client, ada: User) -> None:
        answer = admin.post(at("model"), {"do": "draft:b2b_starter"})
        draft = Draft.objects.get()
        assert answer.headers["Location"].endswith(f"/{draft.model_id}/change/")
        assert AuditEntry.objects.get().action == Action.DRAFT_BEGUN
        admin.post(at("model"), {"do": "draft:b2b_starter"})
        assert Draft.objects.get().pk == draft.pk

    def test_a_model_goes_live_at_once_only_where_nothing_ever_was(self, admin: Client) -> None:
        admin.post(at("model"), {"do": "live:email_scale"})
        assert [version.model.name for version in Version.objects.live()] == ["E-mail scale"]
        admin.post(at("model"), {"do": "live:b2b_starter"})
        assert Version.objects.live().count() == 1

    @pytest.mark.parametrize("deed", ["", "live", "live:", "draft:../x", "burn:b2b_starter"])
    def test_what_there_is_not_is_not_found(self, deed: str, admin: Client) -> None:
        assert admin.post(at("model"), {"do": deed}).status_code == 404


class TestInventedData:
    @pytest.fixture(autouse=True)
    def few_people(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(loading, "SLICE", 3)
        monkeypatch.setattr(loading.load_next, "__defaults__", (7,))

    def test_a_worker_invents_them_bit_by_bit_and_a_model_goes_live(self, admin: Client) -> None:
        admin.post(at("data"))
        assert [invent(), Contact.objects.count()] == [3, 3]
        page = admin.get(at("data")).content.decode()
        assert re.search(r"Inventing people: \d+ %", page)
        assert [invent(), invent(), invent()] == [3, 1, 0]
        assert Contact.objects.count() == 7
        assert Version.objects.live().get().model.name == "B2B starter"
        assert jobs.unfinished().count == 0
        assert "They are there" in admin.get(at("data")).content.decode()

    def test_a_worker_that_is_killed_at_the_end_leaves_nothing_out(
        self, admin: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admin.post(at("data"))
        for place in ((jobs, "go_live"), (loading, "close")):
            with monkeypatch.context() as killed, pytest.raises(SystemExit):
                killed.setattr(*place, lambda *_given: sys.exit())
                while invent():
                    pass
        assert jobs.unfinished().count == 1
        assert invent() == 0
        assert jobs.unfinished().count == 0
        assert Version.objects.live().get().model.name == "B2B starter"

    def test_who_comes_second_stores_nothing(self, admin: Client) -> None:
        admin.post(at("data"))
        late = ImportRun.objects.get()
        invent()
        before = Contact.objects.count()
        assert loading.load_next(late) == 0
        assert Contact.objects.count() == before

    def test_never_among_contacts_of_ones_own(self, admin: Client) -> None:
        person("ana")
        assert admin.post(at("data")).status_code == 403
        assert invent() == 0
        assert not ImportRun.objects.exists()
