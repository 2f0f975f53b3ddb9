"""Reminders: who hears of what, once, whatever becomes of owner, lead and worker meanwhile."""

import contextlib
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from contacts.models import Absence, Activity, ActivityType, Contact, Target
from scoring.automations.outbox.messages import Message
from scoring.pipeline.feedback import escalating
from scoring.pipeline.feedback.attempts import note_attempts
from scoring.pipeline.feedback.escalating import go_off
from scoring.pipeline.feedback.models import Alarm, Handover
from tests.pipeline.feedback.handed import HOUR, MINUTE, MONDAY, handed, in_madrid, seller

pytestmark = pytest.mark.django_db

TUESDAY = MONDAY + timedelta(days=1)


def told(channel: str = "inbox") -> list[tuple[str, str]]:
    """Whom, and of what, in the order in which it was posted."""
    rows = Message.objects.filter(channel=channel).order_by("pk").values_list("recipient", "key")
    return [(recipient, key.split(":")[2]) for recipient, key in rows]


@pytest.fixture
def people() -> dict[str, User]:
    in_madrid()
    return {
        "saul": seller("saul"),
        "sally": seller("sally"),
        "mona": seller("mona", "Sales manager"),
        "max": seller("max", "Sales manager", team=False),
        "ada": seller("ada", "Administrator", team=False),
    }


WHEN = [
    (MONDAY + 3 * HOUR - MINUTE, []),
    (MONDAY + 3 * HOUR, [("saul", "response_near")]),
    (MONDAY + 4 * HOUR, [("saul", "response_near"), ("mona", "response_past")]),
]


def test_owner_and_manager_are_told_once_each_when_it_is_time(people: dict[str, User]) -> None:
    handed()
    for at, wanted in WHEN:
        go_off(at)
        assert go_off(at) == 0
        assert told() == wanted
    go_off(TUESDAY + 9 * HOUR)
    assert told()[2:] == [("mona", "feedback_past")]
    assert len(told("staff")) == len(told())
    letter = Message.objects.filter(channel="staff").latest("pk")
    assert letter.recipient == "mona@lumbre.example"
    assert letter.subject == "No answer about Ana"
    assert "Owner: saul" in letter.content["text"]


def away(*users: User) -> None:
    for user in users:
        Absence.objects.create(user=user, first_day=date(2026, 10, 5), last_day=date(2026, 10, 6))


def gone(*users: User) -> None:
    User.objects.filter(pk__in=[user.pk for user in users]).update(is_active=False)


def owned_by(name: str) -> None:
    contact = Contact.objects.get()
    contact.owner = name
    contact.save()


Meanwhile = Callable[[dict[str, User]], object]
CASES: dict[str, tuple[Meanwhile, list[str], list[str]]] = {
    "nothing happens": (lambda p: None, ["saul"], ["mona"]),
    "the owner is away": (lambda p: away(p["saul"]), ["sally", "mona"], ["mona"]),
    "the whole team is away": (
        lambda p: away(p["saul"], p["sally"], p["mona"]),
        ["max"],
        ["max"],
    ),
    "the owner is gone": (lambda p: gone(p["saul"]), ["mona", "max"], ["mona", "max"]),
    "the lead has another owner": (lambda p: owned_by("Sally"), ["sally"], ["mona"]),
    "the lead is in the pool": (lambda p: owned_by(""), ["mona", "max"], ["mona", "max"]),
    "no manager is there": (
        lambda p: gone(p["mona"], p["max"]),
        ["saul"],
        ["ada"],
    ),
    "every manager is away": (
        lambda p: away(p["mona"], p["max"]),
        ["saul"],
        ["ada"],
    ),
}


@pytest.mark.parametrize(("meanwhile", "near", "past"), CASES.values(), ids=CASES)
def test_whoever_is_there_then_is_told(
    people: dict[str, User], meanwhile: Meanwhile, near: list[str], past: list[str]
) -> None:
    handed()
    meanwhile(people)
    go_off(MONDAY + 3 * HOUR)
    assert [who for who, _what in told()] == near
    go_off(MONDAY + 4 * HOUR)
    assert [who for who, _what in told()][len(near) :] == past


def test_a_lead_that_is_reached_or_answered_or_removed_reminds_nobody(
    people: dict[str, User],
) -> None:
    reached, removed = handed("ana"), handed("ben")
    Handover.objects.respond([reached.contact_id], MONDAY + HOUR)
    removed.contact.delete()
    go_off(MONDAY + 4 * HOUR)
    assert told() == []
    assert {alarm.kind for alarm in Alarm.objects.all()} == {"feedback_near", "feedback_past"}


def test_nobody_is_warned_of_a_deadline_that_has_passed(people: dict[str, User]) -> None:
    handed()
    go_off(MONDAY + timedelta(days=3))
    assert told() == [("mona", "response_past"), ("mona", "feedback_past")]


CALLS = [
    ("call", MONDAY + HOUR, False, True),
    ("meeting_booked", MONDAY + HOUR, False, True),
    ("call", MONDAY - HOUR, False, False),
    ("call", MONDAY + HOUR, True, False),
    ("email_reply", MONDAY + HOUR, False, False),
]


@pytest.mark.parametrize(("kind", "at", "automated", "counts"), CALLS)
def test_a_call_that_another_system_tells_of_is_the_first_attempt(
    kind: str, at: datetime, automated: bool, counts: bool
) -> None:
    in_madrid()
    past = timedelta(days=365)
    handover = handed(at=MONDAY - past)
    Activity.objects.create(
        contact=handover.contact,
        type=ActivityType.objects.get(slug=kind),
        target=Target.objects.get(text=""),
        occurred_at=at - past,
        automated=automated,
    )
    assert note_attempts() == int(counts)
    assert note_attempts() == 0
    handover.refresh_from_db()
    assert handover.responded_at == (at - past if counts else None)


def test_looking_for_attempts_asks_alike_for_however_many(
    people: dict[str, User], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        handed(f"lead{number}")
    # The types, and all that nobody has reached: from an index that has no others.
    with django_assert_num_queries(2) as asked:
        assert note_attempts() == 0
    (found,) = (each["sql"] for each in asked.captured_queries if "handover" in each["sql"])
    # For each type one look into the index of scores by type and lead.
    assert found.count("EXISTS") == 2
    if connection.vendor == "sqlite":
        plan = str(connection.cursor().execute(f"EXPLAIN QUERY PLAN {found}").fetchall())
        assert "handover_unreached" in plan
        assert plan.count("activity_scored (type_id=? AND contact_id=? AND occurred_at>?") == 3


class Killed(Exception):
    """The worker dies here."""


class TestLifecycle(TestCase):
    """Whatever is handed over, answered and killed, and in whatever order."""

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["hand", "respond", "answer", "chore", "killed"]),
                st.sampled_from(["ana", "ben"]),
                st.integers(1, 9),
            ),
            max_size=12,
        )
    )
    def test_nothing_is_told_twice_and_nothing_waits_twice(
        self, steps: list[tuple[str, str, int]]
    ) -> None:
        seller("saul"), seller("mona", "Sales manager")
        at = MONDAY
        for number, (deed, name, hours) in enumerate(steps):
            at += hours * HOUR
            of_name = Handover.objects.filter(contact__email=f"{name}@x.example")
            if deed == "hand":
                handed(name, at=at, key=f"x:{number}:0")
            elif deed == "respond":
                Handover.objects.respond(of_name.values_list("contact", flat=True), at)
            elif deed == "answer":
                waiting = of_name.waiting()
                Alarm.objects.filter(handover__in=waiting).waiting().delete()
                waiting.update(verdict="accepted", answered_at=at)
            else:
                self.run_chore(at, is_killed=deed == "killed")
        go_off(at + timedelta(days=30))
        self.look(at)

    def run_chore(self, at: datetime, *, is_killed: bool) -> None:
        def die(_name: str) -> None:
            raise Killed

        with pytest.MonkeyPatch.context() as patch:
            if is_killed:
                patch.setattr(escalating, "failpoint", die)
            with contextlib.suppress(Killed):
                go_off(at)

    def look(self, at: datetime) -> None:
        waiting = Counter(Handover.objects.waiting().values_list("contact", "model"))
        assert set(waiting.values()) <= {1}
        for handover in Handover.objects.all():
            for by in (handover.respond_by, handover.feedback_by, handover.responded_at):
                assert by is None or by >= handover.handed_at
        assert not Alarm.objects.waiting().exists()
        for alarm in Alarm.objects.exclude(kind__endswith="near"):
            key = f"handover:{alarm.handover_id}:{alarm.kind}:"
            assert Message.objects.filter(channel="inbox", key__startswith=key).count() == 1
