"""What other processes do in the tests: dispatch, until nothing is due or they are killed."""

import sys
import time

from django.conf import settings

from scoring.automations.outbox.delivery import Dispatcher
from scoring.automations.outbox.messages import Message


def run(seconds: str) -> None:
    """Dispatch until nothing waits, for some seconds at most, and say how many that were."""
    settings.DELIVERY = "live"
    settings.WEBHOOK_ALLOW_HTTP = True
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    until = time.monotonic() + float(seconds)
    done = 0
    while time.monotonic() < until and Message.objects.filter(state="pending").exists():
        done += Dispatcher(seconds=0.5).run()
        time.sleep(0.02)
    print(done, flush=True)  # noqa: T201
