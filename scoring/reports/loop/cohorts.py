"""How many of those who came in one month have become customers by when, and how sure that is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext

from contacts.models import Lifecycle
from scoring.engine.proportions import Proportion
from scoring.reports.blocks import Block, Chart, Column, Series, Shape, Table, Words
from scoring.reports.loop.facts import NOT_YET
from scoring.reports.loop.groups import Group
from scoring.reports.stages import STAGES
from scoring.reports.statistics.survival import Curve, curve_of
from scoring.reports.values import HOURS_OF_A_DAY, Kind, Value, hours, opened, text

# What the keys of its figures begin with.
COHORT: Final = "cohort"
DAYS: Final = (30, 90, 180)
# Lines of a chart: months that lie evenly apart, the last one among them.
DRAWN: Final = 4
MARKS: Final = (0, 15, 30, 60, 90, 120, 150, 180)
DAY: Final = 86400
CUSTOMER: Final = STAGES.index(Lifecycle.CUSTOMER)


@dataclass(frozen=True, slots=True)
class Cohort:
    """``times``: for how many days each of them has been looked at, or took to become customer.

    ``key``: what its figures are asked by.
    """

    key: str
    title: str
    curve: Curve
    times: Sequence[float]

    @property
    def followed(self) -> float:
        return max(self.times, default=0)

    def by(self, days: int) -> Value:
        """The share that was customer by then; nothing if nobody was looked at for so long."""
        if not self.curve.of or (self.followed < days and self.curve.reached(days) < 1):
            return Value(Kind.SHARE, None, of=0)
        step = self.curve.at(days)
        if step is None:
            # Nobody yet: of those who were looked at for so long, no proof that nobody ever will.
            looked_at = sum(time >= days for time in self.times)
            low, high = Proportion(0, looked_at).interval()
            return Value(Kind.SHARE, 0.0, low, high, looked_at)
        if step.reached >= 1:
            # The last one who was looked at bought: of how sure that is the curve knows nothing.
            low, high = Proportion(step.at_risk, step.at_risk).interval()
            return Value(Kind.SHARE, 1.0, low, high, self.curve.of)
        return Value(Kind.SHARE, step.reached, step.low, step.high, self.curve.of)


def cohort_of(group: Group, now: datetime) -> Cohort:
    cases = list(cases_of(group, now))
    return Cohort(group.key, group.title, curve_of(cases), [time for time, _won in cases])


def cases_of(group: Group, now: datetime) -> Iterator[tuple[float, bool]]:
    """Whoever was a customer before coming cannot become one, and is left out."""
    for lead, since in group.leads.items():
        won = group.facts.reached.get(lead, NOT_YET)[CUSTOMER]
        if won is None:
            yield (now - since).total_seconds() / DAY, False
        elif won >= since:
            yield (won - since).total_seconds() / DAY, True


def cohort_blocks(months: Sequence[Group], now: datetime) -> list[Block]:
    cohorts = [cohort_of(group, now) for group in months if group.leads]
    columns = [
        Column(gettext("Month")),
        Column(gettext("Leads"), "cohort"),
        Column(gettext("Customers"), "cohort"),
        *(Column(gettext("within %(number)d days") % {"number": days}, "cohort") for days in DAYS),
        Column(gettext("half of them within"), "cohort"),
    ]
    rows = [cells(cohort) for cohort in cohorts]
    empty = gettext("No lead came in this period.")
    table = Table(
        "cohorts", gettext("Customers by time since they came"), columns, rows, empty=empty
    )
    every = -(-len(cohorts) // DRAWN)
    if not cohorts:
        return [table]
    chosen = cohorts[::-1][::every][::-1]
    return [curves(chosen), *which_are_drawn(chosen, cohorts), table]


def which_are_drawn(chosen: Sequence[Cohort], cohorts: Sequence[Cohort]) -> list[Words]:
    if len(chosen) == len(cohorts):
        return []
    said = gettext(
        "So that the lines can be told apart, %(drawn)d of %(all)d months are drawn, evenly apart "
        "and the last one among them. The table has them all."
    )
    return [Words(said % {"drawn": len(chosen), "all": len(cohorts)})]


def cells(cohort: Cohort) -> list[Value]:
    half = cohort.curve.time_of(0.5)
    return [
        text(cohort.title),
        opened(cohort.curve.of, f"{cohort.key}:new={Lifecycle.CUSTOMER}"),
        opened(cohort.curve.events, f"{cohort.key}:{Lifecycle.CUSTOMER}"),
        *(cohort.by(days) for days in DAYS),
        hours(None if half is None else half * HOURS_OF_A_DAY),
    ]


def curves(cohorts: Sequence[Cohort]) -> Chart:
    """A line ends where nobody has been looked at for longer."""
    series = [
        Series(cohort.title, [number(cohort.by(days)) for days in MARKS]) for cohort in cohorts
    ]
    title = gettext("Share that has become customer, by days since they came")
    labels = [str(days) for days in MARKS]
    return Chart(
        "cohorts", title, Shape.LINES, labels, series, shares=True, axis=gettext("days"),
        places=MARKS,
    )  # fmt: skip


def number(share: Value) -> float | None:
    return share.raw if isinstance(share.raw, float) else None
