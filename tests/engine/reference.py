"""A slow, plain score, written from the text of the contract and from nothing else.

It is an oracle for tests, not a second evaluator of the product: nothing outside ``tests``
may use it. It reads the plain JSON of documents, contacts and activities and shares no code
with the product, so that the same mistake is not made twice.
"""

import calendar
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

Data = dict[str, Any]
MICROSECOND = timedelta(microseconds=1)


# --- Section 4: text ---------------------------------------------------------------------------


def plain_text(text: object) -> str:
    if not isinstance(text, str):
        return ""
    letters = unicodedata.normalize("NFKD", text)
    letters = "".join(c for c in letters if unicodedata.combining(c) == 0).casefold()
    return " ".join(letters.split())


# --- Section 3: durations ----------------------------------------------------------------------


def cut_off(as_of: datetime, duration: str, times: int = 1) -> datetime | None:
    """``as_of - duration``; None precedes every instant."""
    number, unit = duration.split()
    count = int(number) * times
    if unit.rstrip("s") in {"day", "week"}:
        try:
            return as_of - timedelta(days=count * (7 if unit.startswith("week") else 1))
        except OverflowError:
            return None
    months = as_of.year * 12 + as_of.month - 1
    months -= count * (12 if unit.startswith("year") else 1)
    year, month = months // 12, months % 12 + 1
    if year < 1:
        return None
    if as_of.day <= calendar.monthrange(year, month)[1]:
        return as_of.replace(year=year, month=month)
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return following - MICROSECOND


def is_after(moment: datetime, limit: datetime | None) -> bool:
    return limit is None or moment > limit


def instant(text: str) -> datetime:
    """An instant with its offset, or a day, meaning its midnight in UTC."""
    read = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


# --- Section 4: operators, on a value or None --------------------------------------------------

TEXT: dict[str, Callable[[str, Any], bool]] = {
    "equals": lambda mine, value: mine == plain_text(value),
    "contains": lambda mine, value: plain_text(value) in mine,
    "starts_with": lambda mine, value: mine.startswith(plain_text(value)),
    "ends_with": lambda mine, value: mine.endswith(plain_text(value)),
    "in": lambda mine, value: mine in [plain_text(one) for one in value],
}
NUMBER: dict[str, Callable[[float, Any], bool]] = {
    "eq": lambda mine, value: mine == value,
    "lt": lambda mine, value: mine < value,
    "lte": lambda mine, value: mine <= value,
    "gt": lambda mine, value: mine > value,
    "gte": lambda mine, value: mine >= value,
    "between": lambda mine, value: value[0] <= mine <= value[1],
}
BOOLEAN: dict[str, Callable[[bool, Any], bool]] = {"is_true": lambda mine, value: mine}
TAGS: dict[str, Callable[[set[str], Any], bool]] = {
    "has_any": lambda mine, value: any(plain_text(tag) in mine for tag in value),
    "has_all": lambda mine, value: all(plain_text(tag) in mine for tag in value),
}
COMPLEMENTS = {
    "not_equals": "equals",
    "not_contains": "contains",
    "not_in": "in",
    "ne": "eq",
    "is_false": "is_true",
    "has_none": "has_any",
    "is_not_empty": "is_empty",
}


def in_time(op: str, mine: datetime, value: str, as_of: datetime) -> bool:
    if op == "before":
        return mine < instant(value)
    if op == "after":
        return mine > instant(value)
    recent = is_after(mine, cut_off(as_of, value))
    return recent and mine <= as_of if op == "within_last" else not recent


def holds_for(op: str, mine: Any, value: Any, as_of: datetime) -> bool:
    """An operator on the value of a field; None is the empty field."""
    if op in COMPLEMENTS:
        return not holds_for(COMPLEMENTS[op], mine, value, as_of)
    if op == "is_empty":
        return mine is None
    if mine is None:
        return False
    if op in {"before", "after", "within_last", "older_than"}:
        return in_time(op, mine, value, as_of)
    table: dict[str, Callable[[Any, Any], bool]] = {**TEXT, **NUMBER, **BOOLEAN, **TAGS}
    return table[op](mine, value)


# --- Sections 1 and 2: contacts with their companies, activities -------------------------------


@dataclass
class Person:
    """A contact as the imports so far left it: only what is not empty."""

    fields: Data = field(default_factory=dict)
    attributes: Data = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    company: str = ""


@dataclass
class World:
    """All that was imported, and what it is worth at an instant."""

    document: Data
    people: dict[str, Person] = field(default_factory=dict)
    companies: dict[str, Data] = field(default_factory=dict)
    activities: list[Data] = field(default_factory=list)

    def contact(self, data: Data) -> None:
        person = self.people.setdefault(data["email"].strip().lower(), Person())
        person.fields.update(
            {k: v for k, v in data.items() if k not in {"company", "tags", "attributes"}}
        )
        person.attributes.update(data.get("attributes") or {})
        if "tags" in data:
            person.tags = {plain_text(tag) for tag in data["tags"] or ()}
        if "company" in data:
            person.company = self.company(data["company"] or {})

    def company(self, data: Data) -> str:
        """Known by its domain, or where it has none by its name; none where it has neither."""
        domain, name = plain_text(data.get("domain")), plain_text(data.get("name"))
        if not domain and not name:
            return ""
        key = f"domain {domain}" if domain else f"name {name}"
        self.companies.setdefault(key, {}).update(data)
        return key

    def activity(self, data: Data) -> None:
        pair = (data.get("source") or "", data.get("external_id"))
        stored = [(a.get("source") or "", a.get("external_id")) for a in self.activities]
        if not pair[1] or pair not in stored:
            self.activities.append(data)

    def results(self, as_of: datetime) -> "dict[str, Score | None]":
        return {email: self.result(email, as_of) for email in self.people}

    def result(self, email: str, as_of: datetime) -> "Score | None":
        """None where the contact is outside the audience."""
        person = self.people[email]
        contact = Contact(person, self.companies.get(person.company, {}), self.document, as_of)
        audience = self.document.get("audience")
        if audience and not contact.meets(audience):
            return None
        mine = [a for a in self.activities if a["contact"].strip().lower() == email]
        counting = [
            a for a in mine if not a.get("automated") and instant(a["occurred_at"]) <= as_of
        ]
        return Score.of(self.document, email, Judge(contact, counting, as_of))


@dataclass
class Contact:
    person: Person
    company: Data
    document: Data
    as_of: datetime

    def value(self, name: str) -> Any:
        """What a field holds, comparable; None where it is empty."""
        if name == "tags":
            return self.person.tags or None
        if name.startswith("attributes."):
            return self.attribute(name.removeprefix("attributes."))
        if name.startswith("company."):
            return self.comparable(self.company.get(name.removeprefix("company.")))
        found = self.person.fields.get(name)
        if name == "created_at":
            return instant(found) if found else None
        if name in {"unsubscribed", "bounced"}:
            return bool(found)
        return self.comparable(found)

    def attribute(self, key: str) -> Any:
        types = {one["key"]: one["type"] for one in self.document["fields"]}
        value = self.person.attributes.get(key)
        if types[key] == "date":
            return None if value is None else instant(value)
        return self.comparable(value)

    @staticmethod
    def comparable(value: Any) -> Any:
        return plain_text(value) or None if isinstance(value, str) else value

    def meets(self, condition: Data) -> bool:
        if "all" in condition:
            return all(self.meets(part) for part in condition["all"])
        if "any" in condition:
            return any(self.meets(part) for part in condition["any"])
        if "not" in condition:
            return not self.meets(condition["not"])
        value = self.value(condition["field"])
        return holds_for(condition["op"], value, condition.get("value"), self.as_of)


# --- Section 5: rules --------------------------------------------------------------------------


@dataclass
class Judge:
    """What one contact and its counting activities make of a rule."""

    contact: Contact
    counting: list[Data]
    as_of: datetime

    def worth(self, rule: Data) -> int:
        """Of an excluding rule 1 where it holds."""
        points = 1 if rule.get("exclude") else rule["points"]
        if "when" in rule:
            return points if self.contact.meets(rule["when"]) else 0
        if "absent" in rule:
            return points if self.is_absent(rule) else 0
        worth = self.of_activities(rule, points)
        limit = rule.get("limit")
        return worth if limit is None else max(-limit, min(limit, worth))

    def is_absent(self, rule: Data) -> bool:
        limit = cut_off(self.as_of, rule["for"])
        created = self.contact.value("created_at")
        if created is None or is_after(created, limit):
            return False
        return not any(is_after(at(a), limit) for a in self.matching(rule["absent"]))

    def of_activities(self, rule: Data, points: int) -> int:
        found = self.matching(rule["activity"])
        if "expires" in rule:
            limit = cut_off(self.as_of, rule["expires"])
            found = [a for a in found if is_after(at(a), limit)]
        count = rule.get("count", "each")
        if count == "each":
            return sum(self.faded(rule, points, a) for a in found)
        if count == "once":
            if len(found) < rule.get("at_least", 1):
                return 0
            return self.faded(rule, points, max(found, key=at))
        if count == "once_per_target":
            return points * len({plain_text(a.get("target")) for a in found})
        return points * len({at(a).date() for a in found})

    def faded(self, rule: Data, points: int, activity: Data) -> int:
        if "decay" not in rule:
            return points
        lapsed = 0
        while lapsed < 100:
            limit = cut_off(self.as_of, rule["decay"]["every"], lapsed + 1)
            if limit is None or limit < at(activity):
                break
            lapsed += 1
        worth = abs(points) * max(Fraction(0), 1 - lapsed * Fraction(rule["decay"]["percent"], 100))
        rounded = int(worth + Fraction(1, 2))
        return rounded if points > 0 else -rounded

    def matching(self, test: Data) -> list[Data]:
        types = [test["type"]] if isinstance(test["type"], str) else test["type"]
        return [a for a in self.counting if a["type"] in types and self.passes(test, a)]

    def passes(self, test: Data, activity: Data) -> bool:
        target = test.get("target")
        mine = plain_text(activity.get("target")) or None
        if target and not holds_for(target["op"], mine, target.get("value"), self.as_of):
            return False
        properties = activity.get("properties") or {}
        return all(
            self.has(properties.get(one["key"]), one) for one in test.get("properties") or ()
        )

    def has(self, value: Any, test: Data) -> bool:
        """The operator chooses the type; another type is empty, but not for ``is_empty``."""
        op = COMPLEMENTS.get(test["op"], test["op"])
        if isinstance(value, str):
            value = plain_text(value) or None
        fits = (
            (op in TEXT and isinstance(value, str))
            or (op in NUMBER and isinstance(value, int | float) and not isinstance(value, bool))
            or (op in BOOLEAN and isinstance(value, bool))
            or op == "is_empty"
        )
        return holds_for(test["op"], value if fits else None, test.get("value"), self.as_of)


def at(activity: Data) -> datetime:
    return instant(activity["occurred_at"])


# --- Section 6: totals, band, grade ------------------------------------------------------------


def clipped(value: int, limits: Data | None) -> int:
    low, high = (limits or {}).get("min"), (limits or {}).get("max")
    value = value if high is None else min(value, high)
    return value if low is None else max(value, low)


def first_reached(value: int, steps: Iterable[Data], name: str) -> str:
    """The first step, of falling ones, whose ``from`` is reached; one without takes all."""
    return next(str(step[name]) for step in steps if "from" not in step or step["from"] <= value)


@dataclass
class Score:
    """``data`` is the result as JSON; ``slots`` a number for every rule of the model."""

    data: Data
    slots: list[int]

    @classmethod
    def of(cls, document: Data, email: str, judge: Judge) -> "Score":
        rules = [rule for group in document["groups"] for rule in group["rules"]]
        worths = {rule["name"]: judge.worth(rule) for rule in rules}
        groups = {
            group["name"]: clipped(
                sum(worths[r["name"]] for r in group["rules"] if not r.get("exclude")),
                group.get("limits"),
            )
            for group in document["groups"]
        }
        sides = {
            side: sum(groups[g["name"]] for g in document["groups"] if g["dimension"] == side)
            for side in ("fit", "interest")
        }
        total = clipped(sum(groups.values()), document.get("limits"))
        excluded = [r["name"] for r in rules if r.get("exclude") and worths[r["name"]]]
        counted = [r["name"] for r in rules if not r.get("exclude") and worths[r["name"]]]
        band = first_reached(total, reversed(document["bands"]), "name")
        data: Data = {
            "contact": email,
            "total": total,
            "band": "excluded" if excluded else band,
            "grade": cls.grade(document, sides),
            "excluded": bool(excluded),
            "dimensions": sides,
            "groups": groups,
            "rules": {name: worths[name] for name in counted},
        }
        return cls(data | ({"excluded_by": excluded} if excluded else {}), list(worths.values()))

    @staticmethod
    def grade(document: Data, sides: dict[str, int]) -> str | None:
        matrix = document.get("matrix")
        if not matrix:
            return None
        return "".join(
            first_reached(sides[side], matrix[side], "grade") for side in ("fit", "interest")
        )
