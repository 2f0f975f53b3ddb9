"""The going of what acts on contacts: the model, automations, sequences and whom they tell."""

from collections.abc import Iterator
from typing import Final

from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext_lazy as _

from scoring.agreement.append_only import lifted
from scoring.agreement.audit import Action, AuditEntry
from scoring.automations import starter
from scoring.automations.models import Automation
from scoring.automations.outbox.receivers import Destination, Endpoint
from scoring.automations.sequences.document import SequenceDocument, parse
from scoring.automations.sequences.loading import document_of
from scoring.automations.sequences.models import Sequence
from scoring.criteria import templates
from scoring.criteria.faults import LONGEST_NAME
from scoring.criteria.models import ScoringModel
from scoring.demo import automating, meeting
from scoring.demo.belongings import CHANGED, USED, as_made, stays
from scoring.engine.models import Track
from scoring.reports.models import KeptReport

MODEL: Final = "b2b_starter"
LANGUAGES: Final = ("en", "es")
ACTED: Final = _("its audit trail has what people did")


def still_working() -> Iterator[str]:
    """Beside others it scores and serves them as well."""
    yield from (stays(each, USED) for each in ScoringModel.objects.filter(name=model_name()))
    names = [*names_of("automations"), automating.DESTINATION, automating.ENDPOINT]
    for model in (Automation, Destination, Endpoint):
        yield from (stays(each, USED) for each in model._default_manager.filter(name__in=names))
    slugs = {document.slug for document in sequences_made()}
    yield from (stays(each, USED) for each in Sequence.objects.filter(slug__in=slugs))


def names_of(kind: str) -> set[str]:
    return {each["name"] for found in map(starter.read, LANGUAGES) for each in found[kind]}


def sequences_made() -> list[SequenceDocument]:
    read = [each for found in map(starter.read, LANGUAGES) for each in found["sequences"]]
    return [parse(each) for each in read]


def model_name() -> str:
    return templates.template(MODEL).name


def the_model() -> Iterator[str]:
    """With the trail of what the demo did to it; what people did to it keeps it."""
    for each in ScoringModel.objects.filter(name=model_name()):
        if any(not is_of_demo(entry) for entry in AuditEntry.objects.filter(model=each)):
            yield stays(each, ACTED)
            continue
        if each.personas.exists() or each.terms.exists():
            yield stays(each, CHANGED)
            continue
        Track.objects.filter(model=each).delete()
        with lifted():
            AuditEntry.objects.filter(model=each)._raw_delete(DEFAULT_DB_ALIAS)
        each.delete()
        # What was worked out of its scores.
        KeptReport.objects.all().delete()


def is_of_demo(entry: AuditEntry) -> bool:
    if entry.action == Action.COMMANDED:
        return bool(entry.detail.get("command") == "demo")
    decided = {said[:LONGEST_NAME] for words in meeting.DECISIONS.values() for said in words}
    return entry.action == Action.SUGGESTED and entry.detail.get("title") in decided


def automations() -> Iterator[str]:
    """Each change is a version of its own."""
    for each in Automation.objects.filter(name__in=names_of("automations")):
        if each.versions.exclude(number=1, created_by=None).exists():
            each.switch_off()
            yield stays(each, CHANGED)
        else:
            each.delete()


def sequences() -> Iterator[str]:
    made = sequences_made()
    for each in Sequence.objects.filter(slug__in=[document.slug for document in made]):
        if document_of(each) in made:
            each.delete()
        else:
            Sequence.objects.filter(pk=each.pk).update(active=False)
            yield stays(each, CHANGED)


def receivers() -> Iterator[str]:
    yield from as_made(Destination, automating.DESTINATION, {"url": automating.ALERTS})
    yield from as_made(Endpoint, automating.ENDPOINT, {"url": automating.HOOK})
