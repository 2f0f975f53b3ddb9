"""Of two versions one sets things off for a lead, and each thing once, whatever begins or ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from contacts.models import Contact
from contacts.models.on_merge import MoveUnlessThere, Relation
from scoring.automations.handing_over import do_released
from scoring.automations.models import ActionRun, Crossing, TriggerState
from scoring.criteria.document import parse
from scoring.criteria.loading import load
from scoring.criteria.models import Version
from scoring.engine.leads import Lead
from scoring.engine.models import Score, ScoreChange, Track
from scoring.engine.pilots.models import Arm, Pilot, PilotMember
from scoring.engine.pilots.running import begin, go_on, go_on_with_pilots
from scoring.engine.publish import publish
from scoring.engine.recompute import work
from tests.automations.set_up import MODEL, crossed, go_live, hot, person, refresh_all, visit
from tests.engine.scored import DIRECTOR, PRICES, RIVAL

HOUR = timedelta(hours=1)
# In the candidate whoever is a director is hot without having done anything.
CANDIDATE: dict[str, Any] = {
    **MODEL,
    "groups": [
        {"name": "Who", "dimension": "fit", "rules": [{**DIRECTOR, "points": 65}, RIVAL]},
        {"name": "What", "dimension": "interest", "rules": [{**PRICES, "points": 10}]},
    ],
}


@pytest.fixture
def saul(db: None) -> User:
    return User.objects.create_user("saul")


def plan(saul: User, track: Track) -> Pilot:
    version = Version.objects.freeze(track.model, parse(CANDIDATE))
    pilot = Pilot.objects.create(
        model=track.model, version=version, measure="met", days=14, expected=10, smallest=10,
        per_arm=100, salt="salt",
    )  # fmt: skip
    pilot.salespeople.add(saul)
    return pilot


def run(pilot: Pilot) -> None:
    """Begin, and do what the worker does until nothing is left."""
    list(work(begin(pilot, "UTC", timezone.now())))
    go_on_with_pilots()


def arms(pilot: Pilot) -> dict[str, list[Contact]]:
    found: dict[str, list[Contact]] = {Arm.CANDIDATE: [], Arm.CONTROL: []}
    for member in pilot.members.select_related("contact").order_by("contact"):
        found[member.arm].append(member.contact)
    return found


@pytest.fixture
def pilot(saul: User) -> Pilot:
    """Running, with twelve leads of Saul's, none of whom has done anything."""
    for number in range(12):
        person(f"lead{number}", owner="Saul")
    person("other", owner="somebody else")
    track = go_live()
    hot()
    found = plan(saul, track)
    run(found)
    return found


def direct(*contacts: Contact) -> None:
    for contact in contacts:
        contact.job_title = "Director"
        contact.save()
    refresh_all()


def test_each_arm_is_set_off_by_its_own_version_and_once(pilot: Pilot) -> None:
    found = arms(pilot)
    candidate, control = found[Arm.CANDIDATE][0], found[Arm.CONTROL][0]
    other = Contact.objects.get(owner="somebody else")

    direct(candidate, control, other)  # 65 by the candidate, 30 by the live version
    assert crossed(candidate) == [("Hot", "up", "")]
    assert crossed(control) == crossed(other) == []

    for each in (candidate, control, other):
        visit(each, HOUR)  # 75 and 70
    refresh_all()
    assert crossed(candidate) == crossed(control) == crossed(other) == [("Hot", "up", "")]
    assert ActionRun.objects.count() == 3
    live = Track.objects.get(role=Track.Role.LIVE)
    assert {each.track_id for each in Crossing.objects.all()} == {live.pk}
    assert Crossing.objects.get(contact=candidate).total == 65


def test_who_is_hot_on_arrival_is_handed_over_by_the_version_of_its_arm(pilot: Pilot) -> None:
    """Of those who come as directors the candidate says hot, and the live version warm."""
    come = [person(f"new{number}", owner="Saul", job_title="Director") for number in range(8)]
    refresh_all()
    found = dict(pilot.members.filter(contact__in=come).values_list("contact", "arm"))
    assert set(found.values()) == {Arm.CANDIDATE, Arm.CONTROL}
    for each in come:
        expected = [("Hot", "up", "")] if found[each.pk] == Arm.CANDIDATE else []
        assert crossed(each) == expected
    go_on_with_pilots()
    assert pilot.members.filter(contact__in=come).count() == 8
    assert ActionRun.objects.count() == [*found.values()].count(Arm.CANDIDATE)


def test_who_arrives_hot_for_both_versions_is_told_of_once_with_the_total_of_its_arm(
    pilot: Pilot,
) -> None:
    come = [person(f"buyer{number}", owner="Saul", job_title="Director") for number in range(8)]
    for each in come:
        visit(each, HOUR)  # 75 by the candidate, about 70 by the live version
    refresh_all()
    found = dict(pilot.members.filter(contact__in=come).values_list("contact", "arm"))
    for each in come:
        [crossing] = Crossing.objects.filter(contact=each)
        assert (crossing.total == 75) == (found[each.pk] == Arm.CANDIDATE)
    go_on_with_pilots()
    assert ActionRun.objects.count() == 8


def test_who_is_outside_the_audience_or_anothers_has_no_place(pilot: Pilot) -> None:
    rival = person("spy", owner="Saul", job_title="Director", tags=["competitor"])
    stranger = person("stranger", owner="somebody else")
    refresh_all()
    assert Score.objects.filter(contact=rival, excluded=True).count() == 2
    assert not pilot.members.filter(contact__in=[rival, stranger]).exists()


def test_both_versions_are_scored_for_everybody(pilot: Pilot) -> None:
    direct(*Contact.objects.all())
    totals = {
        role: {*Score.objects.filter(track__role=role).values_list("total", flat=True)}
        for role in (Track.Role.LIVE, Track.Role.PILOT)
    }
    assert totals == {"live": {30}, "pilot": {65}}
    assert Score.objects.filter(track__role="pilot").count() == 13


def test_who_is_past_the_level_at_the_start_is_held_back_and_not_set_off(saul: User) -> None:
    people = [person(f"lead{number}", owner="saul", job_title="Director") for number in range(8)]
    track = go_live()
    hot()
    pilot = plan(saul, track)
    run(pilot)
    found = arms(pilot)
    assert len(found[Arm.CANDIDATE]) + len(found[Arm.CONTROL]) == len(people)
    assert found[Arm.CANDIDATE]
    for contact in found[Arm.CANDIDATE]:
        assert crossed(contact) == [("Hot", "up", "quiet")]
    assert not any(crossed(contact) for contact in found[Arm.CONTROL])
    assert ActionRun.objects.count() == 0
    # Who hands them over has each done once: by the score that acts they are past the level.
    Crossing.objects.release(saul)
    do_released()
    assert ActionRun.objects.count() == len(found[Arm.CANDIDATE])


def test_who_has_gone_off_by_the_live_version_does_not_again_by_the_candidate(saul: User) -> None:
    people = [person(f"lead{number}", owner="saul") for number in range(8)]
    track = go_live()
    hot()
    for who in people:
        who.job_title = "Director"
        who.save()
        visit(who, HOUR)
    refresh_all()
    assert ActionRun.objects.count() == len(people)
    run(plan(saul, track))
    for who in people:
        visit(who, HOUR)
    refresh_all()
    assert Crossing.objects.count() == ActionRun.objects.count() == len(people)


def test_a_lead_enters_when_it_comes_to_one_of_the_salespeople(pilot: Pilot) -> None:
    other = Contact.objects.get(owner="somebody else")
    other.owner = "saul"
    other.save()
    refresh_all()
    assert go_on(pilot.pk) == 1
    place = PilotMember.objects.get(contact=other)
    # It stays where it is, whoever has it afterwards.
    other.owner = ""
    other.save()
    refresh_all()
    go_on_with_pilots()
    place_after = PilotMember.objects.get(contact=other)
    assert (place_after.arm, place_after.entered_at) == (place.arm, place.entered_at)
    assert place.due_at - place.entered_at == timedelta(days=14)


def test_dropped_the_leads_go_back_and_nothing_is_lost_or_comes_twice(pilot: Pilot) -> None:
    candidate, *_more = arms(pilot)[Arm.CANDIDATE]
    direct(candidate)
    pilot.end(Pilot.End.DROPPED, timezone.now())
    go_on_with_pilots()
    pilot.refresh_from_db()
    assert (pilot.state, pilot.track, pilot.ended_as) == ("ended", None, "dropped")
    assert list(Track.objects.values_list("role", "pilot")) == [("live", None)]
    assert not ScoreChange.objects.exclude(track__role="live").exists()
    assert not PilotMember.objects.filter(acts=True).exists()
    assert crossed(candidate) == [("Hot", "up", "")]
    # By the live version it becomes hot only now; the automation goes off once for each lead.
    other = arms(pilot)[Arm.CONTROL][0]
    direct(other)
    for contact in (candidate, other):
        visit(contact, HOUR)
    refresh_all()
    assert crossed(candidate) == crossed(other) == [("Hot", "up", "")]


def test_kept_the_candidate_goes_live_and_sets_nothing_off_anew(pilot: Pilot) -> None:
    found = arms(pilot)
    direct(*found[Arm.CANDIDATE], *found[Arm.CONTROL])
    acted = ActionRun.objects.count()
    assert acted == len(found[Arm.CANDIDATE])

    recompute = publish(pilot.version)
    assert go_on(pilot.pk) == 0  # until the scores are there
    list(work(recompute))
    go_on_with_pilots()

    pilot.refresh_from_db()
    assert (pilot.state, pilot.ended_as) == ("ended", "kept")
    assert Track.objects.get().version == pilot.version
    assert ActionRun.objects.count() == acted
    for contact in found[Arm.CANDIDATE]:
        assert crossed(contact) == [("Hot", "up", "")]
    for contact in found[Arm.CONTROL]:
        assert crossed(contact) == [("Hot", "up", "quiet")]
    assert TriggerState.objects.filter(armed=False).count() == 12


def test_another_version_that_goes_live_ends_the_pilot(pilot: Pilot) -> None:
    other = load(parse({**MODEL, "limits": {"max": 70}})).version
    list(work(publish(other)))
    go_on_with_pilots()
    pilot.refresh_from_db()
    assert (pilot.state, pilot.ended_as) == ("ended", "overtaken")


def test_lists_show_the_score_that_acts(pilot: Pilot) -> None:
    found = arms(pilot)
    direct(found[Arm.CANDIDATE][0], found[Arm.CONTROL][0])
    live = Track.objects.select_related("pilot__version").get(role=Track.Role.LIVE)
    totals = dict(Lead.objects.on_track(live).values_list("pk", "total"))
    assert totals[found[Arm.CANDIDATE][0].pk] == 65
    assert totals[found[Arm.CONTROL][0].pk] == 30
    assert len(totals) == 13
    assert dict(Score.objects.acting(live).values_list("contact", "total")) == totals
    assert dict(Score.objects.acting().values_list("contact", "total")) == totals


def test_of_two_that_are_merged_the_survivor_keeps_its_place(pilot: Pilot) -> None:
    first, second = arms(pilot)[Arm.CANDIDATE][0], arms(pilot)[Arm.CONTROL][0]
    other = Contact.objects.get(owner="somebody else")
    places = PilotMember.objects.filter(contact=first)
    relation = Relation(PilotMember, "contact")
    MoveUnlessThere("pilot").unite(relation, second.pk, first.pk)
    assert [place.arm for place in places] == ["candidate"]
    MoveUnlessThere("pilot").unite(relation, first.pk, other.pk)
    assert PilotMember.objects.get(contact=other).acts
