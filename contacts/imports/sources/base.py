"""What every kind of file looks like to the rest of the import."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from contacts.imports.faults import SourceInvalid
from contacts.normalise import normalise

COLUMNS_MOST: Final = 1000
CELL_MOST: Final = 1024 * 1024
ROW_MOST: Final = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line at which it ends, its cells by column, or its data, or its fault."""

    line: int
    cells: Sequence[str] = ()
    data: object = None
    fault: str = ""


class Source(ABC):
    """An open file; ``headers`` is None where the rows are records by themselves."""

    headers: tuple[str, ...] | None = None

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size

    @abstractmethod
    def rows(self) -> Iterator[Row]:
        """The rows from the first on, blank ones left out. Raises SourceInvalid."""

    @property
    @abstractmethod
    def position(self) -> int:
        """How many bytes have been read, for the progress bar."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def checked_headers(cells: Sequence[str], line: int = 1) -> tuple[str, ...]:
    """The headers without outer blanks; refused where one is missing or stands twice."""
    headers = [cell.strip() for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    if not headers:
        raise SourceInvalid(_("The first line must name the columns; it is empty."), line)
    if len(headers) > COLUMNS_MOST:
        message = _("The file has more than %(most)d columns.")
        raise SourceInvalid(message % {"most": COLUMNS_MOST}, line)
    seen: dict[str, int] = {}
    for place, header in enumerate(headers, start=1):
        if not header:
            message = _("Column %(place)d has no name in the first line.")
            raise SourceInvalid(message % {"place": place}, line)
        if (twice := normalise(header)) in seen:
            message = _('Columns %(first)d and %(second)d have the same name, "%(name)s".')
            places = {"first": seen[twice], "second": place, "name": header[:100]}
            raise SourceInvalid(message % places, line)
        seen[twice] = place
    return tuple(headers)


def fitted(cells: Sequence[str], width: int, line: int) -> Row | None:
    """A row of exactly ``width`` cells; None where it is blank, a fault where it is ragged."""
    if not any(cells):
        return None
    if len(cells) == width:
        return Row(line, cells)
    if len(cells) > width and not any(cells[width:]):
        return Row(line, cells[:width])
    message = _("The row has %(found)d cells; the first line has %(wanted)d.")
    return Row(line, fault=message % {"found": len(cells), "wanted": width})
