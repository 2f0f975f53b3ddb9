"""Whether the score is any good: what became of those who had which score before."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import ClassVar, Final

from django.db.models import QuerySet
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from scoring.engine.admin.badges import band_name
from scoring.engine.outcomes import Outcome
from scoring.engine.proportions import FEW
from scoring.reports.asking import Question
from scoring.reports.blocks import Figure, Figures, Section, Tone, Words
from scoring.reports.conversion import PARTS, by_band, by_total
from scoring.reports.judging import Judged, judged
from scoring.reports.report import Measure, Report, Text, WorkedOut, register
from scoring.reports.spread import contacts_behind, is_key, stability_blocks
from scoring.reports.statistics.difference import difference
from scoring.reports.statistics.ranking import parts, ranking
from scoring.reports.to_come import days_to_come, nothing_yet
from scoring.reports.values import Kind, Value, count, number

NO_MODEL: Final = _("No scoring model is live yet: there is no score to judge.")
NO_OBJECTIVE: Final = _(
    "The model says nowhere what counts as success. Set its objective on the page of the criteria."
)
NO_OUTCOMES: Final = _(
    "No outcome became known in this period: no deal was won or lost, and nobody reached the "
    "objective. Choose a longer period, or bring in deals with the days on which they were closed."
)


@register
class Quality(Report):
    slug: ClassVar[str] = "quality"
    title: ClassVar[Text] = _("Score quality")
    purpose: ClassVar[Text] = _(
        "Do high scores succeed more often than low ones, by how much, and is that still so?"
    )
    icon: ClassVar[str] = "verified"
    order: ClassVar[int] = 50
    asks: ClassVar[frozenset[str]] = frozenset(
        {"model", "campaign", "segment", "source", "owner", "country"}
    )
    is_slow: ClassVar[bool] = True
    keeps_leads: ClassVar[bool] = True
    days: ClassVar[int] = 365
    measures: ClassVar[Sequence[Measure]] = (
        Measure(
            "known",
            _("Known outcomes"),
            _(
                "Contacts who reached the objective of the model for the first time, or were lost, "
                "within the period, in the time zone of the default working calendar, and had a "
                "score before. Each has the total that the version which is live now gives them as "
                "of the beginning of the UTC day on which the deal was opened or they became an "
                "opportunity, with the fields and activities of that day."
            ),
        ),
        Measure(
            "conversion",
            _("Conversion"),
            _(
                "Of the known outcomes, the share that succeeded, with Wilson's interval for 95 of "
                "100 cases."
            ),
        ),
        Measure(
            "precision",
            _("Precision at the threshold"),
            _("Of those at or above the beginning of the highest band, the share that succeeded."),
        ),
        Measure(
            "recall",
            _("Recall at the threshold"),
            _("Of those who succeeded, the share that was at or above it."),
        ),
        Measure(
            "lift",
            _("Lift"),
            _("The conversion of the part divided by that of all: 1 is no better than chance."),
        ),
        Measure(
            "ranking",
            _("Ranking"),
            _(
                "The chance that of one who succeeded and one who did not the first had the higher "
                "total; equal totals count half. A half is chance, the whole is perfect. Also "
                "known as AUC; with the interval of Hanley and McNeil for 95 of 100 cases."
            ),
        ),
        Measure(
            "expected",
            _("Expected"),
            _(
                "How many would have succeeded at the conversion that the same band had in the "
                "period of the same length before this one."
            ),
        ),
        Measure(
            "stability",
            _("Stability index"),
            _(
                "How far the totals of all contacts at the end are spread otherwise than at the "
                "beginning of the period, over ten parts of equal size at the beginning "
                "(population stability index): below 0.10 stable, from 0.25 on another "
                "distribution."
            ),
        ),
    )

    def make(self, question: Question) -> Sequence[Section]:
        return self.work_out(question).sections

    def work_out(self, question: Question) -> WorkedOut:
        track = question.track
        if track is None:
            return WorkedOut([Section("", [Words(str(NO_MODEL))])])
        if not_yet := nothing_yet(question):
            return WorkedOut(not_yet)
        document = track.version.document_value
        spread = Section(
            gettext("Stability"), [*days_to_come(question), *stability_blocks(question, track)]
        )
        if document.objective is None:
            return WorkedOut([Section("", [Words(str(NO_OBJECTIVE))]), spread])
        found = judged(question, document)
        if not found.outcomes:
            return WorkedOut([Section("", [Words(str(NO_OUTCOMES))]), spread])
        former = judged(question.before(), document)
        sections = [
            Section("", [*warnings(found), headline(found)]),
            Section(gettext("By band"), by_band(found, former)),
            Section(gettext("By total"), by_total(found)),
            spread,
        ]
        return WorkedOut(sections, leads_of(found))

    def behind(self, question: Question, key: str) -> QuerySet[Contact] | None:
        """Of the totals of all contacts alone; the others are kept."""
        track = question.track if is_key(key) else None
        return None if track is None else contacts_behind(question, track, key)


def leads_of(found: Judged) -> dict[str, list[int]]:
    """All, who had which band, who lay in which tenth; who of them, and down to which tenth,
    succeeded.
    """
    leads: dict[str, list[int]] = {}

    def note(key: str, won: str, inside: Sequence[Outcome]) -> None:
        leads[key] = [one.contact_id for one in inside]
        leads[won] = [one.contact_id for one in inside if one.succeeded]

    note("known", "won", found.outcomes)
    note("above", "above_won", found.between(found.threshold))
    gained: list[int] = []
    for place, part in enumerate(parts(found.cases, PARTS)):
        low, high = sorted((part.first, part.last))
        note(f"part:{place}", f"part_won:{place}", found.between(low, high))
        gained += leads[f"part_won:{place}"]
        leads[f"gained:{place}"] = list(gained)
    for band in found.document.bands:
        inside = [one for one in found.outcomes if one.band_before == band.name]
        note(f"band:{band.name}", f"won:{band.name}", inside)
    return leads


def warnings(found: Judged) -> Iterator[Words]:
    """What must be said before any number: too few cases, and bands the wrong way round."""
    if len(found.outcomes) < FEW:
        text_few = ngettext(
            "Only %(count)d outcome is known: the intervals say how little that tells.",
            "Only %(count)d outcomes are known: the intervals say how little that tells.",
            len(found.outcomes),
        )
        yield Words(text_few % {"count": len(found.outcomes)}, Tone.WARNING)
    yield from inversions(found)


def inversions(found: Judged) -> Iterator[Words]:
    """Of bands that had outcomes: what is certain of any two, and what may be of neighbours."""
    told = [band.name for band in found.document.bands if found.of_band(band.name).of]
    for (at, lower), (other, higher) in combinations(enumerate(told), 2):
        below, above = found.of_band(lower), found.of_band(higher)
        if (above.share or 0) >= (below.share or 0):
            continue
        apart = difference(below, above)
        is_certain = apart is not None and apart.is_certain
        if other > at + 1 and not is_certain:
            continue
        said = {
            "higher": band_name(higher),
            "lower": band_name(lower),
            "above": str(Value.share(above)),
            "below": str(Value.share(below)),
        }
        if is_certain:
            words = gettext(
                "“%(higher)s” converts worse than “%(lower)s”: %(above)s against %(below)s. That "
                "is no chance: the criteria put the wrong leads on top."
            )
        else:
            words = gettext(
                "“%(higher)s” converted worse than “%(lower)s”: %(above)s against %(below)s. With "
                "so few outcomes that may be chance."
            )
        yield Words(words % said, Tone.WARNING)


def headline(found: Judged) -> Figures:
    measures = found.at_threshold()
    ranked = ranking(found.cases)
    items = [
        Figure(gettext("Known outcomes"), count(measures.known, "known"), "known"),
        Figure(gettext("Conversion"), Value.share(measures.base, "won", "known"), "conversion"),
        Figure(
            gettext("Precision"),
            Value.share(measures.precision, "above_won", "above"),
            "precision",
        ),
        Figure(gettext("Recall"), Value.share(measures.recall, "above_won", "won"), "recall"),
        Figure(gettext("Lift"), number(measures.lift), "lift"),
    ]
    if ranked is not None:
        value = Value(Kind.SHARE, ranked.value, ranked.low, ranked.high, measures.known)
        items.append(Figure(gettext("Ranking"), value, "ranking"))
    return Figures("", items)
