"""Who is dormant: a table of what takes somebody off the list, and the words for what they were."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import (
    Activity,
    ActivityType,
    Contact,
    Deal,
    Lifecycle,
    Stage,
    Target,
    Task,
)
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.models import Sequence
from scoring.criteria.document import parse
from scoring.engine.models import Score, ScoreChange, Track
from scoring.engine.pilots.models import Pilot
from scoring.pipeline.dormant.deeds import months_later
from scoring.pipeline.dormant.finding import cut_of, dormant, good_fit
from scoring.pipeline.dormant.models import Dismissal, DormantChoice
from scoring.pipeline.dormant.words import shown
from scoring.pipeline.feedback.models import Handover
from tests.engine.scored import MODEL
from tests.pipeline.dormant.stages import DAY, lead, live

pytestmark = pytest.mark.django_db


@pytest.fixture
def track(db: None) -> Track:
    return live()


def found(track: Track, now: datetime | None = None, **choice: Any) -> list[str]:
    at = now or timezone.now()
    cut = cut_of(DormantChoice(**choice), track.version.document_value, at)
    return [each.email.split("@")[0] for each in dormant(track, cut)]


def did(who: Contact, slug: str, ago: int, **more: Any) -> None:
    Activity.objects.create(
        contact=who, type=ActivityType.objects.get_or_create(slug=slug)[0],
        target=Target.objects.get_or_create(text="")[0],
        occurred_at=timezone.now() - ago * DAY, **more,
    )  # fmt: skip


def enrolled(who: Contact, state: str) -> None:
    ended = timezone.now() if state != "active" else None
    sequence = Sequence.objects.create(name="Wake", slug="wake")
    Enrolment.objects.create(sequence=sequence, contact=who, state=state, ended_at=ended)


def put_aside(who: Contact, days: int, **more: Any) -> None:
    day = timezone.localdate() + days * DAY
    Dismissal.objects.create(contact=who, until=day, made_at=timezone.now(), **more)


def score(who: Contact, **values: Any) -> int:
    return Score.objects.filter(contact=who).update(**values)


def deal(who: Contact, outcome: str) -> None:
    Deal.objects.create(name="d", contact=who, stage=Stage.objects.filter(outcome=outcome)[0])


STILL: list[tuple[str, Callable[[Contact], Any]]] = [
    ("nothing happened", lambda who: None),
    ("a robot was there", lambda who: did(who, "page_view", 1, automated=True)),
    ("did what the model does not ask for", lambda who: did(who, "social_like", 1)),
    ("a task was done", lambda who: Task.objects.create(
        contact=who, title="t", state="done", done_at=timezone.now())),
    ("a deal was lost", lambda who: deal(who, "lost")),
    ("was put aside until today", lambda who: put_aside(who, 0)),
    ("was brought back", lambda who: put_aside(who, 30, ended_at=timezone.now())),
    ("has left a sequence", lambda who: enrolled(who, "left")),
    ("an opportunity once", lambda who: Contact.objects.filter(pk=who.pk).update(
        lifecycle=Lifecycle.OPPORTUNITY)),
]  # fmt: skip
NO_MORE: list[tuple[str, Callable[[Contact], Any]]] = [
    ("was there again", lambda who: did(who, "page_view", 1)),
    ("was called", lambda who: did(who, "call", 1)),
    ("a task is open", lambda who: Task.objects.create(contact=who, title="t")),
    ("a deal is open", lambda who: deal(who, "open")),
    ("was put aside", lambda who: put_aside(who, 1)),
    ("is in a sequence", lambda who: enrolled(who, "active")),
    ("is with sales", lambda who: Handover.objects.create(
        contact=who, model=Track.objects.get().model, band="hot", handed_at=timezone.now())),
    ("bought", lambda who: Contact.objects.filter(pk=who.pk).update(lifecycle="customer")),
    ("was lost", lambda who: Contact.objects.filter(pk=who.pk).update(lifecycle="lost")),
    ("unsubscribed", lambda who: Contact.objects.filter(pk=who.pk).update(unsubscribed=True)),
    ("is excluded", lambda who: score(who, excluded=True)),
    ("fits less", lambda who: score(who, fit=19)),
    ("never did anything", lambda who: Activity.objects.filter(contact=who).delete()),
    ("was never warm", lambda who: (
        ScoreChange.objects.filter(contact=who).update(total=29, total_before=0),
        score(who, total=29))),
    ("was warm too long ago", lambda who: (
        ScoreChange.objects.filter(contact=who).update(as_of=timezone.now() - 400 * DAY),
        score(who, total=29))),
]  # fmt: skip


@pytest.mark.parametrize(("why", "make"), STILL, ids=[each[0] for each in STILL])
def test_is_still_dormant(track: Track, why: str, make: Callable[[Contact], Any]) -> None:
    make(lead(track, "ana"))
    assert found(track) == ["ana"]


@pytest.mark.parametrize(("why", "make"), NO_MORE, ids=[each[0] for each in NO_MORE])
def test_is_not_dormant(track: Track, why: str, make: Callable[[Contact], Any]) -> None:
    make(lead(track, "ana"))
    assert found(track) == []


def test_the_best_fit_comes_first_then_the_highest_peak(track: Track) -> None:
    for name, fit, peak in (("b", 30, 60), ("a", 40, 35), ("c", 30, 75), ("d", 30, 60)):
        lead(track, name, fit=fit, peak=peak)
    assert found(track) == ["a", "c", "b", "d"]


CHOICES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["hot", "warm", "late"]),
    ({"peak": "hot"}, ["hot", "late"]),
    ({"weeks": 3}, ["hot", "warm", "late", "lately"]),
    ({"weeks": 10, "months": 60}, ["hot", "warm", "late", "long ago"]),
    ({"months": 4}, ["hot", "warm"]),
    ({"fit_least": 31}, ["hot"]),
    ({"fit_least": -5}, ["hot", "warm", "late", "misfit"]),
]


@pytest.mark.parametrize(("choice", "names"), CHOICES)
def test_each_number_of_a_choice_counts(
    track: Track, choice: dict[str, Any], names: list[str]
) -> None:
    lead(track, "hot", fit=32, peak=80)
    lead(track, "warm", fit=31 - 1, peak=50, peaked=75)
    lead(track, "late", peak=61, peaked=200, quiet=100)
    lead(track, "lately", peak=40, quiet=25)
    lead(track, "long-ago", peak=45, peaked=800, quiet=700)
    lead(track, "misfit", fit=3, peak=62)
    score(Contact.objects.get(email="warm@x.example"), total=20)
    score(Contact.objects.get(email="late@x.example"), total=20)
    score(Contact.objects.get(email="long-ago@x.example"), total=20)
    expected = {name.replace(" ", "-") for name in names}
    assert set(found(track, **choice)) == expected


def test_a_total_that_was_given_up_in_the_time_was_had_in_it(track: Track) -> None:
    who = lead(track, "ana")
    ScoreChange.objects.filter(contact=who).update(total=30, total_before=66, band_before="hot")
    assert found(track, peak="hot") == ["ana"]


def test_a_model_without_bands_has_nobody() -> None:
    document = parse({**MODEL, "bands": [{"name": "all"}], "scenarios": []})
    assert cut_of(DormantChoice(), document, timezone.now()).peak is None


GRADES: list[tuple[list[int], int]] = [([], 1), ([20], 20), ([30, 20], 20), ([40, 30, 20], 30)]


@pytest.mark.parametrize(("starts", "fit"), GRADES)
def test_good_is_the_better_half_of_the_grades(starts: list[int], fit: int) -> None:
    fits = [{"grade": f"G{place}", "from": start} for place, start in enumerate(starts)]
    matrix = {"fit": [*fits, {"grade": "Z"}], "interest": [{"grade": "1"}]}
    data = {key: value for key, value in MODEL.items() if key != "matrix"}
    assert good_fit(parse({**data, **({"matrix": matrix} if starts else {})})) == fit


NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
WORDS: list[tuple[dict[str, Any], str]] = [
    ({}, "was hot in March, 70 points; quiet for 9 weeks"),
    ({"total": 30, "total_before": 66, "band_before": "hot"},
     "was hot until March, 66 points; quiet for 9 weeks"),
    ({"total": 20, "total_before": 20}, "is warm, 30 points; quiet for 9 weeks"),
    ({"as_of": datetime(2025, 6, 2, tzinfo=UTC)},
     "was hot in June 2025, 70 points; quiet for 9 weeks"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "said"), WORDS)
def test_it_is_said_what_somebody_was(track: Track, change: dict[str, Any], said: str) -> None:
    who = lead(track, "ana", now=NOW, peaked=60, quiet=65)
    ScoreChange.objects.filter(contact=who).update(**change)
    ScoreChange.objects.filter(contact=who).exclude(revision=900).delete()
    cut = cut_of(DormantChoice(), track.version.document_value, NOW)
    (row,) = shown(dormant(track, cut), track, cut, NOW)
    assert row.said == said
    assert row.reasons[0].name in ("Director", "Visits the prices")


def test_the_list_takes_as_many_queries_for_many(
    track: Track, saul: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(6):
        lead(track, f"n{place}")
    now = timezone.now()
    cut = cut_of(DormantChoice(), track.version.document_value, now)
    with django_assert_num_queries(3):
        assert len(shown(dormant(track, cut), track, cut, now)) == 6


def test_a_peak_is_by_the_version_that_acted_at_that_time(track: Track) -> None:
    now = timezone.now()
    candidate = Track.objects.create(
        model=track.model, role=Track.Role.PILOT, version=track.version, swept_at=now
    )
    pilot = Pilot.objects.create(
        model=track.model, version=track.version, track=candidate, state=Pilot.State.RUNNING,
        started_at=now - 50 * DAY, measure="met", days=14, expected=10, smallest=10, per_arm=9,
    )  # fmt: skip
    # By the live version before it began, and by either since.
    for name, by, peaked in (("ana", track, 80), ("bea", track, 40), ("cleo", candidate, 40)):
        who = lead(by, name, peaked=peaked)
        ScoreChange.objects.filter(contact=who).exclude(revision=900).delete()
        score = Score.objects.get(track=by, contact=who)
        Score.objects.filter(contact=who).delete()
        Score.objects.bulk_create([Score(**{**columns(score), "track_id": candidate.pk})])
        pilot.members.create(
            contact=who, arm="candidate", stratum=0, entered_at=now, due_at=now, acts=True
        )
    Track.objects.filter(pk=track.pk).update(pilot=candidate)
    track.refresh_from_db()
    assert sorted(found(track, peak="hot")) == ["ana", "cleo"]
    cut = cut_of(DormantChoice(peak="hot"), track.version.document_value, now)
    said = [row.peak for row in shown(dormant(track, cut), track, cut, now)]
    assert all(each.startswith("was hot in") for each in said)


def columns(score: Score) -> dict[str, Any]:
    return {field.attname: getattr(score, field.attname) for field in score._meta.concrete_fields}


MONTHS = [
    (date(2026, 1, 31), 1, date(2026, 2, 28)), (date(2027, 11, 30), 3, date(2028, 2, 29)),
    (date(2026, 12, 15), 1, date(2027, 1, 15)), (date(2026, 5, 20), 24, date(2028, 5, 20)),
]  # fmt: skip


@pytest.mark.parametrize(("day", "months", "expected"), MONTHS)
def test_months_end_where_a_month_does(day: date, months: int, expected: date) -> None:
    assert months_later(day, months) == expected
    assert months_later(day, months) - day > timedelta(days=27 * months)
