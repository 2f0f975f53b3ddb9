"""E-mails from a person to a lead: what goes out, to whom not, and what it counts as."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from contacts.models import Activity, Contact, Member, Team
from contacts.models.teams import Calendar
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import OwnerCard
from scoring.engine.models import Track
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.leads.models import EmailTemplate
from tests.automations.set_up import go_live, person
from tests.pipeline.leads.page import address, at_work, do, text_of

pytestmark = pytest.mark.django_db
GREETING = "Hello {{ contact.first_name | there }}"


@pytest.fixture
def track() -> Track:
    return go_live()


@pytest.fixture
def ana(track: Track, saul: User) -> Contact:
    OwnerCard.objects.create(user=saul, meeting_link="https://meet.example/saul", signature="Saul")
    return person("ana", owner="saul", first_name="Ana")


def write(user: User, contact: Contact, **given: Any) -> Any:
    return do(user, "email", contact, **{"subject": GREETING, "text": "Are you well?", **given})


def test_it_goes_through_the_outbox_with_its_variables_filled_in(ana: Contact, saul: User) -> None:
    answer = write(saul, ana, text="Book: {{ owner.meeting_link }}")
    assert "in the outbox" in text_of(answer)
    assert answer.headers["HX-Trigger"] == "lead-changed"
    message = Message.objects.get(channel="email")
    assert (message.subject, message.recipient, message.state) == (
        "Hello Ana",
        "ana@x.example",
        "pending",
    )
    body = json.loads(message.body)
    assert body["text"] == "Book: https://meet.example/saul\n\n-- \nSaul\n"
    assert body["reply_to"] == "saul@example.com"


def test_a_click_that_comes_twice_sends_once(ana: Contact, saul: User) -> None:
    token = str(uuid.uuid4())
    write(saul, ana, token=token)
    write(saul, ana, token=token)
    assert Message.objects.filter(channel="email").count() == 1


def test_it_is_the_first_attempt_to_reach_a_lead_that_was_handed_over(
    ana: Contact, saul: User, track: Track
) -> None:
    before = timezone.now() - timedelta(hours=1)
    handover = Handover.objects.create(
        contact=ana, model=track.model, band="hot", handed_at=before, owner="saul"
    )
    write(saul, ana)
    handover.refresh_from_db()
    assert handover.responded_at is not None
    # As with the e-mails of sequences: what is sent is a message and no activity.
    assert not Activity.objects.filter(contact=ana).exists()


NOT_TO = [
    ({"unsubscribed": True}, "The contact has unsubscribed."),
    ({"bounced": True}, "The contact’s address does not take mail."),
]


@pytest.mark.parametrize(("fields", "why"), NOT_TO)
def test_to_whom_nothing_may_go_nothing_goes_and_it_says_why(
    fields: dict[str, bool], why: str, ana: Contact, saul: User
) -> None:
    Contact.objects.filter(pk=ana.pk).update(**fields)
    form = at_work(saul).get(address("do", ana, "email"))
    answer = write(saul, ana)
    for page in (form, answer):
        assert why.replace("’", "&#x27;") in text_of(page)
    assert not Message.objects.exists()


WRONG = [
    ({"text": "{{ contact.salary }}"}, "is no variable"),
    ({"text": "{{ contact.email"}, "two braces on both sides"),
    ({"subject": "{{ contact.phone }}"}, "The subject is empty."),
    ({"subject": ""}, "This field is required."),
    ({"text": "a\0b"}, "Null characters are not allowed."),
    ({"token": "x"}, "open it again"),
]


@pytest.mark.parametrize(("given", "said"), WRONG)
def test_what_cannot_go_is_said_and_nothing_is_stored(
    given: dict[str, str], said: str, ana: Contact, saul: User
) -> None:
    assert said in text_of(write(saul, ana, **given))
    assert not Message.objects.exists()


def test_without_a_meeting_link_it_says_where_one_belongs(ana: Contact, saul: User) -> None:
    OwnerCard.objects.update(meeting_link="")
    assert "has no meeting link" in text_of(write(saul, ana, text="{{ owner.meeting_link }}"))
    assert not Message.objects.exists()


def test_for_an_owner_who_has_left_the_writer_stands_in(
    ana: Contact, saul: User, mona: User
) -> None:
    saul.is_active = False
    saul.save()
    OwnerCard.objects.create(user=mona, meeting_link="https://meet.example/mona")
    form = text_of(at_work(mona).get(address("do", ana, "email")))
    assert "saul does not log in here any more" in form
    write(mona, ana, text="{{ owner.name }} {{ owner.meeting_link }}")
    body = json.loads(Message.objects.get(channel="email").body)
    assert body["text"] == "mona https://meet.example/mona"


def test_the_preview_shows_what_is_read_and_what_is_not_known(ana: Contact, saul: User) -> None:
    given = {"subject": GREETING, "text": "Your number: {{ contact.phone }}"}
    shown = text_of(at_work(saul).post(address("email_preview", ana), given))
    assert "Hello Ana" in shown
    assert "left empty: Phone" in shown.replace("\n", " ")
    assert not Message.objects.exists()


def test_a_template_is_offered_to_its_team_and_fills_the_form(
    ana: Contact, saul: User, marta: User
) -> None:
    team = Team.objects.create(name="North", calendar=Calendar.objects.get())
    EmailTemplate.objects.create(name="For all", subject="Hi", text="All of you")
    north = EmailTemplate.objects.create(name="For north", subject=GREETING, text="N", team=team)
    assert [each.name for each in EmailTemplate.objects.visible_to(saul)] == ["For all"]
    assert EmailTemplate.objects.visible_to(marta).count() == 2
    client = at_work(saul)
    assert GREETING not in text_of(client.get(address("do", ana, "email"), {"template": north.pk}))
    Member.objects.create(team=team, user=saul)
    form = text_of(client.get(address("do", ana, "email"), {"template": north.pk}))
    assert GREETING in form
    write(saul, ana, template=north.pk)
    assert Message.objects.get(channel="email").target == "For north"
