"""A band is entered, or left, upwards or downwards."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.automations.triggers.base import (
    DirectedForm,
    Direction,
    Level,
    Rearm,
    Trigger,
    TriggerForm,
    check_exit,
    level,
    read_direction,
    read_rearm,
    register,
)
from scoring.criteria.document import ModelDocument
from scoring.criteria.faults import Node
from scoring.criteria.form_fields import choice_field


def edges(document: ModelDocument, band: str) -> tuple[int | None, int | None]:
    """Where a band begins and where the next one does; None at the ends. Raises LookupError."""
    names = [each.name for each in document.bands]
    if band not in names:
        raise LookupError(band)
    place = names.index(band)
    above = document.bands[place + 1].start if place + 1 < len(names) else None
    return document.bands[place].start, above


class BandForm(DirectedForm):
    band = choice_field(gettext_lazy("Band"), [])
    field_order = ("band", "direction")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.set_choices("band", self.band_choices())


@dataclass(frozen=True, slots=True)
class BandTrigger(Trigger):
    """What both kinds have; each says which edge of the band it looks at."""

    band: str
    direction: Direction = Direction.UP
    rearm: Rearm = field(default_factory=Rearm)

    @classmethod
    def read(cls, node: Node, document: ModelDocument) -> Self:
        fields = node.fields(["kind", "band"], ["direction", "rearm"])
        names = [band.name for band in document.bands]
        found = cls(
            band=fields["band"].one_of(names) if "band" in fields else names[0],
            direction=read_direction(fields),
            rearm=read_rearm(fields["rearm"]) if "rearm" in fields else Rearm(),
        )
        edge = found.level(document)
        if edge is None and "band" in fields and fields["band"].data in names:
            fields["band"].fault(found.no_edge())
        elif edge is not None:
            check_exit(node, edge, found.rearm)
        return found

    def data(self) -> dict[str, object]:
        rearm = self.rearm.data()
        return (
            {"band": self.band}
            | ({} if self.direction is Direction.UP else {"direction": self.direction.value})
            | ({"rearm": rearm} if rearm else {})
        )

    def no_edge(self) -> str:
        raise NotImplementedError

    def edge(self, document: ModelDocument) -> int | None:
        raise NotImplementedError

    def level(self, document: ModelDocument) -> Level | None:
        try:
            at = self.edge(document)
        except LookupError:
            # Of another version than the automation was read for.
            return None
        return None if at is None else level(self.direction, at, self.rearm.exit)


@register
@dataclass(frozen=True, slots=True)
class BandEntered(BandTrigger):
    kind: ClassVar[str] = "band_entered"
    title: ClassVar[str | Promise] = gettext_lazy("A band is entered")
    icon: ClassVar[str] = "login"
    form: ClassVar[type[TriggerForm]] = BandForm

    def edge(self, document: ModelDocument) -> int | None:
        start, above = edges(document, self.band)
        return start if self.direction is Direction.UP else above

    def no_edge(self) -> str:
        if self.direction is Direction.UP:
            return _("is the lowest band: nobody rises into it")
        return _("is the highest band: nobody falls into it")

    def sentence(self) -> str:
        if self.direction is Direction.UP:
            return _("when the total rises into the band “%(band)s”") % {"band": self.band}
        return _("when the total falls into the band “%(band)s”") % {"band": self.band}


@register
@dataclass(frozen=True, slots=True)
class BandLeft(BandTrigger):
    kind: ClassVar[str] = "band_left"
    title: ClassVar[str | Promise] = gettext_lazy("A band is left")
    icon: ClassVar[str] = "logout"
    form: ClassVar[type[TriggerForm]] = BandForm

    def edge(self, document: ModelDocument) -> int | None:
        start, above = edges(document, self.band)
        return above if self.direction is Direction.UP else start

    def no_edge(self) -> str:
        if self.direction is Direction.UP:
            return _("is the highest band: nobody leaves it upwards")
        return _("is the lowest band: nobody leaves it downwards")

    def sentence(self) -> str:
        if self.direction is Direction.UP:
            return _("when the total rises out of the band “%(band)s”") % {"band": self.band}
        return _("when the total falls out of the band “%(band)s”") % {"band": self.band}
