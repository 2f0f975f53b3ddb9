"""What a process of its own does to the database of a test; ``test_processes`` starts them."""

import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from unittest.mock import patch

from contacts.models import Contact
from contacts.records import ActivityRecord
from contacts.storing import store_activities
from scoring.criteria.models import Version
from scoring.engine.models import Cause, Recompute, Track
from scoring.engine.publish import publish
from scoring.engine.recompute import start, work
from scoring.engine.refresh import refresh
from scoring.engine.retries import refresh_pending
from scoring.engine.sql import Scope
from scoring.engine.write import Writing, Written

AS_OF = datetime(2026, 3, 31, tzinfo=UTC)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def do_blocks(recompute_id: str, *seconds: str) -> None:
    """Work on a recompute, and stay that long inside the transaction of each block in turn.

    The last is for all that follow.
    """
    write = Writing.write
    stays = chain(seconds, repeat(seconds[-1]))

    def slowly(self: Writing, scope: Scope, as_of: datetime) -> Written:
        written = write(self, scope, as_of)
        say(f"wrote {written.count}")
        time.sleep(float(next(stays)))
        return written

    with patch.object(Writing, "write", slowly):
        for changed in work(Recompute.objects.get(pk=recompute_id)):
            say(f"done {changed}")


def act_and_refresh(name: str, email: str, times: str) -> None:
    """Have a contact do something, and refresh who is pending, again and again."""
    for number in range(int(times)):
        moment = AS_OF - timedelta(days=30, hours=number)
        one = ActivityRecord(email, "page_view", moment, source=name, external_id=str(number))
        store_activities([one])
        refresh_pending(AS_OF)


def refresh_only(email: str, times: str) -> None:
    [contact] = Contact.objects.with_email([email]).values_list("pk", flat=True)
    for _time in range(int(times)):
        refresh([contact], Cause.ACTIVITY, AS_OF)


def recompute_again_and_again(times: str) -> None:
    for _time in range(int(times)):
        for track in Track.objects.all():
            list(work(start(track, Cause.RECOMPUTE, AS_OF)))


def publish_again_and_again(*version_ids: str) -> None:
    for pk in version_ids:
        list(work(publish(Version.objects.get(pk=pk), AS_OF)))


DEEDS = {
    deed.__name__: deed
    for deed in (
        do_blocks,
        act_and_refresh,
        refresh_only,
        recompute_again_and_again,
        publish_again_and_again,
    )
}


def run(deed: str, *arguments: str) -> None:
    """With blocks of two contacts."""
    with (
        patch.multiple("scoring.engine.locks", BLOCK_BITS=1, BLOCK=2),
        patch.multiple("scoring.engine.recompute", BLOCK_BITS=1, BLOCK=2),
    ):
        DEEDS[deed](*arguments)
