"""An activity arrives, or none does for some time."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.automations.form_fields import (
    ActivityFields,
    ActivityTestFields,
    initial_of_test,
    types_initial,
)
from scoring.automations.triggers.base import MOST_HOURS, Trigger, TriggerForm, register
from scoring.criteria.document import ModelDocument
from scoring.criteria.durations import Duration, Unit
from scoring.criteria.faults import Node
from scoring.criteria.form_fields import DurationField, number_field
from scoring.criteria.phrases import anything_of
from scoring.criteria.tests import ActivityTest, read_activity_test, read_types


class ActivityArrivesForm(TriggerForm, ActivityTestFields):
    cool_down_hours = number_field(
        gettext_lazy("Hours between two times, at least"),
        required=False,
        help_text=gettext_lazy("Empty: every such activity sets it off."),
    )
    folded = (*ActivityTestFields.folded, "cool_down_hours")
    field_order = ("type",)

    @classmethod
    def initial_of(cls, data: dict[str, Any]) -> dict[str, Any]:
        found = initial_of_test(data.get("activity", {}))
        return {**found, "cool_down_hours": data.get("cool_down_hours")}

    def parameters(self) -> dict[str, Any]:
        hours = self.cleaned_data["cool_down_hours"]
        return {"activity": self.test()} | ({"cool_down_hours": hours} if hours else {})


class QuietForm(TriggerForm, ActivityFields):
    any_type = True
    silence = DurationField(label=gettext_lazy("For"))
    field_order = ("silence", "type")
    places: ClassVar[dict[str, str]] = {"for": "silence"}

    @classmethod
    def initial_of(cls, data: dict[str, Any]) -> dict[str, Any]:
        return {**types_initial(data.get("type")), "silence": data.get("for", "")}

    def parameters(self) -> dict[str, Any]:
        types = self.types()
        return {"for": self.cleaned_data["silence"]} | ({"type": types} if types else {})


@register
@dataclass(frozen=True, slots=True)
class ActivityArrives(Trigger):
    """Every activity of this kind is an event of its own, unless it cools down between them."""

    kind: ClassVar[str] = "activity"
    title: ClassVar[str | Promise] = gettext_lazy("An activity arrives")
    icon: ClassVar[str] = "bolt"
    form: ClassVar[type[TriggerForm]] = ActivityArrivesForm

    activity: ActivityTest
    cool_down_hours: int = 0

    @classmethod
    def read(cls, node: Node, document: ModelDocument) -> Self:
        fields = node.fields(["kind", "activity"], ["cool_down_hours"])
        return cls(
            activity=(
                read_activity_test(fields["activity"]) if "activity" in fields else ActivityTest(())
            ),
            cool_down_hours=(
                fields["cool_down_hours"].whole(0, MOST_HOURS) if "cool_down_hours" in fields else 0
            ),
        )

    @property
    def cool_down(self) -> timedelta:
        return timedelta(hours=self.cool_down_hours)

    def data(self) -> dict[str, object]:
        return {"activity": self.activity.data()} | (
            {"cool_down_hours": self.cool_down_hours} if self.cool_down_hours else {}
        )

    def sentence(self) -> str:
        return _("when they %(activity)s") % {"activity": self.activity.sentence()}


@register
@dataclass(frozen=True, slots=True)
class Quiet(Trigger):
    """Nothing of these types, or of any where none is named, for so long since the last."""

    kind: ClassVar[str] = "quiet"
    title: ClassVar[str | Promise] = gettext_lazy("A lead goes quiet")
    icon: ClassVar[str] = "bedtime"
    form: ClassVar[type[TriggerForm]] = QuietForm

    silence: Duration
    types: tuple[str, ...] = ()

    @classmethod
    def read(cls, node: Node, document: ModelDocument) -> Self:
        fields = node.fields(["kind", "for"], ["type"])
        return cls(
            silence=fields["for"].duration() if "for" in fields else Duration(1, Unit.DAYS),
            types=read_types(fields["type"]) if "type" in fields else (),
        )

    def data(self) -> dict[str, object]:
        data: dict[str, object] = {"for": str(self.silence)}
        if self.types:
            data["type"] = self.types[0] if len(self.types) == 1 else list(self.types)
        return data

    def sentence(self) -> str:
        duration = self.silence.in_words()
        if not self.types:
            return _("when they have done nothing for %(duration)s") % {"duration": duration}
        return _("when for %(duration)s they did not %(activity)s") % {
            "duration": duration,
            "activity": anything_of(self.types),
        }
