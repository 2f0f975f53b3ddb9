"""Fields of contacts that a company adds."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomField(models.Model):
    """A field of contacts that this company added; its values live in ``Contact.attributes``."""

    class Type(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        BOOLEAN = "boolean", _("Yes or no")
        DATE = "date", _("Date")
        CHOICE = "choice", _("Choice")

    key = models.SlugField(
        _("key"),
        max_length=64,
        unique=True,
        help_text=_("Lower-case letters, digits and _, beginning with a letter."),
    )
    label = models.CharField(_("label"), max_length=200)
    type = models.CharField(_("type"), max_length=10, choices=Type.choices)
    choices = models.JSONField(_("choices"), default=list, blank=True)

    class Meta:
        ordering = ["label"]
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(key__regex=r"^[a-z][a-z0-9_]{0,63}$"), name="custom_field_key"
            )
        ]

    def __str__(self) -> str:
        return self.label
