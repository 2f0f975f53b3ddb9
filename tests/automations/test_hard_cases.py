"""Where several things meet: models, versions, batches, imports, edits, and people's hands."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from contacts.models import Contact, Pending
from contacts.provenance import quietly
from scoring.automations import firing
from scoring.automations.handing_over import do_released
from scoring.automations.loading import load_automation
from scoring.automations.models import ActionRun, Automation, Crossing
from scoring.automations.outbox.messages import why_not
from scoring.automations.silence import listen
from scoring.criteria.document import parse
from scoring.criteria.loading import load
from scoring.engine.models import Cause, Score
from scoring.engine.publish import publish
from scoring.engine.recompute import start, work
from scoring.engine.retries import refresh_pending
from scoring.engine.troubled import Troubled
from tests.automations.set_up import HOT, MODEL, TRACE, Data, crossed, go_live, hot, person, visit
from tests.engine.scored import refresh_all

pytestmark = pytest.mark.django_db

NOW = timedelta()
PAGE_VIEWS: Data = {"kind": "activity", "activity": {"type": "page_view"}}


def director() -> Contact:
    who = person("ana", job_title="Director")
    refresh_all()
    return who


def change_trigger(automation: Automation, trigger: Data) -> None:
    load_automation(automation.model, automation.name, {"trigger": trigger, "actions": [TRACE]})


def test_an_activity_is_one_event_however_many_models_there_are() -> None:
    go_live()
    list(work(publish(load(parse({**MODEL, "name": "Another"})).version)))
    hot(PAGE_VIEWS, name="Looks")
    who = director()
    visit(who, NOW)
    refresh_all()
    assert not Troubled.objects.exists()
    assert crossed(who) == [("Looks", "up", "")]


def test_a_band_of_the_new_version_alone_troubles_nobody_while_the_old_is_patched() -> None:
    go_live()
    who = director()
    more = deepcopy(MODEL)
    more["bands"].append({"name": "burning", "from": 75})
    recompute = publish(load(parse(more)).version)
    assert recompute.base is not None
    hot({"kind": "band_entered", "band": "burning"}, name="Burning")
    visit(who, NOW)
    refresh_all()
    assert not Troubled.objects.exists()


def test_reasons_are_those_of_the_version_that_made_the_score() -> None:
    go_live()
    hot(HOT, {"kind": "trace", "tag": "seen"})
    who = director()
    short = deepcopy(MODEL)
    short["groups"][0]["rules"] = short["groups"][0]["rules"][:1]
    assert publish(load(parse(short)).version).base is not None
    visit(who, NOW)
    refresh_all()
    assert not Troubled.objects.exists()
    assert crossed(who) == [("Hot", "up", "")]


def test_a_longer_silence_is_waited_for_from_now_on() -> None:
    go_live()
    first = hot({"kind": "quiet", "for": "7 days"}, name="A")
    hot({"kind": "quiet", "for": "8 days"}, name="B")
    who = person("ana")
    visit(who, timedelta(days=7) - timedelta(minutes=1))
    refresh_all()
    assert listen(timezone.now() + timedelta(hours=1)) == 1
    change_trigger(first, {"kind": "quiet", "for": "14 days"})
    assert listen(timezone.now() + timedelta(days=7, hours=1)) == 1
    assert crossed(who) == [("A", "down", ""), ("B", "down", "")]


def test_one_automation_that_cannot_listen_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_live()
    broken = hot({"kind": "quiet", "for": "7 days"}, name="A")
    hot({"kind": "quiet", "for": "7 days"}, name="B")
    who = person("ana")
    visit(who, timedelta(days=7) - timedelta(minutes=1))
    refresh_all()
    gone_quiet = firing.carry_out

    def fails_for_one(track: object, firings: list[firing.Firing], as_of: object) -> object:
        if firings and firings[0].automation == broken:
            raise ZeroDivisionError
        return gone_quiet(track, firings, as_of)  # type: ignore[arg-type]

    monkeypatch.setattr("scoring.automations.silence.carry_out", fails_for_one)
    assert listen(timezone.now() + timedelta(hours=1)) == 1
    assert crossed(who) == [("B", "down", "")]


def test_a_click_after_an_import_is_heard_though_the_import_comes_up_first() -> None:
    go_live()
    hot()
    who = director()
    with quietly():
        Contact.objects.filter(pk=who.pk).update(city="Lima")
    visit(who, NOW)
    refresh_pending(most=1)
    refresh_all()
    assert crossed(who) == [("Hot", "up", "")]


def test_what_is_handed_over_meets_its_conditions(admin_user: User) -> None:
    go_live()
    hot(HOT, conditions=[{"not": True, "activity": {"type": "meeting_booked"}}])
    free = person("free", job_title="Director")
    booked = director()
    with quietly():
        visit(booked, NOW, kind="meeting_booked")
        visit(booked, NOW)
        visit(free, NOW)
    refresh_all()
    assert Crossing.objects.all().release(admin_user) == 2
    assert do_released() == 2
    assert [run.crossing.contact for run in ActionRun.objects.all()] == [free]
    assert crossed(booked) == [("Hot", "up", "conditions")]


@pytest.mark.parametrize(
    ("trigger", "came_of_it"),
    [
        (HOT, "passed"),
        ({"kind": "total_reaches", "points": 70}, "passed"),
        ({"kind": "near", "band": "hot", "points": 30}, ""),
        (PAGE_VIEWS, ""),
    ],
)
def test_what_is_handed_over_is_past_its_level_still(
    trigger: Data, came_of_it: str, admin_user: User
) -> None:
    go_live()
    hot(trigger)
    who = director()
    with quietly():
        visit(who, NOW)
    refresh_all()
    Crossing.objects.update(suppressed="quiet")
    Contact.objects.filter(pk=who.pk).update(job_title="")
    refresh_all()
    held = Crossing.objects.all()
    assert held.release(admin_user) == 1
    assert do_released() == 1
    assert crossed(who) == [("Hot", "up", came_of_it)]
    assert ActionRun.objects.count() == (0 if came_of_it else 1)
    assert (held.release(admin_user), do_released()) == (0, 0)


def test_who_is_excluded_or_no_audience_by_now_is_past_no_level(admin_user: User) -> None:
    go_live()
    hot()
    who = director()
    with quietly():
        visit(who, NOW)
    refresh_all()
    Score.objects.update(excluded=True)
    Crossing.objects.all().release(admin_user)
    do_released()
    assert crossed(who) == [("Hot", "up", "passed")]


def test_what_no_longer_fits_is_held_back_again(admin_user: User) -> None:
    go_live()
    hot()
    who = director()
    with quietly():
        visit(who, NOW)
    refresh_all()
    bands = [{"name": "cold"}, {"name": "boiling", "from": 60}]
    publish(load(parse({**MODEL, "bands": bands, "scenarios": []})).version)
    Crossing.objects.all().release(admin_user)
    do_released()
    assert crossed(who) == [("Hot", "up", "quiet")]
    assert not Crossing.objects.filter(to_be_done=True).exists()


def test_another_trigger_sets_nothing_off_for_what_was_before() -> None:
    go_live()
    automation = hot({"kind": "activity", "activity": {"type": "purchase"}}, name="Buys")
    who = director()
    for days in range(5):
        visit(who, timedelta(days=days))
    refresh_all()
    change_trigger(automation, PAGE_VIEWS)
    visit(who, NOW, kind="email_open")
    refresh_all()
    assert crossed(who) == []


def test_many_activities_at_once_act_as_often_as_many_one_by_one() -> None:
    go_live()
    hot(PAGE_VIEWS)
    who = director()
    for minutes in range(firing.MOST_A_DAY + 10):
        visit(who, timedelta(minutes=minutes))
    refresh_all()
    reasons = [reason for _name, _direction, reason in crossed(who)]
    assert (reasons.count(""), reasons.count("loop")) == (firing.MOST_A_DAY, 10)


def test_whoever_is_let_off_while_hot_crosses_when_next_hot() -> None:
    go_live()
    automation = hot({**HOT, "rearm": {"mode": "manual"}})
    who = director()
    visit(who, NOW)
    refresh_all()
    automation.rearm([who.pk])
    visit(who, NOW)
    for title in ("Clerk", "Director"):
        refresh_all()
        Contact.objects.filter(pk=who.pk).update(job_title=title)
    refresh_all()
    assert crossed(who) == [("Hot", "up", ""), ("Hot", "up", "")]


def test_a_chain_does_not_begin_anew_behind_a_recompute() -> None:
    track = go_live()
    hot()
    who = director()
    visit(who, NOW)
    Pending.objects.filter(contact=who).update(depth=firing.MOST_DEPTH)
    list(work(start(track, Cause.RECOMPUTE)))
    assert crossed(who) == [("Hot", "up", "loop")]


def test_a_quiet_rise_is_noted_and_a_loud_one_after_it_is_not_another() -> None:
    go_live()
    hot({"kind": "change", "points": 20, "within": "7 days"}, name="Rises")
    who = person("ana")
    refresh_all()
    with quietly():
        visit(who, NOW)
    refresh_all()
    assert crossed(who) == [("Rises", "up", "quiet")]


@pytest.mark.parametrize(("back", "may"), [(False, False), (True, True)])
def test_an_activity_says_no_until_a_field_says_yes(back: bool, may: bool) -> None:
    who = director()
    assert why_not(who) == ""
    visit(who, timedelta(hours=1), kind="unsubscribe")
    if back:
        for unsubscribed in (True, False):
            Contact.objects.filter(pk=who.pk).update(unsubscribed=unsubscribed)
    assert (why_not(Contact.objects.get(pk=who.pk)) == "") is may
