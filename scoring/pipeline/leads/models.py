"""Texts that salespeople begin an e-mail to a lead with; bands by hand are in ``manual``."""

from typing import TYPE_CHECKING, Final, Self, cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Team
from scoring.automations.texts import LONGEST, validate_template
from scoring.pipeline.leads.manual import ManualBand

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin

__all__ = ["EmailTemplate", "ManualBand"]

SUBJECT_MOST: Final = 200


class EmailTemplateQuerySet(models.QuerySet["EmailTemplate"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """Everybody's and those of one's teams; all of them for those who write them."""
        known = cast("PermissionsMixin", user)
        if not known.has_perm("scoring.view_emailtemplate"):
            return self.none()
        if known.has_perm("scoring.change_emailtemplate"):
            return self
        teams = Team.objects.filter(members__user=user.pk)
        return self.filter(Q(team=None) | Q(team__in=teams))

    def for_language(self, code: str) -> Self:
        """Those in a contact's language first, then those that name none, then the others."""
        fits = models.Case(
            models.When(language=code, then=0), models.When(language="", then=1), default=2
        )
        return self.order_by(fits, "name")


class EmailTemplate(models.Model):
    """An e-mail with variables, to begin a letter to one lead with."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    subject = models.CharField(
        _("subject"), max_length=SUBJECT_MOST, validators=[validate_template]
    )
    text = models.TextField(
        _("text"),
        max_length=LONGEST,
        validators=[validate_template],
        help_text=_("Variables such as {{ contact.first_name | there }} are filled in."),
    )
    language = models.CharField(
        _("language"), max_length=10, blank=True, default="", choices=settings.LANGUAGES
    )
    team = models.ForeignKey(
        Team,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="email_templates",
        verbose_name=_("for the team"),
        help_text=_("Only its members may use it. Empty: everybody."),
    )

    objects = EmailTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("e-mail template")
        verbose_name_plural = _("e-mail templates")

    def __str__(self) -> str:
        return self.name
