"""Former addresses: each leads to the contact that the one who had it was merged into."""

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.on_merge import Move
from contacts.models.twins import EmailKey, TwinModel, TwinQuerySet
from contacts.normalise import email_key


class EmailAliasQuerySet(TwinQuerySet["EmailAlias"]):
    def of_addresses(self, addresses: Iterable[str]) -> Self:
        return self.filter(key__in={email_key(address) for address in addresses})


class EmailAlias(TwinModel):
    """An address that a merged contact had; an address is somebody's own or an alias, never both.

    Triggers of the database hold that (see ``one_address``).
    """

    contact = models.ForeignKey(
        "contacts.Contact",
        on_delete=models.CASCADE,
        related_name="aliases",
        verbose_name=_("contact"),
    )
    address = models.CharField(_("former address"), max_length=254)
    key = EmailKey("address", unique=True)
    since = models.DateTimeField(_("since"), auto_now_add=True)

    objects = EmailAliasQuerySet.as_manager()
    on_merge = Move()

    class Meta:
        ordering = ["key"]
        default_permissions = ()
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")

    def __str__(self) -> str:
        return self.address
