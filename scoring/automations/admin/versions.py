"""Versions of an automation: what they differ in, going back, and the document as text."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget

from scoring.automations.admin.editing import Changed, live_tracks, number_of
from scoring.automations.admin.switching import Switching
from scoring.automations.document import parse
from scoring.automations.models import Automation, AutomationVersion
from scoring.automations.present import live_track
from scoring.automations.words import Difference, differences, sentence
from scoring.criteria import yaml
from scoring.criteria.document import DocumentInvalid, Fault, ModelDocument
from scoring.criteria.form_fields import choice_field, text_field
from scoring.engine.models import Track


@dataclass(frozen=True, slots=True)
class VersionShown:
    version: AutomationVersion
    sentence: str
    differences: list[Difference]
    fault: str
    runs: bool


class TextForm(forms.Form):
    text = forms.CharField(
        label=_("Document"),
        max_length=200_000,
        strip=False,
        widget=UnfoldAdminTextareaWidget({"rows": 28, "spellcheck": "false", "class": "document"}),
    )


class ImportForm(forms.Form):
    """A file that was exported here or elsewhere."""

    file = forms.FileField(label=_("File"), widget=UnfoldAdminFileFieldWidget)
    name = text_field(
        _("Name"), max_length=200, help_text=_("Empty: the name that stands in the file.")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        models = [(track.model_id, track.model.name) for track in live_tracks()]
        self.fields["model"] = choice_field(_("Scoring model"), models)


class Versions(Switching):
    # --- The versions ------------------------------------------------------------------------

    def versions_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        automation: Any = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, automation):
            raise PermissionDenied
        track = live_track(automation)
        versions = list(automation.versions.select_related("created_by"))
        shown = [
            version_shown(version, former, track, automation)
            for version, former in zip(versions, [*versions[1:], None], strict=True)
        ]
        return self.page(request, "versions", automation, versions=shown)

    def go_back_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """Make an earlier version the one that runs; the later ones stay."""
        automation = self.to_be_switched(request, object_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        version = automation.versions.filter(number=number).first()
        track = live_track(automation)
        if version is None or track is None:
            raise Http404
        try:
            automation.save_version(version.value(track))
        except DocumentInvalid as invalid:
            for fault in invalid.faults:
                messages.error(request, str(fault))
            return self.back_to(automation)
        said = gettext("Version %(number)d runs again.") % {"number": number}
        self.log_change(request, automation, said)
        messages.success(request, said)
        return self.back_to(automation)

    # --- The document as text ----------------------------------------------------------------

    def text_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        automation = self.to_be_switched(request, object_id)
        track = live_track(automation)
        data = automation.version.data if automation.version else {}
        form = TextForm(request.POST or None, initial={"text": yaml.write_data(data)})
        facts: dict[str, Any] = {"based_on": request.POST.get("based_on", number_of(automation))}
        if request.method == "POST" and form.is_valid():
            try:
                return self.text_saved(request, automation, track, form.cleaned_data["text"])
            except DocumentInvalid as invalid:
                facts["faults"] = [str(fault) for fault in invalid.faults]
            except Changed:
                facts |= {"theirs": automation.version, "based_on": number_of(automation)}
        return self.page(request, "text", automation, form=form, **facts)

    def text_saved(
        self, request: HttpRequest, automation: Automation, track: Track | None, text: str
    ) -> HttpResponse:
        """Raises DocumentInvalid, or Changed."""
        document = parse(yaml.read(text), model_of(track))
        assert track is not None  # noqa: S101 - model_of has refused it
        self.store(request, automation, track, automation.name, document)
        return self.back_to(automation)

    def export_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        automation: Any = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, automation) or automation.version is None:
            raise PermissionDenied
        name = f"{slugify(automation.name) or 'automation'}.yaml"
        return HttpResponse(
            yaml.write_data({"name": automation.name, **automation.version.data}),
            content_type="application/yaml; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def import_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        faults: list[str] = []
        if request.method == "POST" and form.is_valid():
            try:
                return self.imported(request, form.cleaned_data)
            except DocumentInvalid as invalid:
                faults = [str(fault) for fault in invalid.faults]
        title = gettext("Import an automation")
        return self.page(request, "import", None, form=form, faults=faults, title=title)

    def imported(self, request: HttpRequest, given: dict[str, Any]) -> HttpResponse:
        """Raises DocumentInvalid, also where there is one of this name already."""
        data = yaml.read(given["file"].read(), given["file"].name)
        name = given["name"]
        if isinstance(data, dict):
            name = name or str(data.get("name", ""))[:200].strip()
            data = {key: value for key, value in data.items() if key != "name"}
        track = live_tracks().get(model=given["model"])
        document = parse(data, track.version.document_value)
        if not name or Automation.objects.filter(name=name).exists():
            raise DocumentInvalid([name_fault(name)])
        return self.back_to(self.store(request, None, track, name, document))


def version_shown(
    version: AutomationVersion,
    former: AutomationVersion | None,
    track: Track | None,
    automation: Automation,
) -> VersionShown:
    runs = version.pk == automation.version_id
    try:
        model = model_of(track)
        document = parse(version.data, model)
        said = sentence(document, model.catalogue)
    except DocumentInvalid as invalid:
        return VersionShown(version, "", [], str(invalid.faults[0]), runs)
    try:
        before = parse(former.data, model) if former else None
    except DocumentInvalid:
        before = None
    found = differences(before, document, model.catalogue) if before else []
    return VersionShown(version, said, found, "", runs)


def model_of(track: Track | None) -> ModelDocument:
    """Raises DocumentInvalid where no version is live."""
    if track is None:
        raise DocumentInvalid([Fault("", gettext("No version of its model is live."))])
    return track.version.document_value


def name_fault(name: str) -> Fault:
    if not name:
        return Fault("name", gettext("is missing: write one above"))
    return Fault("name", gettext("There is an automation of this name already."))
