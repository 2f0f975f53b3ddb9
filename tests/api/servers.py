"""A real web server on the test's own database, and clients that come all at once."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any

from django.conf import settings
from django.db import connection

HOST = "127.0.0.1"


def database_url() -> str:
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    login = f"{given['USER']}:{given['PASSWORD']}" if given["PASSWORD"] else given["USER"]
    return f"postgres://{login}@{given['HOST']}:{given['PORT'] or 5432}/{given['NAME']}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(folder: Path, *options: str, **environment: str) -> Iterator[int]:
    """Gunicorn as it is shipped; the port on which it answers. Its log is in ``folder``."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "leadscoring.wsgi", "--bind", f"{HOST}:{port}"]
    named = {"DATABASE_URL": database_url(), "ENVIRONMENT": "development", **environment}
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [*command, *options],
            cwd=settings.BASE_DIR,
            env=os.environ | named,
            stdout=log,
            stderr=log,
        ) as child,
    ):
        try:
            wait_for(port)
            yield port
        finally:
            child.terminate()
            child.wait(60)


def wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            call(port, "HEAD", "/api/v1/nothing")
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"Nothing answers on port {port}.")


def call(
    port: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, Any, dict[str, str]]:
    """Status, JSON and headers of an answer."""
    link = http.client.HTTPConnection(HOST, port, timeout=60)
    try:
        content = None if body is None else json.dumps(body).encode()
        given = {"Content-Type": "application/json", **(headers or {})}
        link.request(method, path, content, given)
        answer = link.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None, dict(answer.headers)
    finally:
        link.close()


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What so many threads return that begin together."""
    barrier = Barrier(count)

    def begin(number: int) -> Any:
        barrier.wait(60)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))
