"""A version goes live: an agreed one, or one from before; now or at a set time."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.chores import wake
from contacts.models.teams import name_of
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.changes import Change, Refused, lock_model
from scoring.agreement.periods import has_been_live
from scoring.agreement.planned import REASON_MOST, GoingLive, planned_for, take_back_plans
from scoring.agreement.proposals import Proposal, proposal_of
from scoring.agreement.reviews import set_review
from scoring.agreement.sides import PUBLISH
from scoring.agreement.signing import Signature
from scoring.agreement.told import tell, told_who_care, who_bring_live
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.models import Recompute
from scoring.engine.pilots.models import Pilot
from scoring.engine.publish import publish

logger = logging.getLogger(__name__)

LONGEST_AHEAD: Final = timedelta(days=366)
RECOMPUTE: Final = "recompute"


def live_version(model: ScoringModel) -> Version | None:
    return Version.objects.live().filter(model=model).select_related("model").first()


def is_earlier(version: Version) -> bool:
    """Whether this is one to go back to: it was live, or agreed upon and then superseded."""
    if version.state != Version.State.RETIRED:
        return False
    return has_been_live(version) or proposal_of(version) is not None


class BringLive(Change[GoingLive]):
    """``former``: the id of the live version that the page showed, 0 where there was none.

    ``due_at``: when; None is now. ``confirmed``: how many crossings may be handed over, where
    it is ``loud``; more than that stay held back, and are told of.
    """

    permission = PUBLISH

    def __init__(
        self,
        user: object,
        version: Version,
        *,
        former: int,
        reason: str = "",
        due_at: datetime | None = None,
        loud: bool = False,
        confirmed: int | None = None,
    ) -> None:
        super().__init__(user, version.model)  # type: ignore[arg-type]  # of any request
        self.version = version
        self.former = former
        self.reason = reason.strip()
        self.due_at = due_at
        self.loud = loud
        self.confirmed = confirmed if loud else None

    def obstacles(self) -> list[str]:
        """What stands in the way, whatever would be chosen on the page."""
        version = self.version
        # It may have been live and gone since it was read, before the model was locked.
        version.refresh_from_db(fields=["state"])
        if version.state == Version.State.LIVE:
            return [_("This version is live already.")]
        if version.state == Version.State.PROPOSED:
            return [_("Both sides must sign it first.")]
        if version.state != Version.State.AGREED and not is_earlier(version):
            return [_("Only a version that both sides have signed can go live.")]
        planned = planned_for(self.model)
        if planned and planned.version_id != version.pk:
            other = {"number": planned.version.number}
            told = _("Version %(number)d is to go live at a set time; take that back first.")
            return [told % other]
        return [told] if (told := pilot_of_another(version)) else []

    def check(self) -> list[str]:
        found = self.obstacles()
        live = live_version(self.model)
        if (live.pk if live else 0) != self.former and not found:
            number = {"number": live.number if live else 0}
            found.append(
                _("Meanwhile version %(number)d went live. Look at the differences again.") % number
            )
        if self.goes_back() and not self.reason:
            found.append(_("Write why you go back: both sides will read it."))
        if len(self.reason) > REASON_MOST or "\0" in self.reason:
            found.append(_("At most %(most)d characters, please.") % {"most": REASON_MOST})
        if self.due_at:
            found += self.wrong_time(self.due_at)
        if self.loud and self.confirmed is None:
            found.append(_("Confirm how many leads the automations may act on."))
        return found

    def wrong_time(self, due_at: datetime) -> list[str]:
        now = timezone.now()
        if planned_for(self.model):
            return [_("A time is set already; take that back first.")]
        if due_at <= now:
            return [_("The time must be in the future.")]
        if due_at > now + LONGEST_AHEAD:
            return [_("The time must be within a year.")]
        return []

    def goes_back(self) -> bool:
        return self.version.state == Version.State.RETIRED

    def execute(self) -> GoingLive:
        try:
            return super().execute()
        except Failed as failed:
            fail(self.going(GoingLive.State.FAILED), str(failed))
            raise Refused([str(failed)]) from failed

    def going(self, state: str) -> GoingLive:
        return GoingLive(
            model=self.model,
            version=self.version,
            former_id=self.former or None,
            state=state,
            goes_back=self.goes_back(),
            reason=self.reason,
            loud=self.loud,
            confirmed=self.confirmed,
            due_at=self.due_at or timezone.now(),
            user=self.user,
            username=self.user.get_username(),
        )

    def do(self) -> GoingLive:
        if self.due_at is None:
            # It need not wait for its time any more.
            take_back_plans(self.user, self.version)
            return carry_out(self.going(GoingLive.State.WAITING))
        going = self.going(GoingLive.State.WAITING)
        going.save()
        AuditEntry.objects.note(
            self.user, self.model, Action.SCHEDULED, self.version, due=self.due_at.isoformat()
        )
        tell(
            told_who_care(self.version, but=self.user),
            f"planned:{going.pk}",
            self.version,
            gettext_lazy("Version %(number)d of “%(model)s” is to go live at a set time"),
            self.reason,
        )
        return going


class TakeBackPlan(Change[None]):
    permission = PUBLISH

    def check(self) -> list[str]:
        return [] if planned_for(self.model) else [_("No time is set any more.")]

    def do(self) -> None:
        planned = planned_for(self.model)
        if planned:
            take_back_plans(self.user, planned.version)


class Failed(Exception):
    """A version could not be brought live; everything is as it was."""


def carry_out(going: GoingLive) -> GoingLive:
    """Publish, in the caller's transaction, with the model locked. Raises Failed."""
    version = Version.objects.select_related("model").get(pk=going.version_id)
    try:
        with transaction.atomic():
            recompute = publish(version)
    except OperationalError:
        raise
    except Exception as error:
        logger.exception("Version %s could not go live.", version)
        said = _("The version could not be computed, so nothing was changed; the log says why.")
        raise Failed(said) from error
    going.state = GoingLive.State.DONE
    going.done_at = recompute.started_at
    going.recompute = recompute
    going.save()
    note_live(going, version)
    wake(RECOMPUTE)
    return going


def note_live(going: GoingLive, version: Version) -> None:
    proposal = proposal_of(version)
    if proposal and proposal.review_on and not going.goes_back:
        set_review(version.model, proposal.review_on)
    AuditEntry.objects.note(
        going.user,
        version.model,
        Action.ROLLED_BACK if going.goes_back else Action.WENT_LIVE,
        version,
        hash=version.hash,
        **({"from": going.former.number} if going.former else {}),
        **({"confirmed": going.confirmed} if going.loud else {}),
        **({"text": going.reason} if going.reason else {}),
    )
    back = gettext_lazy("“%(model)s” has gone back to version %(number)d")
    people = {each.pk: each for each in [*told_who_care(version), *who_bring_live()]}
    tell(
        [people[pk] for pk in sorted(people) if pk != going.user_id],
        f"live:{going.pk}",
        version,
        back if going.goes_back else gettext_lazy("Version %(number)d of “%(model)s” is live"),
        going.reason,
    )


def fail(going: GoingLive, why: str) -> None:
    """It says so, and the version stays as it was: an agreed one agreed."""
    with transaction.atomic():
        going.state = GoingLive.State.FAILED
        going.failure = why
        going.done_at = timezone.now()
        going.save()
        AuditEntry.objects.note(going.user, going.model, Action.FAILED, going.version, text=why)
        tell(
            who_bring_live(),
            f"failed:{going.pk}",
            going.version,
            gettext_lazy("Version %(number)d of “%(model)s” could not go live"),
            why,
        )


def bring_live_what_is_due() -> int:
    """Bring the versions live whose time has come; how many were tried."""
    due = GoingLive.objects.waiting().filter(due_at__lte=timezone.now())
    return sum(bring_due(pk) for pk in due.values_list("pk", flat=True))


def bring_due(pk: int) -> int:
    going = GoingLive.objects.filter(pk=pk).first()
    if going is None:
        return 0
    try:
        with transaction.atomic():
            lock_model(going.model_id)
            going = GoingLive.objects.waiting().filter(pk=pk).first()
            if going is None:
                # Another worker was first, or somebody has taken it back.
                return 0
            if why := why_not(going):
                raise Failed(why)
            carry_out(going)
    except Failed as failed:
        if going is not None:
            fail(going, str(failed))
    return 1


def why_not(going: GoingLive) -> str:
    """What has changed since the time was set."""
    user = going.user if going.user and going.user.is_active else None
    if user is None or not user.has_perm(PUBLISH):
        who = {"who": going.username}
        return _("%(who)s, who set the time, may not bring versions live any more.") % who
    version = Version.objects.get(pk=going.version_id)
    if version.state != Version.State.AGREED and not is_earlier(version):
        return _("The version is not agreed any more.")
    live = live_version(version.model)
    if (live.pk if live else None) != going.former_id:
        return _("Another version went live meanwhile, and the differences are others now.")
    return pilot_of_another(version)


def pilot_of_another(version: Version) -> str:
    """That one of another version of the model is running; empty where none is."""
    running = Pilot.objects.filter(model=version.model_id, state=Pilot.State.RUNNING)
    other = running.exclude(version=version).select_related("version").first()
    if other is None:
        return ""
    told = _("A pilot of version %(number)d is running: stop it first.")
    return told % {"number": other.version.number}


def publish_unsigned(
    version: Version, command: str, as_of: datetime | None = None, user: User | None = None
) -> Recompute:
    """Bring a version live by a command: an operator's way, which asks for no signatures.

    It is noted as such. A proposal of it that was not agreed yet has come to its end.
    """
    with transaction.atomic():
        former = live_version(version.model)
        recompute = publish(version, as_of)
        unsigned = Proposal.objects.standing().filter(version=version, agreed_at=None)
        signatures = Signature.objects.filter(proposal__in=unsigned, void_at=None)
        now = timezone.now()
        signatures.update(void_at=now, void_reason=Signature.Void.WITHDRAWN)
        unsigned.update(withdrawn_at=now)
        take_back_plans(user, version)
        GoingLive.objects.create(
            model=version.model,
            version=version,
            former=former,
            state=GoingLive.State.DONE,
            by_command=command,
            due_at=recompute.started_at,
            done_at=recompute.started_at,
            user=user,
            username=name_of(user) if user else "",
            recompute=recompute,
        )
        AuditEntry.objects.note(
            user, version.model, Action.COMMANDED, version, command=command, hash=version.hash
        )
    return recompute
