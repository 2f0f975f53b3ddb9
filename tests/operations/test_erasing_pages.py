"""Who erases a contact, on the page and by command, and where nobody finds it afterwards."""

import html
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import (
    Contact,
    Task,
)
from contacts.records import RecordInvalid, parse_contact
from scoring.operations.erasing import erase, page
from scoring.operations.erasing.erase import EraseContact
from scoring.pipeline.assigning.choosing import loads_of
from scoring.pipeline.assigning.handing import leads_of, owners
from tests.api.calls import caller
from tests.operations.stuffing import EMAIL, FORMER, NAME

pytestmark = pytest.mark.django_db


def test_the_page_says_what_goes_and_stays_and_asks_for_the_address(
    ana: Contact, ada: User, client: Client
) -> None:
    client.force_login(ada)
    address, lists = (
        reverse("admin:contact_erase", args=[ana.pk]),
        "admin:contacts_contact_changelist",
    )
    ticked = {"action": "erase_ticked", "_selected_action": [ana.pk]}
    assert client.post(reverse(lists), ticked).headers["Location"] == address
    deleting = reverse("admin:contacts_contact_delete", args=[ana.pk])
    assert address in client.get(deleting).content.decode()
    told = client.get(address).content.decode()
    assert "notes: 1" in told and "former addresses: 1" in told and "score changes: " in told
    assert "rejected items: 1" in told
    wrong = client.post(address, {"address": FORMER})
    assert wrong.status_code == 200 and "Nothing was erased" in wrong.content.decode()
    client.post(address, {"address": EMAIL})
    assert client.get(address).status_code == 404
    again = client.post(address, {"address": EMAIL}, follow=True).content.decode()
    assert f"Contact {ana.pk} is erased already." in again
    for name in (lists, "admin:scoring_lead_changelist"):
        assert f"erased-{ana.pk}" not in client.get(reverse(name)).content.decode()
    assert client.get("/api/v1/contacts", {"email": f"erased-{ana.pk}@erased.invalid"}).json() == {
        "next": None, "results": [],
    }  # fmt: skip


def test_of_two_clicks_at_once_the_second_says_that_it_is_done(
    ana: Contact, ada: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = page.erased

    def second(request: Any, contact: Contact) -> Any:
        EraseContact(ada, ana.pk, EMAIL).execute()
        return found(request, contact)

    monkeypatch.setattr(page, "erased", second)
    client.force_login(ada)
    address = reverse("admin:contact_erase", args=[ana.pk])
    told = client.post(address, {"address": EMAIL}, follow=True).content.decode()
    assert f"Contact {ana.pk} is erased already." in told


def test_the_command_shows_first_and_erases_when_told_by_whom(ana: Contact, ada: User) -> None:
    told = StringIO()
    call_command("erase_contact", FORMER, stdout=told)
    assert "former addresses: 1" in told.getvalue() and EMAIL in told.getvalue()
    for options in ({"confirm": EMAIL}, {"confirm": FORMER, "by": "ada"},
                    {"confirm": EMAIL, "by": "marta"}, {"confirm": EMAIL, "by": "x"}):  # fmt: skip
        with pytest.raises(CommandError):
            call_command("erase_contact", EMAIL, **options)
    assert Contact.objects.get(pk=ana.pk).full_name == NAME
    call_command("erase_contact", EMAIL, confirm=EMAIL, by="ada", stdout=told)
    assert Contact.objects.get(pk=ana.pk).full_name == ""


def test_the_command_says_where_it_was_done_meanwhile(
    ana: Contact, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def done(_contact_ids: list[int]) -> None:
        Contact.objects.filter(pk=ana.pk).unnoted().update(erased_at=timezone.now())

    monkeypatch.setattr(erase, "lock_for_good", done)
    with pytest.raises(CommandError, match="erased already"):
        call_command("erase_contact", EMAIL, confirm=EMAIL, by="ada")


def test_who_is_erased_is_in_no_list_that_says_whose_leads_there_are(
    ana: Contact, ada: User, saul: User, client: Client
) -> None:
    row = Task.objects.filter(contact=ana).open().first()
    assert row is not None
    Task.objects.filter(pk=row.pk).update(title=f"Call {NAME}")
    client.force_login(ada)
    ticked = {"action": "finish_ticked", "_selected_action": [row.pk]}
    tasks = reverse("admin:contacts_task_changelist")
    assert NAME in html.unescape(client.post(tasks, ticked, follow=True).content.decode())
    before = loads_of([saul], "leads")[saul.pk]
    EraseContact(ada, ana.pk, EMAIL).execute()
    assert loads_of([saul], "leads")[saul.pk] == before - 1
    assert not leads_of("saul").filter(pk=ana.pk).exists()
    assert sum(each.count for each in owners() if each.name == "saul") == leads_of("saul").count()
    answered = caller("handovers:read").get("/api/v1/handovers", {"verdict": "waiting"})
    assert answered.status_code == 200 and "erased-" not in answered.content.decode()
    for place in ("", "/explanation"):
        assert caller().get(f"/api/v1/contacts/{ana.pk}{place}").status_code == 404
    with pytest.raises(RecordInvalid, match="was erased"):
        parse_contact({"email": f"Erased-{ana.pk}@Erased.invalid"}, {})
    assert not [each for each in Session.objects.all() if NAME in str(each.get_decoded())]
    client.post(reverse("admin:task_undo"))
    assert not Task.objects.filter(contact=ana).open().exists()
