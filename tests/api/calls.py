"""Calling the API in tests: a source, its key, and requests as a program sends them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from scoring.api.keys import new_key
from scoring.api.models import ApiKey, Scope, Source

ACTIVITIES = "/api/v1/activities"
CONTACTS = "/api/v1/contacts"
SCORES = "/api/v1/scores"
PROBLEM = "application/problem+json"
Data = dict[str, Any]


@dataclass
class Caller:
    """A program with a key."""

    source: Source
    key: ApiKey
    text: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.text}"}

    def post(self, path: str, body: Any, kind: str = "application/json", **headers: str) -> Any:
        """The body as it is, if it is bytes; otherwise as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given: dict[str, Any] = {**self.headers, **headers}
        return Client().generic("POST", path, content, content_type=kind, headers=given)

    def get(self, path: str, query: Data | None = None, **headers: str) -> Any:
        return Client().get(path, query or {}, headers={**self.headers, **headers})


def secret_of(key: str) -> str:
    """What follows ``ls_XXXXXXXX_``: its own letters may have underscores among them."""
    return key.split("_", 2)[2]


def caller(name: str = "shop", scopes: Iterable[str] = Scope.values, **fields: Any) -> Caller:
    options = {"calls_a_minute": 100_000, **fields}
    source, _new = Source.objects.get_or_create(name=name, defaults=options)
    key = ApiKey(source=source, label="test", scopes=list(scopes))
    text = new_key(key)
    key.save()
    return Caller(source, key, text)


def visit(external_id: str | None = "v-1", **fields: Any) -> Data:
    """An activity as a program sends it; None leaves a field out."""
    ago = (timezone.now() - timedelta(days=1)).isoformat()
    data = {
        "contact": "ana@acme.example",
        "type": "page_view",
        "occurred_at": ago,
        "external_id": external_id,
        **fields,
    }
    return {name: value for name, value in data.items() if value is not None}


def states(answer: Any) -> list[str]:
    return [result["status"] for result in answer.json()["results"]]


def counts(answer: Any) -> tuple[int, int, int, int]:
    data = answer.json()
    return tuple(data[name] for name in ("accepted", "duplicates", "rejected", "conflicts"))
