"""The forms of what is beside the groups: bands, limits, matrix, audience, objective, fields."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scoring.agreement.editor.activity_part import ActivityPart
from scoring.agreement.editor.groups import check_ends, limits_of
from scoring.criteria.condition_tree import ConditionTree
from scoring.criteria.drafts import Draft
from scoring.criteria.faults import LARGEST, Fault, Node
from scoring.criteria.fields import LIFECYCLES, Catalogue
from scoring.criteria.form_fields import Data, as_number, choice_field, number_field
from scoring.criteria.structure import (
    MOST_STARTS,
    read_bands,
    read_grades,
    read_objective,
)

STEP: Final = re.compile(r"\[(\d+)\]\.?(.*)")


class Part(ABC):
    """One of them as a form: from the draft or from what was sent, checked, then stored."""

    name: ClassVar[str]
    template: ClassVar[str]

    def __init__(self, draft: Draft, catalogue: Catalogue, post: QueryDict | None = None) -> None:
        self.draft, self.catalogue, self.post = draft, catalogue, post
        self.slot = f"part-{self.name}"
        self.faults: list[str] = []
        self.prepare()

    @classmethod
    @abstractmethod
    def stored(cls, draft: Draft) -> Any:
        """As the draft has it."""

    @abstractmethod
    def prepare(self) -> None:
        """Make the fields."""

    @abstractmethod
    def check(self) -> bool:
        """Whether it may be stored; every fault is at its field otherwise."""

    @abstractmethod
    def data(self) -> Any:
        """As the draft will have it; only of what was checked."""

    def store(self, draft: Draft) -> None:
        setattr(draft, self.name, self.data())


@dataclass
class Step:
    """A band or grade as it is typed."""

    label: str = ""
    start: str = ""
    faults: dict[str, list[str]] = field(default_factory=dict)

    def data(self, naming: str) -> Data:
        start = self.start.strip()
        return {naming: self.label.strip()} | ({"from": as_number(start)} if start else {})


@dataclass
class Steps:
    """A list of bands or grades; ``open_first``: the one without a start is the first."""

    stem: str
    naming: str
    title: str
    open_first: bool
    rows: list[Step]
    faults: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls, stem: str, naming: str, title: str, stored: list[Data], post: QueryDict | None
    ) -> "Steps":
        rows = [Step(str(each.get(naming, "")), text_of(each.get("from"))) for each in stored]
        if post is not None:
            given = zip(post.getlist(f"{stem}-name"), post.getlist(f"{stem}-from"), strict=False)
            rows = [Step(*each) for each in given if any(text.strip() for text in each)]
        return cls(stem, naming, title, naming == "name", rows[: MOST_STARTS + 1])

    def data(self) -> list[Data]:
        return [row.data(self.naming) for row in self.rows]

    def check(self, read: Callable[[Node], object]) -> bool:
        root = Node(self.data())
        read(root)
        for fault in root.faults:
            self.note(fault)
        return not root.faults

    def note(self, fault: Fault) -> None:
        found = STEP.match(fault.path)
        if found is None or int(found[1]) >= len(self.rows):
            self.faults.append(gettext("At least one is needed."))
            return
        row, place = self.rows[int(found[1])], found[2]
        message = capfirst(fault.message)
        if place == "from" and not row.start.strip():
            message = gettext("Say from how many points on.")
        row.faults.setdefault("from" if place == "from" else "name", []).append(message)


def text_of(number: Any) -> str:
    return "" if number is None else str(number)


class BandsPart(Part):
    name = "bands"
    template = "steps_form"

    @classmethod
    def stored(cls, draft: Draft) -> Any:
        return [band.as_data() for band in draft.bands.all()]

    def prepare(self) -> None:
        title = gettext("Bands, from the lowest to the highest")
        self.lists = [Steps.of("bands", "name", title, self.stored(self.draft), self.post)]

    def check(self) -> bool:
        return self.lists[0].check(read_bands)

    def data(self) -> Any:
        return self.lists[0].data()

    def store(self, draft: Draft) -> None:
        draft.put_bands(self.data())


class MatrixPart(Part):
    name = "matrix"
    template = "steps_form"

    @classmethod
    def stored(cls, draft: Draft) -> Any:
        return draft.matrix

    def prepare(self) -> None:
        stored = self.stored(self.draft) or {}
        titles = {
            "fit": gettext("Grades of fit, the best first"),
            "interest": gettext("Grades of interest, the best first"),
        }
        self.lists = [
            Steps.of(side, "grade", title, stored.get(side, []), self.post)
            for side, title in titles.items()
        ]

    def check(self) -> bool:
        if not any(steps.rows for steps in self.lists):
            return True
        # Both, so that every fault is shown.
        right = [steps.check(read_grades) for steps in self.lists]
        return all(right)

    def data(self) -> Any:
        if not any(steps.rows for steps in self.lists):
            return None
        return {steps.stem: steps.data() for steps in self.lists}


class LimitsForm(forms.Form):
    min = number_field(
        _("At least so many points"), required=False, min_value=-LARGEST, max_value=LARGEST
    )
    max = number_field(
        _("At most so many points"), required=False, min_value=-LARGEST, max_value=LARGEST
    )

    def clean(self) -> None:
        check_ends(self)


class LimitsPart(Part):
    name = "limits"
    template = "limits_form"

    @classmethod
    def stored(cls, draft: Draft) -> Any:
        return draft.limits

    def prepare(self) -> None:
        initial = self.stored(self.draft)
        self.form = LimitsForm(self.post, initial=initial, auto_id=f"{self.slot}-%s")

    def check(self) -> bool:
        return self.form.is_valid()

    def data(self) -> Any:
        return limits_of(self.form.cleaned_data)


class AudiencePart(Part):
    name = "audience"
    template = "audience_form"

    @classmethod
    def stored(cls, draft: Draft) -> Any:
        return draft.audience

    def prepare(self) -> None:
        if self.post is not None:
            self.tree = ConditionTree.of_post(self.slot, self.post, self.catalogue)
        else:
            self.tree = ConditionTree.of_data(self.slot, self.stored(self.draft), self.catalogue)

    def check(self) -> bool:
        return self.tree.data() is None or self.tree.check() is not None

    def data(self) -> Any:
        return self.tree.data()


class ObjectiveForm(forms.Form):
    what = choice_field(
        _("Success is"),
        [
            ("", _("not said")),
            ("deal", _("a deal that is won")),
            ("lifecycle", _("that they reach a stage")),
            ("activity", _("that they do something")),
        ],
        required=False,
    )
    lifecycle = choice_field(
        _("Stage"), [("", "—"), *((each, each) for each in LIFECYCLES)], required=False
    )


class ObjectivePart(Part):
    name = "objective"
    template = "objective_form"

    @classmethod
    def stored(cls, draft: Draft) -> Any:
        return draft.objective

    def prepare(self) -> None:
        stored = self.stored(self.draft) or {}
        initial = {"what": next(iter(stored), ""), "lifecycle": stored.get("lifecycle", "")}
        self.form = ObjectiveForm(self.post, initial=initial, auto_id=f"{self.slot}-%s")
        self.activity = (
            ActivityPart.of_data(self.slot, stored.get("activity") or {})
            if self.post is None
            else ActivityPart.of_post(self.slot, self.post)
        )

    def check(self) -> bool:
        if not self.form.is_valid():
            return False
        if self.data() is None:
            return True
        root = Node(self.data())
        read_objective(root)
        for fault in root.faults:
            if fault.path == "lifecycle":
                self.form.add_error("lifecycle", gettext("Choose the stage."))
            elif not self.activity.note(
                fault.path.removeprefix("activity."), capfirst(fault.message)
            ):
                self.faults.append(fault.message)
        return not root.faults

    def data(self) -> Any:
        what = self.form.cleaned_data["what"]
        values = {
            "deal": "won",
            "lifecycle": self.form.cleaned_data["lifecycle"],
            "activity": self.activity.data(),
        }
        return {what: values[what]} if what else None


class FieldsPart(Part):
    """The declared custom fields: those that nothing uses any more can be taken out."""

    name = "fields"
    template = "fields_form"

    @classmethod
    def stored(cls, draft: Draft) -> Any:
        return draft.fields

    def prepare(self) -> None:
        used = set(self.draft.used_keys())
        self.declared = [(each, each.get("key") in used) for each in self.stored(self.draft)]

    def check(self) -> bool:
        return True

    def data(self) -> Any:
        kept = self.post.getlist("keep") if self.post is not None else []
        return [each for each, is_used in self.declared if is_used or each.get("key") in kept]


PARTS: Final[dict[str, type[Part]]] = {
    part.name: part
    for part in (BandsPart, LimitsPart, MatrixPart, AudiencePart, ObjectivePart, FieldsPart)
}
