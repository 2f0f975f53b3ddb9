"""The site and its worker, as two processes that live and die together."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.conf import settings
from django.db import connections

HOST = "127.0.0.1"
STOP_SECONDS = 45.0


class Stopped(Exception):
    """Somebody asked this process to stop."""


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def commands(port: int) -> list[list[str]]:
    """A web server of one process with threads, which SQLite likes best, and a worker."""
    site = [sys.executable, "-m", "gunicorn", "leadscoring.wsgi", "--bind", f"{HOST}:{port}"]
    site += ["--threads", "4", "--log-level", "warning", "--graceful-timeout", "5"]
    manage = str(settings.BASE_DIR / "manage.py")
    if sys.platform == "win32":
        site = [sys.executable, manage, "runserver", "--noreload", f"{HOST}:{port}"]
    return [site, [sys.executable, manage, "worker"]]


def answers(port: int) -> bool:
    """Whether the site answers; the server listens some time before it does."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("HEAD", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def serve(port: int, ready: Callable[[], None]) -> int:
    """Serve until somebody stops it, or one of the two ends; the exit code to give.

    ``ready`` is called when the site answers.
    """
    # The children open their own; ours would only hold a lock.
    connections.close_all()
    with stop_signals(), running(commands(port), port) as processes:
        try:
            if comes_up(port, processes):
                ready()
            while all(process.poll() is None for process in processes):
                time.sleep(0.3)
        except Stopped:
            return 0
        return 1


def comes_up(port: int, processes: list[Any]) -> bool:
    """Wait until the site answers; False where a process ends before that."""
    while not answers(port):
        if any(process.poll() is not None for process in processes):
            return False
        time.sleep(0.1)
    return True


@contextmanager
def stop_signals() -> Iterator[None]:
    """A polite request to stop is an exception, so that the processes are stopped too.

    That of the keyboard as well: a shell has its background programs begin without it.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    former = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def running(wanted: list[list[str]], port: int) -> Iterator[list[Any]]:
    # The site's own default is production: who starts a server by hand mostly means that.
    usual = {"LOG_LEVEL": "WARNING", "SITE_URL": f"http://{HOST}:{port}"}
    environment = usual | os.environ | {"ENVIRONMENT": settings.ENVIRONMENT}
    # Sessions of their own: Ctrl-C reaches this process only, which then stops them in order.
    processes = [
        subprocess.Popen(  # noqa: S603 - our own programs
            command, cwd=settings.BASE_DIR, env=environment, start_new_session=True
        )
        for command in wanted
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            stop(process)


def stop(process: Any) -> None:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
