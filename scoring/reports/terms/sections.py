"""Progress towards the goals as parts of a report; the weekly review shows the first of them."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from urllib.parse import quote

from django.db.models import QuerySet
from django.utils.translation import gettext

from contacts.models import Contact
from scoring.reports.asking import Question, are_known
from scoring.reports.bands import decoded
from scoring.reports.blocks import Block, Chart, Column, Figure, Figures, Series, Shape, Table
from scoring.reports.periods import Grain, Period
from scoring.reports.terms.counting import Counter, Part
from scoring.reports.terms.models import Goal, What
from scoring.reports.terms.progress import Piece, Progress
from scoring.reports.terms.words import (
    STANDING,
    hint,
    promised_by,
    rounded,
    standing,
    title_of,
)
from scoring.reports.values import Kind, Value, count, number, text

KEY = "goal"


def key_of(goal: Goal, period: Period, part: Part = Part.ALL) -> str:
    """Of the leads behind a figure, with its days: the page of a meeting asks for fewer."""
    days = (period.first.isoformat(), period.last.isoformat())
    return "|".join((KEY, goal.what, quote(goal.band, safe=""), *days, part.value))


def is_key(key: str) -> bool:
    """Whether it is one that ``key_of`` may have made."""
    return key.partition("|")[0] == KEY


def behind(question: Question, key: str) -> QuerySet[Contact] | None:
    """The contacts of a key of this module; None for any other text."""
    parts = key.split("|")
    if len(parts) != 6 or parts[0] != KEY or parts[1] not in What.values:
        return None
    try:
        days = (date.fromisoformat(parts[3]), date.fromisoformat(parts[4]))
        part = Part(parts[5])
    except ValueError:
        return None
    if not are_known(*days, question.period.day_of(question.now)):
        return None
    period = Period(days[0], days[1], question.period.zone)
    counter = Counter(question, question.track)
    return counter.contacts(What(parts[1]), decoded(parts[2]) or "", period, part)


def shown(goal: Goal, piece: Piece, until: Period | None = None) -> Value:
    """Leads or a share, open to those behind it."""
    period = until or piece.period
    if piece.share is not None:
        return Value.share(piece.share, key_of(goal, period, Part.KEPT), key_of(goal, period))
    if piece.count is None:
        return number(None)
    return count(piece.count, key_of(goal, period) if piece.count else "")


def agreed(goal: Goal) -> Value:
    if goal.kind.is_share:
        return Value(Kind.SHARE, goal.number / 100)
    return count(goal.number)


def so_far(question: Question, piece: Piece) -> Period:
    """The days of a piece that the question knows of."""
    # What ends at midnight has nothing of the next day.
    known = question.period.day_of(question.now - timedelta.resolution)
    last = min(piece.period.last, known)
    return Period(piece.period.first, max(piece.period.first, last), piece.period.zone)


def figures(question: Question, found: Sequence[Progress]) -> Figures:
    items = [
        Figure(
            title_of(one.goal),
            shown(one.goal, one.now, so_far(question, one.now)),
            one.goal.what,
            hint=hint(one),
        )
        for one in found
    ]
    return Figures("", items)


def summary(question: Question, found: Sequence[Progress]) -> Table:
    columns = [
        Column(gettext("goal")),
        Column(gettext("promised by"), "promised"),
        Column(gettext("agreed goal")),
        Column(gettext("so far")),
        Column(gettext("expected by now"), "expected"),
        Column(gettext("how it stands"), "standing"),
    ]
    rows = [
        [
            text(title_of(one.goal)),
            text(promised_by(one.goal)),
            agreed(one.goal),
            shown(one.goal, one.now, so_far(question, one.now)),
            number(None if one.goal.kind.is_share else rounded(one.expected)),
            text(standing(one)),
        ]
        for one in found
    ]
    period = found[0].now.period
    return Table("goals", gettext("Goals of %(period)s") % {"period": period}, columns, rows)


def over_time(one: Progress, grain: Grain) -> Iterator[Block]:
    goal, key = one.goal, f"{one.goal.what}:{one.goal.band}"
    labels = [piece.period.label(grain) for piece in one.pieces]
    scale = 100 if goal.kind.is_share else 1
    title = title_of(goal)
    yield Chart(
        key,
        title[:1].upper() + title[1:],
        Shape.BARS,
        labels,
        [Series(title, [per(piece.number, scale) for piece in one.pieces])],
        shares=goal.kind.is_share,
        line=(gettext("agreed now"), goal.number / scale),
    )
    columns = [
        Column(gettext("from")),
        Column(title, goal.what),
        Column(gettext("agreed then"), "then"),
        Column(gettext("how it stands"), "standing"),
    ]
    late = [Column(gettext("late or missing"), "late")] if goal.kind.is_share else []
    rows = [row(goal, piece, label) for piece, label in zip(one.pieces, labels, strict=True)]
    yield Table(key, title, [*columns[:2], *late, *columns[2:]], rows)


def per(value: float | None, scale: int) -> float | None:
    return None if value is None else value / scale


def row(goal: Goal, piece: Piece, label: str) -> list[Value]:
    then = piece.goal
    cells = [text(label), shown(goal, piece)]
    if piece.share is not None:
        late = piece.share.of - piece.share.count
        cells.append(count(late, key_of(goal, piece.period, Part.LATE) if late else ""))
    if then is None:
        return [*cells, text(""), text("")]
    return [
        *cells,
        agreed(Goal(what=goal.what, number=then)),
        text(STANDING[piece.standing(then)]),
    ]
