"""What the kept report on rules said last, for the weekly review; never worked out here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs, urlsplit

from django.http import QueryDict
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import get_language, gettext

from scoring.engine.models import Track
from scoring.reports.asking import ask
from scoring.reports.blocks import Block, Column, Table, Tone, Words
from scoring.reports.kinds.rules import Rules
from scoring.reports.making import pinned
from scoring.reports.models import KeptReport
from scoring.reports.values import Value, text

HELPS_MOST: Final = 8
NARROWING: Final = ("campaign", "segment", "source", "owner", "country")
# Of the table of that report: the rule, its points, and the odds beside the others.
NAME, POINTS, ODDS = 0, 1, 5


@dataclass(frozen=True, slots=True)
class Kept:
    row: KeptReport

    def blocks(self, now: datetime) -> Iterator[Block]:
        done_at = self.row.done_at or now
        yield Words(
            gettext("From the report on rules, worked out %(ago)s ago.")
            % {"ago": timesince(done_at, now)},
            url=reverse("admin:report", args=[Rules.slug]),
            link=gettext("Open it"),
        )
        sections = self.row.sections or []
        rows = [
            row
            for section in sections
            for block in section.blocks
            if isinstance(block, Table) and block.key == "rules"
            for row in block.rows
        ]
        yield helping(rows)
        for section in sections[:1]:
            yield from (block for block in section.blocks if isinstance(block, Words))


def helping(rows: Sequence[Sequence[Value]]) -> Table:
    """Those whose odds are surely better than even, the surest first."""
    found = [row for row in rows if is_help(row)]
    best = sorted(found, key=lambda row: -(row[ODDS].low or 0))[:HELPS_MOST]
    return Table(
        "helping",
        gettext("Rules that help"),
        [Column(gettext("rule")), Column(gettext("points")), Column(gettext("odds"), "helping")],
        [[text(row[NAME]), row[POINTS], row[ODDS]] for row in best],
        empty=gettext("Of no rule is it sure yet that it helps."),
    )


def is_help(row: Sequence[Value]) -> bool:
    low = row[ODDS].low
    return low is not None and low > 1


def rule_blocks(track: Track, now: datetime) -> list[Block]:
    kept = newest(track)
    if kept is not None:
        return list(Kept(kept).blocks(now))
    said = gettext("The report on rules has not been worked out yet: open it, and a worker does.")
    url = f"{reverse('admin:report', args=[Rules.slug])}?model={track.model_id}"
    return [Words(said, Tone.PLAIN, url, gettext("Open it"))]


def newest(track: Track) -> KeptReport | None:
    """The last one of this model about everybody, in the language in use."""
    done = KeptReport.objects.filter(
        slug=Rules.slug, language=get_language() or "en", data__isnull=False
    )
    # The rows are large; what was asked is not.
    for pk, query in done.order_by("-done_at").values_list("pk", "query"):
        asked = QueryDict(query)
        narrowed = any(asked.get(name) for name in NARROWING)
        if asked.get("model") == str(track.model_id) and not narrowed:
            return done.defer("leads").filter(pk=pk).first()
    return None


def advice_on(track: Track, rule: str) -> str:
    """The page that does what the last report says of the rule; empty where it says nothing."""
    kept = newest(track)
    for section in (kept.sections or [])[:1] if kept else []:
        for block in section.blocks:
            if isinstance(block, Words) and parse_qs(urlsplit(block.url).query).get("rule") == [
                rule
            ]:
                return block.url
    return ""


def have_worked_out(track: Track) -> None:
    """Ask a worker for what ``newest`` finds, in the language in use."""
    question = ask({"model": str(track.model_id)}, Rules.asks, Rules.days).question()
    KeptReport.objects.ask(Rules.slug, pinned(question))
