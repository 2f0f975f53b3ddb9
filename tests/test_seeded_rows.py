"""Tests that commit must not take the rows of the migrations away from the next test."""

import pytest

from contacts.models import ActivityType


@pytest.mark.parametrize("time", ["first", "second"])
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_committing_test_finds_the_rows_of_the_migrations(time: str) -> None:
    assert ActivityType.objects.filter(slug="page_view").exists()
