"""What is typed wrong is told at its field and changes nothing; what only looks wrong is text."""

from typing import Any, Final

import pytest
from django.http import QueryDict
from django.test import Client

from scoring.criteria.drafts import Draft, DraftRule
from tests.agreement.editor.test_editing import (
    address,
    client,
    draft,
    pricing,
    rule,
    save,
)
from tests.criteria.documents import Data

__all__ = ["client", "draft"]
pytestmark = pytest.mark.django_db

LONG: Final = "x" * 10_000
MARKUP: Final = "<img src=x onerror=alert(1)>"

# (what is typed into the rule “Pricing”, what it is told)
WRONG_RULES: list[tuple[Data, str]] = [
    ({"name": ""}, "Must not be empty"),
    ({"name": "   "}, "Must not be empty"),
    ({"name": LONG}, "Ensure this value has at most 200 characters"),
    ({"name": "a\u0301" * 10_000}, "Ensure this value has at most 200 characters"),
    ({"name": "a\0b"}, "Null characters are not allowed."),
    ({"note": LONG}, "Ensure this value has at most 2000 characters"),
    ({"points": "0"}, "Must not be 0"),
    ({"points": "1001"}, "less than or equal to 1000"),
    ({"points": "-1001"}, "greater than or equal to -1000"),
    ({"points": "1.5"}, "Enter a whole number."),
    ({"points": "9" * 5000}, "Enter a whole number."),
    ({"points": ""}, "Write the points, or switch on that the rule excludes."),
    ({"type": ""}, "Choose what they did."),
    ({"type": "Page view!"}, "auto-fault"),
    ({"type": "x" * 65}, "auto-fault"),
    ({"target_value": ""}, "Must not be empty"),
    ({"target_op": "", "target_value": "/x"}, "Choose how it is compared."),
    ({"target_op": "matches"}, "Is no operator of target"),
    ({"target_value": "a\0b"}, "auto-fault"),
    ({"key": "Owner Password"}, "auto-fault"),
    ({"key": "a.b"}, "auto-fault"),
    ({"key": "id) OR 1=1"}, "auto-fault"),
    ({"op": ""}, "Choose how it is compared."),
    ({"value": "many"}, "auto-fault"),
    ({"value": "nan"}, "auto-fault"),
    ({"value": "9" * 5000}, "auto-fault"),
    ({"count": "sometimes"}, "Select a valid choice."),
    ({"percent": "101"}, "less than or equal to 100"),
    ({"percent": "0"}, "greater than or equal to 1"),
    ({"percent": ""}, "Say by how much it fades."),
    ({"every_0": ""}, "Say how long each step takes."),
    ({"every_0": "0"}, "greater than or equal to 1"),
    ({"every_0": "-1"}, "greater than or equal to 1"),
    ({"every_0": "1.5"}, "Enter a whole number."),
    ({"every_1": "fortnights"}, "Select a valid choice."),
    ({"expires_0": "9" * 40, "expires_1": "days"}, "less than or equal to"),
    ({"limit": "0"}, "greater than or equal to 1"),
    ({"limit": "9" * 40}, "significant digits"),
    ({"count": "once", "at_least": "0"}, "greater than or equal to 1"),
]


@pytest.mark.parametrize(("given", "told"), WRONG_RULES, ids=lambda each: str(each)[:50])
def test_a_wrong_rule_is_told_at_its_field(
    client: Client, draft: Draft, given: Data, told: str
) -> None:
    before = draft.snapshot()
    answer = save(client, draft, **given)
    said = answer.content.decode()
    assert answer.status_code == 200
    assert told in said
    assert answer["HX-Retarget"] == f"#slot-rule{rule('Pricing').pk}"
    assert Draft.objects.get().snapshot() == before
    assert MARKUP not in said


@pytest.mark.parametrize(
    "text", [MARKUP, r"^(\w+\s?)*$", "%", "_", "\\", "\u202egnp.exe", "=1+1", "{{ 7*7 }}", LONG]
)
def test_what_only_looks_dangerous_is_text(client: Client, draft: Draft, text: str) -> None:
    name = text[:200]
    answer = save(client, draft, name=name, note=text[:2000], target_value=text)
    page = answer.content.decode() + client.get(address(draft)).content.decode()
    saved = DraftRule.objects.get(name=name)
    assert saved.test["activity"]["target"]["value"] == text
    assert MARKUP not in page
    assert "49" not in saved.name


@pytest.mark.parametrize(
    "field", ["_connector", "password", "owner__password", "id) OR 1=1", "a.b", "x\x01y"]
)
def test_a_field_that_is_none_is_refused(client: Client, draft: Draft, field: str) -> None:
    row = rule("Decision maker")
    slot = f"rule{row.pk}"
    form = client.get(address(draft, "rule", row.pk)).content.decode()
    assert f'name="{slot}-0-field"' in form
    given = {
        "stamp": "0",
        "name": row.name,
        "points": "15",
        f"{slot}-part": "0::leaf:0",
        f"{slot}-0-field": field,
        f"{slot}-0-op": "equals",
        f"{slot}-0-value": "x",
    }
    answer = client.post(address(draft, "rule", row.pk), given)
    assert answer.status_code == 200
    assert answer["HX-Retarget"] == f"#slot-{slot}"
    assert rule("Decision maker").test == row.test


def steps(draft: Draft, stem: str, *rows: tuple[str, str]) -> QueryDict:
    post = QueryDict(mutable=True)
    post.setlist(f"{stem}-name", [name for name, _start in rows])
    post.setlist(f"{stem}-from", [start for _name, start in rows])
    return post


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("cold", ""), ("warm", "50"), ("hot", "20")], "Must be above that of the band before"),
        ([("cold", ""), ("warm", "50"), ("hot", "50")], "Must be above that of the band before"),
        ([("cold", ""), ("warm", ""), ("hot", "20")], "Say from how many points on."),
        ([("cold", "5"), ("hot", "20")], "Must be left out here"),
        ([("cold", ""), ("cold", "20")], "is used before; names must differ"),
        ([("cold", ""), ("excluded", "20")], "Is reserved for contacts that a rule excludes"),
        ([("cold", ""), ("hot", "1.5")], "Must be a whole number"),
        ([("cold", ""), ("hot", "9" * 30)], "digits"),
        ([("cold", ""), ("x" * 201, "5")], "Must have at most 200 characters"),
        ([("cold", ""), ("a\0", "5")], "auto-fault"),
        ([("", ""), ("", "")], "At least one is needed."),
        ([(str(n), str(n) if n else "") for n in range(102)], "auto-fault"),
    ],
)
def test_wrong_bands_are_told_at_their_rows(
    client: Client, draft: Draft, rows: Any, told: str
) -> None:
    before = draft.snapshot()
    post = steps(draft, "bands", *rows)
    answer = client.post(
        address(draft, "part", "bands"),
        post.urlencode(),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert Draft.objects.get().snapshot() == before


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("rule", [10**12]),
        ("rule_do", [10**12, "delete"]),
        ("rule_do", [1, "explode"]),
        ("group", [10**12]),
        ("group_do", [10**12, "up"]),
        ("add_rule", [10**12, "activity"]),
        ("add_rule", [1, "nothing"]),
        ("part", ["secrets"]),
        ("undo", [10**12]),
        ("bring_back", [10**12]),
        ("say", ["x9", "nothing"]),
    ],
)
def test_what_is_not_there_is_no_fault_of_the_server(
    client: Client, draft: Draft, name: str, more: list[Any]
) -> None:
    before = draft.snapshot()
    assert client.post(address(draft, name, *more), pricing()).status_code in (200, 404)
    assert Draft.objects.get().snapshot() == before


@pytest.mark.parametrize("rules", ["", "x", "1,,2", "9" * 400, "\0", "1;DROP TABLE x"])
def test_numbers_of_no_rule_are_none(client: Client, draft: Draft, rules: str) -> None:
    assert client.get(address(draft, "numbers"), {"rules": rules}).status_code == 200


@pytest.mark.parametrize("what", ["targets", "keys", "values"])
@pytest.mark.parametrize("typed", ["", "%", "\0", LONG, "' OR 1=1"])
def test_suggestions_for_anything_typed(
    client: Client, draft: Draft, what: str, typed: str
) -> None:
    given = {"typed": typed, "type": ["page_view", typed], "key": typed}
    assert client.get(address(draft, "suggest", what), given).status_code == 200
