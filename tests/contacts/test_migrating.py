"""A new database is made at once; an older one step by step: both come out the same."""

import pytest
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def test_all_at_once_ends_where_the_steps_end() -> None:
    at_once = MigrationLoader(connection)
    by_steps = MigrationLoader(connection, replace_migrations=False)
    found = MigrationAutodetector(at_once.project_state(), by_steps.project_state())
    assert found.changes(graph=at_once.graph) == {}
