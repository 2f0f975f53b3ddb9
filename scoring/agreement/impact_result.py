"""What the steps of an impact have found, put together as plain data for its page."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, F, Max, Min, QuerySet

from scoring.agreement.impact import Impact, ImpactMoveQuerySet, ImpactStep
from scoring.automations.document import parsed
from scoring.automations.models import Automation
from scoring.criteria.document import EXCLUDED, DocumentInvalid, ModelDocument
from scoring.engine.models import Score, Track
from scoring.engine.objectives import Known
from scoring.engine.outcomes import scored
from scoring.engine.scenarios import try_scenarios

Data = dict[str, Any]
# Columns of the picture of the totals, at most.
BINS: Final = 40


@dataclass(frozen=True, slots=True)
class RuleDifference:
    """What a rule gave a contact before and would give it; 1 where it excludes."""

    name: str
    before: int
    after: int
    excludes: bool

    @property
    def points(self) -> int:
        return self.after - self.before


def differences(
    old: ModelDocument | None,
    new: ModelDocument,
    before: Sequence[int] | None,
    after: Sequence[int] | None,
) -> list[RuleDifference]:
    """The rules, by name, whose worth differs: those that exclude first, then the largest."""
    olds, news = worths_of(old, before), worths_of(new, after)
    excluding = {
        rule.name for document in (old, new) if document for rule in document.rules if rule.exclude
    }
    found = [
        RuleDifference(name, olds.get(name, 0), news.get(name, 0), name in excluding)
        for name in {**news, **olds}
        if olds.get(name, 0) != news.get(name, 0)
    ]
    return sorted(found, key=lambda one: (not one.excludes, -abs(one.points)))


def worths_of(document: ModelDocument | None, worths: Sequence[int] | None) -> dict[str, int]:
    if document is None or worths is None:
        return {}
    pairs = zip(document.rules, worths, strict=False)
    return {rule.name: worth for rule, worth in pairs if worth}


def rule_changes(impact: Impact, moves: ImpactMoveQuerySet) -> dict[str, list[int]]:
    """By rule: for how many who change band its worth differs, and by how much in all."""
    old = impact.against.document_value if impact.against else None
    found: dict[str, list[int]] = {}
    arrays = moves.values_list("breakdown_before", "breakdown")
    for before, after in arrays.iterator(chunk_size=1000):
        for one in differences(old, impact.document_value, before, after):
            counted = found.setdefault(one.name, [0, 0])
            counted[0] += 1
            counted[1] += 0 if one.excludes else one.points
    return found


def scenario_rows(document: ModelDocument, as_of: datetime) -> list[Data]:
    return [
        {
            "name": trial.scenario.name,
            "expect": trial.scenario.expect,
            "band": trial.result and trial.result.band,
            "total": trial.result and trial.result.total,
            "passed": trial.passed,
        }
        for trial in try_scenarios(document, as_of)
    ]


def outcome_rows(document: ModelDocument, days: Iterable[Sequence[Known]]) -> Data:
    """The outcomes of some days, counted by total and band."""
    known = [outcome for day in days for outcome in scored(document, day)]
    counted: Counter[tuple[int, str, bool]] = Counter(
        (one.total_before, one.band_before or "", one.succeeded)
        for one in known
        if one.total_before is not None
    )
    return {
        "known": len(known),
        "unknown_profiles": sum(not one.profile_known for one in known),
        "rows": [[*key, count] for key, count in sorted(counted.items())],
    }


def result_of(impact: Impact, track: Track | None) -> Data:
    """Everything that the page shows but the single contacts."""
    steps = list(impact.steps.all())
    matrix = band_matrix(impact, track)
    ranks = {band: place for place, band in enumerate(bands_of(impact))}
    pairs = [(ranks[old], ranks[new], count) for old, new, count in matrix if old != new]
    return {
        "up": sum(count for old, new, count in pairs if new > old),
        "down": sum(count for old, new, count in pairs if new < old),
        "contacts": sum(count for _old, _new, count in matrix),
        "totals_changed": impact.moves.count(),
        "matrix": matrix,
        "totals": distributions(impact, track),
        "rules": summed(step.result.get("rules", {}) for step in steps),
        "automations": automations(impact, steps),
        "scenarios": [row for step in steps for row in step.result.get("scenarios", [])],
        "outcomes": {
            side: put_together([step.result[side] for step in steps if side in step.result])
            for side in ("live", "proposed")
        },
    }


def bands_of(impact: Impact) -> list[str]:
    """The bands of both documents, rising; first who is no audience (""), then the excluded."""
    found = [band.name for band in impact.document_value.bands]
    before = 0
    for band in impact.against.document_value.bands if impact.against else ():
        if band.name in found:
            before = found.index(band.name) + 1
        else:
            found.insert(before, band.name)
            before += 1
    return ["", EXCLUDED, *found]


def band_matrix(impact: Impact, track: Track | None) -> list[tuple[str, str, int]]:
    """Band before, band after, and how many contacts; who stays where they are too."""
    moved = impact.moves.to_other_bands().order_by().values("band_before", "band")
    rows = [
        (row["band_before"] or "", row["band"] or "", row["count"])
        for row in moved.annotate(count=Count("contact"))
    ]
    left = Counter[str]()
    for old, _new, count in rows:
        left[old] += count
    stored = Score.objects.filter(track=track).order_by().values_list("band")
    for band, count in stored.annotate(count=Count("contact")) if track else ():
        rows.append((band, band, max(0, count - left[band])))
    known = bands_of(impact)
    return sorted(row for row in rows if row[0] in known and row[1] in known)


def distributions(impact: Impact, track: Track | None) -> Data:
    """How many contacts have a total in each of some spans of equal width, before and after.

    Without the excluded, whose total does not count.
    """
    stored = Score.objects.filter(track=track, excluded=False) if track else Score.objects.none()
    gone = impact.moves.exclude(band_before=EXCLUDED).filter(band_before__isnull=False)
    come = impact.moves.exclude(band=EXCLUDED).filter(band__isnull=False)
    ends = [*ends_of(stored, "total"), *ends_of(come, "total")]
    if not ends:
        return {}
    width = nice_width(max(ends) - min(ends))
    low = min(ends) // width * width
    bins = (max(ends) - low) // width + 1
    before = binned(stored, "total", low, width)
    after = before - binned(gone, "total_before", low, width)
    after += binned(come, "total", low, width)
    return {
        "low": low,
        "width": width,
        "before": [before[at] for at in range(bins)],
        "after": [max(0, after[at]) for at in range(bins)],
    }


def ends_of(rows: QuerySet[Any], column: str) -> list[int]:
    ends = rows.order_by().aggregate(low=Min(column), high=Max(column))
    return [] if ends["low"] is None else [ends["low"], ends["high"]]


def nice_width(span: int) -> int:
    """1, 2 or 5 with noughts: so wide that there are no more than so many."""
    width = 1
    while span // width >= BINS - 1:
        width = width * 5 // 2 if str(width).startswith("2") else width * 2
    return width


def binned(rows: QuerySet[Any], column: str, low: int, width: int) -> Counter[int]:
    spans = rows.order_by().annotate(span=(F(column) - low) / width).values_list("span")
    return Counter(dict(spans.annotate(count=Count("contact"))))


def summed(parts: Iterable[dict[str, list[int]]]) -> dict[str, list[int]]:
    """Lists of numbers added place by place, by name."""
    found: dict[str, list[int]] = {}
    for part in parts:
        for name, numbers in part.items():
            before = found.get(name, [0] * len(numbers))
            found[name] = [one + other for one, other in zip(before, numbers, strict=True)]
    return found


def automations(impact: Impact, steps: Sequence[ImpactStep]) -> list[Data]:
    """What each automation would do, and how many actions of each kind it has."""
    counted = summed(step.result.get("automations", {}) for step in steps)
    rows = Automation.objects.filter(pk__in=counted).select_related("version")
    return list(described(rows, counted, impact.document_value))


def described(
    rows: Iterable[Automation], counted: dict[str, list[int]], document: ModelDocument
) -> Iterator[Data]:
    for automation in rows:
        crossings, acting = counted[str(automation.pk)]
        try:
            actions = parsed(automation.current.document, document).actions
        except DocumentInvalid:
            continue
        yield {
            "id": automation.pk,
            "name": automation.name,
            "crossings": crossings,
            "acting": acting,
            "actions": Counter(action.kind for action in actions),
        }


def put_together(parts: Sequence[Data]) -> Data:
    """The outcomes of one side."""
    counted: Counter[tuple[int, str, bool]] = Counter()
    for part in parts:
        for total, band, succeeded, count in part["rows"]:
            counted[total, band, succeeded] += count
    return {
        "known": sum(part["known"] for part in parts),
        "unknown_profiles": sum(part["unknown_profiles"] for part in parts),
        "rows": [[*key, count] for key, count in sorted(counted.items())],
    }
