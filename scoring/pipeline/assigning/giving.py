"""Leads are given to people by the rules, or handed over in bulk: chosen and stored under locks.

Locks are taken in one order: contacts by their ids, then teams, then what follows from them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from contacts.models import Assignment, Contact, Member, Task, Team
from contacts.models.assignments import How, Why, assigned
from contacts.models.teams import people_for_owners
from scoring.criteria.models import ScoringModel
from scoring.pipeline.assigning.choosing import Choice, Desk
from scoring.pipeline.assigning.rules import AssignmentRule


def lock_leads(ids: Iterable[int]) -> list[Contact]:
    rows = Contact.objects.filter(pk__in=list(ids)).order_by("pk")
    return list(rows.select_for_update(no_key=True))


def team_ids(model: ScoringModel | None) -> list[int]:
    """The teams among whom the rules of this model share out."""
    rules = AssignmentRule.objects.running(model).exclude(team=None)
    return sorted(set(rules.order_by().values_list("team_id", flat=True)))


def lock_teams(ids: Sequence[int]) -> None:
    teams: Any = Team.objects.filter(pk__in=ids)
    members: Any = Member.objects.filter(team__in=ids)
    for rows in (teams, members):
        list(rows.select_for_update().order_by("pk").values_list("pk"))


def choose_and_give(
    contacts: Sequence[Contact],
    desk: Desk,
    *,
    by: User | None = None,
    how: str = How.RULE,
    batch: UUID | None = None,
) -> list[Choice]:
    """By the rules, with the contacts and the teams locked."""
    choices = desk.choose([contact.pk for contact in contacts])
    store(contacts, choices, by=by, how=how, batch=batch)
    for member in desk.turns():
        Member.objects.filter(pk=member.pk).update(last_assigned_at=member.last_assigned_at)
    return choices


def store(
    contacts: Sequence[Contact],
    choices: Sequence[Choice],
    *,
    by: User | None,
    how: str,
    batch: UUID | None = None,
) -> None:
    """Write the owners that were chosen, those of one rule and person together."""
    owners = {contact.pk: contact.owner for contact in contacts}
    groups: dict[tuple[str, str, str], list[Choice]] = {}
    for choice in choices:
        is_kept = choice.rule is None and how == How.RULE
        if is_kept or owners[choice.contact_id] == choice.owner:
            continue
        named = choice.rule.name if choice.rule else ""
        absent = choice.instead_of.get_username() if choice.instead_of else ""
        groups.setdefault((named, choice.owner, absent), []).append(choice)
    for (named, owner, absent), same in groups.items():
        ids = [choice.contact_id for choice in same]
        set_owner(ids, owner, Why(how, named, by.pk if by else None, absent, batch))
        pass_tasks({pk: owners[pk] for pk in ids}, same[0].user, batch)


def set_owner(ids: Sequence[int], owner: str, why: Why) -> None:
    """With history and the line of how it came; the contacts are locked."""
    with assigned(why):
        Contact.objects.filter(pk__in=ids).update(owner=owner)


def pass_tasks(before: dict[int, str], user: User | None, batch: UUID | None) -> None:
    """Open tasks of nobody and of the former owner go along; which, is kept with the batch."""
    people = {owner: person_of(owner) for owner in set(before.values())}
    moved: dict[int, list[list[int | None]]] = {}
    for owner, former in people.items():
        ids = [pk for pk, name in before.items() if name == owner]
        tasks = Task.objects.open().filter(contact__in=ids)
        whose = tasks.filter(assignee=None)
        if former is not None:
            whose = whose | tasks.filter(assignee=former.pk)
        for pk, contact, assignee in whose.values_list("pk", "contact", "assignee"):
            moved.setdefault(contact, []).append([pk, assignee])
    found = [pair[0] for pairs in moved.values() for pair in pairs]
    Task.objects.filter(pk__in=found).update(assignee=user)
    if batch is None or not moved:
        return
    lines = list(Assignment.objects.filter(batch=batch, contact__in=list(moved)))
    for line in lines:
        line.tasks = moved[line.contact_id]
    Assignment.objects.bulk_update(lines, ["tasks"], batch_size=500)


def person_of(owner: str) -> User | None:
    """Who logs in, or once did, by this name."""
    return people_for_owners([owner], also_gone=True).get(owner)


def give_by_rules(
    contact_id: int, model: ScoringModel | None, at: datetime, *, always: bool
) -> Choice | str:
    """One lead; the name of who stays its owner where it has one. Once, under the locks."""
    with transaction.atomic():
        [contact] = lock_leads([contact_id])
        if contact.owner_norm and not always:
            return contact.owner
        lock_teams(team_ids(model))
        [choice] = choose_and_give([contact], Desk(model, at))
        return choice
