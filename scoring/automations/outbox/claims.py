"""Taking messages out of the outbox and putting their outcome back: all that locks rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Count, F, QuerySet
from django.utils.translation import gettext as _

from scoring.automations.outbox.channel import CHANNELS, TOTAL_SECONDS, Outcome, Result
from scoring.automations.outbox.messages import (
    ERROR_MOST,
    RESPONSE_MOST,
    Attempt,
    Message,
    storable,
)
from scoring.automations.outbox.schedule import MOST_ATTEMPTS, delay_after

State = Message.State

# Longer than any attempt: whoever holds a message longer than this is dead, or a zombie.
LEASE: Final = timedelta(seconds=TOTAL_SECONDS + 30)
# The same of what takes long to be made ready.
LONG_LEASE: Final = timedelta(minutes=10)
# Of each lane so many at once, by all dispatchers together.
LANE_SLOTS: Final = 2
# Among so many due messages those are looked for whose lanes are free.
LOOK_AT: Final = 50
# From the third time that a receiver says 4xx, somebody should look at the message.
FLAGGED_AT: Final = 3
# Claims take turns: what each counts in the lanes must still be so when it takes.
LOCK: Final = 0x0B0C
CHANCE: Final = SystemRandom()

STATES: Final = {
    Result.SENT: State.SENT,
    Result.DEAD: State.DEAD,
    Result.BLOCKED: State.BLOCKED,
    Result.CANCELLED: State.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is in our hands, as long as its row has this token."""

    message: Message
    token: UUID


def take(most: int, now: datetime, *, long: bool = False) -> list[Claim]:
    """Claim up to ``most`` due messages, whose next attempt begins now.

    ``long``: those that take long to be made ready, and no others.
    """
    # Asked first, so that an idle worker never takes SQLite's one place for writing.
    if most < 1 or not due(now, long=long).exists():
        return []
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        candidates = due(now, long=long).exclude(lane__in=full_lanes(now)).order_by("next_at", "pk")
        found = list(candidates.select_for_update(skip_locked=True, of=("self",))[:LOOK_AT])
        worn_out = [message for message in found if message.tries >= MOST_ATTEMPTS]
        give_up(worn_out)
        fresh = [message for message in found if message.tries < MOST_ATTEMPTS]
        return [claim(message, now) for message in within_lanes(fresh, now)[:most]]


def due(now: datetime, *, long: bool) -> QuerySet[Message]:
    channels = [name for name, channel in CHANNELS.items() if channel.takes_long]
    found = Message.objects.filter(state=State.PENDING, next_at__lte=now)
    return found.filter(channel__in=channels) if long else found.exclude(channel__in=channels)


def held(now: datetime) -> QuerySet[Message]:
    return Message.objects.filter(state=State.PENDING, lease_until__gt=now)


def full_lanes(now: datetime) -> list[str]:
    counted = held(now).order_by().values("lane").annotate(count=Count("pk"))
    return list(counted.filter(count__gte=LANE_SLOTS).values_list("lane", flat=True))


def within_lanes(messages: Sequence[Message], now: datetime) -> list[Message]:
    """Those for which their lane has room; the messages that stay inside need none."""
    taken = Counter(held(now).order_by().values_list("lane", flat=True))
    fitting = []
    for message in messages:
        taken[message.lane] += 1
        if taken[message.lane] <= LANE_SLOTS:
            fitting.append(message)
    return fitting


def give_up(messages: Sequence[Message]) -> None:
    """Whoever held them in their last attempt has died: nobody knows, and nobody tries again."""
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(
        state=State.DEAD,
        last_error=_("The last attempt was cut short."),
        lease_until=None,
        lease_token=None,
    )


def claim(message: Message, now: datetime) -> Claim:
    token = uuid4()
    lease = LONG_LEASE if CHANNELS[message.channel].takes_long else LEASE
    message.attempts += 1
    message.lease_token, message.lease_until = token, now + lease
    # If we die, the message falls due again when the lease ends.
    message.next_at = message.lease_until
    message.save(update_fields=["attempts", "lease_token", "lease_until", "next_at"])
    cut_short = Attempt.objects.filter(message=message, finished=None)
    cut_short.update(error=_("The attempt was cut short; nobody knows what came of it."))
    Attempt.objects.create(message=message, n=message.attempts, started=now)
    return Claim(message, token)


def renew(claimed: Claim, now: datetime) -> bool:
    """Have time to send what took long to be made; False where it is in other hands by now."""
    ours = Message.objects.filter(pk=claimed.message.pk, lease_token=claimed.token)
    return bool(ours.update(lease_until=now + LEASE, next_at=now + LEASE))


def finish(claimed: Claim, outcome: Outcome, now: datetime, *, head: str, kept: bool) -> bool:
    """Store what came of an attempt; False where the message is in other hands by now."""
    message = claimed.message
    with transaction.atomic():
        changes = following(message, outcome, now)
        ours = Message.objects.filter(pk=message.pk, lease_token=claimed.token)
        if not ours.update(
            **changes,
            kept=kept,
            last_error="" if outcome.result is Result.SENT else storable(outcome.error, ERROR_MOST),
            lease_token=None,
            lease_until=None,
        ):
            return False
        Attempt.objects.filter(message=message, n=message.attempts).update(
            finished=now,
            code=outcome.code,
            error=storable(outcome.error, ERROR_MOST),
            head=head,
            response=storable(outcome.response, RESPONSE_MOST),
        )
        CHANNELS[message.channel].settle(message, outcome, now)
        if is_refusal(outcome.code):
            flag(message)
    return True


def following(message: Message, outcome: Outcome, now: datetime) -> dict[str, object]:
    """State and next attempt after this outcome."""
    if outcome.result is not Result.RETRY:
        sent = {"sent_at": now} if outcome.result is Result.SENT else {}
        return {"state": STATES[outcome.result], **sent}
    delay = delay_after(message.tries, CHANCE.random(), outcome.retry_after)
    if delay is None:
        return {"state": State.DEAD}
    return {"state": State.PENDING, "next_at": now + delay}


def without_attempt(claimed: Claim, outcome: Outcome) -> bool:
    """What becomes of a message that could not be made ready: nothing was attempted."""
    message = claimed.message
    with transaction.atomic():
        ours = Message.objects.filter(pk=message.pk, lease_token=claimed.token)
        changed = ours.update(
            state=STATES[outcome.result],
            last_error=storable(outcome.error, ERROR_MOST),
            attempts=F("attempts") - 1,
            lease_token=None,
            lease_until=None,
        )
        if changed:
            Attempt.objects.filter(message=message, n=message.attempts).delete()
    return bool(changed)


def is_refusal(code: int | None) -> bool:
    return code is not None and 400 <= code < 500


def flag(message: Message) -> None:
    refusals = Attempt.objects.filter(message=message, n__gt=message.forgiven)
    if refusals.filter(code__gte=400, code__lt=500).count() >= FLAGGED_AT:
        Message.objects.filter(pk=message.pk, flagged=False).update(flagged=True)
