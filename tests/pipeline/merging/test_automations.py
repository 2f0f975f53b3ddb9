"""A merge sets nothing off by itself, and a crossing makes its task once, before and after."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from contacts.models import Pending, Tag
from scoring.automations.models import Crossing, TriggerState
from scoring.automations.outbox.messages import Message
from scoring.automations.sequences.enrolments import Enrolment, StepRun
from scoring.automations.sequences.models import Sequence, SequenceStep
from scoring.engine.models import Track
from scoring.pipeline.feedback.models import Alarm, Handover
from scoring.pipeline.leads.manual import ManualBand
from tests.automations.set_up import crossed, go_live, hot, person, refresh_all, visit
from tests.pipeline.merging.pair import DAY, merged, pair, parted

pytestmark = pytest.mark.django_db


def both_warm() -> Any:
    """Together they are hot, alone neither is."""
    go_live()
    hot()
    stays, goes = pair()
    refresh_all()
    visit(goes, DAY)
    refresh_all()
    return stays, goes


def done() -> int:
    return Tag.objects.filter(name__startswith="seen").count()


def test_what_only_both_together_cross_is_held_back(marta: User) -> None:
    stays, goes = both_warm()
    merge = merged(marta, stays, goes)
    refresh_all()
    assert crossed(stays) == [("Hot", "up", "quiet")]
    assert done() == 0
    parted(marta, merge)
    refresh_all()
    assert crossed(stays) == [("Hot", "up", "quiet")]
    assert crossed(goes) == []


def test_it_sets_off_what_it_is_told_to_set_off_and_once(marta: User) -> None:
    stays, goes = both_warm()
    merged(marta, stays, goes, is_loud=True)
    refresh_all()
    assert crossed(stays) == [("Hot", "up", "")]
    assert done() == 1


def test_an_activity_that_was_still_to_be_scored_is_as_loud_as_it_was(marta: User) -> None:
    go_live()
    hot()
    stays, goes = pair()
    refresh_all()
    visit(goes, DAY)
    merged(marta, stays, goes)
    refresh_all()
    assert crossed(stays) == [("Hot", "up", "")]


def test_a_trigger_that_has_gone_off_for_either_does_not_go_off_for_both(marta: User) -> None:
    """One task for one person: it is the survivor's now."""
    go_live()
    hot()
    stays, goes = pair(job_title="Director")
    refresh_all()
    visit(goes, DAY)
    refresh_all()
    assert crossed(goes) == [("Hot", "up", "")]
    merge = merged(marta, stays, goes, is_loud=True)
    refresh_all()
    assert crossed(stays) == [("Hot", "up", "")]
    assert done() == 1
    state = TriggerState.objects.get()
    assert (state.contact_id, state.armed, state.episode) == (stays.pk, False, 1)
    parted(marta, merge)
    refresh_all()
    assert (crossed(stays), crossed(goes)) == ([], [("Hot", "up", "")])
    assert TriggerState.objects.get().contact_id == goes.pk
    assert done() == 1


def test_crossings_of_both_are_counted_on_and_the_next_is_another(marta: User) -> None:
    go_live()
    hot()
    stays, goes = pair(job_title="Director")
    refresh_all()
    for who in (stays, goes):
        visit(who, DAY)
    refresh_all()
    merge = merged(marta, stays, goes)
    episodes = Crossing.objects.filter(contact=stays).order_by("episode")
    assert list(episodes.values_list("episode", flat=True)) == [1, 2]
    assert TriggerState.objects.get().episode == 2
    parted(marta, merge)
    assert list(Crossing.objects.values_list("episode", flat=True)) == [1, 1]
    assert set(TriggerState.objects.values_list("episode", flat=True)) == {1}


def in_sequence(sequence: Sequence, who: Any) -> Enrolment:
    step = sequence.steps.get()
    return Enrolment.objects.create(
        sequence=sequence, contact=who, step=step, next_at=timezone.now() + timedelta(days=3)
    )


def test_of_two_places_in_a_sequence_one_goes_on(marta: User) -> None:
    sequence = Sequence.objects.create(name="Q", slug="q", active=True)
    SequenceStep.objects.create(sequence=sequence, subject="Hello")
    stays, goes = pair()
    own, other = in_sequence(sequence, stays), in_sequence(sequence, goes)
    before = Enrolment.objects.filter(pk=other.pk).values().get()
    letter = Message.objects.post(
        key="k", channel="email", recipient=goes.email, body={"text": "x"}, contact=goes
    )
    StepRun.objects.create(enrolment=other, number=1, at=timezone.now(), message=letter)
    merge = merged(marta, stays, goes)
    other.refresh_from_db()
    letter.refresh_from_db()
    assert (other.contact, other.state, other.reason) == (stays, "left", "merged")
    assert letter.state == Message.State.CANCELLED
    assert Enrolment.objects.active().get() == own
    parted(marta, merge)
    assert Enrolment.objects.filter(pk=other.pk).values().get() == before


def test_the_place_of_the_other_goes_on_where_the_survivor_has_none(marta: User) -> None:
    sequence = Sequence.objects.create(name="Q", slug="q", active=True)
    SequenceStep.objects.create(sequence=sequence, subject="Hello")
    stays, goes = pair()
    other = in_sequence(sequence, goes)
    merged(marta, stays, goes)
    other.refresh_from_db()
    assert (other.contact, other.state) == (stays, "active")


def test_one_verdict_is_asked_of_sales_and_both_again_after_the_undo(marta: User) -> None:
    track = go_live()
    stays, goes = pair()
    now = timezone.now()
    own, other = (
        Handover.objects.create(contact=who, model=track.model, band="hot", handed_at=now)
        for who in (stays, goes)
    )
    Alarm.objects.create(handover=other, kind=Alarm.Kind.FEEDBACK_NEAR, due_at=now)
    merge = merged(marta, stays, goes)
    assert list(Handover.objects.all()) == [own]
    parted(marta, merge)
    assert Handover.objects.get(contact=goes).pk == other.pk
    assert Alarm.objects.get().handover == other


def test_of_two_bands_by_hand_the_survivors_stands(marta: User) -> None:
    track: Track = go_live()
    stays, goes = pair()
    facts = {"model": track.model, "band": "hot", "reason": "r", "set_at": timezone.now()}
    own, other = (ManualBand.objects.create(contact=who, **facts) for who in (stays, goes))
    merge = merged(marta, stays, goes)
    assert ManualBand.objects.in_force(timezone.now()).get() == own
    parted(marta, merge)
    assert set(ManualBand.objects.in_force(timezone.now())) == {own, other}


def test_a_lead_that_is_nowhere_waiting_leaves_nothing_waiting(marta: User) -> None:
    go_live()
    stays, goes = pair()
    refresh_all()
    merge = merged(marta, stays, goes)
    refresh_all()
    parted(marta, merge)
    refresh_all()
    assert not Pending.objects.exists()
    assert person("later").pk not in {stays.pk, goes.pk}
