"""Working hours and holidays, as one form over the calendar that counts where none is named."""

from datetime import date
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from contacts.admin.teams import CalendarForm
from contacts.models import Calendar, Holiday

HOLIDAYS_MOST: Final = 400
SHOWN_MOST: Final = 40


class HoursForm(CalendarForm):
    """The default calendar with its holidays, a line for each: ``2026-12-25 Christmas``."""

    holidays = forms.CharField(
        label=_("Holidays"),
        required=False,
        max_length=HOLIDAYS_MOST * 120,
        help_text=_("One on each line: the day, then its name, as in 2026-12-25 Christmas."),
        widget=UnfoldAdminTextareaWidget({"rows": 6}),
    )

    class Meta:
        model = Calendar
        fields = ("name", "time_zone")
        widgets: ClassVar[Any] = {"name": UnfoldAdminTextInputWidget()}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            days = self.instance.holidays.order_by("day")
            self.initial["holidays"] = "\n".join(f"{each.day} {each.name}".strip() for each in days)

    def clean_holidays(self) -> dict[date, str]:
        found: dict[date, str] = {}
        for line in str(self.cleaned_data["holidays"]).splitlines():
            if not line.strip():
                continue
            text, _blank, name = line.strip().partition(" ")
            try:
                day = date.fromisoformat(text)
            except ValueError:
                told = gettext("“%(line)s” does not begin with a day such as 2026-12-25.")
                raise ValidationError(told % {"line": line[:SHOWN_MOST]}) from None
            found[day] = name.strip()[:100]
        if len(found) > HOLIDAYS_MOST:
            told = gettext("These are more than %(most)d holidays.")
            raise ValidationError(told % {"most": HOLIDAYS_MOST})
        return found

    def clean(self) -> dict[str, Any] | None:
        self.cleaned_data["is_default"] = True
        return super().clean()

    @transaction.atomic
    def save(self, commit: bool = True) -> Any:
        self.instance.is_default = True
        calendar = super().save(commit)
        wanted = self.cleaned_data["holidays"]
        calendar.holidays.exclude(day__in=wanted).delete()
        for day, name in wanted.items():
            Holiday.objects.update_or_create(calendar=calendar, day=day, defaults={"name": name})
        return calendar
