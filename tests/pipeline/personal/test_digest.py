"""The e-mail of the morning: to whom, when by which clock, and what it says."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from contacts.models import (
    Absence,
    Activity,
    ActivityType,
    Calendar,
    Contact,
    Holiday,
    Member,
    Preferences,
    Target,
    Task,
    Team,
)
from scoring.automations.outbox.messages import Message
from scoring.engine.models import ScoreChange
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.personal.digest import digest_of
from scoring.pipeline.personal.jobs import due_on, write_due
from tests.engine.scored import go_live, person, visit

pytestmark = pytest.mark.django_db

# A Wednesday; work begins at 9 in Madrid, which is 8 in UTC.
MORNING = datetime(2026, 12, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def madrid(saul: User) -> Calendar:
    """Saul's team works there; he has been here for long, and nobody else gets e-mails."""
    calendar = Calendar.objects.get()
    Calendar.objects.filter(pk=calendar.pk).update(time_zone="Europe/Madrid")
    Member.objects.create(team=Team.objects.get(name="Sales"), user=saul)
    User.objects.update(date_joined=datetime(2020, 1, 1, tzinfo=UTC))
    calendar.refresh_from_db()
    return calendar


@pytest.fixture
def lea(db: None) -> Contact:
    return Contact.objects.create(
        email="lea@example.com", first_name="Lea", phone="600", owner="saul"
    )


@pytest.fixture
def call(saul: User, lea: Contact) -> Task:
    return Task.objects.create(contact=lea, title="Call", assignee=saul, due_at=MORNING + 3 * HOUR)


def sent() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("key", flat=True))


def text_of(user: User, at: datetime = MORNING) -> str:
    digest = digest_of(user, at)
    return digest.text if digest else ""


class TestWhen:
    @pytest.mark.usefixtures("call")
    def test_it_comes_once_when_the_working_day_begins(self, saul: User) -> None:
        key = f"digest:{saul.pk}:2026-12-02"
        assert write_due(MORNING - timedelta(seconds=1)) == 0
        assert write_due(MORNING) == 1
        for later in (0, 1, 3):
            write_due(MORNING + later * HOUR)
        assert sent() == [key]
        message = Message.objects.get()
        assert (message.channel, message.recipient) == ("staff", "saul@example.com")
        assert "Due today (1)" in message.content["text"]
        write_due(MORNING + 24 * HOUR)
        assert sent() == [key, f"digest:{saul.pk}:2026-12-03"]

    @pytest.mark.usefixtures("call")
    def test_where_no_worker_ran_the_day_goes_without(self) -> None:
        assert write_due(MORNING + 4 * HOUR) == 0

    @pytest.mark.usefixtures("call")
    def test_whoever_came_today_begins_tomorrow(self, saul: User) -> None:
        User.objects.filter(pk=saul.pk).update(date_joined=MORNING + timedelta(minutes=1))
        assert write_due(MORNING + HOUR) == 0
        assert write_due(MORNING + 24 * HOUR) == 1

    def test_where_there_is_nothing_to_say_nothing_is_sent_all_day(
        self, saul: User, lea: Contact
    ) -> None:
        assert write_due(MORNING) == 1
        Task.objects.create(contact=lea, title="Call", assignee=saul, due_at=MORNING)
        assert write_due(MORNING + HOUR) == 0
        assert sent() == []

    NONE: list[tuple[str, Any]] = [
        ("it is off", lambda saul: Preferences.objects.create(user=saul, digest=False)),
        ("no address", lambda saul: User.objects.filter(pk=saul.pk).update(email="")),
        ("has left", lambda saul: User.objects.filter(pk=saul.pk).update(is_active=False)),
        ("no tasks", lambda saul: saul.groups.clear()),
        (
            "away",
            lambda saul: Absence.objects.create(
                user=saul, first_day=date(2026, 12, 1), last_day=date(2026, 12, 2)
            ),
        ),
        (
            "a holiday",
            lambda saul: Holiday.objects.create(
                calendar=Calendar.objects.get(), day=date(2026, 12, 2)
            ),
        ),
        (
            "not on this day",
            lambda saul: Preferences.objects.create(user=saul, digest_days=[0, 1, 3]),
        ),
        ("later", lambda saul: Preferences.objects.create(user=saul, digest_at=time(9, 30))),
    ]

    @pytest.mark.parametrize(("why", "make"), NONE, ids=[each[0] for each in NONE])
    @pytest.mark.usefixtures("call")
    def test_none_is_sent(self, saul: User, why: str, make: Any) -> None:
        make(saul)
        write_due(MORNING)
        assert sent() == []

    CLOCKS = [
        # The day, what is chosen, and the instant in UTC.
        (date(2026, 12, 2), {}, datetime(2026, 12, 2, 8, tzinfo=UTC)),
        (date(2026, 7, 1), {}, datetime(2026, 7, 1, 7, tzinfo=UTC)),
        # The days before and after the clock is put forward, and back.
        (date(2026, 3, 27), {"digest_at": time(7, 30)}, datetime(2026, 3, 27, 6, 30, tzinfo=UTC)),
        (date(2026, 3, 30), {"digest_at": time(7, 30)}, datetime(2026, 3, 30, 5, 30, tzinfo=UTC)),
        (date(2026, 10, 23), {}, datetime(2026, 10, 23, 7, tzinfo=UTC)),
        (date(2026, 10, 26), {}, datetime(2026, 10, 26, 8, tzinfo=UTC)),
        # The Sunday on which 02:30 is not on the clock: when it would have been.
        (
            date(2026, 3, 29),
            {"digest_days": [6], "digest_at": time(2, 30)},
            datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        ),
        # And that on which it is there twice: the first time.
        (
            date(2026, 10, 25),
            {"digest_days": [6], "digest_at": time(2, 30)},
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        ),
        # A Saturday without hours, but chosen.
        (date(2026, 12, 5), {"digest_days": [5]}, datetime(2026, 12, 5, 8, tzinfo=UTC)),
        (date(2026, 12, 5), {}, None),
    ]

    @pytest.mark.parametrize(("day", "chosen", "at"), CLOCKS)
    def test_it_is_due_by_the_clock_on_the_wall(
        self, madrid: Calendar, saul: User, day: date, chosen: Any, at: datetime | None
    ) -> None:
        assert due_on(day, Preferences(user=saul, **chosen), madrid.working_time()) == at

    @pytest.mark.usefixtures("call")
    def test_one_that_fails_holds_up_no_other(
        self, saul: User, mona: User, lea: Contact, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        User.objects.update(date_joined=datetime(2020, 1, 1, tzinfo=UTC))
        Task.objects.create(contact=lea, title="Call", assignee=mona, due_at=MORNING)

        def broken(user: User, *facts: Any) -> Any:
            if user == saul:
                raise RuntimeError("broken")
            return digest_of(user, *facts)

        monkeypatch.setattr("scoring.pipeline.personal.jobs.digest_of", broken)
        assert write_due(MORNING) == 1
        assert sent() == [f"digest:{mona.pk}:2026-12-02"]

    def test_looking_each_minute_asks_little(
        self, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_max_num_queries(6):
            write_due(MORNING - HOUR)


class TestWhat:
    def test_tasks_are_overdue_or_due_until_tonight(self, saul: User, lea: Contact) -> None:
        for title, due in (
            ("late", MORNING - HOUR), ("at noon", MORNING + 3 * HOUR),
            ("at 23:30", MORNING + 14.5 * HOUR), ("tomorrow", MORNING + 15.5 * HOUR),
        ):  # fmt: skip
            Task.objects.create(contact=lea, title=title, assignee=saul, due_at=due)
        Task.objects.create(contact=lea, title="of others", due_at=MORNING)
        put_off = Task.objects.create(contact=lea, title="put off", assignee=saul, due_at=MORNING)
        Task.objects.filter(pk=put_off.pk).snooze(MORNING + 40 * HOUR)
        text = text_of(saul)
        assert "Overdue (1)\n- 08:00: late – Lea, 600" in text
        assert "Due today (2)\n- 12:00: at noon – Lea, 600\n- 23:30: at 23:30" in text
        assert "/admin/contacts/task/?whose=mine&due=overdue" in text
        for absent in ("tomorrow", "of others", "put off"):
            assert absent not in text

    def test_many_are_counted_and_not_all_named(self, saul: User, lea: Contact) -> None:
        Task.objects.bulk_create(
            Task(contact=lea, title=f"t{each}", assignee=saul, due_at=MORNING) for each in range(40)
        )
        text = text_of(saul, MORNING + HOUR)
        assert "Overdue (40)" in text
        assert text.count("\n- ") == 16
        assert "- and 25 more" in text

    def test_it_is_in_the_persons_language(self, saul: User, call: Task) -> None:
        Preferences.objects.create(user=saul, language="es")
        digest = digest_of(saul, MORNING)
        assert digest is not None
        assert "Para hoy (1)\n- 12:00: Call – Lea, 600" in digest.text
        assert digest.subject.startswith("Su día, ")

    def test_hot_leads_say_what_is_left_and_the_others_wait_for_feedback(
        self, saul: User, lea: Contact
    ) -> None:
        model = go_live().model
        facts = {"model": model, "band": "hot", "total": 92, "handed_at": MORNING - 30 * HOUR}
        Handover.objects.create(contact=lea, respond_by=MORNING + 5.5 * HOUR, **facts)
        tried = Contact.objects.create(email="max@example.com", owner="saul")
        Handover.objects.create(
            contact=tried, responded_at=MORNING - HOUR, feedback_by=MORNING - HOUR, **facts
        )
        theirs = Contact.objects.create(email="eva@example.com", owner="peter")
        Handover.objects.create(contact=theirs, **facts)
        text = text_of(saul)
        assert "New hot leads (1)\n- Lea, 600 (hot, 92): 5 h 00 min of working time left" in text
        assert "Waiting for your feedback (1)\n- max@example.com: was due 08:00" in text
        assert "eva@" not in text

    def test_meetings_booked_since_work_last_began(self, saul: User, lea: Contact) -> None:
        kind = ActivityType.objects.get(slug="meeting_booked")
        target = Target.objects.get_or_create(text="")[0]
        for ago in (1, 30):
            Activity.objects.create(
                contact=lea, type=kind, target=target, occurred_at=MORNING - ago * HOUR
            )
        text = text_of(saul)
        assert "Meetings booked (1)\n- 08:00: Lea, 600" in text
        assert f"/admin/contacts/activity/?type__id__exact={kind.pk}" in text

    def test_the_dormant_are_named_on_the_first_day_of_a_week(self, saul: User) -> None:
        now = datetime(2026, 12, 2, 8, tzinfo=UTC)
        track = go_live(as_of=now - timedelta(days=300))
        ana = person("ana", job_title="Director", owner="saul")
        visit(ana, timedelta(days=100), now=now)
        scored(track, ana, 70, now - timedelta(days=100))
        monday, tuesday = now - timedelta(days=2), now - timedelta(days=1)
        assert "Dormant opportunities (1)\n- ana@x.example: " in text_of(saul, monday)
        assert "Dormant" not in text_of(saul, tuesday)
        Holiday.objects.create(calendar=Calendar.objects.get(), day=date(2026, 11, 30))
        assert "Dormant opportunities (1)" in text_of(saul, tuesday)


def scored(track: Any, contact: Contact, total: int, at: datetime) -> None:
    """As if the contact had had this total then, and a lower one now."""
    ScoreChange.objects.create(
        track=track, contact=contact, revision=900, version=track.version, cause="activity",
        as_of=at, written_at=at, total_before=30, band_before="warm", total=total, band="hot",
        breakdown=[30, 0, 40],
    )  # fmt: skip
    from_now = {"contact": contact, "total": 30, "fit": 30, "interest": 0, "band": "warm"}
    track.score_set.update_or_create(
        contact=contact,
        defaults=from_now
        | {"revision": 901, "grade": "A2", "excluded": False, "groups": [30, 0],
           "breakdown": [30, 0, 0], "changed_at": at},
    )  # fmt: skip
