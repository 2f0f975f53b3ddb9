"""Two people, or two tabs, at the same moment: one is first, and the other is told."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.db import close_old_connections, connections

from contacts.models import Activity
from scoring.pipeline.calls.models import CallEntry
from scoring.pipeline.calls.results import Finish, Said
from scoring.pipeline.calls.starting import NotPossible, Start
from tests.conftest import make_user
from tests.pipeline.calls.sessions import NAMES, entry_of, live_with

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """What each was told, "done" first; each on a connection of its own."""
    ready = Barrier(len(deeds))
    told: list[str] = []

    def run(deed: Callable[[], object]) -> None:
        close_old_connections()
        try:
            ready.wait(300)
            deed()
            told.append("done")
        except NotPossible as reason:
            told.append(str(reason))
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    return sorted(told, key=lambda each: each != "done")


def test_each_lead_is_in_one_session_and_each_call_is_written_once(saul: User) -> None:
    live_with(*NAMES, owner="")
    paula = make_user("paula", "Sales")
    first, second = at_once(
        lambda: Start([saul], saul).execute(), lambda: Start([paula], paula).execute()
    )
    assert first == "done"
    assert second.startswith(("Nobody is to be called", "Somebody was faster"))
    assert CallEntry.objects.filter(holds=True).count() == len(NAMES)
    session = CallEntry.objects.select_related("session__user").first()
    assert session is not None
    ana = entry_of(session.session, "ana")
    user = session.session.user
    first, second = at_once(
        lambda: Finish(ana, user, Said("reached")).execute(),
        lambda: Finish(ana, user, Said("voicemail")).execute(),
    )
    assert first == "done"
    assert second.startswith("This call was written down already")
    assert Activity.objects.filter(type__slug="call").count() == 1
