"""Refreshing some contacts: at a constant price, for the right reason, at the right instant."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact, Pending
from scoring.engine.models import Cause, Score, ScoreChange, Track
from scoring.engine.refresh import CAUSES, refresh, strongest
from scoring.engine.retries import refresh_pending
from tests.engine.reference import instant
from tests.engine.stored import Data, act, ids, live, model, person, store, totals

pytestmark = pytest.mark.django_db

VIEWED: Data = {"points": 10, "activity": {"type": "page_view"}}
AS_OF = instant("2026-03-31T10:00:00Z")


def statements(contact_ids: list[int], as_of: datetime = AS_OF) -> int:
    with CaptureQueriesContext(connection) as queries:
        refresh(contact_ids, Cause.ACTIVITY, as_of)
    return len(queries)


def test_it_asks_as_often_whatever_the_model_and_however_many_contacts() -> None:
    store([person(f"p{number}") for number in range(20)])
    live(model(VIEWED), AS_OF)
    one = statements(ids()[:1])
    types = [f"type_{number}" for number in range(30)]
    rules = [{"points": 1, "activity": {"type": type}} for type in types]
    store([], [act(f"p{number}", "2026-03-01T00:00:00Z") for number in range(20)])
    refresh_pending(AS_OF)
    live(model(VIEWED, *rules), AS_OF)
    assert statements(ids()[:1]) == statements(ids()) == one
    if connection.vendor == "sqlite":
        assert one <= 10


def test_it_writes_in_as_many_statements_however_much_changed() -> None:
    store([person(f"p{number}") for number in range(20)])
    live(model(VIEWED), AS_OF)
    store([], [act(f"p{number}", "2026-03-01T00:00:00Z") for number in range(20)])
    few, many = statements(ids()[:1]), statements(ids()[1:])
    assert many == few
    assert set(totals().values()) == {10}


def test_nothing_is_written_where_nothing_changed() -> None:
    store([person("ana")], [act("ana", "2026-03-01T00:00:00Z")])
    live(model(VIEWED), AS_OF)
    before = Score.objects.values().get()
    assert refresh(ids(), Cause.ACTIVITY, AS_OF) == 0
    assert Score.objects.values().get() == before
    assert ScoreChange.objects.count() == 1


def test_the_history_names_the_strongest_of_several_causes() -> None:
    assert strongest({"time", "activity", "profile"}) is Cause.ACTIVITY
    assert strongest({"time", "profile"}) is Cause.PROFILE
    assert strongest({"time"}) is Cause.TIME
    # A merge and an erasure mark nobody pending: they have the scores made at once.
    at_once = {Cause.MERGE.value, Cause.ERASURE.value}
    assert {cause.value for cause in CAUSES} == {*Pending.Cause.values, *at_once}


def test_each_of_several_contacts_has_its_own_cause() -> None:
    store([person("ana"), person("bea", created_at="2026-01-01T00:00:00Z"), person("carl")])
    since = {"points": 5, "when": {"field": "created_at", "op": "older_than", "value": "1 day"}}
    live(model(VIEWED, since), instant("2026-01-01T00:00:00Z"))
    Pending.objects.all().delete()
    ana, bea, carl = ids()
    store([], [act("ana", "2026-03-01T00:00:00Z"), act("carl", "2026-03-01T00:00:00Z")])
    Pending.objects.mark([bea, ana], Pending.Cause.TIME)
    Pending.objects.mark([carl], Pending.Cause.PROFILE)
    assert refresh_pending(AS_OF) == 5
    changes = ScoreChange.objects.filter(as_of=AS_OF).values_list("contact_id", "cause")
    assert dict(changes) == {ana: "activity", bea: "time", carl: "activity"}


def test_it_takes_those_who_waited_longest_first() -> None:
    store([person(f"p{number}") for number in range(5)])
    live(model(VIEWED), AS_OF)
    waiting = list(Pending.objects.values_list("pk", flat=True))
    assert refresh_pending(AS_OF, most=2) == 2
    assert list(Pending.objects.values_list("pk", flat=True)) == waiting[2:]
    assert refresh_pending(AS_OF) == 3
    assert refresh_pending(AS_OF) == 0


def test_a_contact_that_is_gone_is_no_longer_pending() -> None:
    store([person("ana")], [act("ana", "2026-03-01T00:00:00Z")])
    live(model(VIEWED), AS_OF)
    Contact.objects.get().delete()
    Pending.objects.mark([10**6], Pending.Cause.TIME)
    while refresh_pending(AS_OF):
        pass
    assert not Pending.objects.exists()
    assert not Score.objects.exists()
    assert not ScoreChange.objects.exists()


def test_it_brings_every_track_up_to_date() -> None:
    store([person("ana")])
    live(model(VIEWED), AS_OF)
    live(model(VIEWED | {"points": 3}, name="Other"), AS_OF)
    store([], [act("ana", "2026-03-01T00:00:00Z")])
    refresh_pending(AS_OF)
    assert sorted(Score.objects.values_list("total", flat=True)) == [3, 10]


def test_without_a_track_there_is_nothing_to_do() -> None:
    store([person("ana")])
    assert refresh_pending() == 1
    assert not Score.objects.exists()


def test_it_scores_as_of_now() -> None:
    now = timezone.now()
    store([person("ana")], [act("ana", (now - timedelta(seconds=1)).isoformat())])
    live(model(VIEWED), now - timedelta(days=1))
    store([], [act("ana", (now + timedelta(days=1)).isoformat())])
    refresh_pending()
    assert totals() == {"ana": 10}
    change = ScoreChange.objects.latest("revision")
    assert now <= change.as_of <= timezone.now()


def test_it_is_never_as_of_before_the_last_sweep() -> None:
    """The machine that swept may have a clock that is ahead of this one's."""
    ahead = timezone.now() + timedelta(minutes=5)
    store([person("ana")], [act("ana", (ahead - timedelta(minutes=1)).isoformat())])
    live(model(VIEWED), timezone.now() - timedelta(days=1))
    Track.objects.update(swept_at=ahead)
    refresh_pending()
    assert totals() == {"ana": 10}
    assert ScoreChange.objects.latest("revision").as_of == ahead


def test_a_contact_that_comes_back_into_the_audience_goes_on_with_its_history() -> None:
    audience = {"field": "country", "op": "equals", "value": "ES"}
    store([person("ana", country="ES")])
    live(model(VIEWED, audience=audience), AS_OF)
    for country in ("MX", "ES", "PT", "ES"):
        store([person("ana", country=country)])
        refresh_pending(AS_OF)
    changes = ScoreChange.objects.order_by("revision")
    assert [change.revision for change in changes] == [1, 2, 3, 4, 5]
    assert [change.total for change in changes] == [0, None, 0, None, 0]
    assert [change.total_before for change in changes] == [None, 0, None, 0, None]
    assert Score.objects.get().revision == 5
