"""Who hears that a handover waits: its owner while they are there, and the sales managers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db.models import Q

from contacts.models import Absence, Calendar, Member
from contacts.models.teams import person_for_owner
from contacts.normalise import normalise
from contacts.roles import ADMINISTRATOR, SALES_MANAGER
from scoring.pipeline.feedback.models import Handover

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


@dataclass(frozen=True, slots=True)
class People:
    """As things are now: the lead may have got another owner, who may be away or gone."""

    handover: Handover
    at: datetime

    def warned(self) -> list[User]:
        """The owner; without one who is there the rest of their team, or else the managers."""
        owner = self.owner
        if owner is not None and self.present([owner]):
            return [owner]
        mates = self.present(self.mates()) if owner else []
        return mates or self.managers()

    def managers(self) -> list[User]:
        """Of those who are there: the manager in the owner's team, all of them, administrators.

        Where nobody is there, whoever comes back first finds it.
        """
        all_of_them = self.in_role(SALES_MANAGER)
        mates = {user.pk for user in self.mates()}
        own = [user for user in all_of_them if user.pk in mates]
        administrators = self.in_role(ADMINISTRATOR)
        for group in (own, all_of_them, administrators):
            if there := self.present(group):
                return there
        return all_of_them or administrators

    @property
    def owner(self) -> User | None:
        """Who is deactivated is nobody's owner any more."""
        return person_for_owner(self.handover.contact.owner)

    def mates(self) -> list[User]:
        """Everybody active in a team of the owner."""
        if self.owner is None:
            return []
        teams = Member.objects.filter(user=self.owner).values("team")
        mates = User.objects.filter(is_active=True, memberships__team__in=teams)
        return list(mates.distinct().order_by("pk"))

    def present(self, people: Iterable[User]) -> list[User]:
        known = list(people)
        absent = Absence.objects.on(self.day).filter(user__in=known).values_list("user", flat=True)
        away = set(absent)
        return [user for user in known if user.pk not in away]

    @property
    def day(self) -> date:
        return (self.handover.calendar or Calendar.objects.default()).day_of(self.at)

    @staticmethod
    def in_role(role: str) -> list[User]:
        return list(User.objects.filter(is_active=True, groups__name=role).order_by("pk"))


def owned_by(user: "User | AbstractBaseUser | AnonymousUser") -> Q:
    """Handovers of leads whose owner this person is now."""
    return Q(contact__owner_norm=normalise(user.get_username()))
