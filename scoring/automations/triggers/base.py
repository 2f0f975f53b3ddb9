"""What a trigger is: which change of a score, or which event, sets an automation off."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scoring.automations.form_fields import PartForm
from scoring.criteria.document import ModelDocument
from scoring.criteria.durations import Duration
from scoring.criteria.faults import LARGEST, Node
from scoring.criteria.form_fields import DurationField, choice_field, number_field

# How far below a threshold a total must fall before it can cross it once more: so many
# points, or so many per cent of the threshold where that is more.
MARGIN_POINTS = 5
MARGIN_PERCENT = 10
COOL_DOWN_HOURS = 24
MOST_HOURS = 24 * 366


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


DIRECTIONS: dict[str, str | Promise] = {
    Direction.UP: gettext_lazy("upwards"),
    Direction.DOWN: gettext_lazy("downwards"),
}


class RearmMode(StrEnum):
    BELOW_EXIT = "below_exit"
    BELOW_EXIT_FOR = "below_exit_for"
    NEVER = "never"
    MANUAL = "manual"


MODES: dict[str, str | Promise] = {
    RearmMode.BELOW_EXIT: gettext_lazy("when the total has gone back past the exit"),
    RearmMode.BELOW_EXIT_FOR: gettext_lazy("when it has stayed past the exit for some time"),
    RearmMode.NEVER: gettext_lazy("never: once for each contact"),
    RearmMode.MANUAL: gettext_lazy("only by hand"),
}


@dataclass(frozen=True, slots=True)
class Rearm:
    """When a trigger that has gone off for a contact may go off for it again.

    ``exit``: the total that must be fallen below (risen to, where the trigger looks down);
    None is the default margin. ``cool_down`` counts from the last time.
    """

    mode: RearmMode = RearmMode.BELOW_EXIT
    exit: int | None = None
    stay: Duration | None = None
    cool_down_hours: int = COOL_DOWN_HOURS

    @property
    def cool_down(self) -> timedelta:
        return timedelta(hours=self.cool_down_hours)

    def data(self) -> dict[str, object]:
        data: dict[str, object] = {}
        if self.mode is not RearmMode.BELOW_EXIT:
            data["mode"] = self.mode.value
        if self.exit is not None:
            data["exit"] = self.exit
        if self.stay is not None:
            data["for"] = str(self.stay)
        if self.cool_down_hours != COOL_DOWN_HOURS:
            data["cool_down_hours"] = self.cool_down_hours
        return data

    def sentence(self) -> str:
        """Translated: ``again once it has fallen below 45, after 24 hours at the earliest``."""
        if self.mode is RearmMode.NEVER:
            return _("once for each contact")
        if self.mode is RearmMode.MANUAL:
            return _("again only when somebody allows it")
        wait = ngettext(
            "after %(count)d hour at the earliest",
            "after %(count)d hours at the earliest",
            self.cool_down_hours,
        ) % {"count": self.cool_down_hours}
        said = _("again once it has gone back")
        if self.exit is not None:
            said = _("again once it has gone back past %(exit)d") % {"exit": self.exit}
        if self.stay is not None:
            said = _("%(again)s for %(duration)s") % {
                "again": said,
                "duration": self.stay.in_words(),
            }
        return f"{said}, {wait}" if self.cool_down_hours else said


def read_rearm(node: Node) -> Rearm:
    fields = node.fields([], ["mode", "exit", "for", "cool_down_hours"])
    mode = RearmMode.BELOW_EXIT
    if "mode" in fields:
        mode = RearmMode(fields["mode"].one_of([each.value for each in RearmMode]))
    stay = fields["for"].duration() if "for" in fields else None
    if mode is RearmMode.BELOW_EXIT_FOR and stay is None:
        node.fault(_("is missing; the mode below_exit_for needs it"), key="for")
    if mode is not RearmMode.BELOW_EXIT_FOR and stay is not None:
        fields["for"].fault(_("goes only with the mode below_exit_for"))
    return Rearm(
        mode=mode,
        exit=fields["exit"].whole() if "exit" in fields else None,
        stay=stay,
        cool_down_hours=(
            fields["cool_down_hours"].whole(0, MOST_HOURS)
            if "cool_down_hours" in fields
            else COOL_DOWN_HOURS
        ),
    )


@dataclass(frozen=True, slots=True)
class Level:
    """The totals at which a trigger goes off: from ``at`` on, or below it where it looks down.

    ``until`` (upwards only): from there on it has been passed over. ``exit``: where it is
    armed again, if its mode allows.
    """

    direction: Direction
    at: int
    exit: int
    until: int | None = None

    def reached(self, total: int | None) -> bool:
        """Whether a total is past the level; somebody without a score has come from below."""
        if self.direction is Direction.UP:
            return total is not None and total >= self.at
        return total is None or total < self.at

    def passed_over(self, total: int) -> bool:
        return self.until is not None and total >= self.until

    def released(self, total: int) -> bool:
        return total < self.exit if self.direction is Direction.UP else total >= self.exit


def level(direction: Direction, at: int, exit: int | None, until: int | None = None) -> Level:
    """A level with the default exit where none is given."""
    margin = max(MARGIN_POINTS, -(-abs(at) * MARGIN_PERCENT // 100))
    default = at - margin if direction is Direction.UP else at + margin
    return Level(direction, at, default if exit is None else exit, until)


class TriggerForm(PartForm):
    """The fields of one kind of trigger in the builder, for a model."""

    def __init__(self, document: ModelDocument, *args: Any, **options: Any) -> None:
        self.document = document
        super().__init__(*args, **options)

    def band_choices(self) -> list[tuple[str, Any]]:
        """The bands by name; also one that the version named and the model has no more."""
        names = [band.name for band in self.document.bands]
        if (given := self.given("band")) and given not in names:
            names.append(given)
        return [(name, name) for name in names]

    def parameters(self) -> dict[str, Any]:
        """What the checked form says, as a document has it; what is empty is left out."""
        return {
            name: value for name, value in self.cleaned_data.items() if value not in (None, "", [])
        }


class RearmForm(TriggerForm):
    """Also with when the trigger may go off again for the same contact."""

    rearm_mode = choice_field(gettext_lazy("Goes off again"), list(MODES.items()), required=False)
    rearm_exit = number_field(
        gettext_lazy("Exit"),
        required=False,
        help_text=gettext_lazy(
            "The total that must be passed backwards first; empty: a tenth of the level before "
            "it, 5 points at least."
        ),
    )
    rearm_for = DurationField(label=gettext_lazy("Past the exit for"), required=False)
    rearm_cool_down_hours = number_field(
        gettext_lazy("Hours since the last time, at least"), required=False
    )
    folded: Sequence[str] = ("rearm_mode", "rearm_exit", "rearm_for", "rearm_cool_down_hours")
    places: ClassVar[Mapping[str, str]] = {"rearm": "rearm_exit"}

    @classmethod
    def initial_of(cls, data: dict[str, Any]) -> dict[str, Any]:
        rearm = {"cool_down_hours": COOL_DOWN_HOURS, **data.get("rearm", {})}
        return {
            **{name: value for name, value in data.items() if name != "rearm"},
            **{f"rearm_{name}": value for name, value in rearm.items()},
        }

    def parameters(self) -> dict[str, Any]:
        given = super().parameters()
        rearm = {
            name.removeprefix("rearm_"): given.pop(name) for name in self.folded if name in given
        }
        return given | ({"rearm": rearm} if rearm else {})


class DirectedForm(RearmForm):
    """Also upwards or downwards."""

    direction = choice_field(gettext_lazy("Direction"), list(DIRECTIONS.items()), required=False)


class Trigger(ABC):
    """Subclasses are frozen dataclasses; a module each, registered by ``register``."""

    kind: ClassVar[str]
    title: ClassVar[str | Promise]
    icon: ClassVar[str]
    form: ClassVar[type[TriggerForm]]

    @classmethod
    @abstractmethod
    def read(cls, node: Node, document: ModelDocument) -> Self:
        """From a document (with ``kind``), for a model; faults are noted there."""

    @abstractmethod
    def data(self) -> dict[str, object]:
        """As in a document, without ``kind``."""

    @abstractmethod
    def sentence(self) -> str:
        """Translated: ``when the total rises into the band hot``."""

    def level(self, document: ModelDocument) -> Level | None:
        """The level of a trigger that looks at the total alone; None for any other."""
        return None


TRIGGERS: dict[str, type[Trigger]] = {}
T = TypeVar("T", bound=type[Trigger])


def register(trigger: T) -> T:
    if trigger.kind in TRIGGERS:
        raise ValueError(f"Two triggers are called {trigger.kind!r}.")
    TRIGGERS[trigger.kind] = trigger
    return trigger


def read_points(node: Node, low: int = -LARGEST) -> int:
    return node.whole(low, LARGEST)


def read_direction(fields: dict[str, Node]) -> Direction:
    if "direction" not in fields:
        return Direction.UP
    return Direction(fields["direction"].one_of([each.value for each in Direction]))


def check_exit(node: Node, found: Level, rearm: Rearm) -> None:
    """The exit lies on the side that the total comes from."""
    if rearm.exit is None:
        return
    if found.direction is Direction.UP and rearm.exit > found.at:
        node.fault(_("must not be above %(at)d") % {"at": found.at}, key="rearm")
    if found.direction is Direction.DOWN and rearm.exit < found.at:
        node.fault(_("must not be below %(at)d") % {"at": found.at}, key="rearm")
