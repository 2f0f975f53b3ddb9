"""A draft as people see it: cards that read as sentences, and what is wrong with each."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext

from contacts.models import CustomField
from contacts.numerals import numeral, signed
from scoring.criteria.differences import audience as audience_words
from scoring.criteria.differences import bands, grades, limits, objective
from scoring.criteria.document import (
    FORMAT,
    DocumentInvalid,
    ModelDocument,
    field_data,
    parse,
    read_field,
)
from scoring.criteria.draft_rows import Data, DraftGroup, DraftRule
from scoring.criteria.drafts import Draft, declaration
from scoring.criteria.faults import Fault, Node
from scoring.criteria.fields import Catalogue, CustomFieldSpec
from scoring.criteria.rules import Rule, read_rule

RULE: Final = re.compile(r"groups\[(\d+)\]\.rules\[(\d+)\]\.?(.*)")
GROUP: Final = re.compile(r"groups\[(\d+)\]\.?(.*)")
PART: Final = re.compile(r"[a-z]+")


def draft_fields(draft: Draft) -> list[CustomFieldSpec]:
    """The custom fields that it may name: those of this installation, and over them its own."""
    installed = [declaration(field) for field in CustomField.objects.all()]
    found = {}
    for data in [*installed, *draft.fields]:
        node = Node(data)
        spec = read_field(node)
        if not node.faults:
            found[spec.key] = spec
    return list(found.values())


def draft_catalogue(draft: Draft) -> Catalogue:
    """The fields that a rule of the draft may test: its own, and those that it may declare."""
    return Catalogue(draft_fields(draft))


@dataclass
class RuleCard:
    row: DraftRule
    rule: Rule | None
    said: str
    faults: list[str] = field(default_factory=list)
    is_first: bool = False
    is_last: bool = False

    @property
    def tone(self) -> str:
        if self.row.exclude:
            return "excludes"
        return "takes" if (self.row.points or 0) < 0 else "gives"

    @property
    def badge(self) -> str:
        if self.row.exclude:
            return gettext("excludes")
        return "?" if self.row.points is None else signed(self.row.points)

    @property
    def slot(self) -> str:
        return f"rule{self.row.pk}"

    @property
    def is_counted(self) -> bool:
        """Whether it is a part of the document: itself and its group are on."""
        return self.row.enabled and self.row.group.enabled


@dataclass
class GroupCard:
    row: DraftGroup
    limits: str
    rules: list[RuleCard]
    faults: list[str] = field(default_factory=list)
    is_first: bool = False
    is_last: bool = False

    @property
    def slot(self) -> str:
        return f"group{self.row.pk}"


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of the draft, and where it can be put right."""

    anchor: str
    text: str


@dataclass
class Board:
    """The whole draft; ``document`` is None where it has faults."""

    draft: Draft
    catalogue: Catalogue
    groups: list[GroupCard]
    document: ModelDocument | None
    problems: list[Problem] = field(default_factory=list)
    # The faults of what is beside the groups, by the name of the part.
    part_faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, draft: Draft) -> "Board":
        catalogue = draft_catalogue(draft)
        rows = list(draft.groups.prefetch_related("rules"))
        board = cls(draft, catalogue, [group_card(row, catalogue) for row in rows], None)
        mark_ends(board.groups)
        try:
            on = [row.as_data() for row in rows if row.enabled]
            board.document = parse(draft.data_with(on))
        except DocumentInvalid as invalid:
            for fault in invalid.faults:
                board.note(fault)
        return board

    def cards(self) -> Iterator[RuleCard]:
        for group in self.groups:
            yield from group.rules

    @property
    def taking(self) -> list[RuleCard]:
        return [card for card in self.cards() if card.tone == "takes"]

    @property
    def excluding(self) -> list[RuleCard]:
        return [card for card in self.cards() if card.tone == "excludes"]

    def note(self, fault: Fault) -> None:
        """A fault of the document at the card that it is about, and at the top."""
        groups = [group for group in self.groups if group.row.enabled]
        if found := RULE.match(fault.path):
            group = groups[int(found[1])]
            on = [card for card in group.rules if card.row.enabled]
            card = on[int(found[2])]
            self.point_at(card, card.slot, str(card.row), found[3], fault.message)
        elif found := GROUP.match(fault.path):
            group = groups[int(found[1])]
            self.point_at(group, group.slot, str(group.row), found[2], fault.message)
        else:
            name = part_of(fault.path)
            text = f"{fault.path}: {fault.message}" if fault.path else fault.message
            self.part_faults[name].append(text)
            self.problems.append(Problem(f"part-{name}", text))

    def point_at(
        self, card: RuleCard | GroupCard, slot: str, name: str, place: str, message: str
    ) -> None:
        text = f"{place}: {message}" if place else message
        card.faults.append(text)
        said = gettext("“%(name)s”: %(fault)s") % {"name": name, "fault": text}
        self.problems.append(Problem(f"card-{slot}", said))

    # --- What is beside the groups -----------------------------------------------------------

    @property
    def parts(self) -> list["PartCard"]:
        draft, said = self.draft, self.words()
        titles = {
            "bands": gettext("Bands"),
            "limits": gettext("Limits of the total"),
            "matrix": gettext("Matrix of grades"),
            "audience": gettext("Audience"),
            "objective": gettext("What counts as success"),
        }
        if draft.fields:
            titles["fields"] = gettext("Custom fields")
        return [
            PartCard(name, title, said.get(name, ""), self.part_faults.get(name, []))
            for name, title in titles.items()
        ]

    def words(self) -> dict[str, str]:
        """The parts in words; of a draft with faults those that can be read without."""
        readable = self.document or readable_parts(self.draft)
        fields = ", ".join(str(each.get("label") or each.get("key")) for each in self.draft.fields)
        if readable is None:
            return {"fields": fields}
        return {
            "bands": bands(readable),
            "limits": limits(readable.limits),
            "audience": audience_words(readable),
            "objective": objective(readable.objective),
            "matrix": grades(readable),
            "fields": fields,
        }


@dataclass(frozen=True, slots=True)
class PartCard:
    name: str
    title: str
    said: str
    faults: list[str]

    @property
    def slot(self) -> str:
        return f"part-{self.name}"


def group_card(row: DraftGroup, catalogue: Catalogue) -> GroupCard:
    cards = [rule_card(rule, catalogue) for rule in row.rules.all()]
    mark_ends(cards)
    limit = ", ".join(limit_words(row.limits))
    return GroupCard(row, limit, cards)


def rule_card(row: DraftRule, catalogue: Catalogue) -> RuleCard:
    node = Node(row.as_data())
    rule = read_rule(node, catalogue)
    if node.faults:
        return RuleCard(row, None, gettext("This rule cannot be read yet."))
    return RuleCard(row, rule, rule.sentence(catalogue))


def limit_words(data: Data) -> list[str]:
    said = []
    if data.get("min") is not None:
        said.append(gettext("at least %(points)s") % {"points": numeral(data["min"])})
    if data.get("max") is not None:
        said.append(gettext("at most %(points)s") % {"points": numeral(data["max"])})
    return said


def mark_ends(cards: list[Any]) -> None:
    if cards:
        cards[0].is_first = cards[-1].is_last = True


def part_of(path: str) -> str:
    found = PART.match(path)
    return found[0] if found else "draft"


def readable_parts(draft: Draft) -> ModelDocument | None:
    """The draft without its groups and scenarios, where that can be read."""
    data = draft.data_with([])
    data["scenarios"] = []
    try:
        return parse(data)
    except DocumentInvalid:
        return None


def audience_of(draft: Draft) -> ModelDocument | None:
    """The draft without any rule, to count one by; None where its audience cannot be read."""
    data: Data = {"format": FORMAT, "name": "-", "groups": [], "bands": [{"name": "-"}]}
    data["fields"] = [field_data(spec) for spec in draft_fields(draft)]
    if draft.audience:
        data["audience"] = draft.audience
    try:
        return parse(data)
    except DocumentInvalid:
        return None


def measurable(board: Board) -> ModelDocument | None:
    """The rules that can be read, for the numbers beside them; None where none of it can be."""
    if board.document is not None:
        return board.document
    draft = board.draft
    data = draft.data_with(
        [
            group.row.as_data()
            | {"rules": [c.row.as_data() for c in group.rules if c.row.enabled and not c.faults]}
            for group in board.groups
            if group.row.enabled and not group.faults
        ]
    )
    data |= {"scenarios": [], "bands": [{"name": "-"}], "matrix": None, "limits": {}}
    try:
        return parse({key: value for key, value in data.items() if value is not None})
    except DocumentInvalid:
        return None
