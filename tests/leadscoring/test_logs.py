import logging

from leadscoring.logs import OneLine


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
