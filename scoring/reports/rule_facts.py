"""What each rule does: for whom it counts now, how those fared, who owes their band to it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from django.db import DEFAULT_DB_ALIAS

from contacts.batches import batches
from scoring.criteria.document import ModelDocument, Rule
from scoring.engine.models import Score, ScoreChange, Track
from scoring.engine.outcomes import Outcome
from scoring.engine.proportions import Proportion
from scoring.engine.results import score
from scoring.pipeline.feedback.models import Handover
from scoring.reports.asking import Question
from scoring.reports.judging import Judged
from scoring.reports.statistics.strata import OddsRatio, Stratum, odds_ratio

CHUNK: Final = 2000
# Of the hottest so many are scored once more without each rule.
HOT_MOST: Final = 300
STRATA: Final = 5
# Numbers that tell one set of contacts from another: of two different sets the sums agree
# once in 2^61.
SPREAD: Final = 0x9E3779B97F4A7C15
WORD: Final = (1 << 61) - 1


@dataclass(slots=True)
class Firing:
    """For how many of ``of`` contacts each rule counts, by its place, with a mark of which."""

    of: int = 0
    counts: Counter[int] = field(default_factory=Counter)
    marks: Counter[int] = field(default_factory=Counter)

    def note(self, contact_id: int, worths: Sequence[int]) -> None:
        self.of += 1
        mark = mixed(contact_id)
        for place, worth in enumerate(worths):
            if worth:
                self.counts[place] += 1
                self.marks[place] = (self.marks[place] + mark) & WORD

    def twins(self) -> dict[int, list[int]]:
        """By place, the other rules that count for exactly the same contacts, if anybody."""
        alike: dict[tuple[int, int], list[int]] = {}
        for place, count in self.counts.items():
            alike.setdefault((count, self.marks[place]), []).append(place)
        return {
            place: [other for other in places if other != place]
            for places in alike.values()
            if len(places) > 1
            for place in places
        }


def mixed(contact_id: int) -> int:
    word = contact_id * SPREAD & WORD
    return (word ^ word >> 29) * SPREAD & WORD


def firing_of(question: Question, track: Track) -> Firing:
    """By the stored scores, one after another: the breakdown has a number for every rule."""
    scores = Score.objects.filter(track=track)
    if not question.is_of_all:
        scores = scores.filter(contact__in=question.contacts())
    found = Firing()
    rows = scores.order_by().values_list("contact_id", "breakdown")
    for contact_id, breakdown in rows.iterator(chunk_size=CHUNK):
        found.note(contact_id, breakdown)
    return found


def outcomes_by_rule(found: Judged, place: int) -> tuple[Proportion, Proportion]:
    """Of those for whom the rule counted before their outcome, and of the others."""
    held = [one.succeeded for one in found.outcomes if one.worths[place]]
    others = [one.succeeded for one in found.outcomes if not one.worths[place]]
    return Proportion(sum(held), len(held)), Proportion(sum(others), len(others))


def kept_of(found: Judged) -> dict[str, list[int]]:
    """All of the outcomes, who succeeded, and for whom each rule counted: the rest follows."""
    leads = {
        "known": [one.contact_id for one in found.outcomes],
        "won": [one.contact_id for one in found.outcomes if one.succeeded],
    }
    for place, rule in enumerate(found.document.rules):
        held = [one.contact_id for one in found.outcomes if one.worths[place]]
        leads[f"held:{rule.name}"] = held
    return leads


def ids_of_outcomes(leads: Mapping[str, Sequence[int]], key: str) -> Sequence[int] | None:
    """``held:rule`` or ``others:rule``, or ``held_won:rule`` and ``others_won:rule`` for those
    of them who succeeded. None for others.
    """
    what, _colon, name = key.partition(":")
    held = leads.get(f"held:{name}")
    side, _underscore, won = what.partition("_")
    if held is None or side not in ("held", "others") or won not in ("", "won"):
        return None
    counted = set(held)
    among = leads["won"] if won else leads["known"]
    return [pk for pk in among if (pk in counted) == (side == "held")]


def adjusted(found: Judged, place: int) -> OddsRatio | None:
    """What the rule says beyond the others: over strata of the points that those gave."""
    rest = sorted(((one.total_before or 0) - one.worths[place], at, one)
                  for at, one in enumerate(found.outcomes))  # fmt: skip
    size = -(-len(rest) // STRATA)
    cut = [rest[at : at + size] for at in range(0, len(rest), size)] if size else []
    return odds_ratio(stratum_of([one for _points, _at, one in part], place) for part in cut)


def stratum_of(outcomes: Sequence[Outcome], place: int) -> Stratum:
    cells = Counter((bool(one.worths[place]), one.succeeded) for one in outcomes)
    return Stratum(cells[True, True], cells[True, False], cells[False, True], cells[False, False])


def hottest_ids(question: Question, track: Track) -> list[int]:
    """Those in the highest band, the nearest to its threshold first; only so many."""
    band = track.version.document_value.bands[-1].name
    scores = Score.objects.filter(track=track, band=band)
    if not question.is_of_all:
        scores = scores.filter(contact__in=question.contacts())
    return list(
        scores.order_by("total", "contact_id").values_list("contact_id", flat=True)[:HOT_MOST]
    )


def owed(
    document: ModelDocument, hot: Sequence[int], firing: Firing, as_of: datetime
) -> dict[int, int]:
    """By place, how many of these would not be in the highest band if the rule gave nothing."""
    found: dict[int, int] = {}
    for place, rule in enumerate(document.rules):
        if rule.exclude or rule.points <= 0 or not firing.counts[place]:
            continue
        found[place] = len(owing_ids(document, rule, hot, as_of))
    return found


def owing_ids(
    document: ModelDocument, rule: Rule, hot: Sequence[int], as_of: datetime
) -> list[int]:
    """Who of these would not be in the highest band if the rule gave nothing."""
    band = document.bands[-1].name
    results = score(without(document, rule), hot, as_of, DEFAULT_DB_ALIAS)
    return [pk for pk in hot if pk in results and results[pk].band != band]


def without(document: ModelDocument, rule: Rule) -> ModelDocument:
    """The same with no points for one rule; it keeps its place."""
    groups = tuple(
        replace(
            group,
            rules=tuple(replace(each, points=0) if each is rule else each for each in group.rules),
        )
        for group in document.groups
    )
    return replace(document, groups=groups)


def pushed_by_rule(question: Question, track: Track) -> tuple[Mapping[str, int], int]:
    """Of the leads that sales rejected in the period, for how many each rule had counted.

    By the name of the rule, for the version may have been another one; and how many there
    were whose score is known.
    """
    counted: Counter[str] = Counter()
    number = 0
    for change in rejected_scores(question, track):
        number += 1
        counted.update(name for name, worth in change.worths().items() if worth > 0)
    return counted, number


def pushed_ids(question: Question, track: Track, rule: str) -> list[int]:
    """Whom sales rejected in the period though that rule had counted for them."""
    changes = rejected_scores(question, track)
    return [each.contact_id for each in changes if each.worths().get(rule, 0) > 0]


def rejected_scores(question: Question, track: Track) -> Iterator[ScoreChange]:
    """What was known of the leads that sales rejected when these were handed over."""
    rejected = Handover.objects.filter(
        model=track.model, verdict="rejected", **question.during("answered_at")
    )
    if not question.is_of_all:
        rejected = rejected.filter(contact__in=question.contacts())
    return changes_at(track, list(rejected.values_list("contact_id", "handed_at")))


def changes_at(track: Track, rows: Sequence[tuple[int, datetime]]) -> Iterator[ScoreChange]:
    """The change of score that each of these contacts had had last at that instant."""
    for batch in batches(rows, CHUNK):
        wanted = dict(batch)
        changes = (
            ScoreChange.objects.filter(track=track, contact__in=wanted, breakdown__isnull=False)
            .select_related("version")
            .order_by("contact_id", "revision")
        )
        last: dict[int, ScoreChange] = {}
        for change in changes:
            if change.as_of <= wanted[change.contact_id]:
                last[change.contact_id] = change
        yield from last.values()
