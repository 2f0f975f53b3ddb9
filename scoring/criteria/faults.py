"""Faults of a document with their paths, and the reader that collects all of them."""

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.utils.translation import gettext as _

from contacts.values import Wrong, slug
from scoring.criteria.durations import Duration, DurationFault, Unit
from scoring.criteria.values import clean_text, whole_number

LONGEST_NAME = 200
PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
LARGEST = 10**15 - 1

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one place; ``path`` is empty where it is the document itself."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class DocumentInvalid(Exception):
    """A document has faults: all of them, in the order of the document."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


@dataclass(slots=True)
class Node:
    """A place in a document: its data, its path, and where its faults go.

    Every reading method notes a fault where the data is wrong, and then returns a stand-in
    of the right type, so that reading goes on to find the other faults. Whoever started
    the reading looks at ``faults`` at the end and throws the result away.
    """

    data: object
    path: str = ""
    faults: list[Fault] = field(default_factory=list)

    def fault(self, message: str, *, key: str = "") -> None:
        """Note a fault here or, with a key, at that key of this object."""
        self.faults.append(Fault(self.path_to(key) if key else self.path, message))

    def path_to(self, key: str) -> str:
        if not PLAIN_KEY.fullmatch(key):
            return f"{self.path}[{json.dumps(key[:64])}]"
        return f"{self.path}.{key}" if self.path else key

    def child(self, key: str, data: object) -> "Node":
        return Node(data, self.path_to(key), self.faults)

    def fields(
        self, required: Collection[str] = (), optional: Collection[str] = ()
    ) -> dict[str, "Node"]:
        """The values of an object by key; unknown and missing keys are faults."""
        if not isinstance(self.data, Mapping):
            self.fault(_("must be an object of keys and values"))
            return {}
        known = [*required, *optional]
        for key in self.data:
            if key not in known:
                self.fault(
                    _("is not known here; known are: %(known)s") % {"known": ", ".join(known)},
                    key=str(key)[:64],
                )
        for key in required:
            if key not in self.data:
                self.fault(_("is missing"), key=key)
        return {key: self.child(key, self.data[key]) for key in known if key in self.data}

    def items(self, *, at_least: int = 0, at_most: int | None = None) -> list["Node"]:
        """The items of a list; of one that is too long none, so that it has one fault."""
        if not isinstance(self.data, list | tuple):
            self.fault(_("must be a list"))
            return []
        if len(self.data) < at_least:
            self.fault(_("must not be an empty list"))
        if at_most is not None and len(self.data) > at_most:
            self.fault(_("must have at most %(most)d items") % {"most": at_most})
            return []
        return [
            Node(item, f"{self.path}[{index}]", self.faults) for index, item in enumerate(self.data)
        ]

    def text(self) -> str:
        """Any text, in NFC."""
        return self._checked(clean_text, "")

    def name(self) -> str:
        """A text with something to read in it, of at most 200 characters, in NFC."""
        before = len(self.faults)
        text = self.text()
        if len(self.faults) == before:
            if not text.strip():
                self.fault(_("must not be empty"))
            elif len(text) > LONGEST_NAME:
                self.fault(_("must have at most %(most)d characters") % {"most": LONGEST_NAME})
        return text

    def one_of(self, choices: Sequence[str]) -> str:
        """One of some texts in NFC, compared in NFC."""
        text = unicodedata.normalize("NFC", self.data) if isinstance(self.data, str) else None
        if text is None or text not in choices:
            self.fault(_("must be one of: %(choices)s") % {"choices": ", ".join(choices)})
            return choices[0]
        return text

    def slug(self) -> str:
        """A word such as ``page_view``."""
        return self._checked(slug, "")

    def boolean(self) -> bool:
        if not isinstance(self.data, bool):
            self.fault(_("must be true or false"))
            return False
        return self.data

    def whole(self, low: int = -LARGEST, high: int = LARGEST) -> int:
        """A whole number within bounds; 10.0 is one, true is not."""
        before = len(self.faults)
        number = self._checked(whole_number, low)
        if len(self.faults) == before and not low <= number <= high:
            if high < LARGEST:
                bounds = _("must be from %(low)d to %(high)d")
            elif low > -LARGEST:
                bounds = _("must be at least %(low)d")
            else:
                bounds = _("must have at most 15 digits")
            self.fault(bounds % {"low": low, "high": high})
            return low
        return number

    def duration(self, *, zero: bool = False) -> Duration:
        if not isinstance(self.data, str):
            self.fault(_('must be a duration in quotes or plain text, such as "6 months"'))
        else:
            try:
                return Duration.parse(self.data, zero=zero)
            except DurationFault as wrong:
                self.fault(str(wrong))
        return Duration(1, Unit.DAYS)

    def _checked(self, check: Callable[[object], T], stand_in: T) -> T:
        try:
            return check(self.data)
        except Wrong as wrong:
            self.fault(str(wrong))
            return stand_in
