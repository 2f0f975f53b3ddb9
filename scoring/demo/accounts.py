"""A user of each role, to look at the demo with."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models.deletion import Collector
from django.utils.translation import gettext as _

from contacts.models import CalendarAddress, Contact, Deal, Member, Preferences
from contacts.normalise import normalise
from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER
from scoring.agreement.audit import AuditEntry
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import Notification, OwnerCard
from scoring.pipeline.calls.models import CallCapacity

ACCOUNTS: Final = (
    ("marta", "Marta", MARKETING),
    ("saul", "Saul", SALES),
    ("mona", "Mona", SALES_MANAGER),
    ("ada", "Ada", ADMINISTRATOR),
)


@dataclass(frozen=True, slots=True)
class Account:
    """``password`` is None where the user has kept an earlier one."""

    name: str
    role: str
    password: str | None


def make_accounts(*, reset: bool = False) -> list[Account]:
    """See to it that the four users are there; new passwords for new ones, or for all."""
    return [make(*account, reset=reset) for account in ACCOUNTS]


def make(name: str, first_name: str, role: str, *, reset: bool) -> Account:
    """One user. Somebody of that name who is not the demo's keeps everything as it is."""
    with transaction.atomic():
        user, new = User.objects.get_or_create(
            username=name,
            defaults={
                "first_name": first_name,
                "email": f"{name}@lumbre.example",
                "is_staff": True,
            },
        )
        ours = user.email == f"{name}@lumbre.example"
        if not new and not (reset and ours):
            return Account(name, role, None)
        password = secrets.token_urlsafe(9)
        user.set_password(password)
        user.save(update_fields=["password"])
        user.groups.add(Group.objects.get(name=role))
    return Account(name, role, password)


# What is a person's own and nobody misses; the trail keeps the name by itself.
OWN: Final = (User, Member, OwnerCard, Notification, Preferences, CalendarAddress, CallCapacity)
KNOWN: Final = frozenset({*OWN, LogEntry, AuditEntry})


def remove_accounts() -> Iterator[str]:
    """The four users, with messages to them; whoever stays, and why, in words."""
    for name, first_name, role in ACCOUNTS:
        address = f"{name}@lumbre.example"
        for user in User.objects.filter(username=name, email=address):
            if (user.first_name, user.last_name, *roles_of(user)) != (first_name, "", role):
                yield _("user “%(name)s”: changed since") % {"name": name}
            elif what := needed_by(user):
                facts = {"name": name, "what": ", ".join(what)}
                yield _("user “%(name)s”: needed by %(what)s") % facts
            else:
                with transaction.atomic():
                    Message.objects.filter(contact=None, recipient__in=[name, address]).delete()
                    user.delete()


def roles_of(user: User) -> list[str]:
    """By name; somebody who was made a superuser has one more."""
    extra = ["superuser"] if user.is_superuser or user.user_permissions.exists() else []
    return [*user.groups.order_by("name").values_list("name", flat=True), *extra]


def needed_by(user: User) -> list[str]:
    """What would go along or lose its person."""
    collector = Collector(using=DEFAULT_DB_ALIAS, origin=user)
    collector.collect([user])
    going: set[Any] = {rows.model for rows in collector.fast_deletes if rows.exists()}
    updates: Any = collector.field_updates
    losing = {field.model for (field, _null), some in updates.items() if any(map(len, some))}
    touched = going | losing | set(collector.data)
    found = {each for each in touched - KNOWN if not each._meta.auto_created}
    own = normalise(user.username)
    found |= {model for model in (Contact, Deal) if model.objects.filter(owner_norm=own).exists()}
    return sorted(str(model._meta.verbose_name_plural) for model in found)
