"""Each system check has its id and a test."""

import os
import re
import sqlite3
from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from leadscoring import checks


@pytest.fixture(autouse=True)
def production(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings.PRODUCTION = True
    settings.SSL_REDIRECT = True
    monkeypatch.setattr(checks, "uses_sqlite", lambda: False)
    settings.QUEUE_IS_EMBEDDED = False
    settings.VAR_DIR = tmp_path
    return settings


def ours() -> list[str]:
    found = run_checks(include_deployment_checks=True)
    return [str(each.id) for each in found if str(each.id).startswith("leadscoring.")]


def test_a_good_installation_passes() -> None:
    assert ours() == []


def test_e001_an_old_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 37, 2))
    assert ours() == []
    monkeypatch.setattr(checks, "uses_sqlite", lambda: True)
    assert "leadscoring.E001" in ours()


def test_e002_a_folder_of_somebody_else(
    production: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not by chmod: who runs the tests may be root, who can write everywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert ours() == []
    production.QUEUE_IS_EMBEDDED = True
    assert ours() == ["leadscoring.E002"]


def test_w001_sqlite_in_production(production: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "uses_sqlite", lambda: True)
    assert ours() == ["leadscoring.W001"]
    production.PRODUCTION = False
    assert ours() == []


def test_w002_production_without_https(production: Settings) -> None:
    production.SSL_REDIRECT = False
    assert ours() == ["leadscoring.W002"]
    production.PRODUCTION = False
    assert ours() == []


def test_every_id_has_its_test() -> None:
    ids = re.findall(r'id="leadscoring\.(\w+)"', Path(checks.__file__).read_text())
    tests = re.findall(r"^def test_([ew]\d+)_", Path(__file__).read_text(), re.MULTILINE)
    assert sorted(ids) == sorted(name.upper() for name in tests)
