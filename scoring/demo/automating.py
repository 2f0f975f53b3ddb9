"""The automations of the demo, all on, and a call of the API that sets some of them off.

Nothing leaves the machine: with DELIVERY=sink, which is the default, every message is kept
in the outbox, where the admin shows what would have gone out.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.contrib.auth.models import User
from django.utils import timezone

from contacts.models import Contact, Member, Team
from scoring.api.keys import new_key
from scoring.api.models import ApiKey, Scope, Source
from scoring.automations import starter
from scoring.automations.models import Automation
from scoring.automations.outbox.personal import OwnerCard
from scoring.automations.outbox.receivers import Destination, Endpoint
from scoring.criteria.models import ScoringModel
from scoring.engine.leads import Lead
from scoring.engine.models import Track
from scoring.pipeline.calls.models import CallScript

SELLERS: Final = ("saul", "mona")
SOURCE: Final = "demo-site"
LABEL: Final = "Demo"
DESTINATION, ALERTS = "Sales alerts", "jsons://hooks.lumbre.example/sales-alerts"
ENDPOINT, HOOK = "Zapier, Make or n8n", "https://hooks.lumbre.example/leads"
# What the call sends, in minutes before now: enough for whoever is warm to become hot.
DEEDS: Final = (
    ("page_view", "/pricing", 12),
    ("page_view", "/pricing/teams", 9),
    ("form_submit", "/demo-request", 4),
)


# What to say on a first call, in both languages.
SCRIPT: Final = {
    "text_en": (
        "Hello {{ contact.first_name | there }}, this is {{ owner.name }} from Lumbre.\n"
        "You have been looking at what we do for companies like {{ contact.company | yours }}. "
        "What made you look, and by when would you like it solved?\n"
        "If it fits: a quarter of an hour with a demonstration, {{ owner.meeting_link }}"
    ),
    "text_es": (
        "Hola {{ contact.first_name | }}, soy {{ owner.name }} de Lumbre.\n"
        "Ha estado mirando lo que hacemos para empresas como {{ contact.company | la suya }}. "
        "¿Qué le hizo mirar, y para cuándo querría tenerlo resuelto?\n"
        "Si encaja: un cuarto de hora con una demostración, {{ owner.meeting_link }}"
    ),
}


@dataclass(frozen=True, slots=True)
class Call:
    """Something to try: the command, and whom it makes hot."""

    command: str
    contact: Contact


def set_up(model: ScoringModel, language: str) -> list[Automation]:
    """Make the ready-made automations and switch on those that are new."""
    team = Team.objects.get_or_create(name="Sales")[0]
    for place, name in enumerate(SELLERS):
        seller = User.objects.get(username=name)
        Member.objects.get_or_create(team=team, user=seller, defaults={"position": place})
        link = f"https://meet.lumbre.example/{name}"
        OwnerCard.objects.get_or_create(user=seller, defaults={"meeting_link": link})
    Destination.objects.get_or_create(name=DESTINATION, defaults={"url": ALERTS})
    Endpoint.objects.get_or_create(name=ENDPOINT, defaults={"url": HOOK})
    CallScript.objects.get_or_create(name="First call", defaults=SCRIPT)
    installed = starter.install(model, language)
    for automation in installed.automations:
        automation.switch_on()
    return list(installed.automations)


def make_key(*, reset: bool) -> str | None:
    """A key that may send activities; None where one was made, and shown, before."""
    source, _new = Source.objects.get_or_create(name=SOURCE)
    known = ApiKey.objects.filter(source=source, label=LABEL, revoked_at=None)
    if known.exists() and not reset:
        return None
    known.revoke(timezone.now())
    key = ApiKey(source=source, label=LABEL, scopes=[Scope.ACTIVITIES_WRITE, Scope.CONTACTS_READ])
    secret = new_key(key)
    key.save()
    return secret


def call(track: Track, secret: str, address: str) -> Call | None:
    """A command that makes somebody warm hot; None where nobody fits."""
    lead = somebody_warm(track)
    if lead is None:
        return None
    now = timezone.now()
    activities = [
        {
            "contact": lead.email,
            "type": kind,
            "target": target,
            "occurred_at": (now - timedelta(minutes=ago)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "external_id": f"try-{lead.pk}-{number}",
        }
        for number, (kind, target, ago) in enumerate(DEEDS, 1)
    ]
    body = ",\n    ".join(json.dumps(each) for each in activities)
    command = (
        f"curl {address}/api/v1/activities \\\n"
        f"  -H 'Authorization: Bearer {secret}' \\\n"
        f"  -H 'Content-Type: application/json' \\\n"
        f"  -d '[{body}]'"
    )
    return Call(command, lead)


def somebody_warm(track: Track) -> Contact | None:
    """A lead of one of the sellers that a request for a demo would make hot."""
    bands = track.version.document_value.bands
    if len(bands) < 3 or bands[-1].start is None:
        return None
    groups = [group.name for group in track.version.document_value.groups]
    signs = groups.index("Signs of buying") if "Signs of buying" in groups else None
    leads = Lead.objects.on_track(track).filter(
        band=bands[-2].name, owner__in=SELLERS, deals=None, unsubscribed=False, bounced=False
    )
    for lead in leads.hottest()[:200]:
        [score] = lead.scores.filter(track=track)
        missing = bands[-1].start - score.total
        if signs is not None and score.groups[signs] <= 10 and missing <= 25:
            return lead
    return None
