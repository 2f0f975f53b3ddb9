"""Whether the score is any good: what became of those who had which score before."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import ClassVar, Final

from django.db.models import QuerySet
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from scoring.engine.admin.badges import band_name
from scoring.engine.proportions import FEW, Proportion
from scoring.reports.asking import Question
from scoring.reports.blocks import (
    Block,
    Chart,
    Column,
    Figure,
    Figures,
    Section,
    Series,
    Shape,
    Table,
    Tone,
    Words,
)
from scoring.reports.judging import Judged, judged
from scoring.reports.report import Measure, Report, Text, register
from scoring.reports.spread import stability_blocks
from scoring.reports.statistics.difference import difference
from scoring.reports.statistics.ranking import Part, gains, parts, ranking
from scoring.reports.values import Kind, Value, count, number, text

PARTS: Final = 10
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
        track = question.track
        if track is None:
            return [Section("", [Words(str(NO_MODEL))])]
        document = track.version.document_value
        spread = Section(gettext("Stability"), list(stability_blocks(question, track)))
        if document.objective is None:
            return [Section("", [Words(str(NO_OBJECTIVE))]), spread]
        found = judged(question, document)
        if not found.outcomes:
            return [Section("", [Words(str(NO_OUTCOMES))]), spread]
        former = judged(question.before(), document)
        return [
            Section("", [*warnings(found), headline(found)]),
            Section(gettext("By band"), by_band(found, former)),
            Section(gettext("By total"), by_total(found)),
            spread,
        ]

    def behind(self, question: Question, key: str) -> QuerySet[Contact] | None:
        track, (what, _colon, named) = question.track, key.partition(":")
        if track is None or what not in ("band", "won"):
            return None
        found = judged(question, track.version.document_value)
        ids = [
            one.contact_id
            for one in found.outcomes
            if one.band_before == named and (what == "band" or one.succeeded)
        ]
        return Contact.objects.filter(pk__in=ids)


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
    for lower, higher in pairwise(band.name for band in found.document.bands):
        below, above = found.of_band(lower), found.of_band(higher)
        if below.share is None or above.share is None or above.share >= below.share:
            continue
        apart = difference(below, above)
        said = {
            "higher": band_name(higher),
            "lower": band_name(lower),
            "above": str(Value.share(above)),
            "below": str(Value.share(below)),
        }
        if apart is not None and apart.is_certain:
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
        Figure(gettext("Known outcomes"), count(measures.known), "known"),
        Figure(gettext("Conversion"), Value.share(measures.base), "conversion"),
        Figure(gettext("Precision"), Value.share(measures.precision), "precision"),
        Figure(gettext("Recall"), Value.share(measures.recall), "recall"),
        Figure(gettext("Lift"), number(measures.lift), "lift"),
    ]
    if ranked is not None:
        value = Value(Kind.SHARE, ranked.value, ranked.low, ranked.high, measures.known)
        items.append(Figure(gettext("Ranking"), value, "ranking"))
    return Figures("", items)


def by_band(found: Judged, former: Judged) -> list[Block]:
    names = [band.name for band in found.document.bands]
    shares = [found.of_band(name) for name in names]
    spans = [share.interval() if share.of else (None, None) for share in shares]
    chart = Chart(
        "bands",
        gettext("Conversion by band"),
        Shape.BARS,
        [band_name(name) for name in names],
        [
            Series(
                gettext("conversion"),
                [share.share for share in shares],
                [low for low, _high in spans],
                [high for _low, high in spans],
            )
        ],
        shares=True,
        line=(gettext("all"), found.base),
    )
    columns = [
        Column(gettext("band")),
        Column(gettext("known outcomes"), "known"),
        Column(gettext("succeeded"), "known"),
        Column(gettext("conversion"), "conversion"),
        Column(gettext("lift"), "lift"),
        Column(gettext("expected"), "expected"),
    ]
    rows = [
        [
            text(band_name(name)),
            count(share.of, f"band:{name}"),
            count(share.count, f"won:{name}"),
            Value.share(share),
            number(lift(share, found.base)),
            expected(share, former.of_band(name)),
        ]
        for name, share in reversed(list(zip(names, shares, strict=True)))
    ]
    hint = gettext(
        "Calibration: “expected” is what the conversion of the period before would have given."
    )
    return [chart, Table("bands", gettext("Conversion by band"), columns, rows, hint=hint)]


def lift(share: Proportion, base: float) -> float | None:
    return None if share.share is None or not base else share.share / base


def expected(share: Proportion, former: Proportion) -> Value:
    """A number of successes; nothing where the period before says nothing."""
    return number(None if former.share is None else round(former.share * share.of, 1))


def by_total(found: Judged) -> list[Block]:
    cut = parts(found.cases, PARTS)
    labels = [span_of(part) for part in cut]
    spans = [part.found.interval() for part in cut]
    conversion = Chart(
        "totals",
        gettext("Conversion by total, the highest tenth first"),
        Shape.BARS,
        labels,
        [
            Series(
                gettext("conversion"),
                [part.found.share for part in cut],
                [low for low, _high in spans],
                [high for _low, high in spans],
            )
        ],
        shares=True,
        line=(gettext("all"), found.base),
    )
    points = gains(cut)
    gain = Chart(
        "gains",
        gettext("Gains: of all successes, how many are among the highest totals"),
        Shape.LINES,
        [str(Value(Kind.SHARE, seen)) for seen, _hit in points],
        [
            Series(gettext("by the score"), [hit for _seen, hit in points]),
            Series(gettext("by chance"), [seen for seen, _hit in points]),
        ],
        shares=True,
    )
    return [conversion, totals_table(found, cut, points), gain]


def totals_table(
    found: Judged, cut: Sequence[Part], points: Sequence[tuple[float, float]]
) -> Table:
    columns = [
        Column(gettext("total")),
        Column(gettext("known outcomes"), "known"),
        Column(gettext("succeeded"), "known"),
        Column(gettext("conversion"), "conversion"),
        Column(gettext("lift"), "lift"),
        Column(gettext("of all successes, down to here")),
    ]
    rows = [
        [
            text(span_of(part)),
            count(part.found.of),
            count(part.found.count),
            Value.share(part.found),
            number(lift(part.found, found.base)),
            Value(Kind.SHARE, hit),
        ]
        for part, (_seen, hit) in zip(cut, points[1:], strict=True)
    ]
    hint = gettext("Tenths of the known outcomes; equal totals stay together.")
    return Table("totals", gettext("Conversion by total"), columns, rows, hint=hint)


def span_of(part: Part) -> str:
    first, last = str(count(part.first)), str(count(part.last))
    if part.first == part.last:
        return first
    return gettext("%(first)s to %(last)s") % {"first": first, "last": last}
