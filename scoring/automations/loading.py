"""A document becomes an automation of a model in this installation."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from scoring.automations.document import parse
from scoring.automations.models import Automation
from scoring.automations.present import live_track_of
from scoring.criteria.document import DocumentInvalid, Fault
from scoring.criteria.models import ScoringModel


def load_automation(
    model: ScoringModel,
    name: str,
    data: object,
    created_by: User | None = None,
) -> Automation:
    """Store what a document says as the automation of this name, and leave it as on as it was.

    Raises DocumentInvalid, also where no version of the model is live yet.
    """
    live = live_track_of(model)
    if live is None:
        message = _("No version of this model is live: its bands and fields are not known yet.")
        raise DocumentInvalid([Fault("", message)])
    document = parse(data, live.version.document_value)
    with transaction.atomic():
        automation, _new = Automation.objects.get_or_create(name=name, defaults={"model": model})
        automation.save_version(document, created_by)
    return automation
