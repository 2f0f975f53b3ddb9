"""The invented year: the same every time, believable, and with something true to find in it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from contacts.records import FieldSpec, parse_activity, parse_contact
from scoring.criteria import templates
from scoring.demo.companies import MOST, name_of
from scoring.demo.dataset import Life, lives
from scoring.demo.journeys import JOURNEYS
from scoring.demo.loading import FIELDS
from scoring.engine.dry_run import dry_run

ANCHOR = datetime(2026, 3, 20, 15, 42, tzinfo=UTC)


@cache
def all_lives() -> Sequence[Life]:
    return tuple(lives(ANCHOR))


def as_json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def test_the_same_seed_gives_the_same_data() -> None:
    first = list(lives(ANCHOR, people=30))
    assert list(lives(ANCHOR, people=30)) == first
    assert list(lives(ANCHOR, people=30, seed="another")) != first


def test_it_has_the_size_that_it_promises() -> None:
    activities = sum(len(life.activities) for life in all_lives())
    assert len(all_lives()) == 2000
    assert 50_000 <= activities <= 70_000
    assert sum(journey.share for journey in JOURNEYS) == 1000


def test_every_address_is_one_that_nobody_can_own() -> None:
    addresses = {life.contact.email for life in all_lives()}
    assert len(addresses) == 2000
    assert all(address.endswith(".example") and address.isascii() for address in addresses)
    domains = {str(life.contact.company["domain"]) for life in all_lives() if life.contact.company}
    assert all(domain.endswith(".example") for domain in domains)


def test_companies_have_different_names() -> None:
    for speaks in ("es", "en"):
        assert len({name_of(speaks, number) for number in range(MOST)}) == MOST


def test_it_speaks_spanish_and_english() -> None:
    spoken = Counter(str(life.contact.fields["language"]) for life in all_lives())
    assert spoken["es"] > 800
    assert spoken["en"] > 400


def test_everything_would_pass_the_border_as_it_is() -> None:
    specs = {key: FieldSpec(kind.value, choices) for key, _label, kind, choices in FIELDS}
    for life in all_lives()[:300]:
        record = life.contact
        data = {name: as_json(value) for name, value in record.fields.items()} | {
            "email": record.email,
            "tags": list(record.tags or ()),
            "attributes": dict(record.attributes),
            **({"company": record.company} if record.company else {}),
        }
        assert parse_contact(data, specs) == record
        for activity in life.activities:
            given = {
                name: as_json(getattr(activity, name))
                for name in activity.__slots__
                if name != "given_at"
            }
            assert parse_activity(given) == activity


def test_all_that_happens_lies_between_joining_and_now() -> None:
    for life in all_lives():
        joined = life.contact.fields["created_at"]
        assert isinstance(joined, datetime)
        assert ANCHOR - timedelta(days=366) < joined < ANCHOR
        for activity in life.activities:
            assert joined <= activity.occurred_at < ANCHOR
        for touch in life.touches:
            assert joined <= touch.occurred_at
        if life.deal and life.deal.opened_at:
            assert joined <= life.deal.opened_at < ANCHOR
            assert life.deal.closed_at is None or life.deal.opened_at < life.deal.closed_at < ANCHOR


def test_the_last_days_are_as_lively_as_any() -> None:
    recent = [
        activity
        for life in all_lives()
        for activity in life.activities
        if activity.occurred_at > ANCHOR - timedelta(days=7)
    ]
    assert len(recent) > 800


def test_no_activity_stands_twice() -> None:
    ids = [activity.external_id for life in all_lives() for activity in life.activities]
    assert len(ids) == len(set(ids))


def test_a_deal_makes_its_contact_what_it_is() -> None:
    for life in all_lives():
        stage = life.deal.stage if life.deal else ""
        bought = [one for one in life.activities if one.type == "purchase"]
        assert bool(bought) == (stage == "Won")
        assert (life.contact.fields["lifecycle"] == "customer") == (stage == "Won")
        assert (life.contact.fields["lifecycle"] == "lost") == (stage == "Lost")
        if life.deal:
            assert life.deal.owner == life.contact.fields["owner"] != ""
            assert bool(life.deal.reason) == (stage in ("Won", "Lost"))


def shown(life: Life) -> tuple[int, bool, bool]:
    """Looks at prices, webinars or events, and meetings, about when the deal was opened."""
    assert life.deal
    assert life.deal.opened_at
    until = life.deal.opened_at + timedelta(days=10)
    done = [one for one in life.activities if one.occurred_at <= until]
    kinds = {one.type for one in done}
    return (
        sum(one.target.startswith("/pricing") for one in done),
        bool(kinds & {"webinar_attend", "event_attend"}),
        "meeting_booked" in kinds,
    )


def won(closed: Sequence[Life]) -> float:
    return sum(life.deal is not None and life.deal.stage == "Won" for life in closed) / len(closed)


@pytest.mark.parametrize(
    ("sign", "least"), [("prices", 3), ("takes part", 1), ("meets", 1)], ids=lambda one: str(one)
)
def test_who_showed_more_bought_more(sign: str, least: int) -> None:
    place = ["prices", "takes part", "meets"].index(sign)
    closed = [life for life in all_lives() if life.deal and life.deal.closed_at]
    more = [life for life in closed if shown(life)[place] >= least]
    less = [life for life in closed if shown(life)[place] < least]
    assert won(more) > 1.25 * won(less)


@pytest.mark.django_db
def test_the_starter_finds_people_of_every_band_in_it() -> None:
    some = all_lives()[:600]
    activities = [activity for life in some for activity in life.activities]
    contacts = [life.contact for life in some]
    results = dict(dry_run(templates.template("b2b_starter"), contacts, activities, ANCHOR))
    bands = Counter(result.band if result else "" for result in results.values())
    assert bands["hot"] >= 0.03 * len(contacts)
    assert bands["warm"] >= 0.15 * len(contacts)
    assert bands["cold"] >= 0.4 * len(contacts)
    assert bands["excluded"] > 0
