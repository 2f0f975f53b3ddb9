"""The product's own processes, started again when they end, and found in order to kill them."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MARK = "CHAOS_RUN"
HIT = re.compile(r"Failpoint \S+: kill")


@dataclass
class Program:
    name: str
    words: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None


@dataclass
class Programs:
    """What an init system does: keeps these alive, half a second after they have ended."""

    folder: Path
    mark: str
    environment: Mapping[str, str]
    programs: list[Program] = field(default_factory=list)
    kills: int = 0
    running: bool = False
    more: Mapping[str, str] = field(default_factory=dict)
    keeper: threading.Thread = field(default_factory=threading.Thread)

    @property
    def log(self) -> Path:
        return self.folder / "programs.log"

    def start(self, **more: str) -> None:
        self.more = more
        self.running = True
        self.keeper = threading.Thread(target=self.keep, daemon=True)
        self.keeper.start()

    def keep(self) -> None:
        while self.running:
            for program in self.programs:
                if program.process is None or program.process.poll() is not None:
                    program.process = self.spawn(program.words)
            time.sleep(0.5)

    def spawn(self, words: Sequence[str]) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, **self.environment, **self.more, MARK: self.mark}
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *words],
                env=environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> None:
        """At once: whatever a crash leaves behind, the next start has to cope with."""
        if self.running:
            self.running = False
            self.keeper.join()
        for pid in self.ours():
            send(pid, signal.SIGKILL)
        for program in self.programs:
            if program.process is not None:
                program.process.wait()
            program.process = None

    def ours(self) -> list[int]:
        """Every process of this run, orphans too: they have its mark."""
        wanted = f"{MARK}={self.mark}".encode()
        return [pid for pid in processes() if wanted in read(pid, "environ").split(b"\0")]

    def found(self, kind: str) -> list[int]:
        """Processes of a kind: see KINDS."""
        return [pid for pid in self.ours() if kind_of(pid) == kind]

    def kill(self, pids: Sequence[int]) -> None:
        for pid in pids:
            self.kills += send(pid, signal.SIGKILL)

    def failpoint_kills(self) -> int:
        text = self.log.read_text("utf-8", "replace") if self.log.exists() else ""
        return len(HIT.findall(text))


KINDS = ("web", "web master", "supervisor", "loop", "hints", "horse")


def kind_of(pid: int) -> str:
    words = read(pid, "cmdline").split(b"\0")
    above = read(parent(pid), "cmdline").split(b"\0")
    if b"gunicorn" in words:
        return "web" if b"gunicorn" in above else "web master"
    if b"worker" not in words:
        return ""
    if b"--hints" in words:
        return "horse" if b"--hints" in above else "hints"
    return "loop" if b"--child" in words else "supervisor"


def processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]


def read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def parent(pid: int) -> int:
    found = read(pid, "stat").rpartition(b")")[2].split()
    return int(found[1]) if found else 0


def send(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
