"""manage.py sweep: what time alone changed, found and refreshed."""

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.management.base import TranslatedCommand
from scoring.engine.sweep import sweep
from scoring.management.arguments import add_as_of, instant_to_store, live_tracks
from scoring.management.progress import refresh_watched


class Command(TranslatedCommand):
    help = gettext_lazy(
        "Refresh the contacts whose points expired, faded or began to count since the last sweep."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_as_of(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = instant_to_store(options["as_of"], live_tracks())
        marked = sweep(as_of)
        message = ngettext(
            "Time has reached %(count)d contact.", "Time has reached %(count)d contacts.", marked
        )
        self.stdout.write(message % {"count": marked})
        refresh_watched(as_of)
        self.stdout.write(_("All scores are up to date."))
