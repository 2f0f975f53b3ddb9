"""The address of a page under a name; each kind of page has a table of its own."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

NAME_MOST: Final = 100
QUERY_MOST: Final = 2000

Row = TypeVar("Row", bound="Saved")


class SavedQuerySet(models.QuerySet[Row]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """One's own and those that are shared; the page itself is another question."""
        return self.filter(models.Q(author=user.pk) | models.Q(is_shared=True))

    def default_of(self, user: "AbstractBaseUser | AnonymousUser") -> Row | None:
        return self.visible_to(user).filter(begins_for=user.pk).first()


class Saved(models.Model):
    """Its author's; others use it where it is shared, and see what they may see."""

    # Whoever has it changes the shared ones of others too.
    KEEPER: ClassVar[str]

    name = models.CharField(_("name"), max_length=NAME_MOST)
    query = models.CharField(max_length=QUERY_MOST)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("saved by"),
    )
    is_shared = models.BooleanField(_("shared"), default=False)
    # For whom the page opens with it.
    begins_for: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+"
    )

    class Meta:
        abstract = True
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Where it opens."""
        raise NotImplementedError

    @property
    def urls(self) -> Mapping[str, str]:
        """Where each deed is done; ``delete_asks``: the page that asks first, if there is one."""
        raise NotImplementedError

    def siblings(self) -> "models.QuerySet[Any]":
        """Those of the same page, with this one."""
        return type(self)._default_manager.all()

    def is_taken(self) -> bool:
        """Whether its author has another one of its name."""
        others = self.siblings().filter(author=self.author_id).exclude(pk=self.pk)
        return others.filter(name=self.name).exists()

    def may_be_changed_by(self, user: Any) -> bool:
        """Its author does and, of the shared ones, whoever looks after them."""
        is_own = bool(self.author_id == user.pk)
        return is_own or (self.is_shared and bool(user.has_perm(self.KEEPER)))

    def begin_with(self, user: Any) -> None:
        """From now on the page opens with it for this person."""
        with transaction.atomic():
            for former in self.siblings().filter(begins_for=user.pk):
                former.begins_for.remove(user.pk)
            self.begins_for.add(user.pk)

    def begin_without(self, user: Any) -> None:
        self.begins_for.remove(user.pk)
