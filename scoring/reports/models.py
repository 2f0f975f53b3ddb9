"""What the reports store: those that were slow to work out, with when that was."""

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contacts.chores import Backlog, wake
from scoring.reports.blocks import Section
from scoring.reports.codec import data_of, sections_of

if TYPE_CHECKING:
    from datetime import datetime

CHORE: Final = "reports"
# What a worker began and left behind, crashed, is begun again.
LEASE: Final = timedelta(minutes=15)
# What nobody has looked at for so long is thrown away.
KEPT_FOR: Final = timedelta(days=30)


class KeptReportQuerySet(models.QuerySet["KeptReport"]):
    def waiting(self, now: "datetime") -> Self:
        left = models.Q(state=KeptReport.State.AT_WORK, begun_at__lt=now - LEASE)
        return self.filter(models.Q(state=KeptReport.State.ASKED) | left)

    def backlog(self) -> Backlog:
        found = self.waiting(timezone.now()).order_by()
        return Backlog(**found.aggregate(count=models.Count("pk"), oldest=models.Min("asked_at")))

    def kept(self, slug: str, query: str) -> "KeptReport | None":
        """What there is for this question in the language in use."""
        found = self.filter(key=key_of(slug, query)).first()
        if found is not None:
            self.filter(pk=found.pk).update(looked_at=timezone.now())
        return found

    def ask(self, slug: str, query: str) -> "KeptReport":
        """Have a worker work it out, or once more; one that is under way goes on."""
        with transaction.atomic():
            row, _new = self.select_for_update().get_or_create(
                key=key_of(slug, query),
                defaults={"slug": slug, "query": query, "language": get_language() or "en"},
            )
            if not row.is_under_way:
                row.state, row.asked_at = KeptReport.State.ASKED, timezone.now()
                row.save(update_fields=["state", "asked_at"])
            self.filter(looked_at__lt=timezone.now() - KEPT_FOR).delete()
            wake(CHORE)
        return row


class KeptReport(models.Model):
    """One report for one question, in one language."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for a worker")
        AT_WORK = "at_work", _("Being worked out")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    key = models.CharField(max_length=64, unique=True)
    slug = models.CharField(max_length=64)
    # As the address of the page asks it; the days are written out.
    query = models.TextField()
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(default=timezone.now)
    data: models.JSONField[Any, Any] = models.JSONField(null=True)

    objects = KeptReportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ()
        verbose_name = _("kept report")
        verbose_name_plural = _("kept reports")
        permissions = [
            ("view_reports", "Can look at the reports"),
            ("view_team_reports", "Can look at the reports on people"),
        ]

    def __str__(self) -> str:
        return f"{self.slug}: {self.get_state_display()}"

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.ASKED, self.State.AT_WORK)

    @property
    def sections(self) -> list[Section] | None:
        """What was worked out last, also while it is being worked out anew."""
        return None if self.data is None else sections_of(self.data)

    def keep(self, sections: Sequence[Section]) -> None:
        self.data, self.done_at, self.state = data_of(sections), timezone.now(), self.State.DONE
        self.save(update_fields=["data", "done_at", "state"])


def key_of(slug: str, query: str) -> str:
    language = get_language() or "en"
    return hashlib.sha256(json.dumps([slug, query, language]).encode()).hexdigest()
