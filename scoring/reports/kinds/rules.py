"""Which rules help, which do not, and what to do about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from scoring.criteria.document import Rule
from scoring.criteria.expressions import OneOf
from scoring.engine.arrays import Slot
from scoring.engine.models import Score, Track
from scoring.engine.proportions import Proportion
from scoring.reports.asking import Question
from scoring.reports.blocks import Block, Column, Section, Table, Tone, Words
from scoring.reports.judging import Judged, judged
from scoring.reports.report import Measure, Report, Text, WorkedOut, register
from scoring.reports.rule_facts import (
    adjusted,
    firing_of,
    hottest_ids,
    ids_of_outcomes,
    kept_of,
    outcomes_by_rule,
    owed,
    owing_ids,
    pushed_by_rule,
    pushed_ids,
)
from scoring.reports.statistics.strata import OddsRatio
from scoring.reports.suggesting import Advice, Verdict, advice, per_point
from scoring.reports.to_come import nothing_yet
from scoring.reports.values import NOTHING, Kind, Value, count, opened, text

NO_MODEL: Final = _("No scoring model is live yet: there are no rules to judge.")
OF_SOME: Final = _(
    "No advice is given with a filter: a rule holds for all leads, and these are only some of "
    "them. Ask for all leads to see what to do."
)
NOBODY_SCORED: Final = _(
    "No advice is given yet: no lead has a score by this model, so no rule can count for anybody."
)
VERDICTS: Final = {
    Verdict.KEEP: _("keep"),
    Verdict.RAISE: _("raise to %(points)s"),
    Verdict.LOWER: _("lower to %(points)s"),
    Verdict.DROP: _("drop: it says the opposite"),
    Verdict.DEAD: _("dead: counts for nobody"),
    Verdict.TWIN: _("same as %(others)s"),
    Verdict.UNKNOWN: _("too little known"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    rule: Rule
    fires: int
    twins: Sequence[str]
    held: Proportion
    others: Proportion
    ratio: OddsRatio | None
    owing: int | None
    pushed: int


# Without advice where none can be given.
Advised = tuple[Facts, Advice | None]


@register
class Rules(Report):
    slug: ClassVar[str] = "rules"
    title: ClassVar[Text] = _("Rules")
    purpose: ClassVar[Text] = _(
        "Which criteria point to those who buy, which do not, and which nobody would miss."
    )
    icon: ClassVar[str] = "rule"
    order: ClassVar[int] = 60
    asks: ClassVar[frozenset[str]] = frozenset(
        {"model", "campaign", "segment", "source", "owner", "country"}
    )
    is_slow: ClassVar[bool] = True
    keeps_leads: ClassVar[bool] = True
    days: ClassVar[int] = 365
    measures: ClassVar[Sequence[Measure]] = (
        Measure(
            "fires",
            _("Counts for"),
            _("Contacts of the audience in whose stored score the rule has a worth, now."),
        ),
        Measure(
            "held",
            _("Success with it, without it"),
            _(
                "Of the contacts whose outcome became known in the period, in the time zone of the "
                "default working calendar, and for whom the rule counted as of the day before it "
                "began (or did not), the share that succeeded, with Wilson's interval for 95 of "
                "100 cases."
            ),
        ),
        Measure(
            "ratio",
            _("Beside the others"),
            _(
                "How many times higher the odds of success are where the rule counts, among "
                "contacts to whom the other rules gave about as many points (Mantel and Haenszel, "
                "five parts of equal size; interval of Robins, Breslow and Greenland). 1 tells "
                "nothing that the other rules do not tell."
            ),
        ),
        Measure(
            "owing",
            _("Hot by it"),
            _(
                "Of the contacts in the highest band now, those nearest to its threshold first and "
                "300 at most, how many would not be in it if the rule gave nothing; worked out by "
                "the evaluator."
            ),
        ),
        Measure(
            "pushed",
            _("Rejected with it"),
            _(
                "Of the leads that sales rejected in the period, for how many the rule counted "
                "when they were handed over."
            ),
        ),
    )

    def make(self, question: Question) -> Sequence[Section]:
        return self.work_out(question).sections

    def work_out(self, question: Question) -> WorkedOut:
        track = question.track
        if track is None:
            return WorkedOut([Section("", [Words(str(NO_MODEL))])])
        if not_yet := nothing_yet(question):
            return WorkedOut(not_yet)
        known = judged(question, track.version.document_value)
        return WorkedOut(self.sections(question, track, known), kept_of(known))

    def sections(self, question: Question, track: Track, known: Judged) -> list[Section]:
        pushed, rejected = pushed_by_rule(question, track)
        found = facts_of(question, track, known, pushed)
        silent = why_silent(question, track)
        advised = advised_on(found, is_silent=silent is not None)
        hint = ngettext(
            "%(count)d rejected lead has a known score.",
            "%(count)d rejected leads have a known score.",
            rejected,
        ) % {"count": rejected}
        return [
            Section(gettext("What to do"), [silent] if silent else suggestions(advised, track)),
            Section(gettext("Rule by rule"), [rules_table(advised, hint)]),
        ]

    def kept_behind(self, leads: Mapping[str, Sequence[int]], key: str) -> Sequence[int] | None:
        return ids_of_outcomes(leads, key)

    def behind(self, question: Question, key: str) -> QuerySet[Contact] | None:
        track, (what, _colon, name) = question.track, key.partition(":")
        if track is None:
            return None
        document = track.version.document_value
        place = next((at for at, rule in enumerate(document.rules) if rule.name == name), None)
        if place is None:
            return None
        if what == "fires":
            scores = Score.objects.annotate(worth=Slot("breakdown", place))
            counted = scores.filter(track=track).exclude(worth=0)
            return question.contacts().filter(pk__in=counted.values("contact_id"))
        if what == "owing":
            hot = hottest_ids(question, track)
            ids = owing_ids(document, document.rules[place], hot, question.now)
        elif what == "pushed":
            ids = pushed_ids(question, track, name)
        else:
            return None
        return Contact.objects.filter(OneOf(F("pk"), tuple(ids)))


def facts_of(
    question: Question, track: Track, known: Judged, pushed: Mapping[str, int]
) -> list[Facts]:
    document = track.version.document_value
    firing = firing_of(question, track)
    twins = firing.twins()
    hot = hottest_ids(question, track)
    owing = owed(document, hot, firing, question.now)
    found = []
    for place, rule in enumerate(document.rules):
        held, others = outcomes_by_rule(known, place)
        names = [document.rules[other].name for other in twins.get(place, [])]
        found.append(
            Facts(
                rule=rule,
                fires=firing.counts[place],
                twins=names,
                held=held,
                others=others,
                ratio=adjusted(known, place),
                owing=owing.get(place),
                pushed=pushed.get(rule.name, 0),
            )
        )
    return found


def why_silent(question: Question, track: Track) -> Words | None:
    """Instead of advice; a rule holds for everybody, so a few leads tell nothing against it."""
    if not question.is_of_all:
        return Words(str(OF_SOME))
    scored = Score.objects.filter(track=track, band__isnull=False)
    return None if scored.exists() else Words(str(NOBODY_SCORED))


def advised_on(found: Sequence[Facts], *, is_silent: bool) -> list[Advised]:
    if is_silent:
        return [(each, None) for each in found]
    point = per_point((each.rule, each.ratio) for each in found)
    return [(each, advice(each.rule, each.fires, each.twins, each.ratio, point)) for each in found]


def suggestions(advised: Sequence[Advised], track: Track) -> list[Block]:
    blocks: list[Block] = [
        suggestion(facts, found, track)
        for facts, found in advised
        if found and found.verdict not in (Verdict.KEEP, Verdict.UNKNOWN)
    ]
    if blocks:
        return blocks
    said = gettext("Nothing: no rule is surely wrong, dead or there twice.")
    return [Words(said, Tone.GOOD)]


def suggestion(facts: Facts, found: Advice, track: Track) -> Words:
    """In words, with a way to put it into the draft."""
    rule = facts.rule
    said = {
        "rule": rule.name,
        "points": str(count(found.points or 0)),
        "now": str(count(rule.points)),
        "odds": shown_ratio(facts.ratio),
        "others": ", ".join(f"“{name}”" for name in facts.twins),
    }
    words = {
        Verdict.RAISE: _(
            "“%(rule)s” is worth more than its %(now)s points: the odds are %(odds)s. At what a "
            "point is worth in this model that is about %(points)s."
        ),
        Verdict.LOWER: _(
            "“%(rule)s” is worth less than its %(now)s points: the odds are %(odds)s. At what a "
            "point is worth in this model that is about %(points)s."
        ),
        Verdict.DROP: _(
            "“%(rule)s” points the wrong way: it gives %(now)s points, and the odds are %(odds)s."
        ),
        Verdict.DEAD: _("“%(rule)s” counts for nobody: nobody would miss it."),
        Verdict.TWIN: _("“%(rule)s” counts for exactly the same contacts as %(others)s."),
    }[found.verdict]
    query = {"rule": rule.name, "version": track.version.hash, "model": str(track.model_id)}
    if found.points is not None:
        query["points"] = str(found.points)
    url = f"{reverse('admin:report_rule_draft')}?{urlencode(query)}"
    return Words(str(words) % said, Tone.WARNING, url, gettext("Put it into the draft"))


def shown_ratio(ratio: OddsRatio | None) -> str:
    if ratio is None:
        return str(Value(Kind.NUMBER, None))
    return str(Value(Kind.NUMBER, ratio.value, ratio.low, ratio.high))


def rules_table(advised: Sequence[Advised], hint: str) -> Table:
    columns = [
        Column(gettext("rule")),
        Column(gettext("points")),
        Column(gettext("counts for"), "fires"),
        Column(gettext("success with it"), "held"),
        Column(gettext("without it"), "held"),
        Column(gettext("odds beside the others"), "ratio"),
        Column(gettext("hot by it"), "owing"),
        Column(gettext("rejected with it"), "pushed"),
        Column(gettext("what to do")),
    ]
    rows = [row_of(facts, found) for facts, found in advised]
    return Table("rules", gettext("Rules"), columns, rows, hint=hint)


def row_of(facts: Facts, found: Advice | None) -> list[Value]:
    ratio, name = facts.ratio, facts.rule.name
    odds = Value(Kind.NUMBER, None)
    if ratio is not None:
        odds = Value(Kind.NUMBER, ratio.value, ratio.low, ratio.high)
    excludes = text(gettext("excludes"))
    return [
        text(name),
        excludes if facts.rule.exclude else count(facts.rule.points),
        opened(facts.fires, f"fires:{name}"),
        *(
            Value.share(share, f"{side}_won:{name}", f"{side}:{name}")
            for side, share in (("held", facts.held), ("others", facts.others))
        ),
        odds,
        Value(Kind.COUNT, facts.owing, behind=f"owing:{name}" if facts.owing else ""),
        opened(facts.pushed, f"pushed:{name}"),
        text(said(facts, found) if found else NOTHING),
    ]


def said(facts: Facts, found: Advice) -> str:
    others = ", ".join(facts.twins)
    return str(VERDICTS[found.verdict]) % {"points": count(found.points or 0), "others": others}
