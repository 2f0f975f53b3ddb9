"""The forms of conditions: what is known of a contact, what they did, what they did not do."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from contacts.normalise import normalise
from scoring.automations.form_fields import ActivityTestFields, PartForm, fits_form, initial_of_test
from scoring.criteria.fields import Catalogue, Field
from scoring.criteria.form_fields import (
    Choices,
    Data,
    DurationField,
    choice_field,
    lines_field,
    number_field,
    operator_label,
    operators_of,
    shown_value,
    text_field,
    typed_value,
)
from scoring.criteria.operators import Takes, names_for, operator
from scoring.criteria.segments import Segment

GROUPS: Final = (
    ("company.", _("Company")),
    ("attributes.", _("Custom fields")),
    ("", _("Contact")),
)


TYPED: Final = (Takes.TEXT, Takes.TEXTS, Takes.NUMBER, Takes.RANGE)


class ConditionForm(PartForm):
    """What all three have: the test may be turned round."""

    kind: ClassVar[str]
    title: ClassVar[str | Promise]
    icon: ClassVar[str]
    negated = forms.BooleanField(
        label=_("must not be so"), required=False, widget=UnfoldBooleanSwitchWidget
    )

    def __init__(self, catalogue: Catalogue, *args: Any, **options: Any) -> None:
        self.catalogue = catalogue
        super().__init__(*args, **options)
        self.prepare()
        self.order_fields([name for name in self.fields if name != "negated"])

    def prepare(self) -> None:
        """Add the fields that depend on what is chosen in others."""

    def parameters(self) -> Data:
        """The condition as a document has it."""
        return ({"not": True} if self.cleaned_data["negated"] else {}) | self.test_data()

    def test_data(self) -> Data:
        raise NotImplementedError

    @classmethod
    def fits(cls, data: Mapping[str, Any]) -> bool:
        """Whether this form can show all of a condition."""
        raise NotImplementedError


class ProfileForm(ConditionForm):
    """A field, how it is compared, and with what: the latter two follow from the former."""

    kind = "when"
    title = _("What is known of the contact")
    icon = "badge"
    field = choice_field(_("Field"), [], attrs={"data-reshapes": ""})
    op = choice_field(_("Comparison"), [], attrs={"data-reshapes": ""})

    def prepare(self) -> None:
        self.set_choices("field", self.field_choices())
        found = self.found()
        self.set_choices("op", operators_of(found.kind))
        if self.takes() is Takes.NOTHING:
            return
        value = self.given_value()
        self.fields["value"] = chosen = value_field(self.takes(), found, value)
        if self.takes() in TYPED and not found.choices:
            # What is typed while the answer to another choice is on its way must not be lost.
            place = f"id_{self.add_prefix('value')}_{self.takes()}"
            chosen.widget.attrs |= {"id": place, "hx-preserve": "true"}
        if isinstance(value, list) and not self.is_bound:
            is_listed = isinstance(chosen, forms.MultipleChoiceField)
            joint = " " if self.takes() is Takes.RANGE else "\n"
            shown = value if is_listed else joint.join(str(each) for each in value)
            self.initial = {**self.initial, "value": shown}

    def given_value(self) -> Any:
        name = self.add_prefix("value")
        return self.data.get(name, "") if self.is_bound else self.initial.get("value")

    def found(self) -> Field:
        name = self.given("field")
        return self.catalogue.field(name if name in self.catalogue else self.first_field())

    def first_field(self) -> str:
        return "job_title"

    def takes(self) -> Takes:
        names = names_for(self.found().kind)
        op = self.given("op")
        return operator(self.found().kind, op if op in names else names[0]).takes

    def field_choices(self) -> Choices:
        """In groups, so that 23 fields can be overlooked."""
        groups: dict[str, Choices] = {str(label): [] for _start, label in GROUPS}
        for field in self.catalogue.fields:
            label = next(label for start, label in GROUPS if field.id.startswith(start))
            groups[str(label)].append((field.id, capital(field.label)))
        contact = str(GROUPS[-1][1])
        ordered = {contact: groups.pop(contact), **groups}
        found: Choices = [(label, fields) for label, fields in ordered.items() if fields]
        given = self.given("field")
        return found if not given or given in self.catalogue else [(given, given), *found]

    def clean(self) -> Data:
        """Says with the words of the form what a document would be told with ``is_empty``."""
        given: Data = super().clean() or {}
        kind = self.found().kind
        if (
            self.takes() is Takes.TEXT
            and "is_empty" in names_for(kind)
            and not normalise(given.get("value", ""))
            and "value" not in self.errors
        ):
            said = gettext("Write something here, or choose the comparison “%(is_empty)s”.")
            label = operator_label(operator(kind, "is_empty"))
            self.add_error("value", said % {"is_empty": label})
        return given

    @classmethod
    def initial_of(cls, data: Data) -> Data:
        when = data["when"]
        value = when.get("value")
        return {
            "negated": data.get("not", False),
            "field": when.get("field", ""),
            "op": when.get("op", ""),
            "value": value if isinstance(value, list) else shown_value(value),
        }

    def test_data(self) -> Data:
        given = self.cleaned_data
        data = {"field": given["field"], "op": given["op"]}
        value = given.get("value")
        if not isinstance(value, list):
            value = typed_value(self.takes(), value or "")
        return {"when": data | ({} if value is None else {"value": value})}

    @classmethod
    def fits(cls, data: Mapping[str, Any]) -> bool:
        when = data.get("when")
        return isinstance(when, Mapping) and set(when) <= {"field", "op", "value"}


class ActivityForm(ConditionForm, ActivityTestFields):
    kind = "activity"
    title = _("What they did")
    icon = "bolt"
    at_least = number_field(_("Times, at least"), min_value=1, initial=1)
    within = DurationField(
        label=_("Within the last"), required=False, help_text=_("Empty: whenever it was.")
    )
    field_order = ("type", "at_least", "within")

    @classmethod
    def initial_of(cls, data: Data) -> Data:
        return {
            **initial_of_test(data["activity"]),
            "negated": data.get("not", False),
            "at_least": data.get("at_least", 1),
            "within": data.get("within", ""),
        }

    def test_data(self) -> Data:
        given = self.cleaned_data
        return (
            {"activity": self.test()}
            | ({"at_least": given["at_least"]} if given["at_least"] != 1 else {})
            | ({"within": given["within"]} if given["within"] else {})
        )

    @classmethod
    def fits(cls, data: Mapping[str, Any]) -> bool:
        return fits_form(data.get("activity"))


class AbsenceForm(ConditionForm, ActivityTestFields):
    kind = "absent"
    title = _("What they did not do")
    icon = "event_busy"
    duration = DurationField(label=_("For"))
    field_order = ("type", "duration")
    places: ClassVar[Mapping[str, str]] = {"for": "duration"}

    @classmethod
    def initial_of(cls, data: Data) -> Data:
        return {
            **initial_of_test(data["absent"]),
            "negated": data.get("not", False),
            "duration": data.get("for", ""),
        }

    def test_data(self) -> Data:
        return {"absent": self.test(), "for": self.cleaned_data["duration"]}

    @classmethod
    def fits(cls, data: Mapping[str, Any]) -> bool:
        return fits_form(data.get("absent"))


class SegmentForm(ConditionForm):
    """Whoever is in a segment then; what it says is changed on its own page."""

    kind = "segment"
    title = _("Who is in a segment")
    icon = "filter_alt"
    segment = choice_field(_("Segment"), [])

    def prepare(self) -> None:
        choices: Choices = list(Segment.objects.values_list("key", "name"))
        given = self.given("segment")
        if given and not self.is_bound and given not in dict(choices):
            choices = [(given, given), *choices]
        self.set_choices("segment", choices or [("", gettext("There is no segment yet."))])

    def test_data(self) -> Data:
        return {"segment": self.cleaned_data["segment"]}

    @classmethod
    def initial_of(cls, data: Data) -> Data:
        return {"segment": data["segment"], "negated": data.get("not", False)}

    @classmethod
    def fits(cls, data: Mapping[str, Any]) -> bool:
        return isinstance(data.get("segment"), str)


CONDITION_FORMS: Final[dict[str, type[ConditionForm]]] = {
    form.kind: form for form in (ProfileForm, ActivityForm, AbsenceForm, SegmentForm)
}


def capital(text: Any) -> str:
    said = str(text)
    return said[:1].upper() + said[1:]


# 2026-03-31; an instant with its hour is longer, and is typed.
DAY_LENGTH: Final = 10


class DayInput(UnfoldAdminTextInputWidget):
    input_type = "date"


def value_field(takes: Takes, field: Field, value: Any) -> forms.Field:
    """Where the value of a comparison is typed or chosen."""
    label = _("Value")
    if field.choices and takes is Takes.TEXTS:
        return forms.MultipleChoiceField(
            label=label,
            choices=[(choice, choice) for choice in field.choices],
            widget=UnfoldAdminCheckboxSelectMultipleWidget,
            required=False,
        )
    if field.choices and takes is Takes.TEXT:
        return forms.CharField(
            label=label,
            required=False,
            widget=UnfoldAdminSelectWidget(choices=[(each, each) for each in field.choices]),
        )
    if takes is Takes.TEXTS:
        return lines_field(label, help_text=_("One a line."))
    if takes is Takes.DURATION:
        return DurationField(label=label, required=False)
    if takes is Takes.RANGE:
        return text_field(label, attrs={"placeholder": gettext("10 50")}, help_text=_("From, to."))
    if takes is Takes.NUMBER:
        return text_field(label, attrs={"inputmode": "decimal"})
    if takes is Takes.INSTANT and len(str(value or "")) in (0, DAY_LENGTH):
        return forms.CharField(label=label, required=False, widget=DayInput)
    return text_field(label)
