"""Settings of what goes out: the mail server, networks of our own, and where messages stay."""

from ipaddress import ip_network

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from leadscoring.environment import env_email, env_networks


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", ("localhost", 25, "", "", False, False)),
        ("smtp://mail.example", ("mail.example", 25, "", "", False, False)),
        (
            "smtp+tls://ana%40x.example:p%2Fw@mail.example",
            ("mail.example", 587, "ana@x.example", "p/w", True, False),
        ),
        ("smtps://ana:pw@mail.example:4465", ("mail.example", 4465, "ana", "pw", False, True)),
    ],
)
def test_it_reads_a_mail_server(
    monkeypatch: pytest.MonkeyPatch, url: str, server: tuple[object, ...]
) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    assert env_email("EMAIL_URL") == server


@pytest.mark.parametrize(
    "url",
    ["mail.example", "http://mail.example", "smtp://", "smtp://x:y/", "smtps://a:secret@host/path"],
)
def test_it_refuses_what_is_no_mail_server_and_keeps_the_password_to_itself(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL") as told:
        env_email("EMAIL_URL")
    assert "secret" not in str(told.value)


def test_it_reads_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETS", "10.1.0.0/16, fd00:5::/32,192.168.0.7")
    assert env_networks("NETS") == [
        ip_network("10.1.0.0/16"),
        ip_network("fd00:5::/32"),
        ip_network("192.168.0.7/32"),
    ]


@pytest.mark.parametrize("text", ["10.0.0.1/8", "host", "10.0.0.0/33", "10.0.0.0/8,,"])
def test_it_refuses_what_is_no_network(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("NETS", text)
    with pytest.raises(ImproperlyConfigured, match="NETS"):
        env_networks("NETS")


def test_outside_production_nothing_leaves_by_default() -> None:
    assert settings.DELIVERY == "sink"
    assert settings.WEBHOOK_ALLOW_PRIVATE_NETS == []
    assert settings.WEBHOOK_ALLOW_HTTP is False
