"""A salesperson takes a lead that nobody owns, or gives one back: of two at once one wins."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contacts.models import Assignment, Contact, Task
from contacts.models.assignments import DETAIL_MOST, How, Why, assigned
from contacts.models.people import ContactQuerySet
from contacts.models.teams import Member, name_of, person_for_owner, room_of
from contacts.normalise import normalise
from contacts.provenance import recorded_as

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

CLAIM: Final = "contacts.claim_lead"
LATELY: Final = timedelta(hours=1)


class NotPossible(Exception):
    """The lead cannot be taken or given back now; the message says to a person why."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """``is_new``: False where it was this person's already; ``tasks``: how many became theirs."""

    contact: Contact
    is_new: bool
    tasks: int

    @property
    def message(self) -> str:
        facts = {"lead": self.contact.full_name or self.contact.email}
        if self.is_new:
            return _("“%(lead)s” is yours now.") % facts
        return _("“%(lead)s” is yours already.") % facts


def may_claim(user: "User | AbstractBaseUser | AnonymousUser") -> bool:
    """The one rule of who takes leads from the pool and gives them back."""
    return cast(User, user).has_perm(CLAIM)


class Claim:
    """One person takes one lead from the pool, with nobody's open tasks about it.

    ``check`` looks and changes nothing: it is for buttons. ``execute`` asks again with the
    contact locked, so that of two people at once the second is told who was faster. Whoever
    claims twice is told that the lead is theirs.
    """

    def __init__(self, contact: Contact, user: "User | AbstractBaseUser | AnonymousUser") -> None:
        self.contact = contact
        self.user = cast(User, user)

    def may(self) -> bool:
        """Whether it is for this person at all."""
        return may_claim(self.user)

    def check(self) -> list[str]:
        """Why the lead cannot be taken now, in words; empty where it can."""
        owner = self.contact.owner
        if normalise(owner):
            return [] if self.is_own else [who_was_faster(self.contact)]
        return self.full()

    def full(self) -> list[str]:
        if room_of(self.user, timezone.now()) != 0:
            return []
        facts = {"limit": Member.objects.limit_of(self.user.pk)}
        told = _("You have taken on your %(limit)s new leads of today: that is the limit.")
        return [told % facts]

    @property
    def is_own(self) -> bool:
        return normalise(self.contact.owner) == normalise(self.user.get_username())

    def execute(self) -> Claimed:
        """Raises PermissionDenied, Contact.DoesNotExist or NotPossible, and changes nothing then.

        Contact.DoesNotExist: it was removed meanwhile. A page takes the contact from
        ``within_reach``, for whoever is a moment too late does not see it any more.
        """
        if not self.may():
            raise PermissionDenied
        with transaction.atomic():
            rows = Contact.objects.select_for_update(no_key=True)
            self.contact = rows.get(pk=self.contact.pk)
            # Two claims of one person of different leads must not both pass the limit.
            own = Member.objects.select_for_update().filter(user=self.user.pk)
            list(own.order_by("pk").values_list("pk"))
            if reasons := self.check():
                raise NotPossible(" ".join(reasons))
            is_new = not self.is_own
            if is_new:
                why = Why(How.CLAIM, by=self.user.pk)
                give(self.contact, self.user.get_username(), why, self.user)
            tasks = Task.objects.filter(contact=self.contact.pk).take(self.user) if is_new else 0
        return Claimed(self.contact, is_new, tasks)


class GiveBack:
    """A person gives a lead of theirs back to the pool, with the reason."""

    def __init__(
        self, contact: Contact, user: "User | AbstractBaseUser | AnonymousUser", reason: str
    ) -> None:
        self.contact = contact
        self.user = cast(User, user)
        self.reason = reason.replace("\0", "").strip()

    def may(self) -> bool:
        return may_claim(self.user)

    def check(self) -> list[str]:
        """Only one's own: what is of others is handed over by those who may."""
        if not normalise(self.contact.owner):
            return [_("This lead is in the pool already.")]
        if normalise(self.contact.owner) != normalise(self.user.get_username()):
            return [who_was_faster(self.contact)]
        if not self.reason:
            return [_("Say why: whoever takes it next reads your reason.")]
        if len(self.reason) > DETAIL_MOST:
            return [_("At most %(most)d characters.") % {"most": DETAIL_MOST}]
        return []

    def execute(self) -> Contact:
        """Raises PermissionDenied, Contact.DoesNotExist or NotPossible."""
        if not self.may():
            raise PermissionDenied
        with transaction.atomic():
            rows = Contact.objects.select_for_update(no_key=True)
            self.contact = rows.get(pk=self.contact.pk)
            if reasons := self.check():
                raise NotPossible(" ".join(reasons))
            give(self.contact, "", Why(How.RETURN, self.reason, by=self.user.pk), self.user)
            own = Task.objects.filter(contact=self.contact.pk, assignee=self.user.pk)
            own.open().update(assignee=None)
        return self.contact


def give(contact: Contact, owner: str, why: Why, user: User) -> None:
    """Store the new owner with history and the line of how it came; the contact is locked."""
    with recorded_as(f"admin: {user.get_username()}"), assigned(why):
        contact.owner = owner
        contact.save(update_fields=["owner"])


def within_reach(user: "User | AbstractBaseUser | AnonymousUser") -> ContactQuerySet:
    """Whom this person may ask for: whom they see, and who was in the pool until lately.

    Who is a moment too late has seen the lead there, and is told who has it.
    """
    lately = Assignment.objects.filter(before="", at__gte=timezone.now() - LATELY)
    seen = Contact.objects.visible_to(user)
    if not cast(User, user).has_perm("contacts.view_contact"):
        return seen
    left = Contact.objects.filter(pk__in=lately.values("contact"))
    return Contact.objects.filter(Q(pk__in=seen.values("pk")) | Q(pk__in=left.values("pk")))


def who_was_faster(contact: Contact) -> str:
    """Who has the lead, and since when where that is known."""
    person = person_for_owner(contact.owner)
    facts = {"name": name_of(person) if person else contact.owner, "when": ""}
    latest = Assignment.objects.filter(contact=contact.pk, owner_norm=contact.owner_norm).first()
    if latest is None:
        return _("%(name)s has this lead.") % facts
    facts["when"] = shown(latest.at)
    if latest.how == How.CLAIM:
        return _("%(name)s was faster: this lead was taken at %(when)s.") % facts
    return _("%(name)s has had this lead since %(when)s.") % facts


def shown(at: datetime) -> str:
    here = timezone.localtime(at)
    return date_format(
        here, "TIME_FORMAT" if here.date() == timezone.localdate() else "DATETIME_FORMAT"
    )
