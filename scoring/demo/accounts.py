"""A user of each role, to look at the demo with."""

import secrets
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import Group, User
from django.db import transaction

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER

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
