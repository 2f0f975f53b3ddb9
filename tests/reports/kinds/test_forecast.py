"""The forecast rests on what is counted lead by lead, and simulates the means of that."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact, Deal
from contacts.models.sales import Pipeline, Stage
from scoring.engine.models import Cause, ScoreChange, Track
from scoring.reports import chain
from scoring.reports.asking import Question, ask
from scoring.reports.jobs import work_out_reports
from scoring.reports.kinds.forecast import Forecast
from scoring.reports.statistics.foresight import Known, Step, band_of, simulated
from tests.engine.scored import MODEL, go_live
from tests.reports.reporting import question, raws, table, total, words

FIRST, LAST = date(2026, 3, 2), date(2026, 4, 26)  # eight weeks from a Monday
START = datetime(2026, 3, 2, tzinfo=UTC)
NOW = datetime(2026, 4, 27, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Drawn(NamedTuple):
    """Days since the start, later ones since the one before; None: that never was."""

    entered: int
    left: int | None
    opened: int | None
    closed: int | None
    won: bool

    @property
    def instants(self) -> tuple[datetime, datetime | None, datetime | None, datetime | None]:
        entered = START + self.entered * DAY
        left = None if self.left is None else entered + self.left * DAY
        opened = None if self.opened is None else entered + self.opened * DAY
        closed = None if opened is None or self.closed is None else opened + self.closed * DAY
        return entered, left, opened, closed


AFTER = st.one_of(st.none(), st.integers(1, 70))
DRAWN = st.lists(
    st.builds(Drawn, st.integers(-5, 60), AFTER, AFTER, AFTER, st.booleans()), max_size=8
)


def stages() -> dict[str, Stage]:
    pipeline, _new = Pipeline.objects.get_or_create(name="P")
    return {
        outcome: Stage.objects.get_or_create(
            pipeline=pipeline, name=outcome, defaults={"outcome": outcome, "probability": 40}
        )[0]
        for outcome in ("open", "won", "lost")
    }


def changed(
    track: Track, contact: Contact, revision: int, at: datetime, bands: Sequence[Any]
) -> None:
    ScoreChange.objects.create(
        track=track, contact=contact, revision=revision, version=track.version,
        cause=Cause.ACTIVITY, as_of=at, written_at=timezone.now(), band_before=bands[0],
        band=bands[1], total=1,
    )  # fmt: skip


def store(track: Track, rows: Sequence[Drawn]) -> None:
    by = stages()
    for at, row in enumerate(rows):
        entered, left, opened, closed = row.instants
        contact = Contact.objects.create(email=f"c{at}@x.example", created_at=entered)
        changed(track, contact, 1, entered, (None, "hot"))
        # Only the total moved: the stay goes on.
        changed(track, contact, 2, entered, ("hot", "hot"))
        if left is not None and left < NOW:
            changed(track, contact, 3, left, ("hot", "cold"))
        if opened is not None and opened < NOW:
            done = closed if closed is not None and closed < NOW else None
            stage = by["open"] if done is None else by["won" if row.won else "lost"]
            Deal.objects.create(
                name="d", contact=contact, stage=stage, amount=100, opened_at=opened, closed_at=done
            )


def slow_reached(rows: Sequence[tuple[int, bool]], until: int) -> float:
    """Kaplan and Meier's product, day by day."""
    left = 1.0
    for day in range(until + 1):
        at_risk = sum(time >= day for time, _came in rows)
        came = sum(time == day and happened for time, happened in rows)
        left *= 1 - came / at_risk if at_risk else 1
    return 1 - left


def cases(rows: Sequence[Drawn]) -> list[tuple[int, bool]]:
    found = []
    for row in rows:
        entered, left, opened, _closed = row.instants
        if not START <= entered < START + 56 * DAY:
            continue
        is_in_time = opened is not None and opened < NOW and (left is None or opened <= left)
        came = row.opened if is_in_time else None
        found.append((came if came is not None else (NOW - entered).days, came is not None))
    return found


def asked(track: Track, **more: object) -> Question:
    return question(FIRST, LAST, **{"model": track.model, "now": NOW, **more})


class TestAgainstASlowCalculation(TestCase):
    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(DRAWN)
    def test_times_in_a_band_are_those_of_each_lead(self, rows: list[Drawn]) -> None:
        track = go_live(MODEL)
        store(track, rows)
        period = chain.whole_weeks(asked(track))
        assert period is not None
        assert (period.first, period.last) == (FIRST, LAST)
        found = chain.stays(asked(track), track, period)
        wanted = cases(rows)
        assert (found["hot"].of if wanted else len(found)) == len(wanted)
        for days in (7, 28, 56):
            if wanted:
                assert abs(found["hot"].reached.reached(days) - slow_reached(wanted, days)) < 1e-9
        by_week = chain.leads_by_week(asked(track), period)
        assert by_week == [sum(row.entered // 7 == week for row in rows) for week in range(8)]
        deals = chain.deals(asked(track), period)
        in_period = [
            row for row in rows if (at := row.instants[2]) and START <= at < START + 56 * DAY
        ]
        won = [row for row in in_period if row.won and (at := row.instants[3]) and at < NOW]
        assert (deals.of, deals.reached.events) == (len(in_period), len(won))


STEP = Step(fresh=[0.1] * 12, waiting=[2.0] * 12, events=10_000)
KNOWN = Known([100] * 50, {"hot": 1000}, {"hot": STEP}, STEP, [10.0, 30.0])


def test_the_middle_of_the_runs_is_what_is_expected_on_average() -> None:
    """Summed up by hand: 20 enter a week, each with a tenth for each week from then on."""
    runs = simulated(KNOWN, 12, runs=400)
    opened = [2 + 20 * 0.1 * (week + 1) for week in range(12)]
    bought = [2 + sum(opened[come] * 0.1 for come in range(week + 1)) for week in range(12)]
    for numbers, mean in (
        ([sum(run.leads) for run in runs], 1200),
        ([sum(run.opportunities) for run in runs], sum(opened)),
        ([sum(run.customers) for run in runs], sum(bought)),
        ([sum(run.revenue) for run in runs], 20 * sum(bought)),
    ):
        assert abs(sum(numbers) / len(numbers) / mean - 1) < 0.03


def test_the_same_question_has_the_same_answer_and_wider_spans_hold_more() -> None:
    ways = [[sum(run.customers) for run in simulated(KNOWN, 12, runs=200)] for _way in range(2)]
    assert ways[0] == ways[1]
    band = band_of(ways[0])
    assert band.low95 <= band.low80 <= band.middle <= band.high80 <= band.high95
    inside = sum(band.low80 <= number <= band.high80 for number in ways[0]) / len(ways[0])
    assert 0.75 < inside < 0.9


def test_what_few_events_say_is_less_sure() -> None:
    few = Known([2] * 50, {"hot": 1000}, {"hot": STEP}, Step(STEP.fresh, STEP.waiting, 3), [1.0])
    spans = []
    for known in (KNOWN, few):
        band = band_of([sum(run.customers) for run in simulated(known, 12, runs=200)])
        spans.append(band.high95 - band.low95)
    assert spans[1] > 2 * spans[0]


@pytest.mark.django_db
def test_too_few_leads_are_said_to_be_too_few() -> None:
    track = go_live(MODEL)
    store(track, [Drawn(3, None, None, None, False)] * 1)
    assert words(Forecast().make(asked(track)))[0].startswith("Too few to forecast")
    short = question(FIRST, FIRST, model=track.model, now=NOW)
    assert words(Forecast().make(short))[0].startswith("Too few to forecast")


MANY = [
    Drawn(at, None, 5 if at % 2 else None, 7 if at % 4 == 1 else None, True) for at in range(40)
]


@pytest.mark.django_db
def test_with_enough_it_forecasts_and_weighs_what_is_open(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    track = go_live(MODEL)
    store(track, MANY)
    with django_assert_max_num_queries(12):
        made = Forecast().make(asked(track))
    # Ten were won: too few for customers, and said so.
    assert words(made) == [
        "Fewer than 15 deals of the period were won: too few to forecast customers and revenue."
    ]
    shown = {str(row[0]) for row in raws(table(made, "ahead"))}
    assert shown == {"visits", "leads", "into hot", "opportunities"}
    # Ten open deals of 100; too few were closed to weigh them by band.
    assert total(table(made, "pipeline"))[1:] == [
        10, Decimal(1000), "", Decimal(400), None
    ]  # fmt: skip


@pytest.mark.django_db
def test_what_if_there_were_twice_the_leads() -> None:
    track = go_live(MODEL)
    store(track, MANY)
    usual, twice = (
        raws(table(Forecast().make(asked(track, numbers={"volume": volume})), "ahead"))
        for volume in (100, 200)
    )
    middle = [[row[2] for row in rows if row[0] == "leads"] for rows in (usual, twice)]
    assert 1.8 < middle[1][2] / middle[0][2] < 2.2  # type: ignore[operator]


NUMBERS = [({}, 100), ({"volume": "150"}, 150), ({"volume": "x"}, 100), ({"volume": "-1"}, 100)]


@pytest.mark.django_db
@pytest.mark.parametrize(("given_numbers", "wanted"), NUMBERS, ids=str)
def test_numbers_are_checked_and_stay_in_the_address(
    given_numbers: dict[str, str], wanted: int
) -> None:
    form = ask(given_numbers, Forecast.asks, 365, Forecast.numbers)
    assert form.question().numbers["volume"] == wanted
    assert f"volume={wanted}" in form.question().query()
    assert form.is_valid() is (given_numbers.get("volume") not in ("x", "-1"))


@pytest.mark.django_db
def test_a_worker_works_out_what_was_asked(client: Client, saul: User) -> None:
    go_live(MODEL)
    client.force_login(saul)
    address = reverse("admin:report", args=["forecast"])
    client.get(address, {"volume": "150"})
    assert work_out_reports() == 1
    page = client.get(address, {"volume": "150"}).content.decode()
    assert "Too few to forecast" in page
    assert "What if leads were, in % of now: 150" in page
