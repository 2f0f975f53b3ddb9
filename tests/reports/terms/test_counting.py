"""Every figure of a goal equals what is counted row by row; whoever is behind it is counted."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from contacts.models import Deal, FieldChange, Lifecycle, Stage
from contacts.weekly_hours import Hours
from contacts.working_time import WorkingTime
from scoring.criteria.models import ScoringModel
from scoring.engine.models import Cause, ScoreChange, Track
from scoring.engine.proportions import Proportion
from scoring.pipeline.feedback.models import Handover, RejectionReason
from scoring.reports.asking import Question
from scoring.reports.kinds.goals import Goals
from scoring.reports.loop.facts import deals_of, reached_of
from scoring.reports.periods import Grain, Period
from scoring.reports.terms.counting import Counter, Part
from scoring.reports.terms.models import Goal, Terms, What
from scoring.reports.terms.progress import (
    Piece,
    Progress,
    Standing,
    passed,
    pieces_of,
    progress_of,
)
from scoring.reports.terms.sections import key_of
from tests.engine.scored import MODEL, go_live, person
from tests.reports.reporting import figures, question, raws, table, words

START = datetime(2026, 3, 2, tzinfo=UTC)
# Four weeks, of which the last is not over.
FIRST, LAST = date(2026, 3, 2), date(2026, 3, 29)
NOW = START + timedelta(days=24, hours=5)
HOURS = st.integers(-100, 24 * 27)
MAYBE = st.none() | HOURS
WHO = st.integers(0, 3)
BANDS = ["cold", "warm", "hot"]
STAGES = ["mql", "sql", "opportunity", "customer"]


class Hand(NamedTuple):
    who: int
    respond_by: int | None
    responded: int | None
    feedback_by: int | None
    answered: int | None
    rejected: bool


class Case(NamedTuple):
    """All instants in hours since the first day; a sale is opened, closed, and won or not."""

    steps: list[tuple[int, int, str | None]]
    changes: list[tuple[int, int, str]]
    sales: list[tuple[int, int | None, int | None, bool]]
    hands: list[Hand]


CASES = st.builds(
    Case,
    st.lists(
        st.tuples(WHO, HOURS, st.none() | st.sampled_from(BANDS)),
        max_size=10, unique_by=lambda step: step[:2],
    ),
    st.lists(st.tuples(WHO, HOURS, st.sampled_from([*STAGES, "lead", "lost"])), max_size=6),
    st.lists(st.tuples(WHO, MAYBE, MAYBE, st.booleans()), max_size=5),
    st.lists(st.builds(Hand, WHO, MAYBE, MAYBE, MAYBE, MAYBE, st.booleans()), max_size=8),
)  # fmt: skip
GOALS = {(What.BAND, "warm"): 3, (What.BAND, "hot"): 2, (What.RESPONSE, ""): 80,
         (What.ANSWER, ""): 90, **{(What(stage), ""): 2 for stage in STAGES}}  # fmt: skip


def terms_of(model: ScoringModel, goals: dict[tuple[What, str], int], **more: Any) -> Terms:
    given = {"number": 1, "every": "week", "agreed_at": START - timedelta(days=9), **more}
    terms = Terms.objects.create(model=model, made_name="marta", **given)
    for (what, band), number in goals.items():
        Goal.objects.create(terms=terms, what=what, band=band, number=number)
    return terms


def at(hours: int | None) -> Any:
    return None if hours is None else START + timedelta(hours=hours)


def store(track: Track, case: Case) -> None:
    people = [person(f"c{place}") for place in range(4)]
    FieldChange.objects.all().delete()
    before: dict[int, str | None] = {}
    for number, (who, hours, band) in enumerate(sorted(case.steps, key=lambda step: step[1])):
        ScoreChange.objects.create(
            track=track, contact=people[who], revision=number + 1, version=track.version,
            cause=Cause.ACTIVITY, as_of=at(hours), written_at=timezone.now(),
            band_before=before.get(who), band=band, total=None if band is None else 1,
        )  # fmt: skip
        before[who] = band
    for who, hours, after in case.changes:
        FieldChange.objects.create(
            contact=people[who], field="lifecycle", after=after, changed_at=at(hours)
        )
    won, opened = Stage.objects.get(name="Won"), Stage.objects.filter(outcome="open").first()
    assert opened is not None
    for who, begun, closed, is_won in case.sales:
        Deal.objects.create(
            name="d", contact=people[who], stage=won if is_won else opened,
            opened_at=at(begun), closed_at=at(closed),
        )  # fmt: skip
    reason = RejectionReason.objects.first()
    for place, hand in enumerate(case.hands):
        verdict = "" if hand.answered is None else "rejected" if hand.rejected else "accepted"
        # One that waits for an answer is one of a contact.
        lead = people[hand.who] if verdict else person(f"w{place}")
        Handover.objects.create(
            contact=lead, model=track.model, band="hot", handed_at=at(-99),
            respond_by=at(hand.respond_by), responded_at=at(hand.responded),
            feedback_by=at(hand.feedback_by), answered_at=at(hand.answered),
            verdict=verdict, reason=reason if verdict == "rejected" else None,
        )  # fmt: skip


def week_of(hours: int | None) -> int | None:
    """Of the four; None for what is before them or still to come."""
    known = hours is not None and 0 <= hours < (NOW - START) / timedelta(hours=1)
    return hours // 168 if known and hours is not None else None


def slow_band(case: Case, band: str) -> list[int]:
    upper = BANDS[BANDS.index(band) :]
    course: dict[int, str | None] = {}
    found: set[tuple[int, int]] = set()
    for who, hours, after in sorted(case.steps, key=lambda step: step[1]):
        week = week_of(hours)
        if after in upper and course.get(who) not in upper and week is not None:
            found.add((who, week))
        course[who] = after
    return [sum(week == place for _who, week in found) for place in range(4)]


def slow_stage(case: Case, stage: str) -> list[int]:
    past = STAGES[STAGES.index(stage) :]
    signs = [(who, hours) for who, hours, after in case.changes if after in past]
    for who, begun, closed, is_won in case.sales:
        signs += [(who, closed)] if is_won and closed is not None else []
        signs += [(who, begun)] if stage != "customer" and begun is not None else []
    firsts = {who: min(hours for one, hours in signs if one == who) for who, _hours in signs}
    return [sum(week_of(hours) == place for hours in firsts.values()) for place in range(4)]


def slow_due(case: Case, what: What, week: int) -> list[tuple[str, bool]]:
    """Whose promise fell due in that week, and whether it was kept."""
    found = []
    for place, hand in enumerate(case.hands):
        by, done = (
            (hand.respond_by, hand.responded)
            if what is What.RESPONSE
            else (hand.feedback_by, hand.answered)
        )
        answered = hand.answered is not None
        spared = what is What.RESPONSE and done is None and hand.rejected and answered
        if by is not None and week_of(by) == week and not spared:
            name = f"c{hand.who}" if answered else f"w{place}"
            found.append((f"{name}@x.example", done is not None and done <= by))
    return found


def slow_share(case: Case, what: What) -> list[float | None]:
    weeks = [[kept for _who, kept in slow_due(case, what, week)] for week in range(4)]
    return [100 * sum(kept) / len(kept) if kept else None for kept in weeks]


def expected(case: Case, goal: Goal) -> Sequence[float | None]:
    if goal.kind is What.BAND:
        return slow_band(case, goal.band)
    return slow_share(case, goal.kind) if goal.kind.is_share else slow_stage(case, goal.what)


def behind(track: Track, key: str) -> set[str]:
    found = Goals().behind(asked(track), key)
    assert found is not None
    return set(found.values_list("email_key", flat=True))


def asked(track: Track, **more: Any) -> Question:
    return question(FIRST, LAST, **{"model": track.model, "now": NOW, **more})


class TestAgainstASlowCalculation(TestCase):
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(CASES)
    def test_every_week_of_every_goal_equals_a_count_row_by_row(self, case: Case) -> None:
        track = go_live(MODEL)
        terms = terms_of(track.model, GOALS)
        store(track, case)
        found = progress_of(terms, asked(track))
        for one in found:
            assert [piece.number for piece in one.pieces] == pytest.approx(
                expected(case, one.goal), nan_ok=True
            ), one.goal.what
            for week, piece in enumerate(one.pieces):
                all_of_them = behind(track, key_of(one.goal, piece.period))
                assert piece.count in (None, len(all_of_them))
                if piece.share is None:
                    continue
                due = slow_due(case, one.goal.kind, week)
                kept = behind(track, key_of(one.goal, piece.period, Part.KEPT))
                late = behind(track, key_of(one.goal, piece.period, Part.LATE))
                assert all_of_them == {who for who, _kept in due}
                assert kept == {who for who, is_kept in due if is_kept}
                assert late == {who for who, is_kept in due if not is_kept}
        # The closed loop says the same of each stage.
        loop = reached_of(asked(track), deals_of(asked(track))).values()
        for place, stage in enumerate(STAGES):
            times = [reached[place] for reached in loop]
            [same] = [one for one in found if one.goal.what == stage]
            inside = [each for each in times if each is not None and START <= each < NOW]
            assert sum(piece.count or 0 for piece in same.pieces) == len(inside)


@pytest.fixture
def track(db: None) -> Track:
    return go_live(MODEL)


HAND = Hand(0, 10, 12, 20, 15, False)


def test_the_late_ones_alone_are_behind_their_own_figure(track: Track) -> None:
    terms = terms_of(track.model, {(What.RESPONSE, ""): 80})
    store(track, Case([], [], [], [HAND, HAND._replace(who=1, responded=9)]))
    goal, week = terms.goals.get(), Period(FIRST, FIRST + timedelta(days=6), ZoneInfo("UTC"))
    assert behind(track, key_of(goal, week, Part.LATE)) == {"c0@x.example"}
    assert behind(track, key_of(goal, week, Part.KEPT)) == {"c1@x.example"}


@pytest.mark.parametrize(
    "key",
    ["", "goal", "goal|band|hot|x|y|all", "goal|band|none|2026-03-02|2026-03-08|all",
     "goal|mql||2026-03-08|2026-03-02|all", "goal|what||2026-03-02|2026-03-08|all",
     "goal|mql||2026-03-02|2026-03-08|some",
     "goal|mql||9999-12-30|9999-12-31|all", "goal|response||0001-01-01|2026-03-08|late"],
)  # fmt: skip
def test_nobody_is_behind_a_key_that_says_nothing(key: str, track: Track) -> None:
    assert Goals().behind(asked(track), key) is None


STANDINGS = [
    # Goal, how many came, instant, and how it then stands.
    (2, 2, NOW, Standing.REACHED),
    (4, 3, NOW, Standing.ON_THE_WAY),
    (4, 1, NOW, Standing.BEHIND),
    (4, 3, START + timedelta(days=60), Standing.MISSED),
]


@pytest.mark.parametrize(("goal", "came", "now", "standing"), STANDINGS)
def test_it_stands_by_what_is_to_be_expected_by_now(
    goal: int, came: int, now: datetime, standing: Standing, track: Track
) -> None:
    terms = terms_of(track.model, {(What.MQL, ""): goal})
    # The fourth week, of which about half is over.
    store(track, Case([], [(who, 24 * 22, "mql") for who in range(came)], [], []))
    [one] = progress_of(terms, asked(track, now=now))
    assert (one.now.count, one.standing) == (came, standing)


DAYS = [
    # In Madrid the clock leaps on the 29th of March and the 25th of October: 743 and 745 hours.
    (date(2026, 3, 1), "Europe/Madrid", "2026-03-16T10:30", 0.5),
    (date(2026, 10, 1), "Europe/Madrid", "2026-10-16T10:30", 0.5),
    (date(2026, 3, 1), "UTC", "2026-03-16T12:00", 0.5),
    (date(2026, 3, 1), "Europe/Madrid", "2026-02-28T23:00", 0.0),
    (date(2026, 3, 1), "Europe/Madrid", "2026-03-31T22:00", 1.0),
    (date(2026, 3, 1), "Pacific/Auckland", "2030-01-01T00:00", 1.0),
]


@pytest.mark.once
def test_a_share_that_is_exactly_what_was_agreed_reaches_it() -> None:
    week = Period(FIRST, LAST, ZoneInfo("UTC"))
    for count in range(100):
        piece = Piece(week, None, Proportion(count, 100), None, 1.0, is_over=True)
        assert piece.standing(count) is Standing.REACHED, count
        assert piece.standing(count + 1) is Standing.MISSED, count


@pytest.mark.once
@pytest.mark.parametrize(("first", "zone", "now", "share"), DAYS)
def test_where_people_always_work_the_time_that_is_over_is_counted_in_real_hours(
    first: date, zone: str, now: str, share: float
) -> None:
    month = Period(first, date(first.year, first.month, 31), ZoneInfo(zone))
    instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
    always = WorkingTime(ZoneInfo(zone), ((Hours(0, 1440),),) * 7)
    assert passed(month, instant, always) == share
    # Also where both ends and now are of one zone, which are subtracted by their clocks.
    assert passed(month, instant.astimezone(ZoneInfo(zone)), always) == share


NINE_TO_FIVE, OFF = (Hours(540, 1020),), ()
WEEK_DAYS = (*[NINE_TO_FIVE] * 5, OFF, OFF)
# Of the week from the second of March, a Monday, in Madrid: when, holidays, what is over.
OVER = [
    ("2026-03-02T00:00", [], 0.0),
    ("2026-03-02T07:59", [], 0.0),
    ("2026-03-02T12:00", [], 0.1),
    ("2026-03-04T16:00", [], 0.6),
    ("2026-03-06T16:00", [], 1.0),
    ("2026-03-08T10:00", [], 1.0),
    # The Monday is a holiday: four days of work are left.
    ("2026-03-03T16:00", [2], 0.25),
    ("2026-03-07T10:00", [2], 1.0),
    # Nobody works, so nothing is to be expected before it is over.
    ("2026-03-07T10:00", [2, 3, 4, 5, 6], 0.0),
    ("2026-03-08T23:00", [2, 3, 4, 5, 6], 1.0),
]


@pytest.mark.once
@pytest.mark.parametrize(("now", "holidays", "share"), OVER)
def test_weekends_nights_and_holidays_are_no_time_in_which_leads_are_expected(
    now: str, holidays: list[int], share: float
) -> None:
    madrid = ZoneInfo("Europe/Madrid")
    free = frozenset(date(2026, 3, day) for day in holidays)
    week = Period(date(2026, 3, 2), date(2026, 3, 8), madrid)
    working = WorkingTime(madrid, WEEK_DAYS, free)
    assert passed(week, datetime.fromisoformat(now).replace(tzinfo=UTC), working) == share


def test_what_is_missing_on_friday_evening_is_behind_and_may_still_come(track: Track) -> None:
    terms = terms_of(track.model, {(What.MQL, ""): 2})
    store(track, Case([], [(0, 24 * 22, "mql")], [], []))
    standings = []
    for now in (START + timedelta(days=25, hours=23), START + timedelta(days=28)):
        [one] = progress_of(terms, asked(track, now=now))
        standings.append(one.now.standing(2) if one.now.period.last == LAST else None)
    assert standings == [Standing.BEHIND, Standing.MISSED]


def test_who_came_to_a_stage_in_a_month_is_found_by_an_index_of_its_own(track: Track) -> None:
    rows, column = next(Counter(asked(track), track).signs(Lifecycle.MQL))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # The table is so small that reading all of it would cost less.
            cursor.execute("SET LOCAL enable_seqscan = off")
    during = rows.filter((f"{column}__gte", START), (f"{column}__lt", NOW)).order_by()
    assert "field_change_lifecycle" in during.explain()


def test_a_lead_at_midnight_belongs_to_the_month_of_the_teams_clock(track: Track) -> None:
    terms = terms_of(track.model, {(What.MQL, ""): 1}, every="month")
    # 30 minutes past midnight of the first of April in Madrid is still March in UTC.
    FieldChange.objects.create(
        contact=person("ana"), field="lifecycle", after="mql",
        changed_at=datetime(2026, 3, 31, 22, 30, tzinfo=UTC),
    )  # fmt: skip
    now = datetime(2026, 4, 10, tzinfo=UTC)
    for zone, counts in (("Europe/Madrid", [0, 1]), ("UTC", [1, 0])):
        days = (date(2026, 3, 15), date(2026, 4, 10))
        of_zone = question(*days, model=track.model, now=now, zone=zone)
        [one] = progress_of(terms, of_zone)
        assert [piece.count for piece in one.pieces] == counts, zone


@pytest.mark.once
def test_the_pieces_are_whole_ones_and_none_is_to_come() -> None:
    asked = question(date(2026, 2, 20), date(2027, 1, 1), now=datetime(2026, 3, 31, 12, tzinfo=UTC))
    assert [piece.first for piece in pieces_of(asked, Grain.MONTH)] == [
        date(2026, 2, 1), date(2026, 3, 1),
    ]  # fmt: skip
    ahead = question(date(2026, 6, 1), date(2026, 7, 1), now=datetime(2026, 3, 31, 12, tzinfo=UTC))
    assert [piece.last for piece in pieces_of(ahead, Grain.WEEK)] == [date(2026, 4, 5)]


def test_each_week_is_measured_by_what_was_agreed_then(track: Track) -> None:
    old = terms_of(
        track.model, {(What.MQL, ""): 5}, agreed_at=START + timedelta(days=8),
        ended_at=START + timedelta(days=20),
    )  # fmt: skip
    new = terms_of(track.model, {(What.MQL, ""): 9}, number=2, agreed_at=old.ended_at)
    [one] = progress_of(new, asked(track))
    assert [piece.goal for piece in one.pieces] == [None, 5, 9, 9]
    Terms.objects.filter(pk=old.pk).update(every="month")
    [one] = progress_of(new, asked(track))
    assert [piece.goal for piece in one.pieces] == [None, None, 9, 9]


def test_a_band_that_is_gone_and_what_never_fell_due_are_no_error(track: Track) -> None:
    goals = {(What.BAND, "scorching"): 4, (What.RESPONSE, ""): 90, (What.CUSTOMER, ""): 1}
    terms_of(track.model, goals)
    made = Goals().make(asked(track))
    assert list(figures(made).values()) == [None, None, 0]
    states = [row[-1] for row in raws(table(made, "goals"))]
    assert states == ["nothing to judge by yet", "nothing to judge by yet", "behind"]


def test_it_says_whether_the_terms_hold_and_what_they_mean(track: Track) -> None:
    assert "have not agreed" in words(Goals().make(asked(track)))[0]
    terms = terms_of(track.model, {(What.MQL, ""): 1}, agreed_at=None, mql="Fits and asked")
    made = Goals().make(asked(track))
    assert "the signature of Marketing + Sales is missing" in words(made)[0]
    assert raws(table(made, "meanings"))[0][1] == "Fits and asked"
    assert [row[:2] for row in raws(table(made, "thresholds"))] == [
        ["hot", 60], ["warm", 30], ["cold", None],
    ]  # fmt: skip
    assert raws(table(made, "levels"))[0] == ["hot", "4 h", "16 h"]
    terms.signatures.create(side="sales", username="saul")
    assert "the signature of Marketing is missing" in words(Goals().make(asked(track)))[0]


def test_the_day_since_which_they_hold_is_that_of_the_calendar(track: Track) -> None:
    signed = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    terms_of(track.model, {(What.MQL, ""): 1}, agreed_at=signed)
    for zone, day in (("UTC", "30 Nov 2026"), ("Europe/Madrid", "1 Dec 2026")):
        said = words(Goals().make(asked(track, zone=zone)))[0].replace("\N{NO-BREAK SPACE}", " ")
        assert f"it holds since {day}." in said


def test_without_a_live_model_there_is_nothing_to_agree_on(db: None) -> None:
    assert "No scoring model is live" in words(Goals().make(question()))[0]


def test_it_asks_as_many_queries_for_many_as_for_few(
    track: Track, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    terms_of(track.model, GOALS)
    for place in range(30):
        FieldChange.objects.create(
            contact=person(f"p{place}"), field="lifecycle", after="sql", changed_at=START
        )
    with django_assert_max_num_queries(32):
        Goals().make(asked(track))


def test_the_one_under_way_is_the_last(track: Track) -> None:
    one: Progress = progress_of(terms_of(track.model, {(What.MQL, ""): 7}), asked(track))[0]
    assert one.now.period.first == date(2026, 3, 23)
    # Before dawn on a Thursday three of five working days are over.
    assert one.expected == pytest.approx(7 * 3 / 5)
