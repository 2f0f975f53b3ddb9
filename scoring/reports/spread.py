"""How the totals of all contacts are spread at both ends of a period, and how far that moved."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from scoring.engine.models import Score, ScoreChange, Track
from scoring.reports.asking import Question, are_known
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
from scoring.reports.values import count, number, opened, text

PARTS: Final = 10
KEY: Final = "total"
Span = tuple[int | None, int | None]
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
    ends = (question.period.start, until_of(question))
    rows = [
        [
            text(label),
            *(opened(number, key_of(at, *span)) for number, at in zip(numbers, ends, strict=True)),
        ]
        for label, span, *numbers in zip(labels, spans_of(edges), old, new, strict=True)
    ]
    yield Table("stability", gettext("Contacts by total"), columns, rows)


def totals_then_and_now(question: Question, track: Track) -> tuple[Counter[int], Counter[int]]:
    """The totals at both ends of the period: today's with the later changes taken back."""
    scores = Score.objects.filter(track=track)
    if not question.is_of_all:
        scores = scores.filter(contact__in=question.contacts())
    now = Counter(dict(scores.order_by().values_list("total").annotate(Count("contact_id"))))
    changes = changes_of(question, track)
    after = taken_back(now, changes.filter(as_of__gte=until_of(question)))
    before = taken_back(now, changes.filter(as_of__gte=question.period.start))
    return before, after


def until_of(question: Question) -> datetime:
    """The end of its period, or now where that is to come."""
    return min(question.period.end, question.now)


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


def spans_of(edges: Sequence[int]) -> list[Span]:
    """From where to before where each part lies; None where it has no end."""
    return list(pairwise([None, *edges, None]))


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


def key_of(at: datetime, low: int | None, high: int | None) -> str:
    """Of whoever had a total from ``low`` to below ``high`` at that instant."""
    ends = ("" if end is None else str(end) for end in (low, high))
    return "|".join((KEY, at.isoformat(), *ends))


def is_key(key: str) -> bool:
    """Whether it is one that ``key_of`` may have made."""
    return key.partition("|")[0] == KEY


def contacts_behind(question: Question, track: Track, key: str) -> QuerySet[Contact] | None:
    """The contacts of a key of this module; None for any other text."""
    _what, *given = key.split("|")
    if not is_key(key) or len(given) != 3:
        return None
    try:
        at = datetime.fromisoformat(given[0])
        low, high = (int(end) if end else None for end in given[1:])
    except ValueError:
        return None
    today = question.period.day_of(question.now)
    if at.tzinfo is None or not are_known(at.date(), at.date(), today):
        return None
    return stood(
        question,
        changes_of(question, track).filter(as_of__gte=at),
        within("total_before", low, high),
        Score.objects.filter(within("total", low, high), track=track),
    )


def within(column: str, low: int | None, high: int | None) -> Q:
    ends = {"isnull": False, "gte": low, "lt": high}
    return Q(**{f"{column}__{way}": end for way, end in ends.items() if end is not None})


def stood(
    question: Question, since: QuerySet[ScoreChange], before: Q, now: QuerySet[Score]
) -> QuerySet[Contact]:
    """Who stood so before these changes: of whom the first of them says so, or who stands so
    now and has none of them.
    """
    earlier = since.filter(contact=OuterRef("contact"), revision__lt=OuterRef("revision"))
    firsts = since.filter(~Exists(earlier), before)
    still = now.exclude(contact__in=since.order_by().values("contact"))
    known = Q(pk__in=firsts.order_by().values("contact")) | Q(pk__in=still.values("contact"))
    return question.contacts().filter(known)


def changes_of(question: Question, track: Track) -> QuerySet[ScoreChange]:
    changes = ScoreChange.objects.filter(track=track)
    return changes if question.is_of_all else changes.filter(contact__in=question.contacts())
