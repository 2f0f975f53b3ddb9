"""Other files in which a mapping looks things up, held in memory by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from contacts.imports.faults import SourceInvalid
from contacts.imports.mapping import Lookup
from contacts.imports.sources import FileFormat, open_source

ROWS_MOST: Final = 2_000_000
BYTES_MOST: Final = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Table:
    """The wanted columns of a file, by the text of its key column."""

    lookup: Lookup
    columns: dict[str, int]
    rows: dict[str, tuple[str, ...]]


def read_table(lookup: Lookup, wanted: Sequence[str]) -> Table:
    """Read a look-up file, only the ``wanted`` columns. Raises SourceInvalid."""
    try:
        return _read(lookup, list(dict.fromkeys(wanted)))
    except SourceInvalid as invalid:
        message = _("%(file)s: %(problem)s") % {
            "file": lookup.file.name,
            "problem": invalid.message,
        }
        raise SourceInvalid(message, invalid.line) from None


def _read(lookup: Lookup, wanted: list[str]) -> Table:
    if lookup.file.stat().st_size > BYTES_MOST:
        message = _("A file to look things up in has at most %(most)d MB.")
        raise SourceInvalid(message % {"most": BYTES_MOST // 1024**2})
    with open_source(lookup.file, FileFormat()) as source:
        places = {header: place for place, header in enumerate(source.headers or ())}
        for column in [lookup.key, *wanted]:
            if column not in places:
                raise SourceInvalid(_('There is no column "%(name)s".') % {"name": column})
        key, kept = places[lookup.key], [places[column] for column in wanted]
        rows: dict[str, tuple[str, ...]] = {}
        for row in source.rows():
            if row.fault:
                raise SourceInvalid(row.fault, row.line)
            name = row.cells[key].strip()
            found = tuple(row.cells[place] for place in kept)
            if rows.setdefault(name, found) != found:
                message = _('The key "%(key)s" has two different rows.')
                raise SourceInvalid(message % {"key": name[:100]}, row.line)
            if len(rows) > ROWS_MOST:
                message = _("A file to look things up in has at most %(most)d rows.")
                raise SourceInvalid(message % {"most": ROWS_MOST})
    return Table(lookup, {column: place for place, column in enumerate(wanted)}, rows)
