"""Storing the invented year, and users to look at it."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.utils import timezone

from contacts.models import (
    Activity,
    Campaign,
    CampaignTouch,
    Contact,
    CustomField,
    Deal,
    FieldChange,
    Pending,
)
from scoring.demo import accounts, loading

pytestmark = pytest.mark.django_db

TABLES = (Contact, Activity, Deal, Campaign, CampaignTouch, CustomField)


def counts() -> list[int]:
    return [table._default_manager.count() for table in TABLES]


def load(people: int = 40) -> None:
    list(loading.load(loading.begin(), people))


def test_it_stores_people_with_all_that_belongs_to_them() -> None:
    load()
    assert all(counts())
    assert Contact.objects.count() == 40
    assert CustomField.objects.count() == len(loading.FIELDS)
    assert Pending.objects.exists()
    assert loading.begin().finished_at is not None
    assert loading.begin().created == Activity.objects.count()


def test_what_was_cut_short_is_completed_as_of_the_day_on_which_it_began() -> None:
    run = loading.begin()
    next(loading.load(run, 40))
    Activity.objects.filter(pk__gt=Activity.objects.order_by("pk")[200].pk).delete()
    run.started_at = timezone.now() - timedelta(days=9)
    run.finished_at = None
    run.save()
    Contact.objects.all().delete()
    load()
    newest = Activity.objects.latest("occurred_at").occurred_at
    assert newest < run.started_at
    assert Contact.objects.count() == 40


def test_storing_it_a_second_time_changes_nothing() -> None:
    load()
    before = counts()
    load()
    assert counts() == before
    assert not FieldChange.objects.exists()


def test_contacts_that_are_not_the_demo_s_are_noticed() -> None:
    assert not loading.holds_other_contacts()
    Contact.objects.create(email="ana@acme.example")
    assert loading.holds_other_contacts()
    loading.begin()
    assert not loading.holds_other_contacts()


def test_there_is_a_user_of_each_role_who_can_log_in() -> None:
    made = accounts.make_accounts()
    assert [(one.name, one.role) for one in made] == [
        ("marta", "Marketing"),
        ("saul", "Sales"),
        ("mona", "Sales manager"),
        ("ada", "Administrator"),
    ]
    for one in made:
        user = authenticate(username=one.name, password=one.password)
        assert isinstance(user, User)
        assert user.is_staff
        assert [group.name for group in user.groups.all()] == [one.role]
    assert len({one.password for one in made}) == 4


def test_users_keep_their_passwords_unless_new_ones_are_asked_for() -> None:
    [first, *_others] = accounts.make_accounts()
    assert {one.password for one in accounts.make_accounts()} == {None}
    assert authenticate(username="marta", password=first.password)
    [again, *_others] = accounts.make_accounts(reset=True)
    assert again.password not in (None, first.password)
    assert authenticate(username="marta", password=again.password)


def test_somebody_else_of_that_name_is_left_alone() -> None:
    stranger = User.objects.create_user("ada", "ada@lovelace.example", "engine")
    made = {one.name: one.password for one in accounts.make_accounts(reset=True)}
    assert made["ada"] is None
    stranger.refresh_from_db()
    assert stranger.check_password("engine")
    assert not stranger.groups.exists()
    assert not stranger.is_staff
