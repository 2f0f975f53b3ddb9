"""The files of a dry run: a document, and contacts and activities as JSON Lines.

Everything is read once and nothing is held but the addresses. After the first fault
records are only checked, so that all faults of all files are told together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from django.utils.translation import gettext as _

from contacts.jsonlines import Line, read_lines
from contacts.normalise import email_key
from contacts.records import (
    ActivityRecord,
    ContactRecord,
    FieldSpec,
    RecordInvalid,
    parse_activity,
    parse_contact,
    shown,
)
from scoring.criteria import yaml
from scoring.criteria.document import DocumentInvalid, ModelDocument, parse
from scoring.engine.dry_run import dry_run
from scoring.engine.results import Result

SHOWN_MOST: Final = 100

R = TypeVar("R")


class FilesInvalid(Exception):
    """Files that were refused: the first ``SHOWN_MOST`` faults, and how many there are."""

    def __init__(self, faults: list[str], count: int) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
        self.count = count


@dataclass(slots=True)
class Faults:
    """Gathers what is wrong, each with the name of its file and the line."""

    first: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, place: str, message: str) -> None:
        self.count += 1
        if len(self.first) < SHOWN_MOST:
            self.first.append(f"{place}: {message}")

    def close(self) -> None:
        if self.count:
            raise FilesInvalid(self.first, self.count)


def read_document(path: Path) -> ModelDocument:
    """The model document of a YAML or JSON file. Raises FilesInvalid, or OSError."""
    faults = Faults()
    try:
        with path.open("rb") as file:
            # Not more: a document that is larger is refused without having been read.
            content = file.read(yaml.MOST_BYTES + 1)
        return parse(yaml.read(content, path.name))
    except DocumentInvalid as invalid:
        for fault in invalid.faults:
            faults.add(path.name, str(fault))
    raise FilesInvalid(faults.first, faults.count)


@dataclass(slots=True)
class Prospects:
    """The people of two files, one record at a time."""

    document: ModelDocument
    contacts_path: Path
    activities_path: Path
    faults: Faults = field(default_factory=Faults)
    lines_by_address: dict[str, int] = field(default_factory=dict)

    def results(self, as_of: datetime) -> Iterator[tuple[str, Result]]:
        """Address and result of each contact of the audience, in the order of the file.

        Raises FilesInvalid (before the first result) with every fault, or OSError.
        """
        found = dry_run(self.document, self.contacts(), self.activities(), as_of)
        return ((address, result) for address, result in found if result)

    def contacts(self) -> Iterator[ContactRecord]:
        specs = {one.key: FieldSpec(one.type.value, one.choices) for one in self.document.fields}
        yield from self.records(
            self.contacts_path, lambda data: parse_contact(data, specs), self.fault_of_contact
        )

    def activities(self) -> Iterator[ActivityRecord]:
        yield from self.records(self.activities_path, parse_activity, self.fault_of_activity)
        self.faults.close()

    def records(
        self, path: Path, read: Callable[[object], R], fault_of: Callable[[R, int], str]
    ) -> Iterator[R]:
        """The records of a file up to the first fault; what is wrong is gathered."""
        with path.open("rb") as file:
            for line in self.lines(path, file):
                place = _("%(file)s line %(line)d") % {"file": path.name, "line": line.number}
                try:
                    record = read(line.data)
                except RecordInvalid as invalid:
                    for fault in invalid.faults:
                        self.faults.add(place, str(fault))
                    continue
                if message := fault_of(record, line.number):
                    self.faults.add(place, message)
                elif not self.faults.count:
                    yield record

    def lines(self, path: Path, file: BinaryIO) -> Iterator[Line]:
        for line in read_lines(file):
            if line.fault:
                place = _("%(file)s line %(line)d") % {"file": path.name, "line": line.number}
                self.faults.add(place, line.fault)
            else:
                yield line

    def fault_of_contact(self, record: ContactRecord, line: int) -> str:
        first = self.lines_by_address.setdefault(email_key(record.email), line)
        if first == line:
            return ""
        return _("email: stands in line %(line)d already (%(email)s)") % {
            "line": first,
            "email": shown(record.email),
        }

    def fault_of_activity(self, record: ActivityRecord, line: int) -> str:
        if email_key(record.contact) in self.lines_by_address:
            return ""
        return _("contact: is not among the contacts of %(file)s (%(email)s)") % {
            "file": self.contacts_path.name,
            "email": shown(record.contact),
        }
