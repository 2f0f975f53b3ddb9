"""What a report is: a title, the definitions of its measures, and how it is worked out."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, TypeVar

from django.db.models import QuerySet
from django.utils.functional import Promise

from contacts.models import Contact
from scoring.reports.asking import NumberAsked, Question
from scoring.reports.blocks import Section

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Measure:
    """What a number counts, from when, in which time zone: read beside the report."""

    key: str
    title: Text
    definition: Text


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """``leads``: by the key of what is behind a figure, the contacts that it counts."""

    sections: Sequence[Section]
    leads: Mapping[str, Sequence[int]] = field(default_factory=dict)


class Report(ABC):
    """Subclasses register themselves by ``register``; one module each below ``kinds``.

    ``numbers``: what else may be given, such as a what-if.
    ``asks``: the parts of the question that it heeds beside the period. ``is_slow``: it is
    worked out by the worker, kept, and shown with its age. ``keeps_leads``: so are the leads
    behind those of its figures of which ``behind`` knows none, for finding them is as slow.
    """

    slug: ClassVar[str]
    title: ClassVar[Text]
    purpose: ClassVar[Text]
    icon: ClassVar[str]
    order: ClassVar[int]
    measures: ClassVar[Sequence[Measure]]
    asks: ClassVar[frozenset[str]] = frozenset()
    numbers: ClassVar[Sequence[NumberAsked]] = ()
    permission: ClassVar[str] = "scoring.view_reports"
    is_slow: ClassVar[bool] = False
    keeps_leads: ClassVar[bool] = False
    days: ClassVar[int] = 90

    @abstractmethod
    def make(self, question: Question) -> Sequence[Section]:
        """The numbers of everybody's leads, in the language in use; in a bounded number of
        queries. No contact is named but by ``values.contact``.
        """

    def work_out(self, question: Question) -> WorkedOut:
        """What a worker keeps of it."""
        return WorkedOut(self.make(question))

    def behind(self, question: Question, key: str) -> QuerySet[Contact] | None:
        """The contacts that a value with this ``behind`` counts; None for an unknown key."""
        return None

    def kept_behind(self, leads: Mapping[str, Sequence[int]], key: str) -> Sequence[int] | None:
        """Of the leads that it keeps, those of one value; None for an unknown key."""
        return leads.get(key)

    def permission_behind(self, key: str) -> str:
        """What one needs to see the leads behind that value: that of its section, if it has one."""
        return self.permission

    def number(self, question: Question, name: str) -> int:
        """What was given for one of ``numbers``, or the usual."""
        usual = {each.name: each.usual for each in self.numbers}
        return question.numbers.get(name, usual[name])

    def measure(self, key: str) -> Measure | None:
        return next((each for each in self.measures if each.key == key), None)


REPORTS: Final[dict[str, Report]] = {}
R = TypeVar("R", bound=type[Report])


def register(report: R) -> R:
    if report.slug in REPORTS:
        raise ValueError(f"Two reports are called {report.slug!r}.")
    REPORTS[report.slug] = report()
    return report


def reports_for(user: Any) -> list[Report]:
    """Those that this person may see, in their order."""
    seen = [report for report in REPORTS.values() if user.has_perm(report.permission)]
    return sorted(seen, key=lambda report: (report.order, report.slug))


def sections_for(user: Any, sections: Sequence[Section]) -> list[Section]:
    """Those of a report that this person may see."""
    return [each for each in sections if not each.permission or user.has_perm(each.permission)]
