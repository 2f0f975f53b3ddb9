"""Filters of the board that somebody keeps under a name."""

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

NAME_MOST = 100
QUERY_MOST = 2000


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """One's own and those that are shared; what they find is asked for whoever looks."""
        return self.filter(models.Q(author=user.pk) | models.Q(is_shared=True))

    def default_of(self, user: "AbstractBaseUser | AnonymousUser") -> "SavedView | None":
        return self.visible_to(user).filter(begins_for=user.pk).first()


class SavedView(models.Model):
    """The filters of an address of the board, under a name; others use it where it is shared."""

    name = models.CharField(_("name"), max_length=NAME_MOST)
    query = models.CharField(max_length=QUERY_MOST, blank=True, default="")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="board_views",
        verbose_name=_("saved by"),
    )
    is_shared = models.BooleanField(_("shared with the team"), default=False)
    # Whoever begins with it when they open the board.
    begins_for: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+"
    )

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        default_permissions = ()
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(
                fields=["author", "name"],
                name="saved_view_once",
                violation_error_message=_("You have a view of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def begin_with(self, user: "AbstractBaseUser") -> None:
        """From now on this person's board opens with this view."""
        with transaction.atomic():
            for former in SavedView.objects.filter(begins_for=user.pk):
                former.begins_for.remove(user.pk)
            self.begins_for.add(user.pk)
