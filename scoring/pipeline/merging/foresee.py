"""What a merge would do: how much would move, and which score both together would have."""

from collections.abc import Collection, Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from contacts.batches import batches
from contacts.models import Contact
from contacts.models.merges import relations_to_contacts
from contacts.models.on_merge import Archive
from contacts.records import ContactRecord
from contacts.storing import store_activities, store_contacts
from scoring.engine.explain import did_more_than
from scoring.engine.models import Track
from scoring.engine.past import activities_of, past_of
from scoring.engine.results import Result, score
from scoring.engine.scratch import scratch
from scoring.pipeline.merging.fields import assign, united

BATCH: Final = 1000
# Who did more is not copied while a page is waited for.
COPIED_MOST: Final = 3000


@dataclass(frozen=True, slots=True)
class Moving:
    """Rows of one kind; ``is_kept``: in the merge alone, until it is undone."""

    name: str
    count: int
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Foreseen:
    """On one track: both now and both together; None is outside the audience."""

    track: Track
    own: Result | None
    other: Result | None
    together: Result | None


def moving(loser: Contact) -> Iterator[Moving]:
    for relation in relations_to_contacts():
        if relation.is_told and (count := relation.of(loser.pk).count()):
            name = str(relation.model._meta.verbose_name_plural)
            yield Moving(name, count, type(relation.treatment) is Archive)


def is_too_much(*contacts: Contact) -> bool:
    return any(did_more_than(COPIED_MOST, each) for each in contacts)


def foreseen(survivor: Contact, loser: Contact, taken: Collection[str]) -> list[Foreseen]:
    """On every live track, by the query that computes the stored scores.

    Both together are copied to a scratch database, with what either has done.
    """
    now = timezone.now()
    tracks = Track.objects.filter(role=Track.Role.LIVE).select_related("model", "version__model")
    record = together(survivor, loser, taken, now)
    pair = [survivor.pk, loser.pk]
    found = []
    with scratch() as using:
        store_contacts([record], using)
        for contact in (survivor, loser):
            for batch in batches(activities_of(contact, record.email, now), BATCH):
                store_activities(batch, using)
        one = Contact.objects.using(using).get().pk
        for track in tracks.order_by("pk"):
            document = track.version.document_value
            alone = score(document, pair, now, DEFAULT_DB_ALIAS)
            both = score(document, [one], now, using)
            results = (alone.get(survivor.pk), alone.get(loser.pk), both.get(one))
            found.append(Foreseen(track, *results))
    return found


def together(
    survivor: Contact, loser: Contact, taken: Collection[str], now: datetime
) -> ContactRecord:
    """The one contact that both would be."""
    one = copy(survivor)
    assign(one, united(survivor, loser, taken))
    tags = sorted({*survivor.tag_names(), *loser.tag_names()})
    return replace(past_of(one, now).contact, tags=tuple(tags))
