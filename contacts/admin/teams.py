"""When people work and with whom: calendars with their holidays, teams, absences."""

from typing import Any, ClassVar, Final
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldAdminTextInputWidget

from contacts.admin.base import RecordAdmin, column
from contacts.models import Absence, Calendar, Holiday, Member, Team
from contacts.models.people import sees_everybody
from contacts.weekly_hours import DAYS, HoursInvalid, Week, line_of, read_line, stored_week

# Names of the past and of counties, which a list would only be longer by.
OLD_AREAS: Final = {"Etc", "US", "Brazil", "Canada", "Chile", "Mexico", "SystemV"}


def zones() -> list[tuple[str, str]]:
    """What there is to choose from: UTC, and the places by region."""
    places = {
        name
        for name in available_timezones()
        if "/" in name and name.partition("/")[0] not in OLD_AREAS
    }
    return [(name, name.replace("_", " ")) for name in ["UTC", *sorted(places)]]


def people() -> QuerySet[User]:
    return User.objects.filter(is_active=True).order_by("username")


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody who can log in, by name and user name."""

    def label_from_instance(self, obj: Any) -> str:
        return named(obj)


def named(user: User) -> str:
    name = user.get_full_name()
    return f"{name} ({user.username})" if name else user.username


def day_field(number: int) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget({"placeholder": _("no work on this day")})
    return forms.CharField(label=WEEKDAYS[number], required=False, max_length=200, widget=widget)


class CalendarForm(forms.ModelForm):  # type: ignore[type-arg]
    """The hours of the week as a line of text for each day."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zones, widget=UnfoldAdminSelect2Widget()
    )
    mon = day_field(0)
    tue = day_field(1)
    wed = day_field(2)
    thu = day_field(3)
    fri = day_field(4)
    sat = day_field(5)
    sun = day_field(6)

    class Meta:
        model = Calendar
        fields = ("name", "time_zone", "is_default")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.was_default = self.instance.is_default
        stored = self.instance.time_zone
        if stored not in dict(zones()):
            self.fields["time_zone"].choices = [(stored, stored), *zones()]  # type: ignore[attr-defined]
        for name, spans in zip(DAYS, self.instance.week, strict=True):
            self.initial[name] = line_of(spans)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        week = tuple(self.read(day) for day in DAYS)
        if not self.errors and not any(week):
            raise ValidationError(gettext("A calendar needs working hours on at least one day."))
        if self.was_default and not self.cleaned_data.get("is_default"):
            told = gettext("One calendar is the default; make another one it, and this is not.")
            self.add_error("is_default", told)
        self.week: Week = week
        return cleaned

    def read(self, day: str) -> Any:
        try:
            return read_line(self.cleaned_data.get(day) or "")
        except HoursInvalid as invalid:
            self.add_error(day, str(invalid))
            return ()

    def save(self, commit: bool = True) -> Any:
        self.instance.hours = stored_week(self.week)
        return super().save(commit)


class HolidayInline(TabularInline):
    model = Holiday
    extra = 0
    fields = ("day", "name")
    hide_title = True
    # A company that keeps ten years of them scrolls through them a page at a time.
    per_page: Any = 30


@admin.register(Calendar)
class CalendarAdmin(RecordAdmin):
    empty_text = _("No calendars yet. Until there is one, the usual week counts, in UTC.")
    form = CalendarForm
    list_display = ("name", "time_zone", "hours_shown", "default_shown")
    search_fields = ("name", "time_zone")
    inlines = (HolidayInline,)
    readonly_fields = ("hours_shown",)
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("name", "time_zone", "is_default")}),
        (
            _("Working hours"),
            {
                "fields": DAYS,
                "description": _(
                    "Of each day from when to when, as in 09:00-14:00, 15:00-18:00; "
                    "empty: no work on this day."
                ),
            },
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets
        return [(None, {"fields": ("name", "time_zone", "hours_shown", "is_default")})]

    @column(_("hours"))
    def hours_shown(self, calendar: Calendar) -> str:
        return format_html_join("; ", "{}", [[part] for part in week_in_words(calendar.week)])

    @column(_("default"), boolean=True, ordering="is_default")
    def default_shown(self, calendar: Calendar) -> bool:
        return calendar.is_default


def week_in_words(week: Week) -> list[str]:
    """Days with the same hours together: ``Mon-Fri 09:00-14:00, 15:00-18:00``."""
    runs: list[tuple[int, int]] = []
    for number, spans in enumerate(week):
        if runs and runs[-1][1] == number - 1 and week[runs[-1][0]] == spans:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return [f"{run_name(run)} {line_of(week[run[0]])}" for run in runs if week[run[0]]]


def run_name(run: tuple[int, int]) -> str:
    first, last = (capfirst(str(WEEKDAYS_ABBR[number])) for number in run)
    return first if first == last else f"{first}-{last}"


class MemberInline(TabularInline):
    model = Member
    extra = 0
    fields = ("user", "active", "daily_limit", "last_turn", "position")
    readonly_fields = ("last_turn",)
    ordering_field: Any = "position"
    hide_ordering_field = True
    hide_title = True

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "user":
            options |= {"queryset": people(), "form_class": PersonField}
        return super().formfield_for_foreignkey(db_field, request, **options)

    @column(_("last turn"))
    def last_turn(self, member: Member) -> str:
        at = member.last_assigned_at
        return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else ""


@admin.register(Team)
class TeamAdmin(RecordAdmin):
    empty_text = _("No teams yet. The members of a team take turns with what comes in.")
    list_display = ("name", "calendar", "members_shown")
    list_select_related = ("calendar",)
    search_fields = ("name",)
    inlines = (MemberInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        members = Member.objects.select_related("user")
        return super().get_queryset(request).prefetch_related(Prefetch("members", members))

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        initial = super().get_changeform_initial_data(request)
        return {"calendar": Calendar.objects.default().pk, **initial}

    @column(_("members"))
    def members_shown(self, team: Team) -> str:
        shown = [
            str(member) if member.active else gettext("%(name)s (no turns)") % {"name": member}
            for member in team.members.all()
        ]
        return ", ".join(shown) or gettext("nobody yet")


class WhenFilter(DropdownFilter):
    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("Now")), ("coming", _("To come")), ("past", _("Past"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localdate()
        asked = {
            "now": {"first_day__lte": today, "last_day__gte": today},
            "coming": {"first_day__gt": today},
            "past": {"last_day__lt": today},
        }
        return queryset.filter(**asked.get(self.value() or "", {}))


@admin.register(Absence)
class AbsenceAdmin(RecordAdmin):
    """Whoever sees only their own leads notes only their own absences."""

    empty_text = _("Nobody is away. Who is away on a day is given nothing new on that day.")
    list_display = ("person", "first_day", "last_day", "stands_in", "note")
    list_select_related = ("user", "stand_in")
    list_filter = (WhenFilter, ("user", RelatedDropdownFilter))
    search_fields = ("user__username", "user__last_name", "note")

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self.list_filter if sees_everybody(request.user) else self.list_filter[:1]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        others = ["user"] if sees_everybody(request.user) else []
        return [*others, ("first_day", "last_day"), "stand_in", "note"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        options |= {"queryset": people(), "form_class": PersonField}
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change and not sees_everybody(request.user):
            obj.user = request.user
        super().save_model(request, obj, form, change)

    @column(_("person"), ordering="user__username")
    def person(self, absence: Absence) -> str:
        return named(absence.user)

    @column(_("stand-in"), ordering="stand_in__username")
    def stands_in(self, absence: Absence) -> str:
        return named(absence.stand_in) if absence.stand_in else ""
