"""E-mail to a contact, notifications by Apprise, notifications inside."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from contacts.models import Contact
from scoring.automations.outbox.attachments import (
    ATTACHMENTS,
    AttachmentKind,
    Facts,
    File,
    Without,
)
from scoring.automations.outbox.channel import NotNow, Outcome, Result
from scoring.automations.outbox.channels import email as email_channel
from scoring.automations.outbox.channels import notify as notify_channel
from scoring.automations.outbox.channels.email import message_id, readable
from scoring.automations.outbox.claims import LONG_LEASE, take
from scoring.automations.outbox.delivery import dispatch, dispatch_files
from scoring.automations.outbox.letters import letter
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import Notification, OwnerCard
from scoring.automations.outbox.receivers import Destination
from tests.automations.outbox.receiving import GOOD, is_silent, receiver, says, status

State = Message.State
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
UNSUBSCRIBE = "https://crm.example/u/abc"


@pytest.fixture
def ana(saul: User) -> Contact:
    saul.first_name, saul.last_name = "Saúl", "Pérez"
    saul.save()
    OwnerCard.objects.create(user=saul, signature="Saúl Pérez\nAcme")
    return Contact.objects.create(email="ana@example.com", first_name="Ana", owner="saul")


def write_to(contact: Contact, key: str = "x:1:0", subject: str = "Hello") -> Message:
    return Message.objects.post(
        key=key,
        channel="email",
        recipient=contact.email,
        subject=subject,
        body=letter(contact, f"Dear Ana\n{UNSUBSCRIBE}", unsubscribe_url=UNSUBSCRIBE),
        contact=contact,
    )


# --- E-mail --------------------------------------------------------------------------------


def test_a_letter_comes_from_the_owner_who_gets_the_answer(
    ana: Contact, settings: Settings
) -> None:
    settings.DEFAULT_FROM_EMAIL = "Acme <crm@acme.example>"
    write_to(ana)
    dispatch()
    (sent,) = mail.outbox
    text = sent.message()
    assert readable(text["From"]) == "Saúl Pérez <crm@acme.example>"
    assert "From: Saúl Pérez <crm@acme.example>" in Message.objects.get().history.get().head
    assert (sent.to, sent.subject) == (["ana@example.com"], "Hello")
    assert "saul@example.com" in sent.reply_to[0]
    assert text["Message-ID"] == message_id("x:1:0")
    assert text["Message-ID"].endswith("@acme.example>")
    assert text["List-Unsubscribe"] == f"<{UNSUBSCRIBE}>"
    assert text["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(sent.body).endswith("-- \nSaúl Pérez\nAcme\n")
    assert Message.objects.get().state == State.SENT


def test_without_an_address_for_it_no_mail_promises_unsubscribing(ana: Contact) -> None:
    body = letter(ana, "Hi")
    Message.objects.post(key="x:1:0", channel="email", recipient=ana.email, body=body, contact=ana)
    dispatch()
    assert "List-Unsubscribe" not in mail.outbox[0].message()


@pytest.mark.parametrize("field", ["unsubscribed", "bounced"])
def test_nothing_is_posted_to_whoever_wants_or_takes_none(ana: Contact, field: str) -> None:
    setattr(ana, field, True)
    ana.save()
    message = write_to(ana)
    assert (message.state, bool(message.last_error)) == (State.CANCELLED, True)
    assert dispatch() == 0
    assert mail.outbox == []


@pytest.mark.parametrize("field", ["unsubscribed", "bounced"])
def test_it_is_asked_again_before_it_is_sent(ana: Contact, field: str) -> None:
    message = write_to(ana)
    setattr(ana, field, True)
    ana.save()
    dispatch()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.CANCELLED, 0)
    assert "contact" in message.last_error
    assert mail.outbox == []


def test_a_contact_who_is_deleted_takes_the_messages_along(ana: Contact) -> None:
    write_to(ana)
    ana.delete()
    assert dispatch() == 0
    assert mail.outbox == []


def test_a_line_break_cannot_forge_a_header(ana: Contact) -> None:
    write_to(ana, subject="Hi\r\nBcc: eve@example.com")
    dispatch()
    (sent,) = mail.outbox
    assert sent.subject == "Hi Bcc: eve@example.com"
    assert sent.recipients() == ["ana@example.com"]


class MailServer:
    """Speaks as much SMTP as it takes, and answers RCPT as it was told."""

    def __init__(self, rcpt: bytes) -> None:
        self.rcpt = rcpt
        self.letters: list[EmailMessage] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                visitor, _address = self.listener.accept()
                with suppress(OSError), visitor:
                    self.speak(visitor)

    def speak(self, visitor: socket.socket) -> None:
        if self.rcpt == b"silent":
            time.sleep(60)
        stream = visitor.makefile("rwb", buffering=0)
        stream.write(b"220 hello\r\n")
        while line := stream.readline().upper():
            if line.startswith(b"RCPT"):
                stream.write(self.rcpt)
            elif line.startswith(b"DATA"):
                stream.write(b"354 go on\r\n")
                lines = []
                while (text := stream.readline()) != b".\r\n":
                    lines.append(text)
                self.letters.append(message_from_bytes(b"".join(lines), policy=policy.default))
                stream.write(b"250 taken\r\n")
            elif line.startswith(b"QUIT"):
                stream.write(b"221 bye\r\n")
                return
            else:
                stream.write(b"250 ok\r\n")

    def close(self) -> None:
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def mail_server(request: pytest.FixtureRequest, settings: Settings) -> Iterator[MailServer]:
    server = MailServer(getattr(request, "param", b"250 ok\r\n"))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield server
    server.close()


def test_a_letter_travels_by_smtp_and_a_repetition_has_the_same_id(
    ana: Contact, mail_server: MailServer
) -> None:
    message = write_to(ana)
    dispatch()
    # As if the answer had been lost: nobody knows, so it is sent once more.
    Message.objects.update(state=State.PENDING, next_at=timezone.now())
    dispatch()
    first, second = mail_server.letters
    assert first["Message-ID"] == second["Message-ID"] == message_id(message.key)
    assert "Saúl" in str(first["From"])


@pytest.mark.parametrize(
    ("mail_server", "state"),
    [
        (b"550 no such user\r\n", State.DEAD),
        (b"450 try later\r\n", State.PENDING),
        (b"421 busy\r\n", State.PENDING),
    ],
    indirect=["mail_server"],
)
def test_a_mail_server_that_refuses_for_good_is_not_asked_again(
    ana: Contact, mail_server: MailServer, state: str
) -> None:
    message = write_to(ana)
    dispatch()
    message.refresh_from_db()
    assert message.state == state
    assert message.history.get().error


@pytest.mark.parametrize("mail_server", [b"silent"], indirect=True)
def test_a_silent_mail_server_is_left_in_time(
    ana: Contact, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_channel, "TOTAL_SECONDS", 0.5)
    message = write_to(ana)
    begun = time.monotonic()
    dispatch()
    assert time.monotonic() - begun < 30
    message.refresh_from_db()
    assert message.state == State.PENDING
    assert "No answer" in message.last_error


# --- A file --------------------------------------------------------------------------------


class Sheet(AttachmentKind):
    """Makes another file at each attempt, or what ``refuse`` says."""

    name = "sheet"

    def __init__(self) -> None:
        self.made = 0
        self.refuse: Exception | None = None

    def described(self, facts: Facts) -> str:
        return f"The sheet for {facts['for']}"

    def make(self, facts: Facts) -> File:
        self.made += 1
        if self.refuse:
            raise self.refuse
        return File("sheet.csv", "text/csv", f"\ufeffñ,{facts['for']},{self.made}\r\n".encode())


@pytest.fixture
def sheet(monkeypatch: pytest.MonkeyPatch) -> Sheet:
    found = Sheet()
    monkeypatch.setitem(ATTACHMENTS, "sheet", found)
    return found


def write_with_file() -> Message:
    attachment = {"kind": "sheet", "for": "marta"}
    body = {"text": "Good morning", "attachment": attachment}
    return Message.objects.post(key="x:1", channel="document", recipient="m@x.example", body=body)


def test_a_file_is_made_anew_at_each_attempt_and_the_letter_stays_the_same(
    sheet: Sheet, mail_server: MailServer
) -> None:
    message = write_with_file()
    assert (dispatch(), sheet.made) == (0, 0)
    assert dispatch_files() == 1
    Message.objects.update(state=State.PENDING, next_at=timezone.now())
    assert dispatch_files() == 1
    first, second = mail_server.letters
    assert first["Message-ID"] == second["Message-ID"] == message_id(message.key)
    files = [next(letter.iter_attachments()) for letter in (first, second)]
    assert [file.get_filename() for file in files] == ["sheet.csv"] * 2
    assert [file.get_content() for file in files] == [
        f"\ufeffñ,marta,{number}\r\n" for number in (1, 2)
    ]
    assert "File: sheet.csv, 1" in message.history.first().head  # type: ignore[union-attr]
    message.refresh_from_db()
    assert "csv" not in message.body


def test_a_letter_goes_without_a_file_that_cannot_be_made_and_says_so(sheet: Sheet) -> None:
    sheet.refuse = Without("Pango is missing: https://crm.example/file")
    message = write_with_file()
    dispatch_files()
    (sent,) = mail.outbox
    assert (sent.attachments, str(sent.body).endswith("https://crm.example/file")) == ([], True)
    assert "Without the file: Pango" in message.history.get().head


REFUSALS = [
    (NotNow(Outcome(Result.CANCELLED, "may not see it")), State.CANCELLED, 0),
    (RuntimeError("broken"), State.PENDING, 1),
]


@pytest.mark.parametrize(("refusal", "state", "attempts"), REFUSALS, ids=["not now", "broken"])
def test_nothing_leaves_where_the_file_must_not_be_made_or_breaks(
    refusal: Exception, state: str, attempts: int, sheet: Sheet
) -> None:
    sheet.refuse = refusal
    message = write_with_file()
    dispatch_files()
    message.refresh_from_db()
    assert (message.state, message.attempts, mail.outbox) == (state, attempts, [])


def test_whoever_was_too_slow_with_a_file_does_not_send_it_too(
    sheet: Sheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = write_with_file()
    begun = timezone.now()

    def slowly(_facts: Facts) -> File:
        (other,) = take(1, begun + LONG_LEASE + timedelta(seconds=9), long=True)
        assert other.message.attempts == 2
        return File("late.csv", "text/csv", b"")

    monkeypatch.setattr(sheet, "make", slowly)
    assert take(1, begun, long=False) == []
    dispatch_files()
    message.refresh_from_db()
    assert (message.state, mail.outbox) == (State.PENDING, [])
    assert message.lease_token is not None


def test_in_the_sink_the_file_is_made_and_stays_here(sheet: Sheet, settings: Settings) -> None:
    settings.DELIVERY = "sink"
    message = write_with_file()
    dispatch_files()
    message.refresh_from_db()
    assert (message.state, message.kept, mail.outbox) == (State.SENT, True, [])
    assert "File: sheet.csv" in message.history.get().head


# --- Apprise -------------------------------------------------------------------------------


def tell(name: str = "sales") -> Message:
    return Message.objects.post(
        key="x:1:0:to",
        channel="notify",
        recipient=name,
        subject="Ana is hot",
        body={"text": "+40 Visited pricing", "link": "https://crm.example/lead/1"},
    )


def test_a_notification_arrives_with_its_id_in_the_text() -> None:
    with receiver(says(GOOD)) as server:
        Destination.objects.create(name="sales", url=f"json://127.0.0.1:{server.port}/")
        message = tell()
        dispatch()
        told = json.loads(server.requests[0].body)
    message.refresh_from_db()
    assert message.state == State.SENT
    assert told["title"] == "Ana is hot"
    assert "+40 Visited pricing" in told["message"]
    assert "https://crm.example/lead/1" in told["message"]
    assert "[x:1:0:to]" in told["message"]


def test_a_service_that_does_not_take_it_is_tried_again() -> None:
    with receiver(status(500)) as server:
        Destination.objects.create(name="sales", url=f"json://127.0.0.1:{server.port}/")
        message = tell()
        dispatch()
    message.refresh_from_db()
    assert (message.state, message.last_error) == (
        State.PENDING,
        "The service has not taken it.",
    )
    assert "500" in message.history.get().response


def test_nobody_waits_for_a_service_longer_than_there_is_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notify_channel, "TOTAL_SECONDS", 0.5)
    with receiver(is_silent) as server:
        Destination.objects.create(name="sales", url=f"json://127.0.0.1:{server.port}/?rto=60")
        message = tell()
        begun = time.monotonic()
        dispatch()
        assert time.monotonic() - begun < 25
    message.refresh_from_db()
    assert message.state == State.PENDING


@pytest.mark.parametrize(
    "url",
    [
        "json://127.0.0.1:{port}/",
        "json://localhost:{port}/",
        "form://127.0.0.1:{port}/",
        "ntfy://127.0.0.1:{port}/topic",
        "mmost://127.0.0.1:{port}/aaaaaaaaaaaaaaaaaaaaaaaa",
        "mailto://user:pass@example.com:{port}/?smtp=127.0.0.1&to=a@example.com",
        "rsyslog://10.0.0.1/",
    ],
)
def test_a_service_inside_is_never_called(url: str, settings: Settings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE_NETS = []
    with receiver(says(GOOD)) as server:
        Destination.objects.create(name="sales", url=url.format(port=server.port))
        message = tell()
        dispatch()
        assert server.visits == 0
    message.refresh_from_db()
    assert message.state == State.BLOCKED
    assert "not on the public internet" in message.last_error


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(says(GOOD)) as proxy, receiver(says(GOOD)) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        Destination.objects.create(name="sales", url=f"json://127.0.0.1:{server.port}/")
        tell()
        dispatch()
        assert (proxy.visits, server.visits) == (0, 1)


@pytest.mark.parametrize(
    ("name", "fields"), [("other", {}), ("sales", {"active": False})], ids=["unknown", "off"]
)
def test_without_a_destination_it_is_given_up_with_the_reason(
    name: str, fields: dict[str, bool]
) -> None:
    Destination.objects.create(name="sales", url="json://example.com/", **fields)
    message = tell(name)
    dispatch()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.DEAD, 0)
    assert name in message.last_error


# --- Inside --------------------------------------------------------------------------------


def test_a_person_is_told_once_however_often_it_is_sent(saul: User) -> None:
    message = Message.objects.post(
        key="x:1:0:7",
        channel="inbox",
        recipient="saul",
        subject="Ana is hot",
        body={"text": "Call her", "link": "/admin/"},
    )
    dispatch()
    Message.objects.update(state=State.PENDING, next_at=timezone.now())
    dispatch()
    told = Notification.objects.get()
    assert (told.user, told.title, told.text, told.link) == (
        saul,
        "Ana is hot",
        "Call her",
        "/admin/",
    )
    assert message.history.count() == 2


def test_a_user_who_is_gone_is_told_nothing() -> None:
    message = Message.objects.post(key="x", channel="inbox", recipient="nobody", body={})
    dispatch()
    message.refresh_from_db()
    assert message.state == State.DEAD
