"""What a version will set off: the automations of its model, as the version reads them."""

from dataclasses import dataclass

from scoring.automations.models import Automation
from scoring.automations.words import conditions_and_actions, trigger_in_words
from scoring.criteria.document import DocumentInvalid, ModelDocument
from scoring.criteria.models import ScoringModel


@dataclass(frozen=True, slots=True)
class Fired:
    """An automation under a version; with a fault it will do nothing, and ``when`` is empty."""

    automation: Automation
    when: str
    then: str
    fault: str


def fired_by(model: ScoringModel, document: ModelDocument) -> list[Fired]:
    """The automations that are on. One that names a band or field that is gone has a fault."""
    found = Automation.objects.filter(model=model, live=True, version__isnull=False)
    return [fired(each, document) for each in found.select_related("version").order_by("name")]


def fired(automation: Automation, document: ModelDocument) -> Fired:
    try:
        value = automation.current.value_for(document)
    except DocumentInvalid as invalid:
        return Fired(automation, "", "", "; ".join(str(fault) for fault in invalid.faults))
    then = conditions_and_actions(value, document.catalogue)
    return Fired(automation, trigger_in_words(value), then, "")
