"""What the cards of a board say beside their row: asked once for all that are shown."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.contrib.auth.models import User
from django.db.models import F, OuterRef, Subquery, Window
from django.db.models.functions import RowNumber

from contacts.models import Task
from contacts.models.teams import name_of, people_for_owners
from contacts.numerals import signed, whole
from scoring.engine.admin.badges import Reason, band_name, reasons, shade
from scoring.engine.admin.tracks import not_reached
from scoring.engine.models import Score, ScoreChange, Track
from scoring.pipeline.board.cards import Card
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.leads.manual import ManualBand

WEEK: Final = timedelta(days=7)


def money(value: Decimal | None) -> str:
    return "" if value is None else whole(value)


class Course(NamedTuple):
    """How a total came about: since when it is in its band, and what it was a week ago.

    ``moved``: by how much it changed in a week; None where it did not exist then.
    """

    hot_since: datetime | None
    moved: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A card with everything that is written on it."""

    card: Card
    shade: str
    band: str
    moved: int | None
    reasons: Sequence[Reason] | None
    manual: ManualBand | None
    manual_shade: str
    task: Task | None
    handover: Handover | None
    since: datetime | None
    owner: str

    @property
    def total(self) -> str:
        return "" if self.card.total is None else whole(self.card.total)

    @property
    def moved_signed(self) -> str:
        return signed(self.moved or 0)

    @property
    def amount(self) -> str:
        return money(self.card.deal.amount) if self.card.deal else ""

    @property
    def respond_by(self) -> datetime | None:
        """When the first attempt is due; None where it was made, or nothing was agreed."""
        waits = self.handover and self.handover.is_waiting and not self.handover.responded_at
        return self.handover.respond_by if waits and self.handover else None

    @property
    def sign(self) -> str:
        """Changes whenever something that is written on the card does."""
        card, task, manual = self.card, self.task, self.manual
        deal = card.deal
        facts = (
            *(card.place, card.stage_id, card.name, card.company, card.owner, card.total),
            *(card.band, card.grade, card.breakdown, self.reasons is None, self.moved),
            deal and (deal.name, deal.amount, deal.product_id),
            task and (task.pk, task.title, task.due_at, task.assignee_id),
            manual and (manual.pk, manual.band, manual.reason, manual.until),
            self.since,
            self.respond_by,
            self.handover and self.handover.verdict,
        )
        return hashlib.blake2b(repr(facts).encode(), digest_size=6).hexdigest()


def details(cards: Sequence[Card], track: Track | None, user: User, at: datetime) -> list[Shown]:
    """In the same order; a fixed number of queries, whatever the number of cards."""
    ids = sorted({card.contact.pk for card in cards if card.contact is not None})
    courses = courses_of(ids, track, at) if track else {}
    waiting = not_reached(track, ids) if track else set()
    tasks = next_tasks(ids, user)
    manual = manual_bands(ids, track, user, at)
    handovers = latest_handovers(ids, track, user)
    owners = names_of({card.owner for card in cards})
    return [
        written(
            card,
            track,
            course=courses.get(pk, Course(None, None)),
            is_waiting=pk in waiting,
            manual=manual.get(pk),
            task=tasks.get(pk),
            handover=handovers.get(pk),
            owner=owners.get(card.owner, card.owner),
        )
        for card in cards
        for pk in [card.contact.pk if card.contact else 0]
    ]


def written(
    card: Card,
    track: Track | None,
    *,
    course: Course,
    is_waiting: bool,
    manual: ManualBand | None,
    task: Task | None,
    handover: Handover | None,
    owner: str,
) -> Shown:
    document = track.document_for(card.scored_by) if track else None
    is_scored = document is not None and card.total is not None
    why = reasons(document, card.breakdown, card.excluded) if document and is_scored else []
    return Shown(
        card=card,
        shade=shade(card.band, document) if document else "none",
        band=band_name(card.band),
        moved=course.moved,
        reasons=None if is_waiting else why,
        manual=manual,
        manual_shade=shade(manual.band, document) if manual and document else "none",
        task=task,
        handover=handover,
        since=handover.handed_at if handover else course.hot_since,
        owner=owner,
    )


def courses_of(ids: Iterable[int], track: Track, at: datetime) -> dict[int, Course]:
    """By two look-ups in the history of each contact, along its key."""
    hottest = track.version.document_value.bands[-1].name
    history = ScoreChange.objects.filter(track=OuterRef("track"), contact=OuterRef("contact_id"))
    later = history.filter(as_of__gt=at - WEEK).order_by("revision")
    entered = history.filter(band=hottest).exclude(band_before=hottest).order_by("-revision")
    rows = (
        Score.objects.acting(track)
        .filter(contact__in=list(ids))
        .annotate(
            first=Subquery(later.values("revision")[:1]),
            before=Subquery(later.values("total_before")[:1]),
            entered=Subquery(entered.values("as_of")[:1]),
        )
    )
    return {
        row["contact"]: Course(
            row["entered"] if row["band"] == hottest else None,
            moved(row["first"], row["before"], row["total"]),
        )
        for row in rows.values("contact", "band", "total", "first", "before", "entered")
    }


def moved(first: int | None, before: int | None, total: int) -> int | None:
    """Since the first change of the week; without one nothing moved."""
    if first is None:
        return 0
    return None if before is None else total - before


def first_of_each(rows: Any, *order: Any) -> Any:
    """The first row of each contact in this order."""
    place = Window(RowNumber(), partition_by=F("contact"), order_by=list(order))
    return rows.annotate(place=place).filter(place=1)


def next_tasks(ids: list[int], user: User) -> dict[int, Task]:
    if not user.has_perm("contacts.view_task"):
        return {}
    rows = Task.objects.visible_to(user).open().filter(contact__in=ids)
    soonest = first_of_each(rows, F("due_at").asc(nulls_last=True), F("pk").asc())
    return {task.contact_id: task for task in soonest.select_related("assignee")}


def manual_bands(
    ids: list[int], track: Track | None, user: User, at: datetime
) -> dict[int, ManualBand]:
    if track is None:
        return {}
    rows = ManualBand.objects.visible_to(user).in_force(at).of_contacts(track.model, ids)
    return {row.contact_id: row for row in rows.select_related("set_by")}


def latest_handovers(ids: list[int], track: Track | None, user: User) -> dict[int, Handover]:
    if track is None or not user.has_perm("scoring.view_handover"):
        return {}
    rows = Handover.objects.filter(contact__in=ids, model=track.model_id)
    latest = first_of_each(rows, F("handed_at").desc(), F("pk").desc())
    return {row.contact_id: row for row in latest}


def names_of(owners: set[str]) -> dict[str, str]:
    people = people_for_owners(owners, also_gone=True)
    return {owner: name_of(user) for owner, user in people.items()}
