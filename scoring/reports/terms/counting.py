"""What is counted towards a goal: leads, or handovers, in each piece of time."""

from collections import Counter as Counted
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, QuerySet, Value, When

from contacts.models import Contact, Deal, FieldChange, Lifecycle, Stage
from scoring.engine.models import ScoreChange, Track
from scoring.engine.proportions import Proportion
from scoring.pipeline.feedback.models import Handover, VerdictKind
from scoring.reports.asking import Question
from scoring.reports.people import place_in
from scoring.reports.periods import Period
from scoring.reports.stages import STAGES
from scoring.reports.terms.models import What

Rows = QuerySet[Any]
# By which instant a promise of sales falls due, and what is late.
DUE: Final = {What.RESPONSE: "respond_by", What.ANSWER: "feedback_by"}
DONE: Final = {What.RESPONSE: "responded_at", What.ANSWER: "answered_at"}


class Part(Enum):
    """Of what fell due of a promise: all of it, what was kept, and what was not."""

    ALL = "all"
    KEPT = "kept"
    LATE = "late"


def sign_of(stage: Lifecycle) -> Value:
    return Value(STAGES.index(stage))


# Of a change of the life cycle; the database tells it, for JSON is read slowly.
NOTED: Final = Case(*(When(after=stage.value, then=sign_of(stage)) for stage in STAGES))


@dataclass(frozen=True, slots=True)
class Counter:
    """For one model, up to ``now``; all leads count, whoever they belong to."""

    question: Question
    track: Track | None

    @property
    def now(self) -> datetime:
        return self.question.now

    def span(self, period: Period, column: str) -> dict[str, datetime]:
        return {f"{column}__gte": period.start, f"{column}__lt": min(period.end, self.now)}

    # --- Bands -----------------------------------------------------------------------------

    def knows(self, band: str) -> bool:
        return band in self.bands

    @property
    def bands(self) -> list[str]:
        """Of the live version, the lowest first."""
        if self.track is None:
            return []
        return [band.name for band in self.track.version.document_value.bands]

    def rises(self, band: str) -> Rows:
        """Changes from below the band into it or a higher one; the first score counts as well."""
        names = self.bands
        upper = names[names.index(band) :]
        from_below = Q(band_before=None) | ~Q(band_before__in=upper)
        return ScoreChange.objects.moved().filter(from_below, track=self.track, band__in=upper)

    def reached_band(self, band: str, pieces: Sequence[Period]) -> list[int]:
        """Leads, each once in a piece."""
        rows = self.rises(band).filter(as_of__gte=pieces[0].start, as_of__lt=self.until(pieces))
        placed: Any = rows.annotate(place=place_in(pieces, "as_of")).order_by().values("place")
        found = placed.annotate(leads=Count("contact", distinct=True))
        return in_order(dict(found.values_list("place", "leads")), pieces)

    def until(self, pieces: Sequence[Period]) -> datetime:
        return min(pieces[-1].end, self.now)

    # --- The life cycle --------------------------------------------------------------------

    def reached(self, pieces: Sequence[Period]) -> dict[Lifecycle, list[int]]:
        """Of each stage: leads that came to it, or past it, for the first time.

        As in the closed loop. All stages together, for each sign tells of all before it as well.
        """
        start, until = pieces[0].start, self.until(pieces)
        firsts: list[dict[int, int]] = [{} for _stage in STAGES]
        for rows, column in self.signs(STAGES[0]):
            new = rows.filter(**between(column, start, until)).order_by()
            # The place of the first is the first place, and is read faster than an instant.
            first = Min(place_in(pieces, column))
            for pk, sign, place in new.values_list("contact", "sign").annotate(first=first):
                for known in firsts[: sign + 1]:
                    if place < known.get(pk, len(pieces)):
                        known[pk] = place
        for pk, sign in self.signs_before(start, until):
            for known in firsts[: sign + 1]:
                known.pop(pk, None)
        counted = (in_order(Counted(known.values()), pieces) for known in firsts)
        return dict(zip(STAGES, counted, strict=True))

    def signs(self, stage: Lifecycle) -> Iterator[tuple[Rows, str]]:
        """Rows of contacts that say that one is at this stage or past it, and since when.

        ``sign``: the place of that stage.
        """
        past = list(STAGES[STAGES.index(stage) :])
        changes = FieldChange.objects.filter(field="lifecycle", after__in=past)
        yield changes.filter(contact__isnull=False).annotate(sign=NOTED), "changed_at"
        deals = Deal.objects.filter(contact__isnull=False)
        won = deals.filter(stage__outcome=Stage.Outcome.WON, closed_at__isnull=False)
        yield won.annotate(sign=sign_of(Lifecycle.CUSTOMER)), "closed_at"
        if stage is not Lifecycle.CUSTOMER:
            opened = deals.filter(opened_at__isnull=False)
            yield opened.annotate(sign=sign_of(Lifecycle.OPPORTUNITY)), "opened_at"

    def at_stage(self, stage: Lifecycle, contact: str, before: datetime) -> Q:
        """Rows whose contact was there by then; ``contact`` is its column."""
        found = Q(pk__in=[])
        for rows, column in self.signs(stage):
            # Looked up in one set: to ask of each contact by itself takes several times as long.
            earlier = rows.filter((f"{column}__lt", before)).order_by().values("contact")
            found |= Q((f"{contact}__in", earlier))
        return found

    def new_signs(self, stage: Lifecycle, start: datetime, until: datetime) -> Rows:
        """The contacts with a sign between the two instants."""
        first, *others = (
            rows.filter(**between(column, start, until)).order_by().values("contact")
            for rows, column in self.signs(stage)
        )
        # Joined before they are looked up: of a few contacts the database then asks its indexes.
        return first.union(*others)

    def signs_before(self, start: datetime, until: datetime) -> Iterator[tuple[int, int]]:
        """Contact and stage of earlier signs, of contacts with one between the two instants."""
        new = self.new_signs(STAGES[0], start, until)
        for rows, column in self.signs(STAGES[0]):
            earlier = rows.filter((f"{column}__lt", start), contact__in=new)
            yield from earlier.order_by().values_list("contact", "sign").distinct()

    def stage_contacts(self, stage: Lifecycle, period: Period) -> QuerySet[Contact]:
        """Those that ``reached`` counts in a piece."""
        until = min(period.end, self.now)
        found = Contact.objects.filter(pk__in=self.new_signs(stage, period.start, until))
        for signs, column in self.signs(stage):
            earlier = signs.filter((f"{column}__lt", period.start), contact=OuterRef("pk"))
            found = found.filter(~Exists(earlier))
        return found

    # --- What sales promise ----------------------------------------------------------------

    def due(self, what: What) -> Rows:
        """Handovers whose deadline has passed; a lead that was rejected needs no attempt."""
        rows = Handover.objects.filter(model=self.question.model)
        rows = rows.filter((f"{DUE[what]}__lt", self.now))
        if what is What.RESPONSE:
            rows = rows.exclude(responded_at=None, verdict=VerdictKind.REJECTED)
        return rows

    def kept(self, what: What, pieces: Sequence[Period]) -> list[Proportion]:
        column = DUE[what]
        whole = Period(pieces[0].first, pieces[-1].last, pieces[0].zone)
        rows = self.due(what).filter(**self.span(whole, column))
        placed: Any = rows.annotate(place=place_in(pieces, column)).order_by().values("place")
        found = placed.annotate(due=Count("pk"), late=Count("pk", filter=late(what)))
        counted = {place: (due, n) for place, due, n in found.values_list("place", "due", "late")}
        pairs = [counted.get(place, (0, 0)) for place in range(len(pieces))]
        return [Proportion(due - n, due) for due, n in pairs]

    # --- The leads behind ------------------------------------------------------------------

    def contacts(self, what: What, band: str, period: Period, part: Part) -> Rows | None:
        if what is What.BAND:
            if not self.knows(band):
                return None
            rows = self.rises(band).filter(**self.span(period, "as_of"))
        elif what.is_share:
            rows = self.due(what).filter(**self.span(period, DUE[what]))
            rows = rows if part is Part.ALL else rows.filter(PARTS[part](what))
        else:
            return self.stage_contacts(Lifecycle(what.value), period)
        return Contact.objects.filter(pk__in=rows.order_by().values("contact"))


def late(what: What) -> Q:
    """Done after the deadline, or not at all."""
    return Q((DONE[what], None)) | Q((f"{DONE[what]}__gt", F(DUE[what])))


def in_time(what: What) -> Q:
    return Q((f"{DONE[what]}__lte", F(DUE[what])))


PARTS: Final[Mapping[Part, Callable[[What], Q]]] = {Part.KEPT: in_time, Part.LATE: late}


def between(column: str, start: datetime, until: datetime) -> dict[str, datetime]:
    return {f"{column}__gte": start, f"{column}__lt": until}


def in_order(counted: Mapping[int, int], pieces: Sequence[Period]) -> list[int]:
    return [counted.get(place, 0) for place in range(len(pieces))]
