"""What a report is asked: its period and whose leads, checked at the border into a value."""

from collections.abc import Mapping, Sequence
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
from scoring.reports.parts import WHOSE, Part, parts_of
from scoring.reports.periods import DAY, DAYS_MOST, GRAINS, Grain, Period
from scoring.reports.spans import SPANS

OWN_DAYS: Final = "own"
EARLIEST: Final = date(1990, 1, 1)
# A year by day, seven by week.
STEPS_MOST: Final = 400
NO_CHOICE: Final = _("What was chosen here is gone: choose again.")


def are_known(first: date, last: date, today: date) -> bool:
    """Whether reports know these days: far from where calendars end."""
    return EARLIEST <= first <= last <= today + DAYS_MOST * DAY


@dataclass(frozen=True, slots=True)
class NumberAsked:
    """A whole number that a report asks for; ``name`` is that in the address."""

    name: str
    title: Any
    usual: int
    least: int
    most: int
    is_what_if: bool = True


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

    def pieces(self, grain: Grain | None = None) -> list[Period]:
        """The steps of its period that have begun, of its own grain if no other is said."""
        pieces = self.period.pieces(grain or self.grain)
        return [piece for piece in pieces if piece.start <= self.now]

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


def no_file(faults: Sequence[str]) -> str:
    text = gettext("There is no file, for this cannot be asked. %(faults)s")
    return text % {"faults": " ".join(faults)}


def own_zone() -> ZoneInfo:
    """That of the default working calendar: both teams speak of the same days."""
    return Calendar.objects.default().zone


def select(label: Any, choices: Any) -> Any:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        required=False,
        widget=UnfoldAdminSelectWidget(),
        error_messages={"invalid_choice": NO_CHOICE},
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
        # Whom it is asked about, by the names of fields that this report has not.
        self.unheeded = [
            str(self.fields[name].label)
            for name in WHOSE
            if name not in asks and str(given.get(name, "")).strip()
        ]
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

    @property
    def parts(self) -> list[Part]:
        what_ifs = {one.name: str(one.usual) for one in self.numbers if one.is_what_if}
        return parts_of(list(self), what_ifs)

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
        elif not are_known(first, last, self.today):
            self.add_error("first", gettext("Reports know the days from 1990 on."))
        elif (last - first).days >= DAYS_MOST:
            self.add_error("first", gettext("A period has ten years at most."))
        elif steps := self.too_many_steps(data.get("grain"), Period(first, last, self.zone)):
            said = {"steps": steps, "most": STEPS_MOST}
            text = gettext(
                "That would be %(steps)d steps, of %(most)d at most: choose longer ones."
            )
            self.add_error("grain", text % said)
        return {**data, "span": span, "first": first, "last": last}

    @staticmethod
    def too_many_steps(grain: str | None, period: Period) -> int:
        """How many, where they are more than somebody can read or a page can hold; else 0."""
        steps = len(period.pieces(Grain(grain))) if grain else 0
        return steps if steps > STEPS_MOST else 0

    @property
    def gone(self) -> list[str]:
        """What it is asked about and is not there any more, by the names of the fields."""
        faults = self.errors.as_data()
        return [
            str(self.fields[name].label)
            for name in ("model", "campaign", "segment", "owner")
            if any(fault.code == "invalid_choice" for fault in faults.get(name, ()))
        ]

    @property
    def wrong(self) -> list[str]:
        """What it is asked wrongly, by the names of the fields."""
        return [str(self.fields[name].label) for name in self.errors]

    @property
    def faults(self) -> list[str]:
        """What was asked wrongly, each with the name of its field."""
        return [
            f"{self.fields[name].label}: {' '.join(map(str, faults))}"
            for name, faults in self.errors.items()
        ]

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
        grain = Grain(data["grain"]) if data.get("grain") else usual_grain(period)
        if data:
            self.data = {**self.data, "grain": grain.value}
        return Question(
            period=period,
            grain=grain,
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
