"""Whether the candidate of a pilot brings more than the version that is live."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from scoring.engine.pilots.models import Pilot
from scoring.reports.asking import NumberAsked, Question
from scoring.reports.blocks import Section, Tone, Words
from scoring.reports.pilots.actions import VIEW
from scoring.reports.pilots.counting import contacts_of, counted, until_of
from scoring.reports.pilots.measures import SUCCESSES
from scoring.reports.pilots.sections import by_arm, by_stratum, of_looks, plan_of, summary
from scoring.reports.pilots.words import REPORT, result_of
from scoring.reports.report import Measure, Report, Text, register

NO_PILOT: Final = _(
    "No pilot of this model has begun. Plan one on the page “Pilot” of the scoring model."
)
NO_SUCH_PILOT: Final = _(
    "No pilot with the number %(number)d of this model has begun. Give another number, or 0 for "
    "the last one."
)


def measures() -> Iterator[Measure]:
    yield Measure(
        "members",
        _("Leads"),
        _(
            "Leads that entered the pilot, in the arm that was drawn for them then, whatever "
            "became of them: also where their owner or segment has changed since. Who was erased "
            "still counts. Who was deleted is in no figure any more, but stays in the looks that "
            "were taken before."
        ),
    )
    yield Measure(
        "due",
        _("Days are over"),
        _("Leads that entered so many times 24 hours ago as the plan gives each. The others wait."),
    )
    yield Measure(
        "won",
        _("Successes"),
        _("Of the leads whose days are over, those that reached the primary measure within them."),
    )
    for each in SUCCESSES.values():
        yield Measure(f"won_{each.slug}", each.title, each.definition)
    yield Measure(
        "share",
        _("Share"),
        _("Successes of the leads whose days are over, with Wilson's interval."),
    )
    yield Measure(
        "difference",
        _("Difference"),
        _(
            "The share of the candidate less that of the control within each segment, put together "
            "by Mantel and Haenszel's weights, with an interval that holds in 95 of 100 cases "
            "looked at once. It is no test: what is decided is decided at the looks."
        ),
    )
    yield Measure(
        "look",
        _("Weekly looks"),
        _(
            "Every seventh day after the start, at its beginning in the time zone that the default "
            "working calendar had then. The statistic is Cochran, Mantel and Haenszel's, corrected "
            "for continuity; its bound is that of O'Brien and Fleming, by Lan and DeMets: however "
            "often one looks, at most 5 of 100 pilots without a difference go beyond it. A look "
            "is kept as it was taken."
        ),
    )
    yield Measure(
        "information",
        _("Information"),
        _("Leads whose days were over at the look, of the planned number of both arms."),
    )


@register
class Pilots(Report):
    slug: ClassVar[str] = REPORT
    title: ClassVar[Text] = _("Pilot")
    purpose: ClassVar[Text] = _(
        "Does the candidate bring more than the version that is live: keep it, drop it, or go on? "
        "It looks at the whole pilot, whatever the period."
    )
    icon: ClassVar[str] = "science"
    order: ClassVar[int] = 65
    permission: ClassVar[str] = VIEW
    asks: ClassVar[frozenset[str]] = frozenset({"model"})
    numbers: ClassVar[Sequence[NumberAsked]] = (
        NumberAsked(
            "pilot", _("Number of the pilot (0: the last one)"), 0, 0, 2**31 - 1, is_what_if=False
        ),
    )
    measures: ClassVar[Sequence[Measure]] = tuple(measures())

    def pilot(self, question: Question) -> Pilot | None:
        """The one that is asked for, of this model, or the last that has begun."""
        if question.model is None:
            return None
        begun = Pilot.objects.begun().filter(model=question.model)
        wanted = self.number(question, "pilot")
        found = begun.filter(pk=wanted) if wanted else begun
        return found.select_related("model", "version", "control", "track").first()

    def make(self, question: Question) -> Sequence[Section]:
        pilot = self.pilot(question)
        if pilot is None:
            return [Section("", [self.no_pilot(question)])]
        looks = list(pilot.looks.order_by("number"))
        for each in looks:
            each.pilot = pilot
        found = counted(pilot, until_of(pilot, question))
        names = pilot.stratum_names()
        result = result_of(pilot, looks)
        return [
            Section(result.verb, list(summary(pilot, result, found, len(names)))),
            Section(gettext("Weekly looks"), list(of_looks(looks))),
            Section(gettext("Leads"), [by_arm(found), by_stratum(found, names)]),
            Section("", [plan_of(pilot)]),
        ]

    def no_pilot(self, question: Question) -> Words:
        wanted = self.number(question, "pilot")
        if not wanted or question.model is None:
            return Words(str(NO_PILOT))
        return Words(str(NO_SUCH_PILOT) % {"number": wanted}, Tone.WARNING)

    def behind(self, question: Question, key: str) -> QuerySet[Contact] | None:
        pilot = self.pilot(question)
        return contacts_of(pilot, question, key) if pilot else None
