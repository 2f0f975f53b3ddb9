"""The bands over time equal what the history says, walked through row by row."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.models import Contact
from scoring.engine.models import Cause, Score, ScoreChange, Track
from scoring.reports.asking import Question
from scoring.reports.blocks import Figures
from scoring.reports.kinds.movement import Movement
from scoring.reports.periods import Grain
from tests.engine.scored import MODEL, go_live, person
from tests.reports.reporting import charts, figures, opened, question, raws, table, words

BANDS = ["cold", "warm", "hot"]
RANK = {None: -2, "excluded": -1, "cold": 0, "warm": 1, "hot": 2}
FIRST = date(2026, 3, 2)  # a Monday
START = datetime(2026, 3, 2, tzinfo=UTC)


class Step(NamedTuple):
    hours: int
    band: str | None


@st.composite
def histories(draw: st.DrawFn) -> list[list[Step]]:
    """For each of some contacts its bands, each from some hour on; from before the period on."""
    steps = st.builds(Step, st.integers(-200, 24 * 40), st.sampled_from([None, "excluded", *BANDS]))
    each = st.lists(steps, max_size=6, unique_by=lambda step: step.hours)
    return draw(st.lists(each, max_size=6))


def sorted_by_hour(steps: list[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: step.hours)


def store(track: Track, histories: list[list[Step]]) -> None:
    for at, steps in enumerate(histories):
        contact = person(f"c{at}")
        before: str | None = None
        revision = 0
        for step in steps:
            if step.band == before:
                continue
            revision += 1
            ScoreChange.objects.create(
                track=track, contact=contact, revision=revision, version=track.version,
                cause=Cause.ACTIVITY, as_of=START + timedelta(hours=step.hours),
                written_at=timezone.now(), band_before=before, band=step.band,
                total=None if step.band is None else 1,
            )  # fmt: skip
            before = step.band
        if before is not None:
            Score.objects.create(
                track=track, contact=contact, revision=revision, total=1, fit=0, interest=0,
                band=before, excluded=before == "excluded", groups=[], breakdown=[],
                changed_at=timezone.now(),
            )  # fmt: skip


def band_at(steps: list[Step], at: datetime) -> str | None:
    past = [step for step in steps if START + timedelta(hours=step.hours) < at]
    return past[-1].band if past else None


def moves_of(steps: list[Step]) -> list[tuple[datetime, str | None, str | None]]:
    """When each move was made, from which band and into which."""
    bands = [None, *(step.band for step in steps)]
    found = zip(steps, bands, bands[1:], strict=False)
    return [(START + timedelta(hours=s.hours), a, b) for s, a, b in found if a != b]


def names_behind(asked: Question, key: str) -> set[str]:
    found = Movement().behind(asked, key)
    assert found is not None
    return {contact.email.partition("@")[0] for contact in found}


class TestAgainstASlowCalculation(TestCase):
    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
    @given(histories())
    def test_stocks_and_entries_equal_those_of_each_history(self, drawn: list[list[Step]]) -> None:
        found = [sorted_by_hour(steps) for steps in drawn]
        track = go_live(MODEL)
        store(track, found)
        asked = question(
            FIRST, date(2026, 3, 29), model=track.model, now=START + timedelta(days=60)
        )
        rows = raws(table(Movement().make(asked), "stock"))
        for piece, row in zip(asked.period.pieces(Grain.WEEK), rows, strict=True):
            stock = Counter(band_at(steps, piece.end) for steps in found)
            entered: Counter[str | None] = Counter()
            for steps in found:
                before: str | None = None
                for step in steps:
                    at = START + timedelta(hours=step.hours)
                    if piece.start <= at < piece.end and RANK[before] < RANK[step.band]:
                        entered[step.band] += 1
                    before = step.band
            expected = [each for band in reversed(BANDS) for each in (stock[band], entered[band])]
            assert row[1:] == expected
            hot = {f"c{at}" for at, steps in enumerate(found) if band_at(steps, piece.end) == "hot"}
            assert names_behind(asked, f"in:hot:{piece.first}") == hot
            rose = {
                at
                for at, moves in enumerate(map(moves_of, found))
                if any(
                    piece.start <= when < piece.end and after == "hot"
                    for when, _before, after in moves
                )
            }
            assert names_behind(asked, f"entered:hot:{piece.first}") == {f"c{at}" for at in rose}


@pytest.mark.django_db
def test_without_a_live_model_it_says_so() -> None:
    assert words(Movement().make(question())) == [
        "No scoring model is live yet: there are no bands to count."
    ]


@pytest.mark.django_db
def test_of_some_leads_only_theirs_are_counted() -> None:
    track = go_live(MODEL)
    store(track, [[Step(1, "hot")], [Step(2, "hot")]])
    Contact.objects.filter(email_key="c0@x.example").update(owner="saul")
    asked = question(FIRST, date(2026, 3, 8), model=track.model, owner="SAÚL")
    made = Movement().make(asked)
    assert figures(made) == {"hot at the end": 1, "rose to hot": 1, "fell from hot": 0}
    behind = Movement().behind(asked, "entered:hot")
    assert behind is not None
    assert [contact.email for contact in behind] == ["c0@x.example"]
    assert charts(made)["stock"].series[-1].numbers == [1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "behind"), [(START, "now:hot"), (START + timedelta(60), f"in:hot:{FIRST}")]
)
def test_the_leads_behind_a_stock_are_those_of_now_or_of_the_end_of_the_step(
    now: datetime, behind: str
) -> None:
    track = go_live(MODEL)
    store(track, [[Step(1, "hot")]])
    asked = question(FIRST, date(2026, 3, 8), model=track.model, now=now)
    [first, *_others] = Movement().make(asked)
    [shown] = [block for block in first.blocks if isinstance(block, Figures)]
    assert shown.items[0].value.behind == behind


@pytest.mark.django_db
def test_every_number_opens_into_as_many_leads() -> None:
    track = go_live(MODEL)
    steps = [[Step(1, "warm"), Step(200, "hot")], [Step(-5, "hot"), Step(210, "excluded")]]
    store(track, [*steps, [Step(30, "hot"), Step(220, None)]])
    for days in (10, 60):
        asked = question(FIRST, date(2026, 3, 15), model=track.model, now=START + timedelta(days))
        found = opened(Movement(), asked)
        for key, (said, number) in found.items():
            assert number == said, key
        assert {"entered:hot", "left:hot", "move:warm:hot", "move:hot:", "move::warm"} <= {*found}


@pytest.mark.django_db
def test_of_days_to_come_nothing_is_shown() -> None:
    track = go_live(MODEL)
    store(track, [[Step(1, "hot")]])
    now = START + timedelta(days=9)
    asked = question(FIRST, date(2026, 3, 29), model=track.model, now=now)
    made = Movement().make(asked)
    assert [row[:2] for row in raws(table(made, "stock"))] == [["2 Mar", 1], ["9 Mar", 1]]
    assert len(charts(made)["stock"].labels) == 2
    assert [said.replace("\N{NO-BREAK SPACE}", " ") for said in words(made)] == [
        "The days after 11 Mar 2026 have not come yet: nothing is shown for them."
    ]
    made = Movement().make(question(date(2030, 1, 1), date(2030, 2, 1), model=track.model))
    assert [len(section.blocks) for section in made] == [1]
    assert words(made) == ["These days have not come yet: there is nothing to show for them."]


@pytest.mark.django_db
def test_an_unknown_figure_has_nobody_behind_it() -> None:
    asked = question(model=go_live(MODEL).model)
    for unknown in (
        "nonsense",
        "in:hot",
        "in:hot:2026-13-01",
        "entered:hot:x",
        "move:a",
        "now:a:b",
    ):
        assert Movement().behind(asked, unknown) is None
    found = Movement().behind(asked, "now:x'; DROP TABLE")
    assert found is not None
    assert not found.exists()
