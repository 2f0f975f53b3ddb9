"""``Idempotency-Key``: the same call sent twice is answered twice and done once.

Without the header nothing is done twice either, by the ids of the items; with it the second
answer is also the same as the first.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from scoring.api.ingestion import Answered
from scoring.api.models import Answer, Source
from scoring.api.problems import Problem

KEPT: Final = timedelta(hours=72)
LEASE: Final = timedelta(seconds=60)
KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(slots=True)
class Claim:
    """A call that has its key to itself, or (``former``) was answered before."""

    answer: Answer | None = None
    former: Answered | None = None

    def remember(self, answered: Answered) -> None:
        """Keep the answer; to be called in the transaction of the data themselves."""
        if self.answer:
            self.row().update(status=answered.status, body=json.dumps(answered.data))

    def row(self) -> QuerySet[Answer]:
        """The row, as long as nobody has taken it over."""
        assert self.answer  # noqa: S101 - for the type checker
        return Answer.objects.filter(pk=self.answer.pk, status=None, token=self.answer.token)


@contextmanager
def claimed(source: Source, route: str, key: str | None, content: bytes) -> Iterator[Claim]:
    """Hold the key while the call is worked on; it is free again where that failed."""
    if key is None:
        yield Claim()
        return
    claim = take(source, route, checked(key), hashlib.sha256(content).hexdigest())
    try:
        yield claim
    except Exception:
        release(claim)
        raise


def checked(key: str) -> str:
    if not KEY.fullmatch(key):
        message = _("An Idempotency-Key has 1 to 255 visible ASCII characters.")
        raise Problem(400, "invalid_idempotency_key", message)
    return key


def take(source: Source, route: str, key: str, digest: str) -> Claim:
    now = timezone.now()
    named = Answer.objects.filter(source=source, route=route, key=key)
    named.filter(created_at__lte=now - KEPT).delete()
    wanted = Answer(
        source=source,
        route=route,
        key=key,
        body_digest=digest,
        token=secrets.token_hex(16),
        lease_until=now + LEASE,
        created_at=now,
    )
    # Of several at once exactly one inserts the row, and finds its own token there.
    Answer.objects.bulk_create([wanted], ignore_conflicts=True)
    found = named.first()
    if found is None:
        raise in_progress()
    if found.body_digest != digest:
        message = _("This Idempotency-Key came before with another body.")
        raise Problem(422, "idempotency_key_reused", message)
    if found.status is not None:
        return Claim(former=Answered(found.status, json.loads(found.body)))
    if found.token == wanted.token or taken_over(found, wanted, now):
        found.token = wanted.token
        return Claim(answer=found)
    raise in_progress()


def in_progress() -> Problem:
    message = _("A call with this Idempotency-Key is being worked on.")
    return Problem(409, "in_progress", message, retry_after=1)


def taken_over(found: Answer, wanted: Answer, now: datetime) -> bool:
    """Whether whoever worked on it is gone, and we are the first to see that."""
    left = Answer.objects.filter(pk=found.pk, status=None, token=found.token)
    taken = left.filter(lease_until__lte=now)
    return bool(taken.update(token=wanted.token, lease_until=wanted.lease_until))


def release(claim: Claim) -> None:
    if claim.answer:
        try:
            claim.row().delete()
        except DatabaseError:  # its lease ends by itself
            return
