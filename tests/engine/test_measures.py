"""How many a rule holds for: whole answers, estimates, and questions that are cut off."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from django.db import connection, transaction
from django.utils import timezone

from contacts.models import Contact
from scoring.criteria.conditions import Condition, ConditionReader
from scoring.criteria.document import ModelDocument, parse
from scoring.criteria.faults import Node
from scoring.engine import measures
from scoring.engine.deadline import OutOfTime, within
from scoring.engine.measures import (
    Counted,
    RuleMeasure,
    Survey,
    count_condition,
    measure_rules,
    survey,
)
from scoring.engine.results import score
from scoring.engine.sql import Scope
from tests.engine.scored import MODEL, person, visit

pytestmark = pytest.mark.django_db
# Far more than any of these questions takes.
PATIENT = 60.0
SMALL = parse(MODEL)
FOREVER = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000)"
    " SELECT COUNT(*) FROM n"
)


def condition(data: object, document: ModelDocument = SMALL) -> Condition:
    return ConditionReader(document.catalogue).read(Node(data))


def some_leads() -> None:
    new = timezone.now().isoformat()
    ana = person("ana", job_title="Director of sales", created_at=new)
    person("ben", job_title="Director", tags=["competitor"])
    eva = person("eva")
    for ago in (1, 2, 30):
        visit(ana, timedelta(days=ago))
    visit(eva, timedelta(days=15))


def test_what_the_rules_give_is_what_the_scores_hold() -> None:
    some_leads()
    now = timezone.now()
    results = score(SMALL, list(Contact.objects.values_list("pk", flat=True)), now, "default")
    found = measure_rules(SMALL, SMALL.rules, now, seconds=PATIENT)
    for at, rule in enumerate(SMALL.rules):
        worths = [result.worths[at] for result in results.values()]
        points = 0 if rule.exclude else sum(worths)
        assert found[rule.name] == RuleMeasure(sum(map(bool, worths)), points, 3, False)
    assert found["Visits the prices"] == RuleMeasure(2, 80, 3, False)
    assert found["Competitor"] == RuleMeasure(1, 0, 3, False)


def test_only_the_audience_is_counted() -> None:
    some_leads()
    audience = {"field": "job_title", "op": "contains", "value": "director"}
    document = parse({**MODEL, "scenarios": [], "audience": audience})
    found = measure_rules(document, document.rules, timezone.now(), seconds=PATIENT)
    assert found["Visits the prices"] == RuleMeasure(1, 60, 2, False)


def test_no_rules_and_nobody_are_counted_too() -> None:
    now = timezone.now()
    assert measure_rules(SMALL, [], now) == {}
    assert set(measure_rules(SMALL, SMALL.rules, now).values()) == {RuleMeasure(0, 0, 0, False)}
    assert count_condition(
        condition({"field": "email", "op": "is_empty"}), SMALL.catalogue, now
    ) == Counted(0, 0, False)


CASES = [
    ({"field": "job_title", "op": "contains", "value": "director"}, {"ana", "ben"}),
    ({"field": "tags", "op": "has_any", "value": ["Competitor"]}, {"ben"}),
    ({"not": {"field": "tags", "op": "has_any", "value": ["competitor"]}}, {"ana", "eva"}),
    ({"field": "created_at", "op": "within_last", "value": "1 day"}, {"ana"}),
]


@pytest.mark.parametrize(("data", "names"), CASES)
def test_a_condition_is_counted_among_all_and_among_some(data: object, names: set[str]) -> None:
    some_leads()
    now = timezone.now() + timedelta(minutes=1)
    asked = condition(data)
    found = count_condition(asked, SMALL.catalogue, now, seconds=PATIENT)
    assert found == Counted(len(names), 3, False)
    some = Contact.objects.filter(email_key__in=["ana@x.example", "eva@x.example"])
    found = count_condition(asked, SMALL.catalogue, now, contacts=some, seconds=PATIENT)
    assert found == Counted(len(names & {"ana", "eva"}), 2, False)


def a_crowd(monkeypatch: pytest.MonkeyPatch, count: int = 400) -> None:
    Contact.objects.bulk_create(
        Contact(email=f"p{at}@x.example", email_key=f"p{at}@x.example") for at in range(count)
    )
    monkeypatch.setattr(measures, "FEW", 0)
    monkeypatch.setattr(measures, "FIRST", 50)
    monkeypatch.setattr(measures, "MOST_AT_ONCE", 50)


def test_where_everybody_takes_too_long_a_sample_is_scaled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_crowd(monkeypatch)
    ids = sorted(Contact.objects.values_list("pk", flat=True))
    half = set(ids[::2])
    asked: list[Scope] = []
    # The same ones of the crowd each time, whatever their ids.
    drawn = Random(4).sample(ids, len(ids))
    monkeypatch.setattr(measures, "draw", lambda everybody: drawn)

    def ask(scope: Scope) -> Sequence[int]:
        asked.append(scope)
        if not scope.ids or len(asked) > 5:
            raise OutOfTime
        return [len(scope.ids), len(half & set(scope.ids))]

    found = survey(ask, Contact.objects.all(), PATIENT)
    assert (found.of, found.asked, found.is_whole) == (400, 200, False)
    assert abs(found.scaled(1) - 200) <= found.margin(1) < 40
    # What was never seen may still be there.
    assert Survey(400, [100, 0]).margin(1) > 0
    again = [pk for scope in asked for pk in scope.ids]
    assert len(again) == len(set(again))


def test_a_sample_that_has_come_to_everybody_is_no_estimate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_crowd(monkeypatch, 130)
    monkeypatch.setattr(measures, "IN_A_ROW", 1e9)
    asked = condition({"field": "email", "op": "contains", "value": "p1"})
    found = count_condition(asked, SMALL.catalogue, timezone.now(), seconds=PATIENT)
    assert found == Counted(41, 130, False)


def test_where_not_even_a_few_come_in_time_it_says_that_it_knows_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_crowd(monkeypatch, 60)
    found = measure_rules(SMALL, SMALL.rules, timezone.now(), seconds=0)
    assert set(found.values()) == {RuleMeasure(0, 0, 0, True, 60)}


def test_a_question_that_would_run_on_is_cut_off_and_the_next_one_is_not() -> None:
    with transaction.atomic():
        with pytest.raises(OutOfTime), within(0.05), connection.cursor() as cursor:
            cursor.execute(FOREVER)
        with connection.cursor() as cursor:
            cursor.execute(FOREVER.replace("2000000000", "50000"))
            assert cursor.fetchone() == (50000,)
            if connection.vendor == "postgresql":
                cursor.execute("SHOW statement_timeout")
                assert cursor.fetchone() == ("0",)
