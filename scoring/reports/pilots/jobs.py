"""Takes the looks at pilots whose day has come: a chore of the worker."""

from django.utils import timezone

from contacts.chores import chore
from scoring.reports.pilots.looks import take_due


@chore("pilot looks", every=300)
def take_looks() -> int:
    """How many looks were taken."""
    return take_due(timezone.now())
