"""A live model and automations on it, with one action that does nothing but leave a trace."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.functional import Promise

from contacts.models import Contact, Tag
from scoring.automations.actions import ACTIONS, Action, ActionForm, Impossible, Occasion
from scoring.automations.loading import load_automation
from scoring.automations.models import Automation, Crossing
from scoring.criteria.faults import Node
from scoring.criteria.models import ScoringModel
from tests.engine.scored import MODEL, go_live, person, refresh_all, visit

__all__ = ["MODEL", "crossed", "go_live", "hot", "person", "refresh_all", "visit"]

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trace(Action):
    """Tags the contact, which is then refreshed in turn; fails, or breaks, where told so."""

    kind: ClassVar[str] = "trace"
    title: ClassVar[str | Promise] = "Trace"
    icon: ClassVar[str] = "footprint"
    form: ClassVar[type[ActionForm]] = ActionForm

    tag: str

    @classmethod
    def read(cls, node: Node) -> Self:
        fields = node.fields(["tag"])
        return cls(fields["tag"].name() if "tag" in fields else "")

    def data(self) -> dict[str, object]:
        return {"tag": self.tag}

    def sentence(self) -> str:
        return f"leave the trace {self.tag}"

    def run(self, occasion: Occasion) -> str:
        if self.tag == "impossible":
            raise Impossible("It cannot be done.")
        made = Tag.objects.create(name=f"{self.tag} {occasion.key}")
        occasion.contact.set_tags([*occasion.contact.tags.all(), made])
        if self.tag == "broken":
            raise ZeroDivisionError
        return f"tagged as {self.tag}"


ACTIONS.setdefault(Trace.kind, Trace)

HOT: Data = {"kind": "band_entered", "band": "hot"}
TRACE: Data = {"kind": "trace", "tag": "seen"}


def hot(trigger: Data = HOT, *actions: Data, name: str = "Hot", **more: Any) -> Automation:
    """An automation that is on."""
    model = ScoringModel.objects.get(name=MODEL["name"])
    data = {"trigger": trigger, "actions": list(actions) or [TRACE], **more}
    automation = load_automation(model, name, data)
    automation.switch_on()
    return automation


def crossed(who: Contact, **only: Any) -> list[tuple[str, str, str]]:
    """Automation, direction and why held back, of each crossing of a contact in order."""
    found = Crossing.objects.filter(contact=who, **only).order_by("at", "pk")
    return [(each.automation.name, each.direction, each.suppressed) for each in found]
