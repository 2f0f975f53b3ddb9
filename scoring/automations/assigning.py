"""Whom an automation may give something: people and teams, by the names in documents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from django.contrib.auth.models import User
from django.db.models import Model
from django.utils.translation import gettext as _

from contacts.models import Calendar, Team
from contacts.models.teams import is_away, name_of, person_for_owner
from scoring.criteria.models import ScoringModel

Choices = list[tuple[str, Any]]


def team_choices() -> Choices:
    names = Team.objects.values_list("name", flat=True)
    return [("", "---------"), *((name, name) for name in names)]


def person_choices() -> Choices:
    people = User.objects.filter(is_active=True, is_staff=True).order_by("username")
    return [("", "---------"), *((user.username, name_of(user)) for user in people)]


def team_named(name: str) -> Team | None:
    return Team.objects.select_related("calendar").filter(name=name).first() if name else None


def team_problems(name: str) -> list[str]:
    """In words, where a document names a team that is not there."""
    if not name or team_named(name):
        return []
    return [_("There is no team “%(name)s”.") % {"name": name}]


def person_problems(name: str) -> list[str]:
    if not name or person_for_owner(name):
        return []
    return [_("There is nobody who logs in as “%(name)s”.") % {"name": name}]


def rows_of(team: str) -> Sequence[tuple[type[Model], int]]:
    """The row that is locked while the team's next one is looked for."""
    found = team_named(team)
    return [(Team, found.pk)] if found else []


def present(user: User | None, calendar: Calendar, at: datetime) -> User | None:
    """The same person, or None where they are away on that day."""
    return None if user is None or is_away(user, calendar.day_of(at)) else user


class AssignmentRules(Protocol):
    """Who knows the assignment rules: a package above this one, which registers itself."""

    def needed_rows(self) -> Sequence[tuple[type[Model], int]]:
        """The rows that are locked while the rules look for somebody."""

    def give(self, contact_id: int, model: ScoringModel, at: datetime, *, always: bool) -> str:
        """Give the lead away in the open transaction, and say to whom and by which rule."""

    def stand_in(self, user: User, at: datetime) -> User | None:
        """This person, or who stands in where they are away; None where nobody does."""

    def problems(self) -> list[str]:
        """What keeps every rule from giving anything away, in words."""


RULES: list[AssignmentRules] = []


def register_rules(rules: AssignmentRules) -> None:
    RULES[:] = [rules]
