"""JSON Lines: each row is a record by itself, in the shape of the specification."""

from collections.abc import Iterator
from pathlib import Path

from contacts.imports.sources.base import Row, Source
from contacts.jsonlines import read_lines


class JsonLinesSource(Source):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.file = path.open("rb")

    def rows(self) -> Iterator[Row]:
        for line in read_lines(self.file):
            yield Row(line.number, data=line.data, fault=line.fault)

    @property
    def position(self) -> int:
        return 0 if self.file.closed else self.file.tell()

    def close(self) -> None:
        self.file.close()
