"""The canonical form: the one sequence of bytes that stands for plain data.

UTF-8 JSON in NFC, keys sorted, no white space outside strings, numbers in the form of
ECMAScript (as in RFC 8785), which is the shortest that gives the number back.
"""

import json
from collections.abc import Mapping
from decimal import Decimal

# From here on ECMAScript writes a number with an exponent, and below 1e-6 too.
MOST_PLACES = 21
MOST_LEADING_ZEROS = 6


def canonical(data: object) -> bytes:
    """The bytes of plain data (texts in NFC already); its SHA-256 names a version."""
    return written(data).encode()


def written(data: object) -> str:
    match data:
        case bool() | None:
            return json.dumps(data)
        case int() | float():
            return shortest(data)
        case str():
            return json.dumps(data, ensure_ascii=False)
        case Mapping():
            pairs = sorted(data.items())
            return "{" + ",".join(f"{written(key)}:{written(value)}" for key, value in pairs) + "}"
        case list():
            return "[" + ",".join(map(written, data)) + "]"
    raise TypeError(f"not plain data: {type(data).__name__}")


def shortest(number: int | float) -> str:
    """``10.0`` is ``10``, ``1e21`` is ``1e+21``, ``0.0000001`` is ``1e-7``."""
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + int(exponent)
    minus = "-" if sign and text != "0" else ""
    if text == "0":
        return "0"
    if len(text) <= point <= MOST_PLACES:
        return minus + text + "0" * (point - len(text))
    if 0 < point <= MOST_PLACES:
        return f"{minus}{text[:point]}.{text[point:]}"
    if -MOST_LEADING_ZEROS < point <= 0:
        return f"{minus}0.{'0' * -point}{text}"
    mantissa = text[0] + (f".{text[1:]}" if len(text) > 1 else "")
    return f"{minus}{mantissa}e{point - 1:+d}"
