"""The figures of a pilot equal what is counted lead by lead, and a look stays as it was taken."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from contacts.models import Activity, ActivityType, Contact, Deal, Target
from contacts.models.preferences import Preferences
from contacts.models.sales import Pipeline, Stage
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import Notification
from scoring.criteria.models import ScoringModel
from scoring.engine.pilots.models import Arm, Pilot, PilotMember
from scoring.pipeline.feedback.models import Handover, Verdict
from scoring.reports.asking import Question
from scoring.reports.kinds.pilot import Pilots
from scoring.reports.kinds.review import Review
from scoring.reports.pilots.looks import counts_of, take_due
from scoring.reports.pilots.measures import SUCCESSES
from scoring.reports.pilots.models import PilotLook
from scoring.reports.statistics.piloting import Stratum
from tests.engine.scored import go_live, person
from tests.reports.reporting import figures, opened, question, raws, table, words

START = datetime(2026, 3, 2, 15, tzinfo=UTC)
NOW = START + timedelta(days=30)
HOUR = timedelta(hours=1)
DAYS = 10


class Given(NamedTuple):
    """Hours: of the entry since the start, of what happened since the entry."""

    arm: str
    stratum: int
    entered: int
    happened: tuple[int, ...]


WINDOW = 24 * DAYS
GIVEN = st.builds(
    Given,
    st.sampled_from(Arm.values),
    st.integers(0, 2),
    st.integers(0, 24 * 32),
    st.lists(st.sampled_from([-1, 0, 5, WINDOW - 1, WINDOW, WINDOW + 9]), max_size=2).map(tuple),
)


def a_pilot(model: ScoringModel, measure: str = "met", **more: Any) -> Pilot:
    version = model.versions.get()
    return Pilot.objects.create(
        model=model, version=version, control=version, measure=measure, days=DAYS, expected=10,
        smallest=10, per_arm=50, salt="s", zone="UTC", started_at=START, state="running",
        strata=[{"key": key, "name": key, "condition": {}} for key in ("spain", "large")], **more,
    )  # fmt: skip


def enter(pilot: Pilot, contact: Contact, one: Given) -> PilotMember:
    at = START + one.entered * HOUR
    return PilotMember.objects.create(
        pilot=pilot,
        contact=contact,
        arm=one.arm,
        stratum=one.stratum,
        entered_at=at,
        due_at=at + pilot.window,
    )


def happen(pilot: Pilot, contact: Contact, at: datetime) -> None:
    """What the primary measure counts, and beside it what it must not."""
    open_one, won = (Stage.objects.filter(outcome=each)[0] for each in ("open", "won"))
    if pilot.measure == "met":
        kind = ActivityType.objects.get(slug="meeting_booked")
        target = Target.objects.get_or_create(text="demo")[0]
        both = {"contact": contact, "type": kind, "target": target, "source": "t"}
        Activity.objects.create(**both, occurred_at=at)
        other = Contact.objects.exclude(pk=contact.pk).first()
        if other is not None:
            Activity.objects.create(**{**both, "contact": other}, occurred_at=at, automated=True)
    elif pilot.measure == "opened":
        Deal.objects.create(name="d", contact=contact, stage=open_one, opened_at=at)
    elif pilot.measure == "won":
        earlier = at - timedelta(days=40)
        Deal.objects.create(name="d", contact=contact, stage=won, opened_at=earlier, closed_at=at)
    else:
        handover = Handover.objects.create(
            contact=contact, model=pilot.model, band="hot", handed_at=at - HOUR,
            verdict="accepted", answered_at=at,
        )  # fmt: skip
        Verdict.objects.create(handover=handover, verdict="accepted", at=at)


def slowly(pilot: Pilot, leads: list[Given], at: datetime) -> Counter[tuple[str, str, int]]:
    """Lead by lead: what, arm and stratum -> how many."""
    found: Counter[tuple[str, str, int]] = Counter()
    for one in leads:
        entered = START + one.entered * HOUR
        if entered > at:
            continue
        found["members", one.arm, one.stratum] += 1
        if entered + timedelta(days=DAYS) <= at:
            found["due", one.arm, one.stratum] += 1
            hit = any(0 <= hour < WINDOW for hour in one.happened)
            found["won", one.arm, one.stratum] += hit
    return found


class TestCounting(TestCase):
    @settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(GIVEN, max_size=8), st.sampled_from(sorted(SUCCESSES)))
    def test_it_equals_a_count_lead_by_lead(self, leads: list[Given], measure: str) -> None:
        pipeline = Pipeline.objects.get_or_create(name="P")[0]
        Stage.objects.get_or_create(pipeline=pipeline, name="W", outcome="won")
        pilot = a_pilot(go_live().model, measure)
        contacts = [person(f"lead{place}") for place in range(len(leads))]
        for contact, one in zip(contacts, leads, strict=True):
            enter(pilot, contact, one)
            for hour in one.happened:
                happen(pilot, contact, START + (one.entered + hour) * HOUR)
        expected = slowly(pilot, leads, NOW)
        report, asked = Pilots(), the_question(pilot)
        made = report.make(asked)
        for arm, row in zip(Arm, raws(table(made, "arms")), strict=True):
            sums = [of(expected, what, arm) for what in ("members", "due", "won")]
            assert row[1:4] == sums
            assert row[4] == (pytest.approx(sums[2] / sums[1]) if sums[1] else None)
        for what in ("members", "due", "won"):
            for name in Arm.values:
                behind = report.behind(asked, f"{what}:{name}")
                assert behind is not None
                assert behind.count() == of(expected, what, name)
        for key, (said, number) in opened(report, asked).items():
            assert number == said, key
        # A look knows no more than there was to know then.
        at = START + timedelta(days=20)
        then = slowly(pilot, leads, at)
        assert counts_of(pilot, at) == [
            Stratum(*(then[what, arm, place] for arm in Arm.values for what in ("due", "won")))
            for place in range(3)
        ]


def of(counted: Counter[tuple[str, str, int]], what: str, arm: str) -> int:
    return sum(number for key, number in counted.items() if key[:2] == (what, arm))


def the_question(pilot: Pilot, **more: Any) -> Question:
    days = {"first": date(2026, 3, 2), "last": date(2026, 3, 31)}
    return question(**days, model=pilot.model, now=NOW, **more)


@pytest.fixture
def pilot(db: None) -> Pilot:
    """Of forty candidates twenty succeed, of forty controls four; all entered on the first day."""
    found = a_pilot(go_live().model)
    for place in range(80):
        arm = Arm.values[place % 2]
        contact = person(f"lead{place}")
        enter(found, contact, Given(arm, place % 3, place % 9, ()))
        if place % 4 == 0 or place in (1, 21, 41, 61):
            happen(found, contact, START + 20 * HOUR)
    return found


def test_looks_are_taken_at_the_beginning_of_every_seventh_day_and_stay(pilot: Pilot) -> None:
    assert take_due(START + timedelta(days=11)) == 0
    # Nobody's ten days were over after a week, so the first look is that after two.
    assert take_due(datetime(2026, 3, 15, 23, 59, tzinfo=UTC)) == 0
    assert take_due(datetime(2026, 3, 16, tzinfo=UTC)) == 1
    assert take_due(datetime(2026, 3, 16, tzinfo=UTC)) == 0
    look = PilotLook.objects.get()
    assert (look.number, look.at) == (2, datetime(2026, 3, 16, tzinfo=UTC))
    assert (look.share, look.said) == (0.8, "keep")
    before = [each.raw for each in table(Pilots().make(the_question(pilot)), "looks").rows[0]]
    Contact.objects.filter(pilot_places__arm=Arm.CANDIDATE).delete()
    after = [each.raw for each in table(Pilots().make(the_question(pilot)), "looks").rows[0]]
    assert before == after
    # And no look follows one that was final.
    assert take_due(NOW) == 0


def test_a_final_look_is_told_once_to_whoever_decides_and_whoever_planned(
    pilot: Pilot, marta: User, mona: User, saul: User
) -> None:
    """Saul planned it in another role, and may still look at it."""
    Pilot.objects.update(created_by=saul)
    saul.user_permissions.add(Permission.objects.get(codename="view_pilot"))
    User.objects.filter(pk=saul.pk).update(email="")
    Preferences.objects.create(user=mona, language="es")
    assert (take_due(NOW), take_due(NOW)) == (1, 0)
    heard = {each.user.username: each for each in Notification.objects.select_related("user")}
    assert set(heard) == {"marta", "mona", "saul"}
    report = f"{reverse('admin:report', args=['pilot'])}?model={pilot.model_id}&pilot={pilot.pk}"
    assert {each.link for each in heard.values()} == {report}
    assert heard["marta"].title == "The pilot of version 1 of “Small model” says: keep it"
    assert heard["marta"].text.startswith("The candidate is better than the live version")
    assert heard["mona"].text.startswith("La candidata es mejor")
    keys = set(Message.objects.values_list("key", flat=True))
    assert keys == {f"agreement:pilot:{pilot.pk}:{user.pk}" for user in (marta, mona)}


def test_a_look_that_goes_on_is_told_to_nobody_nor_is_a_planner_who_may_not_see_it(
    pilot: Pilot, marta: User, saul: User
) -> None:
    Pilot.objects.update(created_by=saul, per_arm=5000)
    assert take_due(NOW) == 3
    assert not Notification.objects.exists()
    Pilot.objects.update(per_arm=50)
    PilotLook.objects.all().delete()
    take_due(NOW)
    assert Notification.objects.get().user == marta


@pytest.mark.parametrize(
    ("per_arm", "said"),
    [(50, "Version 1: Keep. The candidate is better"), (5000, "Version 1: Go on. What is seen so")],
)
def test_the_weekly_review_says_what_the_last_look_of_its_period_said(
    per_arm: int, said: str, pilot: Pilot
) -> None:
    Pilot.objects.update(per_arm=per_arm)
    take_due(NOW)
    asked = the_question(pilot)
    for taken, found in ((START, [said]), (NOW, [])):
        PilotLook.objects.update(taken_at=taken)
        sections = [each for each in Review().make(asked) if each.title == "Pilot"]
        assert [words([each])[0][: len(said)] for each in sections] == found
        assert all(each.permission == "scoring.view_pilot" for each in sections)


def test_the_result_is_said_in_words(pilot: Pilot) -> None:
    [first, *_more] = Pilots().make(the_question(pilot))
    assert first.title == "Go on"
    take_due(NOW)
    [first, *_more] = made = Pilots().make(the_question(pilot))
    assert first.title == "Keep"
    assert "The candidate is better" in words(made)[0]
    # There is nothing left to do about one that is over.
    assert "Bring it live." in words(made)[0]
    Pilot.objects.update(state="ended", stopped_at=NOW)
    ended = words(Pilots().make(the_question(pilot)))[0]
    assert "The candidate is better" in ended
    assert "Bring it live." not in ended
    shown = figures(made)
    assert shown["share by the candidate"] == pytest.approx(20 / 40)
    assert shown["share by the live version"] == pytest.approx(4 / 40)
    assert shown["difference within segments"] == pytest.approx(0.4, abs=0.03)


def test_days_begin_in_the_zone_that_the_calendar_had_also_where_clocks_change(db: None) -> None:
    pilot = a_pilot(go_live().model)
    pilot.zone = "Europe/Madrid"
    pilot.save()
    enter(pilot, person("ana"), Given("candidate", 0, 0, ()))
    take_due(datetime(2026, 3, 29, 22, tzinfo=UTC))
    # Winter time until 29 March: midnight is 23 h UTC before, and 22 h after.
    assert [look.at for look in PilotLook.objects.order_by("number")] == [
        datetime(2026, 3, 15, 23, tzinfo=UTC),
        datetime(2026, 3, 22, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 22, tzinfo=UTC),
    ]


def test_what_was_planned_and_nothing_more_has_a_page(db: None) -> None:
    model = go_live().model
    assert "No pilot" in words(Pilots().make(question(model=model)))[0]
    pilot = a_pilot(model)
    made = Pilots().make(the_question(pilot))
    assert raws(table(made, "arms"))[0][1:] == [0, 0, 0, None]
    assert table(made, "looks").rows == []


def test_a_pilot_is_asked_for_by_its_number(pilot: Pilot) -> None:
    Pilot.objects.update(state="ended", stopped_at=NOW)
    a_pilot(pilot.model)
    asked = the_question(pilot, numbers={"pilot": pilot.pk})
    assert raws(table(Pilots().make(asked), "arms"))[0][1] == 40
    assert raws(table(Pilots().make(the_question(pilot)), "arms"))[0][1] == 0
    asked = the_question(pilot, numbers={"pilot": 10**6})
    assert words(Pilots().make(asked))[0].startswith("No pilot with the number 1000000 of this")


@pytest.mark.parametrize(
    "key", ["", "won", "won:nobody", "all:control", "won:control:x", "won:control:1:2"]
)
def test_unknown_figures_have_no_leads(key: str, pilot: Pilot) -> None:
    assert Pilots().behind(the_question(pilot), key) is None


def test_the_number_of_queries_does_not_grow(
    pilot: Pilot, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(8):
        Pilots().make(the_question(pilot))


def test_salespeople_do_not_see_the_figures(
    pilot: Pilot, client: Client, saul: User, mona: User
) -> None:
    client.force_login(saul)
    address = reverse("admin:report", args=["pilot"])
    assert client.get(address).status_code == 403
    client.force_login(mona)
    page = client.get(address)
    assert page.status_code == 200
    assert "Candidate" in page.content.decode()
