"""The form of one rule: everything that a document can say of it, without a document.

A rule that the form could not give back as it is, is kept as text and never lost: whether it
fits is found out by putting it in and taking it out again.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final, Self

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from scoring.agreement.editor.activity_part import ActivityPart
from scoring.criteria.condition_tree import ConditionTree
from scoring.criteria.faults import LONGEST_NAME, Node
from scoring.criteria.fields import Catalogue
from scoring.criteria.form_fields import (
    Data,
    DurationField,
    DurationWidget,
    choice_field,
    number_field,
    text_field,
)
from scoring.criteria.rules import MOST_POINTS, Rule, read_rule

# The key of the test in a document -> what a person calls it, and its symbol.
KINDS: Final[dict[str, tuple[Any, str]]] = {
    "when": (_("Who they are"), "badge"),
    "activity": (_("What they did"), "bolt"),
    "absent": (_("What they did not do"), "event_busy"),
}
# Of whom the slider moves; the field beside it goes to MOST_POINTS.
SLIDER: Final = 100
COUNTS: Final = [
    ("each", _("each time")),
    ("once", _("once, however often")),
    ("once_per_target", _("once for each different target")),
    ("once_per_day", _("once a day")),
]
LONGEST_NOTE: Final = 2000
# Of a rule in a document, what is not its test.
WORTH: Final = ("name", "points", "exclude")
# Of a new rule, to be changed.
FIRST_POINTS: Final = 10
# A field of one line would lose it.
LINE_BREAK: Final = re.compile(r"(?<!\\)(?:\\\\)*\\[nr]")
# The place of a fault in a rule of a document -> the field of the form.
PLACES: Final = {"decay.percent": "percent", "decay.every": "every", "decay": "percent"}


class WorthForm(forms.Form):
    """What every rule has: a name, points or that it excludes, and why it is there."""

    name = text_field(_("Name"), required=False, max_length=LONGEST_NAME)
    points = number_field(
        _("Points"), required=False, min_value=-MOST_POINTS, max_value=MOST_POINTS
    )
    exclude = forms.BooleanField(
        label=_("Takes the contact out of the scoring instead"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    note = forms.CharField(
        label=_("Why this rule is there"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=UnfoldAdminTextareaWidget({"rows": 2}),
    )

    def worth(self) -> Data:
        given = self.cleaned_data
        if given.get("exclude"):
            return {"exclude": True}
        return {} if given.get("points") is None else {"points": given["points"]}


class LengthForm(forms.Form):
    """A form with durations: the number of each is called as the field is."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for each in self.fields.values():
            if isinstance(each.widget, DurationWidget):
                each.widget.widgets[0].attrs["aria-label"] = each.label


class CountForm(LengthForm):
    """What goes with an activity test: how it counts, fades and ends."""

    count = choice_field(_("Counts"), COUNTS, required=False)
    at_least = number_field(_("If it happened at least so many times"), required=False, min_value=1)
    limit = number_field(_("At most so many points in all"), required=False, min_value=1)
    percent = number_field(_("Fades by percent"), required=False, min_value=1, max_value=100)
    every = DurationField(label=_("At the end of each"), required=False)
    expires = DurationField(label=_("Forgotten after"), required=False)

    @classmethod
    def initial_of(cls, data: Data) -> Data:
        names = ("at_least", "limit", "expires")
        decay = data.get("decay") or {}
        return {
            "count": data.get("count", "each"),
            **{name: data.get(name) for name in names},
            **{name: decay.get(name) for name in ("percent", "every")},
        }

    def riders(self, *, excludes: bool) -> Data:
        """As a document has them; what does not go with the way of counting is not asked."""
        given = self.cleaned_data
        count = "once" if excludes else given.get("count") or "each"
        data: Data = {} if count == "each" else {"count": count}
        if count == "once" and given.get("at_least") not in (None, 1):
            data["at_least"] = given["at_least"]
        if given.get("expires"):
            data["expires"] = given["expires"]
        decay = {name: given[name] for name in ("percent", "every") if given.get(name)}
        if decay and count in ("each", "once") and not excludes:
            data["decay"] = decay
        if given.get("limit") and count != "once":
            data["limit"] = given["limit"]
        return data


class AbsenceForm(LengthForm):
    """For how long they did not do it."""

    duration = DurationField(label=_("For"), required=False)


COUNTING: Final[dict[str, type[forms.Form]]] = {"activity": CountForm, "absent": AbsenceForm}


@dataclass
class RuleForm:
    """One rule being written; ``kept`` is a test that the fields cannot show."""

    slot: str
    kind: str
    catalogue: Catalogue
    worth: WorthForm
    counting: forms.Form | None = None
    activity: ActivityPart | None = None
    tree: Any = None
    kept: Data | None = None
    faults: list[str] = field(default_factory=list)

    # --- Where it comes from -----------------------------------------------------------------

    @classmethod
    def blank(cls, slot: str, kind: str, catalogue: Catalogue) -> Self:
        return cls.filled(slot, kind, catalogue, {"points": FIRST_POINTS}, {})

    @classmethod
    def of_data(cls, slot: str, data: Data, note: str, catalogue: Catalogue) -> Self:
        """From a rule as a document has it, right or wrong."""
        test = {key: value for key, value in data.items() if key not in WORTH}
        kind = next((key for key in KINDS if key in test), "when")
        worth = {name: data.get(name) for name in WORTH} | {"note": note}
        if fits(kind, test, catalogue):
            return cls.filled(slot, kind, catalogue, worth, test)
        form = WorthForm(initial=worth, auto_id=f"{slot}-%s")
        return cls(slot, kind, catalogue, form, kept=test)

    @classmethod
    def filled(cls, slot: str, kind: str, catalogue: Catalogue, worth: Data, test: Data) -> Self:
        auto_id = f"{slot}-%s"
        form = cls(slot, kind, catalogue, WorthForm(initial=worth, auto_id=auto_id))
        if kind == "when":
            form.tree = ConditionTree.of_data(slot, test.get("when"), catalogue)
            return form
        initial = (
            CountForm.initial_of(test) if kind == "activity" else {"duration": test.get("for")}
        )
        form.counting = COUNTING[kind](initial=initial, auto_id=auto_id)
        form.activity = ActivityPart.of_data(slot, test.get(kind, {}))
        return form

    @classmethod
    def of_post(
        cls, slot: str, kind: str, post: QueryDict, catalogue: Catalogue, kept: Data | None = None
    ) -> Self:
        auto_id = f"{slot}-%s"
        form = cls(slot, kind, catalogue, WorthForm(post, auto_id=auto_id))
        if "kept" in post and kept is not None:
            form.kept = kept
        elif kind == "when":
            form.tree = ConditionTree.of_post(slot, post, catalogue)
        else:
            form.counting = COUNTING[kind](post, auto_id=auto_id)
            form.activity = ActivityPart.of_post(slot, post)
        return form

    # --- What it says ------------------------------------------------------------------------

    @property
    def title(self) -> Any:
        return KINDS[self.kind][0]

    @property
    def note(self) -> str:
        return str(self.worth.cleaned_data.get("note", ""))

    @property
    def kept_text(self) -> str:
        return json.dumps(self.kept, ensure_ascii=False, indent=2)

    def data(self) -> Data:
        """The rule as a document has it, of what was typed so far."""
        self.worth.is_valid()
        return {"name": self.worth.cleaned_data.get("name", "")} | self.worth.worth() | self.test()

    def test(self) -> Data:
        if self.kept is not None:
            return self.kept
        if self.kind == "when":
            when = self.tree.data()
            return {} if when is None else {"when": when}
        assert self.counting is not None  # noqa: S101 - every other kind has it
        assert self.activity is not None  # noqa: S101
        self.counting.is_valid()
        said = self.activity.data()
        if isinstance(self.counting, CountForm):
            excludes = bool(self.worth.cleaned_data.get("exclude"))
            return {"activity": said} | self.counting.riders(excludes=excludes)
        duration = self.counting.cleaned_data.get("duration")
        return {"absent": said} | ({"for": duration} if duration else {})

    def check(self) -> Data | None:
        """The rule, or None and every fault at its field."""
        data = self.data()
        root = Node(data)
        read_rule(root, self.catalogue)
        for fault in root.faults:
            self.place(fault.path, fault.message)
        is_wrong = self.tree is not None and self.tree.check() is None
        return None if root.faults or self.has_errors or is_wrong else data

    @property
    def has_errors(self) -> bool:
        return bool(self.worth.errors or (self.counting is not None and self.counting.errors))

    def place(self, path: str, message: str) -> None:
        """Show a fault of the document where people see what it is about."""
        key, _dot, rest = path.partition(".")
        message = capfirst(message)
        form, name = self.field_of(path)
        if form is not None:
            if name not in form.errors:
                form.add_error(name, self.said(name, message))
        elif key.startswith("when") and self.tree is not None:
            return  # The tree says it itself.
        elif key in ("activity", "absent") and self.activity is not None:
            if not self.activity.note(rest, message):
                self.faults.append(message)
        elif path == "":
            self.point_out(message)
        else:
            self.faults.append(f"{path}: {message}")

    def field_of(self, path: str) -> tuple[forms.Form | None, str]:
        name = PLACES.get(path, "duration" if path == "for" else path)
        for form in (self.worth, self.counting):
            if form is not None and name in form.fields:
                return form, name
        return None, name

    def point_out(self, message: str) -> None:
        """A fault of the rule as a whole: of a form that it has no worth, or no condition."""
        has_no_worth = not self.worth.worth()
        has_no_test = self.tree is not None and self.tree.data() is None
        if has_no_worth and "points" not in self.worth.errors:
            said = gettext("Write the points, or switch on that the rule excludes.")
            self.worth.add_error("points", said)
        if not has_no_worth and not has_no_test:
            self.faults.append(message)

    def said(self, name: str, message: str) -> str:
        """In the words of the form where those of documents would say something else."""
        words = {
            "duration": gettext("Say for how long."),
            "every": gettext("Say how long each step takes."),
            "percent": gettext("Say by how much it fades."),
        }
        is_missing = name in words and not self.given(name)
        return words[name] if is_missing else message

    def given(self, name: str) -> Any:
        return self.counting.cleaned_data.get(name) if self.counting is not None else None

    def rule(self) -> Rule | None:
        """What was typed so far, whatever its name; None where it cannot be read yet."""
        root = Node(self.data())
        rule: Rule = read_rule(root, self.catalogue)
        named = [fault for fault in root.faults if fault.path != "name"]
        return None if named else rule

    def sentence(self) -> str:
        """What it says so far; three dots where it cannot be read yet."""
        rule = self.rule()
        return "…" if rule is None else rule.sentence(self.catalogue)


def fits(kind: str, test: Data, catalogue: Catalogue) -> bool:
    """Whether the fields would give the test back just as it is."""
    try:
        form = RuleForm.filled("fit", kind, catalogue, {"points": 1}, test)
        if form.activity is None or form.counting is None:
            # The tree keeps by itself what it has no fields for.
            return set(test) <= {"when"}
        again = RuleForm.of_post("fit", kind, sent(form.counting, form.activity), catalogue)
        again.worth.is_valid()
        return again.test() == test and not LINE_BREAK.search(json.dumps(test))
    except (AttributeError, KeyError, TypeError, ValueError):
        # A row that was written by hand, or by another version of this program.
        return False


def sent(counting: forms.Form, activity: ActivityPart) -> QueryDict:
    """What a browser would send of an untouched form."""
    post = QueryDict(mutable=True)
    for bound in counting:
        widget, value = bound.field.widget, bound.value()
        if isinstance(widget, forms.MultiWidget):
            for place, part in enumerate(widget.decompress(value) or []):
                post[f"{bound.html_name}_{place}"] = "" if part is None else str(part)
        else:
            post[bound.html_name] = "" if value is None else str(value)
    stem = activity.prefix
    post.setlist(f"{stem}-type", activity.types)
    post[f"{stem}-target_op"] = activity.target.op
    post[f"{stem}-target_value"] = activity.target.value
    for name in ("op", "value", "key"):
        post.setlist(f"{stem}-{name}", [getattr(test, name) for test in activity.properties])
    return post
