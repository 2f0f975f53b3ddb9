"""The servers of a crash run, all its own: PostgreSQL, Redis, and who receives webhooks."""

import hashlib
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
from redis import Redis
from redis.exceptions import RedisError

BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/nowhere"))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until(what: Callable[[], object], seconds: float, said: str) -> None:
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            raise TimeoutError(said)
        time.sleep(0.2)


class Postgres:
    """A cluster of its own; it refuses to run as root, so root runs it as postgres."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "pg"
        self.port = free_port()
        self.as_user = (
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            if os.geteuid() == 0
            else []
        )

    @staticmethod
    def is_here() -> bool:
        return (BINARIES / "initdb").exists() and shutil.which("redis-server") is not None

    @property
    def url(self) -> str:
        return f"postgres://chaos@127.0.0.1:{self.port}/chaos"

    def run(self, program: str, *words: str) -> None:
        command = [*self.as_user, str(BINARIES / program), *words]
        subprocess.run(command, check=True, capture_output=True, timeout=60, cwd="/")

    def ctl(self, *words: str) -> None:
        options = f"-p {self.port} -k {self.folder} -c max_connections=60"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", log, "-o", options, *words)

    def start(self) -> None:
        self.folder.mkdir()
        if self.as_user:
            for path in (self.folder.parent, self.folder):
                path.chmod(0o755)
            shutil.chown(self.folder, "postgres", "postgres")
        data = str(self.folder / "data")
        self.run("initdb", "-D", data, "-U", "chaos", "-A", "trust", "-E", "UTF8", "-N")
        self.ctl("start")
        self.run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "chaos", "chaos")

    def restart_at_once(self) -> None:
        """As after a power cut: nothing is finished, everything committed is there."""
        self.ctl("-m", "immediate", "restart")

    def terminate_everybody(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )

    def stop(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self.ctl("-m", "immediate", "stop")


class RedisServer:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "redis"
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> Redis:
        return Redis.from_url(self.url, socket_connect_timeout=2)

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        words = ["--port", str(self.port), "--dir", str(self.folder), "--appendonly", "yes"]
        log = ["--logfile", str(self.folder / "log"), "--save", "", "--bind", "127.0.0.1"]
        self.process = subprocess.Popen(["redis-server", *words, *log])
        wait_until(self.answers, 20, "Redis does not start")

    def answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except RedisError:
            return False

    def flush(self) -> None:
        self.client().flushall()

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def start_empty(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)
        self.start()


class Receiver:
    """Takes webhooks, and notes every one of them before it says anything."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.bodies: dict[str, list[str]] = defaultdict(list)
        self.log = (folder / "received.log").open("a", encoding="utf-8")
        self.chance = random.Random(seed)
        self.faulty = False
        # A port that webhooks may go to, at an address of this run's own.
        host = f"127.{77 + os.getpid() % 100}.{os.getpid() // 256 % 256}.{os.getpid() % 254 + 1}"
        self.server = ThreadingHTTPServer((host, 8443), self.handler())
        self.server.daemon_threads = True
        self.url = f"http://{host}:8443/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                receiver.note(self.headers.get("webhook-id", ""), body)
                drawn = receiver.chance.random() if receiver.faulty else 1.0
                if drawn < 0.05:
                    self.connection.close()
                    return
                if drawn < 0.08:
                    time.sleep(2)
                self.send_response(500 if drawn < 0.30 else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words: object) -> None:
                """The log is ours."""

        return Handler

    def count(self) -> int:
        """All that was taken, repetitions too."""
        # A list at once: other threads note meanwhile.
        return sum(map(len, list(self.bodies.values())))

    def note(self, key: str, body: bytes) -> None:
        digest = hashlib.sha256(body).hexdigest()
        self.bodies[key].append(digest)
        self.log.write(f"{time.time():.3f} {key} {digest}\n")
        self.log.flush()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.log.close()
