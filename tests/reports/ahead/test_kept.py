"""Forecasts are kept once a week, never change, and know nothing of what came later."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact, Deal
from contacts.models.sales import Pipeline, Stage
from scoring.engine.models import Cause, ScoreChange, Track
from scoring.reports.ahead import jobs, turned_out
from scoring.reports.ahead.foretelling import AS_NOW, Foretold, foretold
from scoring.reports.ahead.looks import Look
from scoring.reports.ahead.models import ForecastMade
from scoring.reports.ahead.seen import Seen, look_back
from scoring.reports.ahead.turned_out import Score, Told
from scoring.reports.kinds import forecast
from scoring.reports.kinds.forecast import Forecast
from scoring.reports.periods import Period
from scoring.reports.statistics.foresight import Band, Times
from scoring.reports.values import Raw
from tests.engine.scored import MODEL, go_live
from tests.reports.reporting import charts, question, raws, table

MONDAY = datetime(2026, 3, 30, tzinfo=UTC)
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def outcomes() -> dict[str, Stage]:
    pipeline = Pipeline.objects.get_or_create(name="P")[0]
    return {
        name: Stage.objects.get_or_create(pipeline=pipeline, name=name, outcome=name)[0]
        for name in ("open", "won", "lost")
    }


def store(track: Track, seed: int, first: datetime, days: int) -> None:
    """Some leads a day from this day on; half of them hot at once, with a deal, mostly won."""
    chance, by = Random(seed), outcomes()
    for at in (first + day * DAY for day in range(days)):
        for number in range(chance.randint(0, 2)):
            contact = Contact.objects.create(email=f"{at:%m%d}{number}@x.example", created_at=at)
            ScoreChange.objects.create(
                track=track, contact=contact, revision=1, version=track.version, as_of=at,
                cause=Cause.ACTIVITY, written_at=timezone.now(), band="hot", total=60,
            )  # fmt: skip
            if number:
                closed = at + chance.randint(3, 20) * DAY
                stage = by["open" if closed > NOW else chance.choice(["won", "won", "lost"])]
                Deal.objects.create(
                    name="d", contact=contact, stage=stage, amount=chance.randint(1, 9) * 100,
                    opened_at=at + DAY, closed_at=None if stage == by["open"] else closed,
                )  # fmt: skip


def quickly(seen: Seen, bands: Sequence[str], times: Times = AS_NOW, runs: int = 40) -> Foretold:
    return foretold(seen, bands, times, min(runs, 40))


@pytest.fixture
def few_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared here does not depend on how often the future is drawn."""
    for module in (jobs, turned_out, forecast):
        monkeypatch.setattr(module, "foretold", quickly)


@pytest.mark.django_db
@pytest.mark.usefixtures("few_runs")
class TestKeeping:
    def test_one_is_kept_a_week_and_what_comes_later_changes_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        track = go_live(MODEL)
        store(track, 1, MONDAY - 90 * DAY, 90)
        monkeypatch.setattr(timezone, "now", lambda: MONDAY + timedelta(hours=30))
        assert [jobs.keep_forecasts() for _time in range(2)] == [1, 0]
        [made] = ForecastMade.objects.all()
        assert (made.as_of, made.last, made.band) == (MONDAY, date(2026, 3, 29), "hot")
        assert set(made.spans) == {"leads", "entries", "opportunities", "customers", "revenue"}
        # Whoever asks the same later, when more has happened, is told the same.
        store(track, 2, MONDAY, 60)
        ForecastMade.objects.all().delete()
        jobs.keep(track, MONDAY)
        assert ForecastMade.objects.get().spans == made.spans
        monkeypatch.setattr(timezone, "now", lambda: MONDAY + timedelta(days=8))
        assert jobs.keep_forecasts() == 1
        assert ForecastMade.objects.count() == 2

    def test_without_enough_an_empty_one_is_kept_and_shown_nowhere(self) -> None:
        track = go_live(MODEL)
        assert [jobs.keep_forecasts() for _time in range(2)] == [1, 0]
        assert ForecastMade.objects.get().spans == {}
        assert turned_out.kept_looks(question(model=track.model, now=NOW)) == []

    def test_what_came_stands_beside_what_was_expected(
        self,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        track = go_live(MODEL)
        store(track, 3, MONDAY - 120 * DAY, 210)
        for week in range(3):
            jobs.keep(track, MONDAY + 7 * week * DAY)
        asked = question(date(2025, 7, 1), date(2026, 6, 30), model=track.model, now=NOW)
        # As many however many were kept and tried.
        with django_assert_max_num_queries(10):
            made = Forecast().make(asked)
        rows = raws(table(made, "kept-each"))
        leads = Contact.objects.filter(created_at__gte=MONDAY, created_at__lt=MONDAY + 28 * DAY)
        told = ForecastMade.objects.get(as_of=MONDAY).spans["leads"][3]
        assert [row for row in rows if row[:2] == [MONDAY.date(), "Leads"]] == [
            [MONDAY.date(), "Leads", told[0], told[1], told[2], leads.count()]
        ]
        won = Deal.objects.filter(closed_at__range=(MONDAY, MONDAY + 28 * DAY), stage__name="won")
        assert came(rows, "Customers") == won.count()
        assert came(rows, "Revenue") == sum(float(deal.amount or 0) for deal in won)
        assert [row[1] for row in raws(table(made, "kept-scores")) if "Leads" in str(row[0])] == [
            3,
            3,
            2,
        ]
        assert {"kept-leads", "tried-leads"} <= set(charts(made))
        # Of those who were asked for nothing was kept.
        narrowed = Forecast().make(question(model=track.model, now=NOW, source="Fair"))
        assert not any(section.title.startswith("Tried") for section in narrowed)


def came(rows: Sequence[list[Raw]], title: str) -> Raw:
    [found] = [row[5] for row in rows if row[:2] == [MONDAY.date(), title]]
    return found


TIMES = st.none() | st.integers(0, 100)
MOVES = st.lists(st.tuples(st.integers(0, 90), TIMES, TIMES, TIMES, st.booleans()), max_size=6)


class TestAgainstASlowCalculation(TestCase):
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(MOVES)
    def test_what_came_after_a_look_is_that_of_each_lead(
        self, drawn: list[tuple[int, int | None, int | None, int | None, bool]]
    ) -> None:
        """Days since the first one; the look is from the 28th, twelve weeks ahead."""
        track, by = go_live(MODEL), outcomes()
        start = datetime(2026, 3, 2, tzinfo=UTC)
        wanted: dict[str, list[int]] = {name: [0] * 12 for name in ("leads", "hot", "deal", "won")}

        def note(name: str, day: int | None) -> None:
            if day is not None and 28 <= day < 112:
                wanted[name][(day - 28) // 7] += 1

        for number, (entered, left, opened, closed, is_won) in enumerate(drawn):
            contact = Contact.objects.create(
                email=f"c{number}@x.example", created_at=start + entered * DAY
            )
            moves: list[tuple[int, int, str, str | None]] = [(1, entered, "hot", None)]
            moves += [] if left is None else [(2, entered + left, "cold", "hot")]
            for revision, at, band, before in moves:
                ScoreChange.objects.create(
                    track=track, contact=contact, revision=revision, version=track.version,
                    as_of=start + at * DAY, cause=Cause.ACTIVITY, written_at=timezone.now(),
                    band=band, band_before=before, total=60,
                )  # fmt: skip
            note("leads", entered)
            note("hot", entered)
            if opened is None:
                continue
            at = entered + opened
            done = None if closed is None else at + closed
            over = done is not None and start + done * DAY < NOW
            stage = by["open"] if not over else by["won" if is_won else "lost"]
            Deal.objects.create(
                name="d", contact=contact, stage=stage, opened_at=start + at * DAY,
                closed_at=start + done * DAY if over and done is not None else None,
            )  # fmt: skip
            if start + at * DAY < NOW:
                # A deal after the band was left is one of the band that was entered then.
                note("deal", at)
                note("won", done if over and is_won else None)
        zone = question().period.zone
        look = Look(Period(start.date(), date(2026, 3, 29), zone), start + 28 * DAY)
        seen = Seen(look)
        look_back(question(model=track.model, now=NOW), track, [seen])
        found = seen.came
        assert found.leads == wanted["leads"]
        assert found.entries.get("hot", [0] * 12) == wanted["hot"]
        assert found.customers == wanted["won"]
        on_leaving = sum(one[2] is not None and one[1] == one[2] for one in drawn)
        assert 0 <= sum(found.opportunities) - sum(wanted["deal"]) <= on_leaving


@pytest.mark.once
def test_how_well_it_was_told_is_counted_over_all_forecasts() -> None:
    band = Band(10, 8, 12, 5, 15)
    told = [
        Told(date(2026, 3, 30), 12, {"leads": [band] * 12}, {"leads": [number] + [0] * 11})
        for number in (9, 14, 40)
    ]
    score = next(turned_out.scores(told))
    assert isinstance(score, Score)
    assert [score.inside(share).count for share in (80, 95)] == [1, 2]
    assert (score.error, score.bias) == ((1 + 4 + 30) / 3, (-1 + 4 + 30) / 3)
    assert score.bias_share == pytest.approx(33 / 30)
    young = [Told(date(2026, 6, 15), 3, {"leads": [band] * 12}, {"leads": [1] * 12})]
    assert list(turned_out.scores(young)) == []
