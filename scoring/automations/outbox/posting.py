"""One POST to a receiver whom we do not trust: where it goes, how long, how much comes back."""

import http.client
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from scoring.automations.outbox.addresses import Place, Resolver, dial, resolve
from scoring.automations.outbox.guard import Deadline

CONNECT_SECONDS: Final = 5.0
READ_MOST: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """``text``: the beginning of what was said. ``retry_after``: the header as it came."""

    status: int
    text: str
    retry_after: str


class TooSlow(Exception):
    """No answer in time; whether the message has arrived nobody knows."""


class CheckedConnection(http.client.HTTPConnection):
    """Dials what was checked, speaks to the original host, and ends in time.

    No proxy, no redirect, no cookie, no second try: that is what http.client is for here.
    """

    def __init__(self, place: Place, deadline: Deadline, resolver: Resolver) -> None:
        super().__init__(place.host, place.port)
        self.place = place
        self.deadline = deadline
        self.resolver = resolver

    def connect(self) -> None:
        seconds = min(CONNECT_SECONDS, self.deadline.left)
        connection = dial(self.place, seconds, self.resolver)
        self.deadline.watch(connection)
        connection.settimeout(self.deadline.left)
        if self.place.scheme == "https":
            context = ssl.create_default_context()
            connection = context.wrap_socket(connection, server_hostname=self.place.host)
        self.sock = connection


def post(
    place: Place,
    body: bytes,
    headers: Mapping[str, str],
    seconds: float,
    resolver: Resolver = resolve,
) -> Answer:
    """The answer, whatever its status. Raises Refused, TooSlow, OSError or HTTPException."""
    with Deadline(seconds) as deadline:
        connection = CheckedConnection(place, deadline, resolver)
        try:
            return exchange(connection, place, body, headers)
        except (OSError, http.client.HTTPException) as error:
            # Of a connection that was cut many things can be said; time was the reason.
            if deadline.expired or isinstance(error, TimeoutError):
                raise TooSlow from error
            raise
        finally:
            connection.close()


def exchange(
    connection: CheckedConnection, place: Place, body: bytes, headers: Mapping[str, str]
) -> Answer:
    own = {"Host": place.netloc, "Accept-Encoding": "identity", "Connection": "close"}
    connection.request("POST", place.path, body, {**own, **headers})
    response = connection.getresponse()
    if connection.deadline.expired:
        # To http.client headers that break off are headers that end.
        raise TimeoutError
    text = b""
    # The status is what counts; a body may trickle, break off or be without end.
    with suppress(OSError, http.client.HTTPException):
        while len(text) < READ_MOST and (more := response.read1(READ_MOST - len(text))):
            text += more
    return Answer(
        response.status, text.decode(errors="replace"), response.getheader("Retry-After", "")
    )
