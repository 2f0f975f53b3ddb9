"""Drafts: the rows in which people edit a model before it is frozen as a version.

Rows are a form and may be wrong or half done; the contract is the document that they make.
They exist for drafts only. Whoever changes them does it inside ``draft.changing()``, or by a
method that does, so that two people never write at once and every change is counted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from contacts.models import CustomField
from scoring.criteria.document import FORMAT, ModelDocument, field_data, parse
from scoring.criteria.draft_rows import (
    Data,
    DraftBand,
    DraftGroup,
    DraftRule,
    DraftScenario,
    place,
)
from scoring.criteria.faults import LONGEST_NAME
from scoring.criteria.fields import CustomFieldSpec, CustomType
from scoring.criteria.loading import Loaded, load
from scoring.criteria.models import ScoringModel, Version

__all__ = ["Draft", "DraftBand", "DraftGroup", "DraftRule", "DraftScenario"]

ATTRIBUTE = "attributes."
# What of a draft has no rows of its own.
PARTS = ("fields", "audience", "objective", "limits", "matrix")


class DraftQuerySet(models.QuerySet["Draft"]):
    def begin(self, document: ModelDocument, base: Version | None = None) -> "Draft":
        """The draft of the model of that name, made anew from the document."""
        with transaction.atomic(using=self.db):
            model, _new = ScoringModel.objects.get_or_create(name=document.name)
            return self.bring_back(model, document.as_data(), base)

    def bring_back(self, model: ScoringModel, data: Data, base: Version | None = None) -> "Draft":
        """The draft of a model from a document's plain data or a snapshot, right or wrong.

        One that is there is filled anew, and goes on counting, so that whoever has it open is
        told. It stays the same row: what hangs on it, as what is to be done in it, is kept.
        """
        with transaction.atomic(using=self.db):
            draft = self.select_for_update(of=("self",)).filter(model=model).first()
            if draft is None:
                draft = Draft(model=model)
            else:
                draft.model = model
                draft.clear()
                draft.revision += 1
            draft.base = base
            for name in PARTS:
                setattr(draft, name, data.get(name))
            draft.fields, draft.limits = data.get("fields", []), data.get("limits", {})
            draft.save(using=self.db)
            draft.fill(data)
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

    # --- Rows and documents ------------------------------------------------------------------

    def fill(self, data: Data) -> None:
        """Make the rows of a document's data; the draft has none yet."""
        for number, group in enumerate(data["groups"]):
            self.make_group(group, number)
        self.make_bands(data["bands"])
        DraftScenario.objects.bulk_create(
            DraftScenario(draft=self, position=number, **scenario)
            for number, scenario in enumerate(data.get("scenarios", []))
        )

    def clear(self) -> None:
        """Without rows, as ``fill`` wants it."""
        self.groups.all().delete()
        self.bands.all().delete()
        self.scenarios.all().delete()

    def make_group(self, data: Data, position: int) -> DraftGroup:
        group = DraftGroup.objects.create(
            draft=self,
            position=position,
            name=data["name"],
            dimension=data["dimension"],
            limits=data.get("limits", {}),
            enabled=data.get("enabled", True),
        )
        DraftRule.objects.bulk_create(
            DraftRule(group=group, position=number).take(rule)
            for number, rule in enumerate(data["rules"])
        )
        return group

    def make_bands(self, bands: list[Data]) -> None:
        DraftBand.objects.bulk_create(
            DraftBand(draft=self, position=number, name=band["name"], start=band.get("from"))
            for number, band in enumerate(bands)
        )

    def as_data(self) -> Data:
        """The rows as a document's plain data, right or wrong."""
        groups = self.groups.prefetch_related("rules")
        return self.data_with([group.as_data() for group in groups if group.enabled])

    def snapshot(self) -> Data:
        """All rows, also what is no part of the document; ``bring_back`` takes it."""
        groups = self.groups.prefetch_related("rules")
        return self.data_with([group.snapshot() for group in groups])

    def data_with(self, groups: list[Data]) -> Data:
        data: Data = {"format": FORMAT, "name": self.model.name}
        data |= {name: value for name in PARTS if (value := getattr(self, name))}
        data["groups"] = groups
        data["bands"] = [band.as_data() for band in self.bands.all()]
        data["scenarios"] = [scenario.as_data() for scenario in self.scenarios.all()]
        return data

    def document(self) -> ModelDocument:
        """What the rows say; raises DocumentInvalid with every fault."""
        return parse(self.as_data())

    def freeze(self, created_by: AbstractBaseUser | None = None) -> Loaded:
        """Store what the rows say as a version; the rows stay. Raises DocumentInvalid."""
        return load(self.document(), created_by)

    # --- Changing ----------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One change of the rows: the draft is locked and read anew, and counts the change.

        Raises ``Draft.DoesNotExist`` where it has been discarded meanwhile. May be nested.
        """
        if getattr(self, "_is_changing", False):
            yield
            return
        self._is_changing = True
        try:
            with transaction.atomic():
                self.refresh_from_db(from_queryset=Draft.objects.select_for_update())
                yield
                self.declare_fields()
                self.revision += 1
                self.save()
        finally:
            self._is_changing = False

    def put_group(self, data: Data, name: str) -> DraftGroup:
        """A group as in a document, in place of the one of that name, or as the last one.

        Notes stay with the rules that keep their names.
        """
        with self.changing():
            former = self.groups.filter(name=name).first()
            position = former.position if former else next_place(self.groups.all())
            notes: dict[str, str] = {}
            if former:
                notes = {rule.name: rule.note for rule in former.rules.all() if rule.note}
                former.delete()
            rules = [
                {"note": notes[rule["name"]]} | rule if rule["name"] in notes else rule
                for rule in data["rules"]
            ]
            aside = {"enabled": former.enabled} if former else {}
            return self.make_group(aside | data | {"rules": rules}, position)

    def copy_group(self, group: DraftGroup) -> DraftGroup:
        """The group once more, after itself, with its rules under names of their own."""
        with self.changing():
            follower = self.groups.filter(position__gt=group.position).first()
            data = group.snapshot()
            name = free(group.name, set(self.groups.values_list("name", flat=True)))
            copied = self.make_group(data | {"name": name, "rules": []}, 0)
            place(self.groups.all(), copied, follower)
            for rule in data["rules"]:
                self.add_rule(copied, rule)
        return copied

    def add_rule(self, group: DraftGroup, data: Data, note: str = "") -> DraftRule:
        """A rule as in a document, as the last of a group; its name is made unique."""
        with self.changing():
            rule = DraftRule(group=group, position=next_place(group.rules.all()), note=note)
            rule.take(data)
            rule.name = self.free_name(rule.name)
            rule.save()
        return rule

    def place_rule(
        self, rule: DraftRule, group: DraftGroup, before: DraftRule | None = None
    ) -> None:
        """Move a rule within its group or into another: before one of its rules, or last."""
        with self.changing():
            rule.group = group
            rule.save(update_fields=["group"])
            place(group.rules.all(), rule, before)

    def place_group(self, group: DraftGroup, before: DraftGroup | None = None) -> None:
        with self.changing():
            place(self.groups.all(), group, before)

    def put_bands(self, bands: list[Data]) -> None:
        """All bands anew; where one has but another name, scenarios expect that."""
        with self.changing():
            for old, new in renamed([band.as_data() for band in self.bands.all()], bands).items():
                self.scenarios.filter(expect=old).update(expect=new)
            self.bands.all().delete()
            self.make_bands(bands)

    def free_name(self, name: str) -> str:
        """The name of a new rule: with a number where another rule has it already."""
        rules = DraftRule.objects.filter(group__draft=self)
        return free(name, set(rules.values_list("name", flat=True)))

    def declare_fields(self) -> None:
        """Declare the custom fields of this company that are used and not declared yet."""
        declared = {field.get("key") for field in self.fields}
        missing = [key for key in dict.fromkeys(self.used_keys()) if key not in declared]
        if missing:
            known = CustomField.objects.in_bulk(missing, field_name="key")
            self.fields = [
                *self.fields,
                *(declaration(known[key]) for key in missing if key in known),
            ]

    def used_keys(self) -> list[str]:
        """The custom fields that audience, rules and scenarios test or give."""
        rules = DraftRule.objects.filter(group__draft=self, group__enabled=True, enabled=True)
        tests = list(rules.order_by("group__position", "position").values_list("test", flat=True))
        keys = [key for data in (self.audience, tests) for key in keys_in(data)]
        for contact in self.scenarios.values_list("contact", flat=True):
            keys += (contact or {}).get("attributes", {})
        return keys


def free(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where it is taken."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name[: LONGEST_NAME - 6]} ({number})"
    return found


def renamed(former: list[Data], bands: list[Data]) -> dict[str, str]:
    """Which bands have another name now: those that begin where they did, and whose name is gone.

    A name that is still there means the band of that name, wherever that begins now.
    """
    if len(former) != len(bands):
        return {}
    names = {band["name"] for band in bands}
    return {
        old["name"]: new["name"]
        for old, new in zip(former, bands, strict=True)
        if old.get("from") == new.get("from") and old["name"] not in names
    }


def keys_in(data: Any) -> Iterator[str]:
    """The custom fields that a piece of a document names in its conditions."""
    if isinstance(data, list):
        for each in data:
            yield from keys_in(each)
    elif isinstance(data, dict):
        field = data.get("field")
        if isinstance(field, str) and field.startswith(ATTRIBUTE):
            yield field.removeprefix(ATTRIBUTE)
        for key in ("all", "any", "not", "when"):
            yield from keys_in(data.get(key))


def declaration(field: CustomField) -> Data:
    choices = tuple(field.choices) if field.type == CustomField.Type.CHOICE else ()
    return field_data(CustomFieldSpec(field.key, field.label, CustomType(field.type), choices))


def next_place(rows: "models.QuerySet[Any]") -> int:
    last: int | None = rows.aggregate(last=models.Max("position"))["last"]
    return 0 if last is None else last + 1
