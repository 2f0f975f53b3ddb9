"""What an action is: parameters that were checked, a sentence, and what it does.

An action never talks to the outside. It writes rows, in the transaction that stores the
crossing; what is to be sent goes to the outbox.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django import forms
from django.db import models
from django.utils.functional import Promise

from contacts.models import Contact
from scoring.criteria.faults import Node
from scoring.criteria.models import ScoringModel

if TYPE_CHECKING:
    from scoring.automations.models import Crossing
    from scoring.engine.models import Score


class Impossible(Exception):
    """An action cannot be done as things are; the message tells people why."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """All that an action may know of what happened, and to whom.

    ``crossing`` is None in a test run and for what a sequence does. ``key`` is unique for
    what is to be done and stays the same however often it is tried. ``values`` are those of
    the variables of texts (see ``texts.VARIABLES``).
    """

    contact: Contact
    crossing: "Crossing | None"
    model: ScoringModel
    score: "Score | None"
    as_of: datetime
    key: str
    language: str
    values: dict[str, str] = field(default_factory=dict)

    @property
    def is_test(self) -> bool:
        return self.key.startswith("test:")

    @property
    def reasons(self) -> str:
        return self.values.get("score.reasons", "")


class ActionForm(forms.Form):
    """The fields of one kind of action in the builder; begins with ``initial_of(action)``."""

    @classmethod
    def initial_of(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Initial values of the form for the parameters in a document."""
        return data

    def parameters(self) -> dict[str, Any]:
        """What the checked form says, as a document has it; what is empty is left out."""
        return {
            name: value for name, value in self.cleaned_data.items() if value not in (None, "", [])
        }


class Action(ABC):
    """Subclasses are frozen dataclasses; a module each, registered by ``register``."""

    kind: ClassVar[str]
    title: ClassVar[str | Promise]
    icon: ClassVar[str]
    form: ClassVar[type[ActionForm]]

    @classmethod
    @abstractmethod
    def read(cls, node: Node) -> Self:
        """From the parameters in a document (without ``kind``); faults are noted there."""

    @abstractmethod
    def data(self) -> dict[str, object]:
        """As in a document, without ``kind``."""

    @abstractmethod
    def sentence(self) -> str:
        """Translated: ``create a task for the owner within 4 working hours``."""

    @abstractmethod
    def run(self, occasion: Occasion) -> str:
        """Do it in the open transaction, and say what was done. Raises Impossible."""

    def problems(self) -> list[str]:
        """What it names and is not there any more: a team, a stage, an endpoint."""
        return []

    def needed_rows(self) -> Sequence[tuple[type[models.Model], int]]:
        """Rows that it changes whoever the contact is; they are locked first, in one order."""
        return []


ACTIONS: dict[str, type[Action]] = {}
A = TypeVar("A", bound=type[Action])


def register(action: A) -> A:
    if action.kind in ACTIONS:
        raise ValueError(f"Two actions are called {action.kind!r}.")
    ACTIONS[action.kind] = action
    return action
