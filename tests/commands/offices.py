"""A small office with a live model, and the commands run in it."""

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from contacts.models import Activity, ActivityType, Company, Contact, Target
from scoring.criteria.document import parse
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.models import Track
from scoring.engine.publish import publish
from scoring.engine.recompute import work

MODEL: Mapping[str, Any] = {
    "format": 1,
    "name": "Starter",
    "fields": [{"key": "seats", "type": "number"}],
    "audience": {"not": {"field": "lifecycle", "op": "equals", "value": "customer"}},
    "groups": [
        {
            "name": "Who",
            "dimension": "fit",
            "rules": [
                {
                    "name": "Boss",
                    "points": 20,
                    "when": {"field": "job_title", "op": "contains", "value": "director"},
                },
                {
                    "name": "Competitor",
                    "exclude": True,
                    "when": {"field": "tags", "op": "has_any", "value": ["rival"]},
                },
            ],
        },
        {
            "name": "What",
            "dimension": "interest",
            "rules": [
                {
                    "name": "Reads",
                    "points": 15,
                    "activity": {"type": "page_view"},
                    "expires": "1 month",
                },
                {"name": "Calls", "points": 5, "activity": {"type": "call"}, "limit": 10},
            ],
        },
    ],
    "bands": [{"name": "cold"}, {"name": "warm", "from": 15}, {"name": "hot", "from": 35}],
}
NOON = datetime(2024, 3, 10, 12, tzinfo=UTC)
# A month after NOON to the second, when what was read at noon has expired.
EXPIRED = "2024-04-10T12:00:00Z"


def go_live(model: Mapping[str, Any] = MODEL, as_of: datetime = NOON) -> Track:
    document = parse(model)
    owner = ScoringModel.objects.create(name=document.name)
    recompute = publish(Version.objects.freeze(owner, document), as_of)
    list(work(recompute))
    return recompute.track


def contact(email: str, **fields: Any) -> Contact:
    company = fields.pop("company", "")
    if company:
        fields["company"] = Company.objects.create(name=company)
    return Contact.objects.create(email=email, **fields)


def did(who: Contact, kind: str, target: str = "", at: datetime = NOON) -> Activity:
    return Activity.objects.create(
        contact=who,
        type_id=ActivityType.objects.ids_by_slug([kind])[kind],
        target_id=Target.objects.ids_by_key([target])[Target.key_of(target)],
        occurred_at=at,
    )


def ana() -> Contact:
    """Hot: 20 for her title and 15 for what she read."""
    person = contact(
        *("Ana@acme.example",),
        first_name="Ana",
        last_name="Gómez",
        job_title="Directora de compras",
        company="Acme",
    )
    did(person, "page_view", "/pricing")
    return person


def run(command: str, *words: str) -> str:
    """What a command prints on standard output; raises CommandError."""
    out = io.StringIO()
    call_command(command, *words, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def process(*words: str, **environment: str) -> Ended:
    """A command as a process of its own, in the environment of a newcomer."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL", "TEST_DATABASE_NAME"}
    }
    done = subprocess.run(
        [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *words],
        env=clean | environment,
        capture_output=True,
        timeout=900,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
