"""What the page of one lead says: the explanation of its score, as rows for the template."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from contacts.admin.sections import short
from contacts.models import ActivityType
from contacts.numerals import signed, whole
from scoring.criteria.document import (
    ActivityRule,
    Count,
    Dimension,
    Group,
    Limits,
    ModelDocument,
    Rule,
)
from scoring.engine.admin.badges import badge, band_name
from scoring.engine.contributors import Contribution
from scoring.engine.explain import Explanation, RuleExplanation
from scoring.engine.results import Result

# Of one rule; a lead may have opened ten thousand pages.
ACTIVITIES_MOST: Final = 20
# Changes to come: of the whole score, and of one rule.
STEPS_MOST: Final = 12
FADES_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class ActivityShown:
    type: str
    target: str
    when: datetime
    worth: str
    changes_at: datetime | None


@dataclass(frozen=True, slots=True)
class RuleShown:
    name: str
    sentence: str
    worth: str
    is_negative: bool
    activities: Sequence[ActivityShown]
    more: str
    fades: str = ""


@dataclass(frozen=True, slots=True)
class GroupShown:
    name: str
    dimension: str
    total: str
    limited: str
    rules: Sequence[RuleShown]
    silent: Sequence[RuleShown]


@dataclass(frozen=True, slots=True)
class BarShown:
    """A dimension; ``percent`` of what its rules can give, or take where it is negative."""

    title: str
    total: str
    percent: int
    is_negative: bool
    scale: str


def end_of(day: date) -> datetime:
    """The last instant of a day in UTC."""
    return datetime.combine(day, time.max, UTC)


def groups_shown(explanation: Explanation, result: Result) -> list[GroupShown]:
    names = dict(ActivityType.objects.exclude(label="").values_list("slug", "label"))
    explained = {one.rule.name: (one, fades(explanation, result, one)) for one in explanation.rules}
    return [
        group_shown(group, total, result, explained, names)
        for group, total in zip(result.document.groups, result.groups, strict=True)
    ]


def group_shown(
    group: Group,
    total: int,
    result: Result,
    explained: dict[str, tuple[RuleExplanation, str]],
    names: dict[str, str],
) -> GroupShown:
    held = [explained[rule.name] for rule in group.rules if rule.name in explained]
    silent = [rule for rule in group.rules if rule.name not in explained]
    catalogue = result.document.catalogue
    return GroupShown(
        name=group.name,
        dimension=dimension_name(group.dimension),
        total=signed(total),
        limited=limited(sum(one.worth for one, _fades in held if not one.rule.exclude), total),
        rules=[rule_shown(one, names, fading) for one, fading in held],
        silent=[
            RuleShown(rule.name, rule.sentence(catalogue), "0", False, (), "") for rule in silent
        ],
    )


def rule_shown(explained: RuleExplanation, names: dict[str, str], fading: str) -> RuleShown:
    rule, more = explained.rule, explained.older
    return RuleShown(
        name=rule.name,
        sentence=explained.sentence,
        worth=gettext("excludes") if rule.exclude else signed(explained.worth),
        is_negative=rule.exclude or explained.worth < 0,
        activities=[activity_shown(one, names) for one in explained.activities],
        more=ngettext(
            "and %(count)d older activity", "and %(count)d older activities", more
        ) % {"count": more} if more > 0 else "",
        fades=fading,
    )  # fmt: skip


def fades(explanation: Explanation, result: Result, one: RuleExplanation) -> str:
    """What time alone makes of a rule's points, in words; read off the changes to come."""
    place = result.document.rules.index(one.rule)
    said: list[str] = []
    worth = one.worth
    for step in explanation.later.steps:
        then = step.result.worths[place] if step.result else 0
        if then != worth:
            worth = then
            said.append(fading_to(one.rule, worth, step.at))
    if said:
        more = gettext("%(changes)s, and so on") if len(said) > FADES_MOST else "%(changes)s"
        changes = more % {"changes": ", ".join(said[:FADES_MOST])}
        return gettext("If nothing more happens: %(changes)s.") % {"changes": changes}
    if explanation.by_present_fields:
        return ""
    if explanation.later.is_whole:
        return gettext("Time alone does not change it.")
    last = explanation.later.steps[-1].at if explanation.later.steps else explanation.as_of
    return gettext("Stays as it is until %(day)s at least.") % {"day": date_format(last)}


def fading_to(rule: Rule, worth: int, at: datetime) -> str:
    day = date_format(at)
    if worth == 0:
        return gettext("gone on %(day)s") % {"day": day}
    if rule.exclude:
        return gettext("excludes from %(day)s on") % {"day": day}
    return gettext("%(points)s from %(day)s on") % {"points": signed(worth), "day": day}


def activity_shown(one: Contribution, names: dict[str, str]) -> ActivityShown:
    kind = one.activity.type
    return ActivityShown(
        type=names.get(kind.slug) or str(kind),
        target=short(one.activity.target.text),
        when=one.activity.occurred_at,
        worth=signed(one.worth),
        changes_at=one.next_change,
    )


def limited(before: int, after: int) -> str:
    """What a sum was before a limit cut it, in words; empty where none did."""
    if before == after:
        return ""
    return gettext("%(before)s before the limit") % {"before": signed(before)}


def dimension_name(dimension: Dimension) -> str:
    names = {Dimension.FIT: gettext("Fit"), Dimension.INTEREST: gettext("Interest")}
    return names[dimension]


def bars(result: Result) -> list[BarShown]:
    return [
        bar(gettext("Fit: who they are"), result.fit, result.document, Dimension.FIT),
        bar(
            gettext("Interest: what they do"),
            result.interest,
            result.document,
            Dimension.INTEREST,
        ),
    ]


def bar(title: str, total: int, document: ModelDocument, dimension: Dimension) -> BarShown:
    groups = [group for group in document.groups if group.dimension is dimension]
    most = sum(reach(group, 1) for group in groups)
    full = most if total >= 0 else -sum(reach(group, -1) for group in groups)
    percent = min(100, round(100 * abs(total) / full)) if full > 0 else 0
    scale = gettext("of %(most)s") % {"most": whole(most)} if most > 0 else ""
    return BarShown(title, whole(total), percent, total < 0, scale)


def reach(group: Group, sign: int) -> int:
    """What the rules of a group can add up to; one that counts without end is taken once."""
    one_way = [most_of(rule) for rule in group.rules if rule.points * sign > 0]
    return clipped(sign * sum(one_way), group.limits)


def most_of(rule: Rule) -> int:
    if isinstance(rule.test, ActivityRule) and rule.test.count is not Count.ONCE:
        return rule.test.limit or abs(rule.points)
    return abs(rule.points)


def clipped(number: int, limits: Limits) -> int:
    if limits.max is not None:
        number = min(number, limits.max)
    return number if limits.min is None else max(number, limits.min)


def next_band(result: Result) -> str:
    """How far it is to the next band, in words."""
    above = [
        band
        for band in result.document.bands
        if band.start is not None and band.start > result.total
    ]
    if result.excluded or not above:
        return ""
    missing = (above[0].start or 0) - result.total
    return ngettext(
        "%(count)d point below “%(band)s”", "%(count)d points below “%(band)s”", missing
    ) % {"count": missing, "band": above[0].name}


def what_happens_next(explanation: Explanation) -> dict[str, Any] | None:
    """The next change if nothing more happens: when, what the score is then, and why."""
    if explanation.changes_at is None:
        return None
    before, then = explanation.result, explanation.then
    last = explanation.later.steps[-1]
    return {
        "last": last if len(explanation.later.steps) > 1 else None,
        "last_badge": badge(last.result.total, last.result.band, last.result.document)
        if last.result
        else "",
        "is_last": explanation.later.is_whole,
        "at": explanation.changes_at,
        "badge": badge(then.total, then.band, then.document) if then else "",
        "grade": then.grade if then else None,
        "changes": list(differences(before, then)) if before and then else [],
    }


def differences(before: Result, then: Result) -> Iterator[str]:
    pairs = zip(before.document.rules, before.worths, then.worths, strict=True)
    for rule, old, new in pairs:
        if old != new:
            yield difference(rule.name, new - old, rule.exclude)


def difference(name: str, points: int, exclude: bool) -> str:
    """What a rule gave or took, in words."""
    if exclude and points > 0:
        return gettext("now excluded by “%(rule)s”") % {"rule": name}
    if exclude:
        return gettext("no longer excluded by “%(rule)s”") % {"rule": name}
    return f"{name} {signed(points)}"


def headline(result: Result) -> dict[str, Any]:
    held = sum(result.groups)
    return {
        "total": whole(result.total),
        "badge": badge(None, result.band, result.document),
        "band": band_name(result.band),
        "grade": result.grade,
        "excluded_by": result.excluded_by(),
        "next_band": next_band(result),
        "limited": limited(held, result.total),
    }
