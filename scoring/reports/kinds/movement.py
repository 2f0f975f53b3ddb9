"""How many are in each band over time, and how they move between the bands."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from django.db.models import Case, Count, IntegerField, Q, QuerySet, When
from django.db.models import Value as Constant
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from scoring.criteria.document import EXCLUDED, ModelDocument
from scoring.engine.admin.badges import band_name
from scoring.engine.models import Score, Track
from scoring.reports.asking import Question
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
from scoring.reports.periods import Period
from scoring.reports.report import Measure, Report, Text, register
from scoring.reports.spread import changes_of
from scoring.reports.values import Value, count, text

# Outside the audience there is no band.
Band = str | None
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
    pieces = question.period.pieces(question.grain)
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
    cases = [When(as_of__lt=piece.end, then=Constant(at)) for at, piece in enumerate(pieces)]
    place = Case(*cases, default=Constant(len(pieces)), output_field=IntegerField())
    rows = changes.annotate(place=place).order_by().values_list("place", "band_before", "band")
    found: dict[int, Counter[Move]] = {}
    for at, before, after, number in rows.annotate(Count("revision")):
        if before != after:
            found.setdefault(at, Counter())[before, after] += number
    return found


def take_back(stock: Counter[Band], moves: Counter[Move]) -> None:
    for (before, after), number in moves.items():
        stock[before] += number
        stock[after] -= number


def ranks(document: ModelDocument) -> dict[Band, int]:
    """Outside and excluded lie below the lowest band."""
    found: dict[Band, int] = {band.name: at for at, band in enumerate(document.bands)}
    return {None: -2, EXCLUDED: -1, **found}


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
            hottest_figures(question, course, document),
            chart,
            stock_table(course, labels, document),
        ]
        return [Section("", blocks), Section(gettext("Moves"), [moves_table(course, document)])]

    def behind(self, question: Question, key: str) -> QuerySet[Contact] | None:
        track, (what, _colon, band) = question.track, key.partition(":")
        if track is None or what not in ("now", "entered"):
            return None
        if what == "now":
            return question.contacts().filter(scores__track=track, scores__band=band)
        rank = ranks(track.version.document_value)
        lower = [name for name in rank if name is not None and rank[name] < rank.get(band, 0)]
        from_below = Q(band_before__in=lower) | Q(band_before=None)
        rose = changes_of(question, track).filter(from_below, band=band, **question.during("as_of"))
        return question.contacts().filter(pk__in=rose.values("contact"))


def hottest_figures(question: Question, course: Course, document: ModelDocument) -> Figures:
    band = document.bands[-1].name
    rank = ranks(document)
    now = course.stocks[-1][band] if course.stocks else 0
    entered = sum(entering(moves, band, rank) for moves in course.moves)
    left = sum(leaving(moves, band, rank) for moves in course.moves)
    named = {"band": band_name(band)}
    # Who stood in it at the end of a period that is over is not known by name.
    behind = f"now:{band}" if question.period.end > question.now else ""
    return Figures(
        "",
        [
            Figure(gettext("%(band)s at the end") % named, count(now, behind), "stock"),
            Figure(
                gettext("rose to %(band)s") % named, count(entered, f"entered:{band}"), "entered"
            ),
            Figure(gettext("fell from %(band)s") % named, count(left), "left"),
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


def stock_table(course: Course, labels: Sequence[str], document: ModelDocument) -> Table:
    bands = [band.name for band in reversed(document.bands)]
    rank = ranks(document)
    columns = [Column(gettext("from"))]
    for band in bands:
        columns += [
            Column(band_name(band), "stock"),
            Column(gettext("into %(band)s") % {"band": band_name(band)}, "entered"),
        ]
    rows = [
        [text(label), *cells(stock, moves, bands, rank)]
        for label, stock, moves in zip(labels, course.stocks, course.moves, strict=True)
    ]
    return Table("stock", gettext("Bands over time"), columns, rows)


def cells(
    stock: Counter[Band], moves: Counter[Move], bands: Sequence[str], rank: dict[Band, int]
) -> Iterator[Value]:
    for band in bands:
        yield count(stock[band])
        yield count(entering(moves, band, rank))


def moves_table(course: Course, document: ModelDocument) -> Table:
    """Rows: from; columns: into."""
    total: Counter[Move] = Counter()
    for moves in course.moves:
        total.update(moves)
    names: list[Band] = [*(band.name for band in document.bands), EXCLUDED, None]
    shown = [name for name in names if any(name in move for move in total)]
    columns = [Column(gettext("from \\ into")), *(Column(said(name)) for name in shown)]
    rows = [
        [text(said(before)), *(count(total[before, after]) for after in shown)] for before in shown
    ]
    return Table(
        "moves",
        gettext("From band to band in the whole period"),
        columns,
        rows,
        empty=gettext("Nobody changed band in this period."),
    )


def said(band: Band) -> str:
    return gettext("no score") if band is None else band_name(band)
