"""Single values at the border: tables of what is taken and what is refused."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts import values
from contacts.values import Wrong

pytestmark = pytest.mark.once

NUMBERS = [
    (0, 0),
    (-0.0, 0),
    (42, 42),
    (49.5, 49.5),
    (Decimal("49.50"), 49.5),
    (Decimal("10.0"), 10),
    (Decimal("1e3"), 1000),
    (999999999999999, 999999999999999),
    (Decimal("0.000001234"), 0.000001234),
    (10**20, 10**20),
    (None, None),
]
NO_NUMBERS = [
    True,
    False,
    "1",
    [],
    {},
    float("nan"),
    float("inf"),
    Decimal("NaN"),
    Decimal("Infinity"),
    Decimal("1e400"),
    Decimal("1e-400"),
    Decimal("9" * 5000),
    1234567890123456,
    0.1234567890123456,
    2**63,
]


@pytest.mark.parametrize(("given", "stored"), NUMBERS)
def test_a_number_is_stored_as_the_databases_give_it_back(given: object, stored: object) -> None:
    read = values.number(given)
    assert read == stored
    assert type(read) is type(stored)


@pytest.mark.parametrize("given", NO_NUMBERS, ids=lambda value: repr(value)[:20])
def test_what_is_no_number_of_fifteen_digits_is_refused(given: object) -> None:
    with pytest.raises(Wrong):
        values.number(given)


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(-20, 20))
def test_every_number_of_fifteen_digits_passes_exactly(digits: int, exponent: int) -> None:
    exact = Decimal(digits).scaleb(exponent)
    read = values.number(exact)
    assert read is not None
    assert Decimal(repr(read)) == exact


INSTANTS = [
    ("2026-03-31T10:00:00Z", datetime(2026, 3, 31, 10, tzinfo=UTC)),
    ("2026-03-31t10:00:00z", datetime(2026, 3, 31, 10, tzinfo=UTC)),
    ("2026-03-31 10:00+02:00", datetime(2026, 3, 31, 8, tzinfo=UTC)),
    ("2026-03-31T10:00:00.5-0530", datetime(2026, 3, 31, 15, 30, 0, 500000, tzinfo=UTC)),
    ("2026-03-31T23:59:59.999999Z", datetime(2026, 3, 31, 23, 59, 59, 999999, tzinfo=UTC)),
    ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
]
NO_INSTANTS = [
    "2026-03-31",
    "2026-03-31T10:00:00",
    "2026-03-31T10:00:00.1234567Z",
    "2026-02-30T10:00:00Z",
    "2026-03-31T24:00:00Z",
    "2026-03-31T10:00:60Z",
    "2026-03-31T10:00:00+24:00",
    "2026-03-31T10:00:00+01:60",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-23:00",
    "12026-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "२०२६-03-31T10:00:00Z",
    "now",
    "",
    1774951200,
    True,
]


@pytest.mark.parametrize(("given", "instant"), INSTANTS)
def test_an_instant_is_read_as_utc(given: str, instant: datetime) -> None:
    assert values.instant(given) == instant


@pytest.mark.parametrize("given", NO_INSTANTS)
def test_an_instant_that_is_none_or_has_no_offset_is_refused(given: object) -> None:
    with pytest.raises(Wrong):
        values.instant(given)


@pytest.mark.parametrize("given", ["2026-02-29", "2026-1-1", "20260101", "", 5, "2026-01-01T00:00"])
def test_what_is_no_date_is_refused(given: object) -> None:
    with pytest.raises(Wrong):
        values.day(given)


@pytest.mark.parametrize("address", ["a@b", " Ana@Acme.example ", "ñandú+x.y@acmé.example"])
def test_an_address_is_kept_as_typed_without_outer_blanks(address: str) -> None:
    assert values.email(address) == address.strip()


@pytest.mark.parametrize(
    "address",
    ["", " ", None, "a", "@b", "a@", "a@b@c", "a b@c", "a@b\u00a0c", "a\0@b", "a@b\u202ec"]
    + ["a" * 253 + "@b", "\ud800@b", 7, "a@\nb"],
)
def test_what_is_no_address_is_refused(address: object) -> None:
    with pytest.raises(Wrong):
        values.email(address)


@pytest.mark.parametrize("word", ["page_view", "a", "a" * 64, "x9"])
def test_a_slug_passes(word: str) -> None:
    assert values.slug(word) == word


@pytest.mark.parametrize(
    "word", ["", "Page", "9x", "_x", "a-b", "a" * 65, "é", "page view", None, 1]
)
def test_what_is_no_slug_is_refused(word: object) -> None:
    with pytest.raises(Wrong):
        values.slug(word)


@pytest.mark.parametrize(("given", "stored"), [("es", "ES"), (" ES ", "ES"), ("", ""), (None, "")])
def test_a_country_is_two_letters_in_upper_case(given: object, stored: str) -> None:
    assert values.country(given) == stored


@pytest.mark.parametrize("given", ["ESP", "E", "Ñ1", "12", "Spain", 1])
def test_what_is_no_country_code_is_refused(given: object) -> None:
    with pytest.raises(Wrong):
        values.country(given)


@pytest.mark.parametrize("given", ["true", "false", 0, 1, "", []])
def test_only_true_and_false_are_booleans(given: object) -> None:
    with pytest.raises(Wrong):
        values.boolean(given)


def test_null_is_false() -> None:
    assert values.boolean(None) is False


@pytest.mark.parametrize("given", ["\0", "a\0b", "\ud800", "x" * 256, 1, True, ["x"]])
def test_text_that_no_database_keeps_is_refused(given: object) -> None:
    with pytest.raises(Wrong):
        values.text(given)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=255))
def test_every_other_text_is_kept_as_typed(given: str) -> None:
    assert values.text(given) == given


@pytest.mark.parametrize("given", ["", " ", "´", "\u00a0"])
def test_a_text_whose_normalised_form_is_empty_is_not_filled(given: str) -> None:
    with pytest.raises(Wrong):
        values.filled(given)


@pytest.mark.parametrize(("given", "amount"), [(47173, "47173.00"), (Decimal("0.5"), "0.50")])
def test_an_amount_has_two_digits_after_the_point(given: object, amount: str) -> None:
    assert values.money(given) == Decimal(amount)


@pytest.mark.parametrize("given", [10**12, Decimal("0.005"), "5"])
def test_an_amount_that_the_column_does_not_hold_is_refused(given: object) -> None:
    with pytest.raises(Wrong):
        values.money(given)
