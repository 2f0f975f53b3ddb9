"""What a process of its own does to the sequences of a test; ``test_processes`` starts it."""

import time

from django.db import OperationalError

from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.stepping import do_due


def work_off() -> None:
    """As a worker: until nobody is in a sequence any more."""
    until = time.monotonic() + 240
    while Enrolment.objects.active().exists() and time.monotonic() < until:
        try:
            if not do_due():
                time.sleep(0.02)
        except OperationalError:
            time.sleep(0.05)
