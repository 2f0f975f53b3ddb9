"""What is sent to whom and when, checked at the border."""

from datetime import time
from typing import Any, Final

from django import forms
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from contacts.models.teams import name_of
from scoring.criteria.form_fields import token_field
from scoring.reports.exports import FORMATS
from scoring.reports.mailing.models import ALL, ReportSchedule
from scoring.reports.rhythm import LAST_OF_MONTH
from scoring.reports.saved.models import ReportView

REVISION_MOST: Final = 2**31 - 1
TYPED: Final = ("view", "every", "weekday", "monthday", "at", "kind")
HOURS: Final = [time(hour, minute) for hour in range(24) for minute in (0, 30)]


class ReportScheduleForm(forms.ModelForm):  # type: ignore[type-arg]
    """Of a schedule that knows its report; whoever looks after schedules chooses recipients."""

    at = forms.TypedChoiceField(
        label=_("At"), coerce=time.fromisoformat, widget=UnfoldAdminSelectWidget, choices=[]
    )
    kind = forms.ChoiceField(label=_("File"), widget=UnfoldAdminSelectWidget)
    recipients = forms.ModelMultipleChoiceField(
        label=_("Who gets it"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one person.")},
    )
    token = token_field()
    revision = forms.IntegerField(
        min_value=0, max_value=REVISION_MOST, initial=0, widget=forms.HiddenInput
    )

    class Meta:
        model = ReportSchedule
        fields = (*TYPED, "recipients")
        widgets = {
            "view": UnfoldAdminSelectWidget,
            "every": UnfoldAdminSelectWidget,
            "weekday": UnfoldAdminSelectWidget,
            "monthday": UnfoldAdminTextInputWidget(
                {"type": "number", "min": 1, "max": LAST_OF_MONTH}
            ),
        }

    def __init__(self, user: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: Any = self.fields
        schedule: ReportSchedule = self.instance
        self.former = str(schedule.rhythm)
        self.initial["revision"] = schedule.revision
        if schedule.pk is not None:
            del fields["token"]
        views = ReportView.objects.of(schedule.report)
        seen = views.visible_to(user).values("pk")
        fields["view"].queryset = views.filter(Q(pk__in=seen) | Q(pk=schedule.view_id))
        fields["view"].empty_label = gettext("the report as it is")
        times = sorted({*HOURS, schedule.at})
        fields["at"].choices = [(at.isoformat("minutes"), formats.time_format(at)) for at in times]
        self.initial["at"] = schedule.at.isoformat("minutes")
        ways = sorted(FORMATS.values(), key=lambda way: way.order)
        fields["kind"].choices = [(way.slug, way.title) for way in ways]
        fields["recipients"].queryset = people_for(user, schedule).order_by("username")
        fields["recipients"].label_from_instance = said

    def store(self) -> ReportSchedule | None:
        """The schedule as it is stored, which is another row where this form has made one before.

        None where somebody has set or deleted it meanwhile; then nothing is changed.
        """
        schedule: ReportSchedule = self.save(commit=False)
        if schedule.pk is None:
            return self.store_new(schedule)
        with transaction.atomic():
            if not self.store_edited(schedule):
                return schedule if self.is_stored(schedule) else None
            self.save_m2m()
        return schedule

    def store_new(self, schedule: ReportSchedule) -> ReportSchedule:
        schedule.token = self.cleaned_data["token"]
        return schedule.insert(recipients=self.cleaned_data["recipients"])

    def store_edited(self, schedule: ReportSchedule) -> bool:
        """What is typed here alone: it may be paused, or sent, meanwhile."""
        revision = self.cleaned_data["revision"]
        stored = ReportSchedule.objects.filter(pk=schedule.pk, revision=revision)
        # Of two who save at once the second one waits here, and finds it changed.
        if not stored.update(revision=F("revision") + 1):
            return False
        schedule.save(update_fields=TYPED)
        # Another hour counts from now on, and not for what is past.
        if str(schedule.rhythm) != self.former:
            schedule.begin_anew()
        return True

    def is_stored(self, schedule: ReportSchedule) -> bool:
        typed = {name: self.cleaned_data[name] for name in TYPED}
        return schedule.is_stored_with(typed, recipients=self.cleaned_data["recipients"])


def people_for(user: User, schedule: ReportSchedule) -> QuerySet[User]:
    """Who may be chosen: oneself, whoever may see it where one sees to all, and who gets it."""
    chosen = Q(pk=user.pk)
    if user.has_perm(ALL):
        permission = schedule.report.permission
        others = User.objects.with_perm(permission, include_superusers=False)
        chosen |= Q(pk__in=others.values("pk"))
    return User.objects.filter(chosen | getting(schedule))


def getting(schedule: Any) -> Q:
    """Nobody who gets it is dropped by whoever could not choose them."""
    return Q() if schedule.pk is None else Q(pk__in=schedule.recipients.values("pk"))


def said(user: User) -> str:
    name = name_of(user)
    return name if user.email else gettext("%(name)s (no e-mail address)") % {"name": name}
