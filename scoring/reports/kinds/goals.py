"""How far the goals are that both teams agreed on, and what they mean by their words."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from scoring.criteria.models import ScoringModel
from scoring.reports.asking import Question
from scoring.reports.blocks import Block, Section, Words
from scoring.reports.report import Measure, Report, Text, register
from scoring.reports.terms.agreeing import VIEW, page_of, terms_of
from scoring.reports.terms.models import Terms
from scoring.reports.terms.progress import progress_of
from scoring.reports.terms.sections import behind, figures, over_time, summary
from scoring.reports.terms.words import levels, levels_link, meanings, state_words, thresholds

NO_MODEL: Final = _("No scoring model is live yet: there is nothing to agree on.")


def measures() -> Iterator[Measure]:
    yield Measure(
        "promised",
        _("Promised by"),
        _("The side that answers for the goal; both, where neither can reach it alone."),
    )
    yield Measure(
        "expected",
        _("Expected by now"),
        _(
            "The goal times the share of the working time of the week or month that is over, by "
            "the hours and holidays of the default working calendar: on a Saturday as much as on "
            "Friday evening. A share is to hold at all times: nothing is expected of it by now."
        ),
    )
    yield Measure(
        "standing",
        _("How it stands"),
        _(
            "Reached: at least what was agreed. On the way: at least what is expected by now. "
            "Behind: less than that. Not reached: the time is over. Weeks and months are whole "
            "ones of the calendar, weeks from Monday."
        ),
    )
    yield Measure(
        "then",
        _("Agreed then"),
        _(
            "The goal of the terms that held at the end of that week or month; empty where none "
            "were signed, or the goals were for another length of time."
        ),
    )
    yield Measure(
        "band",
        _("Reached a band"),
        _(
            "Leads whose stored score came from below the band, or from none, into it or a higher "
            "one in the week or month; each once, whether or not it is still there."
        ),
    )
    for stage, title in (
        ("mql", _("Became MQL")),
        ("sql", _("Became SQL")),
        ("opportunity", _("Became an opportunity")),
        ("customer", _("Became a customer")),
    ):
        yield Measure(
            stage,
            title,
            _(
                "Leads that reached the stage, or one past it, for the first time in the week or "
                "month: by their lifecycle, by the first deal that was opened, or the first that "
                "was won. The closed loop counts the same."
            ),
        )
    yield Measure(
        "response",
        _("First attempts in time"),
        _(
            "Of the handovers whose first attempt fell due in the week or month and up to now, by "
            "the service level when they were handed over, the share that was tried by then, with "
            "Wilson's interval for 95 of 100 cases. Whom sales rejected without an attempt does "
            "not count."
        ),
    )
    yield Measure(
        "answer",
        _("Answers in time"),
        _(
            "Of the handovers whose answer fell due in the week or month and up to now, the share "
            "that was accepted or rejected by then, with Wilson's interval."
        ),
    )
    yield Measure(
        "late", _("Late or missing"), _("Those of them that were done later, or not yet.")
    )


@register
class Goals(Report):
    slug: ClassVar[str] = "goals"
    title: ClassVar[Text] = _("Terms and goals")
    purpose: ClassVar[Text] = _(
        "What marketing and sales promise each other, how far they are, and what they mean by "
        "MQL, SQL, opportunity and customer."
    )
    icon: ClassVar[str] = "handshake"
    order: ClassVar[int] = 15
    permission: ClassVar[str] = VIEW
    asks: ClassVar[frozenset[str]] = frozenset({"model"})
    days: ClassVar[int] = 365
    measures: ClassVar[Sequence[Measure]] = tuple(measures())

    def make(self, question: Question) -> Sequence[Section]:
        if (track := question.track) is None:
            return [Section("", [Words(str(NO_MODEL))])]
        terms = terms_of(track.model)
        meant = Section(gettext("What the words mean"), [meanings(terms, track), thresholds(track)])
        service = Section(gettext("Service level"), [levels(track), levels_link()])
        return [*progress(question, track.model, terms), meant, service]

    def behind(self, question: Question, key: str) -> QuerySet[Contact] | None:
        return behind(question, key)


def progress(question: Question, model: ScoringModel, terms: Terms | None) -> Iterator[Section]:
    blocks: list[Block] = [state_words(terms, page_of(model), question.period.zone)]
    found = progress_of(terms, question) if terms else []
    if terms and terms.notes:
        blocks.append(Words(terms.notes))
    if found:
        blocks += [figures(question, found), summary(question, found)]
    yield Section("", blocks)
    if terms and found:
        last = [block for one in found for block in over_time(one, terms.grain)]
        yield Section(gettext("Over time"), last)
