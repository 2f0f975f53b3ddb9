"""A pilot as parts of a report: what it says, its looks, its leads, and its plan."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext, ngettext, pgettext

from scoring.engine.pilots.models import Arm, Pilot
from scoring.engine.proportions import Proportion
from scoring.reports.blocks import (
    Block,
    Chart,
    Column,
    Figure,
    Figures,
    Series,
    Shape,
    Table,
    Words,
)
from scoring.reports.pilots.counting import WHAT, Counted
from scoring.reports.pilots.measures import title_of
from scoring.reports.pilots.models import PilotLook
from scoring.reports.pilots.words import Result, day_of, plan_facts, state_of
from scoring.reports.statistics.piloting import Stratum, difference
from scoring.reports.values import Kind, Value, count, number, shown, text


def summary(pilot: Pilot, result: Result, found: Counted, places: int) -> Iterator[Block]:
    yield Words(" ".join(filter(None, (result.headline, result.more))), result.tone)
    shares = {arm: Proportion(*reversed(found.arm(arm)[1:])) for arm in Arm.values}
    over = sum(found.arm(arm)[1] for arm in Arm.values)
    yield Figures(
        "",
        [
            Figure(
                gettext("share by the candidate"),
                share(shares[Arm.CANDIDATE], Arm.CANDIDATE),
                "share",
            ),
            Figure(
                gettext("share by the live version"),
                share(shares[Arm.CONTROL], Arm.CONTROL),
                "share",
            ),
            Figure(
                gettext("difference within segments"),
                apart(found.strata(places)),
                "difference",
            ),
            Figure(
                gettext("leads whose days are over"),
                count(over),
                "due",
                hint=gettext("of %(planned)d planned") % {"planned": 2 * pilot.per_arm},
            ),
        ],
    )
    yield Words(
        gettext(
            "The interval of the difference is that of a single look: whether it is more than "
            "chance, only the weekly looks tell."
        )
    )
    yield Words(
        ngettext(
            "Primary measure: the share of leads that %(measure)s within %(days)d day.",
            "Primary measure: the share of leads that %(measure)s within %(days)d days.",
            pilot.days,
        )
        % {"measure": title_of(pilot.measure), "days": pilot.days}
    )


def apart(strata: Sequence[Stratum]) -> Value:
    """In points of a hundred."""
    found = difference(strata)
    if found is None:
        return Value(Kind.POINTS, None)
    return Value(Kind.POINTS, found.value, found.low, found.high)


def cells(counts: tuple[int, int, int], narrower: str) -> list[Value]:
    _entered, over, hit = counts
    numbers = [
        count(each, f"{what}:{narrower}" if each else "")
        for what, each in zip(WHAT, counts, strict=True)
    ]
    return [*numbers, share(Proportion(hit, over), narrower)]


def share(found: Proportion, narrower: str) -> Value:
    """Open to the successes, among the leads whose days are over."""
    return Value.share(found, f"won:{narrower}", f"due:{narrower}")


def columns() -> list[Column]:
    return [
        Column(gettext("leads"), "members"),
        Column(gettext("days are over"), "due"),
        Column(gettext("successes"), "won"),
        Column(gettext("share"), "share"),
    ]


def by_arm(found: Counted) -> Table:
    rows = [[text(arm.label), *cells(found.arm(arm), arm.value)] for arm in Arm]
    return Table("arms", gettext("By arm"), [Column(pgettext("pilot", "arm")), *columns()], rows)


def by_stratum(found: Counted, names: Sequence[str]) -> Table:
    rows = []
    for place, name in enumerate(names):
        for arm in Arm:
            counts = found.arm(arm, place)
            if counts[0]:
                rows.append([text(name), text(arm.label), *cells(counts, f"{arm}:{place}")])
    return Table(
        "segments",
        gettext("By segment and arm"),
        [Column(gettext("segment")), Column(pgettext("pilot", "arm")), *columns()],
        rows,
        empty=gettext("No lead has entered yet."),
    )


def of_looks(looks: Sequence[PilotLook]) -> Iterator[Block]:
    if looks:
        bounds = [look.bound for look in looks]
        yield Chart(
            "looks",
            gettext("The statistic between its bounds"),
            Shape.LINES,
            [day_of(look) for look in looks],
            [
                Series(gettext("statistic"), [look.statistic for look in looks]),
                Series(gettext("better beyond"), bounds),
                Series(gettext("worse beyond"), [None if b is None else -b for b in bounds]),
            ],
        )
    yield Table(
        "looks",
        gettext("Look by look"),
        [
            Column(gettext("day"), "look"),
            Column(gettext("information"), "information"),
            Column(gettext("candidate"), "share"),
            Column(gettext("control"), "share"),
            Column(gettext("difference"), "difference"),
            Column(gettext("statistic"), "look"),
            Column(gettext("bound"), "look"),
            Column(gettext("what it said"), "look"),
        ],
        [row_of(look) for look in looks],
        empty=gettext("No look yet: one is taken every week, once the days of some lead are over."),
    )


def row_of(look: PilotLook) -> list[Value]:
    strata = look.strata
    first = Proportion(
        sum(each.candidate_won for each in strata), sum(each.candidate_of for each in strata)
    )
    second = Proportion(
        sum(each.control_won for each in strata), sum(each.control_of for each in strata)
    )
    return [
        text(day_of(look)),
        Value(Kind.SHARE, look.share, of=first.of + second.of),
        Value.share(first),
        Value.share(second),
        apart(strata),
        number(look.statistic),
        number(look.bound),
        text(look.get_said_display()),
    ]


def plan_of(pilot: Pilot) -> Table:
    begun = pilot.started_at or pilot.created_at
    facts = [
        (gettext("state"), state_of(pilot)),
        (gettext("control"), pilot.control or ""),
        *plan_facts(pilot),
        (gettext("began on"), shown(Kind.DAY, begun.astimezone(pilot.time_zone).date())),
        (gettext("number of the pilot"), pilot.pk),
    ]
    rows = [[text(name), text(value)] for name, value in facts]
    heads = [Column(gettext("what")), Column(gettext("as planned"))]
    return Table("plan", gettext("The plan"), heads, rows)
