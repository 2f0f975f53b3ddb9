"""What a meeting looks at: the report on its days, or what was kept of it when it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import get_language, override

from scoring.criteria.models import ScoringModel
from scoring.reports.asking import Question, QuestionForm, ask
from scoring.reports.blocks import Section
from scoring.reports.codec import Data, data_of, sections_of
from scoring.reports.kinds.review import Review
from scoring.reports.making import facts_of
from scoring.reports.report import REPORTS
from scoring.reports.review.models import Meeting


def question_of(meeting: Meeting, given: Mapping[str, Any]) -> Question:
    """Of its days, also where ``model`` names one that is not live, or gone."""
    form = form_of(meeting, given)
    return (form if form.is_valid() else form_of(meeting, {})).question()


def form_of(meeting: Meeting, given: Mapping[str, Any]) -> QuestionForm:
    """``model`` of the address chooses another model."""
    period = meeting.period
    asked = QueryDict(mutable=True)
    asked.update({"first": period.first.isoformat(), "last": period.last.isoformat()})
    asked["model"] = given.get("model", "")
    return ask(asked, Review.asks, Review.days)


@dataclass(frozen=True, slots=True)
class Looked:
    """``facts``: what was asked, in words. ``is_kept``: as it was when the meeting ended."""

    question: Question
    facts: Sequence[str]
    sections: Sequence[Section]
    is_kept: bool = False

    @classmethod
    def at(cls, meeting: Meeting, given: Mapping[str, Any]) -> Self:
        """For everybody: what a reader may not see is left to whoever shows it."""
        kept = kept_of(meeting, given)
        if kept is None:
            return cls.now(question_of(meeting, given))
        seen = kept["seen"]
        mine = seen.get(get_language()) or seen[settings.LANGUAGE_CODE]
        # Its model, whether it is live or not any more: these are the figures of no other one.
        question = replace(question_of(meeting, {}), model=model_of(meeting, given))
        return cls(question, mine["facts"], sections_of(mine["sections"]), is_kept=True)

    @classmethod
    def now(cls, question: Question) -> Self:
        sections = REPORTS[Review.slug].make(question)
        return cls(question, facts_of(question, Review.asks), sections)


def kept_of(meeting: Meeting, given: Mapping[str, Any]) -> Data | None:
    """None as long as it goes on, where none was kept, and for another model."""
    kept: Data | None = meeting.figures if meeting.is_held else None
    if kept is None or given.get("model", "") not in ("", str(kept["model"])):
        return None
    return kept


def model_of(meeting: Meeting, given: Mapping[str, Any]) -> ScoringModel | None:
    """The one that is looked at; None where nothing is live and none was kept."""
    kept = kept_of(meeting, given)
    found = ScoringModel.objects.filter(pk=kept["model"]).first() if kept else None
    return found or question_of(meeting, given).model


def seen_now(meeting: Meeting) -> Data:
    """What is kept when it ends, in each language; contacts by their ids."""
    question = question_of(meeting, {})
    seen = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            looked = Looked.now(question)
            seen[language] = {"facts": looked.facts, "sections": data_of(looked.sections)}
    return {"model": question.model.pk if question.model else None, "seen": seen}
