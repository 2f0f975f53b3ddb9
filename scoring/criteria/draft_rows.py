"""The rows of a draft: its groups, rules, bands and scenarios, each with its place."""

from collections.abc import Iterable
from typing import Any, Self, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from scoring.criteria.structure import Dimension

Data = dict[str, Any]
PlacedRow = TypeVar("PlacedRow", bound="Placed")


class Placed(models.Model):
    """A row with its place in a list of the document."""

    position = models.PositiveIntegerField(_("position"), default=0)
    # Counts the changes of this row, so that of two people who edit it the second is told.
    revision = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]


def place(rows: "Iterable[PlacedRow]", moved: PlacedRow, before: PlacedRow | None) -> None:
    """Number the rows of a list anew, with this one before another or, without one, last."""
    ordered = [row for row in rows if row.pk != moved.pk]
    at = len(ordered) if before is None else [row.pk for row in ordered].index(before.pk)
    ordered.insert(at, moved)
    for position, row in enumerate(ordered):
        row.position = position
    type(moved)._default_manager.bulk_update(ordered, ["position"])


class DraftGroup(Placed):
    """A group as a row; its rules have rows of their own."""

    draft = models.ForeignKey("scoring.Draft", on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(_("name"), max_length=200)
    dimension = models.CharField(
        _("dimension"),
        max_length=10,
        choices=[(Dimension.FIT.value, _("Fit")), (Dimension.INTEREST.value, _("Interest"))],
    )
    limits = models.JSONField(_("limits"), default=dict, blank=True)
    # One that is off is no part of the document, with all that is in it.
    enabled = models.BooleanField(_("on"), default=True)

    class Meta(Placed.Meta):
        verbose_name = _("group")
        verbose_name_plural = _("groups")

    def __str__(self) -> str:
        return self.name

    def as_data(self) -> Data:
        limits = {"limits": self.limits} if self.limits else {}
        rules = [rule.as_data() for rule in self.rules.all() if rule.enabled]
        return {"name": self.name, "dimension": self.dimension} | limits | {"rules": rules}

    def snapshot(self) -> Data:
        """All of it, with what is switched off and the notes, so that it can be brought back."""
        aside = {} if self.enabled else {"enabled": False}
        return self.as_data() | aside | {"rules": [rule.snapshot() for rule in self.rules.all()]}


class DraftRule(Placed):
    """A rule as a row; ``test`` holds its one test with what belongs to it, as in a document.

    One that is not ``enabled`` is no part of the document; the note says why the rule is there.
    """

    group = models.ForeignKey(DraftGroup, on_delete=models.CASCADE, related_name="rules")
    name = models.CharField(_("name"), max_length=200)
    points = models.IntegerField(_("points"), null=True, blank=True)
    exclude = models.BooleanField(_("excludes"), default=False)
    test = models.JSONField(_("test"), default=dict)
    enabled = models.BooleanField(_("on"), default=True)
    note = models.TextField(_("note"), blank=True, default="", max_length=2000)

    class Meta(Placed.Meta):
        verbose_name = _("rule")
        verbose_name_plural = _("rules")

    def __str__(self) -> str:
        return self.name

    def as_data(self) -> Data:
        points = {} if self.points is None else {"points": self.points}
        exclude = {"exclude": True} if self.exclude else {}
        return {"name": self.name, **points, **exclude, **self.test}

    def snapshot(self) -> Data:
        """With what is no part of a document."""
        aside = ({} if self.enabled else {"enabled": False}) | (
            {"note": self.note} if self.note else {}
        )
        return self.as_data() | aside

    def take(self, data: Data) -> Self:
        """Set the columns to what a document, or a snapshot, says of a rule; not saved yet."""
        given = dict(data)
        self.note = given.pop("note", self.note)
        self.enabled = given.pop("enabled", self.enabled)
        self.name = given.pop("name", "")
        self.points = given.pop("points", None)
        self.exclude = bool(given.pop("exclude", False))
        self.test = given
        return self


class DraftBand(Placed):
    draft = models.ForeignKey("scoring.Draft", on_delete=models.CASCADE, related_name="bands")
    name = models.CharField(_("name"), max_length=200)
    start = models.BigIntegerField(_("from"), null=True, blank=True)

    class Meta(Placed.Meta):
        verbose_name = _("band")
        verbose_name_plural = _("bands")

    def __str__(self) -> str:
        return self.name

    def as_data(self) -> Data:
        return {"name": self.name} | ({} if self.start is None else {"from": self.start})


class DraftScenario(Placed):
    draft = models.ForeignKey("scoring.Draft", on_delete=models.CASCADE, related_name="scenarios")
    name = models.CharField(_("name"), max_length=200)
    contact = models.JSONField(_("contact"), default=dict, blank=True)
    activities = models.JSONField(_("activities"), default=list, blank=True)
    expect = models.CharField(_("expected band"), max_length=200)

    class Meta(Placed.Meta):
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")

    def __str__(self) -> str:
        return self.name

    def as_data(self) -> Data:
        given = {"contact": self.contact, "activities": self.activities}
        data: Data = {"name": self.name, "expect": self.expect}
        return data | {name: value for name, value in given.items() if value}
