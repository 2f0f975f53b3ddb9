"""A draft of the small model, and what a browser sends of its scenarios."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from scoring.agreement.admin.hub import address_of
from scoring.agreement.scenarios.cards import Card
from scoring.criteria.document import parse
from scoring.criteria.drafts import Draft, DraftScenario
from scoring.criteria.models import ScoringModel
from tests.engine.scored import MODEL

Data = dict[str, Any]


def small_draft(document: Data = MODEL) -> Draft:
    return Draft.objects.begin(parse(document))


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def scenario(name: str) -> DraftScenario:
    return DraftScenario.objects.select_related("draft__model").get(name=name)


def at(row: DraftScenario, deed: str, *more: Any) -> str:
    return address_of("scenarios", row.draft.model, deed, row.pk, *more)


def tab(model: ScoringModel, name: str = "", *more: Any) -> str:
    return address_of("scenarios", model, name, *more)


def form_of(data: Data, changed: Data | None = None) -> Data:
    """What the form of a scenario sends before anything is typed, then with what is."""
    card = Card.of_data(data)
    sent: Data = {"revision": 0, "name": card.name, "expect": card.expect, "rows": []}
    for field in card.fields:
        sent["rows"].append(field.id)
        sent |= {f"{field.id}-field": field.field, f"{field.id}-value": field.value}
    for each in card.activities:
        sent["rows"].append(each.id)
        for part in ("type", "count", "unit", "target", "properties"):
            sent[f"{each.id}-{part}"] = getattr(each, part)
        if each.automated:
            sent[f"{each.id}-automated"] = "1"
    return sent | (changed or {})
