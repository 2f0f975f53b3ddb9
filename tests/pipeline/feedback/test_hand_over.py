"""The action that hands a lead over: once, with deadlines in working time."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.models import Calendar, Holiday, Member, Team
from contacts.provenance import quietly
from scoring.automations.models import ActionRun, Crossing
from scoring.criteria.models import ScoringModel
from scoring.pipeline.feedback.handing import Handing
from scoring.pipeline.feedback.models import Alarm, Handover, ServiceLevel
from tests.automations.actions.acting import action, faults, parameters
from tests.automations.set_up import HOT, go_live, hot, person, refresh_all, visit
from tests.pipeline.feedback.handed import MONDAY, handed, in_madrid, lead, seller

pytestmark = pytest.mark.django_db

HAND_OVER = {"kind": "hand_over"}


def madrid(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Madrid"))


def test_a_crossing_makes_one_handover() -> None:
    go_live()
    hot(HOT, HAND_OVER, HAND_OVER)
    who = person("ana", job_title="Director", owner="saul")
    visit(who, timedelta())
    refresh_all()
    refresh_all()
    crossing = Crossing.objects.get()
    handover = Handover.objects.get()
    assert (handover.contact_id, handover.crossing, handover.owner) == (who.pk, crossing, "saul")
    assert (handover.band, handover.total, handover.origin) == ("hot", 70, crossing.key(0))
    assert handover.handed_at < (handover.respond_by or MONDAY) < (handover.feedback_by or MONDAY)
    first, second = ActionRun.objects.order_by("position")
    assert first.detail.startswith("Handed over to saul, first deadline ")
    assert second.detail.startswith("The lead was handed over on ")
    assert handover.alarms.count() == 4


def test_what_is_held_back_is_not_handed_over() -> None:
    go_live()
    hot(HOT, HAND_OVER)
    who = person("ana", job_title="Director")
    refresh_all()
    with quietly():
        visit(who, timedelta())
    refresh_all()
    assert Crossing.objects.get().suppressed == "quiet"
    assert not Handover.objects.exists()


def test_a_lead_that_waits_is_not_handed_over_again() -> None:
    contact, model = lead(), ScoringModel.objects.create(name="B2B")
    first = Handing(contact, model, "hot", 80, MONDAY, "x:1:0").do()
    assert Handing(contact, model, "hot", 90, MONDAY, "x:2:0").do() == (first[0], False)
    Handover.objects.update(verdict="accepted", answered_at=MONDAY)
    assert Handing(contact, model, "hot", 90, MONDAY, "x:1:0").do() == (first[0], False)
    assert Handing(contact, model, "hot", 90, MONDAY, "x:2:0").do()[1]


TIMES = [
    # Handed over, to be reached within 4 working hours, to be answered within 16.
    ("2026-10-05T09:00", "2026-10-05T13:00", "2026-10-06T18:00"),
    # Over the pause, the weekend and the holiday of the Monday.
    ("2026-10-09T17:00", "2026-10-13T12:00", "2026-10-14T17:00"),
    # The clock is put back in the night to Sunday 25 October, and forward on 28 March.
    ("2026-10-23T16:00", "2026-10-26T11:00", "2026-10-27T16:00"),
    ("2027-03-26T16:00", "2027-03-29T11:00", "2027-03-30T16:00"),
]


@pytest.mark.parametrize(("at", "respond", "feedback"), TIMES)
def test_deadlines_are_counted_in_working_time(at: str, respond: str, feedback: str) -> None:
    Holiday.objects.create(calendar=in_madrid(), day=date(2026, 10, 12))
    handover = handed(at=madrid(at))
    assert handover.respond_by == madrid(respond)
    assert handover.feedback_by == madrid(feedback)


def test_the_calendar_is_the_level_s_or_the_team_s_or_the_default_one() -> None:
    default = in_madrid()
    night = Calendar.objects.create(name="Night", hours={"mon": [["20:00", "24:00"]]})
    other = Calendar.objects.create(name="Other", time_zone="Europe/Madrid")
    team = Team.objects.create(name="Nights", calendar=night)
    Member.objects.create(team=team, user=seller("sally", team=False))
    assert handed("ana", owner="nobody").calendar == default
    assert handed("ben", owner="Sally").calendar == night
    level = ServiceLevel.objects.create(
        model=ScoringModel.objects.get(name="B2B"), band="hot", calendar=other
    )
    assert handed("eva", owner="sally").calendar == other
    assert level.calendar_for("") == other


ALARMS = [
    # respond, answer, warn before, escalate after: what reminds, in working hours.
    (
        (4, 16, 1, 0),
        {"response_near": 3, "response_past": 4, "feedback_near": 15, "feedback_past": 16},
    ),
    ((None, 8, 2, 4), {"feedback_near": 6, "feedback_past": 12}),
    ((2, None, 2, None), {}),
    ((None, None, 1, 0), {}),
]


@pytest.mark.parametrize(("agreed", "wanted"), ALARMS)
def test_what_reminds_follows_from_the_service_level(
    agreed: tuple[int | None, ...], wanted: dict[str, int]
) -> None:
    work = in_madrid().working_time()
    names = ("respond_hours", "feedback_hours", "warn_hours", "escalate_hours")
    hours = [None if each is None else Decimal(each) for each in agreed]
    model = ScoringModel.objects.create(name="B2B")
    ServiceLevel.objects.create(model=model, band="hot", **dict(zip(names, hours, strict=True)))
    handover = handed()
    assert {alarm.kind: alarm.due_at for alarm in Alarm.objects.all()} == {
        kind: work.add(MONDAY, timedelta(hours=each)) for kind, each in wanted.items()
    }
    assert (handover.respond_by is None) == (agreed[0] is None)


def test_it_is_said_written_and_refused_as_any_action() -> None:
    read = action("hand_over")
    assert (read.sentence(), read.data()) == (
        "hand the lead over to sales, who accept or reject it",
        {},
    )
    assert len(faults("hand_over", team="Sales")) == 1
    assert parameters("hand_over") == {}


def test_the_builder_offers_it(client: Client) -> None:
    track = go_live()
    admin = User.objects.create_superuser("root")
    client.force_login(admin)
    address = reverse("admin:scoring_automation_add") + f"?model={track.model_id}"
    assert "Hand the lead over to sales" in client.get(address).content.decode()
