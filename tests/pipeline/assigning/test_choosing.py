"""Assignment rules: the first in order that fits and has somebody; absences, limits, loads."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from contacts.models import (
    Absence,
    Assignment,
    Contact,
    Deal,
    FieldChange,
    Lifecycle,
    Member,
    Stage,
    Task,
    Team,
)
from scoring.automations.models import ActionRun
from scoring.criteria.models import ScoringModel
from scoring.criteria.segments import Segment
from scoring.pipeline.assigning.choosing import Bench, Desk
from scoring.pipeline.assigning.giving import choose_and_give, give_by_rules, lock_leads
from scoring.pipeline.assigning.rules import AssignmentRule
from tests.automations.set_up import go_live, hot, person, refresh_all, visit

pytestmark = pytest.mark.django_db

Rule = AssignmentRule
SPAIN = {"field": "country", "op": "equals", "value": "ES"}


@pytest.fixture
def team(saul: User, mona: User) -> Team:
    team = Team.objects.get(name="Sales")
    for position, user in enumerate((saul, mona)):
        Member.objects.create(team=team, user=user, position=position)
    return team


def rule(name: str, **fields: Any) -> AssignmentRule:
    return Rule.objects.create(name=name, position=Rule.objects.count(), **fields)


def leads(count: int = 1, **fields: Any) -> list[Contact]:
    return [
        Contact.objects.create(email=f"l{Contact.objects.count()}@x.example", **fields)
        for _number in range(count)
    ]


def owners(contacts: list[Contact], model: ScoringModel | None = None) -> list[str]:
    """Whom the rules would give each, one after another."""
    desk = Desk(model, timezone.now())
    return [choice.owner for choice in desk.choose([each.pk for each in contacts])]


def away(user: User, stand_in: User | None = None) -> None:
    today = timezone.now().date()
    Absence.objects.create(
        user=user,
        first_day=today - timedelta(days=1),
        last_day=today + timedelta(days=1),
        stand_in=stand_in,
    )


def test_the_first_rule_that_fits_is_the_one(saul: User, mona: User, team: Team) -> None:
    segment = Segment(name="Spain", condition=SPAIN).store(saul)
    rule("Spain", who="segment", segment=segment, way="person", person=mona)
    rule("South", who="territory", countries=["PT"], regions=["Algarve"], way="person", person=saul)
    rule("Others", way="pool")
    spanish, portuguese, region, other = (
        leads(country="ES") + leads(country="PT") + leads(region="algarve") + leads(country="FR")
    )
    assert owners([spanish, portuguese, region, other]) == ["mona", "saul", "saul", ""]
    Rule.objects.filter(name="Spain").update(position=9)
    Rule.objects.filter(name="Others").update(active=False)
    assert owners([spanish, other]) == ["mona", ""]


def test_rules_are_of_one_model_or_of_all(saul: User, mona: User) -> None:
    one, other = (ScoringModel.objects.create(name=name) for name in ("one", "other"))
    rule("One", model=one, way="person", person=saul)
    rule("All", way="person", person=mona)
    [lead] = leads()
    assert [owners([lead], model)[0] for model in (one, other, None)] == ["saul", "mona", "mona"]


def test_a_team_takes_turns_and_what_is_shown_is_what_runs(team: Team) -> None:
    rule("Turns", team=team)
    ids = [each.pk for each in leads(3)]
    shown = [choice.owner for choice in Desk(None, timezone.now()).choose(ids)]
    assert not Member.objects.filter(last_assigned_at__isnull=False).exists()
    given_to = choose_and_give(lock_leads(ids), Desk(None, timezone.now()))
    assert shown == [choice.owner for choice in given_to] == ["saul", "mona", "saul"]
    assert owners(leads()) == ["mona"]


def test_by_load_whoever_has_least_gets_it_and_ties_go_by_turns(
    saul: User, mona: User, team: Team
) -> None:
    made = rule("Load", way="load", load="leads", team=team)
    leads(2, owner="SAUL")
    leads(2, owner="mona", lifecycle=Lifecycle.CUSTOMER)
    assert owners(leads(4)) == ["mona", "mona", "saul", "mona"]
    Rule.objects.filter(pk=made.pk).update(load="tasks")
    [about] = leads()
    Task.objects.create(contact=about, title="x", assignee=mona)
    Rule.objects.filter(pk=made.pk).update(load="tasks")
    assert owners(leads(1)) == ["saul"]
    Rule.objects.filter(pk=made.pk).update(load="deals")
    Deal.objects.create(name="x", owner="saul", stage=Stage.objects.filter(outcome="open")[0])
    Deal.objects.create(name="y", owner="mona", stage=Stage.objects.filter(outcome="won")[0])
    assert owners(leads(1)) == ["mona"]


def test_who_is_away_has_left_or_is_full_is_passed_over(saul: User, mona: User, team: Team) -> None:
    rule("Turns", team=team)
    away(saul, stand_in=mona)
    assert owners(leads(2)) == ["mona", "mona"]
    Member.objects.filter(user=mona).update(daily_limit=1)
    assert owners(leads(2)) == ["mona", ""]
    User.objects.filter(pk=mona.pk).update(is_active=False)
    assert owners(leads(1)) == [""]


def test_a_stand_in_gets_what_is_for_a_person_by_name(saul: User, mona: User, marta: User) -> None:
    rule("Saul", way="person", person=saul)
    rule("Else", way="person", person=marta)
    away(saul, stand_in=mona)
    [choice] = Desk(None, timezone.now()).choose([leads()[0].pk])
    assert (choice.owner, choice.who) == ("mona", "mona (standing in for saul)")
    away(mona)
    assert owners(leads()) == ["marta"]
    # A ring of stand-ins ends.
    Absence.objects.filter(user=mona).update(stand_in=saul)
    assert owners(leads()) == ["marta"]


def test_why_is_said_for_every_rule(saul: User, team: Team) -> None:
    rule("Spain", who="territory", countries=["ES"], way="person", person=saul)
    rule("Nobody's", who="anyone", way="turn", team=None)
    rule("Pool", way="pool")
    [choice] = Desk(None, timezone.now()).choose([leads()[0].pk])
    assert choice.steps == (
        "“Spain” is not about this lead.",
        "“Nobody's” fits, but its team is gone.",
        "“Pool” fits: the pool.",
    )


PROBLEMS: list[tuple[dict[str, Any], str]] = [
    ({"who": "segment", "way": "pool"}, "The segment is gone"),
    ({"who": "territory", "way": "pool"}, "No country and no region"),
    ({"way": "turn"}, "The team is gone"),
    ({"way": "person"}, "The person is gone"),
]


@pytest.mark.parametrize(("fields", "told"), PROBLEMS)
def test_what_keeps_a_rule_from_working_is_told(fields: dict[str, Any], told: str) -> None:
    made = rule("Broken", **fields)
    [problem] = made.problems(timezone.now())
    assert told in problem
    assert owners(leads()) == [""]


def test_a_segment_that_cannot_be_read_fits_nobody(saul: User, team: Team) -> None:
    broken = {"field": "attributes.gone", "op": "equals", "value": "x"}
    segment = Segment(name="Old", condition=broken).store(saul)
    made = rule("Old", who="segment", segment=segment, way="person", person=saul)
    assert "cannot be read" in made.problems(timezone.now())[0]
    assert owners(leads()) == [""]
    empty = rule("Empty", team=Team.objects.create(name="E", calendar=team.calendar))
    assert "is there today" in empty.problems(timezone.now())[0]


def test_one_lead_is_given_once_with_its_line(saul: User, mona: User) -> None:
    rule("Saul", way="person", person=saul)
    away(saul, stand_in=mona)
    [lead] = leads()
    task = Task.objects.create(contact=lead, title="call")
    give_by_rules(lead.pk, None, timezone.now(), always=False)
    assert give_by_rules(lead.pk, None, timezone.now(), always=False) == "mona"
    line = Assignment.objects.get()
    assert line.in_words() == "by an assignment rule: Saul; standing in for saul"
    assert FieldChange.objects.get(contact=lead, field="owner").after == "mona"
    task.refresh_from_db()
    assert task.assignee == mona


def test_an_automation_gives_a_hot_lead_away_by_the_rules_once(saul: User, team: Team) -> None:
    go_live()
    rule("Turns", team=team)
    hot({"kind": "band_entered", "band": "hot"}, {"kind": "assign_owner", "rules": True})
    ana = person("ana", job_title="Director")
    visit(ana, timedelta(hours=1))
    refresh_all()
    refresh_all()
    ana.refresh_from_db()
    assert ana.owner == "saul"
    run = ActionRun.objects.get()
    assert (run.state, run.detail) == ("done", "By the rule “Turns”: saul.")
    assert [line.how for line in Assignment.objects.filter(contact=ana)] == ["rule"]


WORK = st.lists(st.integers(min_value=0, max_value=5), min_size=2, max_size=6)


@given(loads=WORK, count=st.integers(min_value=1, max_value=40))
@pytest.mark.once
def test_sharing_out_by_load_ends_as_level_as_can_be(loads: list[int], count: int) -> None:
    """However unequal it began: nobody who got something has two more than anybody else."""
    found = share(loads, count, by_load=True)
    ends = [begun + got for begun, got in zip(loads, found, strict=True)]
    taken = [end for end, got in zip(ends, found, strict=True) if got]
    assert sum(found) == count
    assert max(taken) - min(ends) <= 1


@given(people=st.integers(min_value=1, max_value=6), count=st.integers(min_value=1, max_value=40))
@pytest.mark.once
def test_turns_differ_by_one_at_most(people: int, count: int) -> None:
    found = share([0] * people, count, by_load=False)
    assert max(found) - min(found) <= 1


def share(loads: list[int], count: int, *, by_load: bool) -> list[int]:
    """How many each gets; without a database."""
    desk = Desk.__new__(Desk)
    desk.at, desk.limits, desk.rooms = timezone.now(), False, {}
    people = [User(pk=number, username=f"u{number}") for number in range(len(loads))]
    members = [Member(pk=user.pk, user=user, position=user.pk) for user in people]
    team = Team(pk=1, name="T")
    bench = Bench(members, {"leads": Counter(dict(enumerate(loads)))})
    desk.benches = {1: bench}
    rule = AssignmentRule(name="x", way="load" if by_load else "turn", team=team)
    pick: Callable[[AssignmentRule], Any] = desk.pick
    got = Counter(pick(rule)[0][0].pk for _number in range(count))
    return [got[number] for number in range(len(loads))]
