"""A worker that dies with a letter in its hands: the letter goes out again, and is the same one."""

import email
import os
import signal
import subprocess
import sys
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from scoring.automations.outbox.claims import LEASE
from scoring.automations.outbox.delivery import Dispatcher
from scoring.automations.outbox.messages import Message
from scoring.reports.mailing.models import ReportSchedule
from scoring.reports.mailing.sending import carry_on

pytestmark = pytest.mark.django_db(transaction=True)

# The mail server of the process that dies is a folder: what lies there has been sent.
START = """
import os, sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
settings.DELIVERY = "live"
settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
settings.EMAIL_FILE_PATH = sys.argv[1]
django.setup()
from scoring.automations.outbox.delivery import dispatch_files
dispatch_files()
"""


def die_after_sending(folder: Path) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "leadscoring.settings",
        "TEST_DATABASE": str(connection.settings_dict["NAME"]),
        "CHAOS_FAILPOINTS": "dispatch.after_send_before_mark=kill:1",
    }
    command = [sys.executable, "-c", START, str(folder)]
    assert subprocess.run(command, env=environment, timeout=300).returncode == -signal.SIGKILL


def seen(letter: EmailMessage) -> tuple[str, str, list[tuple[str | None, str]]]:
    """Its id, its subject, and the files with their content."""
    files = [(each.get_filename(), each.get_content()) for each in letter.iter_attachments()]
    return letter["Message-ID"], letter["Subject"], files


def read(sent: bytes) -> EmailMessage:
    return email.message_from_bytes(sent, policy=default)


def test_a_letter_whose_sender_dies_goes_out_again_with_its_id_and_its_file(
    marta: User, settings: Settings, tmp_path: Path
) -> None:
    settings.DELIVERY = "live"
    row = ReportSchedule.objects.create(slug="movement", kind="csv", made_by=marta)
    row.recipients.set([marta])
    row.begin("2026-11-30")
    carry_on(timezone.now)
    die_after_sending(tmp_path)
    message = Message.objects.get()
    assert (message.state, message.lease_until is None) == ("pending", False)
    # When its time is up, the next worker takes it over.
    later = timezone.now() + LEASE
    assert Dispatcher(clock=lambda: later, long=True).run() == 1
    message.refresh_from_db()
    assert message.state == "sent"
    (first,), (second,) = tmp_path.iterdir(), mail.outbox
    before, again = seen(read(first.read_bytes())), seen(read(second.message().as_bytes()))
    assert before == again
    ((name, content),) = again[2]
    assert str(name).startswith("movement-")
    assert "Bands over time" in content
