"""Texts that several people write at once: whoever comes second is told, and nothing is lost."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from scoring.reports.review.models import AgendaItem, Decision

BETWEEN: Final = "\n\n"


class Saved(Enum):
    STORED = "stored"
    # Somebody has stored another text meanwhile; nothing was changed.
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class Write:
    """``revision``: of the text that was on the screen. ``keep_both``: put mine below theirs."""

    row: AgendaItem | Decision
    text: str
    revision: int
    user: User
    keep_both: bool = False

    def execute(self) -> Saved:
        """In one transaction; ``row`` is then as it is stored."""
        with transaction.atomic():
            stored = type(self.row)._default_manager.select_for_update().get(pk=self.row.pk)
            theirs = stored.text
            self.row.refresh_from_db()
            if theirs == self.text:
                return Saved.STORED
            text = self.text
            if stored.revision != self.revision:
                if not self.keep_both:
                    return Saved.OVERTAKEN
                text = together(theirs, self.text)
            self.row.text, self.row.revision = text, stored.revision + 1
            self.row.changed_at, self.row.changed_by = timezone.now(), self.user
            self.row.save(update_fields=["text", "revision", "changed_at", "changed_by"])
        return Saved.STORED


def together(theirs: str, mine: str) -> str:
    """Both texts; one that has each line of the other already says all."""
    their_lines, my_lines = set(theirs.splitlines()), set(mine.splitlines())
    if my_lines <= their_lines:
        return theirs
    return mine if their_lines <= my_lines else BETWEEN.join((theirs, mine))
