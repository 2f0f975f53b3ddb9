"""Erasing a contact: nobody can be found any more, and what was counted is still counted."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import models
from django.utils import timezone
from pytest_django import Settings

from contacts.models import (
    Activity,
    Contact,
    Deal,
    Task,
)
from contacts.models.merges import relations_to_contacts
from contacts.models.on_merge import children_of
from contacts.records import parse_contact
from contacts.storing import store_contacts
from leadscoring.failpoints import FailpointHit, read_failpoints
from scoring.agreement.audit import AuditEntry
from scoring.automations.models import Crossing
from scoring.automations.outbox.messages import Message
from scoring.engine.models import Cause, Score, ScoreChange
from scoring.operations.erasing.erase import EraseContact, foresee
from scoring.operations.erasing.treatments import TREATMENTS
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.leads.contacting import SOURCE as LEAD_PAGE
from scoring.pipeline.merging.together import Refused
from scoring.reports.asking import ask
from scoring.reports.codec import data_of
from scoring.reports.making import answer
from scoring.reports.report import REPORTS
from tests.engine.scored import refresh_all
from tests.operations.stuffing import CALLED, EMAIL, FIRST, FORMER, LAST, NAME, stuff, traces
from tests.pipeline.merging.pair import faults

pytestmark = pytest.mark.django_db


def test_nothing_names_the_person_in_any_column_of_any_table(ana: Contact, ada: User) -> None:
    """Each text of each row says who it was, of this lead and of others."""
    assert len(stuff()) > 60
    assert len(list(traces())) > 60
    EraseContact(ada, ana.pk, EMAIL).execute()
    assert list(traces()) == []


COUNTED: list[type[models.Model]] = [Activity, Crossing, Deal, Handover, Message, Task]


def sums() -> list[Any]:
    """How many there are of what, and what the reports on the work of sales say."""
    reports = [REPORTS[slug] for slug in ("activity", "service")]
    asked = [(each, ask({"span": "7"}, each.asks, each.days, each.numbers)) for each in reports]
    told = [data_of(answer(report, form.question()).sections or ()) for report, form in asked
            if form.is_valid()]  # fmt: skip
    assert len(told) == 2
    rows = [model._default_manager.order_by("pk").values_list("pk") for model in COUNTED]
    return [told, *map(list, rows)]


def test_what_was_counted_is_counted_still_and_every_score_has_its_history(
    ana: Contact, ada: User
) -> None:
    total = Score.objects.get(contact=ana).total
    before = sums()
    EraseContact(ada, ana.pk, EMAIL).execute()
    assert sums() == before
    assert Activity.objects.get(contact=ana, source=LEAD_PAGE).properties == CALLED
    assert not Score.objects.filter(contact=ana).exists()
    last = ScoreChange.objects.filter(contact=ana).first()
    assert last is not None
    assert (last.total_before, last.total, last.cause) == (total, None, Cause.ERASURE)
    refresh_all()
    call_command("recompute", stdout=StringIO())
    assert not Score.objects.filter(contact=ana).exists()
    assert faults() == []
    assert not Task.objects.filter(contact=ana).open().exists()
    assert not Message.objects.filter(contact=ana, state="pending").exists()
    assert not Handover.objects.filter(contact=ana).waiting().exists()


def test_what_was_late_stays_late_and_nothing_more_becomes_so(ana: Contact, ada: User) -> None:
    now, day = timezone.now(), timedelta(days=1)
    template = Handover.objects.filter(contact=ana)[0]
    Handover.objects.filter(contact=ana).update(
        responded_at=None, answered_at=None, respond_by=now - day, feedback_by=now + day
    )
    EraseContact(ada, ana.pk, EMAIL).execute()
    template.refresh_from_db()
    assert (template.respond_by, template.feedback_by) == (now - day, None)


def test_that_it_was_done_by_whom_and_when_is_written_down(ana: Contact, ada: User) -> None:
    EraseContact(ada, ana.pk, f" {EMAIL.upper()}").execute()
    entry = AuditEntry.objects.get(action="contact_erased")
    assert (entry.username, entry.detail) == ("ada", {"contact": ana.pk})
    log = LogEntry.objects.get(change_message__contains="personal data")
    assert log.get_change_message() == f"Deleted personal data “erased-{ana.pk}”."
    assert (log.user, log.object_id, log.object_repr) == (ada, str(ana.pk), f"erased-{ana.pk}")
    erased = Contact.objects.get(pk=ana.pk)
    assert (erased.email, erased.full_name) == (f"erased-{ana.pk}@erased.invalid", "")
    assert erased.erased_at is not None
    # By these reports are narrowed.
    assert (erased.owner, erased.stored_at) == (ana.owner, ana.stored_at)


def test_whoever_has_the_same_name_keeps_it(ana: Contact, ada: User) -> None:
    namesake = Contact.objects.create(email="other@x.example", first_name=FIRST, last_name=LAST)
    task = Task.objects.create(contact=namesake, title=f"Call {NAME}", text=f"Not {EMAIL}")
    longer = Task.objects.create(contact=namesake, title=f"x{EMAIL}", text=f"{EMAIL}.au")
    EraseContact(ada, ana.pk, EMAIL).execute()
    for row in (namesake, task, longer):
        row.refresh_from_db()
    assert (namesake.full_name, task.title) == (NAME, f"Call {NAME}")
    assert task.text == f"Not erased-{ana.pk}@erased.invalid"
    assert (longer.title, longer.text) == (f"x{EMAIL}", f"{EMAIL}.au")


def test_what_ends_in_the_middle_has_erased_nothing(
    ana: Contact, ada: User, settings: Settings
) -> None:
    text = "erasing.before_commit=raise:1"
    settings.CHAOS_FAILPOINTS = dict(read_failpoints(text, production=False, permitted=False))
    with pytest.raises(FailpointHit):
        EraseContact(ada, ana.pk, EMAIL).execute()
    kept = Contact.objects.get(pk=ana.pk)
    assert (kept.email, kept.full_name, kept.erased_at) == (EMAIL, NAME, None)
    assert kept.notes.exists() and not AuditEntry.objects.filter(action="contact_erased").exists()


def test_a_later_import_of_the_address_is_of_somebody_new(ana: Contact, ada: User) -> None:
    EraseContact(ada, ana.pk, EMAIL).execute()
    store_contacts([parse_contact({"email": EMAIL}, {})])
    anew = Contact.objects.get(email_key=EMAIL)
    assert anew.pk != ana.pk
    assert not anew.changes.exists() and not anew.activities.exists()


def test_only_who_may_delete_contacts_erases_and_only_by_the_address(
    ana: Contact, marta: User, mona: User, ada: User
) -> None:
    for user in (marta, mona):
        with pytest.raises(PermissionDenied):
            EraseContact(user, ana.pk, EMAIL).execute()
    for typed in ("", FORMER, "ana"):
        with pytest.raises(Refused):
            EraseContact(ada, ana.pk, typed).execute()
    assert Contact.objects.get(pk=ana.pk).full_name == NAME


def test_what_is_foreseen_counts_each_row_once(ana: Contact) -> None:
    foreseen = foresee(ana)
    assert foreseen.gone["notes"] == 1
    assert foreseen.emptied["tasks"] == foreseen.emptied["deals"] == 1
    assert foreseen.named == {"kept answers": 1, "rejected items": 1}
    assert foreseen.frozen == {}


def belonging() -> Iterator[type[models.Model]]:
    """What points to a contact, and what goes when such a row does."""
    for relation in relations_to_contacts():
        yield relation.model
        yield from (child.model for child in children_of(relation.model))


@pytest.mark.once
def test_every_model_that_belongs_to_a_contact_says_what_erasing_does_to_its_rows() -> None:
    told = {treatment.model for treatment in TREATMENTS}
    links = {model for model in belonging() if model._meta.auto_created}
    assert {model._meta.label for model in {*belonging()} - told - links} == set()
