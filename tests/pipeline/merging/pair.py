"""Two contacts that are one person, and what they did, on a small live model."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User

from contacts.models import Contact, Merge
from scoring.engine.models import Score, Track
from scoring.engine.verify import differences, without_history
from scoring.pipeline.merging.fields import proposed
from scoring.pipeline.merging.merge import MergeContacts
from scoring.pipeline.merging.undo import UndoMerge, Undone
from tests.engine.scored import person, visit

DAY = timedelta(days=1)


def pair(**loser: Any) -> tuple[Contact, Contact]:
    """Ana, who stays, and Ana by another address."""
    stays = person("ana", first_name="Ana", last_name="Ruiz", job_title="Director")
    goes = person("ana.ruiz", **{"first_name": "Ana", "last_name": "Ruiz", **loser})
    return stays, goes


def merged(user: User, stays: Contact, goes: Contact, *taken: str, **options: Any) -> Merge:
    chosen = {*proposed(stays, goes), *taken}
    return MergeContacts(user, stays.pk, goes.pk, chosen, **options).execute()


def parted(user: User, merge: Merge) -> Undone:
    return UndoMerge(user, merge.pk).execute()


def total(who: Contact | int) -> int | None:
    pk = who if isinstance(who, int) else who.pk
    return Score.objects.filter(contact=pk).values_list("total", flat=True).first()


def faults() -> list[object]:
    """What a check of all scores complains of."""
    tracks = Track.objects.all()
    return [fault for track in tracks for fault in (*differences(track), *without_history(track))]


__all__ = ["DAY", "faults", "merged", "pair", "parted", "person", "total", "visit"]
