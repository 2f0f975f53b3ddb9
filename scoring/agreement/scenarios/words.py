"""A scenario as one reads it: who they are, and what they did how long ago."""

from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext

from contacts.models.activities import KNOWN_TYPES
from scoring.agreement.scenarios.cards import ActivityRow, Card
from scoring.criteria.durations import Duration, DurationFault
from scoring.criteria.fields import Catalogue


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str


def who(card: Card, catalogue: Catalogue) -> list[Fact]:
    return [
        Fact(
            capfirst(str(catalogue.field(row.field).label))
            if row.field in catalogue
            else row.field,
            row.value,
        )
        for row in card.fields
        if row.field and row.value.strip()
    ]


def did(card: Card) -> list[Fact]:
    return [
        Fact(str(KNOWN_TYPES.get(row.type, row.type)), described(row)) for row in card.activities
    ]


def described(row: ActivityRow) -> str:
    parts = [row.target, ago(row), *row.properties.splitlines()]
    if row.automated:
        parts.append(gettext("automated, does not count"))
    return ", ".join(part for part in parts if part)


def ago(row: ActivityRow) -> str:
    try:
        age = Duration.parse(f"{row.count} {row.unit}", zero=True)
    except DurationFault:
        return ""
    if not age.count:
        return gettext("just now")
    return gettext("%(duration)s ago") % {"duration": age.in_words()}
