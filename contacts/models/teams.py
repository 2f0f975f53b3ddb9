"""Who works, and when: calendars with holidays, teams with members, absences."""

from collections.abc import Collection
from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models.assignments import Assignment
from contacts.models.people import sees_everybody
from contacts.normalise import normalise
from contacts.weekly_hours import USUAL_WEEK, HoursInvalid, Week, read_week
from contacts.working_time import WorkingTime

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

MOMENT: Final = timedelta(microseconds=1)


def own_zone() -> str:
    return str(settings.TIME_ZONE)


def usual_week() -> dict[str, list[list[str]]]:
    """Monday to Friday with a pause at noon."""
    return deepcopy(USUAL_WEEK)


def check_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(gettext("“%(name)s” is no time zone.") % {"name": name})


def check_week(data: object) -> None:
    try:
        week = read_week(data)
    except HoursInvalid as invalid:
        raise ValidationError(str(invalid)) from None
    if not any(week):
        raise ValidationError(gettext("A calendar needs working hours on at least one day."))


class CalendarQuerySet(models.QuerySet["Calendar"]):
    def default(self) -> "Calendar":
        """The one for all that names none; where somebody deleted it, one of the usual week."""
        return self.filter(is_default=True).first() or Calendar(name="", is_default=True)

    def of(self, user: "AbstractBaseUser | AnonymousUser") -> "Calendar":
        """That of this person's team, of the first one that they joined; or the default one."""
        member = Member.objects.filter(user=user.pk).select_related("team__calendar")
        first = member.order_by("pk").first()
        return first.team.calendar if first else self.default()


class Calendar(models.Model):
    """The hours in which somebody works, in a time zone; its holidays are rows of their own."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default=own_zone, validators=[check_zone]
    )
    hours = models.JSONField(_("hours"), default=usual_week, validators=[check_week])
    is_default = models.BooleanField(
        _("default"),
        default=False,
        help_text=_("Counts wherever no other calendar is named. One calendar is the default."),
    )

    objects = CalendarQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="calendar_default_once",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """But for the default one, which ``save`` sees to."""
        super().validate_constraints({*(exclude or ()), "is_default"})

    def save(self, *args: Any, **options: Any) -> None:
        """Store; the default calendar of before is then an ordinary one."""
        with transaction.atomic():
            if self.is_default:
                Calendar.objects.filter(is_default=True).exclude(pk=self.pk).update(
                    is_default=False
                )
            super().save(*args, **options)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def week(self) -> Week:
        return read_week(self.hours)

    def working_time(self) -> WorkingTime:
        days = Holiday.objects.filter(calendar=self.pk).values_list("day", flat=True)
        return WorkingTime(self.zone, self.week, frozenset(days))

    def day_of(self, at: datetime) -> date:
        """The day on which this instant falls where the calendar is used."""
        return at.astimezone(self.zone).date()

    def clock(self, at: datetime) -> str:
        """Day and time as people read them there, with the name of the time zone."""
        said = date_format(at.astimezone(self.zone), "SHORT_DATETIME_FORMAT")
        return f"{said} ({self.time_zone})"


class Holiday(models.Model):
    """A day without work in one calendar."""

    calendar = models.ForeignKey(
        Calendar, on_delete=models.CASCADE, related_name="holidays", verbose_name=_("calendar")
    )
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=100, blank=True, default="")

    class Meta:
        ordering = ["day"]
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "day"],
                name="holiday_once",
                violation_error_message=_("This day is a holiday already."),
            )
        ]

    def __str__(self) -> str:
        return self.name or str(self.day)


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """Everybody's for whoever sees everybody, otherwise one's own."""
        return self if sees_everybody(user) else self.filter(user=user.pk)

    def on(self, day: date) -> Self:
        return self.filter(first_day__lte=day, last_day__gte=day)


class Absence(models.Model):
    """Days on which somebody is given nothing new, both ends included."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="absences", verbose_name=_("person")
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    stand_in = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("stand-in"),
        help_text=_("Who gets new leads meanwhile that are for this person by name."),
    )

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["-first_day", "-pk"]
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        indexes = [models.Index(fields=["user", "last_day"], name="absence_of_user")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")),
                name="absence_ends_after_start",
                violation_error_message=_("The last day must not be before the first."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.first_day} - {self.last_day}"


class TeamQuerySet(models.QuerySet["Team"]):
    def next_member(self, team: "Team", at: datetime, *, for_lead: bool = False) -> User | None:
        """Whose turn it is, which is then noted; None where nobody is there.

        ``for_lead``: who has got today's number of new leads is passed over.

        The caller has locked the row of the team: otherwise two at once would be given the
        same person.
        """
        member = team.whose_turn(at, for_lead=for_lead)
        if member is None:
            return None
        latest = team.members.aggregate(at=models.Max("last_assigned_at"))["at"]
        # Many turns may be taken at one instant, and clocks differ: the order must not.
        member.last_assigned_at = max(at, latest + MOMENT) if latest else at
        member.save(update_fields=["last_assigned_at"])
        return member.user


class Team(models.Model):
    """People who share out work among themselves, and the calendar that they work by."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    calendar = models.ForeignKey(
        Calendar, on_delete=models.PROTECT, related_name="teams", verbose_name=_("calendar")
    )

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name

    def present(self, at: datetime) -> "models.QuerySet[Member]":
        """The members who can be given something on that day."""
        away = Absence.objects.on(self.calendar.day_of(at)).values("user")
        return self.members.filter(active=True, user__is_active=True).exclude(user__in=away)

    def whose_turn(self, at: datetime, *, for_lead: bool = False) -> "Member | None":
        """Of those present the one who has waited longest."""
        waited = models.F("last_assigned_at").asc(nulls_first=True)
        waiting = self.present(at).select_related("user").order_by(waited, "position", "pk")
        if not for_lead:
            return waiting.first()
        return next((each for each in waiting if room_of(each.user, at) != 0), None)


class MemberQuerySet(models.QuerySet["Member"]):
    def limit_of(self, user_id: int) -> int | None:
        """The smallest number of new leads a day that a team of this person has set."""
        limits = self.filter(user=user_id, active=True, daily_limit__isnull=False)
        found: int | None = limits.aggregate(least=models.Min("daily_limit"))["least"]
        return found


class Member(models.Model):
    """A person in a team; the position decides where two have waited equally long."""

    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, related_name="members", verbose_name=_("team")
    )
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("takes turns"), default=True)
    daily_limit = models.PositiveSmallIntegerField(
        _("new leads a day"),
        null=True,
        blank=True,
        help_text=_("At most, from the pool and by the rules; empty: any number."),
    )
    last_assigned_at = models.DateTimeField(_("last turn"), null=True, blank=True, editable=False)

    objects = MemberQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user"],
                name="member_once",
                violation_error_message=_("This person is in the team already."),
            )
        ]

    def __str__(self) -> str:
        return name_of(self.user)


def name_of(user: User) -> str:
    return user.get_full_name() or user.get_username()


def people_for_owners(owners: Collection[str], *, also_gone: bool = False) -> dict[str, User]:
    """By owner who logs in by this name, whatever its case and accents, where somebody active does.

    ``also_gone``: or once did, where nobody does any more. One query, however many owners.
    """
    wanted = {owner: normalise(owner) for owner in owners}
    if not any(wanted.values()):
        return {}
    # The last one stays: of two whose names are alike that who was there first.
    people = User.objects.order_by("is_active", "-pk")
    people = people if also_gone else people.filter(is_active=True)
    by_name = {normalise(user.get_username()): user for user in people}
    return {owner: by_name[name] for owner, name in wanted.items() if name and name in by_name}


def person_for_owner(owner: str) -> User | None:
    return people_for_owners([owner]).get(owner)


def room_of(user: User, at: datetime) -> int | None:
    """How many new leads this person may still get on this day; None is any number."""
    limit = Member.objects.limit_of(user.pk)
    if limit is None:
        return None
    midnight = at.astimezone(Calendar.objects.default().zone).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    got = Assignment.objects.new_leads_of(user.get_username(), midnight)
    return max(0, limit - got.values("contact").distinct().count())


def is_away(user: User, day: date) -> bool:
    return Absence.objects.on(day).filter(user=user).exists()
