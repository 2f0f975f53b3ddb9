"""Switching on: who is past the level already, and what comes of them."""

from datetime import timedelta

import pytest

from scoring.automations.models import Crossing, TriggerState
from scoring.automations.present import already_there, hold_present, live_track
from tests.automations.set_up import Data, crossed, go_live, hot, person, visit
from tests.engine.scored import refresh_all

pytestmark = pytest.mark.django_db

TRIGGERS: list[tuple[Data, set[str]]] = [
    ({"kind": "band_entered", "band": "hot"}, {"hot"}),
    ({"kind": "band_entered", "band": "warm"}, {"warm", "hot"}),
    ({"kind": "total_reaches", "points": 31}, {"hot"}),
    ({"kind": "near", "band": "hot", "points": 30}, {"warm"}),
    ({"kind": "band_entered", "band": "cold", "direction": "down"}, {"cold"}),
]


def three_people() -> None:
    person("cold")
    person("warm", job_title="Director")
    visit(person("hot", job_title="Director"), timedelta())
    person("rival", job_title="Director", tags=["competitor"])
    refresh_all()


@pytest.mark.parametrize(("trigger", "names"), TRIGGERS)
def test_it_tells_who_is_there_already(trigger: Data, names: set[str]) -> None:
    go_live()
    three_people()
    automation = hot(trigger)
    track = live_track(automation)
    assert track is not None
    found = already_there(automation.current.value(track), track)
    assert found is not None
    assert {score.contact.email.partition("@")[0] for score in found} == names
    assert hold_present(automation) == len(names)
    assert set(Crossing.objects.values_list("suppressed", flat=True)) == {"quiet"}


def test_they_are_held_back_once_and_do_not_cross_again() -> None:
    go_live()
    three_people()
    automation = hot()
    assert (hold_present(automation), hold_present(automation)) == (1, 0)
    who = TriggerState.objects.get().contact
    visit(who, timedelta())
    refresh_all()
    assert crossed(who) == [("Hot", "up", "quiet")]


def test_a_trigger_that_is_no_level_has_nobody() -> None:
    go_live()
    three_people()
    automation = hot({"kind": "quiet", "for": "7 days"})
    assert hold_present(automation) == 0
