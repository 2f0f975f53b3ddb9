"""The registry of chores, the timetable, and hints after a commit."""

from collections.abc import Callable

import pytest
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from contacts import chores
from contacts.chores import CHORES, Chore, Timetable, chore, drain, wake, work_on_hint


class Heap:
    """A chore that has so many papers left, and does at most two at a time."""

    def __init__(self, papers: int) -> None:
        self.papers = papers
        self.slices = 0

    def __call__(self) -> int:
        done = min(2, self.papers)
        self.papers -= done
        self.slices += 1
        return done


class RecordedHints:
    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def give(self, name: str) -> bool:
        self.calls.append(("give", name))
        return True

    def take(self, name: str) -> None:
        self.calls.append(("take", name))


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, Chore]:
    """A registry of its own for every test."""
    empty: dict[str, Chore] = {}
    monkeypatch.setattr(chores, "CHORES", empty)
    return empty


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> RecordedHints:
    recorded = RecordedHints()
    monkeypatch.setattr(chores, "hints", recorded)
    return recorded


def test_a_name_can_be_taken_once_only() -> None:
    chore("sorting", every=1)(Heap(0))
    with pytest.raises(ValueError, match="sorting"):
        chore("sorting", every=1)(Heap(0))


@pytest.mark.django_db
def test_draining_goes_on_until_nothing_is_due() -> None:
    chore("sorting", every=1)(Heap(5))
    chore("filing", every=1)(Heap(2))
    assert drain() == 7
    assert drain() == 0


@pytest.mark.django_db
def test_a_hint_is_taken_before_the_work_is_looked_for(hints: RecordedHints) -> None:
    heap = Heap(3)
    chore("sorting", every=1)(heap)
    work_on_hint("sorting")
    assert heap.papers == 0
    assert hints.calls == [("take", "sorting")]


@pytest.mark.django_db
def test_work_that_takes_too_long_is_left_to_the_next_hint(
    hints: RecordedHints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chores, "HINT_BUDGET", -1.0)
    heap = Heap(10)
    chore("sorting", every=1)(heap)
    work_on_hint("sorting")
    assert heap.slices == 1
    assert hints.calls == [("take", "sorting"), ("give", "sorting")]


@pytest.mark.django_db
def test_it_wakes_a_worker_after_the_commit_only(
    hints: RecordedHints,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            wake("sorting")
        assert hints.calls == []
    assert hints.calls == [("give", "sorting")]


@pytest.mark.django_db
def test_a_rolled_back_change_wakes_nobody(
    hints: RecordedHints,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with (
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(RuntimeError),
        transaction.atomic(),
    ):
        wake("sorting")
        raise RuntimeError
    assert hints.calls == []


def at(now: float) -> Callable[[], float]:
    return lambda: now


@pytest.mark.django_db
def test_a_chore_is_looked_at_again_at_once_while_it_finds_work() -> None:
    chore("sorting", every=10)(Heap(2))
    table = Timetable(chores.CHORES, now=0)
    (first,) = table.due(0)
    table.run(first, at(1))
    assert table.due(1) == [first]
    table.run(first, at(2))
    assert table.due(11) == []
    assert table.due(12) == [first]


@pytest.mark.django_db
def test_a_chore_that_fails_waits_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> int:
        raise OSError("no paper")

    chore("failing", every=10)(fail)
    heap = Heap(1)
    chore("sorting", every=10)(heap)
    table = Timetable(chores.CHORES, now=0)
    for each in table.due(0):
        table.run(each, at(0))
    assert heap.papers == 0
    assert [each.name for each in table.due(9)] == ["sorting"]
    assert "The chore failing failed." in caplog.text
    assert "no paper" in caplog.text


@pytest.mark.parametrize(("now", "wait"), [(0, 0), (3, 5), (8, 2), (10, 0), (12, 0)])
def test_it_waits_until_the_next_chore_is_due_but_not_too_long(now: float, wait: float) -> None:
    chore("sorting", every=10)(Heap(0))
    table = Timetable(chores.CHORES, now=0)
    if now:
        table.next["sorting"] = 10
    assert table.wait(now, most=5) == wait


def test_nothing_to_do_is_waited_for_as_long_as_allowed() -> None:
    assert Timetable({}, now=0).wait(0, most=5) == 5


def test_every_real_chore_looks_by_itself_within_a_day() -> None:
    assert all(0 < each.every <= 86_400 for each in CHORES.values())
