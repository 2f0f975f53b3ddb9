"""What the engine stores: tracks, scores with their history, and recomputes under way."""

from datetime import datetime
from typing import Final, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from contacts.models.on_merge import Archive
from scoring.criteria.document import ModelDocument
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.arrays import BigIntegerArrayField, IntegerArrayField
from scoring.engine.pilots.acting import acting_anywhere, acts
from scoring.engine.results import Result


class TrackQuerySet(models.QuerySet["Track"]):
    def computed(self) -> Self:
        return self.exclude(role=Track.Role.ENDED)


class Track(models.Model):
    """What is computed: a model in a role, by one version.

    Everything stored is told apart by its track, so several models at once, or a pilot
    beside the live version, are the same thing.
    """

    class Role(models.TextChoices):
        LIVE = "live", _("Live")
        PILOT = "pilot", _("Pilot")
        # A pilot that is over: its scores are taken away in steps, and nothing is computed.
        ENDED = "ended", _("Ended")

    model = models.ForeignKey(
        ScoringModel, on_delete=models.CASCADE, related_name="tracks", verbose_name=_("model")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.LIVE)
    version = models.ForeignKey(
        Version, on_delete=models.PROTECT, related_name="tracks", verbose_name=_("version")
    )
    # Everything that time alone changes has been marked pending up to this instant.
    swept_at = models.DateTimeField(_("swept"))
    # Of a live track while a pilot runs: what is computed by the candidate, and acts for some.
    pilot = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, editable=False, related_name="beside"
    )

    objects = TrackQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("track")
        verbose_name_plural = _("tracks")
        constraints = [models.UniqueConstraint(fields=["model", "role"], name="track_once")]

    def __str__(self) -> str:
        return f"{self.version} ({self.get_role_display()})"

    @property
    def home(self) -> "Track":
        """Under which what follows from its scores is remembered: a pilot shares the live one's.

        So whatever has gone off for a contact by one version counts for the other as well.
        """
        return self if self.role == self.Role.LIVE else self.beside

    def document_for(self, track_id: int | None) -> ModelDocument:
        """By which a score was made that acts for this live track: its own, or the pilot's."""
        if self.pilot is not None and track_id == self.pilot_id:
            return self.pilot.version.document_value
        return self.version.document_value

    def instant(self, as_of: datetime | None) -> datetime:
        """``as_of``, or now where it is not given: the instant to compute at.

        Never before the last sweep: what that marked would be computed too early, and not
        be marked again. Another machine may have swept by a faster clock; who wants an
        earlier instant starts a full recompute, which sets the sweep back.
        """
        return max(as_of or timezone.now(), self.swept_at)


class Cause(models.TextChoices):
    """Why a score was made anew."""

    ACTIVITY = "activity", _("an activity arrived")
    PROFILE = "profile", _("a field changed")
    TIME = "time", _("time passed")
    VERSION = "version", _("another version went live")
    RECOMPUTE = "recompute", _("everything was recomputed")
    MERGE = "merge", _("contacts were merged or parted")
    ERASURE = "erasure", _("the contact was erased")


class ScoreQuerySet(models.QuerySet["Score"]):
    def live(self) -> Self:
        return self.filter(track__role=Track.Role.LIVE)

    def acting(self, track: Track | None = None) -> Self:
        """The scores from which things follow, of a live track or of all: see ``pilots``."""
        if track is None:
            return self.filter(acting_anywhere())
        return self.filter(acts(track, "track", "contact"))

    def hottest(self) -> Self:
        """Highest total first; the excluded last."""
        return self.order_by("excluded", "-total", "contact_id")


class Score(models.Model):
    """The stored result of one contact on one track; none where the contact is no audience."""

    pk = models.CompositePrimaryKey("track_id", "contact_id")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="scores")
    # Counts the changes; the history has one row for each.
    revision = models.IntegerField()
    total = models.BigIntegerField(_("total"))
    fit = models.BigIntegerField(_("fit"))
    interest = models.BigIntegerField(_("interest"))
    band = models.TextField(_("band"))
    grade = models.TextField(_("grade"), null=True)
    excluded = models.BooleanField(_("excluded"))
    groups = BigIntegerArrayField()
    # A number for each rule of the version, in its order: its worth, or 1 where it excludes.
    breakdown = IntegerArrayField()
    changed_at = models.DateTimeField(_("changed"))

    objects = ScoreQuerySet.as_manager()
    # A sum of two totals is no score: the survivor's is computed.
    on_merge = Archive()

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        # The order in which leads are listed, and what counts those of a band.
        indexes = [
            models.Index(fields=["track", "excluded", "-total", "contact"], name="score_hottest")
        ]

    def __str__(self) -> str:
        return f"{self.total} ({self.band})"

    def result(self) -> Result:
        """The stored score as the value that computing it gives."""
        return Result(
            document=self.track.version.document_value,
            contact_id=self.contact_id,
            total=self.total,
            band=self.band,
            grade=self.grade,
            excluded=self.excluded,
            fit=self.fit,
            interest=self.interest,
            groups=tuple(self.groups),
            worths=tuple(self.breakdown),
        )


# In these words by the index and by whoever asks, or it is of no use. None is a band of its own.
MOVED: Final = ~models.Q(band=models.F("band_before"))


class ScoreChangeQuerySet(models.QuerySet["ScoreChange"]):
    def moved(self) -> Self:
        """Those that led to another band: a small part of all, and quickly found."""
        return self.filter(MOVED)


class ScoreChange(models.Model):
    """One change of one stored score, never altered: what it became, when and why.

    ``total`` is NULL where the contact left the audience, ``total_before`` where it came.
    """

    pk = models.CompositePrimaryKey("track_id", "contact_id", "revision")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="score_changes")
    revision = models.IntegerField()
    version = models.ForeignKey(Version, on_delete=models.PROTECT, db_index=False, related_name="+")
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices)
    as_of = models.DateTimeField(_("as of"))
    written_at = models.DateTimeField(_("written"))
    total_before = models.BigIntegerField(_("total before"), null=True)
    band_before = models.TextField(_("band before"), null=True)
    total = models.BigIntegerField(_("total"), null=True)
    band = models.TextField(_("band"), null=True)
    grade = models.TextField(_("grade"), null=True)
    breakdown = IntegerArrayField(null=True)

    objects = ScoreChangeQuerySet.as_manager()
    # The survivor's own history goes on without a break.
    on_merge = Archive()

    class Meta:
        ordering = ["-revision"]
        verbose_name = _("score change")
        verbose_name_plural = _("score changes")
        # How many came to a band in each week: without it every change of all is read.
        indexes = [
            models.Index(
                fields=["track", "band", "as_of", "contact"], condition=MOVED, name="band_moves"
            )
        ]

    def __str__(self) -> str:
        return f"{self.total_before} -> {self.total}"

    def worths(self) -> dict[str, int]:
        """The number of each rule of its version by name, after this change."""
        names = (rule.name for rule in self.version.document_value.rules)
        return dict(zip(names, self.breakdown or [], strict=False))

    def difference_from(self, former: "ScoreChange | None") -> dict[str, int]:
        """What each rule added or took, by name, since the change before."""
        old, new = former.worths() if former else {}, self.worths()
        return {
            name: new.get(name, 0) - old.get(name, 0)
            for name in {**old, **new}
            if new.get(name, 0) != old.get(name, 0)
        }


class Recompute(models.Model):
    """Everybody's scores on one track being made anew, in ranges of contact ids.

    With a ``base`` only the rules that differ from that version are computed.
    """

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="recomputes")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    base = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+", null=True)
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices)
    # None: each range is computed as of the instant at which it is reached.
    as_of = models.DateTimeField(_("as of"), null=True)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("recompute")
        verbose_name_plural = _("recomputes")
        constraints = [
            models.UniqueConstraint(
                fields=["track"],
                condition=models.Q(finished_at__isnull=True),
                name="one_recompute_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.track}: {self.started_at:%Y-%m-%d %H:%M}"


class RecomputeRange(models.Model):
    """One block of contact ids of a recompute: done, or still to be done."""

    recompute = models.ForeignKey(Recompute, on_delete=models.CASCADE, related_name="ranges")
    block = models.IntegerField()
    done_at = models.DateTimeField(null=True)
    changed = models.IntegerField(default=0)

    class Meta:
        ordering = ["recompute", "block"]
        constraints = [models.UniqueConstraint(fields=["recompute", "block"], name="range_once")]

    def __str__(self) -> str:
        return f"{self.recompute_id}/{self.block}"
