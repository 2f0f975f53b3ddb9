"""Scoring models and their versions. A version is its document, and never changes."""

import json
from functools import lru_cache
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from scoring.criteria.document import ModelDocument, parse


class ScoringModel(models.Model):
    """A way of scoring, known by its name; what it says is in its versions."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("scoring model")
        verbose_name_plural = _("scoring models")

    def __str__(self) -> str:
        return self.name


class VersionQuerySet(models.QuerySet["Version"]):
    def freeze(self, model: ScoringModel, document: ModelDocument) -> "Version":
        """The version that says this: the one that is there, or the next one."""
        if found := self.filter(model=model, hash=document.hash).first():
            return found
        last = self.filter(model=model).aggregate(last=models.Max("number"))["last"] or 0
        return self.create(
            model=model,
            number=last + 1,
            document=document.canonical().decode(),
            hash=document.hash,
        )

    def live(self) -> Self:
        return self.filter(state=Version.State.LIVE)


class Version(models.Model):
    """One document of a model, frozen: its canonical JSON and the SHA-256 of it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PROPOSED = "proposed", _("Proposed")
        AGREED = "agreed", _("Agreed")
        LIVE = "live", _("Live")
        RETIRED = "retired", _("Retired")

    model = models.ForeignKey(
        ScoringModel, on_delete=models.CASCADE, related_name="versions", verbose_name=_("model")
    )
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    document = models.TextField(_("document"))
    hash = models.CharField(_("hash"), max_length=64)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["model", "-number"]
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="version_number"),
            models.UniqueConstraint(fields=["model", "hash"], name="version_once"),
            models.UniqueConstraint(
                fields=["model"], condition=models.Q(state="live"), name="one_live_version"
            ),
            models.UniqueConstraint(
                fields=["model"], condition=models.Q(state="proposed"), name="one_open_proposal"
            ),
        ]
        permissions = [
            ("propose_version", _("Can propose a version for signing")),
            ("sign_for_marketing", _("Can sign a version for marketing")),
            ("sign_for_sales", _("Can sign a version for sales")),
            ("publish_version", _("Can bring an agreed version live")),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.number}"

    @property
    def document_value(self) -> ModelDocument:
        """The document as a value; it was checked when the version was frozen."""
        return _parsed(self.document)


@lru_cache(maxsize=64)
def _parsed(text: str) -> ModelDocument:
    return parse(json.loads(text))
