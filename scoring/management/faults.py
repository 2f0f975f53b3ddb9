"""Faults of a document or of files, as a command tells them."""

from collections.abc import Sequence

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext


def tell(command: BaseCommand, faults: Sequence[str], count: int) -> None:
    """A fault a line on standard error; ``count`` is how many there are, shown or not."""
    for fault in faults:
        command.stderr.write(fault)
    if more := count - len(faults):
        message = ngettext("... and %(count)d fault more", "... and %(count)d faults more", more)
        command.stderr.write(message % {"count": more})
