"""Secrets at rest: what the database holds, and what a change of SECRET_KEY means."""

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from pytest_django import Settings

from scoring.automations.outbox.receivers import Destination, Endpoint
from scoring.automations.outbox.sealed import Unreadable, seal, unseal

pytestmark = pytest.mark.django_db
URL = "json://token@example.com/"


def stored(table: str, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        return str(cursor.fetchone()[0])


def test_the_database_never_holds_the_secret() -> None:
    Destination.objects.create(name="sales", url=URL)
    endpoint = Endpoint.objects.create(name="zap", url="https://hooks.example.com/")
    assert "token" not in stored("scoring_destination", "url")
    assert endpoint.secret not in stored("scoring_endpoint", "secret")
    assert Destination.objects.get().url == URL
    assert Endpoint.objects.get().secret == endpoint.secret


def test_one_text_is_sealed_differently_each_time() -> None:
    assert seal("a") != seal("a")
    assert unseal(seal("ñ 你好")) == "ñ 你好"


def test_empty_stays_empty() -> None:
    Endpoint.objects.create(name="zap", url="https://hooks.example.com/")
    assert stored("scoring_endpoint", "former_secret") == ""


def test_nobody_finds_a_row_by_its_secret() -> None:
    with pytest.raises(FieldError):
        Destination.objects.filter(url=URL)


def test_a_former_key_still_opens(settings: Settings) -> None:
    Destination.objects.create(name="sales", url=URL)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key that is long enough"
    settings.SECRET_KEY_FALLBACKS = [former]
    destination = Destination.objects.get()
    assert destination.url == URL
    destination.save()
    settings.SECRET_KEY_FALLBACKS = []
    assert Destination.objects.get().url == URL


def test_without_the_key_the_sealed_text_is_kept_until_the_key_is_back(settings: Settings) -> None:
    Destination.objects.create(name="sales", url=URL)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key that is long enough"
    destination = Destination.objects.get()
    assert isinstance(destination.url, Unreadable)
    destination.save()
    settings.SECRET_KEY = former
    assert Destination.objects.get().url == URL
