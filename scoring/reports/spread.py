"""How the totals of all contacts are spread at both ends of a period, and how far that moved."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scoring.engine.models import Score, ScoreChange, Track
from scoring.reports.asking import Question
from scoring.reports.blocks import (
    Block,
    Chart,
    Column,
    Figure,
    Figures,
    Series,
    Shape,
    Table,
    Tone,
    Words,
)
from scoring.reports.statistics.stability import Stability, index_of, stability
from scoring.reports.values import count, number, text

PARTS: Final = 10
STABILITY: Final = {
    Stability.STABLE: _("The scores are spread as they were at the beginning of the period."),
    Stability.MOVED: _("The scores are spread somewhat differently than at the beginning."),
    Stability.OTHER: _(
        "The scores are spread quite differently than at the beginning: the leads, the criteria "
        "or the data that arrive are not the same. Look whether the threshold still fits."
    ),
}


def stability_blocks(question: Question, track: Track) -> Iterator[Block]:
    before, after = totals_then_and_now(question, track)
    edges = edges_of(before, PARTS)
    old, new = binned(before, edges), binned(after, edges)
    index = index_of(old, new)
    if index is None:
        yield Words(gettext("There were no scores at the beginning of the period to compare with."))
        return
    tone = Tone.PLAIN if stability(index) is Stability.STABLE else Tone.WARNING
    yield Words(str(STABILITY[stability(index)]), tone)
    yield Figures("", [Figure(gettext("Stability index"), number(index), "stability")])
    labels = labels_of(edges)
    shares = [[value / sum(counts) for value in counts] for counts in (old, new)]
    titles = (gettext("at the beginning"), gettext("at the end"))
    yield Chart(
        "stability",
        gettext("How the totals of all contacts are spread"),
        Shape.BARS,
        labels,
        [Series(title, share) for title, share in zip(titles, shares, strict=True)],
        shares=True,
    )
    columns = [Column(gettext("total")), *(Column(title) for title in titles)]
    rows = [[text(label), count(a), count(b)] for label, a, b in zip(labels, old, new, strict=True)]
    yield Table("stability", gettext("Contacts by total"), columns, rows)


def totals_then_and_now(question: Question, track: Track) -> tuple[Counter[int], Counter[int]]:
    """The totals at both ends of the period: today's with the later changes taken back."""
    scores = Score.objects.filter(track=track)
    if not question.is_of_all:
        scores = scores.filter(contact__in=question.contacts())
    now = Counter(dict(scores.order_by().values_list("total").annotate(Count("contact_id"))))
    changes = changes_of(question, track)
    after = taken_back(now, changes.filter(as_of__gte=question.period.end))
    before = taken_back(now, changes.filter(as_of__gte=question.period.start))
    return before, after


def taken_back(now: Counter[int], changes: QuerySet[Any]) -> Counter[int]:
    found = Counter(now)
    pairs = changes.order_by().values_list("total_before", "total").annotate(Count("revision"))
    for total_before, total, times in pairs:
        if total_before is not None:
            found[total_before] += times
        if total is not None:
            found[total] -= times
    return +found


def edges_of(totals: Counter[int], number: int) -> list[int]:
    """The totals at which parts of about equal size begin, but for the first."""
    everybody, seen, level = totals.total(), 0, 0
    edges: list[int] = []
    for total in sorted(totals):
        # A total of many fills several parts at once, and what comes after it a whole one again.
        reached = seen * number // everybody
        if reached > level:
            edges.append(total)
            level = reached
        seen += totals[total]
    return edges


def binned(totals: Counter[int], edges: Sequence[int]) -> list[int]:
    counts = [0] * (len(edges) + 1)
    for total, times in totals.items():
        counts[sum(edge <= total for edge in edges)] += times
    return counts


def labels_of(edges: Sequence[int]) -> list[str]:
    if not edges:
        return [gettext("all")]
    below = gettext("below %(total)s") % {"total": count(edges[0])}
    spans = [
        str(count(low))
        if low == high - 1
        else gettext("%(first)s to %(last)s") % {"first": count(low), "last": count(high - 1)}
        for low, high in pairwise(edges)
    ]
    return [below, *spans, gettext("%(total)s and more") % {"total": count(edges[-1])}]


def changes_of(question: Question, track: Track) -> QuerySet[ScoreChange]:
    changes = ScoreChange.objects.filter(track=track)
    return changes if question.is_of_all else changes.filter(contact__in=question.contacts())
