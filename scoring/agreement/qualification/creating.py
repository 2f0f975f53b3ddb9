"""New personas of a model, and the names that are taken."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest
from django.utils.translation import get_language

from contacts.normalise import normalise
from scoring.agreement.audit import AuditEntry
from scoring.agreement.changes import lock_model
from scoring.agreement.qualification.models import PERSONAS_MOST, Persona
from scoring.agreement.qualification.sheets import Sheet
from scoring.criteria.models import ScoringModel

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def create(
    model: ScoringModel, sheets_for: Callable[[set[str]], list[Sheet]], request: HttpRequest
) -> list[Persona]:
    """New personas at the end; none of them where they would be too many.

    ``sheets_for`` is told the names that are taken, and stay as they are until it is done.
    """
    with transaction.atomic():
        lock_model(model.pk)
        sheets = sheets_for(names_of(model))
        if model.personas.count() + len(sheets) > PERSONAS_MOST:
            return []
        last = model.personas.aggregate(last=Max("position"))["last"]
        place = 0 if last is None else last + 1
        made = [
            Persona.objects.create(
                model=model,
                position=place + number,
                for_all=sheet.for_all,
                language=(get_language() or "en")[:2],
                grid=sheet.grid.data(),
                changed_by=cast("User", request.user),
                **sheet.lines,
            )
            for number, sheet in enumerate(sheets)
        ]
        for persona in made:
            AuditEntry.objects.note(request.user, model, "matrix", added=persona.name)
    return made


def names_of(model: ScoringModel, but: Persona | None = None) -> set[str]:
    """The normalised names of the personas."""
    others = model.personas.exclude(pk=but.pk) if but else model.personas.all()
    return {normalise(name) for name in others.values_list("name", flat=True)}
