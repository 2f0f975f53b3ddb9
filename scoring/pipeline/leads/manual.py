"""Manual qualification: a person says which band a lead is in, beside what is computed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, Self, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact
from contacts.models.on_merge import CloseTwice
from contacts.models.people import sees_everybody
from contacts.models.teams import name_of
from scoring.criteria.faults import LONGEST_NAME
from scoring.criteria.models import ScoringModel
from scoring.engine.models import Track

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin

REASON_MOST: Final = 500
SETS: Final = "scoring.add_manualband"
ENDS: Final = "scoring.change_manualband"


class Refused(Exception):
    """What was asked for cannot be done; the message says why, in words."""


def day_of(at: datetime) -> date:
    """The day of an instant in the zone in which pages show days."""
    return timezone.localdate(at, timezone.get_default_timezone())


class ManualBandQuerySet(models.QuerySet["ManualBand"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        if not cast("PermissionsMixin", user).has_perm("scoring.view_manualband"):
            return self.none()
        if sees_everybody(user):
            return self
        return self.filter(contact__in=Contact.objects.visible_to(user))

    def in_force(self, at: datetime) -> Self:
        """Those that stand at an instant, also a past one: set, not ended, not run out.

        ``until`` is the last day on which one stands, so nothing has to end it.
        """
        return self.filter(
            Q(until=None) | Q(until__gte=day_of(at)),
            Q(ended_at=None) | Q(ended_at__gt=at),
            set_at__lte=at,
        )

    def of_contacts(self, model: ScoringModel, contacts: Collection[int]) -> Self:
        return self.filter(model=model, contact__in=contacts)

    def by_band(self) -> dict[str, int]:
        """How many leads each band was given; of those of one instant none counts twice."""
        rows = self.order_by().values_list("band")
        return dict(rows.annotate(count=Count("contact", distinct=True)))

    def unended(self) -> Self:
        return self.filter(ended_at=None)


class ManualBand(models.Model):
    """A band that somebody gave a lead by hand. It changes no score, and no recompute knows it."""

    contact = models.ForeignKey(
        Contact,
        on_delete=models.CASCADE,
        related_name="manual_bands",
        verbose_name=gettext_lazy("contact"),
    )
    model = models.ForeignKey(
        ScoringModel,
        on_delete=models.CASCADE,
        related_name="manual_bands",
        verbose_name=gettext_lazy("model"),
    )
    band = models.CharField(gettext_lazy("band"), max_length=LONGEST_NAME)
    reason = models.CharField(gettext_lazy("reason"), max_length=REASON_MOST)
    until = models.DateField(
        gettext_lazy("until"),
        null=True,
        blank=True,
        help_text=gettext_lazy("The last day on which it stands. Empty: until somebody ends it."),
    )
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=gettext_lazy("set by"),
    )
    set_at = models.DateTimeField(gettext_lazy("set"))
    ended_at = models.DateTimeField(gettext_lazy("ended"), null=True, blank=True)
    # None where it ran out, or whoever ended it is gone.
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=gettext_lazy("ended by"),
    )

    objects = ManualBandQuerySet.as_manager()
    on_merge = CloseTwice(
        "model", is_open={"ended_at": None}, closed=lambda: {"ended_at": timezone.now()}
    )

    class Meta:
        ordering = ["-set_at", "-pk"]
        default_permissions = ("view", "add", "change")
        verbose_name = gettext_lazy("manual band")
        verbose_name_plural = gettext_lazy("manual bands")
        indexes = [models.Index(fields=["model", "band"], name="manual_band_counted")]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "model"],
                condition=Q(ended_at=None),
                name="one_manual_band_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.band}: {self.reason}"

    def stands_at(self, at: datetime) -> bool:
        """What ``in_force`` says of one."""
        is_over = self.until is not None and self.until < day_of(at)
        return self.set_at <= at and not is_over and (self.ended_at is None or self.ended_at > at)

    @property
    def ran_out_at(self) -> datetime | None:
        """The instant at which its last day is over."""
        if self.until is None:
            return None
        after = datetime.combine(self.until + timedelta(days=1), time.min)
        return timezone.make_aware(after, timezone.get_default_timezone())

    @property
    def giver(self) -> str:
        return name_of(self.set_by) if self.set_by else ""


@dataclass(frozen=True)
class SetBand:
    """Somebody gives a lead a band by hand; the one of before ends by it.

    ``known``: the id of the one that the person saw standing, None where none stood.
    """

    contact: Contact
    track: Track
    band: str
    reason: str
    until: date | None
    user: User
    known: int | None = None

    def check(self) -> None:
        """Raises Refused."""
        if self.band not in {band.name for band in self.track.version.document_value.bands}:
            raise Refused(
                _("The model has no band “%(band)s” any more.") % {"band": self.band[:50]}
            )
        if not self.reason.strip():
            raise Refused(_("Say why: the reason stands beside the band."))
        if self.until is not None and self.until < day_of(timezone.now()):
            raise Refused(_("The last day must not be in the past."))

    def execute(self) -> ManualBand:
        self.check()
        now = timezone.now()
        try:
            with transaction.atomic():
                self.end_former(now)
                return ManualBand.objects.create(
                    contact=self.contact,
                    model=self.track.model,
                    band=self.band,
                    reason=self.reason.strip()[:REASON_MOST],
                    until=self.until,
                    set_by=self.user,
                    set_at=now,
                )
        except IntegrityError:
            # Two at once: the constraint let the other one in.
            raise self.too_late() from None

    def end_former(self, now: datetime) -> None:
        rows = ManualBand.objects.unended().filter(contact=self.contact, model=self.track.model)
        former = rows.select_for_update(of=("self",)).select_related("set_by").first()
        if former is None:
            return
        if former.stands_at(now):
            if former.pk != self.known:
                raise self.too_late(former)
            rows.update(ended_at=now, ended_by=self.user)
        else:
            rows.update(ended_at=former.ran_out_at or now)

    def too_late(self, other: ManualBand | None = None) -> Refused:
        rows = ManualBand.objects.unended().filter(contact=self.contact, model=self.track.model)
        found = other or rows.select_related("set_by").first()
        said = _("%(who)s gave it “%(band)s” meanwhile: %(reason)s. Look at that first.")
        return Refused(
            said
            % {
                "who": (found and found.giver) or _("Somebody"),
                "band": found.band if found else "",
                "reason": found.reason if found else "",
            }
        )


@dataclass(frozen=True)
class EndBand:
    """Somebody ends a manual band before it runs out; the row stays, as history."""

    manual: ManualBand
    user: User

    def check(self) -> None:
        """Raises Refused."""
        if not self.manual.stands_at(timezone.now()):
            raise Refused(_("It has ended meanwhile."))

    def execute(self) -> None:
        self.check()
        rows = ManualBand.objects.unended().filter(pk=self.manual.pk)
        if not rows.update(ended_at=timezone.now(), ended_by=self.user):
            raise Refused(_("It has ended meanwhile."))
