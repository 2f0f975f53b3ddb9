"""Where a webhook may not go: more than sixty ways to write, name and reach the inside."""

import socket
import threading
from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from scoring.automations.outbox import addresses
from scoring.automations.outbox.addresses import (
    Refused,
    check_url,
    check_url_and_addresses,
    dial,
    is_public,
)
from scoring.automations.outbox.guard import watched
from scoring.automations.outbox.receivers import check_endpoint

pytestmark = pytest.mark.once

INSIDE = [
    "0.0.0.0",  # noqa: S104
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.1.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:0:0808:0808:0:0:80ff:fffe",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2620:4f:8000::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
OUTSIDE = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]
ODD = [
    "http://127.1/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://2130706433/",
    "http://127.0.0.1./",
    "https://localhost./",
    "https://hooks.example.com./",
    "https://user@host@127.0.0.1/",
    "https://user:pass@hooks.example.com/",
    "https://@hooks.example.com/",
    "https://hooks.example.com:0x1bb/",
    "https://hooks.example.com:99999/",
    "https://hooks.example.com#@127.0.0.1/",
    "https://hooks.example.com\\@127.0.0.1/",
    "https://hooks.example.com /",
    "https://hooks.example.com/\r\nHost: x",
    "https://[::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[::1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://hooks。example。com/",
    "https:///nothing",
    "https://",
    "//hooks.example.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "ftp://hooks.example.com/",
    "dict://127.0.0.1:11211/",
    "javascript:alert(1)",
    "https://-hooks.example.com/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://METADATA.google.internal/",
    "https://instance-data/latest/meta-data/",
    "https://" + "a" * 2000 + ".example.com/",
]


def answering(*answers: str) -> addresses.Resolver:
    def resolver(host: str, port: int) -> Sequence[str]:
        return answers

    return resolver


class Canary:
    """A listener on this machine that counts who comes."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.visits = 0
        self.thread = threading.Thread(target=self.count, daemon=True)
        self.thread.start()

    def count(self) -> None:
        while True:
            try:
                visitor, _address = self.listener.accept()
            except OSError:
                return
            self.visits += 1
            visitor.close()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)


@pytest.fixture
def canary() -> Iterator[Canary]:
    found = Canary()
    yield found
    found.close()


@pytest.fixture
def http_allowed(settings: Settings) -> None:
    settings.WEBHOOK_ALLOW_HTTP = True


@pytest.mark.parametrize("text", INSIDE)
def test_an_address_inside_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", OUTSIDE)
def test_an_address_outside_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", INSIDE)
def test_an_address_inside_is_refused_when_saved_and_when_called(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket.socket, "connect", never_called)
    host = f"[{text}]" if ":" in text else text
    with pytest.raises(ValidationError):
        check_endpoint(f"https://{host}/")
    with pytest.raises(Refused):
        dial(check_url("https://hooks.example.com/"), 1, answering(text))


def never_called(self: socket.socket, address: object) -> None:
    raise AssertionError(f"{address} was called")


@pytest.mark.usefixtures("http_allowed")
@pytest.mark.parametrize("url", ODD)
def test_an_odd_address_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/",
        "https://hooks.example.com:8443/a?b=c",
        "https://HOOKS.example.com",
        "https://hooks-1.eu_2.example.com/",
        "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]:443/",
    ],
)
def test_a_usual_address_is_taken(url: str) -> None:
    assert check_url_and_addresses(url).scheme == "https"


def test_http_needs_the_setting(settings: Settings) -> None:
    with pytest.raises(Refused, match="https"):
        check_url("http://hooks.example.com/")
    settings.WEBHOOK_ALLOW_HTTP = True
    assert check_url("http://hooks.example.com/").port == 80


@pytest.mark.parametrize("port", [22, 25, 6379, 9200, 65535])
def test_other_ports_are_refused(port: int) -> None:
    with pytest.raises(Refused, match="not allowed"):
        check_url_and_addresses(f"https://8.8.8.8:{port}/")


def test_localhost_is_refused_by_what_it_means() -> None:
    with pytest.raises(Refused, match="not on the public internet"):
        check_url_and_addresses("https://localhost/")


def test_one_bad_answer_of_many_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", never_called)
    with pytest.raises(Refused):
        dial(check_url("https://hooks.example.com/"), 1, answering("8.8.8.8", "10.0.0.1"))


def test_a_name_that_comes_to_mean_something_else_reaches_nothing(
    canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    monkeypatch.setattr(addresses, "resolve", lambda host, port: next(answers))
    place = check_url_and_addresses("https://rebound.example.com/")
    with pytest.raises(Refused):
        dial(place, 1, addresses.resolve)
    assert canary.visits == 0


@pytest.mark.usefixtures("http_allowed")
def test_nothing_reaches_a_listener_on_this_machine(canary: Canary) -> None:
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"):  # noqa: S104
        with pytest.raises(Refused):
            place = check_url(f"http://{host}:{canary.port}/")
            dial(place, 1)
    assert canary.visits == 0


@pytest.mark.usefixtures("http_allowed")
def test_networks_of_ours_may_be_called_on_any_port(canary: Canary, settings: Settings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE_NETS = [ip_network("127.0.0.1/32")]
    place = check_url_and_addresses(f"http://127.0.0.1:{canary.port}/")
    dial(place, 1).close()
    with pytest.raises(Refused):
        dial(check_url("http://127.0.0.2/"), 1)
    with pytest.raises(Refused):
        dial(place, 1, answering("127.0.0.1", "10.0.0.1"))


@pytest.mark.usefixtures("http_allowed")
def test_the_other_end_is_looked_at_once_more(
    canary: Canary, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE_NETS = [ip_network("127.0.0.1/32")]
    monkeypatch.setattr(addresses, "peer_of", lambda connection: "10.0.0.1")
    with pytest.raises(Refused):
        dial(check_url(f"http://127.0.0.1:{canary.port}/"), 1)


# --- What libraries do -----------------------------------------------------------------------


def test_a_watched_library_reaches_nothing_inside(canary: Canary) -> None:
    with watched(5, checked=True) as watch:
        for call in (
            lambda: socket.create_connection(("localhost", canary.port), 1),
            lambda: socket.socket().connect(("127.0.0.1", canary.port)),
            lambda: socket.socket().connect_ex(("127.0.0.1", canary.port)),
            lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("10.0.0.1", 514)),
            lambda: socket.socket(socket.AF_UNIX).connect("/dev/log"),
        ):
            with pytest.raises(Refused):
                call()
    assert len(watch.refused) == 5
    assert canary.visits == 0


def test_outside_of_the_watch_nothing_is_refused(canary: Canary) -> None:
    with watched(5, checked=True):
        pass
    socket.create_connection(("127.0.0.1", canary.port), 1).close()


def test_the_operators_own_mail_server_is_not_checked(canary: Canary) -> None:
    with watched(5, checked=False):
        socket.create_connection(("127.0.0.1", canary.port), 1).close()


def test_a_watched_connection_ends_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, watched(0.2, checked=False) as watch:
        connection = socket.create_connection(silent.getsockname(), 10)
        assert connection.recv(1) == b""
        assert watch.deadline.expired
        connection.close()
