"""What sales did equals what is counted call by call and task by task."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from contacts.models import Activity, ActivityType, Contact, Target, Task
from contacts.models.assignments import Assignment
from scoring.automations.outbox.messages import Message
from scoring.criteria.models import ScoringModel
from scoring.pipeline.calls.models import CallEntry, CallSession
from scoring.reports.asking import Question
from scoring.reports.kinds.activity import SalesActivity
from scoring.reports.values import Raw
from tests.reports.reporting import charts, figures, opened, question, raws, table, total, words

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 15)
START = datetime(2026, 3, 2, tzinfo=UTC)
NOW = START + timedelta(days=13)
RESULTS = ["reached", "voicemail", "meeting_booked", "not_interested", "wrong_person", "later", ""]
PEOPLE = ["saul", "mona"]
FACTS = ["meetings", "emails", "done", "done_late", "overdue", "put_off", "sessions"]
FACTS += ["taken", "returned"]


class Did(NamedTuple):
    """``way``: how it came to be stored, which says whose it is."""

    kind: str
    hours: int
    who: str
    way: str = "lead page"
    result: str = ""
    due: int | None = None
    snoozes: int = 0

    @property
    def at(self) -> datetime:
        return START + self.hours * timedelta(hours=1)


HOURS = st.integers(-20, 24 * 15)
WHO = st.sampled_from(PEOPLE)
DID = st.one_of(
    st.builds(
        Did, st.sampled_from(["call", "meeting_booked", "email_sent"]), HOURS, WHO,
        st.sampled_from(["lead page", "call list", "api"]), st.sampled_from(RESULTS),
    ),
    st.builds(Did, st.sampled_from(["letter", "session", "auto", "return"]), HOURS, WHO),
    st.builds(Did, st.just("claim"), HOURS, WHO),
    st.builds(
        Did, st.sampled_from(["done", "open", "cancelled"]), HOURS, WHO, st.just(""), st.just(""),
        st.one_of(st.none(), HOURS), st.integers(0, 2),
    ),
)  # fmt: skip


class Storing:
    """Each on a contact of its own, whose owner is somebody else where that must not matter."""

    def __init__(self) -> None:
        self.users = {
            name: User.objects.get_or_create(username=name, defaults={"is_staff": True})[0]
            for name in PEOPLE
        }
        self.types = ActivityType.objects.ids_by_slug(["call", "meeting_booked", "email_sent"])
        [self.target] = Target.objects.ids_by_key([""]).values()
        self.model = ScoringModel.objects.create(name="B2B")

    def store(self, rows: Sequence[Did]) -> None:
        for at, did in enumerate(rows):
            by_owner = did.way == "api" or did.kind == "letter"
            contact = Contact.objects.create(
                email=f"c{at}@x.example", owner=did.who.upper() if by_owner else "peter"
            )
            if did.kind in self.types:
                self.activity(did, contact)
            elif did.kind in ("done", "open", "cancelled"):
                self.task(did, contact)
            else:
                self.other(did, contact, at)

    def activity(self, did: Did, contact: Contact) -> None:
        said = {"result": did.result} if did.result else {}
        said |= {"by": did.who} if did.way == "lead page" else {}
        Activity.objects.create(
            contact=contact, type_id=self.types[did.kind], target_id=self.target,
            occurred_at=did.at, source=did.way, properties=said or None,
        )  # fmt: skip
        if did.way == "call list":
            ended = datetime(2026, 1, 1, tzinfo=UTC)
            session = self.session(did, ended, ended)
            CallEntry.objects.create(
                session=session, contact=contact, position=1, total=1, band="hot",
                state="done", holds=False, called_at=did.at,
            )  # fmt: skip

    def session(self, did: Did, at: datetime, ended: datetime) -> CallSession:
        return CallSession.objects.create(
            user=self.users[did.who], model=self.model, cadence="daily", capacity=9,
            started_at=at, ended_at=ended,
        )  # fmt: skip

    def task(self, did: Did, contact: Contact) -> None:
        due = None if did.due is None else START + did.due * timedelta(hours=1)
        is_open = did.kind == "open"
        Task.objects.create(
            contact=contact, title="t", assignee=self.users[did.who], due_at=due,
            state=did.kind, snoozes=did.snoozes, done_at=None if is_open else did.at,
            done_by=None if is_open else self.users[did.who],
        )  # fmt: skip

    def other(self, did: Did, contact: Contact, at: int) -> None:
        if did.kind == "session":
            self.session(did, did.at, did.at)
        elif did.kind == "letter":
            Message.objects.create(
                key=f"o:{at}", channel="email", lane="x", recipient=contact.email, body="{}",
                contact=contact, state="sent", sent_at=did.at, next_at=did.at,
            )  # fmt: skip
        else:
            owner, before = ("", did.who) if did.kind == "return" else (did.who, "")
            Assignment.objects.create(
                contact=contact, owner=owner, before=before, how=did.kind, at=did.at
            )


def is_in(hours: int | None) -> bool:
    """Of the period, and not to come."""
    return hours is not None and 0 <= hours < 24 * 13


def times(did: Did) -> dict[str, int | None]:
    """Each fact that a row counts for, and the hour at which."""
    simple = {"meeting_booked": "meetings", "email_sent": "emails", "letter": "emails"}
    simple |= {"call": "calls", "session": "sessions", "claim": "taken", "return": "returned"}
    if did.kind in simple:
        return {simple[did.kind]: did.hours}
    found: dict[str, int | None] = {}
    if did.kind == "auto":
        return found
    if did.kind == "done":
        found["done"] = did.hours
        found |= {"done_late": did.hours} if did.due is not None and did.hours > did.due else {}
    found |= {"overdue": did.due} if did.kind == "open" else {}
    return found | ({"put_off": did.due} if did.snoozes else {})


def number(rows: Sequence[Did], fact: str, week: int | None = None) -> int:
    found = [times(did).get(fact) for did in rows]
    return sum(is_in(at) and (week is None or at // 168 == week) for at in found if at is not None)


def expected(rows: Sequence[Did], week: int | None = None) -> list[Raw]:
    calls = [did for did in rows if did.kind == "call" and number([did], "calls", week)]
    known = [did for did in calls if did.result]
    reached = sum(did.result != "voicemail" for did in known)
    share = reached / len(known) if known else None
    return [len(calls), share, *(number(rows, fact, week) for fact in FACTS)]


def asked(**more: object) -> Question:
    return question(FIRST, LAST, **{"now": NOW, **more})


class TestAgainstASlowCalculation(TestCase):
    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(DID, max_size=10))
    def test_every_number_is_that_of_each_deed(self, rows: list[Did]) -> None:
        Storing().store(rows)
        made = SalesActivity().make(asked())
        if not any(is_in(at) for did in rows for at in times(did).values()):
            assert len(words(made)) == 1
            return
        assert total(table(made, "people"))[1:] == expected(rows)
        found = {str(line[0]): line[1:] for line in raws(table(made, "people"))}
        for who in PEOPLE:
            mine = expected([did for did in rows if did.who == who])
            assert found.get(who, [0, None, *[0] * len(FACTS)]) == mine
        for week, line in enumerate(raws(table(made, "time"))):
            assert line[1:] == expected(rows, week)
        calls = [did.result for did in rows if did.kind == "call" and is_in(did.hours)]
        if calls:
            results = total(table(made, "results"))[1:]
            assert results == [calls.count(result) for result in RESULTS]


FEW = [Did("call", 1, "saul", result="reached"), Did("call", 2, "mona", result="voicemail")]


@pytest.mark.django_db
def test_the_share_of_few_calls_is_said_to_be_of_few() -> None:
    Storing().store(FEW)
    made = SalesActivity().make(asked())
    assert figures(made)["reached"] == 0.5
    assert words(made) == ["These are few calls: a single one moves the share far."]
    assert [series.numbers[0] for series in charts(made)["time"].series] == [1, 1, 0]


@pytest.mark.django_db
def test_the_calls_of_some_leads_are_counted_alone() -> None:
    Storing().store([*FEW, Did("session", 3, "saul")])
    Contact.objects.filter(email="c0@x.example").update(country="ES")
    made = SalesActivity().make(asked(country="es"))
    assert total(table(made, "people"))[1:] == [1, 1.0, *[0] * len(FACTS)]


@pytest.mark.django_db
def test_the_leads_behind_a_figure_are_those_that_it_counts() -> None:
    Storing().store([*FEW, Did("letter", 3, "saul"), Did("email_sent", 3, "saul")])
    for key, wanted in (("calls", 2), ("calls:saul", 1), ("emails:saul", 2), ("emails:mona", 0)):
        found = SalesActivity().behind(asked(), key)
        assert found is not None
        assert found.count() == wanted, key
    for none in ("sessions", "nonsense", "calls:*:2026-03-03", "calls:*:*:*", "result-x", "result"):
        assert SalesActivity().behind(asked(), none) is None


@pytest.mark.django_db
def test_every_number_opens_into_as_many_leads() -> None:
    more = [
        Did("call", 200, "saul", result="reached"),
        Did("call", 200, "mona"),
        Did("done", 170, "saul", due=3, snoozes=1),
    ]
    Storing().store([*FEW, *more, Did("letter", 3, "saul")])
    found = opened(SalesActivity(), asked())
    for key, (said, number) in found.items():
        assert number == said, key
    later = FIRST + timedelta(days=7)
    wanted = {
        "calls:*:*": 4, "told:*": 3, "told:saul:*": 2, "told:mona:*": 1,
        "reached:*": 2, "reached:saul:*": 2, f"reached:*:{later}": 1,
        f"done_late:*:{later}": 1, f"put_off:*:{FIRST}": 1, "result-:mona": 1,
        "result-voicemail:*": 1,
    }  # fmt: skip
    assert {key: number for key, (_said, number) in found.items() if key in wanted} == wanted


@pytest.mark.django_db
def test_salespeople_do_not_see_what_their_colleagues_did(
    client: Client, saul: User, mona: User
) -> None:
    Storing().store(FEW)
    address = reverse("admin:report", args=["activity"])
    client.force_login(saul)
    assert client.get(address).status_code == 403
    client.force_login(mona)
    assert client.get(address, {"span": "730"}).status_code == 200


@pytest.mark.django_db
def test_it_asks_as_many_queries_for_many_as_for_few(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    Storing().store([Did("call", at, "saul", way="api", result="later") for at in range(30)])
    with django_assert_max_num_queries(14):
        SalesActivity().make(asked())
