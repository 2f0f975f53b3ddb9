"""Receivers for the tests: real servers on this machine, well and badly behaved."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Behaviour = Callable[[socket.socket], None]
GOOD: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Request:
    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Reads each request, keeps it, and then behaves as it was told."""

    behave: Behaviour
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    visits: int = 0

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.stop = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/hook?a=b"

    def accept(self) -> None:
        while not self.stop.is_set():
            with suppress(OSError):
                visitor, _address = self.listener.accept()
                threading.Thread(target=self.serve, args=[visitor], daemon=True).start()

    def serve(self, visitor: socket.socket) -> None:
        self.visits += 1
        with suppress(OSError), visitor:
            if self.tls:
                visitor = self.tls.wrap_socket(visitor, server_side=True)
            with visitor:
                self.requests.append(read_request(visitor))
                self.behave(visitor)

    def close(self) -> None:
        self.stop.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@contextmanager
def receiver(behave: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    found = Receiver(behave, tls)
    try:
        yield found
    finally:
        found.close()


def read_request(visitor: socket.socket) -> Request:
    stream = visitor.makefile("rb")
    line = stream.readline().decode().strip()
    headers: dict[str, str] = {}
    while text := stream.readline().decode().strip():
        name, _colon, value = text.partition(": ")
        headers[name.lower()] = value
    length = int(headers.get("content-length", "0"))
    body = stream.read(length)
    if not line or len(body) < length:
        raise ConnectionError("whoever called has died meanwhile")
    return Request(line, headers, body)


def says(answer: bytes) -> Behaviour:
    return lambda visitor: visitor.sendall(answer)


def status(code: int, *headers: str) -> Behaviour:
    lines = [f"HTTP/1.1 {code} Said", *headers, "Content-Length: 0", "", ""]
    return says("\r\n".join(lines).encode())


def is_silent(visitor: socket.socket) -> None:
    time.sleep(60)


def drips(answer: bytes) -> Behaviour:
    """One byte at a time, which begins every time-out of a socket anew."""

    def behave(visitor: socket.socket) -> None:
        for place in range(len(answer)):
            visitor.sendall(answer[place : place + 1])
            time.sleep(0.05)

    return behave


def never_ends(visitor: socket.socket) -> None:
    visitor.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
    while True:
        visitor.sendall(b"x" * 65536)


def certificate(folder: Path, name: str = "127.0.0.1", days: int = 1) -> tuple[Path, Path]:
    """A certificate that only itself vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    with suppress(ValueError):
        names = [x509.IPAddress(ip_address(name))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return public, private


def tls_with(public: Path, private: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context
