"""Texts anywhere in the database that name somebody: found, and put under a pseudonym.

Whatever belongs to the contact is dealt with before. This is about what others wrote and what
was copied: minutes of a meeting, a letter to a colleague, a saved search, what was answered to
another system.
"""

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, Final

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.functions import Cast

from contacts.models import Contact, Pending, Target
from contacts.models.twins import Twin
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.sealed import SealedField
from scoring.operations.erasing.identity import Identity

# Never changed once written: the audit trail, and documents that are known by their hash.
FROZEN: Final = frozenset(
    {
        "scoring.auditentry",
        "scoring.automationversion",
        "scoring.impact",
        "scoring.version",
    }
)
# Companies, and what Django keeps for itself: in sessions there are numbers of rows.
PASSED_OVER: Final = frozenset({"contacts.company"})
# Of contacts; their own names, addresses and phones are theirs.
OF_CONTACTS: Final = (
    *("job_title", "language", "city", "region", "source", "campaign", "attributes"),
)
OWN_APPS: Final = ("contacts", "scoring", "admin")
# SQLite takes an expression of a thousand parts at most.
AT_ONCE: Final = 500
# Of whom one field was swept the others would still tell: these go as a whole.
WHOLE: Final = frozenset({"scoring.rejecteditem"})


def swept_models() -> Iterator[type[models.Model]]:
    for model in apps.get_models(include_auto_created=True):
        own = model._meta.app_label in OWN_APPS and not model._meta.proxy
        if own and model._meta.label_lower not in PASSED_OVER | FROZEN:
            yield model


def text_columns(model: type[models.Model]) -> list[str]:
    """A twin follows the column that it is of; what is chosen from a list names nobody, and
    what is sealed is the address or the secret of another system.
    """
    if model is Contact:
        return [*OF_CONTACTS]
    return [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
        and not isinstance(field, Twin | SealedField)
        and not field.choices
    ]


def naming(model: type[models.Model], identity: Identity) -> list[Any]:
    """The keys of the rows that may name the person; some do not when looked at closely."""
    casts, columns = {}, []
    for name in text_columns(model):
        if isinstance(model._meta.get_field(name), models.JSONField):
            casts[f"{name}_as_text"] = Cast(name, models.TextField())
            columns.append(f"{name}_as_text")
        else:
            columns.append(name)
    asked = [(f"{column}__icontains", text) for column in columns for text in identity.needles]
    rows = model._default_manager.alias(**casts).order_by()
    found: dict[Any, None] = {}
    for at in range(0, len(asked), AT_ONCE):
        either = Q(*asked[at : at + AT_ONCE], _connector=Q.OR)
        found |= dict.fromkeys(rows.filter(either).values_list("pk", flat=True).iterator())
    return list(found)


def found_in(model: type[models.Model], identity: Identity) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The rows that name the person, each with the columns that have to change."""
    for pk in naming(model, identity):
        if changed := changes_of(model._default_manager.filter(pk=pk), identity):
            yield pk, changed


def changes_of(row: models.QuerySet[Any], identity: Identity) -> dict[str, Any]:
    stored = row.values(*text_columns(row.model)).first() or {}
    swept = {name: identity.without_in(value) for name, value in stored.items()}
    changed = {
        name: shortened(row.model, name, value)
        for name, value in swept.items()
        if value != stored[name]
    }
    return changed | in_step(row.model, changed)


def in_step(model: type[models.Model], changed: dict[str, Any]) -> dict[str, Any]:
    """Digests that are kept beside a text."""
    if model is Target and "text" in changed:
        return {"key": Target.key_of(changed["text"])}
    if model is Message and "body" in changed:
        return {"body_sha256": hashlib.sha256(changed["body"].encode()).hexdigest()}
    return {}


def shortened(model: type[models.Model], name: str, value: Any, end: str = "") -> Any:
    """With ``end`` after it. A pseudonym may be longer than what it stands for."""
    if not isinstance(value, str):
        return value
    most = getattr(model._meta.get_field(name), "max_length", None) or len(value + end)
    return value[: most - len(end)] + end


def sweep(identity: Identity) -> None:
    for model in swept_models():
        rows: Any = model._default_manager.all()
        rows = rows.unnoted() if hasattr(rows, "unnoted") else rows
        for pk in naming(model, identity):
            row = rows.filter(pk=pk)
            # Read once more under the lock: what somebody else writes meanwhile must not be lost.
            changed = changes_of(row.select_for_update(), identity)
            if changed and model._meta.label_lower in WHOLE:
                row.delete()
            elif changed:
                put(row, changed, f" ({pk})")
                if model is Contact:
                    # No history of it, for that would name the person; the score is made anew.
                    Pending.objects.mark([pk], Pending.Cause.PROFILE)


def put(row: Any, changed: dict[str, Any], else_with: str) -> None:
    """Two tags that named the person in two ways must not become one name: then with the number."""
    try:
        with transaction.atomic():
            row.update(**changed)
    except IntegrityError:
        told_apart = {
            name: shortened(row.model, name, value, else_with) for name, value in changed.items()
        }
        row.update(**told_apart | in_step(row.model, told_apart))


def counted(
    identity: Identity, own: Mapping[type[models.Model], Container[Any]]
) -> dict[type[models.Model], int]:
    """How many rows of which model name the person, beside ``own``: those that belong to it."""
    return rows_counted(swept_models(), identity, own)


def frozen_rows(identity: Identity) -> dict[type[models.Model], int]:
    """Of what is never changed, how many rows name the person."""
    return rows_counted(map(apps.get_model, sorted(FROZEN)), identity, {})


def rows_counted(
    among: Iterable[type[models.Model]],
    identity: Identity,
    own: Mapping[type[models.Model], Container[Any]],
) -> dict[type[models.Model], int]:
    found = {
        model: sum(1 for pk, _changed in found_in(model, identity) if pk not in own.get(model, ()))
        for model in among
    }
    return {model: count for model, count in found.items() if count}
