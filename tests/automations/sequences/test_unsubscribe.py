"""The page on which a contact says no: without a log-in, by POST, once, and back again."""

import re

import pytest
from django.core import signing
from django.test import Client

from contacts.models import Activity, Contact, FieldChange
from scoring.automations.outbox.messages import Message
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.unsubscribe import asker_of as asker_of_token
from scoring.automations.unsubscribe import (
    language_of,
    masked,
    subscribe_again,
    token_of,
    unsubscribe_link,
)
from tests.automations.sequences.making import MONDAY, fresh, lea, put_in, run_until, sequence

pytestmark = pytest.mark.django_db


@pytest.fixture
def strict() -> Client:
    """A visitor without cookies; whatever needs a CSRF token is refused."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def enrolment(db: None) -> Enrolment:
    found = put_in(lea(), sequence())
    run_until(MONDAY.replace(hour=9))
    return found


def path(contact: Contact, key: str = "s:1:1") -> str:
    return f"/unsubscribe/{token_of(contact, key)}"


def link_in(message: Message) -> str:
    url = message.content["unsubscribe_url"]
    assert isinstance(url, str)
    return "/" + url.split("/", 3)[3]


def test_the_link_of_an_e_mail_asks_and_does_nothing(strict: Client, enrolment: Enrolment) -> None:
    response = strict.get(link_in(Message.objects.get()))
    assert response.status_code == 200
    assert "No more e-mails?" in response.content.decode()
    assert Contact.objects.get().unsubscribed is False
    assert Message.objects.get().state == "pending"


def test_the_button_unsubscribes_with_all_that_follows(
    strict: Client, enrolment: Enrolment
) -> None:
    message = Message.objects.get()
    response = strict.post(link_in(message))
    assert response.status_code == 200
    assert "<h1>Done</h1>" in response.content.decode()
    assert Contact.objects.get().unsubscribed is True
    change = FieldChange.objects.get(field="unsubscribed")
    assert (change.before, change.after, change.origin) == (False, True, "unsubscribe link")
    activity = Activity.objects.get(type__slug="unsubscribe")
    assert (activity.target.text, activity.external_id) == ("sequence/welcome/1", message.key)
    assert (fresh(enrolment).state, fresh(enrolment).reason) == ("left", "unsubscribed")
    message.refresh_from_db()
    assert message.state == "cancelled"
    run_until(MONDAY.replace(day=20))
    assert Message.objects.count() == 1


def test_a_mail_program_unsubscribes_at_one_click(strict: Client) -> None:
    who = lea()
    response = strict.post(
        path(who), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 200
    assert Contact.objects.get().unsubscribed is True


def test_twice_is_as_once(strict: Client) -> None:
    who = lea()
    strict.post(path(who))
    for response in (
        strict.post(path(who)),
        strict.get(path(who)),
        strict.post(path(who, "s:2:1")),
    ):
        assert response.status_code == 200
        assert "Already done" in response.content.decode()
    assert Activity.objects.count() == 1
    assert FieldChange.objects.filter(field="unsubscribed").count() == 1


def test_a_slip_is_undone(strict: Client) -> None:
    who = lea()
    page = strict.post(path(who)).content.decode()
    assert 'name="again"' in page
    again = strict.post(path(who), {"again": "1"}).content.decode()
    assert "You are subscribed again" in again
    assert Contact.objects.get().unsubscribed is False
    assert FieldChange.objects.filter(field="unsubscribed").count() == 2
    strict.post(path(who))
    assert Contact.objects.get().unsubscribed is True
    assert Activity.objects.count() == 1


def test_subscribing_who_is_subscribed_changes_nothing() -> None:
    who = lea()
    asker = asker_of_token(token_of(who, "s:1:1"))
    assert asker is not None
    subscribe_again(asker)
    assert not FieldChange.objects.exists()


WRONG = [
    "x",
    "x" * 5000,
    signing.dumps([1, "s:1:1"], salt="other"),
    signing.dumps([987654, "s:1:1"], salt="unsubscribe", compress=True),
    signing.dumps("no list", salt="unsubscribe"),
    signing.dumps([1], salt="unsubscribe"),
    "%00",
    "../../admin",
]


@pytest.mark.parametrize("token", WRONG, ids=range(len(WRONG)))
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_wrong_link_is_a_clear_page(strict: Client, token: str, method: str) -> None:
    who = lea()
    response = getattr(strict, method)(f"/unsubscribe/{token}")
    assert response.status_code == 404
    if "/" not in token:
        assert "This link does not work" in response.content.decode()
    who.refresh_from_db()
    assert who.unsubscribed is False


def test_a_token_that_was_altered_is_wrong(strict: Client) -> None:
    who = lea()
    token = token_of(who, "s:1:1")
    other = lea(email="bob@example.com")
    mixed = token_of(other, "s:1:1").split(":")[0] + token[token.index(":") :]
    assert strict.post(f"/unsubscribe/{mixed}").status_code == 404
    assert not Contact.objects.filter(unsubscribed=True).exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_page_is_strict(strict: Client, method: str) -> None:
    who = lea(first_name="Léa", last_name="Secreta", phone="600 123", job_title="Directora")
    response = getattr(strict, method)(path(who))
    text = response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert not response.cookies
    assert "<script" not in text and "style=" not in text and "http://" not in text
    for private in ("Léa", "Secreta", "600 123", "Directora", "lea@example.com", "csrf"):
        assert private not in text
    assert "l•••@e•••.com" in text


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(strict: Client, method: str) -> None:
    who = lea()
    assert getattr(strict, method)(path(who)).status_code == 405
    assert Contact.objects.get().unsubscribed is False


LANGUAGES = [
    ({}, "", "", "en"),
    ({}, "es", "", "es"),
    ({"language": "es-MX"}, "en", "", "es"),
    ({"language": "English"}, "es", "", "en"),
    ({"language": "de"}, "es", "", "es"),
    ({"language": "es"}, "", "en", "en"),
    ({"language": "es"}, "", "xx", "es"),
]


@pytest.mark.parametrize(("fields", "accepted", "asked", "language"), LANGUAGES)
def test_the_page_speaks_a_language(
    strict: Client, fields: dict[str, str], accepted: str, asked: str, language: str
) -> None:
    response = strict.get(
        path(lea(**fields)), {"lang": asked} if asked else {}, HTTP_ACCEPT_LANGUAGE=accepted
    )
    text = response.content.decode()
    assert f'<html lang="{language}">' in text
    other = "es" if language == "en" else "en"
    assert re.findall(r'\?lang=(\w+)"', text) == [other]


def test_a_contacts_language_is_one_of_ours_or_none() -> None:
    said = ["es", "ES-mx", "Spanish", "en_GB", "fr", ""]
    found = [language_of(Contact(email="a@b.c", language=text)) for text in said]
    assert found == ["es", "es", "", "en", "", ""]


def test_the_link_of_a_test_run_works_for_nobody(strict: Client) -> None:
    link = unsubscribe_link(lea(), "test:1")
    assert strict.post("/" + link.split("/", 3)[3]).status_code == 404
    assert Contact.objects.get().unsubscribed is False


def test_the_link_is_a_whole_address() -> None:
    who = lea()
    assert re.fullmatch(r"http://[^/]+/unsubscribe/[\w:.-]+", unsubscribe_link(who, "s:12:3"))


MASKED = [("ana@example.com", "a•••@e•••.com"), ("a@b.co.uk", "a•••@b•••.uk"), ("x", "•••@•••.x")]


@pytest.mark.parametrize(("address", "shown"), MASKED)
def test_an_address_is_masked(address: str, shown: str) -> None:
    assert masked(address) == shown
