"""Known outcomes by total, worked out by a worker and kept: it may take minutes.

A table belongs to what makes totals: another threshold needs no other table.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.chores import Backlog, wake
from scoring.criteria.document import ModelDocument
from scoring.criteria.models import ScoringModel
from scoring.criteria.structure import Band
from scoring.engine.proportions import Outcomes

CHORE: Final = "outcomes"
MONTHS: Final = 12
# One that a worker began and left behind, crashed, is begun again.
LEASE: Final = timedelta(minutes=15)
# So many a model are kept: of the live version, the draft, and some states of it before.
KEPT: Final = 10


class OutcomeTable(models.Model):
    """Of one scoring: how many of each total succeeded and how many did not."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for a worker")
        AT_WORK = "at_work", _("Being worked out")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="outcome_tables")
    key = models.CharField(max_length=64)
    document = models.JSONField()
    months = models.PositiveIntegerField(default=MONTHS)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    # Whose outcome came before this instant is in the rows already.
    reached = models.DateTimeField(null=True)
    percent = models.PositiveSmallIntegerField(default=0)
    # [[total, lost, won], ...], rising.
    rows = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]
        default_permissions = ()
        verbose_name = _("table of outcomes")
        verbose_name_plural = _("tables of outcomes")
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="outcomes_once")]

    def __str__(self) -> str:
        return f"{self.model}: {self.get_state_display()}"

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.ASKED, self.State.AT_WORK)

    def counted(self) -> dict[tuple[int, bool], int]:
        return {
            (total, won): count
            for total, *counts in self.rows
            for won, count in zip((False, True), counts, strict=True)
        }

    def take(self, counted: Mapping[tuple[int, bool], int]) -> None:
        totals = sorted({total for total, _won in counted})
        self.rows = [
            [total, counted.get((total, False), 0), counted.get((total, True), 0)]
            for total in totals
        ]

    def outcomes(self) -> Outcomes:
        return Outcomes(self.each())

    def each(self) -> Iterator[tuple[int, bool]]:
        for total, lost, won in self.rows:
            yield from [(total, False)] * lost
            yield from [(total, True)] * won


def scoring_of(document: ModelDocument) -> ModelDocument:
    """What of a document makes totals, and says what success is."""
    return replace(document, bands=(Band("all", None),), matrix=None, scenarios=())


def key_of(document: ModelDocument) -> str:
    """Equal where two documents give everybody the same totals."""
    return hashlib.sha256(scoring_of(document).canonical()).hexdigest()


def same_totals(one: ModelDocument, other: ModelDocument) -> bool:
    return key_of(replace(one, objective=None)) == key_of(replace(other, objective=None))


def kept_table(model: ScoringModel, document: ModelDocument) -> OutcomeTable | None:
    """What there is; None where it was never asked for."""
    return OutcomeTable.objects.filter(model=model, key=key_of(document)).first()


def ask_for_table(model: ScoringModel, document: ModelDocument) -> OutcomeTable:
    """Have a worker work it out, or once more; one that is under way goes on."""
    with transaction.atomic():
        table, _new = OutcomeTable.objects.select_for_update().get_or_create(
            model=model,
            key=key_of(document),
            defaults={"document": scoring_of(document).as_data()},
        )
        if not table.is_under_way:
            table.state, table.asked_at = OutcomeTable.State.ASKED, timezone.now()
            table.rows, table.percent, table.reached = [], 0, None
            table.save()
        older = OutcomeTable.objects.filter(model=model).values_list("pk", flat=True)[KEPT:]
        OutcomeTable.objects.filter(pk__in=list(older)).delete()
        wake(CHORE)
    return table


def waiting() -> "models.QuerySet[OutcomeTable]":
    left = models.Q(state=OutcomeTable.State.AT_WORK, begun_at__lt=timezone.now() - LEASE)
    return OutcomeTable.objects.filter(models.Q(state=OutcomeTable.State.ASKED) | left)


def tables_that_wait() -> Backlog:
    found = waiting().order_by().aggregate(count=models.Count("pk"), oldest=models.Min("asked_at"))
    return Backlog(**found)
