"""Whose leads the figures of a weekly review count: one set of rows for each figure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from contacts.models import Activity, Contact, Deal
from scoring.engine.models import Score, ScoreChange, Track
from scoring.pipeline.feedback.models import Handover
from scoring.reports.asking import Question

MEETINGS: Final = ("meeting", "meeting_booked")
# So many points below the highest band is near it.
NEAR: Final = 10
Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one question and the live track of its model. Each row names a ``contact``."""

    question: Question
    track: Track

    def narrowed(self, rows: Rows) -> Rows:
        if self.question.is_of_all:
            return rows
        return rows.filter(contact__in=self.question.contacts())

    @property
    def until(self) -> datetime:
        return min(self.question.period.end, self.question.now)

    @property
    def top(self) -> Any:
        return self.track.version.document_value.bands[-1]

    @property
    def lowest(self) -> Any:
        return self.track.version.document_value.bands[0]

    def handovers(self) -> Rows:
        return self.narrowed(Handover.objects.filter(model=self.track.model_id))

    def deals(self) -> Rows:
        return self.narrowed(Deal.objects.all())

    def activities(self) -> Rows:
        during = self.question.during("occurred_at")
        return self.narrowed(Activity.objects.filter(automated=False, **during))

    # --- Leads -----------------------------------------------------------------------------

    def rose(self) -> Rows:
        changes = ScoreChange.objects.moved().filter(track=self.track, band=self.top.name)
        from_other = Q(band_before=None) | ~Q(band_before=self.top.name)
        return self.narrowed(changes.filter(from_other, **self.question.during("as_of")))

    def hot(self) -> Rows:
        return self.narrowed(Score.objects.filter(track=self.track, band=self.top.name))

    def near(self) -> Rows:
        """Now so few points below the highest band; nobody where there is but one band."""
        scores = self.narrowed(Score.objects.filter(track=self.track, excluded=False))
        if self.top.start is None:
            return scores.none()
        low = self.top.start - NEAR
        return scores.filter(total__gte=low, total__lt=self.top.start).exclude(band=self.top.name)

    # --- Sales -----------------------------------------------------------------------------

    def handed(self) -> Rows:
        return self.handovers().filter(**self.question.during("handed_at"))

    def answered(self) -> Rows:
        return self.handovers().filter(**self.question.during("answered_at"))

    def waiting(self) -> Rows:
        """At the end of the period."""
        unanswered = Q(answered_at=None) | Q(answered_at__gte=self.until)
        return self.handovers().filter(unanswered, handed_at__lt=self.until)

    def tried(self) -> Rows:
        return self.handovers().filter(**self.question.during("responded_at"))

    def timed(self) -> Rows:
        """First attempts of which it is known how much working time went by."""
        return self.tried().exclude(response_seconds=None)

    def reached(self) -> Rows:
        calls = self.activities().filter(type__slug="call")
        return calls.filter(Q(properties__answered=True) | Q(properties__result="reached"))

    def meetings(self) -> Rows:
        return self.activities().filter(type__slug__in=MEETINGS)

    def opened(self) -> Rows:
        return self.deals().filter(**self.question.during("opened_at"))

    def won(self) -> Rows:
        during = self.question.during("closed_at")
        return self.deals().filter(stage__outcome="won", **during)

    # --- The agreement ---------------------------------------------------------------------

    def response_due(self) -> Rows:
        """First attempts that fell due in the period; a lead that was rejected needs none."""
        due = self.handovers().filter(**self.question.during("respond_by"))
        return due.exclude(responded_at=None, verdict="rejected")

    def answer_due(self) -> Rows:
        return self.handovers().filter(**self.question.during("feedback_by"))

    def response_late(self) -> Rows:
        late = Q(responded_at=None) | Q(responded_at__gt=F("respond_by"))
        return self.response_due().filter(late)

    def response_in_time(self) -> Rows:
        return self.response_due().filter(responded_at__lte=F("respond_by"))

    def answer_in_time(self) -> Rows:
        return self.answer_due().filter(answered_at__lte=F("feedback_by"))

    def answer_late(self) -> Rows:
        late = Q(answered_at=None) | Q(answered_at__gt=F("feedback_by"))
        return self.answer_due().filter(late)

    # --- The wrong way ---------------------------------------------------------------------

    def hot_rejected(self) -> Rows:
        return self.answered().filter(verdict="rejected", band=self.top.name)

    def cold_won(self) -> Rows:
        """Won deals whose lead was in the lowest band when the deal was opened."""
        opened = Coalesce(OuterRef("opened_at"), OuterRef("closed_at"))
        changes = ScoreChange.objects.filter(track=self.track, contact=OuterRef("contact"))
        last = changes.filter(as_of__lte=opened).order_by("-revision").values("band")[:1]
        found: Rows = self.won().annotate(band_then=Subquery(last))
        if self.top.start is None:
            return found.none()
        return found.filter(band_then=self.lowest.name)

    def rejected_for(self, reason: int) -> Rows:
        return self.answered().filter(verdict="rejected", reason=reason)

    def of(self, key: str) -> Rows | None:
        """By the key of what ``behind`` is asked for; None for an unknown one."""
        made = SETS.get(key)
        return None if made is None else made(self)

    def behind(self, key: str) -> QuerySet[Contact] | None:
        what, _colon, pk = key.partition(":")
        if what == "reason" and pk.isdecimal() and pk.isascii() and len(pk) < 10:
            rows: Rows | None = self.rejected_for(int(pk))
        else:
            rows = self.of(key)
        if rows is None:
            return None
        return Contact.objects.filter(pk__in=rows.order_by().values("contact"))


def leads_of(rows: Rows) -> int:
    """How many leads; a deal without a contact is nobody's."""
    named = rows.order_by().exclude(contact=None)
    return int(named.values("contact").distinct().count())


# Made when it is asked for: a review asks for each by itself, and they take longer to put
# together than to answer.
SETS: Final[Mapping[str, Callable[[Facts], Rows]]] = {
    "rose": Facts.rose,
    "hot": Facts.hot,
    "near": Facts.near,
    "handed": Facts.handed,
    "accepted": lambda facts: facts.answered().filter(verdict="accepted"),
    "rejected": lambda facts: facts.answered().filter(verdict="rejected"),
    "waiting": Facts.waiting,
    "tried": Facts.tried,
    "timed": Facts.timed,
    "reached": Facts.reached,
    "meetings": Facts.meetings,
    "opened": Facts.opened,
    "won": Facts.won,
    "response_due": Facts.response_due,
    "answer_due": Facts.answer_due,
    "response_in_time": Facts.response_in_time,
    "answer_in_time": Facts.answer_in_time,
    "response_late": Facts.response_late,
    "answer_late": Facts.answer_late,
    "hot_rejected": Facts.hot_rejected,
    "cold_won": Facts.cold_won,
}
