"""The replay itself, which everything else is measured against."""

import pytest

from tests.chaos.replay import Step, Watch, crossings

UP = Watch("up", at=60, exit=54)
DOWN = Watch("down", at=60, exit=66, up=False)


def steps(*totals: int | None) -> list[Step]:
    """A history that begins with the first total."""
    return [
        Step(revision, before, total or 0)
        for revision, (before, total) in enumerate(zip(totals, totals[1:], strict=False), start=2)
    ]


@pytest.mark.parametrize(
    ("watch", "totals", "revisions"),
    [
        (UP, (None, 60), [2]),
        (UP, (0, 59, 60), [3]),
        (UP, (0, 50, 70, 80), [3]),
        (UP, (0, 60, 55, 60), [2]),
        (UP, (0, 60, 54, 60), [2]),
        (UP, (0, 60, 53, 60), [2, 4]),
        (UP, (0, 60, 0, 100, 0, 60), [2, 4, 6]),
        (UP, (70, 80, 50, 60), [4]),
        (UP, (0, 0), []),
        (DOWN, (None, 10, 50), []),
        (DOWN, (0, 60, 50), [3]),
        (DOWN, (0, 70, 50, 60, 50), [3]),
        (DOWN, (0, 70, 50, 66, 50), [3, 5]),
    ],
)
def test_it_goes_off_where_a_level_is_passed(
    watch: Watch, totals: tuple[int | None, ...], revisions: list[int]
) -> None:
    assert crossings(watch, steps(*totals)) == revisions
