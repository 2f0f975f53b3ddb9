"""The processes that do chores: who is alive, and who died without a word."""

import os
import platform
from datetime import datetime, timedelta
from typing import Any, Final, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

BEAT_EVERY: Final = timedelta(seconds=10)
# A process that was not heard of for this long is dead, or its machine is.
SILENT: Final = timedelta(seconds=35)
# How long a death makes everybody careful.
WARY: Final = timedelta(minutes=10)
FORGOTTEN: Final = timedelta(days=1)


class WorkerProcessQuerySet(models.QuerySet["WorkerProcess"]):
    def alive(self, now: datetime) -> Self:
        return self.filter(died_at=None, beat_at__gt=now - SILENT)

    def lost(self, now: datetime) -> Self:
        """Those that died lately, as far as anybody knows."""
        silent = models.Q(died_at=None, beat_at__lte=now - SILENT, beat_at__gt=now - WARY)
        return self.filter(silent | models.Q(died_at__gt=now - WARY))

    def forget_old(self, now: datetime) -> int:
        return self.filter(beat_at__lt=now - FORGOTTEN).delete()[0]

    def beat(self, kind: str, pid: int, **values: Any) -> None:
        """Note that a process of this machine lives now."""
        now = timezone.now()
        # Not one row by force: two containers may share a host name and count alike.
        mine = self.filter(kind=kind, host=platform.node()[:100], pid=pid, died_at=None)
        if not mine.update(beat_at=now, **values):
            self.create(
                kind=kind,
                host=platform.node()[:100],
                pid=pid,
                started_at=now,
                beat_at=now,
                **values,
            )

    def note_death(self, kind: str, pid: int) -> None:
        """Note that a process of this machine was killed, or fell over."""
        now = timezone.now()
        mine = self.filter(kind=kind, host=platform.node()[:100], pid=pid, died_at=None)
        if not mine.update(died_at=now):
            self.create(
                kind=kind,
                host=platform.node()[:100],
                pid=pid,
                started_at=now,
                beat_at=now,
                died_at=now,
            )

    def leave(self, kind: str) -> None:
        """This process ends in order."""
        self.filter(kind=kind, host=platform.node()[:100], pid=os.getpid(), died_at=None).delete()


class WorkerProcess(models.Model):
    """A process of `manage.py worker`; one that ends in order leaves no row."""

    class Kind(models.TextChoices):
        LOOP = "loop", _("Looks for work")
        HINTS = "hints", _("Listens for hints")
        JOB = "job", _("Works on a hint")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    host = models.CharField(_("machine"), max_length=100)
    pid = models.PositiveIntegerField(_("process"))
    jobs_only = models.BooleanField(_("joined in"), default=False)
    started_at = models.DateTimeField(_("started"))
    beat_at = models.DateTimeField(_("last heard of"))
    died_at = models.DateTimeField(_("died"), null=True)

    objects = WorkerProcessQuerySet.as_manager()

    class Meta:
        ordering = ["host", "started_at", "pk"]
        verbose_name = _("worker process")
        verbose_name_plural = _("worker processes")
        permissions = [("operate_jobs", "Can see and operate the jobs page")]
        indexes = [models.Index(fields=["beat_at"], name="worker_beat")]

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"
