"""A pilot is planned, started, stopped and discarded, each with its line in the audit trail."""

import logging
import secrets
from abc import abstractmethod
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.chores import wake
from contacts.models import Calendar
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.changes import Change, Refused
from scoring.agreement.planned import planned_for
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.pilots.models import Pilot
from scoring.engine.pilots.running import begin
from scoring.reports.pilots.forms import CANDIDATES, PlanForm

logger = logging.getLogger(__name__)

PERMISSION = "scoring.change_pilot"
VIEW = "scoring.view_pilot"
GONE = gettext_lazy("Somebody has discarded this plan meanwhile.")
# Of the form as they are stored.
GIVEN = ("strata", "measure", "days", "expected", "smallest")


class PlanPilot(Change[Pilot]):
    """The plan of a valid form, as a new pilot or in place of one that has not begun.

    A click that comes twice does it once.
    """

    permission = PERMISSION

    def __init__(self, user: Any, form: PlanForm, pilot: Pilot | None) -> None:
        super().__init__(user, form.model)
        self.form = form
        self.pilot = pilot

    def check(self) -> list[str]:
        """It may have been started, discarded or changed while the form was looked at."""
        if self.pilot is None:
            made = self.made()
            if made is None or self.is_kept_in(made):
                return []
            return [_("This form has made a plan already: change that one, or plan another pilot.")]
        if self.stored() is None:
            return [_("Meanwhile this pilot was started or discarded: its plan stays as it was.")]
        if self.is_overtaken():
            return [_("Somebody has changed this plan meanwhile. Look at it, and save again.")]
        return []

    def stored(self) -> Pilot | None:
        """What has not begun yet, as it is now."""
        planned = Pilot.objects.filter(state=Pilot.State.PLANNED)
        return planned.filter(pk=self.pilot.pk).first() if self.pilot else None

    def made(self) -> Pilot | None:
        """What this form has made, if it makes new ones and was sent before."""
        token = self.form.cleaned_data.get("token")
        return Pilot.objects.filter(token=token).first() if token else None

    def is_overtaken(self) -> bool:
        """Whether what is stored is neither what was on the screen nor what is typed there now."""
        stored = self.stored()
        if stored is None or stored.revision == self.form.looked_at:
            return False
        return not self.is_kept_in(stored)

    def is_kept_in(self, pilot: Pilot) -> bool:
        return pilot.is_stored_with(self.typed(), salespeople=self.people())

    def do(self) -> Pilot:
        if self.pilot is None:
            return self.made() or self.first()
        stored = self.stored()
        # A later one than was on the screen has, as the check found, what is typed there.
        if stored is not None and stored.revision != self.form.looked_at:
            return stored
        return self.changed(self.pilot)

    def first(self) -> Pilot:
        pilot = Pilot(model=self.model, created_by=self.user, salt=secrets.token_hex(16))
        pilot.token = self.form.cleaned_data["token"]
        for name, value in self.plan().items():
            setattr(pilot, name, value)
        made = pilot.insert(salespeople=self.people())
        self.note(Action.PILOT_PLANNED, made)
        return made

    def changed(self, pilot: Pilot) -> Pilot:
        plan = {**self.plan(), "revision": self.form.looked_at + 1}
        for name, value in plan.items():
            setattr(pilot, name, value)
        pilot.save(update_fields=[*plan])
        pilot.salespeople.set(self.people())
        self.note(Action.PILOT_REPLANNED, pilot)
        return pilot

    def note(self, action: Action, pilot: Pilot) -> None:
        AuditEntry.objects.note(self.user, self.model, action, pilot.version, pilot=pilot.pk)

    def people(self) -> list[User]:
        return [self.form.staff[pk] for pk in self.form.cleaned_data["people"]]

    def typed(self) -> dict[str, Any]:
        given = self.form.cleaned_data
        version = self.form.versions[given["version"]]
        return {"version": version, **{name: given[name] for name in GIVEN}}

    def plan(self) -> dict[str, Any]:
        """With what it comes to."""
        size = self.form.size
        if size is None:
            raise ValueError("The form is not valid.")
        return {**self.typed(), "per_arm": size.per_arm, "weeks": size.weeks}


class OfPilot(Change[None]):
    permission = PERMISSION

    def __init__(self, user: Any, pilot: Pilot) -> None:
        super().__init__(user, pilot.model)
        self.pilot = pilot

    def check(self) -> list[str]:
        """Of the pilot as it is now that the model is locked; the same object."""
        try:
            self.pilot.refresh_from_db()
        except Pilot.DoesNotExist:
            return [str(GONE)]
        return self.obstacles()

    @abstractmethod
    def obstacles(self) -> list[str]:
        """Why it cannot be done to a pilot that is there."""


class OfPlan(OfPilot):
    """``looked_at``: the revision of the plan that was on the screen; None where none is known."""

    # What is said of a plan that somebody has changed.
    overtaken: ClassVar[str | Promise]

    def __init__(self, user: Any, pilot: Pilot, looked_at: int | None = None) -> None:
        super().__init__(user, pilot)
        self.looked_at = looked_at

    def unseen(self) -> list[str]:
        """Nobody starts or discards what they have not seen."""
        if self.looked_at is None:
            return [_("It is not known which plan you looked at: look at it here, and try again.")]
        return [] if self.looked_at == self.pilot.revision else [str(self.overtaken)]


class StartPilot(OfPlan):
    overtaken = gettext_lazy(
        "Somebody has changed this plan meanwhile. Look at it before you start."
    )

    def obstacles(self) -> list[str]:
        pilot = self.pilot
        if pilot.state != Pilot.State.PLANNED:
            return [_("This pilot has begun already.")]
        found = self.unseen()
        if not Version.objects.live().filter(model=pilot.model_id).exists():
            found.append(_("No version of this model is live: there is nothing to compare with."))
        if pilot.version.state not in CANDIDATES:
            found.append(_("The candidate is live or retired by now; choose another version."))
        if Pilot.objects.under_way().filter(model=pilot.model_id).exists():
            found.append(_("Another pilot of this model is under way; it must end first."))
        planned = planned_for(self.model)
        if planned and planned.version_id != pilot.version_id:
            told = _("Version %(number)d is to go live at a set time; take that back first.")
            found.append(told % {"number": planned.version.number})
        if not pilot.salespeople.filter(is_active=True).exists():
            found.append(_("None of the chosen salespeople is here any more."))
        return found

    def do(self) -> None:
        try:
            begin(self.pilot, Calendar.objects.default().zone.key, timezone.now())
        except OperationalError:
            raise
        except Exception as error:
            logger.exception("The pilot %d could not begin.", self.pilot.pk)
            raise Refused([_("The candidate could not be computed; the log says why.")]) from error
        AuditEntry.objects.note(
            self.user, self.model, Action.PILOT_STARTED, self.pilot.version, pilot=self.pilot.pk
        )
        wake("recompute")


class StopPilot(OfPilot):
    def obstacles(self) -> list[str]:
        if self.pilot.state != Pilot.State.RUNNING:
            return [_("This pilot is not running.")]
        return []

    def do(self) -> None:
        self.pilot.end(Pilot.End.DROPPED, timezone.now(), self.user)
        AuditEntry.objects.note(
            self.user, self.model, Action.PILOT_STOPPED, self.pilot.version, pilot=self.pilot.pk
        )
        wake("pilots")


class DiscardPilot(OfPlan):
    overtaken = gettext_lazy(
        "Somebody has changed this plan meanwhile. Look at it before you discard it."
    )

    def obstacles(self) -> list[str]:
        if self.pilot.state != Pilot.State.PLANNED:
            return [_("A pilot that has begun is kept: stop it, if need be.")]
        return self.unseen()

    def do(self) -> None:
        AuditEntry.objects.note(
            self.user, self.model, Action.PILOT_DISCARDED, self.pilot.version, pilot=self.pilot.pk
        )
        self.pilot.delete()


def may_plan(user: Any, model: ScoringModel) -> bool:
    return bool(user.has_perm(PERMISSION)) and model.pk is not None
