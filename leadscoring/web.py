"""Gunicorn's worker with threads, for clients that are slow; gunicorn.conf.py names it."""

from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

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
