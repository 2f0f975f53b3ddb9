"""Scenarios tried out: does the model give each invented prospect the band that it should?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from contacts.models import Contact
from contacts.records import ActivityRecord, ContactRecord, FieldSpec, Property, parse_contact
from contacts.storing import store_activities, store_contacts
from scoring.criteria.document import ModelDocument, Scenario
from scoring.criteria.scenarios import SOMEBODY
from scoring.engine.results import Result, score
from scoring.engine.scratch import scratch


@dataclass(frozen=True, slots=True)
class Trial:
    """A scenario and what came of it; no result where the prospect is no audience."""

    scenario: Scenario
    result: Result | None

    @property
    def passed(self) -> bool:
        return self.result is not None and self.result.band == self.scenario.expect


def try_scenarios(document: ModelDocument, as_of: datetime) -> list[Trial]:
    """Score every scenario of the document, as if each activity had happened its age ago.

    Each alone: two prospects may name one company and say different things of it.
    """
    return [Trial(scenario, prospect(document, scenario, as_of)) for scenario in document.scenarios]


def prospect(document: ModelDocument, scenario: Scenario, as_of: datetime) -> Result | None:
    with scratch() as using:
        store_contacts([contact_of(document, scenario, as_of)], using)
        store_activities(activities_of(scenario, as_of), using)
        contact_id = Contact.objects.using(using).values_list("pk", flat=True).get()
        return score(document, [contact_id], as_of, using).get(contact_id)


def contact_of(document: ModelDocument, scenario: Scenario, as_of: datetime) -> ContactRecord:
    fields = {spec.key: FieldSpec(spec.type, spec.choices) for spec in document.fields}
    defaults = {"email": SOMEBODY, "created_at": as_of.isoformat()}
    return parse_contact(defaults | dict(scenario.contact), fields)


def activities_of(scenario: Scenario, as_of: datetime) -> list[ActivityRecord]:
    address = str(scenario.contact.get("email", SOMEBODY))
    return [
        ActivityRecord(
            contact=address,
            type=activity.type,
            # Older than the calendar is as old as it gets.
            occurred_at=activity.age.before(as_of) or datetime.min.replace(tzinfo=UTC),
            target=activity.target,
            properties=cast(Mapping[str, Property], activity.properties),
            automated=activity.automated,
        )
        for activity in scenario.activities
    ]
