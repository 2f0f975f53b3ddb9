"""A pilot is planned, started and stopped on its tab, by whoever may, with faults said in place."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from contacts.models import Activity, ActivityType, Target
from scoring.agreement.audit import AuditEntry
from scoring.agreement.changes import Refused
from scoring.agreement.going_live import BringLive, bring_live_what_is_due
from scoring.agreement.planned import GoingLive
from scoring.criteria.document import parse
from scoring.criteria.models import ScoringModel, Version
from scoring.criteria.segments import Segment
from scoring.engine.models import Cause, Track
from scoring.engine.pilots.arms import arm_of
from scoring.engine.pilots.models import Arm, Pilot
from scoring.engine.pilots.running import go_on_with_pilots
from scoring.engine.recompute import start, work
from scoring.reports.pilots.actions import DiscardPilot, PlanPilot, StartPilot, StopPilot
from scoring.reports.pilots.forms import PlanForm, per_cent
from scoring.reports.pilots.measures import SUCCESSES
from scoring.reports.pilots.planning import Size, past_of, size_of
from tests.engine.scored import MODEL, go_live, person

Data = dict[str, Any]
HALF: Data = {"limits": {"max": 70}}
# Of a plan that nobody has changed.
SEEN: Data = {"revision": "0"}


@pytest.fixture
def model(db: None) -> ScoringModel:
    found = go_live().model
    Version.objects.freeze(found, parse({**MODEL, **HALF}))
    return found


@pytest.fixture
def plan(model: ScoringModel, saul: User) -> Data:
    """What a marketer types."""
    return {
        "version": str(model.versions.get(state="draft").pk),
        "people": [str(saul.pk)],
        "measure": "met",
        "days": "14",
        "expected": "10",
        "smallest": "10",
        "token": str(uuid4()),
    }


def address(model: ScoringModel, name: str = "", *more: Any) -> str:
    view = "_".join(["admin:scoring_scoringmodel_pilot", *([name] if name else [])])
    return reverse(view, args=[model.pk, *more])


def test_a_plan_for_longer_than_anybody_lives_can_be_stored() -> None:
    assert (Size(1, 70).weeks, Size(1, 7 * 10**6).weeks) == (10, 32_767)


def test_a_pilot_is_planned_started_and_stopped(
    model: ScoringModel, plan: Data, client: Client, marta: User, saul: User
) -> None:
    client.force_login(marta)
    assert "No pilot of this model" in client.get(address(model)).content.decode()
    client.post(address(model, "plan"), plan)
    pilot = Pilot.objects.get()
    assert (pilot.state, pilot.per_arm, pilot.owners) == ("planned", 257, ["saul"])
    client.post(address(model, "replan", pilot.pk), {**plan, "days": "10"})
    assert Pilot.objects.get().days == 10
    assert "Start the pilot" in client.get(address(model)).content.decode()

    person("ana", owner="saul")
    client.post(address(model, "start", pilot.pk), {"revision": 1})
    pilot.refresh_from_db()
    assert pilot.state == "running"
    assert "Being prepared" in client.get(address(model)).content.decode()
    assert pilot.track is not None
    list(work(pilot.track.recomputes.get()))
    go_on_with_pilots()
    lead = pilot.members.get()
    page = client.get(reverse("admin:scoring_lead_change", args=[lead.contact_id]))
    assert "takes part in a pilot" in page.content.decode()

    client.post(address(model, "stop", pilot.pk))
    go_on_with_pilots()
    pilot.refresh_from_db()
    assert (pilot.state, pilot.stopped_by) == ("ended", marta)
    said = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    done = ["pilot_planned", "pilot_replanned", "pilot_started", "pilot_stopped"]
    assert [each for each in said if "pilot" in each] == done
    page = client.get(reverse("admin:scoring_lead_change", args=[lead.contact_id]))
    assert "takes part in a pilot" not in page.content.decode()


def test_what_is_filled_in_comes_to_a_size_at_once(
    model: ScoringModel, plan: Data, client: Client, mona: User
) -> None:
    client.force_login(mona)
    said = client.post(address(model, "size"), plan).content.decode()
    assert "257 leads in each arm" in said
    assert "So many never come" in said
    assert not Pilot.objects.exists()


def test_what_is_not_filled_in_yet_is_no_fault_and_what_is_wrong_is_one(
    model: ScoringModel, plan: Data, client: Client, mona: User
) -> None:
    client.force_login(mona)
    asked = {**plan, "people": [], "smallest": "", "days": "-1"}
    said = client.post(address(model, "size"), asked).content.decode()
    names = "Salespeople who take part, Smallest difference worth finding, in percentage points"
    assert f"Still to be filled in: {names}." in said
    [fault] = re.findall(r'agree-fault">([^:]*):', said)
    assert fault == "Days for each lead"


WRONG = [
    ({"version": ""}, "version"),
    ({"version": "0"}, "version"),
    ({"people": []}, "people"),
    ({"people": ["99999999"]}, "people"),
    ({"measure": "guessed"}, "measure"),
    ({"days": "0"}, "days"),
    ({"days": "61"}, "days"),
    ({"expected": "x"}, "expected"),
    ({"expected": ""}, "expected"),
    ({"expected": "1e9"}, "expected"),
    ({"smallest": "0"}, "smallest"),
    ({"smallest": ""}, "smallest"),
    ({"smallest": "NaN"}, "smallest"),
    ({"expected": "60", "smallest": "41"}, "smallest"),
    ({"stratum_1": "gone"}, "stratum_1"),
    ({"stratum_1": "spain", "stratum_2": "spain"}, "stratum_2"),
    ({"stratum_1": "broken"}, "stratum_1"),
    ({"token": ""}, "token"),
    ({"token": "x"}, "token"),
]


@pytest.mark.parametrize(("given", "place"), WRONG, ids=str)
def test_what_is_filled_in_wrongly_is_said_in_its_place(
    given: Data, place: str, model: ScoringModel, plan: Data, client: Client, marta: User
) -> None:
    spain = {"field": "country", "op": "equals", "value": "ES"}
    Segment(name="Spain", condition=spain).store(marta)
    Segment(name="Broken", condition={**spain, "field": "attributes.gone"}).store(marta)
    client.force_login(marta)
    answer = client.post(address(model, "plan"), {**plan, **given})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert list(answer.context["form"].errors) == [place]
    assert not Pilot.objects.exists()
    assert client.post(address(model, "size"), {**plan, **given}).status_code == 200


def test_what_has_changed_since_the_plan_stands_in_the_way(
    model: ScoringModel, plan: Data, client: Client, marta: User, saul: User
) -> None:
    client.force_login(marta)
    for _plan in range(2):
        client.post(address(model, "plan"), {**plan, "token": str(uuid4())})
    first, second = Pilot.objects.order_by("pk")
    client.post(address(model, "start", first.pk), SEEN)
    for pilot, said in ((first, "has begun already"), (second, "is under way")):
        page = client.post(address(model, "start", pilot.pk), SEEN, follow=True).content.decode()
        assert said in page
    # Nor may another version than the candidate go live behind its back.
    other = Version.objects.freeze(model, parse({**MODEL, "limits": {"max": 60}}))
    Version.objects.filter(pk=other.pk).update(state="agreed")
    live = model.versions.get(state="live")
    with pytest.raises(Refused, match="pilot of version 2 is running"):
        BringLive(marta, other, former=live.pk).execute()
    client.post(address(model, "discard", first.pk), SEEN)
    client.post(address(model, "discard", second.pk), SEEN)
    assert list(Pilot.objects.all()) == [first]
    assert AuditEntry.objects.get(action="pilot_discarded").detail == {"pilot": second.pk}
    assert client.post(address(model, "replan", first.pk), plan).status_code == 404


def test_a_plan_that_is_saved_after_the_start_changes_nothing(
    model: ScoringModel, plan: Data, client: Client, marta: User
) -> None:
    client.force_login(marta)
    client.post(address(model, "plan"), plan)
    looked_at, form = Pilot.objects.get(), PlanForm(model, {**plan, "days": "30"})
    assert form.is_valid()
    client.post(address(model, "start", looked_at.pk), SEEN)
    with pytest.raises(Refused, match="Meanwhile this pilot was started"):
        PlanPilot(marta, form, looked_at).execute()
    pilot = Pilot.objects.get()
    assert (pilot.state, pilot.days, pilot.track) == (
        "running",
        14,
        Track.objects.get(role="pilot"),
    )


def test_the_second_of_two_who_change_a_plan_is_told_and_sees_what_is_stored(
    model: ScoringModel, plan: Data, client: Client, marta: User
) -> None:
    client.force_login(marta)
    client.post(address(model, "plan"), plan)
    pilot = Pilot.objects.get()
    change = address(model, "replan", pilot.pk)
    opened = client.get(change).context["form"]["revision"].value()
    client.post(change, {**plan, "revision": opened, "days": "10"})
    answer = client.post(change, {**plan, "revision": opened, "days": "20"})
    assert "Somebody has changed this plan meanwhile" in answer.content.decode()
    assert ("days for each lead", 10) in answer.context["theirs"]
    assert Pilot.objects.get().days == 10
    # Nor does anybody start what they have not seen.
    start = address(model, "start", pilot.pk)
    said = client.post(start, {"revision": opened}, follow=True).content.decode()
    assert "Look at it before you start" in said
    # What was typed is still there: whoever saves it again knows what they replace.
    form = answer.context["form"]
    again = {**plan, "revision": form["revision"].value(), "days": form["days"].value()}
    assert client.post(change, again).status_code == 302
    stored = Pilot.objects.get()
    assert (stored.days, stored.revision, stored.state) == (20, 2, "planned")
    # Of two at the very same instant the lock decides.
    late = PlanForm(model, {**plan, "revision": "1"})
    assert late.is_valid()
    with pytest.raises(Refused, match="Look at it, and save again"):
        PlanPilot(marta, late, stored).execute()


UNSEEN = [
    ({}, "It is not known which plan you looked at"),
    ({"revision": "x"}, "It is not known which plan you looked at"),
    ({"revision": "9" * 30}, "It is not known which plan you looked at"),
    ({"revision": "0"}, "Somebody has changed this plan meanwhile"),
]


def test_nobody_starts_or_discards_a_plan_that_they_have_not_seen(
    model: ScoringModel, plan: Data, client: Client, marta: User
) -> None:
    client.force_login(marta)
    client.post(address(model, "plan"), plan)
    pilot = Pilot.objects.get()
    client.post(address(model, "replan", pilot.pk), {**plan, **SEEN, "days": "10"})
    for name in ("start", "discard"):
        for sent, said in UNSEEN:
            page = client.post(address(model, name, pilot.pk), sent, follow=True)
            assert said in page.content.decode()
            assert Pilot.objects.get().state == "planned"
    client.post(address(model, "discard", pilot.pk), {"revision": "1"})
    assert not Pilot.objects.exists()


def test_a_click_that_comes_twice_plans_once_and_changes_once(
    model: ScoringModel, plan: Data, client: Client, marta: User, mona: User
) -> None:
    client.force_login(marta)

    def sent(name: str, more: Data, *place: int) -> str:
        given = {**plan, **more}
        return client.post(address(model, name, *place), given, follow=True).content.decode()

    opened = client.get(address(model, "plan")).context["form"]
    new = {"token": opened["token"].value()}
    for _click in range(2):
        assert "The plan is kept" in sent("plan", new)
    pilot = Pilot.objects.get()
    # Whoever goes back and types something else is told where that is done.
    assert "This form has made a plan already" in sent("plan", {**new, "days": "20"})
    for _click in range(2):
        assert "The plan is kept" in sent("replan", {**SEEN, "days": "10"}, pilot.pk)
    stored = Pilot.objects.get()
    assert (stored.days, stored.revision, stored.owners) == (10, 1, ["saul"])
    # Other people make it another plan.
    other = {**SEEN, "days": "10", "people": [str(mona.pk)]}
    assert "Somebody has changed this plan meanwhile" in sent("replan", other, pilot.pk)
    said = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    done = [each for each in said if "pilot" in each]
    assert done == ["pilot_planned", "pilot_replanned"]


def test_a_plan_that_two_discard_is_gone_and_whoever_came_second_is_told(
    model: ScoringModel, plan: Data, client: Client, marta: User
) -> None:
    client.force_login(marta)
    client.post(address(model, "plan"), plan)
    pilot, same = Pilot.objects.get(), Pilot.objects.get()
    DiscardPilot(marta, same, same.revision).execute()
    for change in (DiscardPilot, StartPilot, StopPilot):
        with pytest.raises(Refused, match="Somebody has discarded this plan meanwhile"):
            change(marta, pilot).execute()
    page = client.post(address(model, "discard", pilot.pk), follow=True)
    assert "Somebody has discarded this plan meanwhile" in page.content.decode()
    assert AuditEntry.objects.filter(action="pilot_discarded").count() == 1


def test_a_pilot_and_a_set_time_of_another_version_keep_each_other_out(
    model: ScoringModel, plan: Data, client: Client, marta: User
) -> None:
    client.force_login(marta)
    client.post(address(model, "plan"), plan)
    pilot, live = Pilot.objects.get(), model.versions.get(state="live")
    other = Version.objects.freeze(model, parse({**MODEL, "limits": {"max": 60}}))
    Version.objects.filter(pk=other.pk).update(state="agreed")
    tomorrow = timezone.now() + timedelta(days=1)
    going = BringLive(marta, other, former=live.pk, due_at=tomorrow).execute()
    page = client.post(address(model, "start", pilot.pk), SEEN, follow=True).content.decode()
    assert "Version 3 is to go live at a set time" in page
    # One that has begun all the same goes on.
    Pilot.objects.update(state="running")
    GoingLive.objects.update(due_at=timezone.now())
    assert bring_live_what_is_due() == 1
    going.refresh_from_db()
    assert "pilot of version 2 is running" in going.failure
    assert (Pilot.objects.get().state, live) == ("running", Version.objects.live().get())


def test_salespeople_plan_nothing(
    model: ScoringModel, plan: Data, client: Client, saul: User
) -> None:
    client.force_login(saul)
    assert client.get(address(model)).status_code == 403
    assert client.post(address(model, "plan"), plan).status_code == 403


def test_the_past_is_what_a_pilot_would_have_found(model: ScoringModel) -> None:
    """Ten days for each: three leads were there, one came in the eight weeks, one came too late."""
    now, day = timezone.now(), timedelta(days=1)
    kind = ActivityType.objects.get(slug="meeting_booked")
    target = Target.objects.create(text="demo")
    # Days ago: created, and when it booked; the pilot would have begun 66 days ago.
    given = [(200, 65), (200, 55), (200, None), (30, 25), (5, 4)]
    for place, (created, booked) in enumerate(given):
        who = person(f"lead{place}", owner="SAUL", created_at=(now - created * day).isoformat())
        if booked is not None:
            Activity.objects.create(
                contact=who, type=kind, target=target, occurred_at=now - booked * day, source="t"
            )
    person("other", owner="peter")
    list(work(start(Track.objects.get(model=model), Cause.RECOMPUTE)))
    past = past_of(model, ["saul"], SUCCESSES["met"], 10, now)
    assert (past.share.count, past.share.of) == (2, 4)
    assert (past.stock, past.weekly) == (5, 2 / 8)
    size = size_of(past, 0.1, 0.1, 10)
    assert size.days == 7 * (2 * 257 - 5) * 4 + 10
    assert size.is_long


@pytest.mark.once
def test_arms_are_drawn_by_a_hash_that_is_the_same_everywhere() -> None:
    # sha256sum of the salt, the stratum and the address in lines begins with 0f and 2a.
    assert arm_of("salt", 0, "ana@x.example") == Arm.CANDIDATE
    assert arm_of("salt", 0, "bea@x.example") == Arm.CONTROL
    drawn = [arm_of("salt", 1, f"lead{number}@x.example") for number in range(4000)]
    assert 1880 < drawn.count(Arm.CANDIDATE) < 2120
    others = [arm_of("pepper", 1, f"lead{number}@x.example") for number in range(4000)]
    agree = sum(one == other for one, other in zip(drawn, others, strict=True))
    assert 1880 < agree < 2120


@pytest.mark.parametrize(
    ("language", "given", "limit"),
    [("en", "0.01", "0.1"), ("es", "0.01", "0,1"), ("en", "100", "99.9"), ("es", "100", "99,9")],
)
def test_a_limit_is_written_as_its_reader_writes_numbers(
    language: str, given: str, limit: str
) -> None:
    with override(language), pytest.raises(ValidationError, match=f" {re.escape(limit)}\\."):
        per_cent("Share").clean(given)
