"""Everybody's scores made anew: in blocks, resumed, overtaken, patched by what differs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from contacts.models import Contact, Pending
from scoring.engine.columns import Columns
from scoring.engine.compile import kept_from
from scoring.engine.models import Cause, Recompute, Score, ScoreChange, Track
from scoring.engine.publish import publish
from scoring.engine.recompute import blocks, finish, recompute_unfinished, start, work, work_one
from scoring.engine.refresh import refresh
from scoring.engine.retries import refresh_pending
from scoring.engine.sweep import sweep
from scoring.engine.verify import differences
from tests.engine.reference import instant
from tests.engine.stored import Data, act, live, model, person, store, totals, version

pytestmark = pytest.mark.django_db

AS_OF = instant("2026-03-31T10:00:00Z")
LATER = AS_OF + timedelta(days=1)
VIEWED: Data = {"points": 10, "activity": {"type": "page_view"}}
CALLED: Data = {"points": 3, "activity": {"type": "call"}}
SPANISH: Data = {"points": 1, "when": {"field": "country", "op": "equals", "value": "ES"}}
WHO = ["ana", "bea", "carl", "dora", "emil", "fay"]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two contacts each."""
    for module in ("locks", "recompute", "verify"):
        monkeypatch.setattr(f"scoring.engine.{module}.BLOCK_BITS", 1)
        monkeypatch.setattr(f"scoring.engine.{module}.BLOCK", 2)


@pytest.fixture
def people(db: None) -> None:
    """Six Spaniards, each of whom has looked at a page."""
    acts = [act(who, "2026-03-01T00:00:00Z") for who in WHO]
    store([person(who, country="ES") for who in WHO], acts)


def wrong(track: Track) -> list[str]:
    track = Track.objects.select_related("version").get(pk=track.pk)
    return [difference.email for difference in differences(track, AS_OF)]


def test_it_goes_through_every_block_from_the_first_contact_to_the_last(people: None) -> None:
    recompute = publish(version(model(VIEWED)), AS_OF)
    assert [one.block for one in recompute.ranges.all()] == blocks()
    changed = list(work(recompute))
    assert sum(changed) == 6
    assert max(changed) <= 2
    assert totals() == dict.fromkeys(WHO, 10)


def test_without_contacts_it_is_done_at_once() -> None:
    track = live(model(VIEWED), AS_OF)
    assert blocks() == []
    assert track.recomputes.get().finished_at is not None


def test_it_goes_on_where_it_was_stopped(people: None) -> None:
    recompute = publish(version(model(VIEWED)), AS_OF)
    assert next(work(recompute))
    done = recompute.ranges.exclude(done_at=None).get()
    again = Recompute.objects.get(pk=recompute.pk)
    assert again.finished_at is None
    list(work(again))
    assert recompute.ranges.order_by("pk").first() == done
    assert totals() == dict.fromkeys(WHO, 10)
    again.refresh_from_db()
    assert again.finished_at is not None


def test_a_second_recompute_changes_nothing_and_leaves_no_history(people: None) -> None:
    track = live(model(VIEWED), AS_OF)
    rows = list(Score.objects.order_by("contact_id").values())
    assert sum(work(start(track, Cause.RECOMPUTE, AS_OF))) == 0
    assert list(Score.objects.order_by("contact_id").values()) == rows
    assert ScoreChange.objects.count() == 6


def test_it_repairs_what_somebody_broke(people: None) -> None:
    track = live(model(VIEWED), AS_OF)
    Pending.objects.all().delete()
    Score.objects.filter(contact__email_key="ana@x.example").update(breakdown=[7])
    Score.objects.filter(contact__email_key="bea@x.example").delete()
    assert wrong(track) == ["ana@x.example", "bea@x.example"]
    assert sum(work(start(track, Cause.RECOMPUTE, AS_OF))) == 2
    assert wrong(track) == []


def test_one_that_is_put_in_the_place_of_another_starts_over(people: None) -> None:
    live(model(VIEWED), AS_OF)
    first = publish(version(model(VIEWED, CALLED)), AS_OF)
    assert first.base is not None
    next(work(first))
    second = publish(version(model(VIEWED | {"points": 5}, CALLED)), AS_OF)
    assert second.base is None
    first.refresh_from_db()
    assert first.finished_at is not None
    list(work(second))
    assert totals() == dict.fromkeys(WHO, 5)


def test_one_that_was_overtaken_writes_no_more(people: None) -> None:
    first = publish(version(model(VIEWED)), AS_OF)
    going = work(first)
    next(going)
    list(work(publish(version(model(VIEWED | {"points": 5})), AS_OF)))
    assert list(going) == []
    assert work_one(Recompute.objects.get(pk=first.pk)) is None
    assert totals() == dict.fromkeys(WHO, 5)


def test_a_worker_does_one_block_of_whatever_is_unfinished(people: None) -> None:
    publish(version(model(VIEWED)), AS_OF)
    publish(version(model(CALLED, name="Other")), AS_OF)
    slices = 0
    while recompute_unfinished():
        slices += 1
    assert slices == 2 * len(blocks())
    assert not Recompute.objects.filter(finished_at=None).exists()
    assert recompute_unfinished() == 0


def test_it_is_finished_only_when_every_block_is_done(people: None) -> None:
    recompute = publish(version(model(VIEWED)), AS_OF)
    next(work(recompute))
    assert not finish(recompute)
    list(work(recompute))
    assert finish(recompute)


def test_it_is_as_of_the_instant_at_which_a_block_is_reached_where_none_is_given(
    people: None,
) -> None:
    before = timezone.now()
    recompute = publish(version(model(VIEWED)))
    list(work(recompute))
    instants = set(ScoreChange.objects.values_list("as_of", flat=True))
    assert len(instants) == len(blocks())
    assert before <= min(instants) <= max(instants) <= timezone.now()
    recompute.track.refresh_from_db()
    assert recompute.track.swept_at == recompute.started_at


# --- Only what differs -------------------------------------------------------------------------


@contextmanager
def asked() -> Iterator[list[str]]:
    """The columns that compiling asks for, by a spy on the real thing."""
    names: list[str] = []
    real = Columns._name

    def noted(self: Columns, letter: str) -> str:
        names.append(letter)
        return real(self, letter)

    with patch.object(Columns, "_name", noted):
        yield names


@pytest.mark.parametrize(
    ("changed", "expected", "columns"),
    [
        ([VIEWED, CALLED, SPANISH | {"points": 2}], 12, 1),
        ([VIEWED | {"points": 20}, CALLED, SPANISH], 21, 1),
        ([CALLED, SPANISH, VIEWED], 11, 0),
        ([VIEWED, SPANISH], 11, 0),
        ([VIEWED, CALLED, SPANISH, VIEWED | {"points": 100}], 111, 1),
        ([VIEWED | {"limit": 5}, SPANISH | {"points": 7}], 12, 2),
    ],
    ids=["profile", "points", "reordered", "removed", "added", "several"],
)
def test_it_computes_the_rules_that_differ_and_no_other(
    people: None, changed: list[Data], expected: int, columns: int
) -> None:
    # Named by what they are, so that a rule may move and still be the same.
    names = {str(one): f"Rule {one}" for one in (VIEWED, CALLED, SPANISH)}
    old = [one | {"name": names[str(one)]} for one in (VIEWED, CALLED, SPANISH)]
    new = [one | {"name": names.get(str(one), f"New {at}")} for at, one in enumerate(changed)]
    track = live(model(*old), AS_OF)
    Pending.objects.all().delete()
    recompute = publish(version(model(*new)), AS_OF)
    assert recompute.base is not None
    with asked() as names_asked:
        list(work(recompute))
        assert len(names_asked) == columns
    assert totals() == dict.fromkeys(WHO, expected)
    assert wrong(track) == []


@pytest.mark.parametrize(
    "more",
    [
        {"limits": {"max": 8}},
        {"bands": [{"name": "low"}, {"name": "high", "from": 11}]},
        {
            "matrix": {
                "fit": [{"grade": "A", "from": 1}, {"grade": "B"}],
                "interest": [{"grade": "1"}],
            }
        },
    ],
)
def test_it_computes_no_rule_where_only_what_is_around_them_differs(
    people: None, more: Data
) -> None:
    track = live(model(VIEWED, SPANISH), AS_OF)
    Pending.objects.all().delete()
    recompute = publish(version(model(VIEWED, SPANISH, **more)), AS_OF)
    with asked() as names_asked:
        assert sum(work(recompute)) == 6
        assert names_asked == []
    assert wrong(track) == []


def test_it_moves_a_group_to_the_other_dimension(people: None) -> None:
    document = model(VIEWED)
    track = live(document, AS_OF)
    moved = model(VIEWED, groups=[document["groups"][0] | {"dimension": "interest"}])
    list(work(publish(version(moved), AS_OF)))
    assert set(Score.objects.values_list("fit", "interest", "total")) == {(0, 10, 10)}
    assert wrong(track) == []


def test_it_starts_over_where_the_audience_or_the_fields_differ(people: None) -> None:
    document = version(model(VIEWED)).document_value
    audience = model(VIEWED, audience={"field": "country", "op": "equals", "value": "MX"})
    assert kept_from(version(audience).document_value, document) is None
    assert kept_from(version(model(VIEWED, fields=[])).document_value, document) is None
    live(model(VIEWED), AS_OF)
    list(work(publish(version(audience), AS_OF)))
    assert totals() == {}


def test_a_refresh_amid_a_patch_scores_what_will_be_patched_by_the_former_version(
    people: None,
) -> None:
    track = live(model(VIEWED, CALLED), AS_OF)
    Pending.objects.all().delete()
    former = track.version
    recompute = publish(version(model(VIEWED, CALLED | {"points": 7})), AS_OF)
    next(work(recompute))
    store([], [act(who, "2026-03-02T00:00:00Z", type="call") for who in WHO])
    refresh_pending(AS_OF)
    done = {one.block for one in recompute.ranges.exclude(done_at=None)}
    by_block = {
        score.contact_id >> 1 in done: score.total for score in Score.objects.order_by("contact_id")
    }
    assert by_block == {True: 17, False: 13}
    causes = ScoreChange.objects.filter(cause=Cause.ACTIVITY).values_list("version_id", flat=True)
    assert set(causes) == {former.pk, recompute.version.pk}
    list(work(recompute))
    assert totals() == dict.fromkeys(WHO, 17)
    assert wrong(track) == []


def test_a_contact_that_comes_amid_a_patch_is_scored_by_the_new_version(people: None) -> None:
    track = live(model(VIEWED, SPANISH), AS_OF)
    recompute = publish(version(model(VIEWED, SPANISH | {"points": 7})), AS_OF)
    next(work(recompute))
    store([person(who, country="ES") for who in ("gil", "hoa", "ida")])
    while refresh_pending(AS_OF):
        pass
    list(work(recompute))
    assert totals() == dict.fromkeys(WHO, 17) | {"gil": 7, "hoa": 7, "ida": 7}
    assert wrong(track) == []


def test_time_that_passes_amid_a_patch_is_not_lost(people: None) -> None:
    fading = VIEWED | {"expires": "31 days"}
    live(model(fading, SPANISH), AS_OF)
    recompute = publish(version(model(fading, SPANISH | {"points": 7})), AS_OF)
    next(work(recompute))
    sweep(LATER)
    while refresh_pending(LATER):
        pass
    list(work(recompute))
    sweep(LATER)
    while refresh_pending(LATER):
        pass
    assert totals() == dict.fromkeys(WHO, 7)


def test_a_new_rule_of_a_patch_is_as_of_the_sweep_that_overtook_it(people: None) -> None:
    """What the sweep marked is refreshed or gone: nothing would look at it again."""
    track = live(model(SPANISH), AS_OF)
    recompute = publish(version(model(SPANISH, VIEWED | {"expires": "31 days"})), AS_OF)
    sweep(LATER)
    Pending.objects.all().delete()
    list(work(recompute))
    assert totals() == dict.fromkeys(WHO, 1)
    assert list(differences(track_now(track), LATER)) == []


def test_a_full_recompute_sets_back_a_sweep_that_went_too_far(people: None) -> None:
    track = live(model(VIEWED | {"expires": "31 days"}), AS_OF)
    sweep(LATER)
    while refresh_pending(LATER):
        pass
    assert totals() == dict.fromkeys(WHO, 0)
    list(work(start(track_now(track), Cause.RECOMPUTE, AS_OF)))
    assert totals() == dict.fromkeys(WHO, 10)
    assert track_now(track).swept_at == AS_OF
    sweep(LATER)
    while refresh_pending(LATER):
        pass
    assert totals() == dict.fromkeys(WHO, 0)


def test_a_refresh_is_never_for_an_instant_before_the_last_sweep(people: None) -> None:
    live(model(VIEWED | {"expires": "31 days"}), AS_OF)
    sweep(LATER)
    while refresh_pending(LATER):
        pass
    refresh(Contact.objects.values_list("pk", flat=True), Cause.TIME, AS_OF)
    assert totals() == dict.fromkeys(WHO, 0)


def track_now(track: Track) -> Track:
    return Track.objects.get(pk=track.pk)


def test_publishing_for_an_instant_before_the_last_sweep_starts_over(people: None) -> None:
    track = live(model(VIEWED, SPANISH), AS_OF)
    sweep(LATER)
    recompute = publish(version(model(VIEWED, SPANISH | {"points": 7})), AS_OF)
    assert recompute.base is None
    list(work(recompute))
    track.refresh_from_db()
    assert track.swept_at == AS_OF


def test_what_was_kept_is_swept_from_where_it_was(people: None) -> None:
    """A patch without an instant is of a little later than the sweep before it."""
    track = live(model(VIEWED, SPANISH), AS_OF)
    recompute = publish(version(model(VIEWED, SPANISH | {"points": 7})))
    track.refresh_from_db()
    swept = track.swept_at
    list(work(recompute))
    track.refresh_from_db()
    assert track.swept_at == swept <= recompute.started_at


def test_publishing_what_is_live_computes_everything(people: None) -> None:
    track = live(model(VIEWED), AS_OF)
    recompute = publish(track.version, AS_OF)
    assert recompute.base is None
    assert sum(work(recompute)) == 0


def test_only_one_version_of_a_model_is_live(people: None) -> None:
    first, second = version(model(VIEWED)), version(model(CALLED))
    for one in (first, second, first):
        list(work(publish(one, AS_OF)))
    assert list(first.model.versions.live()) == [first]
    second.refresh_from_db()
    assert second.state == second.State.RETIRED
    assert Track.objects.get().version == first


def test_a_contact_that_is_deleted_takes_its_history_along(people: None) -> None:
    live(model(VIEWED), AS_OF)
    Contact.objects.get(email_key="ana@x.example").delete()
    assert ScoreChange.objects.count() == Score.objects.count() == 5
