"""The service level equals what is counted handover by handover."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import NamedTuple

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from contacts.models import Activity, ActivityType, Contact, Deal, Target
from contacts.models.sales import Pipeline, Stage
from scoring.criteria.models import ScoringModel
from scoring.pipeline.feedback.levels import ServiceLevel
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.feedback.reasons import RejectionReason
from scoring.reports.asking import Question
from scoring.reports.kinds.service import Service
from scoring.reports.periods import Grain
from scoring.reports.values import Raw
from tests.engine.scored import go_live, person
from tests.reports.reporting import charts, figures, opened, question, raws, table, total, words

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 29)
START = datetime(2026, 3, 2, tzinfo=UTC)
NOW = START + timedelta(days=30)
HOUR = timedelta(hours=1)
LATER = st.one_of(st.none(), st.integers(0, 24 * 10))


class Given(NamedTuple):
    """Hours: the first one since the start of the period, the others since the handover."""

    handed: int
    band: str
    owner: str
    respond_by: int | None
    responded: int | None
    feedback_by: int | None
    answered: int | None
    accepted: bool
    meeting: int | None
    deal: int | None
    won: bool


GIVEN = st.builds(
    Given,
    st.integers(-30, 24 * 29),
    st.sampled_from(["warm", "hot", "gone"]),
    st.sampled_from(["saul", "Saúl", "peter", ""]),
    LATER, LATER, LATER, LATER, st.booleans(),
    st.one_of(st.none(), st.integers(-30, 24 * 40)),
    st.one_of(st.none(), st.integers(-30, 24 * 40)),
    st.booleans(),
)  # fmt: skip


def after(row: Given, hours: int | None) -> datetime | None:
    return None if hours is None else START + (row.handed + hours) * HOUR


def store(rows: Sequence[Given], model: ScoringModel) -> None:
    reason = RejectionReason.objects.get(slug="no_budget")
    kind = ActivityType.objects.ids_by_slug(["meeting_booked"])["meeting_booked"]
    [target] = Target.objects.ids_by_key([""]).values()
    stages = {
        won: Stage.objects.create(
            pipeline=Pipeline.objects.get_or_create(name="P")[0], name=str(won),
            outcome="won" if won else "open",
        )
        for won in (False, True)
    }  # fmt: skip
    for at, row in enumerate(rows):
        contact = Contact.objects.create(email=f"c{at}@x.example")
        verdict = "" if row.answered is None else "accepted" if row.accepted else "rejected"
        Handover.objects.create(
            contact=contact, model=model, band=row.band, owner=row.owner,
            handed_at=START + row.handed * HOUR, respond_by=after(row, row.respond_by),
            feedback_by=after(row, row.feedback_by), responded_at=after(row, row.responded),
            response_seconds=None if row.responded is None else 1800 * row.responded,
            answered_at=after(row, row.answered), verdict=verdict,
            reason=reason if verdict == "rejected" else None,
        )  # fmt: skip
        if (at_meeting := after(row, row.meeting)) is not None:
            Activity.objects.create(
                contact=contact, type_id=kind, target_id=target, occurred_at=at_meeting
            )
        if (opened := after(row, row.deal)) is not None:
            Deal.objects.create(name="d", contact=contact, stage=stages[row.won], opened_at=opened)


def is_late(row: Given, done: int | None, by: int | None) -> bool:
    return done is not None and by is not None and done > by


def counts(rows: Sequence[Given]) -> list[int]:
    """In the order of the columns, beginning with how many were handed over."""
    reached = [row for row in rows if row.responded is not None]
    answered = [row for row in rows if row.answered is not None]
    reached_late = sum(is_late(row, row.responded, row.respond_by) for row in rows)
    answered_late = sum(is_late(row, row.answered, row.feedback_by) for row in rows)
    accepted = sum(row.accepted for row in answered)

    def since(row: Given, hours: int | None) -> bool:
        return hours is not None and hours >= 0 and row.handed + hours < 24 * 30

    return [
        len(rows),
        len(reached) - reached_late,
        reached_late,
        sum(is_open(row) for row in rows),
        len(answered) - answered_late,
        answered_late,
        len(rows) - len(answered),
        accepted,
        len(answered) - accepted,
        sum(since(row, row.meeting) for row in rows),
        sum(since(row, row.deal) for row in rows),
        sum(since(row, row.deal) and row.won for row in rows),
    ]


def is_open(row: Given) -> bool:
    return row.responded is None and (row.answered is None or row.accepted)


def expected(rows: Sequence[Given]) -> list[Raw]:
    times = [row.responded / 2 for row in rows if row.responded is not None]
    return [median(times) if times else None, *counts(rows)]


def share(rows: Sequence[Given]) -> float | None:
    _all, in_time, late, *_rest = counts(rows)
    overdue = sum(
        is_open(row) and row.respond_by is not None and row.handed + row.respond_by < 24 * 30
        for row in rows
    )
    return in_time / (in_time + late + overdue) if in_time + late + overdue else None


def asked(model: ScoringModel, **more: object) -> Question:
    return question(FIRST, LAST, **{"model": model, "now": NOW, **more})


class TestAgainstASlowCalculation(TestCase):
    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(GIVEN, max_size=8))
    def test_every_number_is_that_of_each_handover(self, drawn: list[Given]) -> None:
        model = ScoringModel.objects.create(name="B2B")
        store(drawn, model)
        made = Service().make(asked(model))
        rows = [row for row in drawn if 0 <= row.handed < 24 * 28]
        if not rows:
            assert len(words(made)) == 1
            return
        numbers = [share(rows), *expected(rows)]
        attempts, results = table(made, "people"), table(made, "people-results")
        assert [*total(attempts)[2:], *total(results)[3:]] == numbers
        assert total(results)[2] == len(rows)
        # The same lines in both, of which the second begins with how many were handed over.
        both = list(zip(raws(attempts), raws(results), strict=True))
        assert all(one[:2] == other[:2] and one[4] == other[2] for one, other in both)
        self.by_person([[*one, *other[3:]] for one, other in both], rows)
        for at, band in enumerate(sorted({row.band for row in rows})):
            mine = [row for row in rows if row.band == band]
            shown = table(made, f"response-{at}")
            assert total(shown)[1:] == expected(mine)
            for week, line in enumerate(raws(shown)):
                assert line[1:] == expected([row for row in mine if row.handed // 168 == week])
        rejected = sum(row.answered is not None and not row.accepted for row in rows)
        given_reasons = raws(table(made, "reasons"))
        assert sum(line[1] for line in given_reasons) == rejected  # type: ignore[misc]

    def by_person(self, shown: list[list[Raw]], rows: list[Given]) -> None:
        found = {(str(line[0]), str(line[1])): line[2:] for line in shown}
        names = {"saul": "saul", "Saúl": "saul", "peter": "peter", "": "nobody (the pool)"}
        for owner, band in {(names[row.owner], row.band) for row in rows}:
            mine = [row for row in rows if (names[row.owner], row.band) == (owner, band)]
            # Whoever is no user is called as the owner is written first.
            line = next(
                v for (o, b), v in found.items() if b == band and o.lower()[:2] == owner[:2]
            )
            assert line == [share(mine), *expected(mine)]
        assert len(found) == len({(names[row.owner], row.band) for row in rows})


USUAL = Given(2, "hot", "saul", 4, 1, 16, 8, True, 20, None, False)


@pytest.mark.django_db
def test_what_was_agreed_is_drawn_across_the_chart() -> None:
    track = go_live()
    ServiceLevel.objects.update_or_create(
        model=track.model, band="hot", defaults={"respond_hours": 2}
    )
    store([USUAL], track.model)
    made = Service().make(asked(track.model))
    chart = charts(made)["response-0"]
    assert chart.line == ("agreed", 2.0)
    assert chart.series[0].numbers == [0.5, None, None, None]
    assert figures(made)["reached in time"] == 1.0
    assert "few handovers" in words(made)[0]


@pytest.mark.django_db
def test_a_lead_belongs_to_the_day_of_the_zone_also_where_the_clock_leaps() -> None:
    model = ScoringModel.objects.create(name="B2B")
    for at, instant in enumerate(
        [datetime(2026, 3, 28, 22, 59, tzinfo=UTC), datetime(2026, 3, 28, 23, 0, tzinfo=UTC),
         datetime(2026, 3, 29, 21, 59, tzinfo=UTC), datetime(2026, 3, 29, 22, 0, tzinfo=UTC)]
    ):  # fmt: skip
        contact = person(f"c{at}")
        Handover.objects.create(contact=contact, model=model, band="hot", handed_at=instant)
    day = date(2026, 3, 29)
    made = Service().make(
        question(day, day, model=model, zone="Europe/Madrid", grain=Grain.DAY, now=NOW)
    )
    assert figures(made)["handed over"] == 2


BEHIND = [("all", 2), ("all:hot", 1), ("all:hot:saul", 1), ("accepted:hot:peter", 0), ("met", 2)]


@pytest.mark.django_db
def test_the_leads_behind_a_figure_are_those_that_it_counts() -> None:
    model = ScoringModel.objects.create(name="B2B")
    store([USUAL, USUAL._replace(band="warm")], model)
    for key, number in BEHIND:
        found = Service().behind(asked(model), key)
        assert found is not None
        assert found.count() == number, key
    for unknown in ("nonsense", "all:a:b:c", "all:*:*:2026-03-03", "all:*:*:*:*", "reason-x"):
        assert Service().behind(asked(model), unknown) is None


@pytest.mark.django_db
def test_every_number_opens_into_as_many_leads() -> None:
    late = USUAL._replace(owner="Saúl", handed=200, responded=9, answered=9, accepted=False)
    rows = [USUAL, late, late._replace(owner="", band="a:*b"), USUAL._replace(responded=None)]
    model = ScoringModel.objects.create(name="B2B")
    store(rows, model)
    found = opened(Service(), asked(model))
    for key, (said, number) in found.items():
        assert number == said, key
    monday = FIRST + timedelta(days=7)
    reason = RejectionReason.objects.get(slug="no_budget").pk
    wanted = {
        "all": 4, "attempt_known:*": 4, "reached_in_time:*": 1,
        "reached_in_time:hot:saul": 1, f"reason-{reason}": 2,
        f"reason-{reason}:*:saul": 1, f"reason-{reason}:*:": 1,
        f"reached_late:a%3A%2Ab:*:{monday}": 1,
    }  # fmt: skip
    assert {key: number for key, (_said, number) in found.items() if key in wanted} == wanted


@pytest.mark.django_db
def test_salespeople_do_not_see_a_report_on_their_colleagues(
    client: Client, saul: User, marta: User, mona: User, ada: User
) -> None:
    address = reverse("admin:report", args=["service"])
    for user, status in ((saul, 403), (marta, 200), (mona, 200), (ada, 200)):
        client.force_login(user)
        assert client.get(address).status_code == status, user


@pytest.mark.django_db
def test_it_asks_as_many_queries_for_many_as_for_few(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    model = go_live().model
    store([USUAL._replace(owner=f"s{at}", handed=at) for at in range(30)], model)
    with django_assert_max_num_queries(9):
        Service().make(asked(model))
