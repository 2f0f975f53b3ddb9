"""manage.py recompute: everybody's scores made anew."""

from argparse import SUPPRESS, ArgumentParser
from collections import deque
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.management.base import TranslatedCommand
from scoring.engine.models import Cause, Recompute, Track
from scoring.engine.recompute import start, work
from scoring.management.arguments import add_as_of, add_model, instant_to_store, live_tracks
from scoring.management.progress import recompute_watched


class Command(TranslatedCommand):
    help = gettext_lazy(
        "Compute everybody's scores and store what differs. Goes on with what was cut short."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_model(parser)
        add_as_of(parser)
        parser.add_argument(
            "--workers", type=int, default=1, metavar="N", help=_("Use this many processes.")
        )
        parser.add_argument("--join", type=int, help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["join"] is not None:
            deque(work(Recompute.objects.get(pk=options["join"])), maxlen=0)
            return
        as_of = instant_to_store(options["as_of"])
        tracks = live_tracks(options["model"])
        processes = self.processes(options["workers"])
        for track in tracks:
            self.recompute(track, as_of, processes)

    def processes(self, wanted: int) -> int:
        if not 1 <= wanted <= 64:
            raise CommandError(_("--workers is a number from 1 to 64."))
        if wanted > 1 and connection.vendor == "sqlite":
            self.stderr.write(_("SQLite lets one process write at a time: 1 worker is used."))
            return 1
        return wanted

    def recompute(self, track: Track, as_of: datetime | None, processes: int) -> None:
        halfway = track.recomputes.filter(finished_at=None, version=track.version)
        unfinished = halfway.filter(as_of=as_of).first() if as_of else halfway.first()
        if unfinished:
            self.stdout.write(_("A recompute was cut short; this goes on with it."))
        changed = recompute_watched(unfinished or start(track, Cause.RECOMPUTE, as_of), processes)
        message = ngettext(
            '"%(model)s": %(count)d score changed.',
            '"%(model)s": %(count)d scores changed.',
            changed,
        )
        self.stdout.write(message % {"model": track.model.name, "count": changed})
