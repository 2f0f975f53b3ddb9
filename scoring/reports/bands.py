"""Who stands, or stood, in a band, and who moved from one to another: the leads behind moves."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import quote, unquote

from django.db.models import Q, QuerySet

from contacts.models import Contact
from scoring.criteria.document import EXCLUDED, ModelDocument
from scoring.engine.models import Score, ScoreChange, Track
from scoring.reports.asking import Question
from scoring.reports.periods import Period
from scoring.reports.spread import changes_of, stood

# Outside the audience there is no band.
Band = str | None
# What a key says, and of how many parts beside.
FORMS: Final = {("now", 1), ("in", 2), ("entered", 1), ("entered", 2), ("left", 1)}


def ranks(document: ModelDocument) -> dict[Band, int]:
    """Outside and excluded lie below the lowest band."""
    found: dict[Band, int] = {band.name: at for at, band in enumerate(document.bands)}
    return {None: -2, EXCLUDED: -1, **found}


def encoded(band: Band) -> str:
    return "" if band is None else quote(band, safe="")


def decoded(written: str) -> Band:
    # No text of PostgreSQL has a NUL.
    return unquote(written).replace("\0", "") or None


def standing_key(question: Question, band: Band, piece: Period) -> str:
    """Of who is in it now where the piece is not over, else of who was in it at its end."""
    if piece.end > question.now:
        return f"now:{encoded(band)}"
    return f"in:{encoded(band)}:{piece.first.isoformat()}"


def contacts_behind(question: Question, track: Track, key: str) -> QuerySet[Contact] | None:
    """``now:band``, ``in:band:day``, ``entered:band``, ``entered:band:day``, ``left:band`` or
    ``move:band:band``; the day is the first of a step, and bands are encoded. None for others.
    """
    what, *given = key.split(":")
    if (what, len(given)) == ("move", 2):
        before, after = map(decoded, given)
        return moved(question, track, Q(band_before=before, band=after))
    if (what, len(given)) not in FORMS:
        return None
    band = decoded(given[0])
    period: Period | None = question.period
    if len(given) == 2:
        period = question.period.piece_from(given[1], question.grain)
    if period is None:
        return None
    asked = replace(question, period=period)
    if what == "now":
        return question.contacts().filter(scores__track=track, scores__band=band)
    if what == "in":
        return stood_in(question, track, band, period.end)
    way = into if what == "entered" else out_of
    return moved(asked, track, way(track.version.document_value, band))


def moved(question: Question, track: Track, move: Q) -> QuerySet[Contact]:
    moves = changes_of(question, track).filter(move, **question.during("as_of"))
    return question.contacts().filter(pk__in=moves.values("contact"))


def not_lower(document: ModelDocument, band: Band) -> list[str]:
    """A band that the model has no more lies below all that it has."""
    rank = ranks(document)
    return [name for name in rank if name is not None and rank[name] >= rank.get(band, -1)]


def into(document: ModelDocument, band: Band) -> Q:
    """Moves from a lower band, or from none."""
    return Q(band=band) & (Q(band_before=None) | ~Q(band_before__in=not_lower(document, band)))


def out_of(document: ModelDocument, band: Band) -> Q:
    """Moves into a lower band, or into none."""
    return Q(band_before=band) & (Q(band=None) | ~Q(band__in=not_lower(document, band)))


def stood_in(question: Question, track: Track, band: Band, at: datetime) -> QuerySet[Contact]:
    """Who was in it at that instant: whose first move since led out of it, or who is in it now
    and has not moved since.
    """
    since = ScoreChange.objects.moved().filter(track=track, as_of__gte=at)
    now = Score.objects.filter(track=track, band=band)
    return stood(question, since, Q(band_before=band), now)
