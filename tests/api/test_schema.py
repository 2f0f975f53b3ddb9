"""The OpenAPI page says what is so: checked by calls that are drawn from it.

SCHEMATHESIS_EXAMPLES raises the number of calls that are drawn for each operation, once with a
key and once without. Beside those, every limit of the schema is tried with a key; without one
nothing is looked at that could know limits.

The calls are put together when the tests run: done as tests are collected, each process of a run
would do it.
"""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any, Final

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings
from schemathesis.config import SchemathesisConfig

from scoring.api.body import LINES
from scoring.api.keys import digest_of
from scoring.api.models import ApiKey, Scope, Source
from tests.engine.scored import go_live, person, visit

pytestmark = pytest.mark.django_db

EXAMPLES: Final = int(os.environ.get("SCHEMATHESIS_EXAMPLES") or 5)
# An item may be refused for what a schema cannot say: a day that is not in the calendar, a
# field that nobody declared. Then every item of the call may be, which is 422.
CONFIG: Final[dict[str, Any]] = {
    "checks": {
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "401", "403", "404", "409", "413", "422", "429"]
        },
        "negative_data_rejection": {
            "expected-statuses": ["207", "400", "401", "403", "404", "413", "415", "422", "429"]
        },
        "unsupported_method": {"enabled": True},
    }
}
drawn = hypothesis_settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    derandomize=EXAMPLES <= 5,
    database=None,
)


@schemathesis.serializer(*LINES)
def as_lines(context: Any, value: Any) -> bytes:
    """A list as one object a line; whatever else is drawn as one line."""
    rows = value if isinstance(value, list) else [value]
    return "\n".join(json.dumps(row) for row in rows).encode()


def described(**config: Any) -> Any:
    """The schema, and the site that is to answer as it says."""
    found = schemathesis.openapi.from_dict(
        SchemaGenerator().get_schema(public=True),
        config=SchemathesisConfig.from_dict(CONFIG | config),
    )
    # Not leadscoring.wsgi: a server's own default is production, and stays in the environment.
    found.app = get_wsgi_application()
    return found


PREFIX: Final = "ls_schemata"
KEY: Final = f"{PREFIX}_{'k' * 43}"
# That wrong keys are refused is drawn without one: here the right one replaces those.
RIGHT: Final = CONFIG["checks"] | {"ignored_auth": {"enabled": False}}
with_key = schemathesis.pytest.from_fixture("schema_with_key")
without_key = schemathesis.pytest.from_fixture("schema_without_key")


@pytest.fixture
def named(request: pytest.FixtureRequest) -> None:
    """The library still asks for a test's name where pytest kept it before 9.2."""
    request.node._nodeid = request.node.nodeid


@pytest.fixture
def schema_with_key(named: None, world: None) -> Any:
    return described(checks=RIGHT, headers={"Authorization": f"Bearer {KEY}"})


@pytest.fixture
def schema_without_key(named: None, world: None) -> Any:
    return described(phases={"coverage": {"enabled": False}})


@pytest.fixture(autouse=True)
def connection_that_stays() -> Iterator[None]:
    """A server closes what a request leaves open, which here is the transaction of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(db: None, settings: Settings) -> None:
    """Somebody with a score, and a program that may do everything."""
    settings.API_WRONG_KEYS_A_MINUTE = 1_000_000
    visit(person("ana", job_title="Director"), timedelta(days=1))
    go_live()
    source = Source.objects.create(name="schemata", calls_a_minute=1_000_000)
    ApiKey.objects.create(
        source=source, prefix=PREFIX, digest=digest_of(KEY), scopes=list(Scope.values)
    )


@pytest.mark.long
@with_key.parametrize()
@drawn
def test_no_call_with_a_key_surprises_the_schema(case: Any) -> None:
    case.call_and_validate()


@pytest.mark.once
@without_key.parametrize()
@drawn
def test_no_call_without_a_key_surprises_the_schema(case: Any) -> None:
    answer = case.call_and_validate()
    assert answer.status_code in (401, 404, 405, 429)


def test_the_schema_is_valid() -> None:
    told = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=told, stderr=told)
    assert "openapi: 3.1.0" in told.getvalue()


def test_the_page_takes_nothing_from_elsewhere() -> None:
    page = Client().get("/api/v1/docs")
    assert page.status_code == 200
    text = page.content.decode() + Client().get("/api/v1/docs?script=").content.decode()
    assert "/static/drf_spectacular_sidecar/" in text
    assert "http://" not in text.replace("http://testserver", "")
    assert "https://" not in text
