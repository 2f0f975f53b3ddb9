"""What every operator has, and the registry by kind of field and name."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.db.models import Expression, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.values import Wrong
from scoring.criteria.fields import Field, FieldKind
from scoring.criteria.moments import Moment
from scoring.criteria.values import Text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

V = TypeVar("V")
SHOWN_ITEMS = 5
_in_full: ContextVar[bool] = ContextVar("in_full", default=False)


@contextmanager
def in_full() -> Iterator[None]:
    """Inside it no list in a sentence is cut: for those who decide by what they read."""
    token = _in_full.set(True)
    try:
        yield
    finally:
        _in_full.reset(token)


class Takes(StrEnum):
    """What an operator compares with: for forms."""

    NOTHING = "nothing"
    TEXT = "text"
    TEXTS = "texts"
    NUMBER = "number"
    RANGE = "range"
    INSTANT = "instant"
    DURATION = "duration"


class Operator(Generic[V]):
    """A comparison of a field with a value.

    ``holds`` is never NULL, whatever is empty: so ``not`` and the negative operators are
    exact complements, and no contact falls between a rule and its opposite.
    """

    name: str = ""
    words: ClassVar["StrOrPromise"] = ""
    takes: ClassVar[Takes] = Takes.NOTHING

    def parse(self, data: object) -> V:
        """The value out of a document; raises Wrong."""
        raise NotImplementedError

    def holds(self, field: Field, value: V) -> Q:
        raise NotImplementedError

    def said(self, value: V) -> str:
        """The value for people."""
        raise NotImplementedError

    def sentence(self, field: Field, value: V) -> str:
        """Translated: ``job title contains "CEO"``."""
        return str(self.words) % {"field": field.label, "value": self.said(value)}

    def moments(self, value: V) -> tuple[Moment, ...]:
        """The instants that move with ``as_of`` on which ``holds`` depends: for sweeps."""
        return ()


class Unary(Operator[None]):
    """An operator without a value."""

    def parse(self, data: object) -> None:
        raise Wrong(_("takes no value; leave it out"))

    def said(self, value: None) -> str:
        return ""


REGISTRY: dict[tuple[FieldKind, str], Operator[Any]] = {}
O = TypeVar("O", bound=type[Operator[Any]])  # noqa: E741


def register(name: str, *kinds: FieldKind) -> Callable[[O], O]:
    """Make an operator known, under one name, for fields of these kinds."""

    def add(cls: O) -> O:
        instance = cls()
        instance.name = name
        for kind in kinds:
            if (kind, name) in REGISTRY:
                raise ValueError(f"{name} is registered twice for {kind}")
            REGISTRY[kind, name] = instance
        return cls

    return add


def operator(kind: FieldKind, name: str) -> Operator[Any]:
    """Raises KeyError where fields of that kind have no such operator."""
    return REGISTRY[kind, name]


def names_for(kind: FieldKind) -> tuple[str, ...]:
    return tuple(name for known, name in REGISTRY if known is kind)


def both(first: Expression | Q, second: Expression | Q) -> Q:
    return Q(first) & Q(second)


def quoted(text: Text) -> str:
    return _('"%(text)s"') % {"text": text.written}


def listed(texts: tuple[Text, ...], *, together: bool = False) -> str:
    """Translated: ``"a", "b" or 3 more``, or with ``and`` in it; long lists are cut.

    Inside ``in_full`` they are not.
    """
    most = len(texts) if _in_full.get() else SHOWN_ITEMS
    shown = [quoted(text) for text in texts[:most]]
    if more := len(texts) - len(shown):
        shown.append(ngettext("%(count)d more", "%(count)d more", more) % {"count": more})
    if len(shown) == 1:
        return shown[0]
    words = _("%(first)s and %(last)s") if together else _("%(first)s or %(last)s")
    return words % {"first": ", ".join(shown[:-1]), "last": shown[-1]}
