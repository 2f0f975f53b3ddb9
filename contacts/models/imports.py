"""What is remembered of imports: how far each got, saved mappings, uploads in work."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ImportKind(models.TextChoices):
    CONTACTS = "contacts", _("Contacts")
    COMPANIES = "companies", _("Companies")
    ACTIVITIES = "activities", _("Activities")
    DEALS = "deals", _("Deals")
    CAMPAIGNS = "campaigns", _("Campaigns")


class ImportBusy(Exception):
    """Another process is at work on this import, or has moved it on since it was read."""


class ImportRun(models.Model):
    """How far one file got with one mapping; moved on in the transaction of each batch.

    A run that did not finish is taken up where it stopped by the next import of the same
    file, so that a crash neither loses a row nor stores one twice.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=ImportKind.choices)
    name = models.CharField(_("file"), max_length=255)
    file_digest = models.CharField(max_length=64)
    mapping_digest = models.CharField(max_length=64)
    origin = models.CharField(_("origin"), max_length=200, blank=True, default="")
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "file_digest", "mapping_digest"],
                condition=models.Q(finished_at__isnull=True),
                name="import_run_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_kind_display()})"

    def former(self) -> "ImportRun | None":
        """The newest run of the same file with the same mapping that finished before."""
        same = ImportRun.objects.filter(
            kind=self.kind, file_digest=self.file_digest, mapping_digest=self.mapping_digest
        )
        return same.filter(finished_at__isnull=False).first()

    def advance(self, rows: int, **counts: int) -> None:
        """Note that ``rows`` more rows are stored; to be called in their transaction."""
        here = ImportRun.objects.filter(
            pk=self.pk, rows_done=self.rows_done, finished_at__isnull=True
        )
        # Whoever moved it on in between has stored the same rows: this batch must not be.
        if not here.update(
            rows_done=F("rows_done") + rows,
            **{name: F(name) + count for name, count in counts.items()},
        ):
            raise ImportBusy
        self.rows_done += rows
        for name, count in counts.items():
            setattr(self, name, getattr(self, name) + count)

    def leave_out(self, rows: Iterable[int]) -> None:
        """Remember rows, counted from 0 in the file, that were bad and not stored."""
        SkippedRow.objects.bulk_create([SkippedRow(run=self, row=row) for row in rows])

    def left_out(self, first: int, end: int) -> set[int]:
        """Which of the rows from ``first`` to before ``end`` were not stored."""
        rows = SkippedRow.objects.filter(run=self, row__gte=first, row__lt=end)
        return set(rows.values_list("row", flat=True))

    def finish(self) -> None:
        """Note that the whole file is done; what runs before this one left out is settled."""
        with transaction.atomic():
            self.finished_at = timezone.now()
            self.save(update_fields=["finished_at"])
            settled = ImportRun.objects.filter(
                kind=self.kind,
                file_digest=self.file_digest,
                mapping_digest=self.mapping_digest,
                pk__lt=self.pk,
            )
            SkippedRow.objects.filter(run__in=settled).delete()


class SkippedRow(models.Model):
    """A row of activities that was bad and left out: the next import of the file may store it.

    Nothing else tells an activity without an external id that is stored from one that is not.
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="+", db_index=False)
    row = models.PositiveIntegerField(_("row"))

    class Meta:
        ordering = ["run", "row"]
        verbose_name = _("row left out of an import")
        verbose_name_plural = _("rows left out of imports")
        # They have no page of their own.
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["run", "row"], name="skipped_row_once")]

    def __str__(self) -> str:
        return str(self.row)


class ImportMapping(models.Model):
    """A mapping saved under a name, to be used again for the next file of the same form."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=ImportKind.choices)
    document = models.JSONField(_("mapping"), default=dict)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("import mapping")
        verbose_name_plural = _("import mappings")

    def __str__(self) -> str:
        return self.name


class ImportJobQuerySet(models.QuerySet["ImportJob"]):
    def due(self, now: datetime) -> "ImportJobQuerySet":
        """Waiting, or left behind by a worker that was not heard of for a while."""
        lost = models.Q(state=ImportJob.State.RUNNING, alive_until__lt=now)
        return self.filter(models.Q(state=ImportJob.State.QUEUED) | lost).order_by("pk")


class ImportJob(models.Model):
    """An uploaded file on its way: mapped by a person, imported by a worker."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("To be mapped")
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        FAILED = "failed", _("Failed")

    kind = models.CharField(_("kind"), max_length=10, choices=ImportKind.choices)
    name = models.CharField(_("file"), max_length=255)
    path = models.CharField(max_length=255, blank=True, default="")
    document = models.JSONField(_("mapping"), default=dict, blank=True)
    skip_bad = models.BooleanField(_("leave out bad rows"), default=False)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.UPLOADED
    )
    phase = models.CharField(max_length=10, blank=True, default="")
    done_bytes = models.PositiveBigIntegerField(default=0)
    total_bytes = models.PositiveBigIntegerField(default=0)
    outcome = models.JSONField(default=dict, blank=True)
    report = models.CharField(max_length=255, blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="")
    alive_until = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("import of a file")
        verbose_name_plural = _("imports of files")

    def __str__(self) -> str:
        return f"{self.name} ({self.get_state_display()})"

    @property
    def per_cent(self) -> int:
        """How far the present phase got, from 0 to 100."""
        return min(100, self.done_bytes * 100 // self.total_bytes) if self.total_bytes else 0

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    def note(self, **values: Any) -> None:
        """Store these fields, if the job still stands and is leased as it was read here.

        Otherwise it raises ImportBusy, and stores nothing: a worker whose lease ended, or a
        page sent twice, must not undo what others have done since.
        """
        here = ImportJob.objects.filter(pk=self.pk, state=self.state, alive_until=self.alive_until)
        if not here.update(**values):
            raise ImportBusy
        for name, value in values.items():
            setattr(self, name, value)
