"""Explanations of random worlds: they add up, and name the instant of the next change."""

from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given, note

from contacts.models import Contact
from scoring.criteria.document import ActivityRule, Count, ModelDocument
from scoring.criteria.durations import Duration
from scoring.engine.contributors import Contribution
from scoring.engine.explain import Explanation, RuleExplanation, explain_in
from tests.engine.reference import MICROSECOND, Score, World, instant
from tests.engine.stored import store, undone, version
from tests.engine.worlds import DURATIONS, Drawn, worlds
from tests.profiles import examples

pytestmark = pytest.mark.django_db
LAST = instant("9999-12-31T23:59:59.999999Z")


def world_of(drawn: Drawn) -> World:
    world = World(drawn.document)
    for contact in drawn.contacts:
        world.contact(contact)
    for activity in drawn.activities:
        world.activity(activity)
    return world


def explained(drawn: Drawn) -> list[Explanation]:
    store(drawn.contacts, drawn.activities)
    document: ModelDocument = version(drawn.document).document_value
    ids = Contact.objects.order_by("pk").values_list("pk", flat=True)
    return [explain_in("default", pk, document, instant(drawn.as_of)) for pk in ids]


def data_of(score: Score | None) -> object:
    return score and score.data


@examples(30)
@given(worlds())
def test_it_explains_the_score_and_when_it_changes_next(drawn: Drawn) -> None:
    world, as_of = world_of(drawn), instant(drawn.as_of)
    with undone():
        for found in explained(drawn):
            now = world.result(found.email, as_of)
            assert (found.result and found.result.as_data(found.email)) == data_of(now)
            for rule in found.rules:
                it_adds_up(rule)
            reached = found.changes_at or LAST
            note(f"{found.email} changes at {found.changes_at}")
            for quiet in [*between(world, found.email, as_of, reached), reached - MICROSECOND]:
                assert data_of(world.result(found.email, quiet)) == data_of(now), quiet
            if found.changes_at:
                then = data_of(world.result(found.email, reached))
                assert then != data_of(now)
                assert (found.then and found.then.as_data(found.email)) == then


def between(world: World, email: str, after: datetime, before: datetime) -> list[datetime]:
    """Instants at which something of the contact is as old as a duration."""
    person = world.people[email]
    mine = [a["occurred_at"] for a in world.activities if a["contact"].strip().lower() == email]
    known = [person.fields.get("created_at"), person.attributes.get("renewal"), *mine]
    edges = {
        edge
        for text in known
        for length in DURATIONS
        for times in range(4)
        if text
        if (edge := Duration.parse(length).first_after(instant(text), times))
    }
    return sorted(edge for edge in edges if after < edge < before)


def it_adds_up(explanation: RuleExplanation) -> None:
    """The activities of a rule make its worth, newest first."""
    test = explanation.rule.test
    if not isinstance(test, ActivityRule):
        assert explanation.activities == ()
        return
    instants = [one.activity.occurred_at for one in explanation.activities]
    assert all(newer >= older for newer, older in pairwise(instants))
    worth = sum(one.worth for one in explanation.activities)
    if explanation.rule.exclude:
        assert len(instants) == test.at_least
        return
    if test.count is Count.ONCE:
        assert len(instants) == test.at_least
    limit = test.limit or abs(worth)
    assert max(-limit, min(limit, worth)) == explanation.worth


def worths(found: Explanation, as_of: datetime) -> dict[tuple[str, int], int]:
    """What each activity of the explained rules is worth at another instant."""
    assert found.result is not None
    later = explain_in("default", found.result.contact_id, found.result.document, as_of)
    return {
        (rule.rule.name, one.activity.pk): one.worth
        for rule in later.rules
        for one in rule.activities
    }


def changes(rule: RuleExplanation) -> list[Contribution]:
    """The activities whose own worth changes, where each counts."""
    test = rule.rule.test
    each = isinstance(test, ActivityRule) and test.count is Count.EACH
    return [one for one in rule.activities if each and one.next_change]


@examples(10)
@given(worlds())
def test_each_activity_says_when_its_own_worth_changes(drawn: Drawn) -> None:
    with undone():
        for found in explained(drawn):
            for rule in found.rules:
                for one in changes(rule)[:3]:
                    assert one.next_change is not None
                    key = (rule.rule.name, one.activity.pk)
                    early = worths(found, one.next_change - MICROSECOND)
                    assert early.get(key, one.worth) == one.worth
                    late = worths(found, one.next_change)
                    assert late.get(key, 0) != one.worth
