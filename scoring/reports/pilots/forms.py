"""The plan of a pilot as people fill it in, checked at the border."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.contrib.auth.models import User
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from contacts.models.teams import name_of
from contacts.normalise import normalise
from contacts.numerals import Number, numeral
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.form_fields import TOO_OLD, token_field
from scoring.criteria.models import ScoringModel, Version
from scoring.criteria.segments import Segment
from scoring.engine.pilots.models import Pilot
from scoring.reports.pilots.measures import SUCCESSES
from scoring.reports.pilots.planning import Past, Size, past_of, size_of
from scoring.reports.values import Value

STRATA_MOST: Final = 4
REVISION_MOST: Final = 2**31 - 1
DAYS_MOST: Final = 60
CANDIDATES: Final = (Version.State.DRAFT, Version.State.PROPOSED, Version.State.AGREED)
HUNDRED: Final = Decimal(100)
BOUNDS: Final = {"min_value": MinValueValidator, "max_value": MaxValueValidator}


def number(label: Any, help_text: Any = "", **bounds: Any) -> Any:
    field = forms.IntegerField if isinstance(bounds["max_value"], int) else forms.DecimalField
    step = "1" if field is forms.IntegerField else "any"
    widget = UnfoldAdminTextInputWidget({"type": "number", "step": step, "inputmode": "decimal"})
    faults = {
        code: beyond(validator.message, bounds[code])
        for code, validator in BOUNDS.items()
        if code in bounds
    }
    return field(label=label, help_text=help_text, widget=widget, error_messages=faults, **bounds)


def _beyond(fault: str | Promise, limit: Number) -> str:
    return str(fault) % {"limit_value": numeral(limit)}


# Of Django's own texts, which write a limit as programs do: 0.1 in every language.
beyond = lazy(_beyond, str)


def per_cent(label: Any, help_text: Any = "", *, required: bool = True) -> Any:
    bounds = {"min_value": Decimal("0.1"), "max_value": Decimal("99.9"), "decimal_places": 2}
    return number(label, help_text, required=required, **bounds)


def revision_field(**options: Any) -> forms.IntegerField:
    """Of the plan that was on the screen."""
    faults = dict.fromkeys(("invalid", "min_value", "max_value"), TOO_OLD)
    return forms.IntegerField(
        min_value=0,
        max_value=REVISION_MOST,
        widget=forms.HiddenInput,
        error_messages=faults,
        **options,
    )


def candidates(model: ScoringModel) -> list[Version]:
    return list(model.versions.filter(state__in=CANDIDATES).order_by("-number"))


def salespeople() -> list[User]:
    """Who may have leads: whoever works with tasks, as on the board."""
    people = User.objects.with_perm("contacts.claim_lead", include_superusers=False)
    return list(people.filter(is_active=True).order_by("username"))


class PlanForm(forms.Form):
    version = forms.ChoiceField(
        label=_("Candidate"),
        help_text=_("A version that is frozen, proposed or agreed, and not live."),
        widget=UnfoldAdminSelectWidget,
    )
    people = forms.MultipleChoiceField(
        label=_("Salespeople who take part"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    measure = forms.ChoiceField(
        label=_("Primary measure: the share of leads that …"),
        choices=[(each.slug, each.title) for each in SUCCESSES.values()],
        help_text=_("The one figure that decides. It cannot be changed once the pilot runs."),
        widget=UnfoldAdminSelectWidget,
    )
    days = number(
        _("Days for each lead"),
        _("Counted from the lead's entry into the pilot."),
        min_value=1,
        max_value=DAYS_MOST,
        initial=14,
    )
    expected = per_cent(
        _("Expected share in per cent"),
        _("By the version that is live. Empty: what the last months have shown."),
        required=False,
    )
    smallest = per_cent(
        _("Smallest difference worth finding, in percentage points"),
        _("A smaller one would not be worth changing anything for."),
    )

    # A new one has none.
    revision = revision_field(required=False)
    token = token_field()

    def __init__(self, model: ScoringModel, data: Any = None, pilot: Pilot | None = None) -> None:
        """``pilot``: whose plan is to be changed; None for a new one."""
        super().__init__(data, initial=initial_of(pilot))
        self.model = model
        self.versions = {str(each.pk): each for each in candidates(model)}
        self.staff = {str(each.pk): each for each in salespeople()}
        self.segments = {each.key: each for each in Segment.objects.all()}
        self.past: Past | None = None
        self.size: Size | None = None
        fields: Any = self.fields
        if pilot is not None:
            del fields["token"]
        fields["version"].choices = [(pk, said(each)) for pk, each in self.versions.items()]
        fields["people"].choices = [(pk, name_of(each)) for pk, each in self.staff.items()]
        anything = ("", gettext("none"))
        offered = [anything, *((key, each.name) for key, each in self.segments.items())]
        for place in range(1, STRATA_MOST + 1):
            fields[f"stratum_{place}"] = forms.ChoiceField(
                label=gettext("Segment %(place)d") % {"place": place},
                choices=offered,
                required=False,
                widget=UnfoldAdminSelectWidget,
            )

    @property
    def strata_fields(self) -> list[Any]:
        return [self[f"stratum_{place}"] for place in range(1, STRATA_MOST + 1)]

    @property
    def looked_at(self) -> int:
        """The revision of the plan that was on the screen."""
        return self.cleaned_data["revision"] or 0

    @property
    def left_open(self) -> str:
        """What has to be filled in still, as a list in words: while one is at it, no fault."""
        fields = [field for field in self.visible_fields() if is_left_open(field)]
        return ", ".join(str(field.label) for field in fields)

    @property
    def faults(self) -> list[tuple[str, str]]:
        fields = [field for field in self.visible_fields() if not is_left_open(field)]
        return [(str(field.label), str(error)) for field in fields for error in field.errors]

    @property
    def past_share(self) -> str:
        return str(Value.share(self.past.share)) if self.past else ""

    @property
    def weekly(self) -> str:
        return numeral(self.past.weekly, 0 if self.past.weekly >= 10 else 1) if self.past else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["strata"] = self.strata(data)
        chosen = [self.staff[pk] for pk in data.get("people", [])]
        if chosen and "measure" in data and "days" in data:
            owners = [normalise(one.username) for one in chosen]
            success = SUCCESSES[data["measure"]]
            self.past = past_of(self.model, owners, success, data["days"], timezone.now())
            self.clean_shares(data, self.past)
        return data

    def strata(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        """As they are now: who changes the segment afterwards does not change the pilot."""
        found: list[dict[str, Any]] = []
        for place in range(1, STRATA_MOST + 1):
            segment = self.segments.get(data.get(f"stratum_{place}") or "")
            if segment is None:
                continue
            if segment.key in [each["key"] for each in found]:
                self.add_error(f"stratum_{place}", gettext("This segment is chosen already."))
                continue
            try:
                segment.read()
            except DocumentInvalid:
                self.add_error(f"stratum_{place}", gettext("This segment cannot be read any more."))
                continue
            found.append({"key": segment.key, "name": segment.name, "condition": segment.condition})
        return found

    def clean_shares(self, data: dict[str, Any], past: Past) -> None:
        if "expected" not in data or "smallest" not in data:
            return
        if data["expected"] is None:
            if not past.share.count:
                text = gettext("The last months show no such lead: say what you expect.")
                self.add_error("expected", text)
                return
            known = round(HUNDRED * Decimal(past.share.share or 0), 1)
            data["expected"] = max(Decimal("0.1"), known)
        if data["expected"] + data["smallest"] > HUNDRED:
            text = gettext("With the expected share that would be more than all leads.")
            self.add_error("smallest", text)
            return
        base, smallest = float(data["expected"] / 100), float(data["smallest"] / 100)
        self.size = size_of(past, base, smallest, data["days"])


def is_left_open(field: forms.BoundField) -> bool:
    return field.form.has_error(field.name, "required")


def initial_of(pilot: Pilot | None) -> dict[str, Any]:
    if pilot is None:
        return {}
    strata = {f"stratum_{place}": each["key"] for place, each in enumerate(pilot.strata, start=1)}
    return {
        "version": str(pilot.version_id),
        "people": [str(pk) for pk in pilot.salespeople.values_list("pk", flat=True)],
        "measure": pilot.measure,
        "days": pilot.days,
        "expected": pilot.expected,
        "smallest": pilot.smallest,
        "revision": pilot.revision,
        **strata,
    }


def said(version: Version) -> str:
    facts = {"number": version.number, "state": version.get_state_display()}
    return gettext("Version %(number)d (%(state)s)") % facts
