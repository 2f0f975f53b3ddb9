"""A person's name, address and phone in every text of the database, and looking for them there."""

import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.apps import apps
from django.db import connection, models
from django.utils.html import escape

from contacts.models import Target
from contacts.models.twins import Twin
from scoring.automations.outbox.sealed import SealedField
from scoring.operations.erasing.sweeping import FROZEN, OWN_APPS

EMAIL: Final = "ana.quintanilla@secreto.example"
FORMER: Final = "aq@antes.example"
NAME: Final = "Ana Quintanilla O'Peña"
PHONE: Final = "+34 699 123 456"
FIRST, LAST = NAME.split(" ", 1)
# By what the reports count calls.
CALLED = {"by": "saul", "result": "reached", "band": "hot", "answered": True, "minutes": 3}
SAID: Final = f"{NAME}, {EMAIL}, {FORMER}, {PHONE}"
# As pages, other systems and what is copied from them write it.
EVERY_WAY: Final = (
    *(SAID, SAID.upper(), urlencode({"q": SAID}), f"q=to+{quote(SAID)}", f"to%20{quote(SAID)}"),
    *(json.dumps({"said": SAID}), escape(SAID), json.dumps([escape(SAID)])),
)
# In small letters, as every text is looked at; of the name what no other word begins with.
TRACES: Final = (
    *("quintanilla", "secreto", "antes.example"),
    *(f"699{blank}123{blank}456" for blank in (" ", "", "+", "%20")),
)
# By what the product runs and knows who was who: there it says what it has to say by itself.
RUN_BY: Final = frozenset(
    {
        "contacts.activitytype",
        "contacts.emailalias",
        "contacts.fieldchange",
        "contacts.merge",
        "contacts.contact",
        "contacts.company",
        "contacts.workerprocess",
    }
)


def stuff() -> list[str]:
    """Say it in every text that somebody may write or that is copied; the columns, by name."""
    done = []
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.label_lower
        ours = model._meta.app_label in OWN_APPS and not model._meta.proxy
        if not ours or label in RUN_BY | FROZEN:
            continue
        for field in model._meta.concrete_fields:
            if (
                is_free(field)
                and field.name not in bound(model)
                and (pks := list(model._base_manager.values_list("pk", flat=True)))
            ):
                for pk in pks:
                    write(model, pk, field)
                done.append(f"{label}.{field.name}")
    return done


def is_free(field: Any) -> bool:
    sealed = isinstance(field, Twin | SealedField | models.SlugField)
    most = getattr(field, "max_length", None)
    is_text = field.get_internal_type() in ("CharField", "TextField", "JSONField")
    is_long = most is None or most > len(SAID)
    return bool(is_text and is_long and not (sealed or field.unique or field.choices))


def bound(model: type[models.Model]) -> set[str]:
    """Names of things, by which they are told apart."""
    alike = [one for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)]
    found = {name for one in alike for name in one.fields}
    return {*found, *(name for names in model._meta.unique_together for name in names)} - {
        "external_id"
    }


def write(model: type[models.Model], pk: Any, field: Any) -> None:
    value: Any = SAID
    if isinstance(field, models.JSONField):
        value = {"said": EVERY_WAY, SAID: 1, "tel": 34699123456}
    elif model._meta.label_lower == "scoring.message" and field.name == "body":
        value = f'{{"text":"{SAID}"}}'
    elif field.name == "external_id":
        value = f"{SAID} {pk}"
    elif field.max_length is None:
        value = "\n".join(EVERY_WAY)
    rows: Any = model._base_manager.filter(pk=pk)
    own = rows.unnoted() if hasattr(rows, "unnoted") else rows
    if model is Target:
        value = f"{SAID} {pk}"
        own.update(key=Target.key_of(value))
    own.update(**{field.name: value})


def traces() -> Iterator[str]:
    """Every column of every table in which the person can still be found."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            columns = connection.introspection.get_table_description(cursor, table)
            for column in (each.name for each in columns):
                text = f'LOWER(CAST("{table}"."{column}" AS text))'
                likes = " OR ".join([f"{text} LIKE %s"] * len(TRACES))
                cursor.execute(
                    f'SELECT COUNT(*) FROM "{table}" WHERE {likes}',  # noqa: S608
                    [f"%{trace}%" for trace in TRACES],
                )
                if cursor.fetchone()[0]:
                    yield f"{table}.{column}"
