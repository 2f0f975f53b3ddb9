"""When time will change a score next: found by halving, and the same as by trying all."""

from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone
from hypothesis import given, settings

from contacts.models import Activity, ActivityType, Contact, Target
from scoring.criteria.document import ModelDocument, ProfileTest, parse
from scoring.criteria.moments import Moment
from scoring.engine import explain as module
from scoring.engine.contributors import later_changes
from scoring.engine.explain import explain
from scoring.engine.forecast import cut_offs_of, instants_of, next_result
from scoring.engine.results import Result, score
from tests.engine.reference import instant
from tests.engine.scored import MODEL, person
from tests.engine.stored import store, undone
from tests.engine.worlds import Drawn, worlds

pytestmark = pytest.mark.django_db

Found = tuple[datetime | None, Result | None]


def by_trying_all(document: ModelDocument, pk: int, as_of: datetime, now: Result | None) -> Found:
    one_way, others = instants_of(document, pk, as_of, DEFAULT_DB_ALIAS)
    for reached in sorted(one_way | others | by_any_activity(document, pk, as_of)):
        then = score(document, [pk], reached, DEFAULT_DB_ALIAS).get(pk)
        if then != now:
            return reached, then
    return None, None


def by_any_activity(document: ModelDocument, pk: int, as_of: datetime) -> set[datetime]:
    """At which instants any cut-off of any rule reaches any activity, whatever it is of."""
    done = Activity.objects.filter(contact=pk).values_list("occurred_at", flat=True)
    moments = [
        moment
        for rule in document.rules
        if not isinstance(rule.test, ProfileTest)
        for moment in cut_offs_of(rule, rule.test)
    ]
    return {
        reached
        for occurred_at in done
        for reached in later_changes([Moment(), *moments], occurred_at, as_of)
    }


@settings(deadline=None, max_examples=60)
@given(drawn=worlds())
def test_halving_finds_what_trying_all_finds(drawn: Drawn) -> None:
    with undone():
        store(drawn.contacts, drawn.activities)
        document, as_of = parse(drawn.document), instant(drawn.as_of)
        for pk in Contact.objects.values_list("pk", flat=True):
            now = score(document, [pk], as_of, DEFAULT_DB_ALIAS).get(pk)
            expected = by_trying_all(document, pk, as_of, now)
            assert next_result(document, pk, as_of, DEFAULT_DB_ALIAS, now) == expected


def test_a_contact_with_many_activities_is_asked_a_few_times_only() -> None:
    """Its points are far above their limit, so that thousands of instants change nothing."""
    contact = person("busy")
    kind = ActivityType.objects.get(slug="page_view")
    target = Target.objects.ids_by_key(["/pricing"])[Target.key_of("/pricing")]
    now = timezone.now()
    Activity.objects.bulk_create(
        Activity(
            contact=contact,
            type=kind,
            target_id=target,
            occurred_at=now - timedelta(minutes=number),
        )
        for number in range(5000)
    )
    with patch.object(module, "score", wraps=score) as asked:
        found = explain(contact, parse(MODEL), now)
    assert asked.call_count < 25
    # 60 points at most: they fall when but two visits count whole, or as much in halves.
    assert found.result is not None
    assert found.then is not None
    assert found.result.worths[2] == 60
    assert found.then.worths[2] < 60
