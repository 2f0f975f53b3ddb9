"""Buyer personas, each with its grid; what became of a grid as a group of the draft."""

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scoring.agreement.audit import AuditEntry
from scoring.agreement.qualification.grids import Grid, Typed, read_grid, typed_of
from scoring.agreement.qualification.groups import group_data, group_hash, one_of
from scoring.criteria.conditions import Condition, ConditionReader
from scoring.criteria.drafts import Draft
from scoring.criteria.faults import Node
from scoring.criteria.fields import Catalogue
from scoring.criteria.models import ScoringModel

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

Data = dict[str, Any]
NAME_MOST: Final = 100
LINES_MOST: Final = 2000
PERSONAS_MOST: Final = 30


class Overtaken(Exception):
    """Somebody else has changed the persona since it was shown."""

    def __init__(self, persona: "Persona") -> None:
        super().__init__(str(persona))
        self.persona = persona


class Taken(models.TextChoices):
    """How a grid and the group that was made from it stand to one another."""

    NEVER = "never", _("not in the draft yet")
    SAME = "same", _("in the draft as it stands here")
    GRID_CHANGED = "grid_changed", _("changed here since it was taken into the draft")
    GROUP_CHANGED = "group_changed", _("its group was changed in the draft")
    BOTH_CHANGED = "both_changed", _("changed both here and in the draft")
    GONE = "gone", _("its group is in the draft no more")


class Persona(models.Model):
    """Whom we look for: a few lines for people, and the grid that becomes a group.

    One that is ``for_all`` stands for every contact and has the grid only. ``key`` names it in
    workbooks. ``language``: of the names of its rules, so that they are the same for everybody.
    """

    PARTS: ClassVar[tuple[str, ...]] = ("who", "goals", "pains", "places")

    model = models.ForeignKey(
        ScoringModel, on_delete=models.CASCADE, related_name="personas", verbose_name=_("model")
    )
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    position = models.PositiveIntegerField(_("position"), default=0)
    name = models.CharField(_("name"), max_length=NAME_MOST)
    for_all = models.BooleanField(_("for every contact"), default=False)
    who = models.TextField(_("who they are"), blank=True, default="", max_length=LINES_MOST)
    goals = models.TextField(_("what they want"), blank=True, default="", max_length=LINES_MOST)
    pains = models.TextField(_("what troubles them"), blank=True, default="", max_length=LINES_MOST)
    places = models.TextField(
        _("where to meet them"), blank=True, default="", max_length=LINES_MOST
    )
    language = models.CharField(_("language"), max_length=10, default="en")
    grid = models.JSONField(_("grid"), default=dict, blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("changed by"),
    )
    # The group that was made from it, as it was then.
    group_name = models.CharField(max_length=NAME_MOST, blank=True, default="", editable=False)
    group_hash = models.CharField(max_length=64, blank=True, default="", editable=False)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("buyer persona")
        verbose_name_plural = _("buyer personas")
        constraints = [
            models.UniqueConstraint(fields=["model", "name"], name="persona_name"),
            models.UniqueConstraint(fields=["model", "key"], name="persona_key"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def typed(self) -> Typed:
        return typed_of(self.grid)

    def read(self, catalogue: Catalogue) -> tuple[Grid, Node]:
        """The grid, which may have got faults since it was saved: a field may have gone."""
        root = Node(None)
        return read_grid(self.typed, catalogue, root), root

    def group(self, catalogue: Catalogue) -> Data | None:
        """The group that it makes now; None where it has faults or no rule yet."""
        grid, root = self.read(catalogue)
        if root.faults:
            return None
        data = group_data(self.name, grid, catalogue, self.language)
        return data if data["rules"] else None

    def store(
        self, lines: Mapping[str, str], grid: Grid, user: "AbstractBaseUser | AnonymousUser"
    ) -> bool:
        """Save what has changed, if nobody else has meanwhile; False where nothing has.

        ``lines``: name and, of a persona, the lines about it. Raises Overtaken.
        """
        wanted = {**lines, "grid": grid.data()}
        if all(getattr(self, name) == value for name, value in wanted.items()):
            return False
        with transaction.atomic():
            unchanged = Persona.objects.filter(pk=self.pk, revision=self.revision)
            if not unchanged.update(
                **wanted,
                revision=F("revision") + 1,
                changed_at=timezone.now(),
                changed_by=user if user.is_authenticated else None,
            ):
                raise Overtaken(Persona.objects.get(pk=self.pk))
            self.refresh_from_db()
            AuditEntry.objects.note(user, self.model, "matrix", persona=self.name)
        return True

    def take_into(
        self, draft: Draft, catalogue: Catalogue, user: "AbstractBaseUser | AnonymousUser"
    ) -> None:
        """Put the group in the draft, in place of the one that was made from it before."""
        data = self.group(catalogue)
        if data is None:
            raise ValueError(self.name)
        with transaction.atomic():
            self.rename_in(draft)
            draft.put_group(data, self.name)
            self.group_name, self.group_hash = self.name, group_hash(data)
            self.save(update_fields=["group_name", "group_hash"])
            AuditEntry.objects.note(
                user, self.model, "draft_changed", group=self.name, persona=self.name
            )

    def rename_in(self, draft: Draft) -> None:
        """Give its former group the name that it has now, so that it keeps its place."""
        if not self.group_name or self.group_name == self.name:
            return
        former = draft.groups.filter(name=self.group_name)
        if draft.groups.filter(name=self.name).exists():
            former.delete()
        else:
            former.update(name=self.name)

    def mark(self, catalogue: Catalogue) -> Condition | None:
        """By what its contacts are known; None of one for everybody or with faults."""
        grid, root = self.read(catalogue)
        if root.faults or grid.mark is None or self.for_all:
            return None
        node = Node(one_of(grid.mark.way.conditions(grid.mark.field, grid.mark.values)))
        found = ConditionReader(catalogue).read(node)
        return None if node.faults else found

    def taken(self, draft: Draft | None, catalogue: Catalogue) -> Taken:
        if not self.group_hash:
            return Taken.NEVER
        group = draft.groups.filter(name=self.group_name).first() if draft else None
        if group is None:
            return Taken.GONE
        own = self.group(catalogue)
        grid_changed = own is None or group_hash(own) != self.group_hash
        group_changed = group_hash(group.as_data()) != self.group_hash
        if grid_changed and group_changed:
            return Taken.BOTH_CHANGED
        if grid_changed:
            return Taken.GRID_CHANGED
        return Taken.GROUP_CHANGED if group_changed else Taken.SAME
