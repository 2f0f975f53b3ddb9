"""Gunicorn's worker with threads, for clients that are slow, and its log without secrets.

gunicorn.conf.py names both.
"""

from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from leadscoring.logs import without_secrets
from leadscoring.slow_clients import deadline


class PunctualWorker(ThreadWorker):  # type: ignore[misc]
    """Stops reading a connection whose request line and headers are not there in time.

    Gunicorn's own time-out is for workers that stand still. Bodies are for the views.
    """

    def handle(self, conn: Any) -> Any:
        conn.headers_timer = deadline(conn.sock)
        try:
            return super().handle(conn)
        finally:
            conn.headers_timer.cancel()

    def handle_request(self, req: Any, conn: Any) -> Any:
        conn.headers_timer.cancel()
        return super().handle_request(req, conn)


class DiscreetLogger(Logger):  # type: ignore[misc]
    """Writes no private address into the access log."""

    def atoms(self, *args: Any, **options: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().atoms(*args, **options)
        return {**found, "U": without_secrets(str(found["U"]))}
