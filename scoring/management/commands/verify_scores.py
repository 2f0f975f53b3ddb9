"""manage.py verify_scores: is what is stored what computing it now would give?"""

from argparse import ArgumentParser
from itertools import islice
from typing import Any, Final

from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.management.base import TranslatedCommand
from scoring.engine.models import Score, Track
from scoring.engine.verify import Difference, differences, without_history
from scoring.management.arguments import add_as_of, add_model, instant_of, live_tracks

SHOWN: Final = 20


class Command(TranslatedCommand):
    help = gettext_lazy(
        "Compute every score and compare it with the stored one and its history; changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_model(parser)
        add_as_of(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = instant_of(options["as_of"])
        wrong = unexplained = 0
        for track in live_tracks(options["model"]):
            lines = map(difference_line, differences(track, as_of))
            broken = (
                _("%(email)s: the history does not end in the stored score")
                % {"email": score.contact.email_key}
                for score in without_history(track)
            )
            found, lost = self.tell(track, lines), self.tell(track, broken)
            if not found + lost:
                self.praise(track)
            wrong, unexplained = wrong + found, unexplained + lost
        if wrong:
            message = ngettext(
                "%(count)d stored score is wrong; manage.py recompute puts it right.",
                "%(count)d stored scores are wrong; manage.py recompute puts them right.",
                wrong,
            )
            raise CommandError(message % {"count": wrong})
        if unexplained:
            message = ngettext(
                "%(count)d score is right, but something else has changed its history.",
                "%(count)d scores are right, but something else has changed their history.",
                unexplained,
            )
            raise CommandError(message % {"count": unexplained})

    def tell(self, track: Track, lines: Any) -> int:
        """Write the first lines; how many there are in all."""
        first = list(islice(lines, SHOWN))
        for line in first:
            self.stderr.write(f"{track.model.name}: {line}")
        more = sum(1 for _line in lines)
        if more:
            message = ngettext(
                "... and %(count)d difference more", "... and %(count)d differences more", more
            )
            self.stderr.write(message % {"count": more})
        return len(first) + more

    def praise(self, track: Track) -> None:
        count = Score.objects.filter(track=track).count()
        message = ngettext(
            '"%(model)s": %(count)d score is right.',
            '"%(model)s": %(count)d scores are right.',
            count,
        )
        self.stdout.write(message % {"model": track.model.name, "count": count})


def difference_line(difference: Difference) -> str:
    return _("%(email)s: stored is %(stored)s, computed is %(computed)s") % {
        "email": difference.email,
        "stored": said(difference.stored, difference.stored_band),
        "computed": said(difference.computed, difference.computed_band),
    }


def said(total: int | None, band: str | None) -> str:
    return _("no score") if total is None else f"{total} ({band})"
