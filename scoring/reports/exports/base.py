"""What a format of files is, and what it is given."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, TypeVar

from django.utils.functional import Promise

from scoring.reports.asking import Question
from scoring.reports.blocks import Section
from scoring.reports.naming import Names
from scoring.reports.report import Report


class Impossible(Exception):
    """It cannot be made here; the message says what is missing, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Made:
    """A report that has been worked out. ``facts``: what was asked, in words.

    ``names``: those of the contacts that whoever gets the file may see.
    """

    report: Report
    question: Question
    sections: Sequence[Section]
    facts: Sequence[str]
    names: Names

    @property
    def file_name(self) -> str:
        period = self.question.period
        return f"{self.report.slug}-{period.first}-{period.last}"


class Format(ABC):
    slug: ClassVar[str]
    title: ClassVar[str | Promise]
    icon: ClassVar[str]
    mime: ClassVar[str]
    order: ClassVar[int]

    @abstractmethod
    def write(self, made: Made) -> bytes:
        """The whole file. Raises Impossible."""


FORMATS: Final[dict[str, Format]] = {}
F = TypeVar("F", bound=type[Format])


def register(kind: F) -> F:
    if kind.slug in FORMATS:
        raise ValueError(f"Two formats are called {kind.slug!r}.")
    FORMATS[kind.slug] = kind()
    return kind
