"""Leads: contacts with the score that they have on one track."""

from typing import Self

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from contacts.models.people import ContactQuerySet
from scoring.engine.models import Track
from scoring.engine.pilots.acting import acts


class LeadQuerySet(ContactQuerySet):
    def on_track(self, track: Track | None) -> Self:
        """Those that have a score there, with ``total``, ``band`` and the rest of it.

        While a pilot runs beside a live track: with the score that acts for each. Nobody, but
        with the same columns, where there is no track.
        """
        wanted = acts(track, "scores__track", "pk") if track else Q(scores__track=0)
        scored = self.filter(wanted)
        return scored.annotate(
            total=F("scores__total"),
            band=F("scores__band"),
            grade=F("scores__grade"),
            excluded=F("scores__excluded"),
            breakdown=F("scores__breakdown"),
            changed=F("scores__changed_at"),
            scored_by=F("scores__track"),
        )

    def hottest(self) -> Self:
        """Of those on a track the highest total first; the excluded last."""
        return self.order_by("excluded", "-total", "pk")


class Lead(Contact):
    """A contact seen by its score; the row is the contact's."""

    objects = LeadQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
