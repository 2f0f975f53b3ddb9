"""An occasion to act on, and an action as a document has it."""

from datetime import UTC, datetime
from typing import Any

from contacts.models import Contact
from scoring.automations.actions import ACTIONS, Action, Occasion
from scoring.automations.trial import try_actions
from scoring.automations.values import values_of
from scoring.criteria.faults import Node
from scoring.criteria.models import ScoringModel
from tests.automations.set_up import go_live

# A Monday, and later than the clock of this machine, so that working hours count from here.
MONDAY = datetime(2107, 10, 3, 10, tzinfo=UTC)


def action(kind: str, **data: Any) -> Action:
    """One without faults."""
    node = Node(data)
    read = ACTIONS[kind].read(node)
    assert node.faults == []
    return read


def faults(kind: str, **data: Any) -> list[str]:
    node = Node(data)
    ACTIONS[kind].read(node)
    return [str(fault) for fault in node.faults]


def occasion(contact: Contact, key: str = "x:1:0", at: datetime = MONDAY) -> Occasion:
    return Occasion(
        contact=contact,
        crossing=None,
        model=ScoringModel(name="B2B"),
        score=None,
        as_of=at,
        key=key,
        language="en",
        values=values_of(contact, None, "B2B", "Hot"),
    )


def tried(contact: Contact, *actions: Action) -> list[tuple[str, str]]:
    """What a trial says of each: its state, and how it went."""
    found = try_actions(actions, contact, go_live(), "Hot")
    return [(each.state, each.detail) for each in found]


def parameters(kind: str, **given: Any) -> dict[str, Any]:
    """What the form makes of what was typed."""
    form = ACTIONS[kind].form(given)
    assert form.is_valid(), form.errors
    return form.parameters()


def errors(kind: str, **given: Any) -> dict[str, Any]:
    return dict(ACTIONS[kind].form(given).errors)
