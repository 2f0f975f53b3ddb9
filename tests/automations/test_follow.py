"""What a change of a score sets off, in the transaction that writes it."""

from datetime import timedelta

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from contacts.models import Contact, Pending, Tag
from contacts.provenance import quietly
from contacts.records import parse_activity
from contacts.storing import store_activities
from scoring.automations import firing
from scoring.automations.handing_over import do_released
from scoring.automations.models import ActionRun, Automation, Crossing, TriggerState
from scoring.criteria.document import parse
from scoring.criteria.loading import load
from scoring.engine.models import Cause, ScoreChange
from scoring.engine.publish import publish
from scoring.engine.recompute import start, work
from scoring.engine.refresh import refresh
from scoring.engine.retries import refresh_pending
from tests.automations.set_up import HOT, MODEL, TRACE, Data, crossed, go_live, hot, person, visit
from tests.engine.scored import refresh_all

pytestmark = pytest.mark.django_db

NOW = timedelta()
ONCE: Data = {"kind": "trace", "tag": "impossible"}


def director(name: str = "ana") -> Contact:
    """30 points: warm, and hot after one visit to the prices."""
    who = person(name, job_title="Director")
    refresh_all()
    return who


def runs(who: Contact) -> list[tuple[str, str]]:
    found = ActionRun.objects.filter(crossing__contact=who).order_by("position")
    return [(run.state, run.detail) for run in found]


def test_a_crossing_does_its_actions_with_the_score() -> None:
    go_live()
    hot()
    who = director()
    assert crossed(who) == []
    visit(who, NOW)
    refresh_all()
    assert crossed(who) == [("Hot", "up", "")]
    assert runs(who) == [("done", "tagged as seen")]
    [crossing] = Crossing.objects.all()
    change = ScoreChange.objects.order_by("-revision")[0]
    assert change.revision == crossing.revision
    assert (
        (crossing.total_before, crossing.total) == (change.total_before, change.total) == (30, 70)
    )
    assert who.tag_names() == [f"seen x:{crossing.pk}:0".lower()]


def test_what_changes_no_threshold_sets_nothing_off() -> None:
    go_live()
    hot()
    who = director()
    visit(who, NOW)
    refresh_all()
    visit(who, NOW, kind="visit")
    refresh_all()
    refresh([who.pk], Cause.ACTIVITY)
    assert crossed(who) == [("Hot", "up", "")]


def test_a_contact_that_is_hot_from_the_first_moment_crosses() -> None:
    go_live()
    hot()
    who = person("eva", job_title="Director")
    visit(who, NOW)
    refresh_all()
    assert crossed(who) == [("Hot", "up", "")]


def test_a_jump_over_two_bands_tells_the_lower_first() -> None:
    go_live()
    hot({"kind": "band_entered", "band": "hot"}, name="A hot one")
    hot({"kind": "band_entered", "band": "warm"}, name="B warm one")
    who = person("leo", job_title="Director")
    visit(who, NOW)
    refresh_all()
    runs = ActionRun.objects.filter(crossing__contact=who).order_by("pk")
    assert [run.crossing.automation.name for run in runs] == ["B warm one", "A hot one"]


def test_switching_on_sets_nothing_off_for_who_is_there_already() -> None:
    go_live()
    who = director()
    visit(who, NOW)
    refresh_all()
    hot()
    visit(who, timedelta(days=1))
    refresh_all()
    assert crossed(who) == []


def test_an_automation_that_is_off_does_nothing() -> None:
    go_live()
    hot().switch_off()
    who = director()
    visit(who, NOW)
    refresh_all()
    assert crossed(who) == []


def test_what_was_imported_is_held_back_until_somebody_hands_it_over(admin_user: object) -> None:
    go_live()
    hot()
    who = director()
    with quietly():
        visit(who, NOW)
    refresh_all()
    assert crossed(who) == [("Hot", "up", "quiet")]
    assert runs(who) == []
    assert Crossing.objects.all().release(admin_user) == 1  # type: ignore[arg-type]
    assert do_released() == 1
    assert do_released() == 0
    assert runs(who) == [("done", "tagged as seen")]
    assert Crossing.objects.all().release(admin_user) == 0  # type: ignore[arg-type]


def test_a_loud_change_beside_an_import_is_loud() -> None:
    go_live()
    hot()
    who = director()
    with quietly():
        visit(who, NOW)
    visit(who, NOW, kind="visit")
    refresh_all()
    assert crossed(who) == [("Hot", "up", "")]


def test_another_version_is_quiet() -> None:
    track = go_live()
    hot()
    who = director()
    lower = {
        **MODEL,
        "bands": [{"name": "cold"}, {"name": "warm", "from": 5}, {"name": "hot", "from": 30}],
    }
    go_live(lower)
    assert crossed(who) == []
    visit(who, NOW)
    refresh_all()
    assert crossed(who) == []
    go_live(MODEL)
    other = director("zoe")
    go_live({**MODEL, "groups": [*MODEL["groups"], GIFT]})
    assert crossed(other) == [("Hot", "up", "quiet")]
    assert track.role == "live"


GIFT: Data = {
    "name": "Gift",
    "dimension": "fit",
    "rules": [{"name": "Anybody", "points": 30, "when": {"field": "email", "op": "is_not_empty"}}],
}


def test_what_somebody_did_while_everybody_was_recomputed_is_not_lost() -> None:
    track = go_live()
    hot()
    who = director()
    visit(who, NOW)
    list(work(start(track, Cause.RECOMPUTE)))
    assert crossed(who) == [("Hot", "up", "")]
    refresh_all()
    assert crossed(who) == [("Hot", "up", "")]


def test_conditions_must_hold_when_it_crosses() -> None:
    go_live()
    hot(conditions=[{"not": True, "activity": {"type": "meeting_booked"}}])
    booked, free = director("booked"), director("free")
    visit(booked, timedelta(days=1), kind="meeting_booked")
    visit(booked, NOW)
    visit(free, NOW)
    refresh_all()
    assert crossed(booked) == [("Hot", "up", "conditions")]
    assert crossed(free) == [("Hot", "up", "")]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("impossible", ("failed", "It cannot be done.")),
        ("broken", ("failed", "Something unexpected happened; the log says what.")),
    ],
)
def test_an_action_that_fails_takes_no_other_with_it(tag: str, expected: tuple[str, str]) -> None:
    go_live()
    hot(HOT, {"kind": "trace", "tag": tag}, TRACE)
    who = director()
    visit(who, NOW)
    refresh_all()
    assert runs(who) == [expected, ("done", "tagged as seen")]
    assert Tag.objects.count() == 1


def test_a_failed_action_can_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    go_live()
    hot(HOT, ONCE)
    who = director()
    visit(who, NOW)
    refresh_all()
    [failed] = ActionRun.objects.all()
    assert firing.try_again(failed).state == "failed"
    assert ActionRun.objects.count() == 1


def test_a_lost_connection_undoes_the_whole_refresh(monkeypatch: pytest.MonkeyPatch) -> None:
    go_live()
    hot()
    who = director()
    visit(who, NOW)

    def deadlock(*_args: object) -> str:
        raise OperationalError("deadlock detected")

    with monkeypatch.context() as patched:
        patched.setattr("tests.automations.set_up.Trace.run", deadlock)
        with pytest.raises(OperationalError):
            refresh_pending()
    assert (crossed(who), Pending.objects.exists()) == ([], True)
    refresh_all()
    assert crossed(who) == [("Hot", "up", "")]


def test_automations_that_set_each_other_off_come_to_an_end() -> None:
    """Each tags the contact, and a tag is an activity's worth to the other."""
    go_live()
    hot({"kind": "activity", "activity": {"type": "page_view"}}, {"kind": "trace", "tag": "echo"})
    who = director()
    for _turn in range(firing.MOST_A_DAY + 5):
        visit(who, NOW)
        refresh_all()
    reasons = [reason for _name, _direction, reason in crossed(who)]
    assert reasons.count("") == firing.MOST_A_DAY
    assert reasons.count("loop") == 5


def test_a_chain_of_automations_goes_so_deep_and_no_deeper() -> None:
    go_live()
    hot()
    who = director()
    visit(who, NOW)
    Pending.objects.filter(contact=who).update(depth=firing.MOST_DEPTH)
    refresh_all()
    assert crossed(who) == [("Hot", "up", "loop")]


def test_what_an_action_changes_is_marked_as_its_doing() -> None:
    go_live()
    hot()
    who = director()
    visit(who, NOW)
    refresh_pending()
    [again] = Pending.objects.filter(contact=who)
    assert (again.depth, again.quiet) == (1, False)
    assert who.changes.filter(field="tags").get().origin == "automation: Hot"


def test_every_activity_of_a_kind_is_an_event_of_its_own() -> None:
    go_live()
    hot({"kind": "activity", "activity": {"type": "purchase"}}, name="Buys")
    who = director()
    for _time in range(2):
        visit(who, NOW, kind="purchase")
        refresh_all()
    visit(who, timedelta(days=1), kind="download")
    refresh_all()
    assert crossed(who) == [("Buys", "up", "")] * 2


@pytest.mark.parametrize(
    ("ago", "expected"),
    [(timedelta(days=6), [("Buys", "up", "")]), (timedelta(days=8), []), (-timedelta(hours=1), [])],
)
def test_an_activity_of_long_ago_or_of_the_future_is_no_event(
    ago: timedelta, expected: list[tuple[str, str, str]]
) -> None:
    go_live()
    hot({"kind": "activity", "activity": {"type": "purchase"}}, name="Buys")
    who = director()
    visit(who, ago, kind="purchase")
    refresh_all()
    assert crossed(who) == expected


def test_only_activities_that_the_test_describes_are_events() -> None:
    go_live()
    target = {"op": "starts_with", "value": "/checkout"}
    hot({"kind": "activity", "activity": {"type": "page_view", "target": target}})
    who = director()
    visit(who, NOW, "/checkout/2")
    visit(who, NOW, "/about")
    refresh_all()
    assert len(crossed(who)) == 1


def test_an_event_cools_down() -> None:
    go_live()
    trigger = {"kind": "activity", "activity": {"type": "purchase"}, "cool_down_hours": 1}
    hot(trigger, name="Buys")
    who = director()
    for _time in range(2):
        visit(who, NOW, kind="purchase")
        refresh_all()
    assert crossed(who) == [("Buys", "up", ""), ("Buys", "up", "cool_down")]


def test_automated_activities_are_no_events() -> None:
    go_live()
    hot({"kind": "activity", "activity": {"type": "purchase"}})
    who = director()
    record = {
        "contact": who.email,
        "type": "purchase",
        "occurred_at": timezone.now().isoformat(),
        "automated": True,
    }
    store_activities([parse_activity(record)])
    refresh_all()
    assert crossed(who) == []


def test_a_rise_within_some_days_is_seen() -> None:
    go_live()
    hot({"kind": "change", "points": 40, "within": "7 days"}, name="Rises")
    slow, fast = director("slow"), director("fast")
    visit(fast, NOW)
    refresh_all()
    assert (crossed(slow), crossed(fast)) == ([], [("Rises", "up", "")])


def test_a_rise_counts_from_what_the_total_was_so_long_ago() -> None:
    go_live()
    hot({"kind": "change", "points": 40, "within": "7 days"}, name="Rises")
    who = director()
    early = timezone.now() - timedelta(days=30)
    ScoreChange.objects.filter(contact=who).update(as_of=early)
    person("other")
    visit(who, NOW)
    refresh_all()
    assert crossed(who) == [("Rises", "up", "")]
    assert Crossing.objects.get().total_before == 30


def test_a_fall_is_a_rise_the_other_way_round() -> None:
    go_live()
    hot({"kind": "change", "points": 30, "within": "7 days", "direction": "down"}, name="Falls")
    who = director()
    early = timezone.now() - timedelta(days=30)
    ScoreChange.objects.filter(contact=who).update(as_of=early)
    who.job_title = "Assistant"
    who.save()
    refresh_all()
    assert crossed(who) == [("Falls", "up", "")]


def test_the_state_is_kept_once_for_contact_and_automation() -> None:
    go_live()
    automation = hot()
    who = director()
    visit(who, NOW)
    refresh_all()
    [state] = TriggerState.objects.all()
    assert (state.armed, state.episode, state.contact_id) == (False, 1, who.pk)
    assert automation.rearm([who.pk]) == 1
    assert TriggerState.objects.get().armed


def test_an_excluded_contact_crosses_nothing() -> None:
    go_live()
    hot()
    who = person("rival", job_title="Director", tags=["competitor"])
    visit(who, NOW)
    refresh_all()
    assert crossed(who) == []


def test_a_crossing_is_stored_once_whatever_happens() -> None:
    go_live()
    hot()
    who = director()
    visit(who, NOW)
    refresh_all()
    [crossing] = Crossing.objects.all()
    with pytest.raises(Exception, match="(?i)unique"), transaction.atomic():
        Crossing.objects.create(
            track=crossing.track,
            contact=who,
            automation=crossing.automation,
            version=crossing.version,
            episode=crossing.episode,
            direction=crossing.direction,
            as_of=crossing.as_of,
        )


def test_an_automation_that_no_longer_fits_its_model_leaves_the_others_alone() -> None:
    go_live()
    hot(name="Hot")
    hot({"kind": "total_reaches", "points": 70}, name="Seventy")
    renamed = {
        **MODEL,
        "bands": [{"name": "cold"}, {"name": "boiling", "from": 60}],
        "scenarios": [],
    }
    publish(load(parse(renamed)).version)
    who = director()
    visit(who, NOW)
    refresh_all()
    assert crossed(who) == [("Seventy", "up", "")]
    assert Automation.objects.filter(live=True).count() == 2
