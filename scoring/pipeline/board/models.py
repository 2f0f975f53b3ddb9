"""Filters of the board that somebody keeps under a name."""

from collections.abc import Mapping
from typing import ClassVar, Final

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from leadscoring.saved.models import QUERY_MOST, Saved, SavedQuerySet

# In the address of the board, that no filters are wanted.
EVERYTHING: Final = "all"


class SavedViewQuerySet(SavedQuerySet["SavedView"]):
    """What they find is asked for whoever looks."""


class SavedView(Saved):
    """The filters of an address of the board, under a name; others use it where it is shared."""

    KEEPER: ClassVar[str] = "contacts.change_pipeline"

    # The board without filters has an empty one.
    query = models.CharField(max_length=QUERY_MOST, blank=True, default="")

    objects = SavedViewQuerySet.as_manager()

    class Meta(Saved.Meta):
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

    @property
    def address(self) -> str:
        return f"{reverse('admin:pipeline_board')}?{self.query or EVERYTHING}"

    @property
    def urls(self) -> Mapping[str, str]:
        deeds = ("begin", "forget", "rename", "delete")
        return {deed: reverse("admin:pipeline_board_view", args=[self.pk, deed]) for deed in deeds}
