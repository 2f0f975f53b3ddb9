"""What a merge makes of crossings, the states of triggers, and places in sequences.

A merge sets nothing off by what it puts together: a trigger that has gone off for either
contact counts as gone off for both.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Max
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from contacts.models.on_merge import Archive, Data, Move, Relation, dumped, loaded, plain
from scoring.automations.outbox.messages import Message

Key = tuple[int, int]
# What ending an enrolment changes; see ``Enrolment.end``.
ENDED: Final = ("state", "reason", "ended_at", "step_id", "next_at")


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


class EndTwice(Move):
    """Of two places in one sequence the survivor's stays, and the other is ended."""

    def unite(self, relation: Relation, loser: int, survivor: int) -> Data:
        there = relation.of(survivor).filter(state="active").values("sequence")
        twice = list(relation.of(loser).filter(state="active", sequence__in=there))
        ended = [{"pk": row.pk} | {name: plain(getattr(row, name)) for name in ENDED}
                 for row in twice]  # fmt: skip
        for row in twice:
            row.end(row.State.LEFT, row.Reason.MERGED)
            keys = row.runs.filter(message__isnull=False).values("message")
            Message.objects.waiting().filter(pk__in=keys).cancel(str(row.Reason.MERGED.label))
        data = super().unite(relation, loser, survivor)
        return data | ({"ended": ended, "at": timezone.now().isoformat()} if ended else {})

    def part(self, relation: Relation, data: Data, loser: int, survivor: int) -> int:
        lost = super().part(relation, data, loser, survivor)
        for row in self.ended(relation, data, loser):
            # Its next step may be gone meanwhile; it is found anew whenever it is due.
            row.save(update_fields=["state", "reason", "ended_at", "step", "next_at"])
        return lost

    def ended(self, relation: Relation, data: Data, loser: int) -> Iterator[Any]:
        former = {each["pk"]: each for each in data.get("ended", [])}
        rows = relation.of(loser).filter(pk__in=former, state="left", reason="merged")
        for row in rows.select_related("sequence"):
            was = former[row.pk]
            row.state, row.reason, row.ended_at = was["state"], was["reason"], None
            row.next_at = parse_datetime(was["next_at"]) if was["next_at"] else None
            there = row.sequence.steps.filter(pk=was["step_id"]).exists()
            row.step_id = was["step_id"] if there else None
            yield row
