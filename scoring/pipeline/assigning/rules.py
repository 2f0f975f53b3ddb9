"""Assignment rules: in their order, the first that fits a lead and has somebody gives it away."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Team
from contacts.models.teams import name_of
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.models import ScoringModel
from scoring.criteria.segments import Segment


class AssignmentRuleQuerySet(models.QuerySet["AssignmentRule"]):
    def kept(self) -> Self:
        """Those that were not deleted, as they are shown and run."""
        return self.filter(deleted_at=None).select_related("segment", "team", "person", "model")

    def running(self, model: ScoringModel | None) -> Self:
        """Those that are on, of this model and for all."""
        own = models.Q(model=None) | models.Q(model=model.pk if model else None)
        return self.kept().filter(own, active=True)


class AssignmentRule(models.Model):
    """Which leads, and who gets them. ``position`` is the order in which rules are asked."""

    class Who(models.TextChoices):
        ANYONE = "anyone", gettext_lazy("every lead")
        SEGMENT = "segment", gettext_lazy("leads in a segment")
        TERRITORY = "territory", gettext_lazy("leads of a territory")

    class Way(models.TextChoices):
        TURN = "turn", gettext_lazy("a team, by turns")
        LOAD = "load", gettext_lazy("a team, whoever has least to do")
        PERSON = "person", gettext_lazy("one person")
        POOL = "pool", gettext_lazy("nobody: the pool")

    class Load(models.TextChoices):
        LEADS = "leads", gettext_lazy("open leads")
        DEALS = "deals", gettext_lazy("open deals")
        TASKS = "tasks", gettext_lazy("open tasks")

    name = models.CharField(gettext_lazy("name"), max_length=120)
    position = models.PositiveIntegerField(gettext_lazy("position"), default=0)
    model = models.ForeignKey(
        ScoringModel,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("scoring model"),
    )
    who = models.CharField(
        gettext_lazy("which leads"), max_length=9, choices=Who.choices, default=Who.ANYONE
    )
    segment = models.ForeignKey(
        Segment,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("segment"),
    )
    countries = models.JSONField(gettext_lazy("countries"), default=list, blank=True)
    regions = models.JSONField(gettext_lazy("regions"), default=list, blank=True)
    way = models.CharField(
        gettext_lazy("who gets them"), max_length=6, choices=Way.choices, default=Way.TURN
    )
    load = models.CharField(
        gettext_lazy("measured by"), max_length=5, choices=Load.choices, default=Load.LEADS
    )
    team = models.ForeignKey(
        Team,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("team"),
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("person"),
    )
    active = models.BooleanField(gettext_lazy("on"), default=True)
    # Counts what was changed, so that whoever looks at an older state is told.
    revision = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(gettext_lazy("changed"), auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=gettext_lazy("changed by"),
    )
    # Kept, so that a deletion can be taken back and the log still names the rule.
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects = AssignmentRuleQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = gettext_lazy("assignment rule")
        verbose_name_plural = gettext_lazy("assignment rules")

    def __str__(self) -> str:
        return self.name

    @property
    def needs_team(self) -> bool:
        return self.way in (self.Way.TURN, self.Way.LOAD)

    def narrow(self, rows: QuerySet[Any], at: datetime) -> QuerySet[Any]:
        """Of these contacts those that the rule is about; nobody where it cannot be read."""
        if self.who == self.Who.ANYONE:
            return rows
        asked = self.segment if self.who == self.Who.SEGMENT else self.territory()
        try:
            return asked.narrow(rows, at) if asked else rows.none()
        except DocumentInvalid:
            return rows.none()

    def territory(self) -> Segment | None:
        """As a condition of the engine's; None where no place is named."""
        places = {"country": self.countries, "region": self.regions}
        named = [
            {"field": field, "op": "in", "value": values}
            for field, values in places.items()
            if values
        ]
        return Segment(condition={"any": named}) if named else None

    def which(self) -> str:
        """Which leads, in words."""
        if self.who == self.Who.SEGMENT:
            name = self.segment.name if self.segment else _("(gone)")
            return _("leads in the segment “%(name)s”") % {"name": name}
        if self.who == self.Who.TERRITORY:
            return _("leads from %(places)s") % {
                "places": ", ".join([*self.countries, *self.regions]) or "—"
            }
        return _("every lead")

    def whom(self) -> str:
        """Who gets them, in words."""
        team = {"team": self.team.name if self.team else _("(gone)")}
        match self.way:
            case self.Way.TURN:
                return _("the next in the team “%(team)s”") % team
            case self.Way.LOAD:
                told = _("whoever in the team “%(team)s” has the fewest %(things)s")
                return told % {**team, "things": self.get_load_display()}
            case self.Way.PERSON:
                return name_of(self.person) if self.person else _("(gone)")
            case _:
                return _("nobody: they stay in the pool")

    def sentence(self) -> str:
        return _("%(which)s: %(whom)s") % {"which": self.which(), "whom": self.whom()}

    def problems(self, at: datetime) -> list[str]:
        """What keeps the rule from giving anything away, in words."""
        return [*self.problems_of_who(), *self.problems_of_way(at)]

    def problems_of_who(self) -> list[str]:
        if self.who == self.Who.SEGMENT:
            if self.segment is None:
                return [_("The segment is gone: the rule fits nobody.")]
            try:
                self.segment.read()
            except DocumentInvalid as invalid:
                facts = {"name": self.segment.name, "fault": invalid.faults[0]}
                return [_("The segment “%(name)s” cannot be read: %(fault)s") % facts]
        if self.who == self.Who.TERRITORY and self.territory() is None:
            return [_("No country and no region is named: the rule fits nobody.")]
        return []

    def problems_of_way(self, at: datetime) -> list[str]:
        if self.needs_team:
            if self.team is None:
                return [_("The team is gone: the rule gives nothing away.")]
            if not self.team.present(at).exists():
                facts = {"team": self.team.name}
                return [_("Nobody in the team “%(team)s” is there today.") % facts]
        if self.way == self.Way.PERSON:
            if self.person is None:
                return [_("The person is gone: the rule gives nothing away.")]
            if not self.person.is_active:
                facts = {"name": name_of(self.person)}
                return [_("%(name)s cannot log in any more and gets nothing.") % facts]
        return []
