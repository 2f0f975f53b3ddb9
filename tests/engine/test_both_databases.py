"""Every column that the statement yields, compared between PostgreSQL and SQLite.

Totals alone would not do: SQLite once gave wrong values in some columns of a long list
while the others were right.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from hypothesis import given

from contacts.models import ActivityType, Contact
from contacts.normalise import email_key
from contacts.records import ActivityRecord, ContactRecord, parse_activity, parse_contact
from contacts.storing import store_activities, store_contacts
from scoring.criteria.document import ModelDocument, parse
from scoring.engine.columns import ScopeKind
from scoring.engine.compile import RESULT, program
from scoring.engine.results import numbers
from scoring.engine.scratch import create_tables, scratch
from scoring.engine.sql import Run, Scope
from tests.engine.reference import instant
from tests.engine.stored import SPECS, Data, act, model, person
from tests.engine.worlds import Drawn, worlds
from tests.profiles import examples
from tests.spec.cases import CASES, Case

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

Rows = list[dict[str, Any]]
ARRAYS = {"groups", "breakdown"}


@contextmanager
def in_sqlite() -> Iterator[str]:
    """The alias of an empty SQLite database in memory, whatever the configured one is."""
    alias = "sqlite_beside"
    settings = {**connections["default"].settings_dict}
    settings |= {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:", "OPTIONS": {}}
    connection = DatabaseWrapper(settings, alias)
    connections[alias] = connection
    try:
        create_tables(connection)
        yield alias
    finally:
        connection.connection.close()
        del connections[alias]


def computed(
    using: str,
    document: ModelDocument,
    contacts: Sequence[ContactRecord],
    activities: Sequence[ActivityRecord],
    as_of: datetime,
) -> Rows:
    """What the statement yields, by range and by ids, in the order of the contacts given."""
    store_contacts(contacts, using)
    store_activities(activities, using)
    ids = tuple(Contact.objects.using(using).order_by("pk").values_list("pk", flat=True))
    found = []
    for kind, scope in (
        (ScopeKind.IDS, Scope(ids=ids)),
        (ScopeKind.RANGE, Scope(min(ids), max(ids))),
    ):
        compiled = program(document, kind, using)
        types = ActivityType.objects.using(using).known_ids(compiled.types)
        rows = compiled.sql.rows(Run(as_of, scope, types), using)
        found.append(sorted((plain(row) for row in rows), key=lambda row: row["contact_id"]))
    assert found[0] == found[1]
    stored = dict(Contact.objects.using(using).values_list("email_key", "pk"))
    places = {stored[email_key(record.email)]: at for at, record in enumerate(contacts)}
    placed = [row | {"contact_id": places[row["contact_id"]]} for row in found[0]]
    return sorted(placed, key=lambda row: int(row["contact_id"]))


def plain(row: tuple[Any, ...]) -> dict[str, Any]:
    named = dict(zip(RESULT, row, strict=True))
    arrays = {name: numbers(named[name]) for name in ARRAYS}
    return named | arrays | {"excluded": bool(named["excluded"])}


def alike(
    document: ModelDocument,
    contacts: Sequence[ContactRecord],
    activities: Sequence[ActivityRecord],
    as_of: datetime,
) -> Rows:
    with scratch() as postgresql, in_sqlite() as sqlite:
        rows = computed(postgresql, document, contacts, activities, as_of)
        assert rows == computed(sqlite, document, contacts, activities, as_of)
    return rows


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_cases_are_alike(case: Case) -> None:
    rows = alike(case.document, case.contacts, case.activities, case.as_of)
    inside = [list(row["breakdown"]) for row in rows if row["inside"]]
    assert inside == case.expected_slots


@examples(15)
@given(worlds())
def test_random_worlds_are_alike(drawn: Drawn) -> None:
    contacts = [parse_contact(data, SPECS) for data in drawn.contacts]
    activities = [parse_activity(data) for data in drawn.activities]
    alike(parse(drawn.document), contacts, activities, instant(drawn.as_of))


def test_every_one_of_500_worths_is_alike() -> None:
    """Beyond the 33rd argument or column too, and beyond one piece of an array."""

    def rule(number: int) -> Data:
        activity = {"type": "page_view", "target": {"op": "not_equals", "value": f"/{number}"}}
        kinds: list[Data] = [
            {"activity": activity, "limit": number % 50 + 1},
            {"activity": activity, "count": "once_per_day"},
            {"activity": activity, "count": "once_per_target", "limit": 700},
            {"absent": activity, "for": f"{number + 1} days"},
            {"activity": activity, "decay": {"percent": 3, "every": f"{number + 1} days"}},
        ]
        return {"points": (number + 1) * (-1) ** number} | kinds[number % 5]

    targets = [f"/{number}" for number in range(0, 500, 7)]
    acts = [
        act("ana", f"2026-0{number % 3 + 1}-{number % 28 + 1:02}T00:00:00Z", target=target)
        for number, target in enumerate(targets)
    ]
    contacts = [person("ana", created_at="2020-01-01T00:00:00Z"), person("bea")]
    document = parse(model(*[rule(number) for number in range(500)], limits={"min": -(10**6)}))
    rows = alike(
        document,
        [parse_contact(data, SPECS) for data in contacts],
        [parse_activity(data) for data in acts],
        instant("2026-03-31T10:00:00Z"),
    )
    assert sum(1 for worth in rows[0]["breakdown"] if worth) > 300
