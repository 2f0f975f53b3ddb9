"""The page of the service level: hours by model and band, in words and as a form."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from leadscoring.site import admin_page
from scoring.criteria.models import ScoringModel, Version
from scoring.pipeline.feedback.levels import LEAST, MOST, ServiceLevel

VIEW, CHANGE_IT = "scoring.view_servicelevel", "scoring.change_servicelevel"
HOURS = ("respond_hours", "feedback_hours", "warn_hours", "escalate_hours")


def state_of(values: Mapping[str, Any]) -> str:
    """The hours and the calendar of a band as one text: what a page shows and sends back."""
    hours = ["" if values[name] is None else f"{values[name]:.2f}" for name in HOURS]
    calendar = values["calendar"]
    return "|".join([*hours, str(calendar.pk) if calendar else ""])


class LevelForm(forms.ModelForm):  # type: ignore[type-arg]
    """One band; an empty number is no such deadline, warning or escalation.

    ``state``: of what is stored; ``shown``: of what this person was looking at. Only what
    they have changed is theirs to store, and not over what somebody else has stored since.
    """

    shown = forms.CharField(required=False)

    class Meta:
        model = ServiceLevel
        fields = (*HOURS, "calendar")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        row = self.instance
        self.state = state_of({name: getattr(row, name) for name in self.Meta.fields})
        self.is_theirs = False
        for name in HOURS:
            field = self.fields[name]
            least = Decimal(0) if name == "escalate_hours" else LEAST
            field.widget.attrs = {"class": "qual-input", "min": least, "max": MOST, "step": "0.25"}
            field.localize = False
        calendar: Any = self.fields["calendar"]
        calendar.empty_label = gettext("the owner's team's, or the default one")
        calendar.widget.attrs = {"class": "qual-input"}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        respond, answer = cleaned.get("respond_hours"), cleaned.get("feedback_hours")
        if respond is not None and answer is not None and answer < respond:
            text = _("The answer cannot be due before the first attempt.")
            self.add_error("feedback_hours", text)
        if all(name in cleaned for name in self.Meta.fields):
            shown = cleaned.get("shown") or self.state
            wanted = state_of(cleaned)
            self.is_theirs = wanted not in (shown, self.state)
            if self.is_theirs and shown != self.state:
                text = _(
                    "Somebody has changed this band meanwhile. Save again if yours is to stand."
                )
                self.add_error("shown", text)
        return cleaned


@admin_page("feedback/service-level/", "pipeline_service_levels")
@require_http_methods(["GET", "HEAD", "POST"])
def levels(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    if request.method == "POST" and not request.user.has_perm(CHANGE_IT):
        raise PermissionDenied
    models = by_model(request.POST if request.method == "POST" else None)
    all_forms = [form for _model, bands in models for _row, form, _words in bands]
    valid = [form.is_valid() for form in all_forms]
    if request.method == "POST" and all(valid):
        store(request, all_forms)
        messages.success(
            request, gettext("The service level is saved. It holds for new handovers.")
        )
        return HttpResponseRedirect(reverse("admin:pipeline_service_levels"))
    context = {
        **admin.site.each_context(request),
        "title": gettext("Service level"),
        "models": models,
        "may_change": request.user.has_perm(CHANGE_IT),
    }
    return TemplateResponse(request, "scoring/feedback/levels.html", context)


# Each with what it says as it is stored, whatever is typed into the form.
Bands = list[tuple[ServiceLevel, LevelForm, str]]


def by_model(data: Any) -> list[tuple[ScoringModel, Bands]]:
    """The bands of each live model, from the highest down, with a form each."""
    found: list[tuple[ScoringModel, Bands]] = []
    for version in Version.objects.live().select_related("model").order_by("model__name"):
        names = [band.name for band in reversed(version.document_value.bands)]
        rows = ServiceLevel.objects.of_bands(version.model, names)
        bands = [
            (
                row,
                LevelForm(data, instance=row, prefix=f"m{version.model_id}-{place}"),
                in_words(row),
            )
            for place, row in enumerate(rows)
        ]
        found.append((version.model, bands))
    return found


def store(request: HttpRequest, all_forms: list[LevelForm]) -> None:
    """What differs, with a line each in the site's own log of changes."""
    user: Any = request.user
    with transaction.atomic():
        for form in all_forms:
            if not form.is_theirs:
                continue
            row = form.instance
            values = {name: form.cleaned_data[name] for name in form.Meta.fields}
            # Of two managers at once the later one's hours stand; never two rows.
            stored, _new = ServiceLevel.objects.update_or_create(
                model=row.model, band=row.band, defaults=values
            )
            LogEntry.objects.log_actions(
                user.pk,
                ServiceLevel.objects.filter(pk=stored.pk),
                CHANGE,
                change_message=in_words(stored),
                single_object=True,
            )


def in_words(row: ServiceLevel) -> str:
    """``first attempt within 4 working hours, answer within 2 working days``."""
    day = row.hours_a_day
    parts = []
    if row.respond_hours is not None:
        facts = {"time": time_in_words(row.respond_hours, day)}
        parts.append(gettext("first attempt within %(time)s") % facts)
    if row.feedback_hours is not None:
        facts = {"time": time_in_words(row.feedback_hours, day)}
        parts.append(gettext("answer within %(time)s") % facts)
    if not parts:
        return gettext("no deadline")
    if row.warn_hours is not None:
        facts = {"time": time_in_words(row.warn_hours, day)}
        parts.append(gettext("the owner is reminded %(time)s before") % facts)
    if row.escalate_hours == 0:
        parts.append(gettext("the manager hears of it at the deadline"))
    elif row.escalate_hours is not None:
        facts = {"time": time_in_words(row.escalate_hours, day)}
        parts.append(gettext("the manager hears of it %(time)s after the deadline") % facts)
    return ", ".join(parts)


def time_in_words(hours: Decimal, day: Decimal) -> str:
    """Minutes below one hour, days where it is more than one and whole."""
    if hours < 1:
        minutes = int(hours * 60)
        text = ngettext("%(count)d working minute", "%(count)d working minutes", minutes)
        return text % {"count": minutes}
    if hours > day and hours % day == 0:
        days = int(hours / day)
        text = ngettext("%(count)d working day", "%(count)d working days", days)
        return text % {"count": days}
    text = ngettext("%(count)s working hour", "%(count)s working hours", 1 if hours == 1 else 2)
    return text % {"count": formats.number_format(hours.quantize(Decimal("0.01")).normalize())}
