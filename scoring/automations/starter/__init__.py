"""Ready-made automations and sequences, to begin with: a document for each language."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from contacts.yamlfile import read_yaml
from scoring.automations.loading import load_automation
from scoring.automations.models import Automation
from scoring.automations.outbox.receivers import Destination
from scoring.automations.present import live_track_of
from scoring.automations.sequences.loading import load_sequence
from scoring.automations.sequences.models import Sequence
from scoring.criteria.document import ModelDocument
from scoring.criteria.models import ScoringModel

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Installed:
    """What was not there before: automations that are off, to be looked at first, and
    sequences that are on, for nobody comes into them but by an automation.
    """

    automations: tuple[Automation, ...]
    sequences: tuple[Sequence, ...]


def install(model: ScoringModel, language: str = "", created_by: User | None = None) -> Installed:
    """Add the automations and sequences that are not there yet by name.

    Raises DocumentInvalid where no version of the model is live.
    """
    document = read(language or settings.LANGUAGE_CODE)
    live = live_track_of(model)
    bands = roles_of_bands(live.version.document_value) if live else {}
    with transaction.atomic():
        sequences = tuple(
            load_sequence(data)
            for data in document["sequences"]
            if not Sequence.objects.filter(slug=data["slug"]).exists()
        )
        Sequence.objects.filter(pk__in=[each.pk for each in sequences]).update(active=True)
        automations = tuple(
            load_automation(model, name, data, created_by)
            for name, data in fitting(document["automations"], bands)
            if not Automation.objects.filter(name=name).exists()
        )
    return Installed(automations, sequences)


def read(language: str) -> dict[str, Any]:
    """The document of a language; English where there is none in it."""
    path = FOLDER / f"{language[:2]}.yaml"
    found: dict[str, Any] = read_yaml((path if path.exists() else FOLDER / "en.yaml").read_bytes())
    return found


def roles_of_bands(document: ModelDocument) -> dict[str, str]:
    """What the model calls the bands of the ready-made set; of two bands none is warm."""
    names = [band.name for band in document.bands]
    roles = {"cold": names[0], "hot": names[-1]}
    return roles | ({"warm": names[1]} if len(names) > 2 else {})


def fitting(
    automations: list[dict[str, Any]], bands: dict[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and document of each that makes sense for a model of these bands."""
    for automation in automations:
        trigger = dict(automation["trigger"])
        role = trigger.get("band")
        if bands and role is not None and role not in bands:
            continue
        if role in bands:
            trigger["band"] = bands[role]
        actions = [without_destination(action) for action in automation["actions"]]
        rest = {key: value for key, value in automation.items() if key != "name"}
        yield automation["name"], rest | {"trigger": trigger, "actions": actions}


def without_destination(action: dict[str, Any]) -> dict[str, Any]:
    """The action but for a destination that this installation has not."""
    name = action.get("destination")
    if name is None or Destination.objects.filter(name=name).exists():
        return action
    return {key: value for key, value in action.items() if key != "destination"}
