"""The total has risen or fallen by so many points within some time."""

from dataclasses import dataclass, field
from typing import ClassVar, Self

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scoring.automations.triggers.base import (
    DirectedForm,
    Direction,
    Level,
    Rearm,
    Trigger,
    TriggerForm,
    level,
    read_direction,
    read_rearm,
    register,
)
from scoring.criteria.document import ModelDocument
from scoring.criteria.durations import Duration, Unit
from scoring.criteria.faults import LARGEST, Node
from scoring.criteria.form_fields import DurationField, number_field


class MovementForm(DirectedForm):
    """There is no total here whose exit could be set."""

    points = number_field(gettext_lazy("Points, at least"), min_value=1)
    within = DurationField(label=gettext_lazy("Within"))
    rearm_exit = None  # type: ignore[assignment]  # so Django leaves out a field of a base
    folded = ("rearm_mode", "rearm_for", "rearm_cool_down_hours")
    field_order = ("points", "direction", "within")


@register
@dataclass(frozen=True, slots=True)
class Movement(Trigger):
    """Looks not at the total but at how far it is from what it was so long ago."""

    kind: ClassVar[str] = "change"
    title: ClassVar[str | Promise] = gettext_lazy("The total changes by many points")
    icon: ClassVar[str] = "trending_up"
    form: ClassVar[type[TriggerForm]] = MovementForm

    points: int
    within: Duration
    direction: Direction = Direction.UP
    rearm: Rearm = field(default_factory=Rearm)

    @classmethod
    def read(cls, node: Node, document: ModelDocument) -> Self:
        fields = node.fields(["kind", "points", "within"], ["direction", "rearm"])
        rearm = read_rearm(fields["rearm"]) if "rearm" in fields else Rearm()
        if rearm.exit is not None:
            fields["rearm"].fault(_("does not go with a change: it has no total"), key="exit")
        return cls(
            points=fields["points"].whole(1, LARGEST) if "points" in fields else 1,
            within=fields["within"].duration() if "within" in fields else Duration(1, Unit.DAYS),
            direction=read_direction(fields),
            rearm=rearm,
        )

    def data(self) -> dict[str, object]:
        rearm = self.rearm.data()
        return (
            {"points": self.points, "within": str(self.within)}
            | ({} if self.direction is Direction.UP else {"direction": self.direction.value})
            | ({"rearm": rearm} if rearm else {})
        )

    def of_change(self) -> Level:
        """The level of the change, counted in the direction that is looked for."""
        return level(Direction.UP, self.points, None)

    def change(self, total: int | None, formerly: int) -> int | None:
        """How far a total has moved, positive in the direction that is looked for."""
        if total is None:
            return None
        return total - formerly if self.direction is Direction.UP else formerly - total

    def sentence(self) -> str:
        if self.direction is Direction.UP:
            said = ngettext(
                "when the total rises by %(points)d point or more within %(duration)s",
                "when the total rises by %(points)d points or more within %(duration)s",
                self.points,
            )
        else:
            said = ngettext(
                "when the total falls by %(points)d point or more within %(duration)s",
                "when the total falls by %(points)d points or more within %(duration)s",
                self.points,
            )
        return said % {"points": self.points, "duration": self.within.in_words()}
