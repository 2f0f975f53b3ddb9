"""What the reports store: those that were slow to work out, with when that was."""

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from contacts.chores import Backlog, wake
from scoring.reports.blocks import Section
from scoring.reports.codec import data_of, sections_of
from scoring.reports.report import WorkedOut

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

CHORE: Final = "reports"
# What a worker began and left behind, crashed, is begun again.
LEASE: Final = timedelta(minutes=15)
# What was left behind as often ends each worker that begins it, and would keep all from the rest.
TRIES: Final = 2
# What nobody has looked at for so long is thrown away.
KEPT_FOR: Final = timedelta(days=30)


class KeptReportQuerySet(models.QuerySet["KeptReport"]):
    def waiting(self, now: "datetime") -> Self:
        again = left_behind(now) & models.Q(tries__lt=TRIES)
        return self.filter(models.Q(state=KeptReport.State.ASKED) | again)

    def given_up(self, now: "datetime") -> Self:
        """Those that no worker begins once more."""
        return self.filter(left_behind(now), tries__gte=TRIES)

    def backlog(self) -> Backlog:
        found = self.waiting(timezone.now()).order_by()
        return Backlog(**found.aggregate(count=models.Count("pk"), oldest=models.Min("asked_at")))

    def kept(self, slug: str, query: str) -> "KeptReport | None":
        """What there is for this question in the language in use."""
        found = self.filter(key=key_of(slug, query)).defer("leads").first()
        if found is not None:
            self.filter(pk=found.pk).update(looked_at=timezone.now())
        return found

    def leads_of(self, slug: str, query: str) -> "Mapping[str, Sequence[int]]":
        """Behind its figures as they were worked out last, in whatever language."""
        done = self.filter(slug=slug, query=query, done_at__isnull=False).order_by("-done_at")
        for leads in done.values_list("leads", flat=True)[:1]:
            return leads  # type: ignore[no-any-return]
        return {}

    def lacks_leads(self, row: "KeptReport") -> bool:
        """Whether there is nobody behind its figures, without reading who there is."""
        return self.filter(pk=row.pk, leads={}).exists()

    def ask(self, slug: str, query: str, at: "datetime | None" = None) -> "KeptReport":
        """Have a worker work it out, or once more; one that is under way goes on."""
        at = at or timezone.now()
        with transaction.atomic():
            row, _new = self.select_for_update().get_or_create(
                key=key_of(slug, query),
                defaults={
                    "slug": slug,
                    "query": query,
                    "language": get_language() or "en",
                    "asked_at": at,
                },
            )
            if not row.is_under_way:
                row.state, row.asked_at, row.tries = KeptReport.State.ASKED, at, 0
                row.save(update_fields=["state", "asked_at", "tries"])
            self.filter(looked_at__lt=timezone.now() - KEPT_FOR).delete()
            wake(CHORE)
        return row

    def ask_in_every_language(self, done: "KeptReport") -> None:
        """Have what was worked out in one language be as new in the others."""
        for language, _name in settings.LANGUAGES:
            with override(language):
                row = self.filter(key=key_of(done.slug, done.query)).defer("data", "leads").first()
                if row is None or not row.is_as_new_as(done.asked_at):
                    # From when the other was done: who waits already comes first, and that
                    # one is not taken for older than this.
                    self.ask(done.slug, done.query, done.done_at)


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
    # How often it was begun since it was asked for.
    tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(default=timezone.now)
    data: models.JSONField[Any, Any] = models.JSONField(null=True)
    # By the key of what is behind a figure, the ids of its contacts, where these are slow to find.
    leads: models.JSONField[Any, Any] = models.JSONField(default=dict)

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

    def is_as_new_as(self, asked_at: "datetime") -> bool:
        """Worked out since then, or about to be."""
        return self.is_under_way or (self.done_at is not None and self.done_at >= asked_at)

    @property
    def sections(self) -> list[Section] | None:
        """What was worked out last, also while it is being worked out anew."""
        return None if self.data is None else sections_of(self.data)

    def keep(self, found: WorkedOut) -> None:
        self.data, self.leads = data_of(found.sections), dict(found.leads)
        self.done_at, self.state = timezone.now(), self.State.DONE
        self.save(update_fields=["data", "leads", "done_at", "state"])


def left_behind(now: "datetime") -> models.Q:
    return models.Q(state=KeptReport.State.AT_WORK, begun_at__lt=now - LEASE)


def key_of(slug: str, query: str) -> str:
    language = get_language() or "en"
    return hashlib.sha256(json.dumps([slug, query, language]).encode()).hexdigest()
