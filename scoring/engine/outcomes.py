"""What a document would have said of the contacts whose outcome is known, before it was.

docs/impact.md says as of when each is scored, and what that can and cannot tell.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from contacts.batches import batches
from contacts.models import Contact
from scoring.criteria.document import ModelDocument
from scoring.criteria.durations import Duration, Unit
from scoring.criteria.structure import Objective
from scoring.engine.objectives import Known, known_outcomes
from scoring.engine.proportions import Proportion
from scoring.engine.results import Result
from scoring.engine.then import score_then

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Outcome:
    """A contact with a known outcome, and the score as of the beginning of the day before it.

    Total, band and grade are None where it was no audience; then there are no worths either.
    ``profile_known``: it was stored by then; if not, its first known fields stand for those
    of that day.
    """

    contact_id: int
    total_before: int | None
    band_before: str | None
    succeeded: bool
    at: datetime
    scored_at: datetime
    profile_known: bool = True
    worths: tuple[int, ...] = ()
    grade: str | None = None
    grade_before: str | None = None


def outcomes(document: ModelDocument, months: int, as_of: datetime) -> list[Outcome]:
    """The outcomes of the last so many months by the document's objective; none without one."""
    days = by_day(known_of(document.objective, months, as_of))
    return [outcome for day in days for outcome in scored(document, day)]


def known_of(objective: Objective | None, months: int, as_of: datetime) -> list[Known]:
    since = Duration(months, Unit.MONTHS).before(as_of)
    if objective is None or since is None:
        return []
    return known_outcomes(objective, since, as_of)


def by_day(known: Sequence[Known]) -> Iterator[list[Known]]:
    """Those that are scored as of the same instant together; they come in its order."""
    for _instant, alike in groupby(known, key=lambda one: instant_of(one.before)):
        yield list(alike)


def instant_of(before: datetime) -> datetime:
    """The beginning of the UTC day: nothing of what follows from the outcome was there yet."""
    return before.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def scored(document: ModelDocument, alike: Sequence[Known]) -> Iterator[Outcome]:
    """Of outcomes that are scored as of the same instant."""
    instant = instant_of(alike[0].before)
    ids = [one.contact_id for one in alike]
    results = score_then(document, ids, instant)
    late = stored_after(ids, instant)
    for one in alike:
        yield outcome_of(one, results.get(one.contact_id), instant, one.contact_id not in late)


def stored_after(ids: Sequence[int], instant: datetime) -> set[int]:
    found: set[int] = set()
    for batch in batches(ids, BATCH):
        late = Contact.objects.filter(pk__in=batch, stored_at__gt=instant)
        found.update(late.order_by().values_list("pk", flat=True))
    return found


def outcome_of(one: Known, result: Result | None, instant: datetime, known: bool) -> Outcome:
    return Outcome(
        contact_id=one.contact_id,
        total_before=result.total if result else None,
        band_before=result.band if result else None,
        succeeded=one.succeeded,
        at=one.at,
        scored_at=instant,
        profile_known=known,
        worths=result.worths if result else (),
        grade=result.grade if result else None,
        grade_before=result.grade if result else None,
    )


@dataclass(frozen=True, slots=True)
class RuleConversion:
    """How many of those succeeded for whom a rule counted, and of those for whom not."""

    held: Proportion
    not_held: Proportion


def conversion_by_rule(
    document: ModelDocument, known: Sequence[Outcome]
) -> dict[str, RuleConversion]:
    """By name; of the outcomes of this document's audience."""
    inside = [outcome for outcome in known if outcome.worths]
    found = {}
    for at, rule in enumerate(document.rules):
        held = [outcome.succeeded for outcome in inside if outcome.worths[at]]
        others = [outcome.succeeded for outcome in inside if not outcome.worths[at]]
        found[rule.name] = RuleConversion(
            Proportion(sum(held), len(held)), Proportion(sum(others), len(others))
        )
    return found


def conversion_by_grade(known: Sequence[Outcome]) -> dict[str, Proportion]:
    """Of those who had a grade then, how many succeeded; a grade that nobody had is left out."""
    found: dict[str, list[bool]] = defaultdict(list)
    for outcome in known:
        if outcome.grade:
            found[outcome.grade].append(outcome.succeeded)
    return {grade: Proportion(sum(won), len(won)) for grade, won in found.items()}
