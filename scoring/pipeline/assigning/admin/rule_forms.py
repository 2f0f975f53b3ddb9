"""The form of an assignment rule: which leads, and who gets them."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from contacts.admin.teams import PersonField, people
from contacts.countries import COUNTRIES
from contacts.models import Team
from leadscoring.site import admin_page
from scoring.criteria.form_fields import choice_field, text_field
from scoring.criteria.models import ScoringModel
from scoring.criteria.segments import Segment
from scoring.pipeline.assigning.claiming import NotPossible
from scoring.pipeline.assigning.ordering import ADD, CHANGE, Rules
from scoring.pipeline.assigning.rules import AssignmentRule

CODES: Final = frozenset(line[:2] for line in COUNTRIES.strip().splitlines())
PLACES_MOST: Final = 60
# Which fields are of no use unless something is chosen elsewhere: name, then values.
SHOWN_FOR: Final = {
    "segment": "who segment",
    "countries": "who territory",
    "regions": "who territory",
    "team": "way turn load",
    "load": "way load",
    "person": "way person",
}


def listed(text: str) -> list[str]:
    """What stands between commas, each once, in its order."""
    parts = (" ".join(part.replace("\0", "").split()) for part in text.split(","))
    return list(dict.fromkeys(part for part in parts if part))


def row_field(label: Any, rows: Any, **options: Any) -> Any:
    made: type[Any] = options.pop("kind", forms.ModelChoiceField)
    widget = UnfoldAdminSelectWidget()
    return made(label=label, queryset=rows, required=False, widget=widget, **options)


class RuleForm(forms.Form):
    name = text_field(_("Name"), required=True, max_length=120)
    model = row_field(_("Scoring model"), ScoringModel.objects.none(), empty_label=_("every model"))
    who = choice_field(_("Which leads"), AssignmentRule.Who.choices)
    segment = row_field(_("Segment"), Segment.objects.none())
    countries = text_field(_("Countries"), help_text=_("Two letters each, as in ES, PT."))
    regions = text_field(
        _("Regions"), help_text=_("As they stand in the contacts, with commas between them.")
    )
    way = choice_field(_("Who gets them"), AssignmentRule.Way.choices)
    team = row_field(_("Team"), Team.objects.none())
    load = choice_field(_("Measured by"), AssignmentRule.Load.choices, required=False)
    person = row_field(_("Person"), User.objects.none(), kind=PersonField)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        rows: dict[str, Any] = {
            "model": ScoringModel.objects.order_by("name"),
            "segment": Segment.objects.all(),
            "team": Team.objects.all(),
            "person": people(),
        }
        fields: Any = self.fields
        for name, queryset in rows.items():
            fields[name].queryset = queryset

    @property
    def shown(self) -> list[tuple[Any, str]]:
        """Each field with what it is shown for."""
        return [(self[name], SHOWN_FOR.get(name, "")) for name in self.fields]

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).replace("\0", "").split())
        if not name:
            raise forms.ValidationError(gettext("Give the rule a name."))
        return name

    def clean_countries(self) -> list[str]:
        found = [code.upper() for code in listed(self.cleaned_data["countries"])]
        unknown = [code for code in found if code not in CODES]
        if unknown:
            told = gettext("No country has these two letters: %(codes)s.")
            raise forms.ValidationError(told % {"codes": ", ".join(unknown)[:100]})
        return found

    def clean_regions(self) -> list[str]:
        found = listed(self.cleaned_data["regions"])
        if len(found) > PLACES_MOST:
            told = ngettext("At most %(most)d region.", "At most %(most)d regions.", PLACES_MOST)
            raise forms.ValidationError(told % {"most": PLACES_MOST})
        return found

    def clean(self) -> dict[str, Any]:
        """What belongs to another choice is left out, and what this one needs must be there."""
        given: dict[str, Any] = super().clean() or {}
        for name, shown_for in SHOWN_FOR.items():
            field, *values = shown_for.split()
            if given.get(field) not in values and name in given:
                given[name] = [] if name in ("countries", "regions") else None
        given["load"] = given.get("load") or AssignmentRule.Load.LEADS
        self.need(given)
        return given

    def need(self, given: dict[str, Any]) -> None:
        who, way = given.get("who"), given.get("way")
        if who == AssignmentRule.Who.SEGMENT and not given.get("segment"):
            self.add_error("segment", gettext("Choose the segment."))
        places = given.get("countries") or given.get("regions")
        if who == AssignmentRule.Who.TERRITORY and not places and not self.errors:
            self.add_error("countries", gettext("Name a country or a region."))
        if way in ("turn", "load") and not given.get("team"):
            self.add_error("team", gettext("Choose the team."))
        if way == AssignmentRule.Way.PERSON and not given.get("person"):
            self.add_error("person", gettext("Choose a person who can log in."))


def initial_of(rule: AssignmentRule) -> dict[str, Any]:
    plain = ("name", "who", "way", "load")
    found: dict[str, Any] = {name: getattr(rule, name) for name in plain}
    found |= {name: getattr(rule, f"{name}_id") for name in ("model", "segment", "team", "person")}
    return found | {
        "countries": ", ".join(rule.countries),
        "regions": ", ".join(rule.regions),
    }


@admin_page("pipeline/rules/add/", "pipeline_rule_add")
def add(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(ADD):
        raise PermissionDenied
    return edit(request, AssignmentRule())


@admin_page("pipeline/rules/<int:pk>/", "pipeline_rule")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    rule = AssignmentRule.objects.kept().filter(pk=pk).first() if pk < 2**31 else None
    if rule is None:
        raise Http404
    return edit(request, rule)


def edit(request: HttpRequest, rule: AssignmentRule) -> HttpResponse:
    post = request.POST if request.method == "POST" else None
    form = RuleForm(post, initial=initial_of(rule))
    revision, fault = rule.revision, ""
    if post is not None:
        sent = post.get("revision", "")
        revision = int(sent) if sent.isdecimal() and len(sent) < 10 else 0
        if form.is_valid():
            try:
                stored = Rules(request.user).store(rule, form.cleaned_data, revision)
            except NotPossible as reason:
                fault = str(reason)
                revision = AssignmentRule.objects.values_list("revision", flat=True).get(pk=rule.pk)
            except AssignmentRule.DoesNotExist:
                raise Http404 from None
            else:
                messages.success(request, gettext("“%(name)s” is saved.") % {"name": stored.name})
                return HttpResponseRedirect(reverse("admin:pipeline_rules"))
    context = {
        **site.each_context(request),
        "title": rule.name if rule.pk else gettext("Add an assignment rule"),
        "form": form,
        "rule": rule,
        "revision": revision,
        "fault": fault,
    }
    return TemplateResponse(request, "scoring/assigning/rule.html", context)
