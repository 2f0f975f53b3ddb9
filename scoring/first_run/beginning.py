"""A ready-made model to begin with: as a draft to talk about, or live at once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import get_language

from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.editor.beginning import ABOUT
from scoring.agreement.going_live import publish_unsigned
from scoring.criteria import templates
from scoring.criteria.drafts import Draft
from scoring.criteria.loading import load
from scoring.criteria.models import ScoringModel, Version

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class BegunAlready(Exception):
    """There is a draft of this model, or a version is live, which must not be overwritten."""


@dataclass(frozen=True, slots=True)
class Template:
    """A ready-made model as a card."""

    slug: str
    name: str
    about: str
    rules: int
    bands: str
    model: ScoringModel | None


def offered() -> list[Template]:
    known = {model.name: model for model in ScoringModel.objects.all()}
    found = []
    for slug in templates.names():
        document = templates.template(slug, get_language())
        bands = ", ".join(
            band.name if band.start is None else f"{band.name} ≥ {band.start}"
            for band in document.bands
        )
        about = str(ABOUT.get(slug) or templates.about(slug, get_language()))
        model = known.get(document.name)
        found.append(Template(slug, document.name, about, len(document.rules), bands, model))
    return found


@transaction.atomic
def begin_draft(slug: str, user: "AbstractBaseUser | AnonymousUser") -> Draft:
    """Raises KeyError where there is no such template, BegunAlready."""
    document = templates.template(slug, get_language())
    models = ScoringModel.objects.select_for_update(no_key=True)
    model, _new = models.get_or_create(name=document.name)
    if Draft.objects.filter(model=model).exists() or model.versions.live().exists():
        raise BegunAlready
    draft = Draft.objects.begin(document)
    AuditEntry.objects.note(user, draft.model, Action.DRAFT_BEGUN)
    return draft


@transaction.atomic
def go_live(slug: str, user: "AbstractBaseUser | AnonymousUser | None") -> Version:
    """Only while nothing was ever live: later a version is signed. Raises as the draft does."""
    document = templates.template(slug, get_language())
    ScoringModel.objects.select_for_update(no_key=True).get_or_create(name=document.name)
    if Version.objects.filter(state__in=[Version.State.LIVE, Version.State.RETIRED]).exists():
        raise BegunAlready
    version = load(document).version
    person = user if isinstance(user, User) else None
    publish_unsigned(version, "first steps", user=person)
    return version
