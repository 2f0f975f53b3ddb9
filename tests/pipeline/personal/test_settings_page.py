"""My settings: one's own alone, kept, and the address of the calendar shown once."""

from datetime import time
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from contacts.models import CalendarAddress, Contact, Preferences, Task
from scoring.automations.outbox.personal import Notification

pytestmark = pytest.mark.django_db

PAGE = "/admin/my-settings/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("who", ["marta", "saul", "mona", "ada"])
def test_everybody_has_a_page_of_their_own_reached_from_the_account(
    who: str, request: pytest.FixtureRequest
) -> None:
    client = client_of(request.getfixturevalue(who))
    page = client.get(PAGE)
    assert page.status_code == 200
    assert 'href="/admin/my-settings/"' in client.get("/admin/").content.decode()
    assert "no-store" in page.headers["Cache-Control"]


def test_a_stranger_is_asked_to_log_in(client: Client) -> None:
    for address in (PAGE, f"{PAGE}calendar/", f"{PAGE}calendar/off/"):
        assert client.post(address).headers["Location"].startswith("/admin/login/")
    assert not CalendarAddress.objects.exists()


def test_what_is_chosen_is_kept_for_this_person_alone(saul: User, mona: User) -> None:
    client = client_of(saul)
    given: dict[str, Any] = {
        "language": "es", "digest": "on", "digest_at": "07:30", "digest_days": ["4", "0"]
    }  # fmt: skip
    answer = client.post(PAGE, given)
    assert answer.status_code == 302
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "es"
    own = Preferences.objects.get()
    assert (own.user, own.language, own.digest, own.digest_at, own.digest_days) == (
        saul, "es", True, time(7, 30), [0, 4]
    )  # fmt: skip
    form = client.get(PAGE).context["form"]
    assert form["digest_at"].value() == "07:30"
    client.post(PAGE, {"language": ""})
    own.refresh_from_db()
    assert (own.language, own.digest, own.digest_at, own.digest_days) == ("", False, None, None)
    assert client_of(mona).get(PAGE).context["form"].instance.pk is None


WRONG = [
    {"language": "xx"}, {"digest_at": "25:00"}, {"digest_at": "07:31"}, {"digest_days": ["7"]},
    {"digest_days": ["Monday"]},
]  # fmt: skip


@pytest.mark.parametrize("given", WRONG)
def test_what_cannot_be_chosen_changes_nothing(saul: User, given: dict[str, Any]) -> None:
    answer = client_of(saul).post(PAGE, {"digest": "on", **given})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Preferences.objects.exists()


def test_the_address_is_shown_once_and_opens_the_calendar(saul: User) -> None:
    client = client_of(saul)
    shown = client.post(f"{PAGE}calendar/")
    address = shown.context["address"]
    assert address in shown.content.decode()
    path = address.removeprefix(settings.SITE_URL)
    assert Client().get(path).status_code == 200
    assert address not in client.get(PAGE).content.decode()
    assert address not in str(dict(client.session))
    renewed = client.post(f"{PAGE}calendar/").context["address"]
    assert Client().get(path).status_code == 404
    client.post(f"{PAGE}calendar/off/")
    assert Client().get(renewed.removeprefix(settings.SITE_URL)).status_code == 404


def test_nothing_is_made_by_looking(saul: User) -> None:
    for address in ("calendar/", "calendar/off/"):
        assert client_of(saul).get(PAGE + address).status_code == 405


def test_the_page_shows_what_the_letter_would_say(saul: User) -> None:
    client = client_of(saul)
    assert "no e-mail would be sent" in client.get(PAGE).content.decode()
    contact = Contact.objects.create(email="lea@example.com")
    Task.objects.create(
        contact=contact, title="<Call>", assignee=saul, due_at="2020-01-01T10:00:00Z"
    )
    page = client.get(PAGE).content.decode()
    assert "&lt;Call&gt; – lea@example.com" in page


def test_who_is_given_a_task_is_told_in_their_language(saul: User, mona: User) -> None:
    Preferences.objects.create(user=saul, language="es")
    contact = Contact.objects.create(email="lea@example.com")
    rows = [Task.objects.create(contact=contact, title=f"t{n}", assignee=mona) for n in range(3)]
    given = {"task": [rows[0].pk], "to": f"person-{saul.pk}"}
    client_of(mona).post("/admin/contacts/task/ask/hand-over/", given)
    client_of(mona).post(
        "/admin/contacts/task/ask/hand-over/", {**given, "task": [row.pk for row in rows[1:]]}
    )
    told = Notification.objects.filter(user=saul).order_by("pk")
    assert [row.title for row in told] == [
        "mona te ha pasado una tarea: t0",
        "mona te ha pasado 2 tareas",
    ]
    assert told[0].link == f"/admin/contacts/task/{rows[0].pk}/change/"
