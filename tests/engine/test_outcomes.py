"""Who has succeeded and who has not, and what was known of them before that."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Company, Contact, Deal, FieldChange, Pipeline, Stage, Tag
from scoring.criteria.document import ModelDocument, parse
from scoring.engine.explain import explain
from scoring.engine.objectives import known_outcomes
from scoring.engine.outcomes import Outcome, conversion_by_grade, conversion_by_rule, outcomes
from scoring.engine.then import score_then
from tests.engine import scored
from tests.engine.scored import MODEL, person

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DAY = timedelta(days=1)


def aiming_at(objective: dict[str, Any], **more: Any) -> ModelDocument:
    return parse({**MODEL, "objective": objective, "scenarios": [], **more})


SELLING = aiming_at({"deal": "won"})


def deal(who: Contact, outcome: str, opened: int | None, closed: int | None = None) -> None:
    """Opened and closed so many days ago."""
    pipeline, _new = Pipeline.objects.get_or_create(name="Sales")
    stage, _new = Stage.objects.get_or_create(pipeline=pipeline, name=outcome, outcome=outcome)
    Deal.objects.create(
        name="Deal",
        contact=who,
        stage=stage,
        opened_at=None if opened is None else NOW - opened * DAY,
        closed_at=None if closed is None else NOW - closed * DAY,
    )


def visit(who: Contact, ago: timedelta, target: str = "/pricing", kind: str = "page_view") -> None:
    """Counted from when the deals are, whatever day it has become since."""
    scored.visit(who, ago, target, kind, NOW)


def long_known() -> None:
    """As if everybody had been stored as they are two years ago."""
    for model in (Contact, Company):
        model.objects.update(stored_at=NOW - 730 * DAY)
    FieldChange.objects.all().delete()


def known(document: ModelDocument = SELLING, months: int = 12) -> dict[str, Outcome]:
    names = dict(Contact.objects.values_list("pk", "email_key"))
    found = outcomes(document, months, NOW)
    return {names[one.contact_id].split("@")[0]: one for one in found}


# (deals as (outcome, opened, closed) in days ago; success or failure that many days ago, or None)
DEALS = [
    ([], None),
    ([("open", 50, None)], None),
    ([("won", 50, 20)], (True, 20)),
    ([("lost", 50, 20)], (False, 20)),
    ([("lost", 50, 20), ("open", 10, None)], None),
    ([("lost", 90, 60), ("won", 50, 20)], (True, 20)),
    ([("won", 90, 60), ("lost", 50, 20)], (True, 60)),
    ([("won", 900, 800), ("lost", 50, 20)], None),
    ([("lost", 90, 60), ("lost", 50, 20)], (False, 20)),
    ([("won", 50, None)], None),
    ([("won", None, 20)], (True, 20)),
]


@pytest.mark.parametrize(("deals", "outcome"), DEALS)
def test_deals_say_who_has_succeeded(
    deals: list[tuple[str, int | None, int | None]], outcome: tuple[bool, int] | None
) -> None:
    ana = person("ana")
    for one in deals:
        deal(ana, *one)
    found = known()
    if outcome is None:
        assert found == {}
    else:
        assert (found["ana"].succeeded, found["ana"].at) == (outcome[0], NOW - outcome[1] * DAY)


def test_the_score_is_that_of_the_day_before_the_deal() -> None:
    ana = person("ana", job_title="Director")
    long_known()
    deal(ana, "won", opened=30, closed=5)
    visit(ana, timedelta(days=32))
    visit(ana, timedelta(days=20))
    visit(ana, timedelta(hours=1))
    one = known()["ana"]
    assert one.scored_at == instant(30)
    assert (one.total_before, one.band_before, one.profile_known) == (70, "hot", True)
    assert one.worths == (30, 0, 40)


def instant(ago: int) -> datetime:
    return (NOW - ago * DAY).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def test_what_the_contact_became_afterwards_is_not_known_yet() -> None:
    ana, ben = person("ana"), person("ben", job_title="Director", tags=["competitor"])
    long_known()
    for who in (ana, ben):
        deal(who, "lost", opened=30, closed=5)
        visit(who, timedelta(days=31))
    ana.job_title = "Director"
    ana.save()
    ben.tags.clear()
    found = known()
    assert (found["ana"].total_before, found["ana"].band_before) == (40, "warm")
    assert found["ben"].band_before == "excluded"


def test_who_was_stored_only_later_is_told_apart() -> None:
    deal(person("ana"), "won", opened=30, closed=5)
    assert known()["ana"].profile_known is False


def test_outside_the_audience_there_is_no_score() -> None:
    deal(person("ana"), "won", opened=30, closed=5)
    audience = {"field": "job_title", "op": "is_not_empty"}
    one = known(aiming_at({"deal": "won"}, audience=audience))["ana"]
    assert (one.total_before, one.band_before, one.worths) == (None, None, ())


def went(who: Contact, *steps: tuple[str, int]) -> None:
    """Through stages of the life cycle, each so many days ago."""
    for stage, ago in steps:
        who.lifecycle = stage
        who.save()
        FieldChange.objects.filter(contact=who, field="lifecycle", after=stage).update(
            changed_at=NOW - ago * DAY
        )


def test_the_life_cycle_says_who_has_succeeded() -> None:
    people = {name: person(name) for name in ("ana", "ben", "eva", "leo", "mia")}
    long_known()
    went(people["ana"], ("lead", 90), ("opportunity", 40), ("customer", 20))
    went(people["ben"], ("lead", 90), ("lost", 30))
    went(people["eva"], ("lost", 90), ("lead", 30))
    went(people["leo"], ("customer", 60), ("lost", 10))
    went(people["mia"], ("customer", 500))
    found = known(aiming_at({"lifecycle": "customer"}))
    assert {name: one.succeeded for name, one in found.items()} == {
        "ana": True,
        "ben": False,
        "leo": True,
    }
    assert found["ana"].scored_at == instant(40)
    assert found["leo"].scored_at == instant(60)


BUYING = {"activity": {"type": "purchase"}}


@pytest.mark.parametrize("objective", [{"deal": "won"}, {"lifecycle": "customer"}, BUYING])
def test_what_came_before_the_months_still_counts(objective: dict[str, Any]) -> None:
    """The months only choose among what is known of all time."""
    rng = Random(7)
    people = [person(f"p{at}") for at in range(60)]
    long_known()
    for who in people:
        for _ in range(rng.randint(0, 3)):
            closed = rng.randint(1, 700)
            deal(who, rng.choice(["won", "lost", "open"]), closed + 20, closed)
        days = sorted(rng.sample(range(1, 700), rng.randint(0, 3)), reverse=True)
        went(who, *((rng.choice(["lead", "lost", "customer"]), ago) for ago in days))
        if rng.random() < 0.3:
            visit(who, timedelta(days=rng.randint(1, 700)), kind="purchase")
    aim = aiming_at(objective).objective
    assert aim is not None
    ever = known_outcomes(aim, NOW - 1000 * DAY, NOW)
    for ago in (30, 200, 500):
        since = NOW - ago * DAY
        later = [one for one in ever if one.at > since]
        assert later
        assert known_outcomes(aim, since, NOW) == later


def test_an_activity_says_who_has_succeeded() -> None:
    ana, ben = person("ana"), person("ben")
    for ago in (20, 3):
        visit(ana, timedelta(days=ago), "pro", kind="purchase")
    visit(ben, timedelta(days=4), "basic", kind="purchase")
    deal(ben, "lost", 9, 8)
    activity = {"type": "purchase", "target": {"op": "equals", "value": "Pro"}}
    found = known(aiming_at({"activity": activity}))
    assert {name: one.succeeded for name, one in found.items()} == {"ana": True, "ben": False}
    assert found["ana"].scored_at == instant(20)


def test_without_an_objective_nothing_is_known() -> None:
    deal(person("ana"), "won", 30, 5)
    assert outcomes(parse(MODEL), 12, NOW) == []


def test_each_rule_has_its_conversion_with_and_without_it() -> None:
    for at in range(6):
        who = person(f"p{at}", job_title="Director" if at < 4 else "")
        deal(who, "won" if at in (0, 1, 2, 5) else "lost", 30, 5)
    found = conversion_by_rule(SELLING, outcomes(SELLING, 12, NOW))
    held, others = found["Director"].held, found["Director"].not_held
    assert (held.count, held.of, others.count, others.of) == (3, 4, 1, 2)
    assert found["Visits the prices"].held.of == 0


def test_many_at_once_have_the_score_that_explaining_each_gives() -> None:
    rng = Random(4)
    norte = Company.objects.create(name="Norte", employees=10)
    sur = Company.objects.create(name="Sur", employees=500)
    people = [person(f"p{at}") for at in range(8)]
    long_known()
    for who in people:
        for _ in range(rng.randint(0, 4)):
            change(rng, who, norte, sur)
            changes = FieldChange.objects.filter(changed_at__gt=NOW)
            changes.update(changed_at=NOW - rng.randint(1, 60) * DAY)
        for _ in range(3):
            visit(who, timedelta(days=rng.randint(1, 70)))
    norte.employees = 900
    norte.save()
    FieldChange.objects.filter(changed_at__gt=NOW).update(changed_at=NOW - 15 * DAY)
    document = aiming_at({"deal": "won"}, groups=[*MODEL["groups"], WORKPLACE])
    for ago in (5, 25, 61):
        as_of = NOW - ago * DAY
        found = score_then(document, [who.pk for who in people], as_of)
        for who in people:
            one = explain(Contact.objects.get(pk=who.pk), document, as_of).result
            assert one is not None
            same = found[who.pk]
            assert (same.total, same.band, same.worths) == (one.total, one.band, one.worths)


BIG = {
    "name": "Big",
    "points": 10,
    "when": {"field": "company.employees", "op": "gte", "value": 100},
}
WORKPLACE = {"name": "Where", "dimension": "fit", "rules": [BIG]}


def change(rng: Random, who: Contact, norte: Company, sur: Company) -> None:
    """Something about the contact, now."""
    turn = rng.randint(0, 3)
    if turn == 0:
        who.job_title = rng.choice(["Director", "Clerk", ""])
        who.save()
    elif turn == 1:
        who.company = rng.choice([norte, sur, None])
        who.save()
    elif turn == 2:
        tag, _new = Tag.objects.get_or_create(name="competitor")
        who.tags.remove(tag) if who.tags.filter(pk=tag.pk).exists() else who.tags.add(tag)
    else:
        who.email = f"{rng.random()}@x.example"
        who.save()


def test_grades_are_those_of_the_morning_before() -> None:
    for place in range(3):
        who = person(f"d{place}", job_title="Director")
        deal(who, "won" if place else "lost", 50, 20)
        # Keen only after it began: that is no merit of the grade.
        visit(who, 10 * DAY)
    deal(person("eva"), "lost", 50, 20)
    long_known()
    found = conversion_by_grade(outcomes(SELLING, 12, NOW))
    assert {grade: (one.count, one.of) for grade, one in found.items()} == {
        "A2": (2, 3),
        "B2": (0, 1),
    }
