"""Tests that commit leave the rows of the migrations to the next test, and nothing else."""

import pytest
from django.contrib.auth.models import Group

from contacts.models import ActivityType, Contact


@pytest.mark.parametrize("time", ["first", "second"])
@pytest.mark.django_db(transaction=True)
def test_a_committing_test_finds_the_rows_of_the_migrations(time: str) -> None:
    assert ActivityType.objects.filter(slug="page_view").exists()
    assert Group.objects.get(name="Sales").permissions.exists()
    Contact.objects.create(email="left@x.example")
    ActivityType.objects.filter(slug="page_view").delete()
    assert Contact.objects.count() == 1


@pytest.mark.django_db
def test_a_test_that_does_not_commit_finds_them_after_it() -> None:
    assert ActivityType.objects.filter(slug="page_view").exists()
    assert not Contact.objects.exists()
