"""The first page of each role: whose pictures, with which numbers, and at which cost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.models import Deal, Stage, Task
from scoring.engine.admin.home_blocks import Block
from scoring.engine.models import Cause, ScoreChange, Track
from scoring.engine.pilots.models import Arm
from scoring.pipeline.feedback.models import Handover
from scoring.reports.home.marketing import hot_weeks
from scoring.reports.terms.models import What
from tests.automations.test_pilots import arms, direct, plan, run
from tests.conftest import make_user
from tests.engine.scored import MODEL, go_live, person, visit
from tests.reports.terms.test_counting import terms_of

HOME = reverse("admin:index")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def blocks(user: User) -> dict[str, Block]:
    client = Client()
    client.force_login(user)
    return {block.slug: block for block in client.get(HOME).context["blocks"]}


def numbers(block: Block) -> list[list[str]]:
    """Of the table below a picture."""
    return [[said for said, _is_number in row] for row in block.facts["rows"]]


def drawn(block: Block) -> list[list[float | None]]:
    return [list(one.numbers) for one in block.facts["chart"].series]


def hand(name: str, owner: str, track: Track, respond: int, tried: int | None = None) -> None:
    """Handed over two days ago; ``respond`` and ``tried`` in hours since."""
    at = timezone.now() - 2 * DAY
    contact = person(name, owner=owner, job_title="Director")
    Handover.objects.create(
        contact=contact, model=track.model, band="hot", owner=owner, handed_at=at,
        respond_by=at + respond * HOUR, feedback_by=at + 2 * respond * HOUR,
        responded_at=None if tried is None else at + tried * HOUR,
        response_seconds=None if tried is None else tried * 3600,
    )  # fmt: skip


def deal(name: str, owner: str, stage: str, amount: int | None = None) -> None:
    Deal.objects.create(
        name=name, owner=owner, stage=Stage.objects.get(name=stage), amount=amount,
        contact=person(name, owner=owner), opened_at=timezone.now() - DAY,
    )  # fmt: skip


@pytest.fixture
def track(db: None) -> Track:
    return go_live(MODEL)


PICTURES = {"hot-weeks", "bands", "funnel", "own-response", "response", "load", "stages", "health"}
WHOSE = [
    ("marta", {"hot-weeks", "bands", "funnel"}),
    ("saul", {"own-response", "stages"}),
    ("mona", {"response", "load", "stages"}),
    ("ada", {"hot-weeks", "bands", "funnel", "response", "load", "stages", "health"}),
]


@pytest.mark.parametrize(("name", "slugs"), WHOSE)
def test_each_role_has_its_pictures_and_the_goals_are_everybodys(
    name: str, slugs: set[str], track: Track, request: pytest.FixtureRequest
) -> None:
    found = blocks(request.getfixturevalue(name))
    assert PICTURES & set(found) == slugs
    assert "goals" in found


@pytest.mark.parametrize("name", ["marta", "saul", "mona", "ada"])
def test_where_there_is_nothing_yet_it_says_so_and_draws_nothing(
    name: str, db: None, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(name)
    # Without a live model there is nothing to draw of it; the first steps say what to do.
    assert {"hot-weeks", "bands", "funnel", "response", "goals"} & set(blocks(user)) == set()
    go_live(MODEL)
    found = blocks(user)
    for slug in (PICTURES - {"health"}) & set(found):
        assert found[slug].template == "", slug
        assert found[slug].empty, slug
        assert found[slug].more_url, slug
    assert found["goals"].empty == "Marketing and sales have not agreed on goals yet."
    writes = found["goals"].more == "Write the terms"
    assert writes == (name != "saul")


WEEKS = st.integers(0, 90 * 24)
STEPS = st.lists(st.tuples(st.integers(0, 3), WEEKS, st.booleans()), max_size=8,
                 unique_by=lambda step: step[:2])  # fmt: skip


class TestNewHotLeads(TestCase):
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(STEPS)
    def test_each_week_equals_a_count_lead_by_lead(
        self, steps: list[tuple[int, int, bool]]
    ) -> None:
        track, marta = go_live(MODEL), make_user("marta", "Marketing")
        people, now = [person(f"c{place}") for place in range(4)], timezone.now()
        monday = now.astimezone(UTC).date() - now.astimezone(UTC).weekday() * DAY
        last = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
        was_hot: dict[int, bool] = {}
        expected: list[set[int]] = [set() for _week in range(12)]
        for number, (who, ago, is_hot) in enumerate(sorted(steps, key=lambda step: -step[1])):
            at = now - ago * HOUR
            ScoreChange.objects.create(
                track=track, contact=people[who], revision=number + 1, version=track.version,
                cause=Cause.ACTIVITY, as_of=at, written_at=now, total=1,
                band="hot" if is_hot else "warm",
                band_before=None if who not in was_hot else "hot" if was_hot[who] else "warm",
            )  # fmt: skip
            week = 11 + (at - last) // (7 * DAY)
            if is_hot and not was_hot.get(who) and week >= 0:
                expected[week].add(who)
            was_hot[who] = is_hot
        request: Any = RequestFactory().get(HOME)
        request.user = marta
        found = hot_weeks(request)
        assert found is not None
        if not any(expected):
            assert found.empty == "Nobody reached hot in these weeks."
        else:
            assert drawn(found) == [[len(week) for week in expected]]
            assert [row[1] for row in numbers(found)] == [str(len(week)) for week in expected]


def test_marketing_sees_the_leads_by_band_and_how_far_they_came(track: Track, marta: User) -> None:
    hot, warm = person("ana", job_title="Director"), person("bo", job_title="Director")
    person("eve")
    visit(hot, DAY)
    go_live(MODEL)
    deal("won", "saul", "Won")
    Deal.objects.filter(name="won").update(closed_at=timezone.now() - HOUR)
    warm.lifecycle = "mql"
    warm.save()
    found = blocks(marta)
    assert numbers(found["bands"]) == [["cold", "1", "33 %"], ["warm", "1", "33 %"],
                                       ["hot", "1", "33 %"]]  # fmt: skip
    assert drawn(found["funnel"]) == [[4, 2, 1, 1, 1]]
    assert numbers(found["funnel"])[1] == ["Marketing qualified (MQL)", "2", "50 %"]


def test_while_a_pilot_runs_the_bands_are_those_of_the_scores_that_act(
    marta: User, saul: User
) -> None:
    for number in range(12):
        person(f"lead{number}", owner="saul")
    pilot = plan(saul, go_live(MODEL))
    run(pilot)
    found = arms(pilot)
    direct(*found[Arm.CANDIDATE], *found[Arm.CONTROL])
    counts = {row[0]: int(row[1]) for row in numbers(blocks(marta)["bands"])}
    assert counts == {"cold": 0, "warm": len(found["control"]), "hot": len(found["candidate"])}


def test_a_salesperson_sees_how_soon_their_own_leads_were_reached(track: Track, saul: User) -> None:
    hand("in-time", "SAUL", track, 4, 2)
    hand("late", "saul", track, 4, 6)
    hand("not-due", "saul", track, 99)
    hand("others", "peter", track, 4, 40)
    lines = [(item.text, item.hint) for item in blocks(saul)["own-response"].items]
    assert lines == [
        ("First attempts in time: 50 %", "1 of 2 that were due"),
        ("Answers in time: 0 %", "0 of 2 that were due"),
        ("Median working time to the first attempt: 4.0 h", ""),
    ]


def test_a_salesperson_sees_the_time_left_for_a_hot_lead(track: Track, saul: User) -> None:
    hand("late", "saul", track, 24)
    hand("soon", "saul", track, 51)
    late, soon = blocks(saul)["board"].items
    assert late.hint == "overdue for 1\xa0day"
    assert soon.hint == "2\xa0hours, 59\xa0minutes left"


def test_a_salesperson_sees_their_own_deals_and_a_manager_those_of_all(
    track: Track, saul: User, mona: User
) -> None:
    deal("a", "saul", "Contacted", 100)
    deal("b", "Saul", "Contacted", 50)
    deal("c", "peter", "Proposal")
    deal("d", "saul", "Won", 9)
    assert numbers(blocks(saul)["stages"]) == [
        ["Hot Leads", "0", "–"], ["Contacted", "2", "150"], ["Meeting", "0", "–"],
        ["Proposal", "0", "–"],
    ]  # fmt: skip
    assert drawn(blocks(mona)["stages"]) == [[0, 2, 0, 1]]


def test_a_manager_sees_the_response_of_the_team_and_who_has_how_much(
    track: Track, mona: User, saul: User
) -> None:
    hand("a", "saul", track, 4, 2)
    hand("b", "Saul", track, 4)
    hand("c", "", track, 4, 3)
    Task.objects.create(contact=person("d"), title="Call", assignee=mona)
    Task.objects.create(contact=person("e"), title="Call", assignee=mona, state="cancelled",
                        done_at=timezone.now())  # fmt: skip
    found = blocks(mona)
    in_time = [row for row in numbers(found["response"]) if row[2] != "0"]
    assert [(row[1], row[2]) for row in in_time] == [("67 % (21 % to 94 %)", "3")]
    assert numbers(found["load"]) == [["saul", "2", "0"], ["nobody (the pool)", "1", "0"],
                                      ["mona", "0", "1"]]  # fmt: skip


def test_the_goals_say_how_they_stand_and_open_the_terms(track: Track, saul: User) -> None:
    terms = terms_of(track.model, {(What.BAND, "hot"): 2, (What.RESPONSE, ""): 90})
    visit(person("ana", job_title="Director"), DAY)
    go_live(MODEL)
    found = blocks(saul)["goals"]
    assert found.title == "Goals of this week"
    assert [(item.text, item.percent) for item in found.items] == [
        ("Leads that reach hot: 1", 50), ("First attempts in time: –", 0),
    ]  # fmt: skip
    assert found.more_url.startswith(reverse("admin:terms"))
    type(terms).objects.update(agreed_at=None, every="month")
    assert blocks(saul)["goals"].title == "Goals of this month (not signed yet)"


def test_an_administrator_sees_whether_workers_live(db: None, ada: User) -> None:
    health = blocks(ada)["health"]
    assert health.items[0].text == "0 workers are alive"
    assert health.is_alarm


@pytest.mark.parametrize("name", ["marta", "saul", "mona", "ada"])
def test_its_cost_does_not_grow_with_the_rows(
    name: str, track: Track, request: pytest.FixtureRequest
) -> None:
    client, goals = Client(), {(What.BAND, "hot"): 2, (What.MQL, ""): 3, (What.RESPONSE, ""): 90}
    client.force_login(request.getfixturevalue(name))
    terms_of(track.model, goals)

    def fill(word: str) -> None:
        for place in range(3):
            hand(f"{word}{place}", f"owner{place}", track, 4, place)
            deal(f"d{word}{place}", "saul", "Contacted", 5)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(HOME).status_code == 200
        return len(found)

    fill("a")
    few = queries()
    fill("b")
    assert queries() <= few < 110


def test_a_picture_has_its_numbers_and_the_way_to_its_report(track: Track, mona: User) -> None:
    deal("a", "saul", "Contacted", 100)
    client: Any = Client()
    client.force_login(mona)
    page = client.get(HOME).content.decode()
    assert '<caption class="sr-only">Open deals of everybody, by stage</caption>' in page
    assert 'aria-label="Open deals of everybody, by stage; the numbers stand in the table."' in page
    assert reverse("admin:pipeline_board") in page
