"""What people are shown of a version before they decide: differences, scenarios, triggers."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from contacts.models import ActivityType
from scoring.agreement.admin import hub
from scoring.agreement.going_live import live_version
from scoring.agreement.remarks import Remark
from scoring.agreement.triggers import fired_by
from scoring.agreement.workshop.choices import reasons_in
from scoring.criteria.differences import differences
from scoring.criteria.document import ModelDocument
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.admin.versions import trial_shown
from scoring.engine.scenarios import try_scenarios

IMPACT = "impact"


def version_facts(request: HttpRequest, model: ScoringModel, document: ModelDocument) -> Any:
    """``differences`` is None where nothing is live to differ from."""
    live = live_version(model)
    names = {kind.slug: str(kind) for kind in ActivityType.objects.all()}
    fired = fired_by(model, document)
    return {
        "live": live,
        "differences": differences(live.document_value, document) if live else None,
        "trials": [
            trial_shown(trial, document, names) for trial in try_scenarios(document, timezone.now())
        ],
        "fired": fired,
        "broken": [each for each in fired if each.fault],
        "threshold_choices": reasons_in(document, model),
        "objections": open_objections(model),
        "impact_url": impact_url(request, model),
    }


def impact_url(request: HttpRequest, model: ScoringModel) -> str:
    page = hub.PAGES.get(IMPACT)
    return page.address(model) if page and page.may_see(request, model) else ""


def open_objections(model: ScoringModel) -> list[Remark]:
    found = Remark.objects.open_objections().filter(version__model=model)
    return list(found.select_related("version", "user").order_by("-pk")[:50])


def talk(version: Version) -> dict[str, Any]:
    """The remarks on a version for its page: as a list, and those that stand beside a rule."""
    said = conversation(version)
    about = [remark for remark, _replies in said if remark.rule]
    return {"conversation": said, "about_rules": about, "remarks_on": version}


def conversation(version: Version) -> list[tuple[Remark, list[Remark]]]:
    """The remarks on a version in order, each with its answers below it."""
    remarks = list(version.remarks.select_related("user")[:500])
    below: dict[int, list[Remark]] = {}
    for remark in remarks:
        if remark.answers_id:
            below.setdefault(remark.answers_id, []).append(remark)
    return [(each, below.get(each.pk, [])) for each in remarks if not each.answers_id]
