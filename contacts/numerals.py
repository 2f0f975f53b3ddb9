"""Numbers as people read them, the same everywhere: separators by language, and a true minus."""

from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from django.utils.formats import number_format

Number: TypeAlias = int | float | Decimal

MINUS = "−"


def numeral(number: Number, decimals: int | None = None) -> str:
    """``1,240``, ``−5``; in Spanish ``1 240``, unbroken. Without ``decimals``, as many as there
    are.
    """
    exact = Decimal(str(number))
    if decimals is not None:
        # Rounded here, a half up: Django cuts off what is behind.
        exact = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    said = number_format(abs(exact), decimals, use_l10n=True, force_grouping=True)
    return f"{MINUS}{said}" if exact < 0 else said


def whole(number: Number) -> str:
    return numeral(number, 0)


def signed(number: Number) -> str:
    """With its sign, which is as wide as a plus; ``0`` has none."""
    return f"+{numeral(number)}" if number > 0 else numeral(number)
