"""Bands that people give by hand: what stands when, who is told what, and what never changes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from contacts.models import Contact
from scoring.engine.models import Cause, Score, Track
from scoring.engine.recompute import start, work
from scoring.pipeline.leads.manual import EndBand, ManualBand, Refused, SetBand
from tests.automations.set_up import go_live, person, refresh_all

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def track() -> Track:
    return go_live()


@pytest.fixture
def ana(track: Track) -> Contact:
    return person("ana")


def stored(contact: Contact, track: Track, **given: Any) -> ManualBand:
    values = {"band": "hot", "reason": "met her", "set_at": NOON, **given}
    return ManualBand.objects.create(contact=contact, model=track.model, **values)


WHEN = [
    ("before it is set", NOON - DAY, {}, False),
    ("from the instant on", NOON, {}, True),
    ("without an end for ever", NOON + 999 * DAY, {}, True),
    (
        "on its last day",
        datetime(2026, 4, 2, 23, 59, tzinfo=UTC),
        {"until": date(2026, 4, 2)},
        True,
    ),
    ("the day after", NOON + 3 * DAY, {"until": date(2026, 4, 2)}, False),
    ("before it was ended", NOON + DAY, {"ended_at": NOON + 2 * DAY}, True),
    ("from its end on", NOON + 2 * DAY, {"ended_at": NOON + 2 * DAY}, False),
]


@pytest.mark.parametrize(("_name", "at", "given", "stands"), WHEN, ids=[row[0] for row in WHEN])
def test_it_stands_from_when_it_is_set_until_its_end(
    _name: str, at: datetime, given: dict[str, Any], stands: bool, ana: Contact, track: Track
) -> None:
    manual = stored(ana, track, **given)
    assert ManualBand.objects.in_force(at).exists() is stands
    assert manual.stands_at(at) is stands


def test_leads_are_counted_by_the_band_that_they_were_given(track: Track) -> None:
    for name, band in (("a", "hot"), ("b", "hot"), ("c", "cold")):
        stored(person(name), track, band=band)
    stored(person("d"), track, until=NOON.date())
    assert ManualBand.objects.in_force(NOON + DAY).by_band() == {"hot": 2, "cold": 1}
    assert ManualBand.objects.in_force(NOON).by_band() == {"hot": 3, "cold": 1}


def give(contact: Contact, track: Track, user: User, **given: Any) -> ManualBand:
    values: dict[str, Any] = {"band": "hot", "reason": "met her", "until": None, **given}
    return SetBand(contact, track, user=user, **values).execute()


def test_a_new_one_ends_the_one_that_stood_and_says_who(
    ana: Contact, track: Track, saul: User, mona: User
) -> None:
    former = give(ana, track, saul)
    given = give(ana, track, mona, band="cold", known=former.pk)
    former.refresh_from_db()
    assert former.ended_by == mona
    assert list(ManualBand.objects.in_force(timezone.now())) == [given]


def test_one_that_ran_out_was_ended_by_nobody(ana: Contact, track: Track, saul: User) -> None:
    former = stored(ana, track, until=date(2026, 4, 1))
    give(ana, track, saul)
    former.refresh_from_db()
    assert (former.ended_by, former.ended_at) == (None, datetime(2026, 4, 2, tzinfo=UTC))


def test_of_two_at_once_the_second_is_told_who_was_first(
    ana: Contact, track: Track, saul: User, mona: User
) -> None:
    give(ana, track, mona, reason="rang me")
    with pytest.raises(Refused, match="mona gave it “hot” meanwhile: rang me"):
        give(ana, track, saul, band="cold")
    assert ManualBand.objects.get().band == "hot"


def test_the_database_lets_one_stand_at_a_time(ana: Contact, track: Track) -> None:
    stored(ana, track)
    with pytest.raises(IntegrityError), transaction.atomic():
        stored(ana, track)


WRONG = [
    ({"band": "lukewarm"}, "no band “lukewarm”"),
    ({"reason": "  "}, "Say why"),
    ({"until": date(2020, 1, 1)}, "must not be in the past"),
]


@pytest.mark.parametrize(("given", "said"), WRONG)
def test_what_cannot_be_is_refused(
    given: dict[str, Any], said: str, ana: Contact, track: Track, saul: User
) -> None:
    with pytest.raises(Refused, match=said):
        give(ana, track, saul, **given)
    assert not ManualBand.objects.exists()


def test_whoever_ends_it_is_noted_and_a_second_one_is_told(
    ana: Contact, track: Track, saul: User, mona: User
) -> None:
    manual = give(ana, track, saul)
    EndBand(manual, mona).execute()
    with pytest.raises(Refused, match="ended meanwhile"):
        EndBand(manual, saul).execute()
    manual.refresh_from_db()
    assert manual.ended_by == mona


def test_no_score_changes_by_it_and_no_recompute_touches_it(
    ana: Contact, track: Track, saul: User
) -> None:
    refresh_all()
    before = Score.objects.values().get(contact=ana)
    manual = give(ana, track, saul)
    list(work(start(track, Cause.RECOMPUTE)))
    assert Score.objects.values().get(contact=ana) == before
    manual.refresh_from_db()
    assert manual.ended_at is None


def test_they_are_seen_by_whoever_sees_the_contact(
    track: Track, saul: User, mona: User, marta: User
) -> None:
    own, others = person("own", owner="saul"), person("others", owner="peter")
    stored(own, track)
    stored(others, track)
    assert [row.contact for row in ManualBand.objects.visible_to(saul)] == [own]
    assert ManualBand.objects.visible_to(mona).count() == 2
    assert ManualBand.objects.visible_to(marta).count() == 2
    assert not ManualBand.objects.visible_to(User.objects.create_user("nobody")).exists()
