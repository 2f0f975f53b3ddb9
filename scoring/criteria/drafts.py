"""Drafts: the rows in which people edit a model before it is frozen as a version.

Rows are a form and may be wrong or half done; the contract is the document that they make.
They exist for drafts only.
"""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from scoring.criteria.document import FORMAT, ModelDocument, parse
from scoring.criteria.loading import Loaded, load
from scoring.criteria.models import ScoringModel, Version
from scoring.criteria.structure import Dimension

Data = dict[str, Any]


class DraftQuerySet(models.QuerySet["Draft"]):
    def begin(self, document: ModelDocument, base: Version | None = None) -> "Draft":
        """The draft of the model of that name, made anew from the document."""
        with transaction.atomic(using=self.db):
            model, _new = ScoringModel.objects.get_or_create(name=document.name)
            self.filter(model=model).delete()
            draft = self.create(model=model, base=base, **rest_of(document))
            draft.fill(document)
        return draft


class Draft(models.Model):
    """The one open draft of a model; ``base`` is the version that it was made from."""

    model = models.OneToOneField(ScoringModel, on_delete=models.CASCADE, related_name="draft")
    base = models.ForeignKey(
        Version, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    fields = models.JSONField(_("custom fields"), default=list, blank=True)
    audience = models.JSONField(_("audience"), null=True, blank=True)
    objective = models.JSONField(_("objective"), null=True, blank=True)
    limits = models.JSONField(_("limits"), default=dict, blank=True)
    matrix = models.JSONField(_("matrix"), null=True, blank=True)
    # Counts what was changed, so that whoever looks at an older state is told.
    revision = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        ordering = ["model"]
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")

    def __str__(self) -> str:
        return str(self.model)

    def fill(self, document: ModelDocument) -> None:
        """Make the rows of the document; the draft has none yet."""
        for place, group in enumerate(document.groups):
            row = DraftGroup.objects.create(
                draft=self,
                position=place,
                name=group.name,
                dimension=group.dimension.value,
                limits=group.limits.data(),
            )
            DraftRule.objects.bulk_create(
                DraftRule(
                    group=row,
                    position=number,
                    name=rule.name,
                    points=None if rule.exclude else rule.points,
                    exclude=rule.exclude,
                    test=rule.test.data(),
                )
                for number, rule in enumerate(group.rules)
            )
        DraftBand.objects.bulk_create(
            DraftBand(draft=self, position=place, name=band.name, start=band.start)
            for place, band in enumerate(document.bands)
        )
        DraftScenario.objects.bulk_create(
            DraftScenario(draft=self, position=place, **scenario.data())
            for place, scenario in enumerate(document.scenarios)
        )

    def as_data(self) -> Data:
        """The rows as a document's plain data, right or wrong."""
        given = {name: getattr(self, name) for name in ("fields", "audience", "objective")}
        given |= {"limits": self.limits, "matrix": self.matrix}
        data: Data = {"format": FORMAT, "name": self.model.name}
        data |= {name: value for name, value in given.items() if value}
        data["groups"] = [group.as_data() for group in self.groups.prefetch_related("rules")]
        data["bands"] = [band.as_data() for band in self.bands.all()]
        data["scenarios"] = [scenario.as_data() for scenario in self.scenarios.all()]
        return data

    def document(self) -> ModelDocument:
        """What the rows say; raises DocumentInvalid with every fault."""
        return parse(self.as_data())

    def freeze(self, created_by: AbstractBaseUser | None = None) -> Loaded:
        """Store what the rows say as a version; the rows stay. Raises DocumentInvalid."""
        return load(self.document(), created_by)


def rest_of(document: ModelDocument) -> Data:
    """What of a document has no rows of its own."""
    data: Data = document.as_data()
    return {
        "fields": data.get("fields", []),
        "audience": data.get("audience"),
        "objective": data.get("objective"),
        "limits": data.get("limits", {}),
        "matrix": data.get("matrix"),
    }


class Placed(models.Model):
    """A row with its place in a list of the document."""

    position = models.PositiveIntegerField(_("position"), default=0)
    # Counts the changes of this row, so that of two people who edit it the second is told.
    revision = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]


class DraftGroup(Placed):
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(_("name"), max_length=200)
    dimension = models.CharField(
        _("dimension"),
        max_length=10,
        choices=[(Dimension.FIT.value, _("Fit")), (Dimension.INTEREST.value, _("Interest"))],
    )
    limits = models.JSONField(_("limits"), default=dict, blank=True)

    class Meta(Placed.Meta):
        verbose_name = _("group")
        verbose_name_plural = _("groups")

    def __str__(self) -> str:
        return self.name

    def as_data(self) -> Data:
        limits = {"limits": self.limits} if self.limits else {}
        rules = [rule.as_data() for rule in self.rules.all() if rule.enabled]
        return {"name": self.name, "dimension": self.dimension} | limits | {"rules": rules}


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


class DraftBand(Placed):
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="bands")
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
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="scenarios")
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
