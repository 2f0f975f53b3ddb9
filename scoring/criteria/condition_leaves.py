"""One test of a condition as a person edits it: field, comparison, and a value that fits both.

What is typed is kept as the plain data of a document, right or wrong; whether it will do is
for the reader of documents to say. A value that no field of a form can hold unharmed, such as
a text with a line break, is typed as the document writes it.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from contacts.normalise import normalise
from scoring.criteria.condition_values import (
    TAKES,
    Shape,
    blank,
    read_shape,
    render_shape,
    shape_of,
)
from scoring.criteria.fields import Catalogue, Field
from scoring.criteria.form_fields import Choices, Data, operator_label, operators_of
from scoring.criteria.operators import REGISTRY, Takes, names_for, operator

FIRST_FIELD: Final = "job_title"
FIRST_OPERATOR: Final = "contains"
GROUPS: Final = (
    ("company.", _("Company")),
    ("attributes.", _("Custom fields")),
    ("", _("Contact")),
)
OPERATORS: Final = {name for _kind, name in REGISTRY}


def capital(text: Any) -> str:
    said = str(text)
    return said[:1].upper() + said[1:]


def field_choices(catalogue: Catalogue) -> Choices:
    """The fields in groups, those of the contact first."""
    groups: dict[str, Choices] = {start: [] for start, _label in GROUPS}
    for each in catalogue.fields:
        start = next(start for start, _label in GROUPS if each.id.startswith(start))
        groups[start].append((each.id, capital(each.label)))
    labels = dict(GROUPS)
    return [(str(labels[start]), groups[start]) for start in sorted(groups) if groups[start]]


@dataclass
class TreePart:
    """What tests and groups have in common; ``negations`` counts the ``not`` around it."""

    prefix: str
    id: str
    negations: int = 0
    faults: dict[str, list[str]] = field(default_factory=dict)
    # Which of its fields or buttons has the focus when the page comes back.
    focus: str = ""

    is_group = False

    def name(self, what: str) -> str:
        return f"{self.prefix}-{self.id}-{what}"

    @property
    def entry(self) -> str:
        """Kind, and how often it is turned round beyond once: twice is shown, and kept."""
        return f"{'group' if self.is_group else 'leaf'}:{self.more_negations}"

    @property
    def is_negated(self) -> bool:
        return bool(self.negations % 2)

    @property
    def more_negations(self) -> int:
        return self.negations - self.negations % 2

    def attributes(self, what: str, label: str, fault_at: str = "") -> Data:
        """What every field of the form has; ``fault_at`` where its faults have another name."""
        attrs: Data = {"id": self.name(what), "aria-label": label}
        if self.faults.get(fault_at or what):
            attrs |= {"aria-invalid": "true", "aria-describedby": self.name("faults")}
        if self.focus == what:
            attrs["autofocus"] = True
        return attrs

    def negated(self, data: Data) -> Data:
        for _each in range(self.negations):
            data = {"not": data}
        return data

    @property
    def faults_here(self) -> list[str]:
        """Those that no field of the form shows."""
        return [text for place, texts in self.faults.items() if not place for text in texts]

    def fault(self, place: str, message: str) -> None:
        self.faults.setdefault(place, []).append(capital(message))


@dataclass
class LeafPart(TreePart):
    """A test: what was chosen and typed, as a document has it."""

    catalogue: Catalogue = field(default_factory=Catalogue)
    field: str = FIRST_FIELD
    op: str = FIRST_OPERATOR
    value: Any = ""
    # The field was changed, and a comparison put in its place that nobody chose.
    was_replaced: bool = False

    # --- Where it comes from -------------------------------------------------------------------

    @classmethod
    def of_data(cls, data: Mapping[str, Any], **known: Any) -> "LeafPart":
        return cls(
            field=str(data.get("field", FIRST_FIELD)),
            op=str(data.get("op", FIRST_OPERATOR)),
            value=data.get("value", ""),
            **known,
        )

    @classmethod
    def of_post(cls, post: QueryDict, **known: Any) -> "LeafPart":
        leaf = cls(**known)
        leaf.field = post.get(leaf.name("field"), "")
        leaf.op = post.get(leaf.name("op"), "")
        shown_as, _colon, former = post.get(leaf.name("as"), "").partition(":")
        shape = Shape(shown_as) if shown_as in set(Shape) else Shape.TEXT
        leaf.value = read_shape(shape, leaf.name, post)
        leaf.fit(shape, former)
        if post.get(leaf.name("not")):
            leaf.negations += 1
        return leaf

    def fit(self, shape: Shape, former: str) -> None:
        """Where another field or comparison was chosen: what does not go with it is replaced."""
        found = self.known_field
        if found is None:
            return
        if self.op in OPERATORS and self.op not in names_for(found.kind):
            self.op = names_for(found.kind)[0]
            self.was_replaced = True
        changed = former in self.catalogue and former != self.field
        if changed and not alike(self.catalogue.field(former), found):
            self.value = blank(self.takes)
        elif shape is not Shape.RAW:
            self.value = converted(self.value, TAKES[shape], self.takes)
        elif isinstance(self.value, list) is not (self.takes in (Takes.TEXTS, Takes.RANGE)):
            self.value = blank(self.takes)

    # --- What it is ----------------------------------------------------------------------------

    @property
    def known_field(self) -> Field | None:
        return self.catalogue.field(self.field) if self.field in self.catalogue else None

    @property
    def takes(self) -> Takes:
        with suppress(KeyError):
            return operator(self.catalogue.field(self.field).kind, self.op).takes
        return Takes.TEXT

    @property
    def shape(self) -> Shape:
        return shape_of(self.takes, self.value, self.choices)

    @property
    def choices(self) -> tuple[str, ...]:
        return self.known_field.choices if self.known_field else ()

    def data(self) -> Data:
        found: Data = {"field": self.field, "op": self.op}
        if self.takes is not Takes.NOTHING:
            found["value"] = self.value
        return self.negated(found)

    def reworded(self, message: str) -> str:
        """A fault of the value in the words of a form, where a document is told of operators."""
        kind = self.known_field.kind if self.known_field else None
        is_blank = isinstance(self.value, str) and not normalise(self.value)
        if self.takes is Takes.TEXT and is_blank and kind and "is_empty" in names_for(kind):
            said = gettext("Write something here, or choose the comparison “%(is_empty)s”.")
            return said % {"is_empty": operator_label(operator(kind, "is_empty"))}
        if self.takes is Takes.TEXTS and self.value == []:
            return gettext("Name at least one, each on a line of its own.")
        if self.takes is Takes.NUMBER and isinstance(self.value, str):
            return gettext("Write a number here, such as 50 or 0.5.")
        if self.takes is Takes.RANGE and any(isinstance(end, str) for end in self.value):
            return gettext("Write a number at both ends.")
        return message

    # --- What a page shows ---------------------------------------------------------------------

    @property
    def shown_as(self) -> str:
        return f"{self.shape}:{self.field}"

    @property
    def field_select(self) -> SafeString:
        choices = field_choices(self.catalogue)
        if self.known_field is None:
            choices = [(self.field, self.field or gettext("Choose…")), *choices]
        sought = {"data-sought": gettext("No field is called so")}
        return self.select("field", choices, self.field, gettext("Field"), **sought)

    @property
    def op_select(self) -> SafeString:
        found = self.known_field
        choices = operators_of(found.kind) if found else []
        if self.op not in dict(choices):
            choices = [(self.op, self.op), *choices]
        return self.select("op", choices, self.op, gettext("Comparison"))

    def select(
        self, what: str, choices: Choices, value: str, label: str, **more: str
    ) -> SafeString:
        attrs = self.attributes(what, label) | {"data-reshapes": ""} | more
        return UnfoldAdminSelectWidget(choices=choices).render(self.name(what), value, attrs)

    @property
    def value_fields(self) -> SafeString:
        return render_shape(self, self.shape)

    def text_input(self, what: str, value: Any, label: str, **attrs: Any) -> SafeString:
        given = self.attributes(what, label, "value") | {"autocomplete": "off"} | attrs
        return UnfoldAdminTextInputWidget().render(self.name(what), value, given)

    def text_offering(self, what: str, value: Any, label: str, **attrs: Any) -> SafeString:
        """A text that other contacts may have: with their values to choose from."""
        offered = self.name("offered")
        query = urlencode({"field": self.field, "of": self.name(what)})
        attrs |= {
            "list": offered,
            "hx-get": f"{reverse('admin:scoring_condition_values')}?{query}",
            "hx-trigger": "focus once, input changed delay:250ms",
            "hx-target": f"#{offered}",
            "hx-swap": "innerHTML",
            "hx-sync": "this:replace",
        }
        shown = self.text_input(what, value, label, **attrs)
        return format_html('{}<datalist id="{}"></datalist>', shown, offered)

    @property
    def field_faults(self) -> list[str]:
        return [text for place, texts in self.faults.items() if place for text in texts]


def alike(former: Field, latter: Field) -> bool:
    """Whether what was typed for one field may be meant for the other too."""
    return former.kind is latter.kind and not former.choices and not latter.choices


def converted(value: Any, former: Takes, takes: Takes) -> Any:
    """What was typed for one comparison as another one takes it, where that has a sense."""
    match former, takes:
        case same, other if same is other:
            return value
        case (Takes.TEXT, Takes.TEXTS):
            return [value] if value else []
        case (Takes.NUMBER, Takes.RANGE):
            return [value, ""]
        case (Takes.TEXTS | Takes.RANGE, Takes.TEXT | Takes.NUMBER) if value:
            return value[0]
    return blank(takes)
