"""Form fields that triggers, conditions and actions have in common."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from contacts.models import ActivityType
from scoring.criteria.fields import FieldKind
from scoring.criteria.form_fields import (
    Choices,
    Data,
    choice_field,
    operator_label,
    operators_of,
    shown_value,
    text_field,
    typed_value,
)
from scoring.criteria.operators import Takes, names_for, operator
from scoring.criteria.tests import PROPERTY_KINDS, PROPERTY_OPERATORS

# So many tests of properties the form has room for.
PROPERTIES: Final = 3


def activity_types(*named: str) -> Choices:
    """Every type that is known by its name, and those of these slugs that are not."""
    known = [(kind.slug, str(kind)) for kind in ActivityType.objects.all()]
    slugs = {slug for slug, _label in known}
    found = [*known, *((slug, slug) for slug in dict.fromkeys(named) if slug not in slugs)]
    return sorted(found, key=lambda pair: pair[1].casefold())


def property_operators() -> Choices:
    kinds = {name: kind for kind in reversed(PROPERTY_KINDS) for name in names_for(kind)}
    return [
        (name, operator_label(operator(kinds[name], name)))
        for name in PROPERTY_OPERATORS
    ]  # fmt: skip


def takes_of(op: str, kinds: Sequence[FieldKind]) -> Takes:
    kind = next((kind for kind in kinds if op in names_for(kind)), None)
    return operator(kind, op).takes if kind else Takes.TEXT


class PartForm(forms.Form):
    """The fields of one part of an automation.

    ``folded`` are not shown until they are wanted; ``places`` says at which field a fault is
    shown whose place in the document has another name.
    """

    folded: Sequence[str] = ()
    places: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def initial_of(cls, data: Data) -> Data:
        return data

    def given(self, name: str) -> Any:
        """What was sent for a field or, before anything was, what it begins with."""
        if not self.is_bound:
            return self.initial.get(name)
        return self.fields[name].widget.value_from_datadict(
            self.data, self.files, self.add_prefix(name)
        )

    def set_choices(self, name: str, choices: Choices) -> None:
        field: Any = self.fields[name]
        field.choices = choices


class ActivityFields(PartForm):
    """Which activities are meant: a type or several."""

    any_type: bool = False
    folded: Sequence[str] = ("or_types",)
    type = choice_field(_("Activity"), [])
    or_types = forms.MultipleChoiceField(
        label=_("Or one of"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        named = [self.given("type"), *(self.given("or_types") or [])]
        types = activity_types(*(slug for slug in named if slug))
        self.set_choices("or_types", types)
        if self.any_type:
            self.fields["type"].required = False
            types = [("", gettext("Any activity")), *types]
        else:
            types = [("", gettext("Choose…")), *types]
        self.set_choices("type", types)

    def types(self) -> Any:
        """As a document has them: a single one is a text."""
        first, others = self.cleaned_data["type"], self.cleaned_data["or_types"]
        found = list(dict.fromkeys([slug for slug in [first, *others] if slug]))
        return found[0] if len(found) == 1 else found


def types_initial(types: Any) -> Data:
    found = [types] if isinstance(types, str) else list(types or [])
    return {"type": found[0] if found else "", "or_types": found[1:]}


TESTED: Final = tuple(f"properties_{place}" for place in range(PROPERTIES))


class ActivityTestFields(ActivityFields):
    """Also with a target and properties."""

    folded = (
        "or_types",
        "target_op",
        "target_value",
        *(f"{stem}_{end}" for stem in TESTED for end in ("key", "op", "value")),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        ops = [("", "—"), *operators_of(FieldKind.TEXT)]
        self.fields["target_op"] = choice_field(_("The target"), ops, required=False)
        self.fields["target_value"] = text_field(
            _("Target"), help_text=_("A path such as /pricing, a form, a message.")
        )
        properties = [("", "—"), *property_operators()]
        for stem in TESTED:
            self.fields[f"{stem}_key"] = text_field(
                _("Property"), max_length=64, attrs={"placeholder": "amount"}
            )
            self.fields[f"{stem}_op"] = choice_field(
                _("Comparison"), properties, required=False
            )  # fmt: skip
            self.fields[f"{stem}_value"] = text_field(_("Value"))

    def test(self) -> Data:
        """The activity test as a document has it."""
        given = self.cleaned_data
        data: Data = {"type": self.types()}
        if given["target_op"]:
            data["target"] = tested(given["target_op"], given["target_value"], [FieldKind.TEXT])
        properties = [
            {"key": given[f"{stem}_key"]}
            | tested(given[f"{stem}_op"], given[f"{stem}_value"], PROPERTY_KINDS)
            for stem in TESTED
            if given[f"{stem}_key"] or given[f"{stem}_op"]
        ]
        return data | ({"properties": properties} if properties else {})

    def clean(self) -> Data | None:
        cleaned = super().clean()
        if self.cleaned_data.get("target_value") and not self.cleaned_data.get("target_op"):
            self.add_error("target_op", gettext("Choose how the target is compared."))
        return cleaned


def tested(op: str, text: str, kinds: Sequence[FieldKind]) -> Data:
    """An operator with its value, of a comparison with a list one text for each comma."""
    takes = takes_of(op, kinds)
    if takes is Takes.TEXTS:
        text = text.replace(",", "\n")
    value = typed_value(takes, text)
    return {"op": op} | ({} if value is None else {"value": value})


def initial_of_test(data: Mapping[str, Any]) -> Data:
    initial = types_initial(data.get("type"))
    target = data.get("target") or {}
    initial |= {"target_op": target.get("op", ""), "target_value": in_one_line(target.get("value"))}
    for place, test in enumerate(data.get("properties") or []):
        initial |= {
            f"properties_{place}_key": test.get("key", ""),
            f"properties_{place}_op": test.get("op", ""),
            f"properties_{place}_value": in_one_line(test.get("value")),
        }
    return initial


def in_one_line(value: Any) -> str:
    joint = ", " if isinstance(value, list) and any(isinstance(v, str) for v in value) else " "
    return shown_value(value).replace("\n", joint)


def fits_form(data: Any) -> bool:
    """Whether the form can show all of an activity test, and give it back."""
    if not isinstance(data, Mapping):
        return False
    tests = [data.get("target") or {}, *(data.get("properties") or [])]
    values = [test.get("value") for test in tests if isinstance(test, Mapping)]
    texts = [text for value in values if isinstance(value, list) for text in value]
    return len(tests) <= PROPERTIES + 1 and not any("," in str(text) for text in texts)
