"""Documents that people write: YAML by its JSON schema, with nothing that can surprise.

``NO``, ``~``, unquoted dates and an empty value are text; only ``null`` is nothing. What people do
not need and attackers do is refused: anchors, aliases, tags, a key twice, deep nesting, size.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from django.utils.translation import gettext as _

from contacts import jsonlines

MOST_BYTES: Final = 1024 * 1024
MOST_LEVELS: Final = jsonlines.DEPTH_MOST
WHOLE: Final = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)
REAL: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)", re.ASCII)
# Python refuses to read integers of thousands of digits.
LONGEST_WHOLE: Final = 300
CONSTANTS: Final[dict[str, object]] = {"null": None, "true": True, "false": False}
# PyYAML has two classes of marks, and events without one.
Mark = Any
# libyaml is many times faster; the wheels of PyYAML bring it, a source build may not.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlInvalid(ValueError):
    """The text is not YAML as accepted here; the message says what, and where."""


def read_yaml(content: bytes) -> Any:
    """The document as JSON has it: numbers are int and float, every key is text.

    Raises YamlInvalid.
    """
    return built(decoded(content), Builder(exact=False))


def read_exact_yaml(text: str) -> object:
    """The document with numbers that are not short integers as Decimal; keys must be text.

    Raises YamlInvalid.
    """
    return built(text, Builder(exact=True))


def decoded(content: str | bytes) -> str:
    """The text without its BOM. Raises YamlInvalid where it is too large or not UTF-8."""
    size = len(content) if isinstance(content, bytes) else len(content.encode(errors="replace"))
    if size > MOST_BYTES:
        raise YamlInvalid(_("The document has more than 1 MB; at most 1,048,576 bytes are read."))
    if isinstance(content, bytes):
        try:
            content = content.decode()
        except UnicodeDecodeError as error:
            message = _("This is not UTF-8: byte %(byte)d is wrong; save the file as UTF-8.")
            raise YamlInvalid(message % {"byte": error.start + 1}) from None
    return content.removeprefix("\ufeff")


def built(text: str, builder: "Builder") -> object:
    try:
        for event in yaml.parse(text, Loader=Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        problem = _("this is not YAML: %(problem)s") % {"problem": error.problem}
        raise refused(problem, error.problem_mark) from None
    except yaml.YAMLError as error:
        problem = _("this is not YAML: %(problem)s") % {"problem": str(error).splitlines()[0]}
        raise YamlInvalid(problem) from None
    return builder.document


def refused(message: str, mark: Mark | None) -> YamlInvalid:
    if mark is None:
        return YamlInvalid(message)
    return YamlInvalid(
        _("line %(line)d, column %(column)d: %(message)s")
        % {"line": mark.line + 1, "column": mark.column + 1, "message": message}
    )


@dataclass(slots=True)
class Open:
    """A list or an object that is not read to its end; ``key`` waits for its value."""

    value: list[object] | dict[str, object]
    key: str | None = None

    @property
    def wants_key(self) -> bool:
        return isinstance(self.value, dict) and self.key is None


@dataclass(slots=True)
class Builder:
    """Builds data from the events of a YAML parser, without recursion.

    ``exact``: numbers lose nothing, and a key that looks like one is refused.
    """

    exact: bool
    document: object = None
    documents: int = 0
    stack: list[Open] = field(default_factory=list)

    def take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise refused(_("anchors and aliases are not read here; write the value out"), mark)
        if getattr(event, "tag", None):
            raise refused(_("tags are not read here; leave out what begins with !"), mark)
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise refused(_("there must be one document in a file"), mark)
        elif isinstance(event, yaml.ScalarEvent):
            self.add(self.scalar(event), mark)
        elif isinstance(event, yaml.SequenceStartEvent):
            self.open([], mark)
        elif isinstance(event, yaml.MappingStartEvent):
            self.open({}, mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()

    def scalar(self, event: yaml.ScalarEvent) -> object:
        """A quoted text, or what JSON makes of a plain one; anything else plain is text."""
        text: str = event.value
        # The style of a plain one is None, or with libyaml the empty text.
        if event.style or (not self.exact and self.stack and self.stack[-1].wants_key):
            return text
        if text in CONSTANTS:
            return CONSTANTS[text]
        if WHOLE.fullmatch(text):
            if self.exact:
                return jsonlines.integer(text)
            return int(text) if len(text) <= LONGEST_WHOLE else text
        if REAL.fullmatch(text):
            return jsonlines.decimal(text) if self.exact else float(text)
        return text

    def open(self, value: list[object] | dict[str, object], mark: Mark) -> None:
        if len(self.stack) >= MOST_LEVELS:
            message = _("this is nested too deeply: at most %(most)d levels are allowed")
            raise refused(message % {"most": MOST_LEVELS}, mark)
        self.add(value, mark)
        self.stack.append(Open(value))

    def add(self, value: object, mark: Mark) -> None:
        if not self.stack:
            self.document = value
            return
        top = self.stack[-1]
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key is None:
            top.key = new_key(top.value, value, mark)
        else:
            top.value[top.key] = value
            top.key = None


def new_key(owner: dict[str, object], key: object, mark: Mark) -> str:
    if not isinstance(key, str):
        raise refused(_("a key must be text; put it in quotes"), mark)
    if key in owner:
        message = _('the key "%(key)s" stands twice in one object')
        raise refused(message % {"key": key[:64]}, mark)
    return key
