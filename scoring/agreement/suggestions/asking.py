"""The form in which a criterion is suggested: in words, or as a rule put together from lists."""

from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from contacts.normalise import normalise
from contacts.values import Wrong
from scoring.agreement.suggestions.models import REASON_MOST
from scoring.automations.admin.builder import Part
from scoring.automations.admin.condition_forms import ActivityForm, ProfileForm
from scoring.criteria.faults import LONGEST_NAME, Node
from scoring.criteria.fields import Catalogue
from scoring.criteria.form_fields import choice_field, number_field, text_field
from scoring.criteria.rules import MOST_POINTS, read_rule
from scoring.criteria.values import clean_text

Data = dict[str, Any]
WORDS: Final = "words"
WHO: Final = "who"
DID: Final = "did"
ABOUT: Final = [
    (WORDS, gettext_lazy("I say it in words")),
    (WHO, gettext_lazy("who they are")),
    (DID, gettext_lazy("what they did")),
]
EFFECTS: Final = [
    ("gives", gettext_lazy("gives points")),
    ("takes", gettext_lazy("takes points")),
    ("excludes", gettext_lazy("takes them out of the scoring")),
]
SHOWN: Final = {
    WHO: ("field", "op", "value"),
    DID: ("type", "target_op", "target_value", "at_least", "within"),
}


class SuggestionForm(forms.Form):
    title = text_field(
        gettext_lazy("Criterion"),
        required=True,
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("In a few words, as in “Asked for an offer at a fair”."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=REASON_MOST,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=gettext_lazy("What have you seen? Marketing decides by it."),
    )

    def clean(self) -> Data:
        """What no database keeps is refused here; a text of blanks is none."""
        cleaned: Data = super().clean() or {}
        for name in ("title", "reason"):
            if name in cleaned:
                try:
                    cleaned[name] = clean_text(cleaned[name].strip())
                except Wrong as wrong:
                    self.add_error(name, str(wrong))
                else:
                    if not normalise(cleaned[name]):
                        self.add_error(name, _("Write something here."))
        return cleaned


class RuleForm(forms.Form):
    """What the rule looks at, and what it is worth."""

    about = choice_field(
        gettext_lazy("It looks at"), ABOUT, attrs={"data-reshapes": ""}, initial=WORDS
    )
    # Not sent where words are enough.
    effect = choice_field(
        gettext_lazy("It"), EFFECTS, attrs={"data-reshapes": ""}, initial="gives", required=False
    )
    points = number_field(
        gettext_lazy("Points"), min_value=1, max_value=MOST_POINTS, initial=10, required=False
    )


class Asking:
    """All of one suggestion. ``needs_rule``: words alone will not do.

    ``reshapes``: what was sent only asks for other fields; those that were not there yet begin
    with what they usually begin with, and nothing is looked at.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        post: QueryDict | None = None,
        initial: Data | None = None,
        *,
        needs_rule: bool = False,
        reshapes: bool = False,
    ) -> None:
        self.catalogue = catalogue
        self.form = SuggestionForm(post, initial=initial)
        first = {"about": WHO} if needs_rule else {}
        self.rule_form = RuleForm(post, initial=first, prefix="rule")
        if reshapes:
            self.rule_form = begun(self.rule_form)
        if needs_rule:
            about: Any = self.rule_form.fields["about"]
            about.choices = ABOUT[1:]
        given = self.rule_form["about"].value()
        self.about = given if given in dict(about_choices(self.rule_form)) else WORDS
        if needs_rule and self.about == WORDS:
            self.about = WHO
        is_there = post is not None and any(name.startswith(f"{self.about}-") for name in post)
        self.part = self.part_of(post if is_there or not reshapes else None)

    def part_of(self, post: QueryDict | None) -> Part | None:
        if self.about == WHO:
            who = {"field": "job_title", "op": "contains"}
            form: Any = ProfileForm(self.catalogue, post, initial=who, prefix=WHO)
            return Part(WHO, ProfileForm.kind, form)
        if self.about == DID:
            return Part(DID, ActivityForm.kind, ActivityForm(self.catalogue, post, prefix=DID))
        return None

    @property
    def shown(self) -> list[Any]:
        """The fields of the test, unchecked until the whole is."""
        if self.part is None:
            return []
        form = self.part.shown
        return [form[name] for name in SHOWN[self.about] if name in form.fields]

    @property
    def excludes(self) -> bool:
        return bool(self.rule_form["effect"].value() == "excludes")

    @property
    def problems(self) -> list[str]:
        """What is wrong with the rule as a whole."""
        return self.part.faults if self.part else []

    def check(self) -> Data | None:
        """Title, reason and rule; None where something is wrong, said at its field."""
        sound = self.form.is_valid() & self.rule_form.is_valid()
        if self.part is not None:
            self.part.checked = True
            sound &= self.part.form.is_valid()
        if not sound:
            return None
        found = {name: self.form.cleaned_data[name] for name in ("title", "reason")}
        rule = self.rule()
        if rule is None:
            return {**found, "rule": None} if self.part is None else None
        root = Node({"name": found["title"]} | rule)
        read_rule(root, self.catalogue)
        for fault in root.faults:
            if self.part is not None:
                self.part.fault(fault.path, fault.message)
        return None if root.faults else {**found, "rule": rule}

    def rule(self) -> Data | None:
        """As in a document, without its name."""
        if self.part is None:
            return None
        given = self.rule_form.cleaned_data
        if given["effect"] == "excludes":
            worth: Data = {"exclude": True}
        elif given["points"] is None:
            self.rule_form.add_error("points", _("How many points?"))
            return None
        else:
            worth = {"points": -given["points"] if given["effect"] == "takes" else given["points"]}
        test = self.part.form.parameters()
        if self.about == WHO:
            return worth | {"when": test["when"]}
        within = {"expires": test["within"]} if "within" in test else {}
        times = {"at_least": test["at_least"]} if "at_least" in test else {}
        return worth | {"activity": test["activity"], "count": "once"} | times | within


def begun(form: RuleForm) -> RuleForm:
    """The same with nothing looked at yet."""
    sent = {name for name in form.fields if form.add_prefix(name) in form.data}
    return RuleForm(initial={name: form[name].value() for name in sent}, prefix="rule")


def about_choices(form: RuleForm) -> list[tuple[str, Any]]:
    field: Any = form.fields["about"]
    return list(field.choices)
