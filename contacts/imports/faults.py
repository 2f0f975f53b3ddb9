"""What can be wrong with an import: with the file, with the mapping, or with one row."""

from collections.abc import Sequence
from dataclasses import dataclass

from contacts.records import Fault


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong in one row: ``line`` counts from 1 in the file, ``column`` is its header."""

    line: int
    column: str
    value: str
    message: str


class SourceInvalid(Exception):
    """The file cannot be read further; ``line`` is 0 where it concerns the whole file."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class MappingInvalid(Exception):
    """A mapping that cannot be used, with every fault and its path in the mapping."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)
