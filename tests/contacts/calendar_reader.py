"""A strict reader of RFC 5545, written from its text and not from the library that writes ours."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

LINE = re.compile(r"(?P<name>[A-Z0-9-]+)(?P<params>(;[A-Z0-9-]+=[^;:\"]+)*):(?P<value>.*)", re.S)
ESCAPE = re.compile(r"\\(.)", re.S)
LETTERS = {"n": "\n", "N": "\n", "\\": "\\", ";": ";", ",": ","}


@dataclass
class Component:
    name: str
    values: dict[str, str] = field(default_factory=dict)
    parts: list["Component"] = field(default_factory=list)

    def text(self, name: str) -> str:
        """With the escapes of section 3.3.11 taken back."""
        raw = self.values[name]
        assert not re.search(r"(?<!\\)(\\\\)*[;,]", raw), "a comma or semicolon is not escaped"
        return ESCAPE.sub(lambda found: LETTERS[found[1]], raw)

    def at(self, name: str) -> datetime:
        """A date with UTC time: section 3.3.5, form 2."""
        return datetime.strptime(self.values[name], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def unfolded(data: bytes) -> list[str]:
    """Section 3.1: lines of at most 75 octets, each with CRLF; a blank begins what goes on."""
    assert data.endswith(b"\r\n")
    lines = data.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= 75 for line in lines), "a line has more than 75 octets"
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    joined: list[bytes] = []
    for line in lines:
        if line.startswith((b" ", b"\t")):
            joined[-1] += line[1:]
        else:
            joined.append(line)
    return [line.decode() for line in joined]


def read(data: bytes) -> Component:
    """The calendar, whose every line is well formed."""
    open_parts: list[Component] = []
    for line in unfolded(data):
        found = LINE.fullmatch(line)
        assert found, line
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", line), "a control character"
        name, value = found["name"], found["value"]
        if name == "BEGIN":
            part = Component(value)
            if open_parts:
                open_parts[-1].parts.append(part)
            open_parts.append(part)
        elif name == "END":
            done = open_parts.pop()
            assert done.name == value
            if not open_parts:
                return done
        else:
            assert name not in open_parts[-1].values, f"{name} twice"
            open_parts[-1].values[name] = value
    raise AssertionError("the calendar has no end")
