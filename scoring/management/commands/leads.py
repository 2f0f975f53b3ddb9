"""manage.py leads: the hottest leads and why."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.management.base import TranslatedCommand
from contacts.models import Contact
from scoring.engine.models import Score, Track
from scoring.management.arguments import add_model, check_band, live_tracks
from scoring.management.leads import hottest, lead_lines, terminal_width


class Command(TranslatedCommand):
    help = gettext_lazy(
        "List the leads of the highest totals, each with the two rules that weigh most."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--band", metavar="BAND", help=_("Only this band, as in --band hot."))
        parser.add_argument("--limit", type=int, default=20, metavar="N", help=_("How many."))
        add_model(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["limit"] < 1:
            raise CommandError(_("--limit is a number from 1."))
        tracks = live_tracks(options["model"])
        if band := options["band"]:
            check_band(band, [track.version.document_value for track in tracks])
        for track in tracks:
            if len(tracks) > 1:
                self.stdout.write(f"{track.model.name}:")
            self.list(track, band, options["limit"])

    def list(self, track: Track, band: str | None, limit: int) -> None:
        scores = hottest(track, band, limit)
        if not scores:
            self.stdout.write(why_empty(track))
            return
        for line in lead_lines(scores, terminal_width()):
            self.stdout.write(line)


def why_empty(track: Track) -> str:
    """What to do where there is nothing to list."""
    if not Contact.objects.exists():
        return _("There are no contacts yet: manage.py import_contacts FILE, or manage.py demo.")
    if not Score.objects.filter(track=track).exists():
        return _("No contact has a score yet: manage.py recompute makes them.")
    return _("No lead is in this band just now.")
