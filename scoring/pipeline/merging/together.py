"""What merging and undoing have in common: who may, the locks, and the scores afterwards."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar, cast

from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction

from contacts.models import Contact
from scoring.engine.locks import lock_contacts
from scoring.engine.models import Cause
from scoring.engine.refresh import Reason, refresh_each

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

T = TypeVar("T")
CHANGE: Final = "contacts.change_contact"
TRIES: Final = 3


class Refused(Exception):
    """It cannot be done now; ``reasons`` are sentences for whoever tried."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def may_merge(user: "User | AbstractBaseUser | AnonymousUser") -> bool:
    return cast(User, user).has_perm(CHANGE)


def in_one_transaction(do: Callable[[], T]) -> T:
    """Do it, and again where the database has chosen it to end a circle of waiting."""
    for _try in range(TRIES - 1):
        try:
            with transaction.atomic():
                return do()
        except OperationalError:
            if connection.in_atomic_block:
                raise
    with transaction.atomic():
        return do()


def lock_for_good(contact_ids: Sequence[int]) -> None:
    """These contacts for us alone, also against rows that would point to one of them.

    In the order of a refresh, whose locks come first: nobody computes a score meanwhile, and
    whoever stores an activity for one of them waits, and then finds whose it is.
    """
    chosen = sorted(contact_ids)
    lock_contacts(chosen)
    list(Contact.objects.filter(pk__in=chosen).order_by("pk").select_for_update().values_list("pk"))


def score_anew(contact_ids: Sequence[int], is_quiet: bool, as_of: datetime | None) -> None:
    reason = Reason(Cause.MERGE, quiet=is_quiet)
    refresh_each(dict.fromkeys(contact_ids, reason), as_of)
