"""Whatever comes in, it is read or refused by its place; nothing else may happen."""

import copy
import time
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scoring.criteria import yaml
from scoring.criteria.document import DocumentInvalid, ModelDocument, parse
from tests.criteria.documents import SMALL, Data, small
from tests.profiles import examples

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["", "\0", "\ud800", "1 month", "0 days", "once", "is_empty", "page_view"])
)
JUNK = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
Place = tuple[str | int, ...]


def places(data: Any, place: Place = ()) -> Iterator[Place]:
    if place:
        yield place
    steps = data.items() if isinstance(data, dict) else enumerate(data)
    for step, inner in steps:
        if isinstance(inner, dict | list):
            yield from places(inner, (*place, step))
        else:
            yield (*place, step)


PLACES = list(places(SMALL))


def spoilt(changes: list[tuple[Place, object]]) -> Data:
    data = copy.deepcopy(SMALL)
    for place, junk in changes:
        target: Any = data
        try:
            for step in place[:-1]:
                target = target[step]
            target[place[-1]] = junk
        except (TypeError, LookupError):
            continue  # an earlier change took the place away
    return data


def read(data: object) -> ModelDocument | None:
    try:
        return parse(data)
    except DocumentInvalid as invalid:
        assert invalid.faults
        assert all(fault.message for fault in invalid.faults)
        return None


@examples(100)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3))
def test_a_spoilt_document_is_read_or_refused(changes: list[tuple[Place, object]]) -> None:
    document = read(spoilt(changes))
    if document is not None:
        assert parse(document.as_data()).hash == document.hash


@examples(100)
@given(JUNK)
def test_junk_is_refused(data: object) -> None:
    assert read(data) is None


@examples(100)
@given(st.text() | st.binary())
def test_a_text_of_any_kind_is_read_or_refused(content: str | bytes) -> None:
    for name in ("", "m.json"):
        try:
            yaml.read(content, name)
        except DocumentInvalid as invalid:
            assert len(invalid.faults) == 1


def test_the_largest_document_is_read_in_a_moment() -> None:
    leaf = {"field": "job_title", "op": "contains", "value": "dirección"}
    rules = [
        {"name": f"rule {n}", "points": 1, "when": {"any": [{"all": [leaf] * 10}] * 10}}
        for n in range(500)
    ]
    begun = time.process_time()
    document = parse(small(groups=[{"name": "G", "dimension": "fit", "rules": rules}]))
    assert document.hash
    assert time.process_time() - begun < 10
