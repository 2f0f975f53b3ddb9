"""One action done for everybody in a segment, in small steps by the worker.

Whom it is for is settled when it begins: the condition, the instant and the last contact are
kept, and contacts are visited in the order of their ids. So what the action changes cannot lead
it in circles, and whoever comes later is not meant.
"""

import logging
from collections import Counter
from functools import partial
from typing import Any, Final, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Count, Max
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from contacts.chores import wake
from contacts.models import Contact
from contacts.models.people import ContactQuerySet
from scoring.automations.actions.base import Action, Occasion
from scoring.automations.document import read_action
from scoring.automations.firing import attempt, lock
from scoring.automations.models import ActionRun
from scoring.automations.values import values_of
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.faults import Node
from scoring.criteria.models import ScoringModel
from scoring.criteria.segments import Segment
from scoring.engine.locks import lock_contacts
from scoring.engine.models import Score, Track

logger = logging.getLogger(__name__)

BULK: Final = "bulk"
AT_ONCE: Final = 100
# What may be done to many at once: nothing that is meant for one person at a time.
KINDS: Final = ("tag", "assign_owner", "lifecycle", "enrol", "leave")
REASONS_MOST: Final = 20


class BulkRunQuerySet(models.QuerySet["BulkRun"]):
    def begin(self, segment: Segment, action: Action, user: User) -> "BulkRun":
        """For all in the segment whom this person may see; raises DocumentInvalid."""
        segment.read()
        run = self.model(
            segment=segment,
            name=segment.name,
            condition=segment.condition,
            action={"kind": action.kind} | action.data(),
            started_by=user,
            started_at=timezone.now(),
        )
        meant = run.contacts().order_by().aggregate(count=Count("pk"), last=Max("pk"))
        run.expected = meant["count"]
        run.last = meant["last"] or 0
        run.save()
        wake(BULK)
        return run

    def unfinished(self) -> Self:
        return self.filter(finished_at=None)


class BulkRun(models.Model):
    """One action for many contacts: what it is, and how far it has come."""

    segment = models.ForeignKey(
        Segment,
        on_delete=models.SET_NULL,
        null=True,
        related_name="runs",
        verbose_name=_("segment"),
    )
    name = models.CharField(_("segment's name"), max_length=200)
    condition = models.JSONField(_("condition"))
    action = models.JSONField(_("action"))
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    was_stopped = models.BooleanField(_("stopped"), default=False)
    expected = models.PositiveIntegerField(_("contacts"), default=0)
    # The highest id of those whom it is for: whoever is stored later has a higher one.
    last = models.BigIntegerField(default=0)
    # The id of the last contact that was visited.
    reached = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    failed = models.PositiveIntegerField(_("not possible"), default=0)
    # Why not, with how often.
    reasons = models.JSONField(_("reasons"), default=dict)

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        default_permissions = ("view",)
        verbose_name = _("action for a segment")
        verbose_name_plural = _("actions for segments")

    def __str__(self) -> str:
        return self.name

    def contacts(self) -> ContactQuerySet:
        """Who it is for; raises DocumentInvalid."""
        if self.started_by is None:
            return Contact.objects.none()
        seen = Contact.objects.visible_to(self.started_by)
        return Segment(condition=self.condition).narrow(seen, self.started_at)

    def what(self) -> Action | None:
        node = Node(self.action)
        found = read_action(node)
        return None if node.faults else found

    @property
    def percent(self) -> int:
        visited = self.done + self.failed
        return min(100, visited * 100 // self.expected) if self.expected else 100

    def stop(self) -> bool:
        """Whether there was something to stop."""
        unfinished = type(self).objects.unfinished().filter(pk=self.pk)
        return bool(unfinished.update(was_stopped=True, finished_at=timezone.now()))

    def go_on(self) -> int:
        """Do it for the next contacts; how many."""
        action = self.what()
        try:
            left = self.contacts().filter(pk__gt=self.reached, pk__lte=self.last)
            ids = list(left.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]) if action else []
        except DocumentInvalid as invalid:
            self.reasons = {str(invalid)[:500]: self.expected}
            ids = []
        if action is None or not ids:
            self.finished_at = timezone.now()
            self.save()
            return 1
        lock_contacts(ids)
        lock([action])
        reasons = Counter(self.reasons)
        for pk, state, detail in self.acted(action, ids):
            self.reached = pk
            if state == ActionRun.State.DONE:
                self.done += 1
                continue
            self.failed += 1
            if detail in reasons or len(reasons) < REASONS_MOST:
                reasons[detail] += 1
        self.reasons = dict(reasons)
        self.save()
        return len(ids)

    def acted(self, action: Action, ids: list[int]) -> Any:
        track = Track.objects.filter(role=Track.Role.LIVE).select_related("model").first()
        model = track.model if track else ScoringModel(name="")
        scores = {
            score.contact_id: score
            for score in (Score.objects.acting(track) if track else Score.objects.none())
            .filter(contact__in=ids)
            .select_related("track__model", "track__version")
        }
        for contact in Contact.objects.filter(pk__in=ids).select_related("company").order_by("pk"):
            occasion = partial(self.occasion, contact, scores.get(contact.pk), model)
            yield contact.pk, *attempt(action, occasion, self.name, 1)

    def occasion(self, contact: Contact, score: Score | None, model: ScoringModel) -> Occasion:
        return Occasion(
            contact=contact,
            crossing=None,
            model=model,
            score=score,
            as_of=timezone.now(),
            key=f"bulk:{self.pk}:{contact.pk}",
            language=settings.LANGUAGE_CODE,
            values=values_of(contact, score, model.name, self.name),
        )


def go_on_with_bulk() -> int:
    """Do a step of the run that has waited longest; how many contacts it was."""
    with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        waiting = BulkRun.objects.select_for_update(skip_locked=True, of=("self",)).unfinished()
        run = waiting.order_by("started_at").first()
        return run.go_on() if run else 0
