"""manage.py score: what a model makes of contacts in files; keeps nothing."""

import contextlib
import io
import json
import os
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.management.base import TranslatedCommand
from scoring.engine.files import FilesInvalid, Prospects, read_document
from scoring.engine.results import Result
from scoring.management.arguments import add_as_of, instant_of
from scoring.management.faults import tell


class Command(TranslatedCommand):
    help = gettext_lazy(
        "Score the contacts of a file by the model of a file, and keep nothing. "
        "Prints one JSON object a line."
    )
    # The configured database gives its kind only; none of its tables is read.
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--model", type=Path, required=True, metavar="FILE", help=_("YAML or JSON")
        )
        for name in ("--contacts", "--activities"):
            parser.add_argument(name, type=Path, required=True, metavar="FILE", help="JSON Lines")
        add_as_of(parser, required=True)
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help=_("Write to this file and print nothing.")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = instant_of(options["as_of"])
        if as_of is None:
            raise CommandError(_("--as-of is missing."))
        try:
            self.score(as_of, options)
        except FilesInvalid as invalid:
            raise self.refusal(invalid) from None
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            raise CommandError(f"{place}{error.strerror}") from None
        except DatabaseError as error:
            raise CommandError(_("The database failed: %(error)s") % {"error": error}) from None

    def score(self, as_of: datetime, options: dict[str, Any]) -> None:
        document = read_document(options["model"])
        results = Prospects(document, options["contacts"], options["activities"]).results(as_of)
        output: Path | None = options["output"]
        if output is None:
            # All of it before the first line: an error leaves standard output empty.
            with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as file:
                write(results, file)
                file.seek(0)
                self.print_all(file)
        else:
            with replaced(output) as file:
                write(results, file)

    def print_all(self, file: IO[str]) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        try:
            for line in file:
                self.stdout.write(line, ending="")
            self.stdout.flush()
        except BrokenPipeError:
            # The reader, `head` for instance, has seen enough; nor must Python's own flush fail.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def refusal(self, invalid: FilesInvalid) -> CommandError:
        """Every fault on a line of standard error, and the error that ends the command."""
        tell(self, invalid.faults, invalid.count)
        message = ngettext(
            "Nothing was scored: the files have %(count)d fault.",
            "Nothing was scored: the files have %(count)d faults.",
            invalid.count,
        )
        return CommandError(message % {"count": invalid.count})


def write(results: Iterator[tuple[str, Result]], file: IO[str]) -> None:
    for address, result in results:
        file.write(json.dumps(result.as_data(address), ensure_ascii=False) + "\n")


@contextlib.contextmanager
def replaced(path: Path) -> Iterator[IO[str]]:
    """A file that takes the place of ``path`` when all is written, and is gone otherwise."""
    target = path.resolve()
    if target.exists() and not target.is_file():
        raise CommandError(_("%(path)s is not a file.") % {"path": path})
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        # mkstemp lets nobody else read it; let the file have what any new file has.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
