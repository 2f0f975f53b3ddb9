"""A person in front of the page of a lead."""

import uuid
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact


def at_work(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(route: str, contact: Contact, *args: Any) -> str:
    return reverse(f"admin:pipeline_lead_{route}", args=[contact.pk, *args])


def do(user: User, deed: str, contact: Contact, **given: Any) -> Any:
    data = {"token": str(uuid.uuid4()), "at": f"{timezone.localtime():%Y-%m-%dT%H:%M}", **given}
    return at_work(user).post(address("do", contact, deed), data)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())
