"""What the four import commands share: options, progress bar, messages, exit code."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandError
from django.db import DatabaseError
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from tqdm import tqdm

from contacts.imports.choosing import mapping_for
from contacts.imports.documents import load_mapping
from contacts.imports.faults import MappingInvalid, RowFault, SourceInvalid
from contacts.imports.kinds import CONTACTS
from contacts.imports.running import Order, Outcome, cut_short, run_import
from contacts.management.base import TranslatedCommand
from contacts.models import ImportBusy
from contacts.records import shown


class ImportCommand(TranslatedCommand):
    """One kind of record from one file; nothing is written where a row is bad."""

    kind: ClassVar[str] = CONTACTS

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=_("A CSV, XLSX or JSON Lines file."))
        parser.add_argument("--map", type=Path, help=_("Which column is which field (YAML)."))
        parser.add_argument("--dry-run", action="store_true", help=_("Check, and store nothing."))
        parser.add_argument(
            "--again", action="store_true", help=_("Even though the file was imported before.")
        )
        parser.add_argument("--skip-bad", action="store_true", help=_("Leave out bad rows."))
        parser.add_argument(
            "--report", type=Path, help=_("Write every fault to this file (.csv or .jsonl).")
        )
        parser.add_argument(
            "--origin", default="", help=_("Who changed it, as the history will say.")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        bar = Bar()
        try:
            order = self.order(bar, options)
            outcome = run_import(order)
        except MappingInvalid as invalid:
            lines = [_("The mapping cannot be used:"), *map(str, invalid.faults)]
            raise CommandError("\n".join(lines)) from None
        except SourceInvalid as invalid:
            place = _("line %(line)d: ") % {"line": invalid.line} if invalid.line else ""
            raise CommandError(f"{options['file']}: {place}{invalid.message}") from None
        except ImportBusy:
            raise CommandError(_("Another process is importing this file just now.")) from None
        except DatabaseError as error:
            raise CommandError(cut_short(error)) from error
        except OSError as error:
            raise CommandError(str(error)) from None
        finally:
            bar.close()
        self.tell(outcome, order)

    def order(self, bar: "Bar", options: dict[str, Any]) -> Order:
        path: Path = options["file"]
        named: Path | None = options["map"]
        return Order(
            path=path,
            mapping=load_mapping(named, self.kind, path) if named else mapping_for(path, self.kind),
            origin=options["origin"],
            dry_run=options["dry_run"],
            again=options["again"],
            skip_bad=options["skip_bad"],
            report=options["report"],
            progress=bar,
        )

    def tell(self, outcome: Outcome, order: Order) -> None:
        for line in fault_lines(outcome):
            self.stderr.write(line)
        for line in summary(outcome, order):
            self.stdout.write(line)
        if outcome.bad_rows and not outcome.written:
            raise CommandError(
                _("Nothing was stored, because %(bad)d of %(rows)d rows are bad.")
                % {"bad": outcome.bad_rows, "rows": outcome.rows}
            )


def fault_lines(outcome: Outcome) -> Iterator[str]:
    """The first faults, and how many more there are."""
    yield from map(fault_line, outcome.faults)
    if (more := outcome.fault_count - len(outcome.faults)) > 0:
        yield ngettext(
            "... and %(count)d fault more; --report FILE writes them all.",
            "... and %(count)d faults more; --report FILE writes them all.",
            more,
        ) % {"count": more}


def fault_line(fault: RowFault) -> str:
    column = f", {shown(fault.column)}" if fault.column else ""
    value = f" ({fault.value})" if fault.value else ""
    place = _("line %(line)d") % {"line": fault.line}
    return f"{place}{column}: {fault.message}{value}"


def summary(outcome: Outcome, order: Order) -> Iterator[str]:
    """What was done, one sentence a line."""
    if order.mapping.name:
        yield _("Read as: %(name)s.") % {"name": order.mapping.name}
    if outcome.former and not outcome.written:
        yield _(
            "This file was imported before, on %(date)s, with the same mapping: nothing was "
            "changed. --again imports it once more."
        ) % {"date": date_format(outcome.former.started_at, "DATETIME_FORMAT")}
        return
    if not outcome.written:
        if not outcome.bad_rows or order.dry_run:
            yield _("%(rows)d rows read, %(bad)d of them bad; nothing was stored.") % {
                "rows": outcome.rows,
                "bad": outcome.bad_rows,
            }
        return
    if outcome.resumed:
        yield _("An earlier import of this file was cut short after %(rows)d rows; it went on.") % {
            "rows": outcome.resumed
        }
    stored = outcome.stored
    yield _(
        "%(rows)d rows read: %(created)d created, %(updated)d updated, %(unchanged)d unchanged, "
        "%(bad)d bad and left out."
    ) % {
        "rows": outcome.rows,
        "created": stored.created,
        "updated": stored.updated,
        "unchanged": stored.unchanged,
        "bad": outcome.bad_rows,
    }
    if outcome.pending:
        yield ngettext(
            "%(count)d contact waits for a new score: `manage.py worker` makes it, or at once "
            "`manage.py refresh --pending`.",
            "%(count)d contacts wait for a new score: `manage.py worker` makes them, or at once "
            "`manage.py refresh --pending`.",
            outcome.pending,
        ) % {"count": outcome.pending}


class Bar:
    """A progress bar on standard error; silent where nobody watches."""

    def __init__(self) -> None:
        self.bar: tqdm[Any] | None = None
        self.phase = ""

    def __call__(self, phase: str, done: int, total: int) -> None:
        if phase != self.phase:
            self.close()
            self.phase = phase
            titles = {"check": _("Checking"), "write": _("Writing")}
            self.bar = tqdm(
                total=total,
                desc=titles[phase],
                unit="B",
                unit_scale=True,
                disable=not sys.stderr.isatty(),
            )
        if self.bar is not None:
            self.bar.update(done - self.bar.n)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None
