"""A small live model with a few leads, for the tests of the pages."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from contacts.models import Contact, Pending
from contacts.records import parse_activity, parse_contact
from contacts.storing import store_activities, store_contacts
from scoring.criteria.document import parse
from scoring.criteria.loading import load
from scoring.criteria.models import Version
from scoring.engine.models import Track
from scoring.engine.publish import publish
from scoring.engine.recompute import work
from scoring.engine.retries import refresh_pending

Data = dict[str, Any]

PRICES: Data = {
    "name": "Visits the prices",
    "points": 40,
    "activity": {"type": "page_view", "target": {"op": "starts_with", "value": "/pricing"}},
    "decay": {"percent": 50, "every": "10 days"},
    "limit": 60,
}
DIRECTOR: Data = {
    "name": "Director",
    "points": 30,
    "when": {"field": "job_title", "op": "contains", "value": "director"},
}
RIVAL: Data = {
    "name": "Competitor",
    "exclude": True,
    "when": {"field": "tags", "op": "has_any", "value": ["competitor"]},
}
MODEL: Data = {
    "format": 1,
    "name": "Small model",
    "limits": {"max": 80},
    "groups": [
        {"name": "Who", "dimension": "fit", "rules": [DIRECTOR, RIVAL]},
        {"name": "What", "dimension": "interest", "limits": {"max": 55}, "rules": [PRICES]},
    ],
    "bands": [{"name": "cold"}, {"name": "warm", "from": 30}, {"name": "hot", "from": 60}],
    "matrix": {
        "fit": [{"grade": "A", "from": 20}, {"grade": "B"}],
        "interest": [{"grade": "1", "from": 20}, {"grade": "2"}],
    },
    "scenarios": [
        {
            "name": "A director at the prices",
            "contact": {"job_title": "Director", "company": {"name": "Norte"}},
            "activities": [{"type": "page_view", "age": "1 day", "target": "/pricing"}],
            "expect": "hot",
        },
        {"name": "Nobody", "expect": "warm"},
    ],
}


def go_live(document: Data = MODEL, as_of: datetime | None = None) -> Track:
    """The track of the document's model, all scores made as of an instant."""
    recompute = publish(load(parse(document)).version, as_of)
    list(work(recompute))
    return Track.objects.get(pk=recompute.track_id)


def person(name: str, **fields: Any) -> Contact:
    store_contacts([parse_contact({"email": f"{name}@x.example", **fields}, {})])
    return Contact.objects.get(email_key=f"{name}@x.example")


def visit(
    who: Contact,
    ago: timedelta,
    target: str = "/pricing",
    kind: str = "page_view",
    now: datetime | None = None,
) -> None:
    visits([(who, ago, target)], kind, now)


def visits(
    rows: Iterable[tuple[Contact, timedelta, str]],
    kind: str = "page_view",
    now: datetime | None = None,
) -> None:
    now = now or timezone.now()
    store_activities(
        [
            parse_activity(
                {
                    "contact": who.email,
                    "type": kind,
                    "occurred_at": (now - ago).isoformat(),
                    "target": target,
                }
            )
            for who, ago, target in rows
        ]
    )


def refresh_all(as_of: datetime | None = None) -> None:
    while refresh_pending(as_of):
        pass


def forget_pending() -> None:
    Pending.objects.all().delete()


def version_of(track: Track) -> Version:
    return Version.objects.get(pk=track.version_id)
