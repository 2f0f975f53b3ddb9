"""Trying an automation on a real contact: everything is done, said, and undone.

Nothing is stored and nothing is sent: actions only write rows, and these are rolled back.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from contacts.models import Contact
from scoring.automations.actions import Action, Occasion
from scoring.automations.conditions import ConditionTest, which_hold
from scoring.automations.firing import attempt, lock
from scoring.automations.texts import HOLE, Template, TextInvalid
from scoring.automations.values import values_of
from scoring.engine.locks import lock_contacts
from scoring.engine.models import Score, Track


@dataclass(frozen=True, slots=True)
class TriedCondition:
    condition: ConditionTest
    holds: bool


@dataclass(frozen=True, slots=True)
class TriedAction:
    """``state`` as of an ActionRun; ``texts``: name of the parameter and what it becomes."""

    action: Action
    state: str
    detail: str
    texts: Sequence[tuple[str, str]]


class Undone(Exception):
    """Rolls back what was only tried."""


def try_conditions(
    conditions: Sequence[ConditionTest], contact: Contact, track: Track
) -> list[TriedCondition]:
    fields = track.version.document_value.fields
    held = which_hold(conditions, fields, contact.pk, timezone.now())
    return [
        TriedCondition(condition, holds)
        for condition, holds in zip(conditions, held, strict=True)
    ]  # fmt: skip


def try_actions(
    actions: Sequence[Action], contact: Contact, track: Track, name: str
) -> list[TriedAction]:
    """Do the actions one after another, as for a crossing, and undo all of them.

    What they say of it is in the language of whoever tries, unlike what is stored for all.
    """
    tried: list[TriedAction] = []
    score = (
        Score.objects.filter(track=track, contact=contact)
        .select_related("track__version", "track__model")
        .first()
    )
    values = values_of(contact, score, track.model.name, name)
    try:
        with transaction.atomic():
            lock_contacts([contact.pk])
            lock(actions)
            for action in actions:
                # Read again: an action may change the contact for the one that follows.
                fresh = Contact.objects.get(pk=contact.pk)
                occasion = partial(occasion_of, fresh, score, track, values)
                state, detail = attempt(action, occasion, name, 1)
                texts = list(texts_of(action.data(), values))
                tried.append(TriedAction(action, state, detail, texts))
            raise Undone
    except Undone:
        return tried


def occasion_of(
    contact: Contact, score: Score | None, track: Track, values: dict[str, str]
) -> Occasion:
    return Occasion(
        contact=contact,
        crossing=None,
        model=track.model,
        score=score,
        as_of=timezone.now(),
        key=f"test:{uuid.uuid4()}",
        language=settings.LANGUAGE_CODE,
        values=values,
    )


def texts_of(
    data: Mapping[str, object], values: Mapping[str, str], prefix: str = ""
) -> Iterator[tuple[str, str]]:
    """The texts with variables among some parameters, filled in."""
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from texts_of(value, values, f"{prefix}{key}.")
        elif isinstance(value, str) and HOLE.search(value):
            yield f"{prefix}{key}", rendered(value, values)


def rendered(text: str, values: Mapping[str, str]) -> str:
    try:
        return Template.read(text).render(values)
    except TextInvalid as invalid:
        return str(invalid)
