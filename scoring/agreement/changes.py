"""A change of state is an action: it says why it cannot be done now, or does it, all or nothing."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from scoring.criteria.models import ScoringModel

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

Done = TypeVar("Done")


class Refused(Exception):
    """Something cannot be done now; ``reasons`` are sentences for whoever tried."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def lock_model(model_id: int) -> None:
    """One lock for everything that is done to a model, until the transaction ends.

    Not for its key: whoever has a draft locked may still write rows that refer to the model,
    as the audit trail does. Otherwise the two would wait for each other.
    """
    rows = ScoringModel.objects.select_for_update(no_key=True).filter(pk=model_id)
    list(rows.values_list("pk"))


class Change(ABC, Generic[Done]):
    """Something that a person does to a model, once.

    ``check`` looks and changes nothing: it disables buttons, and ``execute`` asks it again with
    the model locked, so of two people who do the same at once the second is told.
    """

    permission: ClassVar[str] = ""

    def __init__(
        self, user: "User | AbstractBaseUser | AnonymousUser", model: ScoringModel
    ) -> None:
        self.user = cast(User, user)
        self.model = model

    def may(self) -> bool:
        """Whether it is for this person at all."""
        return not self.permission or self.user.has_perm(self.permission)

    @abstractmethod
    def check(self) -> list[str]:
        """Why it cannot be done now, in words; empty where it can."""

    @abstractmethod
    def do(self) -> Done:
        """Do it, in the transaction that ``execute`` has begun."""

    def prepare(self) -> None:
        """What takes long and needs no lock; may raise Refused."""

    def execute(self) -> Done:
        """Raises Refused or PermissionDenied, and then has changed nothing."""
        if not self.may():
            raise PermissionDenied
        self.prepare()
        with transaction.atomic():
            lock_model(self.model.pk)
            if reasons := self.check():
                raise Refused(reasons)
            return self.do()
