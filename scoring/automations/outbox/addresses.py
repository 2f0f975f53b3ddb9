"""Where a message may go: no address of a user's choice leads into our own network.

``check_url`` is asked when an address is saved, ``dial`` when it is called: in between a name
may have come to mean something else. What counts is the address that is really dialled.
"""

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]

PORTS: Final = (443, 80, 8443)
LONGEST: Final = 2000

# The table is our own: ``ipaddress.is_private`` lets through 100.64.0.0/10, 6to4, NAT64 and more.
# Sources: the IANA registries of special-purpose addresses, both families, and multicast.
SPECIAL_IPV4: Final = [
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers; some clouds' metadata
        "127.0.0.0/8",  # this machine
        "168.63.129.16/32",  # Azure's own, on every machine there
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
]
# Of IPv6 only 2000::/3 is given out to the public; the rest is refused as a whole.
GLOBAL_IPV6: Final = IPv6Network("2000::/3")
SPECIAL_IPV6: Final = [
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: benchmarks, ORCHID and others
        "2001:db8::/32",  # documentation
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
]
MAPPED: Final = IPv6Network("::ffff:0:0/96")
NAT64: Final = IPv6Network("64:ff9b::/96")
SIX_TO_FOUR: Final = IPv6Network("2002::/16")
TEREDO: Final = IPv6Network("2001::/32")

METADATA_NAMES: Final = frozenset(
    {
        "instance-data",
        "instance-data.ec2.internal",
        "metadata",
        "metadata.azure.internal",
        "metadata.goog",
        "metadata.google.internal",
        "metadata.packet.net",
        "metadata.platformequinix.com",
        "metadata.tencentyun.com",
    }
)
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
PLAIN_URL = re.compile(r"[!-\[\]-~]+")


class Refused(Exception):
    """An address may not be called; the message tells people why."""


@dataclass(frozen=True, slots=True)
class Place:
    """A checked address of a receiver. ``host``: without the brackets of IPv6."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def netloc(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


def check_url(url: str) -> Place:
    """The place that a URL names, whatever its host resolves to. Raises Refused."""
    if len(url) > LONGEST or not PLAIN_URL.fullmatch(url):
        raise Refused(_("The address has characters that no address may have, or is too long."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(_("This is not an address.")) from error
    schemes = ("https", "http") if settings.WEBHOOK_ALLOW_HTTP else ("https",)
    if parts.scheme not in schemes:
        raise Refused(_("The address must begin with %(scheme)s.") % {"scheme": "https://"})
    if "@" in parts.netloc:
        raise Refused(_("The address must not hold a user name or password."))
    if parts.fragment or url.endswith("#"):
        raise Refused(_("The address must not have a part after #."))
    host = check_host(host_of(parts))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.scheme, host, port or {"https": 443, "http": 80}[parts.scheme], path)


def host_of(parts: SplitResult) -> str:
    """Raises Refused where there is none, or something odd around it."""
    host = (parts.hostname or "").lower()
    literal = f"[{host}]" if parts.netloc.startswith("[") else host
    if not host or parts.netloc.lower() not in (literal, f"{literal}:{parts.port}"):
        raise Refused(_("The address names no host."))
    return host


def check_host(host: str) -> str:
    """The host, if it is a name or an address in its one usual notation. Raises Refused."""
    if ":" in host:
        try:
            return str(IPv6Address(host)) if "%" not in host else refuse_host(host)
        except ValueError:
            return refuse_host(host)
    labels = host.split(".")
    if NUMBER.fullmatch(labels[-1] or "-"):
        # 127.1, 0x7f000001 and 2130706433 are addresses to a resolver, and none to us.
        try:
            return str(IPv4Address(host))
        except ValueError:
            return refuse_host(host)
    if len(host) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        return refuse_host(host)
    if host in METADATA_NAMES:
        raise Refused(_("%(host)s is inside the network of this system.") % {"host": host})
    return host


def refuse_host(host: str) -> str:
    message = _("“%(host)s” is no host: it must be a plain name, or an address in full.")
    raise Refused(message % {"host": host[:80]})


def check_url_and_addresses(url: str) -> Place:
    """``check_url``, and what its host means now; a name that nobody knows is no fault yet."""
    place = check_url(url)
    try:
        addresses = resolve(place.host, place.port)
    except OSError:
        addresses = []
    check_addresses(place, addresses)
    return place


def check_addresses(place: Place, addresses: Sequence[str]) -> None:
    """One bad answer is enough: who dials would be free to take it. Raises Refused."""
    inside = [ours(ip_address(text.partition("%")[0])) for text in addresses]
    if not all(inside) or not inside:
        if place.port not in PORTS:
            raise Refused(
                _("Port %(port)d is not allowed; allowed are %(ports)s.")
                % {"port": place.port, "ports": ", ".join(map(str, PORTS))}
            )
        for text, is_ours in zip(addresses, inside, strict=True):
            if not is_ours:
                check_public(place.host, text)


def check_public(host: str, text: str) -> None:
    """Raises Refused unless the address is a public one, or an allowed one of ours."""
    address = ip_address(text.partition("%")[0])
    if not ours(address) and not is_public(address):
        raise Refused(
            _("%(host)s is at %(address)s, which is not on the public internet.")
            % {"host": host, "address": text}
        )


def is_public(address: Address) -> bool:
    """Whether everything that the address may lead to is on the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_IPV4)
    if held := inner(address):
        return all(map(is_public, held))
    return address in GLOBAL_IPV6 and not any(address in network for network in SPECIAL_IPV6)


def inner(address: IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that a gateway would read out of this one."""
    number = int(address)
    if address in MAPPED or address in NAT64:
        return [IPv4Address(number & 0xFFFFFFFF)]
    if address in SIX_TO_FOUR:
        return [IPv4Address(number >> 80 & 0xFFFFFFFF)]
    if address in TEREDO:
        return [IPv4Address(number >> 64 & 0xFFFFFFFF), IPv4Address(~number & 0xFFFFFFFF)]
    return []


def ours(address: Address) -> bool:
    """Whether the operator has allowed it, by WEBHOOK_ALLOW_PRIVATE_NETS."""
    held: Sequence[Address] = inner(address) if isinstance(address, IPv6Address) else []
    return all(
        any(each in network for network in settings.WEBHOOK_ALLOW_PRIVATE_NETS)
        for each in held or [address]
    )


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host. Raises OSError where nobody knows it."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(each[4][0]) for each in found))


def dial(place: Place, timeout: float, resolver: Resolver = resolve) -> socket.socket:
    """A connection to the place: resolved once, every answer checked, that very answer dialled.

    Raises Refused where it leads inside, OSError where nobody answers. Knows no proxy.
    """
    addresses = resolver(place.host, place.port)
    check_addresses(place, addresses)
    problem = OSError(f"{place.host} has no address")
    for address in addresses:
        try:
            connection = socket.create_connection((address, place.port), timeout=timeout)
        except OSError as error:
            problem = error
            continue
        return checked_peer(connection, place)
    raise problem


def checked_peer(connection: socket.socket, place: Place) -> socket.socket:
    """The connection, if its other end is where we meant to go. Raises Refused."""
    try:
        check_addresses(place, [peer_of(connection)])
    except (OSError, Refused):
        connection.close()
        raise
    return connection


def peer_of(connection: socket.socket) -> str:
    name: Any = connection.getpeername()
    return str(name[0])
