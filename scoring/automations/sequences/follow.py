"""Who is in a sequence is looked at whenever their score is made anew."""

from django.db.models import Exists, OuterRef, Q

from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.leaving import leave, locked, reasons_to_leave
from scoring.engine.followers import Refreshed, register


class Leavers:
    """The follower: those leave for whom there is a reason now, be the refresh quiet or not."""

    def wants(self) -> Exists:
        return Exists(Enrolment.objects.active().filter(of_track(OuterRef("pk"))))

    def follow(self, refreshed: Refreshed) -> None:
        enrolments = locked(refreshed.contact_ids, of_track(refreshed.track.pk))
        reasons = reasons_to_leave(enrolments, refreshed.as_of) if enrolments else {}
        for enrolment in enrolments:
            if reason := reasons.get(enrolment.pk):
                leave([enrolment], reason)


def of_track(track: int | OuterRef) -> Q:
    """Whose leaving the refreshes of this track decide; where no model was live, any do.

    Those of a pilot decide as well for whoever is in a sequence by the live track beside it.
    """
    return Q(track=track) | Q(track__pilot=track) | Q(track=None)


register("sequences", Leavers())
