"""What a report is asked: its period and whose leads, checked at the border into a value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from contacts.models import Calendar, Campaign, Contact
from contacts.models.people import ContactQuerySet
from contacts.models.teams import name_of
from contacts.normalise import normalise
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.models import ScoringModel
from scoring.criteria.segments import Segment
from scoring.engine.models import Track
from scoring.reports.periods import DAY, DAYS_MOST, GRAINS, Grain, Period, first_of, quarter

OWN_DAYS: Final = "own"
EARLIEST: Final = date(1990, 1, 1)


def last_week(today: date) -> tuple[date, date]:
    monday = first_of(today, Grain.WEEK)
    return monday - 7 * DAY, monday - DAY


def last_quarter(today: date) -> tuple[date, date]:
    last = first_of(today, Grain.QUARTER) - DAY
    return first_of(last, Grain.QUARTER), last


def last_month(today: date) -> tuple[date, date]:
    last = first_of(today, Grain.MONTH) - DAY
    return last.replace(day=1), last


def days_back(count: int) -> Callable[[date], tuple[date, date]]:
    return lambda today: (today - (count - 1) * DAY, today)


# Name -> title and the days that it means on a day.
SPANS: Final[dict[str, tuple[Any, Callable[[date], tuple[date, date]]]]] = {
    "7": (_("the last 7 days"), days_back(7)),
    "last_week": (_("last week"), last_week),
    "28": (_("the last 4 weeks"), days_back(28)),
    "month": (_("this month"), lambda today: (today.replace(day=1), today)),
    "last_month": (_("last month"), last_month),
    "90": (_("the last 90 days"), days_back(90)),
    "quarter": (
        _("this quarter"),
        lambda today: (today.replace(month=3 * quarter(today) - 2, day=1), today),
    ),
    "last_quarter": (_("last quarter"), last_quarter),
    "365": (_("the last 365 days"), days_back(365)),
    "730": (_("the last two years"), days_back(730)),
}


@dataclass(frozen=True, slots=True)
class NumberAsked:
    """A whole number that a report asks for; ``name`` is that in the address."""

    name: str
    title: Any
    usual: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Question:
    """``now``: the instant up to which anything is known. Empty texts and None ask for all."""

    period: Period
    grain: Grain
    now: datetime
    span: str = ""
    model: ScoringModel | None = None
    campaign: Campaign | None = None
    segment: Segment | None = None
    source: str = ""
    owner: str = ""
    country: str = ""
    # Of what the report asks for by ``numbers``, as it was given.
    numbers: Mapping[str, int] = field(default_factory=dict)

    @property
    def track(self) -> Track | None:
        """The live track of its model; None where nothing is live."""
        if self.model is None:
            return None
        tracks = Track.objects.filter(model=self.model, role=Track.Role.LIVE)
        return tracks.select_related("model", "version").first()

    @property
    def is_of_all(self) -> bool:
        return not any((self.campaign, self.segment, self.source, self.owner, self.country))

    def contacts(self) -> ContactQuerySet:
        """Whose leads it is about, of every owner."""
        rows: ContactQuerySet = Contact.objects.all()
        for column in ("source", "owner", "country"):
            if wanted := getattr(self, column):
                rows = rows.filter((f"{column}_norm", normalise(wanted)))
        if self.campaign is not None:
            rows = rows.filter(pk__in=self.campaign.touches.values("contact"))
        if self.segment is None:
            return rows
        try:
            return self.segment.narrow(rows, self.now)
        except DocumentInvalid:
            return rows.none()

    def during(self, column: str) -> dict[str, datetime]:
        """Look-ups for rows whose instant lies in the period, and is not to come."""
        return {
            f"{column}__gte": self.period.start,
            f"{column}__lt": min(self.period.end, self.now),
        }

    def before(self) -> "Question":
        """The same of as many days right before."""
        return replace(self, period=self.period.before(), span=OWN_DAYS)

    def query(self, **more: str) -> str:
        """As the address of a page asks it; a span with a name stays one."""
        days = {"first": self.period.first.isoformat(), "last": self.period.last.isoformat()}
        asked = {
            "span": self.span or OWN_DAYS,
            **(days if self.span in ("", OWN_DAYS) else {}),
            "grain": self.grain.value,
            "model": str(self.model.pk) if self.model else "",
            "campaign": str(self.campaign.pk) if self.campaign else "",
            "segment": self.segment.key if self.segment else "",
            "source": self.source,
            "owner": self.owner,
            "country": self.country,
            **{name: str(number) for name, number in self.numbers.items()},
            **more,
        }
        return urlencode({name: value for name, value in asked.items() if value})


def own_zone() -> ZoneInfo:
    """That of the default working calendar: both teams speak of the same days."""
    return Calendar.objects.default().zone


def select(label: Any, choices: Any) -> Any:
    return forms.ChoiceField(
        label=label, choices=choices, required=False, widget=UnfoldAdminSelectWidget()
    )


def day_field(label: Any) -> Any:
    widget = UnfoldAdminDateWidget({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, input_formats=["%Y-%m-%d"])


def word_field(label: Any) -> Any:
    widget = UnfoldAdminTextInputWidget()
    return forms.CharField(label=label, required=False, max_length=255, widget=widget)


def number_field(asked: NumberAsked) -> Any:
    return forms.IntegerField(
        label=asked.title,
        required=False,
        min_value=asked.least,
        max_value=asked.most,
        widget=UnfoldAdminIntegerFieldWidget(),
    )


class QuestionForm(forms.Form):
    """Of a report that heeds ``asks``; ``usual``: the days that it shows if nothing is said."""

    span = select(_("Period"), ())
    first = day_field(_("First day"))
    last = day_field(_("Last day"))
    grain = select(_("Steps"), [(grain.value, title) for grain, title in GRAINS.items()])
    model = select(_("Scoring model"), ())
    campaign = select(_("Campaign"), ())
    segment = select(_("Segment"), ())
    source = word_field(_("Source"))
    owner = select(_("Owner"), ())
    country = word_field(_("Country"))

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        asks: frozenset[str],
        usual: int,
        now: datetime,
        numbers: Sequence[NumberAsked] = (),
    ) -> None:
        self.now, self.zone = now, own_zone()
        self.today = now.astimezone(self.zone).date()
        self.usual = usual
        # What is not said is shown as what it means.
        given = {name: data[name] for name in data or {}} if data else {}
        if not {"span", "first", "last"} & given.keys():
            given["span"] = self.usual_span()
        self.numbers = numbers
        for number in numbers:
            given[number.name] = given.get(number.name) or str(number.usual)
        super().__init__(given)
        for name in ({*self.fields} - {"span", "first", "last"}) - asks:
            del self.fields[name]
        self.fields |= {number.name: number_field(number) for number in numbers}
        self.models = list(ScoringModel.objects.filter(tracks__role=Track.Role.LIVE).distinct())
        self.offer()

    def offer(self) -> None:
        anything = ("", gettext("all"))
        spans = [(name, title) for name, (title, _days) in SPANS.items()]
        offered: dict[str, list[tuple[Any, Any]]] = {
            "span": [*spans, (OWN_DAYS, gettext("own days"))],
            "model": [(str(model.pk), model.name) for model in self.models],
        }
        if "campaign" in self.fields:
            names = Campaign.objects.values_list("pk", "name")
            offered["campaign"] = [anything, *((str(pk), name) for pk, name in names)]
        if "segment" in self.fields:
            offered["segment"] = [anything, *Segment.objects.values_list("key", "name")]
        if "owner" in self.fields:
            people = User.objects.filter(is_active=True, is_staff=True).order_by("username")
            offered["owner"] = [anything, *((one.username, name_of(one)) for one in people)]
        for name, choices in offered.items():
            if name in self.fields:
                field: Any = self.fields[name]
                field.choices = choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        span = data.get("span") or (OWN_DAYS if first or last else self.usual_span())
        if span != OWN_DAYS:
            first, last = SPANS[span][1](self.today)
        last = last or self.today
        first = first or last - (self.usual - 1) * DAY
        if first > last:
            self.add_error("last", gettext("The last day must not be before the first."))
        elif not EARLIEST <= first <= last <= self.today + DAYS_MOST * DAY:
            self.add_error("first", gettext("Reports know the days from 1990 on."))
        elif (last - first).days >= DAYS_MOST:
            self.add_error("first", gettext("A period has ten years at most."))
        return {**data, "span": span, "first": first, "last": last}

    def usual_span(self) -> str:
        return str(self.usual) if str(self.usual) in SPANS else OWN_DAYS

    def question(self) -> Question:
        """What was asked; of what was asked wrongly, the usual."""
        data = self.cleaned_data if self.is_valid() else {}
        usual = Period.ending(self.today, self.usual, self.zone)
        period = Period(data["first"], data["last"], self.zone) if data else usual
        wanted = data.get("model")
        chosen = (model for model in self.models if str(model.pk) == wanted)
        model = next(chosen, next(iter(self.models), None))
        grain = data.get("grain")
        return Question(
            period=period,
            grain=Grain(grain) if grain else usual_grain(period),
            now=self.now,
            span=data.get("span", "") if data else self.usual_span(),
            model=model,
            campaign=Campaign.objects.filter(pk=data["campaign"]).first()
            if data.get("campaign")
            else None,
            segment=Segment.objects.filter(key=data["segment"]).first()
            if data.get("segment")
            else None,
            source=data.get("source", ""),
            owner=data.get("owner", ""),
            country=data.get("country", ""),
            numbers={each.name: data.get(each.name, each.usual) for each in self.numbers},
        )


def usual_grain(period: Period) -> Grain:
    if period.days <= 14:
        return Grain.DAY
    if period.days <= 120:
        return Grain.WEEK
    return Grain.MONTH if period.days <= 800 else Grain.QUARTER


def ask(
    data: Mapping[str, Any] | None,
    asks: frozenset[str],
    usual: int,
    numbers: Sequence[NumberAsked] = (),
) -> QuestionForm:
    return QuestionForm(data, asks, usual, timezone.now(), numbers)
