"""Who sends activities, and remembers what the installation said that it has stored."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from tests.chaos.world import CONTACTS, DOWN, UP, address

# A contact goes up until its total is about this many activities high, and then down again.
TOP, BOTTOM = 8, 1


class Load:
    """One sender: a batch is sent again, word for word, until it is acknowledged."""

    def __init__(self, port: int, key: str, seed: int, number: int, folder: Path, pace: float):
        self.port = port
        self.key = key
        self.number = number
        self.pace = pace
        self.chance = random.Random(seed * 1000 + number)
        self.heights = dict.fromkeys(range(number, CONTACTS, 3), 0)
        self.rising = dict.fromkeys(self.heights, True)
        self.count = 0
        self.acknowledged: list[str] = []
        self.statuses: Counter[int] = Counter()
        self.log = (folder / f"acknowledged-{number}.log").open("a", encoding="utf-8")
        self.end = threading.Event()
        self.silent = threading.Event()
        self.silent.set()
        self.held = threading.Event()
        self.bad: list[str] = []

    def start(self) -> None:
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.end.set()
        self.thread.join(60)
        self.log.close()

    def hold(self) -> None:
        """Send nothing more for now; returns when what was begun is acknowledged."""
        self.held.clear()
        self.silent.set()
        if not self.held.wait(120):
            raise TimeoutError("a batch is not acknowledged")

    def go_on(self) -> None:
        self.silent.clear()

    def run(self) -> None:
        while not self.end.is_set():
            if self.silent.is_set():
                self.held.set()
                self.end.wait(0.1)
                continue
            batch = self.batch()
            while not self.sent(batch) and not self.end.is_set():
                time.sleep(0.3)
            self.end.wait(self.pace)

    def batch(self) -> list[dict[str, object]]:
        items: list[dict[str, object]] = []
        for who in self.chance.sample(sorted(self.heights), 3):
            for _ in range(self.chance.randint(1, 3)):
                items.append(self.item(who))
        return items

    def item(self, who: int) -> dict[str, object]:
        if self.heights[who] >= TOP:
            self.rising[who] = False
        elif self.heights[who] <= BOTTOM:
            self.rising[who] = True
        self.heights[who] += 1 if self.rising[who] else -1
        self.count += 1
        return {
            "contact": address(who),
            "type": UP if self.rising[who] else DOWN,
            "external_id": f"s{self.number}-{self.count}",
            "occurred_at": datetime.now(UTC).isoformat(),
        }

    def sent(self, batch: list[dict[str, object]]) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            connection.request("POST", "/api/v1/activities", json.dumps(batch), headers)
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        self.statuses[response.status] += 1
        if response.status == 200:
            self.note([str(item["external_id"]) for item in batch])
            return True
        if response.status != 503:
            self.bad.append(f"{response.status} {text[:300]!r}")
        return False

    def note(self, ids: list[str]) -> None:
        self.acknowledged += ids
        self.log.write("\n".join(ids) + "\n")
        self.log.flush()
