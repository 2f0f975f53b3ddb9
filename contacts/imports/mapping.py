"""A mapping: which column becomes which field, as an immutable value.

``documents`` reads it from what people write; whether the columns exist is for ``reading``
to say, which knows the file.
"""

import hashlib
import json
import re
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from contacts.imports.convert import Habits
from contacts.imports.kinds import Kind
from contacts.imports.sources.opening import FileFormat
from contacts.records import FieldSpec

Constant: TypeAlias = str | int | float | bool | None

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Part:
    """How one field is filled.

    Of ``columns`` the first that is not empty counts (tags take them all); ``template`` is
    a text with ``{Column}`` in it. ``values`` translates, its keys being normalised;
    ``others`` says what becomes of a value that it does not name: keep, empty or refuse.
    """

    target: str
    type: str
    columns: tuple[str, ...] = ()
    constant: Constant = None
    template: str = ""
    values: Dict[str, Constant] = field(default_factory=dict)
    others: str = "keep"
    empty: frozenset[str] = frozenset()
    habits: Habits = Habits()

    @property
    def names(self) -> tuple[str, ...]:
        """Every column that this part reads."""
        return self.columns or tuple(PLACEHOLDER.findall(self.template))


@dataclass(frozen=True, slots=True)
class Lookup:
    """Another file: of its row whose ``key`` equals the column ``by``, ``NAME.COLUMN`` is read."""

    name: str
    file: Path
    key: str
    by: str


@dataclass(frozen=True, slots=True)
class NewField:
    """A custom field that the mapping declares."""

    key: str
    label: str
    spec: FieldSpec


@dataclass(frozen=True, slots=True)
class Mapping:
    """``empty_clears``: an empty cell takes the stored value away, instead of leaving it."""

    kind: Kind
    parts: tuple[Part, ...] = ()
    fields: tuple[NewField, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    form: FileFormat = FileFormat()
    empty_clears: bool = False
    name: str = ""
    headers: tuple[str, ...] = ()
    document: Dict[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> Dict[str, str]:
        """By field, the columns that fill it."""
        return {part.target: ", ".join(part.names) for part in self.parts if part.names}

    def digest(self) -> str:
        """SHA-256 of the document and of the files that it looks things up in."""
        told = json.dumps(self.document, sort_keys=True, ensure_ascii=True, default=str)
        digest = hashlib.sha256(f"{self.kind.name} {told}".encode())
        for lookup in self.lookups:
            digest.update(file_digest(lookup.file).encode())
        return digest.hexdigest()


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
