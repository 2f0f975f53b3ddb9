"""What happens at the same moment: another merge, an activity, a batch, a process that ends."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Barrier, Event, Thread

import pytest
from django.contrib.auth.models import User
from django.db import close_old_connections, connection, connections, transaction
from pytest_django import Settings

from contacts.models import Activity, Contact, EmailAlias, Merge
from contacts.records import parse_activity, parse_contact
from contacts.storing import store_activities, store_contacts
from leadscoring.failpoints import FailpointHit, read_failpoints
from scoring.engine.models import Cause
from scoring.engine.refresh import refresh
from scoring.pipeline.merging.merge import MergeContacts
from scoring.pipeline.merging.together import Refused
from scoring.pipeline.merging.undo import UndoMerge
from tests.engine.scored import go_live, refresh_all
from tests.pipeline.merging.pair import faults, merged, pair, person

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """What each was told: "done", or why not. Each on a connection of its own."""
    ready, told = Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        close_old_connections()
        try:
            ready.wait(300)
            deed()
            told.append("done")
        except Refused as refused:
            told.append(refused.reasons[0])
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    return sorted(told, key=lambda each: each != "done")


@contextmanager
def under_way(action: MergeContacts | UndoMerge) -> Iterator[None]:
    """The transaction is open, with all in it done, until somebody waits for it."""
    begun = Event()

    def run() -> None:
        close_old_connections()
        try:
            with transaction.atomic():
                action.do(None)
                begun.set()
                wait_for_somebody()
        finally:
            begun.set()
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    begun.wait(300)
    yield
    thread.join(300)


def wait_for_somebody() -> None:
    """SQLite does not tell who waits: there everybody does who writes."""
    if connection.vendor != "postgresql":
        time.sleep(0.2)
        return
    waits = (
        "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE NOT granted AND datname = current_database()"
    )
    with connection.cursor() as cursor:
        for _time in range(6000):
            cursor.execute(waits)
            if cursor.fetchone():
                return
            time.sleep(0.01)


def act(address: str) -> None:
    data = {"contact": address, "type": "visit", "occurred_at": "2026-01-01T00:00:00Z"}
    store_activities([parse_activity(data | {"source": "s", "external_id": "1"})])


def act_in_a_batch(address: str) -> None:
    with transaction.atomic():
        act(address)


def send_contact(address: str) -> None:
    store_contacts([parse_contact({"email": address, "city": "Soria"}, {})])


@pytest.mark.parametrize("deed", [act, act_in_a_batch, send_contact])
def test_what_comes_for_the_merged_one_meanwhile_is_the_survivors(
    marta: User, deed: Callable[[str], None]
) -> None:
    go_live()
    stays, goes = pair()
    with under_way(MergeContacts(marta, stays.pk, goes.pk)):
        deed(goes.email)
    stays.refresh_from_db()
    assert Contact.objects.get() == stays
    assert (stays.activities.count(), stays.city) in ((1, ""), (0, "Soria"))
    refresh_all()
    assert faults() == []


def test_an_activity_that_comes_while_they_are_parted_is_somebodys(marta: User) -> None:
    go_live()
    stays, goes = pair()
    merge = merged(marta, stays, goes)
    with under_way(UndoMerge(marta, merge.pk)):
        act(goes.email)
    assert Activity.objects.get().contact_id in {stays.pk, goes.pk}
    refresh_all()
    assert faults() == []


def test_of_two_merges_with_one_contact_in_common_one_is_told(marta: User, mona: User) -> None:
    stays, goes = pair()
    third = person("third")
    told = at_once(
        MergeContacts(marta, stays.pk, goes.pk).execute,
        MergeContacts(mona, third.pk, goes.pk).execute,
    )
    assert told[0] == "done" and "meanwhile, by" in told[1]
    assert (Contact.objects.count(), Merge.objects.count(), EmailAlias.objects.count()) == (2, 1, 1)
    merge = Merge.objects.get()
    told = at_once(UndoMerge(marta, merge.pk).execute, UndoMerge(mona, merge.pk).execute)
    assert told[0] == "done" and "undone already" in told[1]


def test_two_that_merge_each_other_become_one(marta: User, mona: User) -> None:
    stays, goes = pair()
    told = at_once(
        MergeContacts(marta, stays.pk, goes.pk).execute,
        MergeContacts(mona, goes.pk, stays.pk).execute,
    )
    assert told[0] == "done" and told[1] != "done"
    assert Contact.objects.count() == 1


def test_a_refresh_at_the_same_moment_leaves_right_scores(marta: User) -> None:
    go_live()
    stays, goes = pair()
    ids = [stays.pk, goes.pk]
    told = at_once(
        MergeContacts(marta, stays.pk, goes.pk).execute,
        *(lambda: refresh(ids, Cause.PROFILE) for _time in range(2)),
    )
    assert told == ["done"] * 3
    refresh_all()
    assert faults() == []


def test_a_merge_that_ends_in_the_middle_has_changed_nothing(
    marta: User, settings: Settings
) -> None:
    stays, goes = pair(phone="600")
    text = "merge.before_commit=raise:1"
    settings.CHAOS_FAILPOINTS = dict(read_failpoints(text, production=False, permitted=False))
    with pytest.raises(FailpointHit):
        merged(marta, stays, goes)
    assert set(Contact.objects.values_list("email", "phone")) == {
        (stays.email, ""),
        (goes.email, "600"),
    }
    assert not Merge.objects.exists() and not EmailAlias.objects.exists()
