"""What a report is made of, as values: pages, files and the API show the same ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from scoring.reports.values import Value


@dataclass(frozen=True, slots=True)
class Figure:
    """One large number. ``measure``: the key of its definition; ``before``: to compare with."""

    title: str
    value: Value
    measure: str = ""
    before: Value | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    title: str
    items: Sequence[Figure]


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    measure: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A row has a value for each column; the first one names the row.

    ``total`` is a row of its own at the end. ``empty`` is said where there are no rows.
    """

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    total: Sequence[Value] | None = None
    empty: str = ""
    hint: str = ""


class Shape(Enum):
    BARS = "bars"
    LINES = "lines"
    # Bars on top of one another.
    STACKED = "stacked"
    # From left to right ever fewer.
    FUNNEL = "funnel"
    # Lines; the lows and highs of a series make an area.
    FAN = "fan"


@dataclass(frozen=True, slots=True)
class Series:
    """One number for each label; None leaves a gap. ``lows`` and ``highs`` make whiskers."""

    title: str
    numbers: Sequence[float | None]
    lows: Sequence[float | None] = ()
    highs: Sequence[float | None] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture; the table of the same key says the same in words and numbers.

    ``shares``: its numbers are from 0 to 1 and shown in per cent. ``line``: a number that
    is drawn across, such as what was agreed, with its name. ``places``: how far along the axis
    each label of a line lies, in a unit of their own; without them all are equally far apart.
    ``most``: whiskers do not make the axis longer than to there, and are cut off at its end.
    """

    key: str
    title: str
    shape: Shape
    labels: Sequence[str]
    series: Sequence[Series]
    shares: bool = False
    line: tuple[str, float] | None = None
    axis: str = ""
    places: Sequence[float] = ()
    most: float | None = None


class Tone(Enum):
    PLAIN = "plain"
    GOOD = "good"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph: a result in words, or why something is not said."""

    text: str
    tone: Tone = Tone.PLAIN
    url: str = ""
    link: str = ""


Block = Figures | Table | Chart | Words


@dataclass(frozen=True, slots=True)
class Section:
    """``permission``: what its reader needs besides that of the report."""

    title: str
    blocks: Sequence[Block] = field(default_factory=tuple)
    lead: str = ""
    permission: str = ""
