"""How many are in each band over time, and how they move between the bands."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from scoring.criteria.document import EXCLUDED, ModelDocument
from scoring.engine.admin.badges import band_name
from scoring.engine.models import Score, Track
from scoring.reports.asking import Question
from scoring.reports.bands import Band, contacts_behind, encoded, ranks, standing_key
from scoring.reports.blocks import (
    Block,
    Chart,
    Column,
    Figure,
    Figures,
    Section,
    Series,
    Shape,
    Table,
    Words,
)
from scoring.reports.people import place_in
from scoring.reports.periods import Period
from scoring.reports.report import Measure, Report, Text, register
from scoring.reports.spread import changes_of
from scoring.reports.to_come import days_to_come, nothing_yet
from scoring.reports.values import Value, opened, text

Move = tuple[Band, Band]
NO_MODEL: Final = _("No scoring model is live yet: there are no bands to count.")


@dataclass(frozen=True, slots=True)
class Course:
    """The pieces of a period, how often which move was made in each, and where all ended up."""

    pieces: Sequence[Period]
    moves: Sequence[Counter[Move]]
    stocks: Sequence[Counter[Band]]


def course_of(question: Question, track: Track) -> Course:
    """In two queries: who stands where now, and every change of band since the beginning.

    The stock at the end of a piece is today's with the later moves taken back.
    """
    pieces = question.pieces()
    stock = Counter(stock_now(question, track))
    by_piece = moves_since(question, track, pieces)
    later = by_piece.pop(len(pieces), Counter())
    take_back(stock, later)
    stocks: list[Counter[Band]] = []
    for place in reversed(range(len(pieces))):
        stocks.insert(0, Counter(stock))
        take_back(stock, by_piece.get(place, Counter()))
    moves = [by_piece.get(place, Counter()) for place in range(len(pieces))]
    return Course(pieces, moves, stocks)


def stock_now(question: Question, track: Track) -> dict[Band, int]:
    scores = Score.objects.filter(track=track)
    if not question.is_of_all:
        scores = scores.filter(contact__in=question.contacts())
    return dict(scores.order_by().values_list("band").annotate(Count("contact_id")))


def moves_since(
    question: Question, track: Track, pieces: Sequence[Period]
) -> dict[int, Counter[Move]]:
    """By the place of the piece; what came after the last one has the place after it."""
    changes = changes_of(question, track).filter(as_of__gte=question.period.start)
    moves = changes.filter(~Q(band=F("band_before")) | Q(band=None) | Q(band_before=None))
    placed: Any = moves.annotate(place=place_in(pieces, "as_of"))
    rows = placed.order_by().values_list("place", "band_before", "band")
    found: dict[int, Counter[Move]] = {}
    for at, before, after, number in rows.annotate(Count("revision")):
        if before != after:
            found.setdefault(at, Counter())[before, after] += number
    return found


def take_back(stock: Counter[Band], moves: Counter[Move]) -> None:
    for (before, after), number in moves.items():
        stock[before] += number
        stock[after] -= number


@register
class Movement(Report):
    slug: ClassVar[str] = "movement"
    title: ClassVar[Text] = _("Bands over time")
    purpose: ClassVar[Text] = _(
        "How many leads are cold, warm and hot, and how many rise and fall from one to another."
    )
    icon: ClassVar[str] = "stacked_bar_chart"
    order: ClassVar[int] = 40
    asks: ClassVar[frozenset[str]] = frozenset(
        {"model", "grain", "campaign", "segment", "source", "owner", "country"}
    )
    measures: ClassVar[Sequence[Measure]] = (
        Measure(
            "stock",
            _("In the band"),
            _(
                "Contacts whose stored score lay in the band at the end of the piece, or now where "
                "the piece is not over. Who is excluded or outside the audience is in no band."
            ),
        ),
        Measure(
            "entered",
            _("Rose into it"),
            _(
                "Changes of a stored score from a lower band, or from none, into this one within "
                "the piece, as of when the score was made, in the time zone of the "
                "default working calendar. A contact that enters twice counts twice."
            ),
        ),
        Measure(
            "left",
            _("Fell out of it"),
            _("Changes of a stored score from this band into a lower one, or out of the audience."),
        ),
    )

    def make(self, question: Question) -> Sequence[Section]:
        track = question.track
        if track is None:
            return [Section("", [Words(str(NO_MODEL))])]
        if not_yet := nothing_yet(question):
            return not_yet
        document = track.version.document_value
        course = course_of(question, track)
        labels = [piece.label(question.grain) for piece in course.pieces]
        bands = [band.name for band in document.bands]
        chart = Chart(
            "stock",
            gettext("Leads in each band at the end of each piece"),
            Shape.STACKED,
            labels,
            [Series(band_name(band), [stock[band] for stock in course.stocks]) for band in bands],
        )
        blocks: list[Block] = [
            *days_to_come(question),
            hottest_figures(question, course, document),
            chart,
            stock_table(question, course, labels, document),
        ]
        return [Section("", blocks), Section(gettext("Moves"), [moves_table(course, document)])]

    def behind(self, question: Question, key: str) -> QuerySet[Contact] | None:
        track = question.track
        return None if track is None else contacts_behind(question, track, key)


def hottest_figures(question: Question, course: Course, document: ModelDocument) -> Figures:
    band = document.bands[-1].name
    rank = ranks(document)
    now = course.stocks[-1][band] if course.stocks else 0
    entered = sum(entering(moves, band, rank) for moves in course.moves)
    left = sum(leaving(moves, band, rank) for moves in course.moves)
    named = {"band": band_name(band)}
    stock = opened(now, standing_key(question, band, course.pieces[-1]))
    rose, fell = f"entered:{encoded(band)}", f"left:{encoded(band)}"
    return Figures(
        "",
        [
            Figure(gettext("%(band)s at the end") % named, stock, "stock"),
            Figure(gettext("rose to %(band)s") % named, opened(entered, rose), "entered"),
            Figure(gettext("fell from %(band)s") % named, opened(left, fell), "left"),
        ],
    )


def entering(moves: Counter[Move], band: Band, rank: dict[Band, int]) -> int:
    return sum(
        number
        for (before, after), number in moves.items()
        if after == band and rank.get(before, -1) < rank.get(after, -1)
    )


def leaving(moves: Counter[Move], band: Band, rank: dict[Band, int]) -> int:
    return sum(
        number
        for (before, after), number in moves.items()
        if before == band and rank.get(after, -1) < rank.get(before, -1)
    )


def stock_table(
    question: Question, course: Course, labels: Sequence[str], document: ModelDocument
) -> Table:
    bands = [band.name for band in reversed(document.bands)]
    columns = [Column(gettext("from"))]
    for band in bands:
        columns += [
            Column(band_name(band), "stock"),
            Column(gettext("into %(band)s") % {"band": band_name(band)}, "entered"),
        ]
    rows = [
        [text(label), *cells(question, course, place, document)]
        for place, label in enumerate(labels)
    ]
    return Table("stock", gettext("Bands over time"), columns, rows)


def cells(
    question: Question, course: Course, place: int, document: ModelDocument
) -> Iterator[Value]:
    """Of one piece: how many were in each band at its end, and rose into it."""
    rank, piece = ranks(document), course.pieces[place]
    for band in (band.name for band in reversed(document.bands)):
        yield opened(course.stocks[place][band], standing_key(question, band, piece))
        rose = f"entered:{encoded(band)}:{piece.first.isoformat()}"
        yield opened(entering(course.moves[place], band, rank), rose)


def moves_table(course: Course, document: ModelDocument) -> Table:
    """Rows: from; columns: into."""
    total: Counter[Move] = Counter()
    for moves in course.moves:
        total.update(moves)
    names: list[Band] = [*(band.name for band in document.bands), EXCLUDED, None]
    shown = [name for name in names if any(name in move for move in total)]
    columns = [Column(gettext("from \\ into")), *(Column(said(name)) for name in shown)]
    rows = [
        [text(said(before)), *(moved_cell(total, before, after) for after in shown)]
        for before in shown
    ]
    return Table(
        "moves",
        gettext("From band to band in the whole period"),
        columns,
        rows,
        empty=gettext("Nobody changed band in this period."),
    )


def moved_cell(total: Counter[Move], before: Band, after: Band) -> Value:
    return opened(total[before, after], f"move:{encoded(before)}:{encoded(after)}")


def said(band: Band) -> str:
    return gettext("no score") if band is None else band_name(band)
