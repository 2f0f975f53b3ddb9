"""A document becomes a version of a model in this installation."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models import ActivityType, CustomField
from contacts.normalise import normalise
from scoring.criteria.document import DocumentInvalid, Fault, ModelDocument
from scoring.criteria.models import ScoringModel, Version
from scoring.criteria.rules import AbsenceTest, ActivityRule


@dataclass(frozen=True, slots=True)
class Loaded:
    """The version that says what the document says; ``is_new`` where there was none yet."""

    version: Version
    is_new: bool


def load(document: ModelDocument, created_by: AbstractBaseUser | None = None) -> Loaded:
    """Store the document as the next version of the model of its name.

    Declares the custom fields and activity types that are not known yet. A document that a
    version of the model holds already makes no other one, and changes nothing. Raises
    DocumentInvalid where a custom field is there already with another type.
    """
    with transaction.atomic():
        models = ScoringModel.objects.select_for_update(no_key=True)
        model, _new = models.get_or_create(name=document.name)
        declare_fields(document)
        ActivityType.objects.ids_by_slug(activity_types(document))
        known = model.versions.filter(hash=document.hash).exists()
        version = Version.objects.freeze(model, document)
        if created_by is not None and not known:
            Version.objects.filter(pk=version.pk).update(created_by=created_by)
            version.refresh_from_db()
    return Loaded(version, is_new=not known)


def activity_types(document: ModelDocument) -> set[str]:
    """Every activity type that the rules, the objective or the scenarios name."""
    tests = [rule.test.activity for rule in document.rules if isinstance(rule.test, ActivityRule)]
    tests += [rule.test.absent for rule in document.rules if isinstance(rule.test, AbsenceTest)]
    if document.objective and document.objective.activity:
        tests.append(document.objective.activity)
    done = {activity.type for scenario in document.scenarios for activity in scenario.activities}
    return done.union(*(test.types for test in tests))


def declare_fields(document: ModelDocument) -> None:
    """Make the custom fields known, and their choices; labels that are there stay."""
    keys = [spec.key for spec in document.fields]
    stored = {field.key: field for field in CustomField.objects.filter(key__in=keys)}
    check_types(document, stored)
    for spec in document.fields:
        field = stored.get(spec.key)
        if field is None:
            CustomField.objects.create(
                key=spec.key, label=spec.label, type=spec.type.value, choices=list(spec.choices)
            )
            continue
        known = {normalise(choice) for choice in field.choices}
        if more := [choice for choice in spec.choices if normalise(choice) not in known]:
            field.choices = [*field.choices, *more]
            field.save(update_fields=["choices"])


def check_types(document: ModelDocument, stored: dict[str, CustomField]) -> None:
    faults = [
        Fault(
            f"fields[{place}].type",
            _("%(key)s is there already, of type %(type)s; use another key")
            % {"key": spec.key, "type": stored[spec.key].type},
        )
        for place, spec in enumerate(document.fields)
        if spec.key in stored and stored[spec.key].type != spec.type.value
    ]
    if faults:
        raise DocumentInvalid(faults)
