"""manage.py refresh: the scores of given contacts, or of all that wait, made anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.batches import batches
from contacts.management.base import TranslatedCommand
from scoring.engine.models import Cause
from scoring.engine.refresh import BATCH, refresh
from scoring.management.arguments import add_as_of, contacts_of, instant_to_store, live_tracks
from scoring.management.progress import refresh_watched


class Command(TranslatedCommand):
    help = gettext_lazy(
        "Make the scores of these contacts right, or of all that changed and wait for it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", nargs="*", metavar="EMAIL")
        parser.add_argument(
            "--pending", action="store_true", help=_("All contacts that wait for a new score.")
        )
        add_as_of(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["email"]) == options["pending"]:
            raise CommandError(_("Give either e-mail addresses or --pending."))
        as_of = instant_to_store(options["as_of"], live_tracks())
        if options["pending"]:
            done = refresh_watched(as_of)
            message = ngettext(
                "%(count)d change that waited is in the scores now.",
                "%(count)d changes that waited are in the scores now.",
                done,
            )
            self.stdout.write(message % {"count": done})
            return
        contacts = contacts_of(options["email"])
        # Nothing but time can have changed what no row waits for.
        changed = sum(
            refresh([contact.pk for contact in batch], Cause.TIME, as_of)
            for batch in batches(contacts, BATCH)
        )
        message = ngettext("%(count)d score changed.", "%(count)d scores changed.", changed)
        self.stdout.write(message % {"count": changed})
