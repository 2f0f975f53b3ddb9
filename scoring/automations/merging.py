"""What a merge makes of crossings, the states of triggers, and places in sequences.

A merge sets nothing off by what it puts together: a trigger that has gone off for either
contact counts as gone off for both.
"""

from datetime import datetime
from typing import Any

from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models.on_merge import Archive, CloseTwice, Data, Move, Relation, dumped, loaded
from scoring.automations.outbox.messages import Message

Key = tuple[int, int]


class MoveCrossings(Move):
    """Crossings keep their id, by which their actions are known, and are counted on.

    An episode says which crossing of a contact it is: those of the merged contact come
    after the survivor's. That of an activity (below zero) is the activity's own.
    """

    def unite(self, relation: Relation, loser: int, survivor: int) -> Data:
        shifted: list[list[int]] = []
        for (track, automation), last in self.last_episodes(relation, survivor).items():
            rows = relation.of(loser).filter(track=track, automation=automation, episode__gt=0)
            if rows.update(episode=F("episode") + last):
                shifted.append([track, automation, last])
        return super().unite(relation, loser, survivor) | ({"shifted": shifted} if shifted else {})

    def last_episodes(self, relation: Relation, contact_id: int) -> dict[Key, int]:
        rows = relation.of(contact_id).filter(episode__gt=0)
        found = rows.values_list("track_id", "automation_id").annotate(Max("episode"))
        return {(track, automation): last for track, automation, last in found}

    def part(self, relation: Relation, data: Data, loser: int, survivor: int) -> int:
        lost = super().part(relation, data, loser, survivor)
        for track, automation, last in data.get("shifted", []):
            rows = relation.of(loser).filter(track=track, automation=automation, episode__gt=last)
            rows.update(episode=F("episode") - last)
        return lost


class UniteStates(Archive):
    """One state for both: armed only where both are.

    Where there is no row a trigger is armed, for it goes off only from short of its level.
    """

    is_told = False

    def unite(self, relation: Relation, loser: int, survivor: int) -> Data:
        theirs = {key_of(row): row for row in relation.of(loser)}
        own = {key_of(row): row for row in relation.of(survivor)}
        data = self.archive(relation.of(loser))
        before = {key: dumped(own[key]) for key in theirs if key in own}
        for key, row in theirs.items():
            united = together(row, own.get(key))
            crossings = row.automation.crossings.filter(track=key[0], contact=survivor)
            last = crossings.filter(episode__gt=0).aggregate(last=Max("episode"))["last"] or 0
            united["episode"] = max(united["episode"], last)
            self.store(relation, survivor, key, united)
        after = [dumped(row) for row in relation.of(survivor) if key_of(row) in theirs]
        return data | ({"before": [*before.values()], "after": after} if after else {})

    def store(self, relation: Relation, contact: int, key: Key, state: Data) -> None:
        rows = relation.of(contact).filter(track=key[0], automation=key[1])
        if not rows.update(**state):
            place = {"track_id": key[0], "contact_id": contact, "automation_id": key[1]}
            relation.rows().create(**place, **state)

    def part(self, relation: Relation, data: Data, loser: int, survivor: int) -> int:
        """The survivor's states are again as before, but those that have changed since."""
        before = {key_in(each): each for each in data.get("before", [])}
        for after in data.get("after", []):
            key = key_in(after)
            row = relation.of(survivor).filter(track=key[0], automation=key[1]).first()
            if row is None or dumped(row) != after:
                continue
            relation.of(survivor).filter(track=key[0], automation=key[1]).delete()
            if former := before.get(key):
                relation.rows().bulk_create([loaded(relation.model, former)])
        return super().part(relation, data, loser, survivor)


def key_of(row: Any) -> Key:
    return row.track_id, row.automation_id


def key_in(data: Data) -> Key:
    return data["track_id"], data["automation_id"]


def together(one: Any, other: Any | None) -> Data:
    """Released only where all that have gone off are, since the later instant."""
    rows = [row for row in (one, other) if row is not None]
    gone_off = [row for row in rows if not row.armed]
    released = [row.released_at for row in gone_off]
    return {
        "armed": not gone_off,
        "episode": max(row.episode for row in rows),
        "fired_at": latest(row.fired_at for row in rows),
        "released_at": None if None in released else latest(released),
    }


def latest(instants: Any) -> datetime | None:
    return max((each for each in instants if each is not None), default=None)


def left() -> Data:
    """The columns of a place in a sequence that has ended; see ``Enrolment.end``."""
    ended = {"state": "left", "reason": "merged", "ended_at": timezone.now()}
    return ended | {"step_id": None, "next_at": None}


class EndTwice(CloseTwice):
    """Of two places in one sequence the survivor's stays; what the other had waiting is stopped."""

    def __init__(self) -> None:
        super().__init__("sequence", is_open={"state": "active"}, closed=left)

    def unite(self, relation: Relation, loser: int, survivor: int) -> Data:
        data = super().unite(relation, loser, survivor)
        ended = relation.rows().filter(pk__in=[each["pk"] for each in data.get("closed", [])])
        letters = ended.filter(runs__message__isnull=False).values("runs__message")
        Message.objects.waiting().filter(pk__in=letters).cancel(_("The contact was merged."))
        return data
