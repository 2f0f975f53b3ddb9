"""System checks of the settings; `manage.py check` and every start of a server run them.

What makes a start impossible is refused in settings.py. Each check here has an id of its own.
"""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db import connection

Apps = Sequence[AppConfig] | None
Found = list[checks.CheckMessage]

# Before 3.38 SQLite has no ->> and no json_each that the criteria rely on.
LEAST_SQLITE = (3, 38, 0)


@checks.register
def check_sqlite_is_new_enough(app_configs: Apps, **kwargs: Any) -> Found:
    if uses_sqlite() and sqlite3.sqlite_version_info < LEAST_SQLITE:
        return [
            checks.Error(
                f"Python's SQLite is {sqlite3.sqlite_version}, which is too old.",
                hint="Use a Python with SQLite 3.38 or newer, or set DATABASE_URL to PostgreSQL.",
                id="leadscoring.E001",
            )
        ]
    return []


@checks.register
def check_var_is_ours(app_configs: Apps, **kwargs: Any) -> Found:
    """The embedded database and queue write there."""
    folder = Path(settings.VAR_DIR)
    needed = uses_sqlite() or settings.QUEUE_IS_EMBEDDED
    if needed and folder.exists() and not os.access(folder, os.W_OK):
        return [
            checks.Error(
                f"The folder {folder} cannot be written.",
                hint="Give it to the user that runs this program, or set VAR_DIR.",
                id="leadscoring.E002",
            )
        ]
    return []


@checks.register
def check_production_database(app_configs: Apps, **kwargs: Any) -> Found:
    if settings.PRODUCTION and uses_sqlite():
        return [
            checks.Warning(
                "SQLite serves one machine and one writer at a time.",
                hint="Set DATABASE_URL to a PostgreSQL database.",
                id="leadscoring.W001",
            )
        ]
    return []


@checks.register(checks.Tags.security, deploy=True)
def check_https(app_configs: Apps, **kwargs: Any) -> Found:
    if settings.PRODUCTION and not settings.SSL_REDIRECT:
        return [
            checks.Warning(
                "SSL_REDIRECT is off: passwords and cookies may travel in clear.",
                hint="Unset SSL_REDIRECT; behind a proxy that ends TLS set TRUST_PROXY_HEADERS.",
                id="leadscoring.W002",
            )
        ]
    return []


def uses_sqlite() -> bool:
    return connection.vendor == "sqlite"
