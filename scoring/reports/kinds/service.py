"""Whether sales reach and answer the leads that are handed over as soon as was agreed."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final
from urllib.parse import quote

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from scoring.engine.admin.badges import band_name
from scoring.engine.proportions import FEW, Proportion
from scoring.pipeline.feedback.levels import ServiceLevel
from scoring.pipeline.feedback.reasons import RejectionReason
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
    Words,
)
from scoring.reports.handed import ANY, Group, Handed, contacts_behind, handed
from scoring.reports.people import People
from scoring.reports.report import Measure, Report, Text, register
from scoring.reports.to_come import days_to_come, nothing_yet
from scoring.reports.values import Value, count, hours, opened, text

NO_MODEL: Final = _("No scoring model is live yet: nothing is handed over to sales.")
NO_HANDOVER: Final = _(
    "No lead was handed over to sales in this period. Leads are handed over by the automation "
    "“Hot lead”; see whether it is switched on."
)


def measures() -> Iterator[Measure]:
    yield Measure(
        "all",
        _("Handed over"),
        _(
            "Times that a lead of this model was handed over to sales within the period, in the "
            "time zone of the default working calendar, by whose lead it was then and the band it "
            "had then. A lead that was handed over twice counts twice. What came of it counts up "
            "to now."
        ),
    )
    yield Measure(
        "attempt",
        _("First attempt"),
        _(
            "The first call, meeting or e-mail since the handover: in time up to the instant that "
            "the service level gave then, or where it gave none. “Not reached yet” is neither "
            "reached nor rejected."
        ),
    )
    yield Measure(
        "response",
        _("Median response"),
        _(
            "The median of the working hours, by the calendar of the service level, from the "
            "handover to the first attempt, of those that had one. Those still waiting are not in "
            "it: read it together with “not reached yet”."
        ),
    )
    yield Measure(
        "answer",
        _("Answer"),
        _(
            "Whether sales accepted or rejected the lead by the instant that the service level "
            "gave then, later, or have not yet. The verdict that stands counts."
        ),
    )
    yield Measure(
        "in_time",
        _("Reached in time"),
        _(
            "Of the handovers whose first attempt was made or is overdue, the share that was made "
            "in time, with Wilson's interval for 95 of 100 cases. Those whose time is not over do "
            "not count yet, and those rejected without an attempt do not count."
        ),
    )
    yield Measure(
        "result",
        _("Meetings, deals, won"),
        _(
            "Handovers whose lead booked a meeting, or got a deal, since it was handed over and up "
            "to now; won: the deal lies in a stage that is won."
        ),
    )


@register
class Service(Report):
    slug: ClassVar[str] = "service"
    title: ClassVar[Text] = _("Service level")
    purpose: ClassVar[Text] = _(
        "Are leads that were handed over reached and answered as soon as was agreed, and what "
        "comes of them?"
    )
    icon: ClassVar[str] = "timer"
    order: ClassVar[int] = 70
    permission: ClassVar[str] = "scoring.view_team_reports"
    asks: ClassVar[frozenset[str]] = frozenset(
        {"model", "grain", "campaign", "segment", "source", "country"}
    )
    measures: ClassVar[Sequence[Measure]] = tuple(measures())

    def make(self, question: Question) -> Sequence[Section]:
        if question.model is None:
            return [Section("", [Words(str(NO_MODEL))])]
        if not_yet := nothing_yet(question):
            return not_yet
        people = People()
        found = handed(question, people)
        if not found.groups:
            return [Section("", [Words(str(NO_HANDOVER))])]
        bands = self.bands(question, found)
        return [
            Section("", list(self.summary(found))),
            Section(
                gettext("Over time"),
                [*days_to_come(question), *self.over_time(question, found, bands)],
            ),
            Section(gettext("By person"), list(by_person(found, people, bands))),
            Section(gettext("Why leads were rejected"), [by_reason(found, people)]),
        ]

    def bands(self, question: Question, found: Handed) -> list[str]:
        """Those that were handed over, the highest first; that the model has no more, last."""
        track = question.track
        known = [band.name for band in track.version.document_value.bands] if track else []
        rank = {band: at for at, band in enumerate(known)}
        return sorted(found.bands, key=lambda band: (-rank.get(band, -1), band))

    def summary(self, found: Handed) -> Iterator[Block]:
        whole = found.of()
        share = in_time(whole)
        yield Figures(
            "",
            [
                Figure(gettext("handed over"), count(whole["all"], "all"), "all"),
                Figure(gettext("reached in time"), share_in_time(whole), "in_time"),
                Figure(gettext("median response"), median(whole), "response"),
                Figure(
                    gettext("first attempt overdue"),
                    count(whole["unreached_overdue"], "unreached_overdue"),
                    "attempt",
                ),
                Figure(
                    gettext("answer overdue"),
                    count(whole["waiting_overdue"], "waiting_overdue"),
                    "answer",
                ),
            ],
        )
        if share.of < FEW:
            yield Words(gettext("These are few handovers: a single one moves the shares far."))

    def over_time(self, question: Question, found: Handed, bands: Sequence[str]) -> Iterator[Block]:
        pieces = question.pieces()
        labels = [piece.label(question.grain) for piece in pieces]
        levels = ServiceLevel.objects.of_bands(question.model, bands) if question.model else []
        for at, (band, level) in enumerate(zip(bands, levels, strict=True)):
            groups = [found.of(band=band, place=place) for place in range(len(labels))]
            named = {"band": band_name(band)}
            agreed = level.respond_hours
            yield Chart(
                f"response-{at}",
                gettext("%(band)s: median response in working hours") % named,
                Shape.LINES,
                labels,
                [Series(gettext("median response"), [group.hours for group in groups])],
                line=None if agreed is None else (gettext("agreed"), float(agreed)),
                axis=gettext("hours"),
            )
            named_band = quote(band, safe="")
            rows = [
                [text(label), *cells(group, f"{named_band}:{ANY}:{piece.first.isoformat()}")]
                for label, piece, group in zip(labels, pieces, groups, strict=True)
            ]
            title = gettext("%(band)s over time") % named
            whole = found.of(band=band)
            total = [text(gettext("all")), *cells(whole, named_band)]
            yield Table(f"response-{at}", title, columns(gettext("from")), rows, total)

    def behind(self, question: Question, key: str) -> QuerySet[Contact] | None:
        return None if question.model is None else contacts_behind(question, key)


Counted = tuple[str, str, Text]
# What the columns of a table count, with the measure that says how.
COLUMNS: Final[Sequence[Counted]] = (
    ("all", "all", _("handed over")),
    ("reached_in_time", "attempt", _("reached in time")),
    ("reached_late", "attempt", _("reached late")),
    ("unreached", "attempt", _("not reached yet")),
    ("answered_in_time", "answer", _("answered in time")),
    ("answered_late", "answer", _("answered late")),
    ("waiting", "answer", _("answer waiting")),
    ("accepted", "answer", _("accepted")),
    ("rejected", "answer", _("rejected")),
    ("met", "result", _("meetings")),
    ("opened", "result", _("deals")),
    ("won", "result", _("won")),
)
# By person they stand in two tables: what was done when, and what came of those handed over.
DONE: Final = COLUMNS[:7]
RESULTS: Final = (COLUMNS[0], *COLUMNS[7:])


def columns(first: str) -> list[Column]:
    found = [Column(str(title), measure) for _name, measure, title in COLUMNS]
    return [Column(first), Column(gettext("median response"), "response"), *found]


def cells(group: Group, narrower: str = ANY) -> Iterator[Value]:
    yield median(group, narrower)
    yield from numbers(group, narrower, COLUMNS)


def numbers(group: Group, narrower: str, counted: Sequence[Counted]) -> Iterator[Value]:
    for name, _measure, _title in counted:
        yield opened(group[name], f"{name}:{narrower}")


def median(group: Group, narrower: str = ANY) -> Value:
    """Open to those who had a first attempt."""
    return hours(group.hours, group.seconds.total(), f"timed:{narrower}")


def in_time(group: Group) -> Proportion:
    made = group["reached_in_time"] + group["reached_late"]
    return Proportion(group["reached_in_time"], made + group["unreached_overdue"])


def share_in_time(group: Group, narrower: str = ANY) -> Value:
    """Open to those who were reached in time, among those of whom it is known."""
    return Value.share(in_time(group), f"reached_in_time:{narrower}", f"attempt_known:{narrower}")


def by_person(found: Handed, people: People, bands: Sequence[str]) -> Iterator[Table]:
    """Two tables: all the columns in one are more than most screens have room for."""
    lines = [
        ([text(people.name(owner)), text(band_name(band))], group, whose(band, owner))
        for owner in people.sorted(found.owners)
        for band in bands
        if (group := found.of(owner, band))["all"]
    ]
    lines.append(([text(gettext("all")), text("")], found.of(), ANY))
    person, response, *others = columns(gettext("person"))
    named, share = [person, Column(gettext("band"))], Column(gettext("share in time"), "in_time")
    *rows, total = (
        [*names, share_in_time(group, key), median(group, key), *numbers(group, key, DONE)]
        for names, group, key in lines
    )
    heads = [*named, share, response, *others[: len(DONE)]]
    yield Table("people", gettext("By person and band"), heads, rows, total)
    *rows, total = ([*names, *numbers(group, key, RESULTS)] for names, group, key in lines)
    title = gettext("What came of it, by person and band")
    heads = [*named, others[0], *others[len(DONE) :]]
    yield Table("people-results", title, heads, rows, total)


def whose(band: str, owner: str) -> str:
    """As a key of what is behind a number says it."""
    return f"{quote(band, safe='')}:{quote(owner, safe='')}"


def by_reason(found: Handed, people: People) -> Table:
    """Rows: reasons that were given; columns: who gave them."""
    given = {reason for each in found.reasons.values() for reason in each}
    owners = people.sorted(found.reasons)
    rows = []
    for reason in RejectionReason.objects.filter(pk__in=given):
        what = f"reason-{reason.pk}"
        each = [
            opened(found.reasons[owner][reason.pk], f"{what}:{ANY}:{quote(owner, safe='')}")
            for owner in owners
        ]
        whole = sum(found.reasons[owner][reason.pk] for owner in owners)
        rows.append([text(reason), count(whole, what), *each])
    names = [Column(people.name(owner)) for owner in owners]
    return Table(
        "reasons",
        gettext("Rejected, by reason and person"),
        [Column(gettext("reason")), Column(gettext("rejected"), "answer"), *names],
        rows,
        empty=gettext("No lead that was handed over in this period was rejected."),
    )
