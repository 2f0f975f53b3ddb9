"""What every test may use: four named people, and what happens where a server is missing."""

import gc
import os
import threading
import time
from collections.abc import Iterator

import hypothesis
import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, connections
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker, Settings

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER
from scoring.agreement import newest
from scoring.agreement.scenarios import page as scenarios
from scoring.agreement.segments import desk
from scoring.agreement.workshop import distribution
from scoring.agreement.workshop import page as threshold
from scoring.agreement.workshop import work as tables
from scoring.automations.sequences import stepping
from scoring.criteria import type_labels
from scoring.engine import course, explain, measures, ways
from tests import seeds

# Set by .ci/run: a server or a browser that is missing is then a failure, not a skip.
REQUIRE_ALL = bool(os.environ.get("REQUIRE_ALL"))

# One connection for each thread. Django keeps others while an event loop runs, as Playwright's does
# from the first test with a browser on: those of before it would be hidden, for a forked process
# to end as its own, and those of the loop would be left open, hidden in turn, at the end.
vars(connections)["_connections"] = threading.local()

# A machine that has much to do is no fault of the code: time is measured in benchmarks/.
# And each run draws the same examples, as in tests/profiles.py: what chance finds is not to
# keep out a change that has nothing to do with it.
hypothesis.settings.register_profile(
    "patient",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    begin_early(items)
    if connection.vendor != "postgresql":
        skip = pytest.mark.skip(reason="needs PostgreSQL: set DATABASE_URL")
        for item in items:
            if item.get_closest_marker("postgresql"):
                item.add_marker(skip)


def pytest_collection_finish() -> None:
    """What is loaded by now stays; looking for garbage in it took a sixth of the time of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def begin_early(items: list[pytest.Item]) -> None:
    """Share out what is long over the first half, so that no process does it alone, or last."""
    long = [item for item in items if item.get_closest_marker("long")]
    early = set(long)
    items[:] = [item for item in items if item not in early]
    step = len(items) // (2 * len(long) + 1) + 1
    for place, item in enumerate(long):
        items.insert(place * step, item)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """After a test that commits, the database is again as the migrations have left it."""
    keep_flushable(django_db_blocker)
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            # Nobody needs these rows after a power cut. For connections that are made from now on.
            name = connection.ops.quote_name(connection.settings_dict["NAME"])
            with connection.cursor() as cursor:
                cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit TO off")
            connection.close()
        found = seeds.take()
    undo = "_fixture_teardown"
    setattr(TransactionTestCase, undo, lambda case: found.put_back())
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock():
            wait_until_alone()


def wait_until_alone() -> None:
    """A page that a browser has left may still be answered; the database is dropped after it."""
    with connection.cursor() as cursor:
        for _ in range(300):
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            if not cursor.fetchall():
                break
            time.sleep(0.1)


def keep_flushable(blocker: DjangoDbBlocker) -> None:
    """On SQLite tables are emptied by DELETE, which the audit trail refuses; its test asks it."""
    with blocker.unblock(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER IF EXISTS audit_kept")


# What gives up, or says "about", after some seconds: a test of that sets the seconds itself.
HURRIED = (
    *(course, explain, measures, ways),
    *(desk, distribution, newest, scenarios, threshold),
    stepping,
)


@pytest.fixture(autouse=True)
def patient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has much else to do must not cut short what is told."""
    for module in HURRIED:
        monkeypatch.setattr(module, "SECONDS", 600.0)
    monkeypatch.setattr(tables, "SLICE", 600.0)
    # Nor ask for the labels of types twice, nor know those of the test before.
    monkeypatch.setattr(type_labels, "KEPT", 10**9)
    type_labels.labels.cache_clear()
    uses_database = {"db", "transactional_db"} & set(request.fixturenames)
    if not uses_database and not request.node.get_closest_marker("django_db"):
        monkeypatch.setattr(type_labels, "labels", lambda _moment: {})


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
def quick_clients(settings: Settings) -> None:
    """Each client of a test sets the site up anew, and would look for all static files."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """A password is hashed to be slow to guess; tests make many users and guess none."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
