"""The four roles: groups whose permissions are granted by migrations.

A migration that adds a model grants its permissions here too; docs/roles.md shows the whole.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.contrib.auth.management import create_permissions

MARKETING: Final = "Marketing"
SALES: Final = "Sales"
SALES_MANAGER: Final = "Sales manager"
ADMINISTRATOR: Final = "Administrator"
ROLES: Final = (MARKETING, SALES, SALES_MANAGER, ADMINISTRATOR)


def grant(apps: Any, using: str, app: str, granted: Mapping[str, Iterable[str]]) -> None:
    """Give roles permissions of one app, from inside a migration.

    ``granted``: role -> code names such as ``change_contact``. Raises LookupError for a
    code name that the app's models (as of this migration) do not have.
    """
    make_permissions(apps, using, app)
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    known = {row.codename: row for row in permissions.filter(content_type__app_label=app)}
    for role, codenames in granted.items():
        wanted = set(codenames)
        if unknown := sorted(wanted - known.keys()):
            raise LookupError(f"{app} has no permission {', '.join(unknown)}.")
        group, _new = apps.get_model("auth", "Group").objects.using(using).get_or_create(name=role)
        group.permissions.add(*(known[codename] for codename in sorted(wanted)))


def make_permissions(apps: Any, using: str, app: str) -> None:
    """Make an app's permissions now: Django would only after the last migration."""
    config = apps.get_app_config(app)
    # Django passes over apps without models, for which it takes every app of a migration.
    config.models_module = True
    create_permissions(config, apps=apps, using=using, verbosity=0)


def may(models: str, actions: str) -> set[str]:
    """Code names of every pair of an action and a model, both given as words."""
    return {f"{action}_{model}" for model in models.split() for action in actions.split()}
