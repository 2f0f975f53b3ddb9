"""Scored contacts as lines of text: who they are and, in a sentence or two, why."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from scoring.criteria.document import ModelDocument, Rule
from scoring.engine.models import Score, Track

REASONS = 2
HEAD = 5


def hottest(track: Track, band: str | None, limit: int) -> list[Score]:
    """The scores of the highest totals, with what the lines say of their contacts."""
    scores = Score.objects.filter(track=track).hottest()
    if band:
        scores = scores.filter(band=band)
    # The track at hand, and not one loaded for every score, knows the parsed document.
    chosen = list(scores.select_related("contact__company")[:limit])
    for score in chosen:
        score.track = track
    return chosen


def lead_lines(scores: Sequence[Score], width: int | None) -> Iterator[str]:
    """A heading, a line for each lead, and its reasons in the last column, one below the other.

    Lines are cut at ``width`` where one is given.
    """
    rows = [
        [_("TOTAL"), _("BAND"), _("GRADE"), _("NAME"), _("COMPANY"), _("REASONS")],
        *(row for score in scores for row in rows_of(score)),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(HEAD)]
    for row in rows:
        first = row[0].rjust(widths[0])
        cells = [text.ljust(space) for text, space in zip(row[1:HEAD], widths[1:], strict=True)]
        yield shortened("  ".join([first, *cells, row[-1]]).rstrip(), width)


def rows_of(score: Score) -> Iterator[list[str]]:
    contact = score.contact
    company = str(contact.company) if contact.company else ""
    lead = [str(score.total), score.band, score.grade or "", contact.full_name or contact.email]
    first, *others = reasons(score) or [""]
    yield [*lead, company, first]
    for reason in others:
        yield [*[""] * HEAD, reason]


def reasons(score: Score) -> list[str]:
    """What weighs most in a score, each as a sentence; of the excluded, what excludes them."""
    document = score.track.version.document_value
    pairs = zip(document.rules, score.breakdown, strict=True)
    held = [(rule, worth) for rule, worth in pairs if worth and rule.exclude == score.excluded]
    best = sorted(held, key=lambda pair: -pair[1])[:REASONS]
    return [reason(rule, worth, document) for rule, worth in best]


def reason(rule: Rule, worth: int, document: ModelDocument) -> str:
    sentence = rule.sentence(document.catalogue)
    if rule.exclude or worth == rule.points:
        return f"{rule.name}: {sentence}"
    return f"{rule.name}, {worth:+d}: {sentence}"


def shortened(line: str, width: int | None) -> str:
    return line if width is None or len(line) <= width else line[: width - 1] + "…"


def terminal_width() -> int | None:
    """None where the lines go to a file or a program, which wants them whole."""
    if not sys.stdout.isatty():
        return None
    return shutil.get_terminal_size(os.terminal_size((120, 24))).columns
