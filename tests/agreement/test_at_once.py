"""Two people do the same at the same moment: one is first, and the other is told."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, close_old_connections, connections

from scoring.agreement.changes import Refused
from scoring.agreement.planned import GoingLive
from scoring.agreement.proposals import Proposal
from scoring.agreement.signing import Signature
from scoring.criteria.models import Version
from scoring.engine.models import Recompute, ScoreChange
from scoring.engine.recompute import work
from tests.agreement.agreed import begin, bring_live, propose, sign
from tests.engine.scored import person, refresh_all

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """What each was told: "done", or why not. Each on a connection of its own."""
    ready = Barrier(len(deeds))
    told: list[str] = []

    def run(deed: Callable[[], object]) -> None:
        close_old_connections()
        try:
            ready.wait(300)
            deed()
            told.append("done")
        except Refused as refused:
            told.append(refused.reasons[0])
        except OperationalError as error:
            told.append(str(error))
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    return sorted(told, key=lambda each: each != "done")


def test_of_two_who_do_the_same_at_once_one_is_first(
    marta: User, saul: User, mona: User, ada: User
) -> None:
    """Proposing, signing for a side and bringing live, one after another."""
    person("ana", job_title="Director")
    model = begin()
    refresh_all()

    first, second = at_once(lambda: propose(model, marta), lambda: propose(model, ada))
    assert first == "done" and "waits for signatures" in second
    assert Proposal.objects.count() == 1

    version = Version.objects.get(state="proposed")
    first, second = at_once(
        lambda: sign(version, saul, "sales"), lambda: sign(version, mona, "sales")
    )
    assert first == "done" and "has signed for Sales already" in second
    assert Signature.objects.count() == 1

    sign(version, marta, "marketing")
    version.refresh_from_db()
    live = Version.objects.live().get().pk
    first, second = at_once(
        lambda: bring_live(version, marta, former=live),
        lambda: bring_live(version, ada, former=live),
    )
    assert first == "done" and "live already" in second
    assert GoingLive.objects.count() == 1
    for recompute in Recompute.objects.filter(finished_at=None):
        list(work(recompute))
    written = ScoreChange.objects.filter(cause="version").order_by("revision")
    assert written.last().version == version  # type: ignore[union-attr]


def test_one_person_cannot_sign_for_both_sides_by_being_quick(marta: User, ada: User) -> None:
    version = propose(begin(), marta)
    first, second = at_once(
        lambda: sign(version, ada, "sales"), lambda: sign(version, ada, "marketing")
    )
    assert first == "done" and "nobody signs twice" in second
    assert Signature.objects.count() == 1
