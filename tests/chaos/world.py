"""The installation that is crashed: a model, automations, contacts, endpoints and a key."""

from typing import Any

from django.core.management import call_command
from django.db import connection

from contacts.chores import drain
from contacts.models import Contact
from contacts.records import parse_contact
from contacts.storing import store_contacts
from scoring.api.keys import new_key
from scoring.api.models import ApiKey, Source
from scoring.automations.loading import load_automation
from scoring.automations.models import Crossing
from scoring.automations.outbox.receivers import Endpoint
from scoring.criteria.document import parse
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.models import ScoreChange
from scoring.engine.publish import publish
from tests.chaos.replay import Watch

CONTACTS = 120
UP, DOWN = "page_view", "email_open"
RULES = [
    {"name": "Up", "points": 10, "activity": {"type": UP}},
    {"name": "Down", "points": -10, "activity": {"type": DOWN}},
]
MODEL: dict[str, Any] = {
    "format": 1,
    "name": "Chaos",
    "groups": [{"name": "Behaviour", "dimension": "interest", "rules": RULES}],
    "bands": [{"name": "cold"}, {"name": "warm", "from": 30}, {"name": "hot", "from": 60}],
}
AT_ONCE = {"cool_down_hours": 0}
TASK = {"kind": "task", "title": "Call {{ contact.full_name }}", "assignee": "owner"}
# Each with the level that the replay looks at, written down once more.
AUTOMATIONS: list[tuple[Watch, dict[str, Any], list[str]]] = [
    (
        Watch("Hot", at=60, exit=54),
        {"kind": "band_entered", "band": "hot", "rearm": AT_ONCE},
        ["task", "webhook"],
    ),
    (
        Watch("Warm", at=30, exit=25),
        {"kind": "band_entered", "band": "warm", "rearm": AT_ONCE},
        ["task", "webhook"],
    ),
    (
        Watch("No longer hot", at=60, exit=66, up=False),
        {"kind": "band_left", "band": "hot", "direction": "down", "rearm": AT_ONCE},
        ["webhook"],
    ),
    (
        Watch("Half way", at=50, exit=40),
        {"kind": "total_reaches", "points": 50, "rearm": {**AT_ONCE, "exit": 40}},
        ["webhook", "webhook"],
    ),
]
SOURCE = "chaos"


def address(number: int) -> str:
    return f"p{number}@chaos.example"


def build(receiver_url: str) -> str:
    """Everything, from an empty database; the key for the API."""
    call_command("migrate", verbosity=0)
    store_contacts([parse_contact({"email": address(n)}, {}) for n in range(CONTACTS)])
    model = ScoringModel.objects.create(name=MODEL["name"])
    publish(Version.objects.freeze(model, parse(MODEL)))
    drain()
    for place, (watch, trigger, kinds) in enumerate(AUTOMATIONS):
        actions = [action(kind, place) for kind in kinds]
        Endpoint.objects.get_or_create(name=f"receiver {place}", defaults={"url": receiver_url})
        load_automation(model, watch.name, {"trigger": trigger, "actions": actions}).switch_on()
    assert Contact.objects.count() == CONTACTS
    assert not Crossing.objects.exists()
    source = Source.objects.create(name=SOURCE, calls_a_minute=1_000_000)
    key = ApiKey(source=source, label="load", scopes=["activities:write"])
    text = new_key(key)
    key.save()
    return text


def action(kind: str, place: int) -> dict[str, Any]:
    return TASK if kind == "task" else {"kind": "webhook", "endpoint": f"receiver {place}"}


def take_out_unique_keys() -> None:
    """For the broken build: what would stop a second crossing, or a second row of history."""
    with connection.schema_editor() as editor:
        for constraint in Crossing._meta.constraints:
            editor.remove_constraint(Crossing, constraint)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            history = ScoreChange._meta.db_table
            cursor.execute(f"ALTER TABLE {history} DROP CONSTRAINT {history}_pkey")
