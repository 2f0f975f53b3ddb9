"""The total reaches a number, or comes near to a band."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scoring.automations.triggers.bands import edges
from scoring.automations.triggers.base import (
    Direction,
    Level,
    Rearm,
    RearmForm,
    Trigger,
    TriggerForm,
    check_exit,
    level,
    read_points,
    read_rearm,
    register,
)
from scoring.criteria.document import ModelDocument
from scoring.criteria.faults import LARGEST, Node
from scoring.criteria.form_fields import choice_field, number_field


class TotalForm(RearmForm):
    points = number_field(gettext_lazy("Points"))
    field_order = ("points",)


class NearForm(RearmForm):
    points = number_field(gettext_lazy("Points below it, at most"), min_value=1)
    band = choice_field(gettext_lazy("Band"), [])
    field_order = ("band", "points")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.set_choices("band", self.band_choices())


@register
@dataclass(frozen=True, slots=True)
class TotalReaches(Trigger):
    kind: ClassVar[str] = "total_reaches"
    title: ClassVar[str | Promise] = gettext_lazy("The total reaches a number")
    icon: ClassVar[str] = "vertical_align_top"
    form: ClassVar[type[TriggerForm]] = TotalForm

    points: int
    rearm: Rearm = field(default_factory=Rearm)

    @classmethod
    def read(cls, node: Node, document: ModelDocument) -> Self:
        fields = node.fields(["kind", "points"], ["rearm"])
        points = read_points(fields["points"]) if "points" in fields else 0
        rearm = read_rearm(fields["rearm"]) if "rearm" in fields else Rearm()
        found = cls(points, rearm)
        check_exit(node, found.level(document), rearm)
        return found

    def data(self) -> dict[str, object]:
        rearm = self.rearm.data()
        return {"points": self.points} | ({"rearm": rearm} if rearm else {})

    def level(self, document: ModelDocument) -> Level:
        return level(Direction.UP, self.points, self.rearm.exit)

    def sentence(self) -> str:
        return ngettext(
            "when the total reaches %(points)d point",
            "when the total reaches %(points)d points",
            self.points,
        ) % {"points": self.points}


@register
@dataclass(frozen=True, slots=True)
class Near(Trigger):
    """From below, so many points under a band at most; who jumps over it was never near."""

    kind: ClassVar[str] = "near"
    title: ClassVar[str | Promise] = gettext_lazy("The total comes near to a band")
    icon: ClassVar[str] = "near_me"
    form: ClassVar[type[TriggerForm]] = NearForm

    band: str
    points: int
    rearm: Rearm = field(default_factory=Rearm)

    @classmethod
    def read(cls, node: Node, document: ModelDocument) -> Self:
        fields = node.fields(["kind", "band", "points"], ["rearm"])
        names = [band.name for band in document.bands]
        found = cls(
            band=fields["band"].one_of(names) if "band" in fields else names[0],
            points=fields["points"].whole(1, LARGEST) if "points" in fields else 1,
            rearm=read_rearm(fields["rearm"]) if "rearm" in fields else Rearm(),
        )
        edge = found.level(document)
        if edge is None and "band" in fields and fields["band"].data in names:
            fields["band"].fault(_("is the lowest band: nobody comes near to it from below"))
        elif edge is not None:
            check_exit(node, edge, found.rearm)
        return found

    def data(self) -> dict[str, object]:
        rearm = self.rearm.data()
        return {"band": self.band, "points": self.points} | ({"rearm": rearm} if rearm else {})

    def level(self, document: ModelDocument) -> Level | None:
        try:
            start, _above = edges(document, self.band)
        except LookupError:
            # Of another version than the automation was read for.
            return None
        if start is None:
            return None
        return level(Direction.UP, start - self.points, self.rearm.exit, until=start)

    def sentence(self) -> str:
        return ngettext(
            "when the total comes within %(points)d point of the band “%(band)s”",
            "when the total comes within %(points)d points of the band “%(band)s”",
            self.points,
        ) % {"points": self.points, "band": self.band}
