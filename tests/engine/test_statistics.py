"""PostgreSQL learns of tables that were filled a moment ago, before scores are computed."""

import pytest
from django.db import connection

from contacts.models import Contact
from scoring.engine.models import Cause, Score
from scoring.engine.recompute import start, work
from scoring.engine.statistics import count_anew
from tests.commands.offices import go_live

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def as_new(db: None) -> None:
    """Other tests leave pages behind, and what was once known of them; a new table has none."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE contacts_contact CASCADE")


def fill(contacts: int) -> None:
    Contact.objects.bulk_create(Contact(email=f"{n}@acme.example") for n in range(contacts))


def known_rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [table])
        return int(cursor.fetchone()[0])


@pytest.mark.postgresql
def test_a_table_that_has_grown_is_analysed_once() -> None:
    fill(3000)
    assert "contacts_contact" in count_anew()
    assert known_rows("contacts_contact") == 3000
    assert count_anew() == []


@pytest.mark.postgresql
def test_a_few_rows_are_not_worth_it() -> None:
    count_anew()
    fill(5)
    assert count_anew() == []


@pytest.mark.postgresql
def test_a_recompute_renews_what_it_reads_and_then_what_it_wrote() -> None:
    track = go_live()
    fill(3000)
    recompute = start(track, Cause.RECOMPUTE)
    assert known_rows("contacts_contact") == 3000
    list(work(recompute))
    assert known_rows("scoring_score") == Score.objects.count() == 3000


def test_sqlite_has_nothing_to_renew() -> None:
    fill(3)
    if connection.vendor == "sqlite":
        assert count_anew() == []
