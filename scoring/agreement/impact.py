"""What a version or a draft would do to every contact if it went live: asked for, and found.

An impact is worked out step by step by the workers (``impact_work``), as of one instant,
and kept with what it found; who moves where is kept for the newest ones only.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self, cast

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.chores import wake
from contacts.models import Contact, Pending
from contacts.models.on_merge import Archive
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.changes import lock_model
from scoring.criteria.document import ModelDocument
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.arrays import IntegerArrayField
from scoring.engine.models import Score, Track

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

CHORE: Final = "impact"
# How far back outcomes are looked for.
MONTHS: Final = 12
# Of so many a model the single contacts are kept.
KEPT: Final = 3


class ImpactQuerySet(models.QuerySet["Impact"]):
    def unfinished(self) -> Self:
        return self.filter(state__in=Impact.UNFINISHED)

    def done(self) -> Self:
        return self.filter(state=Impact.State.DONE)


class Impact(models.Model):
    """The impact of one document against the version that was live, as of an instant."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for a worker")
        AT_WORK = "at_work", _("Being worked out")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        OVERTAKEN = "overtaken", _("Overtaken")

    UNFINISHED: Final = (State.WAITING, State.AT_WORK)

    model = models.ForeignKey(
        ScoringModel, on_delete=models.CASCADE, related_name="impacts", verbose_name=_("model")
    )
    # None: of a draft, as it was then.
    version = models.ForeignKey(
        Version, on_delete=models.CASCADE, null=True, related_name="impacts"
    )
    # What was live; None: nothing was.
    against = models.ForeignKey(Version, on_delete=models.CASCADE, null=True, related_name="+")
    document = models.TextField()
    hash = models.CharField(max_length=64)
    as_of = models.DateTimeField(_("as of"))
    months = models.PositiveSmallIntegerField(default=MONTHS)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    began_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)
    moves_kept = models.BooleanField(default=True)

    objects = ImpactQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("view", "add")
        verbose_name = _("impact")
        verbose_name_plural = _("impacts")
        constraints = [
            models.UniqueConstraint(
                fields=["model", "hash"],
                condition=models.Q(state__in=["waiting", "at_work"]),
                name="impact_at_work_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version or self.model}: {self.get_state_display()}"

    @property
    def candidate(self) -> Version:
        """The version that it is about or, of a draft, one that is not stored."""
        if self.version:
            return self.version
        return Version(model=self.model, document=self.document, hash=self.hash, number=0)

    @property
    def document_value(self) -> ModelDocument:
        return self.candidate.document_value

    @property
    def is_unfinished(self) -> bool:
        return self.state in self.UNFINISHED

    def progress(self) -> tuple[int, int]:
        """Steps that are done, and all steps."""
        counted = self.steps.aggregate(
            done=models.Count("pk", filter=models.Q(done_at__isnull=False)),
            all=models.Count("pk"),
        )
        return counted["done"], counted["all"]

    def changed_since(self) -> int:
        """Contacts whose score has changed, or is to be made anew, since this was begun."""
        since = self.began_at or self.asked_at
        track = live_track_of(self.model)
        if track is None:
            return Contact.objects.filter(stored_at__gt=since).count()
        waiting = Pending.objects.filter(since__gt=since).order_by().values("contact").distinct()
        changed = Score.objects.filter(track=track, changed_at__gt=since)
        return changed.count() + waiting.exclude(contact__in=changed.values("contact")).count()

    @cached_property
    def found(self) -> "Found":
        return Found(self.result)


class ImpactStep(models.Model):
    """A part of the work: a block of contacts, some of the past outcomes, the scenarios."""

    class Kind(models.TextChoices):
        CONTACTS = "contacts"
        OUTCOMES = "outcomes"
        SCENARIOS = "scenarios"

    impact = models.ForeignKey(Impact, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    number = models.IntegerField()
    done_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)

    class Meta:
        ordering = ["impact", "kind", "number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["impact", "kind", "number"], name="impact_step_once")
        ]

    def __str__(self) -> str:
        return f"{self.impact_id}/{self.kind}/{self.number}"


class ImpactMoveQuerySet(models.QuerySet["ImpactMove"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        return self.filter(contact__in=Contact.objects.visible_to(user))

    def to_other_bands(self) -> Self:
        same = models.Q(band=models.F("band_before"))
        return self.exclude(same & models.Q(band__isnull=False))


class ImpactMove(models.Model):
    """A contact whose total or band would be another one; None is outside the audience.

    The number of each rule is kept where the band differs.
    """

    pk = models.CompositePrimaryKey("impact_id", "contact_id")
    impact = models.ForeignKey(
        Impact, on_delete=models.CASCADE, related_name="moves", db_index=False
    )
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    total_before = models.BigIntegerField(null=True)
    band_before = models.TextField(null=True)
    total = models.BigIntegerField(null=True)
    band = models.TextField(null=True)
    breakdown_before = IntegerArrayField(null=True)
    breakdown = IntegerArrayField(null=True)

    objects = ImpactMoveQuerySet.as_manager()
    on_merge = Archive()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["impact", "band_before", "band", "contact"], name="impact_moves_by_band"
            )
        ]

    def __str__(self) -> str:
        return f"{self.total_before} -> {self.total}"


@dataclass(frozen=True, slots=True)
class Found:
    """The result of an impact that is done, read from its JSON (see ``impact_result``)."""

    data: dict[str, Any]

    @property
    def up(self) -> int:
        return int(self.data.get("up", 0))

    @property
    def down(self) -> int:
        return int(self.data.get("down", 0))

    @property
    def crossings(self) -> int:
        return sum(each["crossings"] for each in self.data.get("automations", ()))

    def actions(self, kind: str) -> int:
        """How many actions of a kind would be done if it fired: where the conditions hold."""
        return sum(
            each["acting"] * each["actions"].get(kind, 0)
            for each in self.data.get("automations", ())
        )


@dataclass(frozen=True, slots=True)
class Headline:
    """What going live would do, in numbers: confirmed by whoever brings it live.

    ``up`` and ``down`` count contacts that change band; ``crossings`` what the automations
    would hold back or, firing, act upon; ``tasks`` and ``alerts`` what they would make where
    their conditions hold. ``changed_since``: contacts that have changed after ``as_of``.
    """

    up: int
    down: int
    crossings: int
    tasks: int
    alerts: int
    as_of: datetime
    changed_since: int


def headline_of(version: Version) -> Headline | None:
    """Of the newest impact against what is live now; None where there is none yet."""
    found = newest(version.model, version.hash)
    if found is None:
        return None
    return Headline(
        up=found.found.up,
        down=found.found.down,
        crossings=found.found.crossings,
        tasks=found.found.actions("task"),
        alerts=found.found.actions("notify"),
        as_of=found.as_of,
        changed_since=found.changed_since(),
    )


def live_track_of(model: ScoringModel) -> Track | None:
    tracks = Track.objects.filter(model=model, role=Track.Role.LIVE)
    return tracks.select_related("version", "model").first()


def newest(model: ScoringModel, hash: str) -> Impact | None:
    """The newest impact of a document that is done, against what is live now."""
    track = live_track_of(model)
    against = track.version_id if track else None
    impacts = Impact.objects.done().filter(model=model, hash=hash)
    matching = impacts.filter(against=against) if against else impacts.filter(against=None)
    return matching.select_related("version", "against", "model").first()


def under_way(model: ScoringModel, hash: str) -> Impact | None:
    return Impact.objects.unfinished().filter(model=model, hash=hash).first()


def ask_for_impact(
    model: ScoringModel,
    document: ModelDocument,
    user: "AbstractBaseUser | AnonymousUser | None",
    version: Version | None = None,
    as_of: datetime | None = None,
) -> Impact:
    """Have the workers work it out; one of the same document that is under way goes on."""
    with transaction.atomic():
        lock_model(model.pk)
        if found := under_way(model, document.hash):
            return found
        # Of a draft that has changed since the older state is of no interest any more, but to
        # those who are to sign it.
        to_be_signed = model.versions.filter(
            state__in=[Version.State.PROPOSED, Version.State.AGREED]
        )
        halfway = Impact.objects.unfinished().filter(model=model, version=None)
        if version is None:
            halfway.exclude(hash__in=to_be_signed.values("hash")).update(
                state=Impact.State.OVERTAKEN, finished_at=timezone.now()
            )
        track = live_track_of(model)
        impact = Impact.objects.create(
            model=model,
            version=version,
            against=track.version if track else None,
            document=document.canonical().decode(),
            hash=document.hash,
            as_of=track.instant(as_of) if track else as_of or timezone.now(),
            asked_by=cast("User | None", user if user and user.is_authenticated else None),
        )
        if impact.asked_by:
            AuditEntry.objects.note(user, model, Action.IMPACT, version, hash=document.hash)
        wake(CHORE)
    return impact
