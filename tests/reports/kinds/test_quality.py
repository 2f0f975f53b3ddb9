"""Score quality equals what is counted outcome by outcome."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact, Deal, Stage
from scoring.engine.models import Cause, Score, ScoreChange, Track
from scoring.reports.blocks import Table
from scoring.reports.jobs import work_out_reports
from scoring.reports.kinds.quality import Quality
from scoring.reports.making import Behind, answer
from tests.engine.scored import MODEL, go_live, person, visit
from tests.reports.reporting import (
    NOON,
    blocks,
    charts,
    figures,
    opened,
    opened_of,
    question,
    raws,
    table,
    values_that_open,
    words,
)

LIVE: Any = {**MODEL, "objective": {"deal": "won"}, "scenarios": []}
DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
PERIOD = (date(2026, 3, 1), date(2026, 3, 31))


def deal(contact: Contact, *, won: bool, opened: datetime) -> None:
    stage = Stage.objects.get(name="Won" if won else "Lost")
    Deal.objects.create(
        name="d", contact=contact, stage=stage, opened_at=opened, closed_at=opened + DAY
    )


@st.composite
def leads(draw: st.DrawFn) -> list[tuple[bool, int, bool, int]]:
    """Whether a director, how many visits before, whether won, on which day of March."""
    each = st.tuples(st.booleans(), st.integers(0, 2), st.booleans(), st.integers(3, 25))
    return draw(st.lists(each, min_size=1, max_size=8))


def store(drawn: list[tuple[bool, int, bool, int]]) -> list[tuple[int, str, bool]]:
    """The total, the band and the outcome of each, worked out by hand."""
    found = []
    for at, (is_director, visits, won, day) in enumerate(drawn):
        opened = datetime(2026, 3, day, 9, tzinfo=UTC)
        contact = person(f"c{at}", job_title="Director" if is_director else "Clerk")
        midnight = opened.replace(hour=0)
        for number in range(visits):
            visit(contact, timedelta(hours=1 + number), now=midnight)
        visit(contact, timedelta(hours=-1), now=opened)  # after it was opened: does not count
        deal(contact, won=won, opened=opened)
        total = min(80, 30 * is_director + min(55, min(60, 40 * visits)))
        band = "hot" if total >= 60 else "warm" if total >= 30 else "cold"
        found.append((total, band, won))
    return found


class TestAgainstASlowCalculation(TestCase):
    @settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
    @given(leads())
    def test_bands_and_figures_equal_what_is_counted_by_hand(
        self, drawn: list[tuple[bool, int, bool, int]]
    ) -> None:
        known = store(drawn)
        track = go_live(LIVE)
        asked = question(*PERIOD, model=track.model)
        worked_out = Quality().work_out(asked)
        made = worked_out.sections
        for row in raws(table(made, "bands")):
            inside = [won for _total, band, won in known if band == row[0]]
            assert row[1:3] == [len(inside), sum(inside)]
        shown = figures(made)
        won = sum(success for _total, _band, success in known)
        above = [success for total, _band, success in known if total >= 60]
        assert shown["Known outcomes"] == len(known)
        assert shown["Conversion"] == pytest.approx(won / len(known))
        assert shown["Precision"] == (pytest.approx(sum(above) / len(above)) if above else None)
        assert shown["Recall"] == (pytest.approx(sum(above) / won) if won else None)
        totals = raws(table(made, "totals"))
        assert sum(int(str(row[1])) for row in totals) == len(known)
        assert charts(made)["gains"].series[0].numbers[-1] == pytest.approx(1 if won else 0)
        for key, (said, number) in opened_of(Quality(), asked, worked_out).items():
            assert number == said, key
        hot = [(f"c{at}@x.example", one[2]) for at, one in enumerate(known) if one[0] >= 60]
        assert names(worked_out.leads["above"]) == [who for who, _success in hot]
        assert names(worked_out.leads["above_won"]) == [who for who, success in hot if success]


Course = list[tuple[int, int | None]]
# The totals that a contact came to, or that it left the audience, and on which day of 2026.
COURSES: st.SearchStrategy[list[Course]] = st.lists(
    st.lists(
        st.tuples(st.integers(1, 120), st.none() | st.integers(0, 6)),
        max_size=4, unique_by=lambda step: step[0],
    ).map(sorted),
    max_size=6,
)  # fmt: skip


def store_courses(track: Track, courses: list[Course]) -> None:
    for at, course in enumerate(courses):
        contact, before = person(f"c{at}"), None
        for revision, (day, total) in enumerate(course, 1):
            ScoreChange.objects.create(
                track=track, contact=contact, revision=revision, version=track.version,
                cause=Cause.PROFILE, as_of=START + day * DAY, written_at=NOON,
                total_before=before, total=total,
            )  # fmt: skip
            before = total
        if before is not None:
            Score.objects.create(
                track=track, contact=contact, revision=9, total=before, fit=0, interest=0,
                band="cold", grade="", excluded=False, groups=[], breakdown=[], changed_at=NOON,
            )  # fmt: skip


def total_on(course: Course, day: int) -> int | None:
    past = [total for at, total in course if at < day]
    return past[-1] if past else None


class TestStability(TestCase):
    @settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
    @given(COURSES, st.integers(0, 20))
    def test_each_part_opens_into_whoever_had_such_a_total_then(
        self, courses: list[Course], late: int
    ) -> None:
        """What comes after it was worked out changes no list."""
        track = go_live(LIVE)
        store_courses(track, courses)
        asked = question(*PERIOD, model=track.model, now=START + 80 * DAY)
        made = Quality().work_out(asked)
        then = [total_on(course, 59) for course in courses]
        now = [total_on(course, 80) for course in courses]
        later = replace(asked, now=asked.now + late * DAY)
        if not (tables := [one for one in blocks(made.sections) if isinstance(one, Table)]):
            assert {*then} <= {None} or {*now} <= {None}
            return
        for row in tables[0].rows:
            for value, totals in zip(row[1:], (then, now), strict=True):
                if not value.behind:
                    assert value.raw == 0
                    continue
                found = Quality().behind(later, value.behind)
                assert found is not None
                low, high = value.behind.split("|")[2:]
                inside = [
                    f"c{at}@x.example"
                    for at, one in enumerate(totals)
                    if one is not None and int(low or -1) <= one < int(high or 99)
                ]
                assert sorted(found.values_list("email", flat=True)) == inside
                assert value.raw == len(inside)


STRANGE = ["total", "total|x||", "total|2026-03-01||", "total|2026-03-01T00:00:00+00:00|x|",
           "total|0001-01-01T00:00:00+14:00||", "total|9999-12-31T00:00:00+00:00||"]  # fmt: skip


def test_nobody_is_behind_totals_that_say_nothing(track: Track) -> None:
    for key in STRANGE:
        assert Quality().behind(question(*PERIOD, model=track.model), key) is None, key


def names(ids: Sequence[int]) -> list[str]:
    return sorted(Contact.objects.filter(pk__in=ids).values_list("email", flat=True))


@pytest.fixture
def track(db: None) -> Track:
    return go_live(LIVE)


def many(kind: str, number: int, won: int) -> None:
    """Directors who visit are hot, clerks are cold."""
    for at in range(number):
        contact = person(f"{kind}{at}", job_title="Director" if kind == "hot" else "Clerk")
        opened = datetime(2026, 3, 10, 9, tzinfo=UTC)
        if kind == "hot":
            visit(contact, timedelta(hours=2), now=opened.replace(hour=0))
        deal(contact, won=at < won, opened=opened)


def test_bands_the_wrong_way_round_raise_an_alarm(track: Track) -> None:
    many("hot", 12, 0)
    many("cold", 12, 12)
    said = words(Quality().make(question(*PERIOD, model=track.model)))
    # Warm, between them, has nobody.
    assert any("“hot” converts worse than “cold”" in each for each in said)
    many_warm(12)
    said = words(Quality().make(question(*PERIOD, model=track.model)))
    assert any("“hot” converts worse than “warm”" in each for each in said)


def test_what_became_known_at_midnight_is_of_the_day_that_begins(track: Track) -> None:
    """Imported days have no hour. The last instant of March is of it, the first of April is not."""
    for at, closed in enumerate([(3, 1), (4, 1)]):
        contact = person(f"midnight{at}", job_title="Director")
        deal(contact, won=True, opened=datetime(2026, *closed, tzinfo=UTC) - DAY)
    for month, last in ((3, 31), (4, 30)):
        days, now = (
            (date(2026, month, 1), date(2026, month, last)),
            datetime(2026, 6, 1, tzinfo=UTC),
        )
        asked = question(*days, model=track.model, now=now)
        assert figures(Quality().make(asked))["Known outcomes"] == 1


def many_warm(number: int) -> None:
    for at in range(number):
        contact = person(f"warm{at}", job_title="Director")
        deal(contact, won=True, opened=datetime(2026, 3, 10, 9, tzinfo=UTC))


def test_few_outcomes_are_said_to_be_few(track: Track) -> None:
    many("hot", 2, 1)
    said = words(Quality().make(question(*PERIOD, model=track.model)))
    assert "Only 2 outcomes are known: the intervals say how little that tells." in said


def test_without_an_objective_or_an_outcome_it_says_what_to_do(db: None) -> None:
    made = Quality().make(question(*PERIOD, model=go_live(MODEL).model))
    assert "Set its objective" in words(made)[0]
    made = Quality().make(question(*PERIOD, model=go_live(LIVE).model))
    assert "No outcome became known" in words(made)[0]


def test_behind_a_band_are_its_leads_as_they_were_kept_whatever_the_language(
    track: Track, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many("hot", 3, 1)
    many("cold", 2, 0)
    asked = question(*PERIOD, model=track.model)
    assert Behind(Quality(), asked).figure("band:hot") is None
    answer(Quality(), asked)
    with translation.override("es"):
        answer(Quality(), asked)
    while work_out_reports():
        pass
    many("late", 1, 1)
    for key, names in (("band:hot", ["hot0", "hot1", "hot2"]), ("won:hot", ["hot0"])):
        with django_assert_max_num_queries(2):
            found = Behind(Quality(), asked).figure(key)
            assert found is not None
            assert sorted(contact.email for contact in found) == [
                f"{name}@x.example" for name in names
            ]
    assert Behind(Quality(), asked).figure("other:hot") is None


def test_every_number_of_outcomes_opens_into_as_many_leads(track: Track) -> None:
    many("hot", 3, 1)
    many("cold", 2, 0)
    made = Quality().work_out(question(*PERIOD, model=track.model))
    found = opened(Quality(), question(*PERIOD, model=track.model))
    for key, (said, number) in found.items():
        assert number == said, key
    keys = {value.behind for value in values_that_open(made.sections)}
    assert keys == {
        "known", "won", "part:0", "part_won:0", "part:1", "part_won:1",
        "above_won", "gained:0", "gained:1", "band:hot", "won:hot", "band:cold", "won:cold",
    }  # fmt: skip


@pytest.mark.django_db
def test_totals_at_the_beginning_are_todays_with_the_changes_taken_back() -> None:
    directors = [person(f"c{at}", job_title="Director") for at in range(20)]
    track = go_live(LIVE, NOON - 60 * DAY)
    for contact in directors[:10]:
        ScoreChange.objects.create(
            track=track, contact=contact, revision=90, version=track.version,
            cause=Cause.PROFILE, as_of=NOON - 5 * DAY, written_at=NOON, total_before=0, total=30,
            band_before="cold", band="warm",
        )  # fmt: skip
    made = Quality().make(question(*PERIOD, model=track.model))
    assert raws(table(made, "stability")) == [["below 30", 10, 0], ["30 and more", 10, 20]]
    assert figures(made)["Stability index"] == pytest.approx(1.768, abs=0.001)
    assert any("quite differently" in said for said in words(made))


def test_it_asks_a_number_of_queries_that_does_not_grow_with_the_leads(track: Track) -> None:
    counts = []
    for number in (2, 12):
        many("hot", number, 1)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            Quality().make(question(*PERIOD, model=track.model))
        counts.append(len(asked))
    assert counts[1] <= counts[0] <= 60
