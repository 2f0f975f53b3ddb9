"""Leads to call, and sessions with them, for the tests of calls."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.models import Contact
from scoring.engine.models import Track
from scoring.pipeline.calls.models import CallEntry, CallSession
from scoring.pipeline.calls.starting import Start
from tests.engine.scored import go_live, person

NAMES = ("ana", "bea", "cid", "dora")
# The total of a director in the small model, and of everybody else.
DIRECTOR = 30


def lead(name: str, **fields: Any) -> Contact:
    """Somebody who can be called, hotter if they are a director."""
    return person(name, **{"first_name": name.title(), "phone": "+34 600 000 000", **fields})


def director(name: str, **fields: Any) -> Contact:
    return lead(name, job_title="Director", **fields)


def live_with(*leads: str, owner: str = "saul") -> Track:
    """A live model, and directors of these names who are this owner's."""
    for name in leads:
        director(name, owner=owner)
    return go_live()


def started(user: User, *leads: str, owner: str = "saul") -> CallSession:
    live_with(*(leads or NAMES), owner=owner)
    return Start([user], user).execute()[0].session


def entry_of(session: CallSession, name: str) -> CallEntry:
    return session.entries.select_related("session__user").get(
        contact__email_key=f"{name}@x.example"
    )


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(name: str, *args: int | str) -> str:
    return reverse(f"admin:pipeline_calls{name}", args=args)


def do(client: Client, entry: CallEntry, deed: str, **data: Any) -> Any:
    return client.post(address("_do", entry.session_id, entry.pk, deed), data)


def names(session: CallSession) -> list[str]:
    rows = session.entries.in_turn().values_list("contact__first_name", flat=True)
    return [name.lower() for name in rows]
