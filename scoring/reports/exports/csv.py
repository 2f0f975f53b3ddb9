"""Comma-separated values: figures and tables one below the other, numbers as numbers."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.imports.reports import harmless
from scoring.reports.exports.base import Format, Made, register
from scoring.reports.exports.grids import grids_of
from scoring.reports.values import Value


@register
class Csv(Format):
    slug: ClassVar[str] = "csv"
    title: ClassVar[str | Promise] = _("CSV")
    icon: ClassVar[str] = "csv"
    mime: ClassVar[str] = "text/csv; charset=utf-8"
    order: ClassVar[int] = 30

    def write(self, made: Made) -> bytes:
        # The mark at the beginning tells spreadsheets that the letters are UTF-8.
        file = io.StringIO("\ufeff", newline="")
        file.seek(0, io.SEEK_END)
        csv.writer(file).writerows(lines(made))
        return file.getvalue().encode()


def lines(made: Made) -> Iterator[list[str]]:
    yield [harmless(str(made.report.title)), *map(harmless, made.facts)]
    for grid in grids_of(made.report, made.sections):
        yield []
        yield [harmless(title) for title in grid.path]
        yield [harmless(head) for head in grid.heads]
        for row in [*grid.rows, *([grid.total] if grid.total else [])]:
            yield [plain(value, made) for value in row]


def plain(value: Value, made: Made) -> str:
    """A number without separators, by a point; a share from 0 to 1, a duration in hours."""
    if value.is_number:
        return "" if value.raw is None else number(value.raw)
    return harmless(made.names(value))


def number(raw: object) -> str:
    """Never led by a sign but that of a number: a spreadsheet reads it as one."""
    return format(raw, "f") if isinstance(raw, Decimal) else repr(raw)
