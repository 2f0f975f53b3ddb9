"""Typed readers of environment variables, for settings.py only.

Every reader raises ImproperlyConfigured with the variable, the value and what is allowed: a
wrong setting stops the program at once, where it can be seen. An empty variable counts as unset.
"""

import os
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = ("1", "true", "yes", "on")
FALSE = ("0", "false", "no", "off")
POSTGRESQL_OPTIONS = (
    "connect_timeout",
    "host",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
)
# Scheme -> port, STARTTLS, TLS from the first byte.
EMAIL_SCHEMES = {
    "smtp": (25, False, False),
    "smtp+tls": (587, True, False),
    "smtps": (465, False, True),
}
# Why each of these: docs/design-notes.md, "SQLite".
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-20000;"
        "PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=27103364;PRAGMA temp_store=MEMORY;"
    ),
}


def wrong(name: str, value: str, allowed: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} is {value!r}; it must be {allowed}.")


def env_str(name: str, default: str = "", *, choices: Sequence[str] = ()) -> str:
    value = os.environ.get(name, "").strip() or default
    if choices and value not in choices:
        raise wrong(name, value, f"one of {', '.join(choices)}")
    return value


def env_bool(name: str, default: bool) -> bool:
    value = env_str(name).lower()
    if not value:
        return default
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise wrong(name, value, f"one of {', '.join(TRUE + FALSE)}")


def env_int(name: str, default: int, *, least: int, most: int) -> int:
    value = env_str(name)
    if not value:
        return default
    # isdecimal() also lets through digits of other scripts, which int() reads: harmless here.
    if not value.isdecimal() or not least <= int(value) <= most:
        raise wrong(name, value, f"a whole number from {least} to {most}")
    return int(value)


def env_list(name: str, default: Sequence[str] = ()) -> list[str]:
    """A comma-separated list; spaces around an item do not count."""
    value = env_str(name)
    if not value:
        return list(default)
    items = [item.strip() for item in value.split(",")]
    if "" in items:
        raise wrong(name, value, "a list separated by commas, without an empty item")
    return items


def env_networks(name: str) -> list[IPv4Network | IPv6Network]:
    """A comma-separated list of networks or single addresses."""
    networks = []
    for item in env_list(name):
        try:
            networks.append(ip_network(item))
        except ValueError as error:
            allowed = "networks such as 10.0.0.0/8, separated by commas"
            raise wrong(name, item, allowed) from error
    return networks


class MailServer(NamedTuple):
    """``starttls``: begins in clear; ``tls``: encrypted from the first byte."""

    host: str
    port: int
    user: str
    password: str
    starttls: bool
    tls: bool


def env_email(name: str) -> MailServer:
    """The mail server of a URL; without one it is this machine, port 25."""
    value = env_str(name, "smtp://localhost")
    allowed = "smtp://host:port, smtp+tls://user:password@host:port or smtps://user:password@host"
    parts = split_url(name, value, allowed)
    if parts.scheme not in EMAIL_SCHEMES or not parts.hostname or parts.path.strip("/"):
        raise wrong(name, hide_password(value), allowed)
    port, starttls, tls = EMAIL_SCHEMES[parts.scheme]
    return MailServer(
        host=parts.hostname,
        port=parts.port or port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=starttls,
        tls=tls,
    )


def env_path(name: str, default: Path, base: Path) -> Path:
    """A folder or file; a relative one is relative to `base`."""
    value = env_str(name)
    return base / Path(value).expanduser() if value else default


def env_redis(name: str) -> str:
    """The address of a Redis or Valkey server; empty where the embedded one is to be used."""
    value = env_str(name)
    if not value:
        return ""
    allowed = "redis://host:port/number, rediss://host:port/number or unix:///path/to/socket"
    parts = split_url(name, value, allowed)
    path = parts.path.strip("/")
    if parts.scheme in ("redis", "rediss"):
        right = bool(parts.hostname) and (not path or path.isdecimal())
    else:
        right = parts.scheme == "unix" and bool(path)
    if not right:
        raise wrong(name, hide_password(value), allowed)
    return value


def env_database(name: str, default: Path, base: Path) -> dict[str, Any]:
    """Django's DATABASES entry for a URL.

    sqlite:///path is relative to `base`, sqlite:////path absolute. A part of a postgres://
    URL that holds one of `:/?#@%` must be percent-encoded.
    """
    value = env_str(name)
    if not value:
        return sqlite_database(default)
    allowed = "sqlite:///path or postgres://user:password@host:port/name?sslmode=..."
    parts = split_url(name, value, allowed)
    if parts.scheme == "sqlite":
        path = unquote(parts.path.removeprefix("/"))
        if parts.netloc or parts.query or not path:
            raise wrong(name, value, allowed)
        if path == ":memory:":
            # Worker and web server are two processes and would each have an empty database.
            raise wrong(name, value, "a file: several processes share the database")
        return sqlite_database(base / path)
    if parts.scheme in ("postgres", "postgresql"):
        return postgresql_database(name, value, parts)
    raise wrong(name, hide_password(value), allowed)


def sqlite_database(path: Path) -> dict[str, Any]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The folder of the database, {path.parent}, cannot be made: {error}."
        ) from error
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": dict(SQLITE_OPTIONS),
        "TEST": {},
    }


def postgresql_database(name: str, value: str, parts: SplitResult) -> dict[str, Any]:
    options = dict(parse_qsl(parts.query))
    if unknown := sorted(set(options) - set(POSTGRESQL_OPTIONS)):
        allowed = f"with no option but {', '.join(POSTGRESQL_OPTIONS)} (here: {unknown[0]})"
        raise wrong(name, hide_password(value), allowed)
    database = unquote(parts.path.removeprefix("/"))
    if not database:
        raise wrong(name, hide_password(value), "a URL that ends with the database's name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # A socket's folder cannot stand before the first slash of a URL: ?host=/run/postgresql
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {"application_name": "leadscoring", **options},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {},
    }


def split_url(name: str, value: str, allowed: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port  # Read here because it raises where the port is no number.
    except ValueError as error:
        raise wrong(name, hide_password(value), allowed) from error
    return parts


def hide_password(url: str) -> str:
    """The URL as it may stand in an error message or a log."""
    before, at, after = url.rpartition("@")
    scheme, colon, login = before.partition("://")
    if not (at and colon and ":" in login):
        return url
    return f"{scheme}://{login.partition(':')[0]}:***@{after}"
