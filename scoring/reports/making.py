"""A report for a question: worked out at once, or as it was kept when it was slow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.db.models import F, QuerySet
from django.utils.translation import gettext

from contacts.models import Contact
from scoring.criteria.expressions import OneOf
from scoring.reports.asking import OWN_DAYS, NumberAsked, Question
from scoring.reports.blocks import Section
from scoring.reports.models import KeptReport
from scoring.reports.report import Report


@dataclass(frozen=True, slots=True)
class Answer:
    """``sections`` is None where nothing was worked out yet. ``kept``: of a slow report."""

    sections: Sequence[Section] | None
    made_at: datetime | None
    kept: KeptReport | None = None


def pinned(question: Question) -> str:
    """The question with its days written out: tomorrow it still asks the same."""
    return replace(question, span=OWN_DAYS).query()


def answer(report: Report, question: Question) -> Answer:
    """Asks a worker for a slow report that there is not yet."""
    if not report.is_slow:
        return Answer(report.make(question), question.now)
    query = pinned(question)
    kept = KeptReport.objects.kept(report.slug, query)
    if kept is None:
        kept = KeptReport.objects.ask(report.slug, query)
    if report.keeps_leads and KeptReport.objects.lacks_leads(kept):
        # Worked out before leads were kept, and never begun since: its figures would open nothing.
        if not kept.tries:
            kept = KeptReport.objects.ask(report.slug, query)
        if kept.is_under_way:
            return Answer(None, None, kept)
    return Answer(kept.sections, kept.done_at, kept)


@dataclass(frozen=True)
class Behind:
    """The contacts of the figures of a report, however many of these are asked for."""

    report: Report
    question: Question

    def figure(self, key: str) -> QuerySet[Contact] | None:
        """Those that the report keeps too; None for an unknown key."""
        found = self.report.behind(self.question, key)
        if found is not None or not self.report.keeps_leads:
            return found
        ids = self.report.kept_behind(self.kept, key)
        return None if ids is None else Contact.objects.filter(OneOf(F("pk"), tuple(ids)))

    @cached_property
    def kept(self) -> Mapping[str, Sequence[int]]:
        """Of all its figures: much to read, so no more than once."""
        return KeptReport.objects.leads_of(self.report.slug, pinned(self.question))


def facts_of(
    question: Question, asks: frozenset[str], numbers: Sequence[NumberAsked] = ()
) -> list[str]:
    """What was asked, in words, for the head of a page or a file."""
    zone = question.period.zone.key
    said = [gettext("%(period)s (%(zone)s)") % {"period": question.period, "zone": zone}]
    if "model" in asks and question.model:
        said.append(question.model.name)
    for name, words in (
        ("campaign", gettext("campaign %(value)s")),
        ("segment", gettext("segment %(value)s")),
        ("source", gettext("source %(value)s")),
        ("owner", gettext("owner %(value)s")),
        ("country", gettext("country %(value)s")),
    ):
        if name in asks and (value := getattr(question, name)):
            said.append(words % {"value": value})
    said += [
        f"{each.title}: {question.numbers[each.name]}"
        for each in numbers
        if is_other(question, each)
    ]
    return said


def is_other(question: Question, number: NumberAsked) -> bool:
    """A number was given that is not the usual one: whoever reads the file must know."""
    return question.numbers.get(number.name, number.usual) != number.usual
