"""The matrix as files: to Excel and back with a look at every change, and to Word.

What reads and writes them is loaded when asked for: openpyxl and docx take a sixth of the start
of every process.
"""

import json
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import slugify
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from contacts.imports.faults import SourceInvalid
from contacts.normalise import normalise
from scoring.agreement.beginning import newest_version
from scoring.agreement.changes import lock_model
from scoring.agreement.qualification.changes import Change, changes
from scoring.agreement.qualification.creating import create, names_of
from scoring.agreement.qualification.grids import Grid
from scoring.agreement.qualification.models import PERSONAS_MOST, Overtaken, Persona
from scoring.agreement.qualification.sheets import FILE_MOST, Sheet, read_sheet, sheet_of
from scoring.criteria.fields import Catalogue
from scoring.criteria.installed import installed_catalogue
from scoring.criteria.models import ScoringModel

if TYPE_CHECKING:
    from scoring.agreement.admin.hub import ModelPage
    from scoring.agreement.qualification.reading import ReadSheet

SALT: Final = "scoring.qualification.import"
# A preview is good for a working day.
LASTS: Final = 12 * 60 * 60
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class WorkbookForm(forms.Form):
    file = forms.FileField(
        label=_("Workbook (.xlsx)"), widget=UnfoldAdminFileFieldWidget({"accept": ".xlsx"})
    )


@dataclass(frozen=True, slots=True)
class Arrival:
    """A persona of the file beside what is stored: ``persona`` is None where it is new."""

    read: "ReadSheet"
    persona: Persona | None
    changes: Sequence[Change]


def workbook(request: HttpRequest, model: ScoringModel) -> HttpResponse:
    catalogue = installed_catalogue()
    title = gettext("Qualification matrix: %(model)s") % {"model": model.name}
    data = module("workbook").write_workbook(sheets_of(model, catalogue), catalogue, title)
    return download(data, XLSX, model, "xlsx")


def document(request: HttpRequest, model: ScoringModel) -> HttpResponse:
    catalogue = installed_catalogue()
    version = newest_version(model)
    said = gettext("version %(number)d") % {"number": version.number} if version else ""
    data = module("letter").write_document(sheets_of(model, catalogue), catalogue, model.name, said)
    return download(data, DOCX, model, "docx")


def module(name: str) -> Any:
    return import_module(f"scoring.agreement.qualification.{name}")


def sheets_of(model: ScoringModel, catalogue: Catalogue) -> list[tuple[Persona, Sheet]]:
    return [(persona, sheet_of(persona, catalogue)) for persona in model.personas.all()]


def download(data: bytes, kind: str, model: ScoringModel, suffix: str) -> HttpResponse:
    name = f"{slugify(model.name) or 'model'}-matrix.{suffix}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=kind, headers=disposition)


def bring_in(page: "ModelPage", request: HttpRequest, model: ScoringModel) -> HttpResponse:
    """A form for a file; what the file would change; and, when that is confirmed, the change."""
    if "confirmed" in request.POST:
        return write(page, request, model)
    fault, arrivals, missing, payload = "", [], [], ""
    if request.method == "POST":
        catalogue = installed_catalogue()
        try:
            arrivals = arrivals_of(request, model, catalogue)
        except SourceInvalid as invalid:
            fault = invalid.message
        keys = {each.persona.pk for each in arrivals if each.persona}
        missing = [persona for persona in model.personas.all() if persona.pk not in keys]
        if arrivals and not any(each.read.faults for each in arrivals):
            payload = packed(arrivals)
    return page.page(
        request,
        model,
        "scoring/qualification/import.html",
        form=WorkbookForm(label_suffix=""),
        fault=fault,
        arrivals=arrivals,
        missing=missing if arrivals else [],
        payload=payload,
        is_faulty=any(each.read.faults for each in arrivals),
        count=sum(len(each.changes) for each in arrivals),
    )


def arrivals_of(request: HttpRequest, model: ScoringModel, catalogue: Catalogue) -> list[Arrival]:
    file = request.FILES.get("file")
    if request.META.get("UPLOAD_TOO_LARGE") or (file and (file.size or 0) > FILE_MOST):
        message = gettext("The file is larger than %(most)d MB, which no matrix is.")
        raise SourceInvalid(message % {"most": FILE_MOST // 1024**2})
    if not isinstance(file, UploadedFile):
        raise SourceInvalid(gettext("Choose the workbook that was filled in."))
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        found: list[ReadSheet] = module("reading").read_workbook(Path(copy.name), catalogue)
    stored = {str(persona.key): persona for persona in model.personas.all()}
    by_name = {normalise(persona.name): persona for persona in stored.values()}
    known = [stored.get(each.key) or by_name.get(normalise(each.sheet.name)) for each in found]
    if len(stored) + known.count(None) > PERSONAS_MOST:
        message = gettext("A model has at most %(most)d personas.")
        raise SourceInvalid(message % {"most": PERSONAS_MOST})
    absent = {name for name, persona in by_name.items() if persona not in known}
    return [
        arrival(read, persona, absent, catalogue)
        for read, persona in zip(found, known, strict=True)
    ]


def arrival(
    read: "ReadSheet", persona: Persona | None, absent: Collection[str], catalogue: Catalogue
) -> Arrival:
    """``absent``: the normalised names of personas that are not in the file."""
    faults = list(read.faults)
    if normalise(read.sheet.name) in absent:
        said = gettext("Sheet %(title)s: another persona of this model is called “%(name)s”.")
        faults.append(said % {"title": read.title, "name": read.sheet.name})
    if persona is not None and persona.for_all != read.sheet.for_all:
        said = gettext("Sheet %(title)s: its first row was changed; export the matrix anew.")
        faults.append(said % {"title": read.title})
    if faults:
        return Arrival(replace(read, faults=faults), persona, [])
    before: tuple[Any, Grid] | None = None
    if persona is not None:
        stored = sheet_of(persona, catalogue)
        before = stored.lines, stored.grid
    found = changes(before, (read.sheet.lines, read.sheet.grid), catalogue)
    return Arrival(read, persona, found)


def packed(arrivals: Sequence[Arrival]) -> str:
    """What was shown, signed: just that is written when it is confirmed."""
    data = [
        {
            "id": each.persona.pk if each.persona else None,
            "revision": each.persona.revision if each.persona else None,
            "for_all": each.read.sheet.for_all,
            "lines": dict(each.read.sheet.lines),
            "grid": each.read.sheet.grid.data(),
        }
        for each in arrivals
        if each.changes
    ]
    return signing.dumps(data, salt=SALT, compress=True)


def write(page: "ModelPage", request: HttpRequest, model: ScoringModel) -> HttpResponse:
    back = HttpResponseRedirect(page.address(model, "import"))
    try:
        sent = request.POST.get("payload", "")
        data = signing.loads(sent, salt=SALT, max_age=LASTS)
    except (signing.BadSignature, json.JSONDecodeError):
        messages.error(request, gettext("The preview is too old: bring the file in again."))
        return back
    try:
        with transaction.atomic():
            lock_model(model.pk)
            count = sum(stored(each, request, model) for each in data)
    except (Overtaken, SourceInvalid, Persona.DoesNotExist):
        said = gettext("Somebody has changed the matrix meanwhile: bring the file in again.")
        messages.error(request, said)
        return back
    said = ngettext("%(count)d persona was changed.", "%(count)d personas were changed.", count)
    messages.success(request, said % {"count": count})
    return HttpResponseRedirect(page.address(model))


def stored(each: dict[str, Any], request: HttpRequest, model: ScoringModel) -> bool:
    """Raises Overtaken or SourceInvalid where what was shown fits no more."""
    catalogue = installed_catalogue()
    persona = model.personas.filter(pk=each["id"]).first() if each["id"] else None
    typed = Persona(grid=each["grid"]).typed
    taken = names_of(model, but=persona)
    sheet = read_sheet(each["lines"], typed, catalogue, for_all=each["for_all"], taken=taken)
    if sheet.faults or (each["id"] and persona is None):
        raise SourceInvalid("")
    if persona is None:
        if not create(model, lambda _taken: [sheet], request):
            raise SourceInvalid("")
        return True
    persona.revision = each["revision"]
    return persona.store(sheet.lines, sheet.grid, request.user)
