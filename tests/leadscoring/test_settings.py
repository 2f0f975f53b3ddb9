"""Settings from the environment: what is read, what is refused, and how it is said."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from leadscoring import environment
from leadscoring.environment import (
    env_bool,
    env_database,
    env_int,
    env_list,
    env_path,
    env_redis,
    env_str,
)

KEY = "a-random-text-of-more-than-fifty-characters-0123456789"
GOOD = {"ENVIRONMENT": "production", "SECRET_KEY": KEY, "ALLOWED_HOSTS": "crm.example"}


def database(monkeypatch: pytest.MonkeyPatch, url: str, base: Path) -> dict[str, object]:
    monkeypatch.setenv("DATABASE_URL", url)
    return env_database("DATABASE_URL", default=base / "db.sqlite3", base=base)


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "  ")
    assert env_str("NAME", "default") == "default"
    assert env_bool("NAME", True) is True
    assert env_int("NAME", 3, least=1, most=9) == 3
    assert env_list("NAME", ["a"]) == ["a"]
    assert env_path("NAME", Path("/var/x"), Path("/base")) == Path("/var/x")


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("Yes", True), ("on", True), ("FALSE", False), ("0", False)]
)
def test_it_reads_a_switch(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("NAME", text)
    assert env_bool("NAME", not value) is value


def test_it_reads_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "a.example , b.example")
    assert env_list("NAME") == ["a.example", "b.example"]


def test_a_folder_is_relative_to_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "data")
    assert env_path("NAME", Path("/other"), Path("/base")) == Path("/base/data")
    monkeypatch.setenv("NAME", "/srv/data")
    assert env_path("NAME", Path("/other"), Path("/base")) == Path("/srv/data")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///data/leads.sqlite3", "data/leads.sqlite3"),
        ("sqlite:///with%20space.sqlite3", "with space.sqlite3"),
        ("", "db.sqlite3"),
    ],
)
def test_it_reads_the_url_of_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, name: str
) -> None:
    found = database(monkeypatch, url, tmp_path)
    assert found["NAME"] == str(tmp_path / name)
    assert found["OPTIONS"] == environment.SQLITE_OPTIONS
    assert (tmp_path / name).parent.is_dir()


def test_it_reads_the_url_of_a_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = "postgres://ana:p%40ss%2Fw@db.example:5433/leads?sslmode=verify-full&sslrootcert=/ca.pem"
    found = database(monkeypatch, url, tmp_path)
    wanted = {"NAME": "leads", "USER": "ana", "PASSWORD": "p@ss/w", "HOST": "db.example"}
    assert wanted.items() <= found.items()
    assert found["PORT"] == "5433"
    options = {"sslmode": "verify-full", "sslrootcert": "/ca.pem"}
    assert found["OPTIONS"] == {"application_name": "leadscoring", **options}


def test_it_reads_the_url_of_a_server_behind_a_socket(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = database(monkeypatch, "postgresql:///leads?host=/run/postgresql", tmp_path)
    assert found["HOST"] == "/run/postgresql"
    assert found["USER"] == ""


BAD_DATABASES = [
    "leads.sqlite3",
    "mysql://root@localhost/leads",
    "sqlite://leads.sqlite3",
    "sqlite:///",
    "sqlite:///:memory:",
    "sqlite:///a?mode=ro",
    "postgres://localhost",
    "postgres://localhost:many/leads",
    "postgres://localhost/leads?ssl=yes",
]


@pytest.mark.parametrize("url", BAD_DATABASES)
def test_it_refuses_another_database(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL is .* it must be ") as caught:
        database(monkeypatch, url, tmp_path)
    assert repr(url) in str(caught.value)


def test_it_says_where_the_folder_of_the_database_cannot_be_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ImproperlyConfigured, match="/file, cannot be made"):
        database(monkeypatch, "sqlite:///file/db.sqlite3", tmp_path)


@pytest.mark.parametrize(
    "url",
    ["redis://cache.example", "redis://:pw@h:6379/5", "rediss://u:pw@h/0", "unix:///run/v.sock"],
)
def test_it_takes_the_url_of_a_queue(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    assert env_redis("REDIS_URL") == url


@pytest.mark.parametrize(
    "url", ["localhost:6379", "http://h", "redis://", "redis://h/x", "unix://"]
)
def test_it_refuses_another_queue(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL is .* it must be redis://"):
        env_redis("REDIS_URL")


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgres://ana:hush@db/leads?nonsense=1"),
        ("DATABASE_URL", "mysql://ana:hush@db/leads"),
        ("DATABASE_URL", "postgres://ana:hush@db:x/leads"),
        ("REDIS_URL", "redis://ana:hush@db/leads"),
        ("REDIS_URL", "redis://:hush@db:x/1"),
    ],
)
def test_it_shows_no_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, url: str
) -> None:
    monkeypatch.setenv(name, url)
    with pytest.raises(ImproperlyConfigured) as caught:
        env_redis(name) if name == "REDIS_URL" else env_database(name, tmp_path, tmp_path)
    assert "hush" not in str(caught.value)
    assert ":***@db" in str(caught.value)


def start(**variables: str) -> str:
    """What the program says when it starts with these variables alone."""
    clean = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    command = [sys.executable, "-c", "import leadscoring.settings as s; print(s.SSL_REDIRECT)"]
    ran = subprocess.run(
        command, env=clean | variables, cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    return (ran.stdout + ran.stderr).strip().splitlines()[-1]


def test_it_starts_without_any_variable() -> None:
    assert start() == "False"


def test_production_starts_when_it_is_safe() -> None:
    assert start(**GOOD) == "True"


BAD = [
    ({"ENVIRONMENT": "staging"}, "ENVIRONMENT is 'staging'; it must be one of development, prod"),
    ({"DEBUG": "maybe"}, "DEBUG is 'maybe'; it must be one of 1, true, yes"),
    ({"LANGUAGE_CODE": "fr"}, "LANGUAGE_CODE is 'fr'; it must be one of en, es"),
    ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'loud'; it must be one of DEBUG"),
    ({"IMPORT_MAX_MB": "-1"}, "IMPORT_MAX_MB is '-1'; it must be a whole number from 1 to"),
    ({"IMPORT_MAX_MB": "0"}, "IMPORT_MAX_MB is '0'; it must be a whole number from 1 to"),
    ({"ALLOWED_HOSTS": "a,,b"}, "ALLOWED_HOSTS is 'a,,b'; it must be a list separated by commas"),
    (GOOD | {"SECRET_KEY": ""}, "SECRET_KEY is missing or too short"),
    (GOOD | {"SECRET_KEY": KEY[:49]}, "SECRET_KEY is missing or too short"),
    (GOOD | {"SECRET_KEY": "ab" * 40}, "SECRET_KEY is missing or too short"),
    (GOOD | {"DEBUG": "on"}, "DEBUG is on; with ENVIRONMENT=production it must be off"),
    (GOOD | {"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is ''; with ENVIRONMENT=production"),
    (GOOD | {"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS is '*'; with ENVIRONMENT=production"),
]


@pytest.mark.parametrize(("variables", "message"), BAD)
def test_it_refuses_to_start_and_says_why(variables: dict[str, str], message: str) -> None:
    last = start(**variables)
    assert last.startswith("django.core.exceptions.ImproperlyConfigured: " + message)


def test_a_secret_key_is_not_shown() -> None:
    assert KEY[:20] not in start(**GOOD | {"SECRET_KEY": KEY[:49]})


def test_the_docs_list_every_variable_and_no_other() -> None:
    source = (settings.BASE_DIR / "leadscoring" / "settings.py").read_text()
    docs = (settings.BASE_DIR / "docs" / "settings.md").read_text()
    read = re.findall(r'env_\w+\(\s*"(\w+)"', source)
    listed = re.findall(r"^\| `(\w+)` \|", docs, re.MULTILINE)
    assert len(set(read)) == len(read)
    assert sorted(listed) == sorted(read)
