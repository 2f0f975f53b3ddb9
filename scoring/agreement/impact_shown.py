"""An impact in words and pictures, ready for its page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.numerals import numeral, signed, whole
from scoring.agreement.impact import Impact, ImpactMove
from scoring.agreement.impact_result import RuleDifference, bands_of, differences
from scoring.automations.actions import ACTIONS
from scoring.criteria.document import EXCLUDED, ModelDocument
from scoring.engine.admin.badges import badge, band_name, shade
from scoring.engine.proportions import FEW, Measures, Proportion

RULES_MOST: Final = 12
# Units of the picture: its height, and the width of a span of totals.
HEIGHT: Final = 100
SPAN: Final = 10


def headline(impact: Impact) -> str:
    """``12 contacts would become “hot”, ...``: the hottest band, and what it would set off."""
    hottest = impact.document_value.bands[-1].name
    come = sum(count for old, new, count in impact.result["matrix"] if new == hottest != old)
    gone = sum(count for old, new, count in impact.result["matrix"] if old == hottest != new)
    said = [
        ngettext(
            "%(count)s contact would become “%(band)s”.",
            "%(count)s contacts would become “%(band)s”.",
            come,
        )
        % {"count": whole(come), "band": hottest},
        ngettext(
            "%(count)s contact would be “%(band)s” no longer.",
            "%(count)s contacts would be “%(band)s” no longer.",
            gone,
        )
        % {"count": whole(gone), "band": hottest},
        *what_it_does(impact),
    ]
    return " ".join(said)


def what_it_does(impact: Impact) -> Iterator[str]:
    found = impact.found
    if not found.crossings:
        yield _("No automation would go off.")
        return
    tasks = found.actions("task")
    yield ngettext(
        "If it fired, %(count)s task would be made.",
        "If it fired, %(count)s tasks would be made.",
        tasks,
    ) % {"count": whole(tasks)}


@dataclass(frozen=True, slots=True)
class Band:
    """A band as a heading; ``name`` is as stored, empty for who is no audience."""

    name: str
    said: str
    shade: str


@dataclass(frozen=True, slots=True)
class Cell:
    """So many contacts of a row's band would be in ``band``; ``stays``: in the same one."""

    band: Band
    count: int
    stays: bool
    rises: bool


def bands_shown(impact: Impact) -> list[Band]:
    """Those that anybody is in, before or after, rising."""
    matrix = impact.result["matrix"]
    used = {band for old, new, count in matrix if count for band in (old, new)}
    own = {band.name for band in impact.document_value.bands}
    return [
        Band(name, said_of(name), shade(name, impact.document_value))
        for name in bands_of(impact)
        if name in used | own
    ]


def said_of(band: str | None) -> str:
    return band_name(band) if band else _("outside the audience")


def band_table(impact: Impact) -> list[tuple[Band, list[Cell]]]:
    """A row for each band before, a cell for each band after."""
    counts = {(old, new): count for old, new, count in impact.result["matrix"]}
    bands = bands_shown(impact)
    return [
        (
            old,
            [
                Cell(new, counts.get((old.name, new.name), 0), at == place, at > place)
                for at, new in enumerate(bands)
            ],
        )
        for place, old in enumerate(bands)
        if any(counts.get((old.name, new.name)) for new in bands)
    ]


@dataclass(frozen=True, slots=True)
class Mover:
    """A contact that would change band: both scores, and each rule responsible in words."""

    move: ImpactMove
    before: str
    after: str
    change: str
    because: list[str]


def movers(impact: Impact, moves: Iterable[ImpactMove]) -> list[Mover]:
    old = impact.against.document_value if impact.against else None
    return [mover(move, old, impact.document_value) for move in moves]


def mover(move: ImpactMove, old: ModelDocument | None, new: ModelDocument) -> Mover:
    found = differences(old, new, move.breakdown_before, move.breakdown)
    because = [rule_said(one) for one in found[:RULES_MOST]]
    if move.band is None or move.band_before is None:
        because = because if move.band is not None else []
        because.insert(0, audience_said(move))
    elif not because:
        because = [_("No rule: only bands, limits or the time are other ones.")]
    if (more := len(found) - RULES_MOST) > 0:
        because.append(
            ngettext("and %(more)d rule more", "and %(more)d rules more", more) % {"more": more}
        )
    change = (move.total or 0) - (move.total_before or 0)
    return Mover(
        move,
        badge_of(move.total_before, move.band_before, old or new),
        badge_of(move.total, move.band, new),
        signed(change) if move.band and move.band_before else "",
        because,
    )


def badge_of(total: int | None, band: str | None, document: ModelDocument) -> str:
    return badge(total, band, document) if band else said_of(band)


def audience_said(move: ImpactMove) -> str:
    if move.band is None:
        return _("It would belong to the audience no longer.")
    return _("It has no score yet, and would get one.")


def rule_said(one: RuleDifference) -> str:
    if one.excludes:
        said = _("“%(rule)s” would exclude") if one.after else _("“%(rule)s” would not exclude")
        return said % {"rule": one.name}
    return _("“%(rule)s” would give %(after)s instead of %(before)s (%(change)s)") % {
        "rule": one.name,
        "after": signed(one.after),
        "before": signed(one.before),
        "change": signed(one.points),
    }


def rules_responsible(impact: Impact) -> list[tuple[str, int, str]]:
    """Name, for how many who change band, and points in all: who matters most first."""
    rows = sorted(impact.result["rules"].items(), key=lambda row: (-row[1][0], row[0]))
    return [(name, count, signed(points)) for name, (count, points) in rows[:RULES_MOST]]


@dataclass(frozen=True, slots=True)
class Bar:
    """One span of totals: how many before and after, and where its bars stand."""

    words: str
    before: int
    after: int
    left: int
    high_before: float
    high_after: float

    @property
    def top_before(self) -> float:
        return HEIGHT - self.high_before

    @property
    def top_after(self) -> float:
        return HEIGHT - self.high_after


@dataclass(frozen=True, slots=True)
class Picture:
    bars: list[Bar]
    width: int
    # Where bands begin in the proposed document: (place, name and total).
    edges: list[tuple[float, str]]


def picture(impact: Impact) -> Picture | None:
    """How the totals lie before and after; None where nobody has one."""
    totals = impact.result["totals"]
    if not totals:
        return None
    low, width = totals["low"], totals["width"]
    most = max([1, *totals["before"], *totals["after"]])
    bars = [
        Bar(
            words=span_words(low + at * width, width),
            before=before,
            after=after,
            left=at * SPAN,
            high_before=round(before * HEIGHT / most, 2),
            high_after=round(after * HEIGHT / most, 2),
        )
        for at, (before, after) in enumerate(zip(totals["before"], totals["after"], strict=True))
    ]
    edges = [
        (round((band.start - low) / width * SPAN, 1), f"{band.name} ≥ {whole(band.start)}")
        for band in impact.document_value.bands
        if band.start is not None and 0 <= (band.start - low) / width <= len(bars)
    ]
    return Picture(bars, len(bars) * SPAN, edges)


def span_words(low: int, width: int) -> str:
    if width == 1:
        return whole(low)
    return _("%(low)s to %(high)s") % {"low": whole(low), "high": whole(low + width - 1)}


def automations_shown(impact: Impact) -> list[dict[str, Any]]:
    """What each automation would do, in words."""
    return [
        {**each, "words": ", ".join(actions_said(each["actions"], each["acting"]))}
        for each in impact.result["automations"]
        if each["crossings"]
    ]


def actions_said(actions: dict[str, int], acting: int) -> Iterator[str]:
    for kind, count in actions.items():
        title = ACTIONS[kind].title if kind in ACTIONS else kind
        yield _("%(action)s: %(count)s") % {"action": title, "count": whole(count * acting)}


@dataclass(frozen=True, slots=True)
class Side:
    """Past outcomes as one of the two documents would have seen them."""

    title: str
    hottest: str
    rows: list[tuple[str, str, Proportion, str]]
    measures: Measures

    @property
    def precision(self) -> str:
        return share(self.measures.precision)

    @property
    def recall(self) -> str:
        return share(self.measures.recall)

    @property
    def lift(self) -> str:
        lift = self.measures.lift
        return "–" if lift is None else numeral(lift, 1)


def sides(impact: Impact) -> list[Side]:
    """Live and proposed; none where no outcome is known."""
    found = []
    if impact.against and impact.result["outcomes"]["live"]["known"]:
        live = impact.against.document_value
        title = _("Version %(number)d, live") % {"number": impact.against.number}
        found.append(side(title, live, impact.result["outcomes"]["live"]["rows"]))
    if impact.result["outcomes"]["proposed"]["known"]:
        proposed = impact.document_value
        title = _("Proposed")
        found.append(side(title, proposed, impact.result["outcomes"]["proposed"]["rows"]))
    return found


def side(title: str, document: ModelDocument, rows: Sequence[tuple[int, str, bool, int]]) -> Side:
    hottest = document.bands[-1].name
    counted: dict[str, list[int]] = {}
    for _total, band, succeeded, count in rows:
        won, known = counted.setdefault(band, [0, 0])
        counted[band] = [won + count * succeeded, known + count]
    names = [*(band.name for band in reversed(document.bands)), EXCLUDED]
    shares = [(name, Proportion(*counted.get(name, [0, 0]))) for name in names]
    won_above, above = counted.get(hottest, [0, 0])
    return Side(
        title=title,
        hottest=hottest,
        rows=[
            (said_of(name), shade(name, document), one, share(one))
            for name, one in shares
            if name != EXCLUDED or one.of
        ],
        measures=Measures(
            threshold=document.bands[-1].start or 0,
            above=above,
            won_above=won_above,
            known=sum(known for _won, known in counted.values()),
            won=sum(won for won, _known in counted.values()),
        ),
    )


def share(one: Proportion) -> str:
    """``40 % (28 to 53 %)``: with the interval that holds in 95 of 100 cases."""
    if one.share is None:
        return "–"
    low, high = one.interval()
    return _("%(share)s %% (%(low)s to %(high)s %%)") % {
        "share": whole(100 * one.share),
        "low": whole(100 * low),
        "high": whole(100 * high),
    }


def outcomes_said(impact: Impact) -> list[str]:
    """How much the look back can be trusted."""
    outcomes = impact.result["outcomes"]["proposed"]
    known = outcomes["known"]
    said = []
    if 0 < known < FEW:
        said.append(
            _(
                "With fewer than %(few)d known outcomes this is little more than chance: take it "
                "as an example, not as a proof."
            )
            % {"few": FEW}
        )
    if outcomes["unknown_profiles"]:
        said.append(
            ngettext(
                "%(count)s of them was stored here only later: its fields are the first that are "
                "known, and may have followed from the outcome.",
                "%(count)s of them were stored here only later: their fields are the first that "
                "are known, and may have followed from the outcome.",
                outcomes["unknown_profiles"],
            )
            % {"count": whole(outcomes["unknown_profiles"])}
        )
    return said
