"""An import from beginning to end: the whole file is checked, then written in batches.

Both passes read the file anew, one batch in memory at a time. Each batch is one
transaction that also says how far the import got, so that after a crash a second run goes
on there. Nobody is notified of what an import changes: contacts wait for their new score.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from contacts.batches import batches
from contacts.imports.checks import Checker
from contacts.imports.faults import RowFault, SourceInvalid
from contacts.imports.fields import all_fields, declare
from contacts.imports.kinds import ACTIVITIES, CAMPAIGNS, COMPANIES, CONTACTS, DEALS
from contacts.imports.mapping import Mapping as FileMapping
from contacts.imports.mapping import file_digest
from contacts.imports.reading import Entry, Reader
from contacts.imports.reports import Report
from contacts.imports.sources import Source, open_source
from contacts.models import ImportRun, Pending
from contacts.provenance import quietly, recorded_as
from contacts.records import ActivityRecord, FieldSpec
from contacts.storing import Stored, UnknownContacts, store_activities, store_contacts
from contacts.storing_campaigns import CampaignInvalid, store_campaigns
from contacts.storing_sales import OutcomeDiffers, store_companies, store_deals
from leadscoring.failpoints import failpoint

BATCH: Final = 1000
SHOWN: Final = 20
STORE: Final[Mapping[str, Any]] = {
    CONTACTS: store_contacts,
    COMPANIES: store_companies,
    ACTIVITIES: store_activities,
    DEALS: store_deals,
    CAMPAIGNS: store_campaigns,
}


GoOn: TypeAlias = Callable[[], bool]


class Progress(Protocol):
    """Told how far a phase (``check`` or ``write``) got, in bytes of the file."""

    def __call__(self, phase: str, done: int, total: int) -> None: ...


def silent(phase: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def to_the_end() -> bool:
    """Go on after every batch."""
    return True


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be imported, and how. ``name``: of the file as its owner knows it."""

    path: Path
    mapping: FileMapping
    origin: str = ""
    name: str = ""
    dry_run: bool = False
    again: bool = False
    skip_bad: bool = False
    report: Path | None = None
    progress: Progress = silent

    @property
    def title(self) -> str:
        return self.name or self.path.name


@dataclass(slots=True)
class Outcome:
    """What came of it. ``faults`` are the first of ``fault_count``; ``written``: anything was.

    ``resumed``: rows that an earlier run, cut short, had stored. ``former``: the same file was
    imported before, then. ``pending``: contacts that wait for a new score. ``report_size``:
    bytes of the report so far.
    """

    rows: int = 0
    bad_rows: int = 0
    fault_count: int = 0
    faults: list[RowFault] = field(default_factory=list)
    stored: Stored = Stored()
    written: bool = False
    resumed: int = 0
    former: ImportRun | None = None
    pending: int = 0
    report_size: int = 0

    def add(self, entry: Entry) -> None:
        self.rows += 1
        self.bad_rows += bool(entry.faults)
        self.fault_count += len(entry.faults)
        self.faults += entry.faults[: SHOWN - len(self.faults)]


def run_import(order: Order) -> Outcome:
    """Check the file and, unless rows are bad or it is a dry run, write it.

    Raises SourceInvalid, MappingInvalid or ImportBusy where there is nothing to report row
    by row. Bad rows stop it before anything is written, unless ``skip_bad``. A file that was
    imported in full before, with the same mapping, changes nothing, unless ``again``.
    """
    if not order.dry_run and not order.again and (former := imported_before(order)):
        return Outcome(former=former)
    refuse_other_mapping(order)
    outcome = Outcome()
    check(order, outcome)
    if is_writable(order, outcome):
        write(order, outcome)
    return outcome


def is_writable(order: Order, outcome: Outcome) -> bool:
    """Whether a checked file is to be written."""
    return not order.dry_run and outcome.rows > 0 and (order.skip_bad or not outcome.bad_rows)


def check(order: Order, outcome: Outcome, go_on: GoOn = to_the_end) -> bool:
    """Read the rows after those in ``outcome``, store nothing, and report every fault.

    Stops after a batch where ``go_on`` says so; true where it came to the end.
    """
    fields = all_fields(order.mapping.fields)
    checker = Checker(order.mapping.kind.name, order.mapping.columns)
    with Report(order.report, outcome.report_size) as report, opened(order) as source:
        for batch in read(order, source, fields, "check", skip=outcome.rows):
            for entry in checker.checked(batch):
                outcome.add(entry)
                for fault in entry.faults:
                    report.add(fault)
            outcome.report_size = report.size
            if not go_on():
                return False
    return True


def write(order: Order, outcome: Outcome, go_on: GoOn = to_the_end) -> bool:
    """Store a checked file from where it was left; true where it came to the end."""
    fields = all_fields(order.mapping.fields)
    run = take_up(order)
    outcome.resumed = run.rows_done
    outcome.former = run.former()
    checker = Checker(order.mapping.kind.name, order.mapping.columns)
    with (
        recorded_as(order.origin or f"import {order.title}"),
        quietly(),
        opened(order) as source,
    ):
        declare(order.mapping.fields)
        for batch in read(order, source, fields, "write", skip=run.rows_done):
            with transaction.atomic():
                store(run, list(checker.checked(batch)), order, outcome)
                failpoint("import.row_n")
            if not go_on():
                return False
    run.finish()
    outcome.written = True
    outcome.stored = Stored(run.created, run.updated, run.unchanged)
    outcome.pending = Pending.objects.values("contact").distinct().count()
    return True


def store(run: ImportRun, batch: Sequence[Entry], order: Order, outcome: Outcome) -> None:
    """Store one batch and how far the run got with it."""
    bad = [entry for entry in batch if entry.faults]
    if bad and not order.skip_bad:
        message = _("The file or the data changed while it was imported; import it again.")
        raise SourceInvalid(message, bad[0].line)
    records = [entry.record for entry in batch if entry.record is not None]
    if order.mapping.kind.name == ACTIVITIES:
        records = new_activities(run, batch, outcome.former)
        run.leave_out(run.rows_done + at for at, entry in enumerate(batch) if entry.faults)
    try:
        stored = STORE[order.mapping.kind.name](records)
    except (UnknownContacts, OutcomeDiffers, CampaignInvalid) as error:
        message = _("The data changed while the file was imported; import it again.")
        raise SourceInvalid(message, batch[0].line) from error
    # Of several rows about one contact in a batch only the last one is counted by ``stored``.
    made = {"created": stored.created, "updated": stored.updated}
    unchanged = len(batch) - len(bad) - sum(made.values())
    run.advance(len(batch), **made, unchanged=unchanged, skipped=len(bad))


def new_activities(run: ImportRun, batch: Sequence[Entry], former: ImportRun | None) -> list[Any]:
    """The activities of a batch but those without an id that ``former`` has stored.

    Nothing but the file and the row tells these from one another.
    """
    first = run.rows_done
    left_out = former.left_out(first, first + len(batch)) if former else set()
    return [
        entry.record
        for row, entry in enumerate(batch, first)
        if entry.record is not None
        and (former is None or row in left_out or not without_id(entry.record))
    ]


def without_id(record: object) -> bool:
    return isinstance(record, ActivityRecord) and record.external_id is None


def identity(order: Order) -> dict[str, str]:
    """What makes two imports the same: the kind, and the contents of file and mapping."""
    return {
        "kind": order.mapping.kind.name,
        "file_digest": file_digest(order.path),
        "mapping_digest": order.mapping.digest(),
    }


def imported_before(order: Order) -> ImportRun | None:
    """The run that imported every row of this file, if no other was begun since."""
    newest = ImportRun.objects.filter(**identity(order)).first()
    complete = newest is not None and newest.finished_at is not None and not newest.skipped
    return newest if complete else None


def refuse_other_mapping(order: Order) -> None:
    """Raise SourceInvalid where these activities are half stored, by another mapping.

    Nothing tells a second import which activities without an id the first one has stored.
    """
    if order.mapping.kind.name != ACTIVITIES or order.again or order.dry_run:
        return
    same = identity(order)
    other = same.pop("mapping_digest")
    begun = ImportRun.objects.filter(**same, finished_at=None, rows_done__gt=0)
    if half := begun.exclude(mapping_digest=other).first():
        message = _(
            "An import of this file with another mapping was cut short after %(rows)d rows, "
            "which this one would store once more. Import the file with the mapping that it "
            "had, which goes on from there, or use the option --again of the command."
        )
        raise SourceInvalid(message % {"rows": half.rows_done})


def cut_short(error: DatabaseError) -> str:
    """What to do when the database gave up, in words."""
    message = _(
        "The database stopped the import (%(reason)s). What was stored so far is complete; "
        "import the file again with the same mapping, and it goes on from there."
    )
    reason = str(error).strip()
    return message % {"reason": reason.splitlines()[0] if reason else type(error).__name__}


def take_up(order: Order) -> ImportRun:
    """The run of this file and mapping that was cut short, or a new one.

    Raises SourceInvalid where it was cut short with another mapping.
    """
    refuse_other_mapping(order)
    run, _new = ImportRun.objects.get_or_create(
        **identity(order),
        finished_at=None,
        defaults={"name": order.title[:255], "origin": order.origin[:200]},
    )
    return run


def opened(order: Order) -> Source:
    return open_source(order.path, order.mapping.form, order.title)


def read(
    order: Order, source: Source, fields: Mapping[str, FieldSpec], phase: str, skip: int = 0
) -> Iterator[list[Entry]]:
    """The rows after the first ``skip`` as entries, in batches, telling the progress."""
    reader = Reader(source, order.mapping, fields)
    rows = source.rows()
    deque(islice(rows, skip), maxlen=0)
    order.progress(phase, 0, source.size)
    for batch in batches(map(reader.entry, rows), BATCH):
        yield batch
        order.progress(phase, source.position, source.size)
    order.progress(phase, source.size, source.size)
