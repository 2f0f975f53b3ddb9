"""The pages of versions, with what the engine knows of them: since when live, scenarios tried."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import column
from contacts.admin.sections import moment, shown_value
from contacts.models import ActivityType
from scoring.criteria.admin import VersionAdmin
from scoring.criteria.document import ModelDocument, Scenario
from scoring.criteria.fields import Catalogue
from scoring.criteria.models import Version
from scoring.engine.admin.badges import badge
from scoring.engine.models import Cause, Recompute, Track
from scoring.engine.scenarios import Trial, try_scenarios


@dataclass(frozen=True, slots=True)
class TrialShown:
    """A scenario and whether the model gives it, now, the band that it should."""

    name: str
    prospect: str
    done: str
    expected: str
    found: str
    passed: bool


class LiveVersionAdmin(VersionAdmin):
    """The agreement registers it, and adds who has signed."""

    list_display = (
        "name",
        "state_shown",
        "live_since",
        "rules",
        "bands_shown",
        "short_hash",
        "created_at",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        begun = Recompute.objects.filter(
            version=OuterRef("pk"), cause=Cause.VERSION, track__role=Track.Role.LIVE
        ).order_by("-pk")
        found = super().get_queryset(request).select_related("model")
        return found.annotate(published_at=Subquery(begun.values("started_at")[:1]))

    @column(_("live since"))
    def live_since(self, version: Any) -> str:
        is_live = version.state == Version.State.LIVE and version.published_at
        return moment(version.published_at) if is_live else ""

    def page(self, version: Any) -> dict[str, Any]:
        document = version.document_value
        names = {kind.slug: str(kind) for kind in ActivityType.objects.all()}
        return {
            **super().page(version),
            "live_since": self.live_since(version),
            "bands": [(band, badge(None, band.name, document)) for band in document.bands],
            "trials": [
                trial_shown(trial, document, names)
                for trial in try_scenarios(document, timezone.now())
            ],
        }


def trial_shown(trial: Trial, document: ModelDocument, names: Mapping[str, str]) -> TrialShown:
    scenario, result = trial.scenario, trial.result
    return TrialShown(
        name=scenario.name,
        prospect=", ".join(facts(scenario.contact, document.catalogue)),
        done="; ".join(activities(scenario, names)),
        expected=badge(None, scenario.expect, document),
        found=badge(result.total, result.band, document)
        if result
        else gettext("outside the audience"),
        passed=trial.passed,
    )


def facts(contact: Mapping[str, Any], catalogue: Catalogue, prefix: str = "") -> Iterator[str]:
    """What is said of a prospect: ``job title: CEO``, ``company employees: 300``."""
    for key, value in contact.items():
        if isinstance(value, Mapping):
            yield from facts(value, catalogue, f"{prefix}{key}.")
        else:
            known = f"{prefix}{key}"
            label = catalogue.field(known).label if known in catalogue else known
            yield f"{label}: {shown_value(value)}"


def activities(scenario: Scenario, names: Mapping[str, str]) -> Iterator[str]:
    for each in scenario.activities:
        what = names.get(each.type, each.type)
        if each.target:
            what = f"{what} {each.target}"
        if each.automated:
            what = gettext("%(activity)s (automated)") % {"activity": what}
        yield gettext("%(activity)s, %(age)s ago") % {"activity": what, "age": each.age.in_words()}
