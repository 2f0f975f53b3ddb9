"""How surely rates, times and amounts are known is in the spans, no more and no less."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from statistics import fmean, pstdev

import pytest
from scipy import stats

from scoring.reports.ahead import pipeline
from scoring.reports.ahead.looks import Waits, wait_of
from scoring.reports.ahead.worth import Chance, Worth, worth_of
from scoring.reports.statistics.amounts import Amounts
from scoring.reports.statistics.beta import Beta
from scoring.reports.statistics.foresight import Known, Run, simulated
from scoring.reports.statistics.steps import Step

pytestmark = pytest.mark.once

NOW, DAY, WEEKS = datetime(2026, 4, 27, tzinfo=UTC), timedelta(days=1), 12
SHAPES = [(0.5, 0.5), (0.5, 15.5), (5.5, 40.5), (300.5, 20.5), (4e3, 9e3), (0.02, 0.06)]


@pytest.mark.parametrize(("hits", "misses"), SHAPES)
def test_the_beta_distribution_is_that_of_scipy(hits: float, misses: float) -> None:
    known, theirs = Beta(hits, misses), stats.beta(hits, misses)
    for share in (0.0, 1e-6, 0.01, 0.3, 0.77, 0.999, 1.0):
        assert known.below(share) == pytest.approx(theirs.cdf(share), abs=1e-12)
    for share in (0.8, 0.95):
        assert known.interval(share) == pytest.approx(theirs.interval(share), abs=1e-9)
    assert (known.mean, known.variance) == pytest.approx((theirs.mean(), theirs.var()))
    again = Beta.matching(known.mean, known.variance)
    assert (again.hits, again.misses) == pytest.approx((hits, misses), rel=1e-6)


def assert_holds(share: float, inside: int, tried: int) -> None:
    """So many of 100 lie within, give or take two and a half standard errors of that share."""
    error = math.sqrt(share * (1 - share) / tried)
    assert abs(inside / tried - share) <= 2.5 * error, (share, inside / tried)


# --- Rates and times ----------------------------------------------------------------------

Case = tuple[float, float | None, float | None]


def waits_of(cases: Sequence[Case]) -> Waits:
    """Days ago that each came, and after how many it got there, or gave up."""
    found = Waits()
    for ago, came, gone in cases:
        begun = NOW - ago * DAY
        reached, ended = (None if each is None else begun + each * DAY for each in (came, gone))
        found.counted[wait_of(begun, reached, ended, NOW)] += 1
    return found


@pytest.mark.parametrize(("hits", "of"), [(0, 40), (3, 30), (12, 40), (58, 60)])
def test_where_all_were_watched_a_rate_is_drawn_from_jeffreys_posterior(hits: int, of: int) -> None:
    """All came a year ago, and who got there did within two weeks, or in the sixth."""
    cases: list[Case] = [
        (364.0, [3.0, 9.0, 40.0][at % 3] if at < hits else None, None) for at in range(of)
    ]
    step, chance = waits_of(cases).step(60), Random(3)
    drawn = [sum(step.drawn(chance).fresh) for _draw in range(1000)]
    # What the last stretch has of the prior lies after sixty weeks in part.
    assert stats.kstest(drawn, stats.beta(hits + 0.5, of - hits + 0.5).cdf).pvalue > 0.01


def test_a_rate_is_as_sure_as_the_span_that_stands_beside_it() -> None:
    """Kaplan and Meier's, also where many are still open."""
    chance = Random(8)
    cases: list[Case] = []
    for _lead in range(150):
        wait = chance.expovariate(1 / 20)
        cases.append((chance.uniform(0, 120), wait if chance.random() < 0.4 else None, None))
    waits = waits_of(cases)
    shown = waits.reached.at(8 * 7)
    assert shown is not None
    # Of those who come on the first day of a week.
    step = waits.step(WEEKS)
    drawn = sorted(sum(step.drawn(chance).fresh[:8]) for _draw in range(2000))
    low, high = drawn[50], drawn[1950]
    assert high - low == pytest.approx(shown.high - shown.low, rel=0.15)
    assert fmean(drawn) == pytest.approx(shown.reached, rel=0.06)


def test_what_nobody_was_watched_for_is_not_expected() -> None:
    chance = Random(7)
    assert sum(waits_of([]).step(WEEKS).drawn(chance).fresh) == 0
    young = waits_of([(20.0, None, None)] * 30).step(WEEKS)
    assert 0 < fmean(sum(young.drawn(chance).fresh) for _draw in range(400)) < 0.03


# --- Amounts ------------------------------------------------------------------------------

Drawing = Callable[[Random], float]

# What spans of 80 of 100 hold: more, where the deal that counts from the start, "as different as
# they are large", is more different than they are, or large ones are not rare.
AMOUNTS: Mapping[str, tuple[float, Drawing]] = {
    "much alike": (0.89, lambda chance: chance.lognormvariate(9, 0.4)),
    "a few much larger": (0.8, lambda chance: chance.lognormvariate(9, 1.2)),
    "of two products": (0.905, lambda chance: 10_000.0 if chance.random() < 0.3 else 1000.0),
}


@pytest.mark.parametrize(("held", "amount"), AMOUNTS.values(), ids=AMOUNTS)
def test_a_mean_of_few_amounts_is_no_further_off_than_it_says(held: float, amount: Drawing) -> None:
    chance, tried, inside = Random(4), 300, 0
    true = fmean(amount(chance) for _deal in range(100_000))
    for _world in range(tried):
        known = Amounts.of([amount(chance) for _deal in range(12)])
        drawn = sorted(known.mean * known.unsure(chance) for _draw in range(60))
        inside += drawn[5] <= true <= drawn[54]
    assert_holds(held, inside, tried)


def test_no_amount_and_a_single_one_are_said_to_be_hardly_known() -> None:
    chance = Random(2)
    assert Amounts.of([]).total(3, chance) == 0
    # By how many times, as a logarithm, 95 of 100 are off at most.
    for each, least, most in (([500.0], 2, 6), ([500.0] * 400, 0, 0.02), ([0.0, 0.0], 0, 0)):
        known = Amounts.of(each)
        drawn = sorted(abs(math.log(known.unsure(chance))) for _draw in range(400))
        assert least <= drawn[380] <= most, each


# --- All together -------------------------------------------------------------------------


Came = dict[str, float]


def history(chance: Random, times: int) -> tuple[Known, Came]:
    """What was seen of leads in three bands and of their deals, and what these bring after it."""
    came = dict.fromkeys(("opportunities", "customers", "revenue"), 0.0)
    bands, opened, amounts = {}, list[float](), list[float]()
    deals: list[Case] = []
    for band, rate, number in (("cold", 0.05, 60), ("warm", 0.2, 60), ("hot", 0.6, 45)):
        cases: list[Case] = []
        for _lead in range(number * times):
            ago, wait = chance.uniform(0, 182), chance.expovariate(1 / 30)
            is_hit = chance.random() < rate
            cases.append((ago, wait, None) if is_hit else (ago, None, wait))
            if is_hit and wait < ago + 84:
                opened.append(ago - wait)
        bands[band] = waits_of(cases).step(WEEKS)
    for ago in opened:
        wait, amount = chance.expovariate(1 / 30), chance.lognormvariate(9, 1)
        is_won = chance.random() < 0.4
        came["opportunities"] += ago < 0
        if ago >= 0:
            deals.append((ago, wait, None) if is_won else (ago, None, wait))
            amounts += [amount] if is_won and wait < ago else []
        if is_won and 0 <= wait - ago < 84:
            came["customers"] += 1
            came["revenue"] += amount
    nothing: dict[str, list[int]] = {band: [] for band in bands}
    return Known([], nothing, bands, waits_of(deals).step(WEEKS), amounts), came


WAYS: Mapping[str, Callable[[Run], float]] = {
    "opportunities": lambda run: sum(run.opportunities),
    "customers": lambda run: sum(run.customers),
    "revenue": lambda run: sum(run.revenue),
}


def rank(came: float, drawn: Sequence[float], chance: Random) -> float:
    """From 0 to 1: how many are less; among equals it takes any place."""
    less, equal = sum(one < came for one in drawn), sum(one == came for one in drawn)
    return (less + chance.random() * (equal + 1)) / (len(drawn) + 1)


def test_of_simulated_histories_as_much_lies_within_the_spans_as_they_say() -> None:
    """Of each, 165 leads and about a dozen won deals are known."""
    chance, tried, won = Random(6), 125, []
    ranks: dict[str, list[float]] = {name: [] for name in WAYS}
    for _world in range(tried):
        known, came = history(chance, 1)
        won.append(len(known.amounts))
        futures = simulated(known, WEEKS, 19)
        for name, way in WAYS.items():
            ranks[name].append(rank(came[name], [way(run) for run in futures], chance))
    assert 8 < fmean(won) < 16
    for found in ranks.values():
        for share in (0.8, 0.95):
            assert_holds(share, sum(abs(each - 0.5) <= share / 2 for each in found), tried)


def test_with_many_cases_the_spans_are_those_of_known_rates_and_amounts() -> None:
    chance = Random(9)
    known, _came = history(chance, 40)
    sure = replace(
        known,
        bands={band: certain(step) for band, step in known.bands.items()},
        deals=certain(known.deals),
        amounts=list(known.amounts) * 100,
    )
    ways: list[dict[str, float]] = []
    for each in (known, sure):
        futures = simulated(each, WEEKS, 400)
        ways.append({name: pstdev(way(run) for run in futures) for name, way in WAYS.items()})
    # Of 450 won deals their mean is known to some six per cent, and that is seen in revenue.
    for name, most in (("opportunities", 1.5), ("customers", 1.5), ("revenue", 2)):
        assert 0.9 < ways[0][name] / ways[1][name] < most, name


def certain(step: Step) -> Step:
    """The same chances, known from a million times as many."""
    return Step(
        [replace(one, hits=one.hits * 1e6, misses=one.misses * 1e6) for one in step.stretches],
        step.events,
    )


# --- The open pipeline --------------------------------------------------------------------


def test_what_open_deals_bring_lies_within_the_span_that_they_have() -> None:
    """Against each deal, won or lost by itself, at a rate of which 20 closed deals are known."""
    chance, deals = Random(1), [900.0, 4000.0, 300.0, 12_000.0, 2500.0, 700.0, 5000.0]
    known = Beta.counted(7, 20)
    one = Chance(Decimal(7) / 20, known.mean, known.variance)
    for amount in deals:
        one.add(1, Decimal(amount), amount**2)
    worth = worth_of([one])
    assert worth.value == sum(map(Decimal, deals)) * 7 / 20
    brought = []
    for _run in range(4000):
        rate = chance.betavariate(known.hits, known.misses)
        brought.append(sum(amount for amount in deals if chance.random() < rate))
    assert fmean(brought) == pytest.approx(one.expected, rel=0.03)
    assert pstdev(brought) == pytest.approx(math.sqrt(one.spread), rel=0.03)
    assert 0.93 < sum(worth.low <= each <= worth.high for each in brought) / 4000 < 0.98


def test_one_open_deal_brings_all_or_nothing_and_none_brings_nothing() -> None:
    one = Chance(Decimal("0.4"), 0.4, 0.0)
    one.add(1, Decimal(1000), 1000.0**2)
    worth = worth_of([one])
    assert [float(worth.value), worth.low, worth.high] == [400.0, 0.0, 1000.0]
    assert [worth_of([]).low, worth_of([]).high] == [0.0, 0.0]


SHOWN = [
    (0.49, 0.0, 0.49, "0.49 (0 to 1)"),
    (2.5, 1.4, 2.5, "2.50 (1 to 3)"),
    (2.5, 2.5, 7.2, "2.50 (2 to 8)"),
    (1.996, 1.996, 3.0, "2 (1 to 3)"),
    (400.0, 0.0, 1000.0, "400 (0 to 1,000)"),
    (12.345, 12.345, 12.345, "12.35"),
]


@pytest.mark.parametrize(("value", "low", "high", "wanted"), SHOWN)
def test_what_is_shown_of_a_span_holds_its_value(
    value: float, low: float, high: float, wanted: str
) -> None:
    assert str(pipeline.worth(Worth(Decimal(str(value)), low, high))) == wanted
