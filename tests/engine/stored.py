"""Puts what ``worlds`` draws into the database through the product's own border."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction

from contacts.models import Contact
from contacts.records import FieldSpec, parse_activity, parse_contact
from contacts.storing import store_activities, store_contacts
from scoring.criteria.document import parse
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.models import Score, Track
from scoring.engine.publish import publish
from scoring.engine.recompute import work
from scoring.engine.results import Result
from tests.engine.worlds import FIELDS

Data = dict[str, Any]
SPECS = {one["key"]: FieldSpec(one["type"], tuple(one.get("choices", ()))) for one in FIELDS}


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is stored inside is gone after it: one example of many in one test."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def store(contacts: Iterable[Data], activities: Iterable[Data] = ()) -> None:
    store_contacts([parse_contact(data, SPECS) for data in contacts])
    store_activities([parse_activity(data) for data in activities])


def version(document: Data, name: str = "") -> Version:
    """A frozen version of the model of that name (the document's own where not given)."""
    value = parse(document)
    model, _new = ScoringModel.objects.get_or_create(name=name or value.name)
    return Version.objects.freeze(model, value)


def ids() -> list[int]:
    return list(Contact.objects.order_by("pk").values_list("pk", flat=True))


def comparable(results: Iterable[tuple[str, Result]]) -> dict[str, tuple[Data, list[int]]]:
    """By address: the result as JSON, and every slot of the breakdown."""
    return {email: (result.as_data(email), list(result.worths)) for email, result in results}


def stored_results() -> dict[str, tuple[Data, list[int]]]:
    scores = Score.objects.select_related("contact", "track__version").order_by("contact_id")
    return comparable((score.contact.email_key, score.result()) for score in scores)


def model(*rules: Data, **more: Any) -> Data:
    """A document of one group of these rules, which are named by their place."""
    named = [{"name": f"Rule {place}"} | rule for place, rule in enumerate(rules)]
    group = {"name": "Group", "dimension": "fit", "rules": named}
    return {
        "format": 1,
        "name": "Model",
        "fields": FIELDS,
        "groups": [group],
        "bands": [{"name": "cold"}, {"name": "hot", "from": 10}],
    } | more


def live(document: Data, as_of: datetime) -> Track:
    """The document gone live, and everybody scored by it."""
    recompute = publish(version(document), as_of)
    list(work(recompute))
    return recompute.track


def totals() -> dict[str, int]:
    """What is stored, by the part of the address before the @."""
    scores = Score.objects.values_list("contact__email_key", "total")
    return {email.partition("@")[0]: total for email, total in scores}


def act(who: str, when: str, **more: Any) -> Data:
    return {"contact": f"{who}@x.example", "type": "page_view", "occurred_at": when} | more


def person(who: str, **more: Any) -> Data:
    return {"email": f"{who}@x.example"} | more
