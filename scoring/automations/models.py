"""Automations with their versions, what has crossed for whom, and what was done about it."""

import json
import uuid
from typing import TYPE_CHECKING, Self, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.chores import wake
from contacts.models import Activity, Contact
from contacts.models.people import sees_everybody
from scoring.automations.document import AutomationDocument, parsed
from scoring.automations.merging import MoveCrossings, UniteStates
from scoring.criteria.document import ModelDocument
from scoring.criteria.models import ScoringModel
from scoring.engine.models import Score, Track

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

# The chore that hands over crossings which somebody has released.
RELEASED = "released crossings"


class AutomationQuerySet(models.QuerySet["Automation"]):
    def running_on(self, track: Track) -> Self:
        """Those that follow the scores of this track, be it live or that of a pilot."""
        return self.filter(model=track.model_id, live=True, version__isnull=False)


class Automation(models.Model):
    """A trigger, conditions and actions under a name; what they are is in its versions."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    model = models.ForeignKey(
        ScoringModel,
        on_delete=models.CASCADE,
        related_name="automations",
        verbose_name=_("scoring model"),
    )
    live = models.BooleanField(_("on"), default=False)
    version = models.ForeignKey(
        "AutomationVersion",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("version"),
    )
    # An activity that came before is no event; up to here silence has been looked for.
    live_since = models.DateTimeField(_("on since"), null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = AutomationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("automation")
        verbose_name_plural = _("automations")

    def __str__(self) -> str:
        return self.name

    @property
    def current(self) -> "AutomationVersion":
        """The version that runs. Raises ValueError where none was saved yet."""
        if self.version is None:
            raise ValueError(f"The automation {self} has no version yet.")
        return self.version

    def save_version(
        self, document: AutomationDocument, created_by: User | None = None
    ) -> "AutomationVersion":
        """Make this the version that runs: the one that says it already, or the next one."""
        with transaction.atomic():
            locked = Automation.objects.select_for_update().get(pk=self.pk)
            versions = AutomationVersion.objects.filter(automation=locked)
            version = versions.filter(hash=document.hash).first()
            if version is None:
                last = versions.aggregate(last=models.Max("number"))["last"] or 0
                version = AutomationVersion.objects.create(
                    automation=locked,
                    number=last + 1,
                    document=document.canonical().decode(),
                    hash=document.hash,
                    created_by=created_by,
                )
            now = {} if same_trigger(locked.version, version) else {"live_since": timezone.now()}
            Automation.objects.filter(pk=self.pk).update(version=version, **now)
        self.refresh_from_db()
        return version

    def switch_on(self) -> None:
        """From now on; what has happened before sets nothing off."""
        now = timezone.now()
        Automation.objects.filter(pk=self.pk, live=False).update(
            live=True, live_since=now, checked_at=now
        )
        self.refresh_from_db()

    def switch_off(self) -> None:
        Automation.objects.filter(pk=self.pk).update(live=False)
        self.refresh_from_db()

    def rearm(self, contact_ids: list[int]) -> int:
        """Let it go off for these contacts once more, whatever its mode."""
        states = TriggerState.objects.filter(automation=self, contact__in=contact_ids)
        return states.update(armed=True, released_at=None)


class AutomationVersion(models.Model):
    """What an automation did from some day on, frozen: canonical JSON and its SHA-256."""

    automation = models.ForeignKey(
        Automation,
        on_delete=models.CASCADE,
        related_name="versions",
        verbose_name=_("automation"),
    )
    number = models.PositiveIntegerField(_("number"))
    document = models.TextField(_("document"))
    hash = models.CharField(_("hash"), max_length=64)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )

    class Meta:
        ordering = ["automation", "-number"]
        verbose_name = _("version of an automation")
        verbose_name_plural = _("versions of automations")
        constraints = [
            models.UniqueConstraint(
                fields=["automation", "number"], name="automation_version_number"
            ),
            models.UniqueConstraint(fields=["automation", "hash"], name="automation_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.automation} {self.number}"

    @property
    def data(self) -> dict[str, object]:
        """The document as plain data."""
        return cast("dict[str, object]", json.loads(self.document))

    def value(self, track: Track) -> AutomationDocument:
        """The document as a value, for the version that a track runs by.

        Raises DocumentInvalid where that has not the bands or fields that it names.
        """
        return self.value_for(track.version.document_value)

    def value_for(self, model: ModelDocument) -> AutomationDocument:
        """The same for any version of the model."""
        return parsed(self.document, model)


def same_trigger(one: AutomationVersion | None, other: AutomationVersion) -> bool:
    """Whether both wait for the same; if not, what came before the change is no event."""
    return one is not None and one.data["trigger"] == other.data["trigger"]


class TriggerState(models.Model):
    """Whether a trigger may go off for a contact. No row: as its score before would have it."""

    pk = models.CompositePrimaryKey("track_id", "contact_id", "automation_id")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, db_index=False, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="states")
    armed = models.BooleanField()
    # Counts the crossings.
    episode = models.BigIntegerField()
    fired_at = models.DateTimeField(null=True)
    # Since when the total has been past the exit without a break; None: it is not.
    released_at = models.DateTimeField(null=True)

    on_merge = UniteStates()

    class Meta:
        verbose_name = _("state of a trigger")
        verbose_name_plural = _("states of triggers")

    def __str__(self) -> str:
        return f"{self.automation_id}/{self.contact_id}"


class CrossingQuerySet(models.QuerySet["Crossing"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        if sees_everybody(user):
            return self
        return self.filter(contact__in=Contact.objects.visible_to(user))

    def held_back(self) -> Self:
        """What an import, another version or switching on has set off, had it not been quiet."""
        return self.filter(suppressed=Crossing.Suppressed.QUIET)

    def release(self, user: "AbstractBaseUser") -> int:
        """Hand over crossings that were held back; a worker does their actions."""
        count = self.held_back().update(
            suppressed="", to_be_done=True, released_by=user.get_username()
        )
        wake(RELEASED)
        return count

    def drop(self, user: "AbstractBaseUser") -> int:
        """Close crossings that were held back, for good; nothing is done for them."""
        return self.held_back().update(
            suppressed=Crossing.Suppressed.DROPPED, released_by=user.get_username()
        )


class Crossing(models.Model):
    """A trigger has gone off for a contact; never altered but by being handed over or dropped."""

    class Suppressed(models.TextChoices):
        QUIET = "quiet", _("an import, another version or switching on: held back")
        CONDITIONS = "conditions", _("the conditions did not hold")
        LOOP = "loop", _("automations set each other off")
        COOL_DOWN = "cool_down", _("too soon after the last time")
        PASSED = "passed", _("the level no longer held when it was handed over")
        DROPPED = "dropped", _("dropped by a person")

    class Direction(models.TextChoices):
        UP = "up", _("up")
        DOWN = "down", _("down")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="crossings")
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="crossings", verbose_name=_("contact")
    )
    automation = models.ForeignKey(
        Automation,
        on_delete=models.CASCADE,
        related_name="crossings",
        verbose_name=_("automation"),
    )
    version = models.ForeignKey(
        AutomationVersion, on_delete=models.CASCADE, related_name="+", verbose_name=_("version")
    )
    episode = models.BigIntegerField()
    direction = models.CharField(_("direction"), max_length=4, choices=Direction.choices)
    total_before = models.BigIntegerField(_("total before"), null=True)
    total = models.BigIntegerField(_("total"), null=True)
    revision = models.IntegerField(null=True)
    as_of = models.DateTimeField(_("as of"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    activity = models.ForeignKey(
        Activity,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("activity"),
    )
    suppressed = models.CharField(
        _("held back because"), max_length=12, blank=True, default="", choices=Suppressed.choices
    )
    depth = models.PositiveSmallIntegerField(default=0)
    to_be_done = models.BooleanField(default=False)
    # Or dropped by, as `suppressed` says.
    released_by = models.CharField(_("handed over by"), max_length=150, blank=True, default="")

    objects = CrossingQuerySet.as_manager()
    on_merge = MoveCrossings()

    class Meta:
        ordering = ["-at", "pk"]
        verbose_name = _("crossing")
        verbose_name_plural = _("crossings")
        constraints = [
            models.UniqueConstraint(
                fields=["track", "contact", "automation", "episode", "direction"],
                name="crossing_once",
            )
        ]
        indexes = [
            models.Index(fields=["-at"], name="crossing_newest"),
            models.Index(
                fields=["at"], condition=models.Q(to_be_done=True), name="crossing_to_be_done"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.automation}: {self.contact}"

    def key(self, position: int) -> str:
        """What the action at a place of the automation is known by, for ever."""
        return f"x:{self.pk}:{position}"

    @property
    def score(self) -> Score | None:
        """By the version that acts for the contact."""
        return Score.objects.acting(self.track).filter(contact=self.contact_id).first()


class ActionRun(models.Model):
    """What came of one action of one crossing."""

    class State(models.TextChoices):
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    crossing = models.ForeignKey(
        Crossing, on_delete=models.CASCADE, related_name="runs", verbose_name=_("crossing")
    )
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("action"), max_length=40)
    state = models.CharField(_("state"), max_length=6, choices=State.choices)
    detail = models.TextField(_("what was done"), blank=True, default="")
    at = models.DateTimeField(_("when"), auto_now=True)

    class Meta:
        ordering = ["crossing", "position"]
        verbose_name = _("action done")
        verbose_name_plural = _("actions done")
        constraints = [
            models.UniqueConstraint(fields=["crossing", "position"], name="action_run_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.get_state_display()}"
