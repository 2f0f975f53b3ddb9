"""The calendar of somebody's tasks: what it says, to whom, and that calendars can read it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from contacts.calendar_feed import event
from contacts.models import CalendarAddress, Company, Contact, Preferences, Task
from tests.contacts.calendar_reader import Component, read

pytestmark = pytest.mark.django_db

DUE = datetime(2026, 12, 4, 15, 30, tzinfo=UTC)


@pytest.fixture
def secret(saul: User) -> str:
    return CalendarAddress.objects.renew(saul)


@pytest.fixture
def lea(db: None) -> Contact:
    company = Company.objects.create(name="Acme, Ltd; Söhne")
    return Contact.objects.create(
        email="lea@example.com", first_name="Lea", phone="600 000", company=company
    )


def task(contact: Contact, assignee: User | None, **given: Any) -> Task:
    given = {"title": "Call", "due_at": DUE, **given}
    return Task.objects.create(contact=contact, assignee=assignee, **given)


def asked(client: Client, secret: str, **headers: str) -> Any:
    return client.get(f"/calendar/{secret}.ics", headers=headers)


def events(client: Client, secret: str) -> list[Component]:
    answer = asked(client, secret)
    assert answer.status_code == 200
    return read(answer.content).parts


def test_it_shows_ones_own_open_tasks_that_are_due_at_some_time(
    client: Client, secret: str, saul: User, mona: User, lea: Contact
) -> None:
    row = task(lea, saul, title="Call, then; write\nsoon", text="Ask for Eva\\Max")
    task(lea, mona)
    task(lea, None)
    task(lea, saul, due_at=None)
    task(lea, saul)
    Task.objects.filter(title="Call", assignee=saul, due_at=DUE).finish(saul, timezone.now())
    (found,) = events(client, secret)
    assert found.name == "VEVENT"
    assert found.text("SUMMARY") == "Call, then; write\nsoon – Lea"
    assert found.text("DESCRIPTION").split("\n") == [
        "Lea, Acme, Ltd; Söhne", "600 000", "lea@example.com", "Ask for Eva\\Max",
        f"http://127.0.0.1:8000/admin/contacts/task/{row.pk}/change/",
    ]  # fmt: skip
    assert found.at("DTSTART") == DUE
    assert found.at("DTEND") - DUE == timedelta(minutes=15)
    assert found.values["UID"] == f"task-{row.pk}@127.0.0.1"
    assert found.values["TRANSP"] == "TRANSPARENT"


def test_of_a_lead_that_is_a_colleagues_now_only_the_task_is_told(
    client: Client, secret: str, saul: User, lea: Contact
) -> None:
    task(lea, saul)
    Contact.objects.update(owner="peter", owner_norm="peter", phone="600 000")
    (found,) = events(client, secret)
    said = found.text("SUMMARY") + found.text("DESCRIPTION")
    assert not any(word in said for word in ("Lea", "Acme", "600", "lea@example.com"))
    assert "/admin/contacts/task/" in said


def test_an_empty_calendar_has_its_name(client: Client, secret: str) -> None:
    calendar = read(asked(client, secret).content)
    assert calendar.name == "VCALENDAR"
    assert calendar.text("X-WR-CALNAME") == "Tasks of saul"
    assert (calendar.values["VERSION"], calendar.parts) == ("2.0", [])


def test_it_speaks_its_owners_language_whoever_asks(
    client: Client, secret: str, saul: User
) -> None:
    Preferences.objects.create(user=saul, language="es")
    answer = asked(client, secret, **{"Accept-Language": "en"})
    assert read(answer.content).text("NAME") == "Tareas de saul"


def test_what_is_put_off_stands_where_it_comes_back(
    client: Client, secret: str, saul: User, lea: Contact
) -> None:
    row = task(lea, saul)
    Task.objects.filter(pk=row.pk).snooze(DUE + timedelta(days=3))
    (found,) = events(client, secret)
    assert found.at("DTSTART") == DUE + timedelta(days=3)


def test_a_change_keeps_the_id_and_raises_the_revision(
    client: Client, secret: str, saul: User, lea: Contact
) -> None:
    row = task(lea, saul)
    (before,) = events(client, secret)
    later = row.created_at + timedelta(minutes=5)
    Task.objects.filter(pk=row.pk).update(due_at=DUE + timedelta(hours=1), changed_at=later)
    (after,) = events(client, secret)
    assert after.values["UID"] == before.values["UID"]
    assert int(after.values["SEQUENCE"]) == 300 > int(before.values["SEQUENCE"])
    assert after.at("LAST-MODIFIED") == later.replace(microsecond=0)


def test_who_has_it_already_is_told_that_nothing_changed(
    client: Client, secret: str, saul: User, lea: Contact
) -> None:
    row = task(lea, saul)
    first = asked(client, secret)
    again = asked(client, secret, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    Contact.objects.filter(pk=row.contact_id).update(phone="700 000")
    changed = asked(client, secret, **{"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, changed.headers["ETag"] != first.headers["ETag"]) == (200, True)


def test_nobody_between_keeps_it(client: Client, secret: str) -> None:
    answer = asked(client, secret)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers


def test_only_the_address_of_today_opens_it(client: Client, secret: str, saul: User) -> None:
    wrong = [
        secret[:-1],
        secret[:-1] + ("A" if secret[-1] != "A" else "B"),
        "x",
        "a" * 43,
        "é" * 43,
    ]
    for text in wrong:
        assert asked(client, text).status_code == 404, text
    renewed = CalendarAddress.objects.renew(saul)
    assert asked(client, secret).status_code == 404
    assert asked(client, renewed).status_code == 200
    CalendarAddress.objects.of(saul).delete()
    assert asked(client, renewed).status_code == 404


def test_it_ends_with_the_account(client: Client, secret: str, saul: User) -> None:
    User.objects.filter(pk=saul.pk).update(is_active=False)
    assert asked(client, secret).status_code == 404


def test_the_secret_itself_is_stored_nowhere(secret: str) -> None:
    stored = CalendarAddress.objects.values_list("digest", flat=True).get()
    assert secret not in stored
    assert len(secret) == 43


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_is_only_read(client: Client, secret: str, method: str) -> None:
    assert getattr(client, method)(f"/calendar/{secret}.ics").status_code == 405


def test_it_asks_as_much_for_many_tasks_and_stops_somewhere(
    client: Client,
    secret: str,
    saul: User,
    lea: Contact,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    Task.objects.bulk_create(
        Task(contact=lea, title=f"t{each}", assignee=saul, due_at=DUE) for each in range(501)
    )
    with django_assert_num_queries(6):
        found = events(client, secret)
    assert len(found) == 500
    with django_assert_num_queries(1):
        asked(client, "a" * 43)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@settings(max_examples=60)
@given(title=TEXTS, text=TEXTS)
def test_any_text_arrives_but_for_control_characters(title: str, text: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    row = Task(pk=1, title=title, text=text, due_at=now, created_at=now, changed_at=now,
               contact=Contact(email="a@example.com"))  # fmt: skip
    found = read(event(row).to_ical())
    plain = title.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(" " if letter < " " and letter not in "\n\t" or letter == "\x7f" else letter
                   for letter in plain)  # fmt: skip
    assert found.text("SUMMARY") == f"{kept} – a@example.com"


def test_whoever_works_with_tasks_no_more_reads_none_of_them(
    client: Client, secret: str, saul: User, lea: Contact
) -> None:
    task(lea, saul)
    assert len(events(client, secret)) == 1
    saul.groups.clear()
    assert events(client, secret) == []
