"""What going live has set off: counted once all is computed, and handed over where confirmed."""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.planned import GoingLive
from scoring.agreement.told import tell, who_bring_live
from scoring.automations.models import Crossing, CrossingQuerySet
from scoring.engine.models import Cause, Recompute, ScoreChange, Track


def set_off_by(recompute: Recompute) -> CrossingQuerySet:
    """The crossings that this version's scores have brought about, and that are held back."""
    changes = ScoreChange.objects.filter(
        track=recompute.track_id,
        contact=OuterRef("contact"),
        revision=OuterRef("revision"),
        version=recompute.version_id,
        cause=Cause.VERSION,
        written_at__gte=recompute.started_at,
    )
    held = Crossing.objects.held_back()
    return held.filter(Exists(changes), track=recompute.track_id, at__gte=recompute.started_at)


def settle_what_is_computed() -> int:
    """Of every going live whose scores are all there; how many."""
    done = GoingLive.objects.filter(
        state=GoingLive.State.DONE, settled_at=None, recompute__finished_at__isnull=False
    )
    return sum(settle(pk) for pk in done.values_list("pk", flat=True))


def settle(pk: int) -> int:
    with transaction.atomic():
        # Whoever changes the row does it: nothing is handed over twice.
        mine = GoingLive.objects.filter(pk=pk, settled_at=None)
        if not mine.update(settled_at=timezone.now()):
            return 0
        going = GoingLive.objects.select_related("recompute", "version__model", "user").get(pk=pk)
        if going.recompute is None:
            return 0
        crossings = set_off_by(going.recompute)
        held = crossings.count()
        released = hand_over(going, crossings, held) if going.loud else 0
        GoingLive.objects.filter(pk=pk).update(held=held, handed_over=released)
    return 1


def hand_over(going: GoingLive, crossings: CrossingQuerySet, held: int) -> int:
    """As many as were confirmed, or none at all."""
    why, released = why_not(going, held), 0
    if going.user is not None and not why:
        with transaction.atomic():
            released = crossings.release(going.user)
            # Others may have come since they were counted.
            if why := too_many(going, released):
                transaction.set_rollback(True)
    if why:
        tell(
            who_bring_live(),
            f"held:{going.pk}",
            going.version,
            gettext_lazy(
                "Nothing was handed over after version %(number)d of “%(model)s” went live"
            ),
            why,
        )
        return 0
    AuditEntry.objects.note(
        going.user, going.version.model, Action.HANDED_OVER, going.version, count=released
    )
    return released


def why_not(going: GoingLive, held: int) -> str:
    live = Track.objects.filter(model=going.model_id, role=Track.Role.LIVE)
    if not live.filter(version=going.version_id).exists():
        return _("Another version went live before all was computed.")
    if going.user is None or not going.user.is_active:
        return _("%(who)s, who confirmed it, is not here any more.") % {"who": going.username}
    return too_many(going, held)


def too_many(going: GoingLive, held: int) -> str:
    confirmed = going.confirmed or 0
    if held <= confirmed:
        return ""
    return _(
        "Crossings set off: %(held)d; confirmed: %(confirmed)d. They are held back; look at "
        "them on the page of crossings."
    ) % {"held": held, "confirmed": confirmed}
