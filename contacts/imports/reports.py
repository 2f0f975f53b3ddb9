"""The report of an import: one line a fault, as CSV or as JSON Lines."""

import csv
import json
import os
from pathlib import Path
from typing import Final, TextIO

from django.utils.translation import gettext as _

from contacts.imports.faults import RowFault

# What spreadsheets take for the beginning of a formula, full-width forms included.
FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")


def harmless(text: str) -> str:
    """The text, led by an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


class Report:
    """Writes faults to a file as they are found; without a path it writes nothing.

    A path that ends in .jsonl or .json gives JSON Lines, any other CSV in which no cell is
    a formula. ``keep``: bytes of a report that was begun before; what follows them is
    written anew.
    """

    def __init__(self, path: Path | None, keep: int = 0) -> None:
        self.file: TextIO | None = None
        if path is None:
            return
        self.as_json = path.suffix.lower() in (".jsonl", ".json")
        if keep:
            os.truncate(path, keep)
        self.file = path.open("a" if keep else "w", encoding="utf-8", newline="")
        if not keep and not self.as_json:
            self.file.write("\ufeff")
            csv.writer(self.file).writerow([_("line"), _("column"), _("value"), _("what to do")])

    def add(self, fault: RowFault) -> None:
        if self.file is None:
            return
        if self.as_json:
            told = {
                "line": fault.line,
                "column": fault.column,
                "value": fault.value,
                "message": fault.message,
            }
            self.file.write(json.dumps(told, ensure_ascii=False) + "\n")
        else:
            texts = (fault.column, fault.value, fault.message)
            csv.writer(self.file).writerow([fault.line or "", *map(harmless, texts)])

    @property
    def size(self) -> int:
        """Bytes written so far."""
        if self.file is None:
            return 0
        self.file.flush()
        return os.fstat(self.file.fileno()).st_size

    def __enter__(self) -> "Report":
        return self

    def __exit__(self, *error: object) -> None:
        if self.file is not None:
            self.file.close()
