import logging
import sys
from datetime import timedelta
from types import SimpleNamespace

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]

from leadscoring.logs import OneLine
from leadscoring.web import DiscreetLogger


def test_a_message_cannot_forge_a_line() -> None:
    record = logging.makeLogRecord(
        {"name": "web", "levelname": "INFO", "msg": "user %s", "args": ("x\n2026 ERROR\x1b[1m é",)}
    )
    line = OneLine().format(record)
    assert line.endswith("INFO web: user x\\n2026 ERROR\\x1b[1m é")
    assert line[10] == "T"
    assert line[23] == "Z"


def test_an_api_key_in_an_address_is_left_out() -> None:
    key = f"ls_abcd1234_{'k' * 43}"
    record = logging.makeLogRecord(
        {"name": "web", "msg": f'"GET /api/v1/scores?key={key} HTTP/1.1"'}
    )
    line = OneLine().format(record)
    assert "k" * 43 not in line
    assert "?key=ls_abcd1234_*** HTTP" in line


def test_the_private_address_of_a_calendar_is_left_out() -> None:
    record = logging.makeLogRecord({"name": "web", "msg": f"GET /calendar/{'k' * 43}.ics 200"})
    assert OneLine().format(record).endswith("GET /calendar/***.ics 200")


@pytest.mark.parametrize(
    ("status", "traced"), [(403, False), (400, False), (500, True), (None, True)]
)
def test_only_what_is_our_fault_has_a_traceback(status: int | None, traced: bool) -> None:
    said = {"name": "django.request", "msg": "GET /"}
    given = {**said, "status_code": status} if status else said
    try:
        raise PermissionError
    except PermissionError:
        record = logging.makeLogRecord({**given, "exc_info": sys.exc_info()})
    lines = OneLine().format(record).splitlines()
    assert (len(lines) > 1) == traced
    assert record.exc_info


def test_it_is_left_out_of_the_access_log_of_gunicorn_too() -> None:
    path = f"/calendar/{'k' * 43}.ics"
    environ = {"PATH_INFO": path, "RAW_URI": path, "REQUEST_METHOD": "GET", "SERVER_PROTOCOL": ""}
    response = SimpleNamespace(status="200 OK", sent=0, headers=[])
    request = SimpleNamespace(headers=[])
    atoms = DiscreetLogger(Config()).atoms(response, request, environ, timedelta(0))
    assert atoms["U"] == "/calendar/***.ics"
