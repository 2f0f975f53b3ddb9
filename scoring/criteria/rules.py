"""Rules: what one is worth and when. Read from a document, immutable, said in words."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.numerals import signed
from scoring.criteria.canonical import canonical
from scoring.criteria.conditions import Condition, ConditionReader, condition_data, sentence
from scoring.criteria.durations import Duration
from scoring.criteria.faults import LARGEST, Node
from scoring.criteria.fields import Catalogue
from scoring.criteria.tests import ActivityTest, read_activity_test

MOST_POINTS = 1000


class Count(StrEnum):
    EACH = "each"
    ONCE = "once"
    ONCE_PER_TARGET = "once_per_target"
    ONCE_PER_DAY = "once_per_day"


@dataclass(frozen=True, slots=True)
class Decay:
    """An occurrence loses ``percent`` of its points at the end of each ``every``."""

    percent: int
    every: Duration


@dataclass(frozen=True, slots=True)
class ProfileTest:
    when: Condition

    def data(self) -> dict[str, object]:
        return {"when": condition_data(self.when)}

    def sentence(self, catalogue: Catalogue) -> str:
        return _("if %(condition)s") % {"condition": sentence(self.when, catalogue)}


@dataclass(frozen=True, slots=True)
class ActivityRule:
    activity: ActivityTest
    count: Count = Count.EACH
    at_least: int = 1
    expires: Duration | None = None
    decay: Decay | None = None
    limit: int | None = None

    def data(self) -> dict[str, object]:
        data: dict[str, object] = {"activity": self.activity.data()}
        if self.count is not Count.EACH:
            data["count"] = self.count.value
        if self.at_least != 1:
            data["at_least"] = self.at_least
        if self.expires is not None:
            data["expires"] = str(self.expires)
        if self.decay is not None:
            data["decay"] = {"percent": self.decay.percent, "every": str(self.decay.every)}
        if self.limit is not None:
            data["limit"] = self.limit
        return data

    def sentence(self, catalogue: Catalogue) -> str:
        return ", ".join([self.occasion(), *self.riders()])

    def occasion(self) -> str:
        words = {
            Count.EACH: _("each time they %(activity)s"),
            Count.ONCE: ngettext(
                "if they %(activity)s",
                "if they %(activity)s at least %(count)d times",
                self.at_least,
            ),
            Count.ONCE_PER_TARGET: _("for each different target, if they %(activity)s"),
            Count.ONCE_PER_DAY: _("for each different day, if they %(activity)s"),
        }
        said = {"activity": self.activity.sentence(), "count": self.at_least}
        return words[self.count] % said

    def riders(self) -> list[str]:
        riders = []
        if self.limit is not None:
            riders.append(_("at most %(limit)d") % {"limit": self.limit})
        if self.decay is not None:
            riders.append(
                _("fading by %(percent)d %% %(every)s")
                % {"percent": self.decay.percent, "every": self.decay.every.every_in_words()}
            )
        if self.expires is not None:
            riders.append(_("expiring after %(duration)s") % {"duration": self.expires.in_words()})
        return riders


@dataclass(frozen=True, slots=True)
class AbsenceTest:
    absent: ActivityTest
    duration: Duration

    def data(self) -> dict[str, object]:
        return {"absent": self.absent.data(), "for": str(self.duration)}

    def sentence(self, catalogue: Catalogue) -> str:
        return _("if for %(duration)s they do not %(activity)s") % {
            "duration": self.duration.in_words(),
            "activity": self.absent.sentence(),
        }


Test = ProfileTest | ActivityRule | AbsenceTest


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of a model: ``points`` are 0 where the rule excludes."""

    name: str
    points: int
    exclude: bool
    test: Test

    def data(self) -> dict[str, object]:
        """Plain data, as in a document, defaults left out."""
        worth: dict[str, object] = {"exclude": True} if self.exclude else {"points": self.points}
        return {"name": self.name} | worth | self.test.data()

    def canonical(self) -> bytes:
        """Equal where two rules are the same rule in two versions."""
        return canonical(self.data())

    def sentence(self, catalogue: Catalogue) -> str:
        """Translated: ``+20 each time they visit a page, at most 40``."""
        occasion = self.test.sentence(catalogue)
        if self.exclude:
            return _("excluded %(occasion)s") % {"occasion": occasion}
        return _("%(points)s %(occasion)s") % {"points": signed(self.points), "occasion": occasion}


ACTIVITY_ONLY = ("count", "at_least", "expires", "decay", "limit")


def read_rule(node: Node, catalogue: Catalogue) -> Rule:
    fields = node.fields(
        ["name"], ["points", "exclude", "when", "activity", "absent", "for", *ACTIVITY_ONLY]
    )
    name = fields["name"].name() if "name" in fields else ""
    points, exclude = read_worth(node, fields)
    given = [key for key in ("when", "activity", "absent") if key in fields]
    if len(given) != 1:
        node.fault(_("must have exactly one test: when, activity or absent"))
    for key in ACTIVITY_ONLY:
        if key in fields and given and "activity" not in given:
            node.fault(_("goes only with an activity test"), key=key)
    if "for" in fields and given and "absent" not in given:
        node.fault(_("goes only with absent"), key="for")
    if "activity" in fields:
        check_together(fields, exclude)
    # With several tests each is read all the same, so that every fault is named.
    tests = [read_test(key, node, fields, catalogue) for key in given]
    stand_in = AbsenceTest(ActivityTest(()), Duration.parse("1 day"))
    return Rule(name, points, exclude, tests[0] if tests else stand_in)


def read_worth(node: Node, fields: dict[str, Node]) -> tuple[int, bool]:
    exclude = fields["exclude"].boolean() if "exclude" in fields else False
    points = 0
    if "points" in fields:
        points = fields["points"].whole(-MOST_POINTS, MOST_POINTS)
        if points == 0:
            fields["points"].fault(_("must not be 0"))
        if exclude:
            node.fault(_("must have either points or exclude, not both"))
    elif "exclude" not in fields or fields["exclude"].data is False:
        node.fault(_("must have points, or exclude: true"))
    return points, exclude


def read_test(key: str, node: Node, fields: dict[str, Node], catalogue: Catalogue) -> Test:
    if key == "when":
        return ProfileTest(ConditionReader(catalogue).read(fields["when"]))
    if key == "activity":
        return read_activity_rule(fields)
    duration = Duration.parse("1 day")
    if "for" in fields:
        duration = fields["for"].duration()
    else:
        node.fault(_("is missing; absent needs it"), key="for")
    return AbsenceTest(read_activity_test(fields["absent"]), duration)


def read_activity_rule(fields: dict[str, Node]) -> ActivityRule:
    count = Count.EACH
    if "count" in fields:
        count = Count(fields["count"].one_of([c.value for c in Count]))
    return ActivityRule(
        activity=read_activity_test(fields["activity"]),
        count=count,
        at_least=fields["at_least"].whole(1, LARGEST) if "at_least" in fields else 1,
        expires=fields["expires"].duration() if "expires" in fields else None,
        decay=read_decay(fields["decay"]) if "decay" in fields else None,
        limit=fields["limit"].whole(1, LARGEST) if "limit" in fields else None,
    )


def read_decay(node: Node) -> Decay:
    fields = node.fields(["percent", "every"])
    percent = fields["percent"].whole(1, 100) if "percent" in fields else 1
    every = fields["every"].duration() if "every" in fields else Duration.parse("1 day")
    return Decay(percent, every)


def check_together(fields: dict[str, Node], exclude: bool) -> None:
    """What an activity test may not have at once."""
    count = fields["count"].data if "count" in fields else Count.EACH
    if "decay" in fields and count in (Count.ONCE_PER_TARGET, Count.ONCE_PER_DAY):
        fields["decay"].fault(_("does not go with count: %(count)s") % {"count": count})
    if "limit" in fields and count == Count.ONCE:
        fields["limit"].fault(_("does not go with count: once"))
    if "at_least" in fields and count != Count.ONCE:
        fields["at_least"].fault(_("goes only with count: once"))
    if exclude and count != Count.ONCE:
        place = fields.get("count") or fields["activity"]
        place.fault(_("a rule that excludes needs count: once, written out"))
    if exclude and "decay" in fields:
        fields["decay"].fault(_("does not go with exclude"))
