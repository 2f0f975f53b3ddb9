"""A lead in a sequence goes by the score that acts for it, into a pilot, in it and out again."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from contacts.models import Contact, Tag
from scoring.automations.sequences.enrolling import enrol
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.letters import score_of
from scoring.automations.sequences.stepping import do_due
from scoring.engine.models import Track
from scoring.engine.pilots.models import Arm, Pilot
from scoring.engine.pilots.running import go_on
from scoring.engine.publish import publish
from scoring.engine.recompute import work
from tests.automations.sequences.making import sequence
from tests.automations.set_up import go_live, person, refresh_all
from tests.automations.test_pilots import arms, direct, plan, run


def state(who: Contact, name: str = "Welcome") -> str:
    found = Enrolment.objects.get(contact=who, sequence__name=name)
    return found.reason or found.state


def test_who_enters_a_pilot_goes_on_by_the_score_of_the_candidate(saul: User) -> None:
    people = [person(f"lead{number}", owner="saul", job_title="Director") for number in range(8)]
    track = go_live()
    strict, patient = sequence(leave_on_band_change=True), sequence("Patient")
    for who in people:
        enrol(strict, who)
        enrol(patient, who)
    pilot = plan(saul, track)
    run(pilot)
    # By the live version they are warm, with 30 points, and by the candidate hot with 65.
    for arm, said, total in ((Arm.CANDIDATE, "band", 65), (Arm.CONTROL, "active", 30)):
        for who in arms(pilot)[arm]:
            assert (state(who), state(who, "Patient")) == (said, "active")
            score = score_of(Enrolment.objects.get(contact=who, sequence=patient))
            assert score is not None
            assert score.total == total


@pytest.mark.parametrize("kept", [False, True])
def test_a_lead_of_the_candidate_stays_in_its_sequence_when_the_pilot_ends(
    kept: bool, saul: User
) -> None:
    for number in range(12):
        person(f"lead{number}", owner="saul")
    pilot = plan(saul, go_live())
    run(pilot)
    stays, excluded, moved, *_more = arms(pilot)[Arm.CANDIDATE]
    one, live = sequence(leave_on_band_change=True), Track.objects.get(role=Track.Role.LIVE)
    for who in (stays, excluded, moved):
        enrolment, _new = enrol(one, who)
        assert (enrolment.track_id, enrolment.band_at_start) == (live.pk, "cold")

    if kept:
        list(work(publish(pilot.version)))
    else:
        pilot.end(Pilot.End.DROPPED, timezone.now())
    seen: set[str] = set()
    while go_on(pilot.pk):
        seen.update(Track.objects.values_list("role", flat=True))
        # A step that is due looks at each, whatever has been taken away by then.
        Enrolment.objects.update(next_at=timezone.now())
        do_due()
        assert {state(who) for who in (stays, excluded, moved)} == {"active"}
    assert seen == {"live", "pilot", "ended"}
    assert not Track.objects.exclude(pk=live.pk).exists()

    excluded.set_tags([Tag.objects.get_or_create(name="competitor")[0]])
    direct(moved)
    refresh_all()
    assert [state(who) for who in (stays, excluded, moved)] == ["active", "excluded", "band"]
