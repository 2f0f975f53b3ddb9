"""Ranges of numbers as people write them: ``50 to 200``, ``from 200``, ``up to 10``, ``7``."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from contacts.normalise import normalise
from contacts.values import Number, Wrong
from scoring.criteria.values import number

SPANS_MOST: Final = 20
# English and Spanish alike, whatever the reader's language: a workbook goes round both.
NUMBER: Final = r"-?\d+(?:[.,]\d+)*"
BETWEEN: Final = (
    rf"(?:from |between |de |desde |entre )?(?P<low>{NUMBER})"
    rf" ?(?:-|–|—|\.{{2,3}}|to|and|a|hasta|y) ?(?P<high>{NUMBER})"
)
FROM: Final = (
    rf"(?:>=|≥|from|at least|desde|de|a partir de|minimo|al menos) ?(?P<low>{NUMBER})",
    rf"(?P<low>{NUMBER}) ?(?:\+|or more|and more|o mas|y mas)",
)
UP_TO: Final = (
    rf"(?:<=|≤|up to|at most|to|hasta|maximo|como maximo) ?(?P<high>{NUMBER})",
    rf"(?P<high>{NUMBER}) ?(?:or less|or fewer|o menos)",
)
EXACTLY: Final = rf"(?P<low>(?P<high>{NUMBER}))"
# 1,000 is a thousand to one reader, and one to another.
GROUPED: Final = re.compile(r"-?\d{1,3}(?:[.,]\d{3})+")


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers from ``low`` to ``high``, both belonging to it; None where there is no end."""

    low: Number | None
    high: Number | None

    def meets(self, other: "Span") -> bool:
        return not (ends_before(self, other) or ends_before(other, self))

    def __str__(self) -> str:
        ends = {"low": plain(self.low), "high": plain(self.high)}
        if self.low is None:
            return _("up to %(high)s") % ends
        if self.high is None:
            return _("from %(low)s") % ends
        return plain(self.low) if self.low == self.high else _("%(low)s to %(high)s") % ends


def ends_before(first: Span, second: Span) -> bool:
    return first.high is not None and second.low is not None and first.high < second.low


def plain(value: Number | None) -> str:
    """Without signs between the digits, which the languages read differently."""
    return "" if value is None else format(Decimal(repr(value)), "f")


def read_spans(cell: str) -> tuple[Span, ...]:
    """The ranges of a cell, one a line or parted by ``;`` or a comma and a blank. Raises Wrong."""
    parts = [part.strip() for part in re.split(r"[\n\r;]|,\s", cell) if part.strip(" ,")]
    if len(parts) > SPANS_MOST:
        raise Wrong(_("At most %(most)d ranges fit here.") % {"most": SPANS_MOST})
    spans = tuple(read_span(part) for part in parts)
    for place, span in enumerate(spans):
        if clash := next((other for other in spans[:place] if other.meets(span)), None):
            raise Wrong(
                _("“%(one)s” and “%(other)s” overlap; make one range of them.")
                % {"one": clash, "other": span}
            )
    return spans


def read_span(part: str) -> Span:
    said = normalise(part)
    found = next((hit for pattern in patterns() if (hit := pattern.fullmatch(said))), None)
    if found is None:
        raise unreadable(part)
    ends = found.groupdict()
    span = Span(read_number(ends.get("low")), read_number(ends.get("high")))
    if span.low is not None and span.high is not None and span.low > span.high:
        raise Wrong(_("In “%(text)s” the lower number comes first.") % {"text": part[:40]})
    return span


def read_number(text: str | None) -> Number | None:
    if text is None:
        return None
    if GROUPED.fullmatch(text):
        bare = re.sub(r"\D", "", text)
        said = _("Write %(bare)s without a sign between the digits, not “%(text)s”.")
        raise Wrong(said % {"bare": bare, "text": text[:40]})
    whole, _point, rest = text.replace(",", ".").partition(".")
    if "." in rest:
        raise unreadable(text)
    return number(float(f"{whole}.{rest}") if rest else int(whole[:400]))


def unreadable(text: str) -> Wrong:
    said = _("“%(text)s” is no range of numbers; write 50 to 200, from 200, up to 10 or 7.")
    return Wrong(said % {"text": text[:40]})


@lru_cache(maxsize=1)
def patterns() -> tuple[re.Pattern[str], ...]:
    """Every way to write a range, with those in which ``Span`` says itself."""
    found = [EXACTLY, BETWEEN, *FROM, *UP_TO]
    for code, _name in settings.LANGUAGES:
        with override(code):
            own = [_("%(low)s to %(high)s"), _("from %(low)s"), _("up to %(high)s")]
        for template in own:
            pattern = re.escape(normalise(template))
            for end in ("low", "high"):
                pattern = pattern.replace(re.escape(f"%({end})s"), rf"(?P<{end}>{NUMBER})")
            found.append(pattern)
    return tuple(re.compile(pattern) for pattern in found)
