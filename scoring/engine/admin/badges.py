"""Scores, bands and reasons as a person sees them in a list: always with words."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from django.utils.html import format_html
from django.utils.translation import gettext

from contacts.numerals import signed, whole
from scoring.criteria.document import EXCLUDED, ModelDocument

# How many shades between the coldest and the hottest band there are in the style sheet.
SHADES: Final = 5
REASONS: Final = 2


class Reason(NamedTuple):
    """A rule that holds: what it is worth to this contact, and the rule in words."""

    points: str
    name: str
    sentence: str


def band_name(band: str) -> str:
    """As the model calls it; only the reserved one is translated."""
    return gettext("excluded") if band == EXCLUDED else band


def shade(band: str, document: ModelDocument) -> str:
    """Of the style sheet: by the band's place among all of the document's, 0 the coldest."""
    names = [each.name for each in document.bands]
    if band not in names:
        return "none"
    steps = max(len(names) - 1, 1)
    return str(round(names.index(band) * (SHADES - 1) / steps))


def badge(total: int | None, band: str, document: ModelDocument) -> str:
    """Number and band; the number is left out where there is none."""
    number = "" if total is None else format_html("<b>{}</b> ", whole(total))
    return format_html(
        '<span class="band band-{}">{}{}</span>', shade(band, document), number, band_name(band)
    )


def reasons(
    document: ModelDocument, breakdown: Sequence[int], excluded: bool, most: int = REASONS
) -> list[Reason]:
    """What weighs most in a stored score; of the excluded, what excludes them."""
    pairs = zip(document.rules, breakdown, strict=False)
    held = [(rule, worth) for rule, worth in pairs if worth and rule.exclude == excluded]
    heaviest = sorted(held, key=lambda pair: -abs(pair[1]))[:most]
    return [
        Reason(
            gettext("excluded") if rule.exclude else signed(worth),
            rule.name,
            rule.sentence(document.catalogue),
        )
        for rule, worth in heaviest
    ]
