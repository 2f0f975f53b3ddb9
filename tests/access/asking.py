"""One request after another, each undone, and what it would have written."""

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from contacts.models import Note, Task
from scoring.automations.models import Automation, Crossing
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import Notification
from scoring.automations.outbox.receivers import Destination, Endpoint
from scoring.automations.sequences.models import Sequence
from scoring.criteria.models import Version
from scoring.criteria.segments import Segment
from scoring.pipeline.assigning.rules import AssignmentRule
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.leads.manual import ManualBand
from tests.access.routes import Route
from tests.access.world import World

WRITES: Final = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE|MERGE)\b", re.IGNORECASE)
# A request of its own may begin a session or move its end; that is no change of anything.
OF_SESSIONS: Final = ("django_session", "auth_user")


@dataclass
class Writes:
    """Statements that would change rows, as they pass."""

    seen: list[str] = field(default_factory=list)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if WRITES.match(sql) and not any(f'"{table}"' in sql for table in OF_SESSIONS):
            self.seen.append(sql[:200])
        return execute(sql, params, many, context)


@dataclass
class Answer:
    status: int
    text: str
    writes: list[str]
    location: str = ""
    # Whether what the test watches is another than before.
    moved: bool = False


def ask(
    client: Client,
    method: str,
    address: str,
    body: Any = None,
    watched: Callable[[], object] | None = None,
) -> Answer:
    """Send it, note what it wrote and whether what is watched has changed, and take it back."""
    writes, cookies = Writes(), deepcopy(client.cookies)
    with transaction.atomic():
        with connection.execute_wrapper(writes):
            send = client.post if method == "POST" else client.get
            found: Any = send(address, body or {})
        text = text_of(found)
        moved = bool(watched and writes.seen and watched())
        transaction.set_rollback(True)
    client.cookies = cookies
    return Answer(found.status_code, text, writes.seen, found.headers.get("Location", ""), moved)


def text_of(found: HttpResponse) -> str:
    if getattr(found, "streaming", False):
        return b"".join(found).decode("utf-8", "replace")
    return found.content.decode("utf-8", "replace")


def address_of(route: Route, world: World, whose: str) -> str:
    values = [value_for(route, name, kind, world, whose)
              for name, kind in zip(route.params, route.converters, strict=True)]  # fmt: skip
    return reverse(route.name, args=values)


# What addresses take that is no row of ours, by the parameter's name.
WORDS: Final[dict[str, Any]] = {
    "deed": "done",
    "part": "picture",
    "slug": "people",
    "kind": "csv",
    "name": "note",
    "token": "x-y",
    "uidb64": "MQ",
    "content_type_id": "1",
    "app_label": "contacts",
    "url": "nowhere",
    "job_id": "x",
}
OWN_WORDS: Final[dict[tuple[str, str], Any]] = {
    ("admin:pipeline_rule_do", "deed"): "off",
    ("admin:task_asked", "name"): "snooze",
    ("admin:pipeline_dormant_do", "name"): "dismiss",
    ("admin:scoring_automation_back", "number"): 1,
}
OF_CONTACTS: Final = {"contact_id", "goes"}
# The one that stays in a merge: another than the one that goes.
STAYS: Final = {"own": "pool", "pool": "own", "other": "own"}
BY_CONVERTER: Final[dict[str, Any]] = {
    "IntConverter": 1,
    "SlugConverter": "x",
    "StringConverter": "x",
    "PathConverter": "1",
    "UUIDConverter": UUID(int=0),
    "": "1",
}


def value_for(route: Route, name: str, kind: str, world: World, whose: str) -> Any:
    model = route.model or model_named(route.name)
    if name in OF_CONTACTS or (route.name.startswith("api:") and name == "pk"):
        return world.leads[whose].pk
    if name == "stays":
        return world.leads[STAYS[whose]].pk
    if name == "model_id":
        return world.model.pk
    if name in ("object_id", "pk", "id", "segment_id") and model is not None:
        row = world.row(model, whose)
        if row is not None:
            return row.pk
    if (route.name, name) in OWN_WORDS:
        return OWN_WORDS[route.name, name]
    if name in WORDS and kind != "IntConverter":
        return WORDS[name]
    return BY_CONVERTER[kind]


# Of addresses that are no admin's own: whose rows their id names, by how they begin.
ROWS: Final[dict[str, Any]] = {
    "admin:task_": Task,
    "admin:pipeline_lead_task_": Task,
    "admin:pipeline_lead_band_": ManualBand,
    "admin:pipeline_lead_note_": Note,
    "admin:pipeline_feedback_": Handover,
    "admin:pipeline_rule": AssignmentRule,
    "admin:message_": Message,
    "admin:notification_": Notification,
    "admin:endpoint_": Endpoint,
    "admin:destination_": Destination,
    "admin:auth_user_": User,
    "admin:scoring_sequence_": Sequence,
    "admin:scoring_automation_": Automation,
    "admin:scoring_crossing_": Crossing,
    "admin:scoring_segment_": Segment,
    "admin:scoring_version_": Version,
}


def model_named(name: str) -> Any:
    return next((model for start, model in ROWS.items() if name.startswith(start)), None)
