"""Where SQLite and PostgreSQL write the same thing differently: all of it, and only that."""

from collections.abc import Sequence

# Functions take 100 arguments at least in every build of SQLite.
ARGUMENTS = 90


class PostgreSQL:
    """Arrays are ``integer[]`` or ``bigint[]``."""

    # Keeps the planner from merging a subquery into the one around it, which would
    # evaluate its expressions once for every mention.
    fence = "OFFSET 0"

    def array(self, columns: Sequence[str], kind: str = "integer") -> str:
        return f"ARRAY[{', '.join(columns)}]::{kind}[]"

    def element(self, array: str, place: int) -> str:
        """The element at a place counted from 0."""
        return f"{array}[{place + 1}]"

    def patched(self, array: str, length: int, changed: dict[int, str]) -> str:
        """An array of this length with the elements at some places replaced."""
        pieces: list[str] = []
        start = 0
        for place, column in sorted(changed.items()):
            if place > start:
                pieces.append(f"{array}[{start + 1}:{place}]")
            pieces.append(self.array([column]))
            start = place + 1
        if start < length:
            pieces.append(f"{array}[{start + 1}:{length}]")
        return " || ".join(pieces) or array

    def differ(self, one: str, other: str) -> str:
        return f"{one} IS DISTINCT FROM {other}"


class SQLite:
    """Arrays are JSON in text."""

    fence = "LIMIT -1 OFFSET 0"

    def array(self, columns: Sequence[str], kind: str = "integer") -> str:
        if not columns:
            return "'[]'"
        # printf and not json_array: no limit of arguments is met, and %d keeps whole numbers whole.
        pieces = [columns[at : at + ARGUMENTS] for at in range(0, len(columns), ARGUMENTS)]
        texts = [
            "printf('{}', {})".format(",".join(["%%d"] * len(p)), ", ".join(p)) for p in pieces
        ]
        return "'[' || " + " || ',' || ".join(texts) + " || ']'"

    def element(self, array: str, place: int) -> str:
        return f"json_extract({array}, '$[{place}]')"

    def patched(self, array: str, length: int, changed: dict[int, str]) -> str:
        text = array
        places = sorted(changed)
        for at in range(0, len(places), ARGUMENTS // 2):
            few = [f"'$[{p}]', {changed[p]}" for p in places[at : at + ARGUMENTS // 2]]
            text = f"json_replace({text}, {', '.join(few)})"
        return text

    def differ(self, one: str, other: str) -> str:
        return f"{one} IS NOT {other}"


Dialect = PostgreSQL | SQLite


def dialect_of(vendor: str) -> Dialect:
    return PostgreSQL() if vendor == "postgresql" else SQLite()
