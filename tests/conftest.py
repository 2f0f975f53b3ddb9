"""What every test may use: four named people, and what happens where a server is missing.

A test with `django_db(transaction=True)` needs `serialized_rollback=True` as well: afterwards
the tables are emptied, and with them the rows that migrations made.
"""

import os

import hypothesis
import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, connections
from pytest_django import DjangoDbBlocker, Settings

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER

# Set by .ci/run: a server or a browser that is missing is then a failure, not a skip.
REQUIRE_ALL = bool(os.environ.get("REQUIRE_ALL"))

# A machine that has much to do is no fault of the code: time is measured in benchmarks/.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if connection.vendor != "postgresql":
        skip = pytest.mark.skip(reason="needs PostgreSQL: set DATABASE_URL")
        for item in items:
            if item.get_closest_marker("postgresql"):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Lets every connection find the rows of the migrations that were put aside.

    Django keeps them on one connection; once a browser test has started Playwright's event
    loop, this thread has another one.
    """
    keep_flushable(django_db_blocker)
    rows = getattr(connections["default"], "_test_serialized_contents", None)
    if rows is not None:
        type(connections["default"])._test_serialized_contents = rows  # type: ignore[attr-defined]


def keep_flushable(blocker: DjangoDbBlocker) -> None:
    """On SQLite tables are emptied by DELETE, which the audit trail refuses; its test asks it."""
    with blocker.unblock(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER IF EXISTS audit_kept")


def make_user(name: str, role: str) -> User:
    user = User.objects.create_user(name, f"{name}@example.com", "correct horse", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def marta(db: None) -> User:
    """Marketing."""
    return make_user("marta", MARKETING)


@pytest.fixture
def saul(db: None) -> User:
    """A salesperson."""
    return make_user("saul", SALES)


@pytest.fixture
def mona(db: None) -> User:
    """The sales manager."""
    return make_user("mona", SALES_MANAGER)


@pytest.fixture
def ada(db: None) -> User:
    """The administrator."""
    return make_user("ada", ADMINISTRATOR)


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """A password is hashed to be slow to guess; tests make many users and guess none."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
