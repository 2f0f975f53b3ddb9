"""People move cards: a deal into another stage, a lead that was handed over into its first deal.

Whoever moves a card says where they saw it. Where somebody else was faster, nothing is changed,
and the answer says who it was and where the card stands now.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Contact, Deal, Stage
from contacts.models.teams import name_of
from scoring.pipeline.feedback.models import Handover

SOURCE: Final = "board"
REASON_MOST: Final = 255


class NotPossible(Exception):
    """The card cannot be moved so; the message says why, in words."""


class Gone(Exception):
    """The card is not there any more, or not for this person: the two are told alike."""

    def __init__(self) -> None:
        super().__init__(
            _("This card is not here any more: it was removed, or belongs to somebody else now.")
        )


@dataclass(frozen=True, slots=True)
class Moved:
    """``deal`` as it is stored now; ``before``: what takes the move back."""

    deal: Deal
    message: str
    before: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MoveDeal:
    """``seen``: the id of the stage in which the person saw the deal.

    ``reason``: the customer's; None leaves what is stored. A lost deal needs one.
    """

    pk: int
    stage: Stage
    seen: int
    user: User
    reason: str | None = None

    def check(self, deal: Deal) -> None:
        """Raises NotPossible."""
        if deal.stage.pipeline_id != self.stage.pipeline_id:
            raise NotPossible(_("This stage belongs to another pipeline."))
        check_reason(self.stage, self.reason, deal.reason)
        if deal.stage_id not in (self.seen, self.stage.pk):
            raise NotPossible(met_by_another(deal, self.user))

    def execute(self) -> Moved:
        """Raises PermissionDenied, Gone or NotPossible, and changes nothing then."""
        if not self.user.has_perm("contacts.change_deal"):
            raise PermissionDenied
        with transaction.atomic():
            deal = self.locked()
            self.check(deal)
            facts = {"deal": deal.name, "stage": self.stage.name}
            if deal.stage_id == self.stage.pk:
                # A double click, or somebody else had the same thought.
                return Moved(deal, _("“%(deal)s” is in “%(stage)s” already.") % facts)
            before, reason = deal.stage_id, deal.reason
            deal.move_to(self.stage, timezone.now(), self.reason)
            note(self.user, deal, CHANGE, moved_to(self.stage))
        return Moved(deal, _("“%(deal)s” is in “%(stage)s” now.") % facts, before, reason)

    def locked(self) -> Deal:
        # Without a join to the stage: a row that was waited for is compared with its former stage
        # there, and not found once somebody has moved it.
        rows = Deal.objects.visible_to(self.user).select_for_update()
        found = rows.filter(pk=self.pk).first()
        if found is None:
            raise Gone
        return found


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """The first deal of a lead that was handed over, in the stage into which it is moved."""

    pk: int
    stage: Stage
    user: User
    reason: str | None = None

    def check(self, handover: Handover) -> None:
        """Raises NotPossible."""
        check_reason(self.stage, self.reason, "")
        deals = Deal.objects.open_in(self.stage.pipeline_id).select_related("stage")
        other = deals.filter(contact=handover.contact_id).exclude(**key_of(handover)).first()
        if other is not None:
            raise NotPossible(met_by_another(other, self.user))
        if not handover.is_waiting and handover.verdict == "rejected":
            who = name_of(handover.answered_by) if handover.answered_by else _("Somebody")
            raise NotPossible(_("%(who)s has rejected this lead meanwhile.") % {"who": who})

    def execute(self) -> Moved:
        """Raises PermissionDenied, Gone or NotPossible, and changes nothing then."""
        if not self.user.has_perm("contacts.add_deal"):
            raise PermissionDenied
        with transaction.atomic():
            handover = self.locked()
            self.check(handover)
            contact: Contact = handover.contact
            deal, is_new = Deal.objects.open_once(
                (SOURCE, key_of(handover)["external_id"]),
                contact,
                self.stage,
                timezone.now(),
                name=(contact.full_name or contact.email)[:255],
                owner=contact.owner or self.user.get_username(),
                reason=self.reason or "",
            )
            facts = {"deal": deal.name, "stage": deal.stage.name}
            if not is_new:
                if deal.stage_id == self.stage.pk:
                    return Moved(deal, _("“%(deal)s” is in “%(stage)s” already.") % facts)
                raise NotPossible(met_by_another(deal, self.user))
            note(self.user, deal, ADDITION, [{"added": {}}])
        said = _("A deal for “%(deal)s” is open in “%(stage)s”.") % facts
        return Moved(deal, said, self.first_column())

    def first_column(self) -> int | None:
        """Where the lead stood; taken back, it stands there with its deal."""
        stages = Stage.objects.filter(pipeline=self.stage.pipeline_id, outcome=Stage.Outcome.OPEN)
        first = stages.order_by("position", "pk").first()
        return first.pk if first and first != self.stage else None

    def locked(self) -> Handover:
        """With its contact first, as whoever answers about the lead or merges it does."""
        contact = Handover.objects.filter(pk=self.pk).values("contact")
        contacts = Contact.objects.filter(pk__in=contact).select_for_update(no_key=True)
        list(contacts.values_list("pk"))
        rows = Handover.objects.visible_to(self.user).select_for_update(of=("self",))
        found = rows.select_related("contact").filter(pk=self.pk).first()
        if found is None:
            raise Gone
        return found


def key_of(handover: Handover) -> dict[str, str]:
    return {"source": SOURCE, "external_id": f"handover-{handover.pk}"}


def check_reason(stage: Stage, reason: str | None, stored: str) -> None:
    """Raises NotPossible: what is lost without a reason teaches nobody anything."""
    given = stored if reason is None else reason.strip()
    if stage.outcome == Stage.Outcome.LOST and not given:
        raise NotPossible(_("Say why the customer did not buy."))
    if len(given) > REASON_MOST:
        raise NotPossible(_("At most %(most)d characters.") % {"most": REASON_MOST})


def moved_to(stage: Stage) -> list[dict[str, Any]]:
    """As the history of the admin writes it, and with the id by which to tell it again."""
    facts = {"name": "stage", "object": stage.name, "fields": ["stage"], "stage": stage.pk}
    return [{"changed": facts}]


def note(user: User, deal: Deal, flag: int, message: list[dict[str, Any]]) -> None:
    LogEntry.objects.log_actions(user.pk, [deal], flag, message, single_object=True)


def met_by_another(deal: Deal, user: User) -> str:
    """Where the deal stands now, and who has put it there, where that is known."""
    facts = {"deal": deal.name, "stage": deal.stage.name}
    if (entry := last_move(deal)) is None:
        return _("“%(deal)s” was moved meanwhile: it is in “%(stage)s” now.") % facts
    facts["who"] = name_of(entry.user)
    if entry.user_id == user.pk:
        return _("You have moved “%(deal)s” meanwhile: it is in “%(stage)s” now.") % facts
    return _("%(who)s has moved “%(deal)s” meanwhile: it is in “%(stage)s” now.") % facts


def last_move(deal: Deal) -> LogEntry | None:
    """The last line of its history, if that is how it came to where it stands."""
    entries = LogEntry.objects.filter(
        content_type__app_label="contacts", content_type__model="deal", object_id=str(deal.pk)
    )
    entry = entries.select_related("user").order_by("-action_time", "-pk").first()
    if entry is None:
        return None
    if entry.action_flag == ADDITION:
        return entry
    try:
        lines = json.loads(entry.change_message)
    except ValueError:
        return None
    changed = [line.get("changed", {}) for line in lines if isinstance(line, dict)]
    is_it = any(each.get("stage") == deal.stage_id for each in changed)
    return entry if is_it else None
