"""The two sides that sign, and who belongs to them: whoever has the permission."""

from typing import TYPE_CHECKING, Final, cast

from django.contrib.auth.models import User
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin


class Side(models.TextChoices):
    MARKETING = "marketing", _("Marketing")
    SALES = "sales", _("Sales")

    @property
    def permission(self) -> str:
        return f"scoring.sign_for_{self.value}"


PUBLISH: Final = "scoring.publish_version"
PROPOSE: Final = "scoring.propose_version"


def sides_of(user: "AbstractBaseUser | AnonymousUser") -> list[Side]:
    """The sides that a person may sign for; of each version only one of them."""
    allowed = cast("PermissionsMixin", user)
    return [side for side in Side if allowed.has_perm(side.permission)]


def people_with(*permissions: str) -> list[User]:
    """Everybody active who has one of these, each once."""
    found: dict[int, User] = {}
    for permission in permissions:
        for user in User.objects.with_perm(permission):
            found[user.pk] = user
    return [found[pk] for pk in sorted(found)]


def who_sign() -> list[User]:
    return people_with(*(side.permission for side in Side))
