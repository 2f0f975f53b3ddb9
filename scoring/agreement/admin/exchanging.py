"""Documents as files, into the draft and out of it; earlier drafts; the name of a model."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.utils.translation import gettext

from scoring.agreement.admin.doing import done
from scoring.agreement.admin.forms import FileForm
from scoring.agreement.admin.hub import ModelPage
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.changes import Refused
from scoring.agreement.exchange import Import, Rename, Restore
from scoring.criteria import yaml
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel


class Exchanging(ModelPage):
    def bring_in(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        """A file in place of the draft; faults are told with their paths, and nothing changes."""
        if not request.user.has_perm(Import.permission):
            raise PermissionDenied
        form = FileForm(request.POST or None, request.FILES or None)
        obstacles: list[str] = []
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            # One byte more than may be, so that what is too large is seen to be so.
            content = file.read(yaml.MOST_BYTES + 1)
            try:
                Import(request.user, model, content, file.name).execute()
            except Refused as refused:
                obstacles = refused.reasons
            else:
                messages.success(request, gettext("The file is the draft now."))
                return HttpResponseRedirect(self.address(model))
        template = "scoring/agreement/import.html"
        has_draft = Draft.objects.filter(model=model).exists()
        return self.page(
            request, model, template, form=form, obstacles=obstacles, has_draft=has_draft
        )

    def take_out(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        """The draft as a YAML file, right or wrong as it is."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        draft = get_object_or_404(Draft.objects.select_related("model"), model=model)
        AuditEntry.objects.note(request.user, model, Action.EXPORTED)
        name = f"{slugify(model.name) or 'model'}-draft.yaml"
        return HttpResponse(
            yaml.write_data(draft.as_data()),
            content_type="application/yaml; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def restore(self, request: HttpRequest, model: ScoringModel, entry_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        entries = AuditEntry.objects.filter(model=model).select_related("model")
        entry = get_object_or_404(entries, pk=entry_id)
        said = gettext("The earlier draft is back.")
        return done(request, Restore(request.user, entry), said, self.address(model))

    def rename(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        change = self.renaming(request, model, request.POST.get("name", ""))
        return done(request, change, gettext("The model is renamed."), self.address(model))

    def renaming(self, request: HttpRequest, model: ScoringModel, name: str) -> Rename:
        return Rename(request.user, model, name)
