"""Where a draft comes from, how it is discarded and brought back, and how a model is made."""

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from scoring.agreement.admin.hub import address_of
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.changes import lock_model
from scoring.agreement.editor.desk import may_change
from scoring.agreement.exchange import KEPT
from scoring.criteria import templates, yaml
from scoring.criteria.document import FORMAT, DocumentInvalid, ModelDocument, parse
from scoring.criteria.drafts import Draft
from scoring.criteria.faults import LONGEST_NAME
from scoring.criteria.form_fields import Data, choice_field, text_field
from scoring.criteria.models import ScoringModel, Version

BEGIN: Final = "scoring.add_draft"
DISCARD: Final = "scoring.delete_draft"
# More than any model that 500 rules make.
MOST_BYTES: Final = 2_000_000
TEMPLATE: Final = "template:"
# What the head of each file says, in the reader's language.
ABOUT: Final[dict[str, Any]] = {
    "b2b_starter": _(
        "Who they are (fit) and what they do (interest), for a first agreement between teams."
    ),
    "email_scale": _("One number for what people do with your messages and what they lead to."),
    "prospecting_scale": _("When is a prospect worth a call? Above 20 points."),
}
# Of a file with many faults these are shown.
MOST_FAULTS: Final = 20


class Unusable(Exception):
    """What a draft was to be made from cannot be read; the reasons in words."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("Start from a file (YAML)"),
        widget=UnfoldAdminFileFieldWidget({"accept": ".yaml,.yml,.json"}),
    )


def empty(name: str) -> Data:
    """A model that says nothing yet, with three bands to begin with."""
    bands: list[Data] = [
        {"name": gettext("cold")},
        {"name": gettext("warm"), "from": 20},
        {"name": gettext("hot"), "from": 50},
    ]
    return {"format": FORMAT, "name": name, "groups": [], "bands": bands}


def document_of(source: str, request: HttpRequest, model: ScoringModel) -> tuple[Data, Any]:
    """(data of the document, the version that it comes from). Raises Unusable."""
    if source == "live":
        live = model.versions.live().first() or model.versions.first()
        if live is None:
            raise Unusable([gettext("This model has no version yet.")])
        return live.document_value.as_data(), live
    if source == "empty":
        return empty(model.name), None
    if source == "file":
        return uploaded(request.FILES.get("file")).as_data(), None
    try:
        return templates.template(source.removeprefix(TEMPLATE), get_language()).as_data(), None
    except KeyError as unknown:
        raise Unusable([gettext("There is no such template.")]) from unknown


def uploaded(file: UploadedFile | None) -> ModelDocument:
    """The document of a YAML or JSON file; its name gives way to that of the model."""
    if file is None:
        raise Unusable([gettext("Choose a file first.")])
    if (file.size or 0) > MOST_BYTES:
        raise Unusable([gettext("The file is too large for a scoring model.")])
    try:
        return parse(yaml.read(file.read()))
    except DocumentInvalid as invalid:
        raise Unusable([str(fault) for fault in invalid.faults[:MOST_FAULTS]]) from invalid


def source_in_words(source: object) -> str:
    """Where a draft came from, for the audit trail."""
    words = {
        "live": gettext("the live version"),
        "empty": gettext("an empty model"),
        "file": gettext("a file"),
        "discarded": gettext("a draft that was discarded"),
    }
    name = str(source).removeprefix(TEMPLATE)
    return words.get(name) or (titled(name) if name in templates.names() else name)


def titled(name: str) -> str:
    """What a template is called in the reader's language."""
    return templates.template(name, get_language()).name


def sources() -> list[Data]:
    """The templates to begin with, for the page."""
    return [
        {
            "source": f"{TEMPLATE}{name}",
            "title": titled(name),
            "about": ABOUT.get(name) or templates.about(name),
        }
        for name in templates.names()
    ]


def begin(request: HttpRequest, model: ScoringModel) -> HttpResponse:
    """A draft of the model, one click away from what it is made from."""
    require(request, BEGIN)
    try:
        data, base = document_of(request.POST.get("source", ""), request, model)
        start(request, model, data, base)
    except Unusable as unusable:
        for reason in unusable.reasons:
            messages.error(request, reason)
    return HttpResponseRedirect(address_of("criteria", model))


def start(request: HttpRequest, model: ScoringModel, data: Data, base: Version | None) -> None:
    """Raises Unusable where there is a draft already; of two at once the second is told."""
    with transaction.atomic():
        lock_model(model.pk)
        if Draft.objects.filter(model=model).exists():
            raise Unusable([gettext("There is a draft already; here it is.")])
        Draft.objects.bring_back(model, data, base)
        AuditEntry.objects.note(
            request.user,
            model,
            Action.DRAFT_BEGUN,
            version=base,
            source=request.POST.get("source", "")[:LONGEST_NAME],
        )


def discard(request: HttpRequest, model: ScoringModel) -> HttpResponse:
    """The draft goes; all of it stays in the audit trail, from where it can be brought back."""
    require(request, DISCARD)
    with transaction.atomic():
        # Of itself alone: the order of drafts is that of the models' names.
        drafts = Draft.objects.select_for_update(of=("self",)).filter(model=model)
        draft = drafts.first()
        if draft is not None:
            AuditEntry.objects.note(
                request.user,
                model,
                Action.DRAFT_DISCARDED,
                version=draft.base,
                **{KEPT: draft.snapshot()},
            )
            draft.delete()
            messages.success(request, gettext("The draft is discarded; it can be brought back."))
    return HttpResponseRedirect(address_of("criteria", model))


def bring_back(request: HttpRequest, model: ScoringModel, entry_id: int) -> HttpResponse:
    require(request, BEGIN)
    entry = discarded(model).filter(pk=entry_id).first()
    if entry is None:
        raise Http404
    with transaction.atomic():
        lock_model(model.pk)
        if Draft.objects.filter(model=model).exists():
            messages.error(request, gettext("There is a draft already; discard it first."))
        else:
            Draft.objects.bring_back(model, entry.detail[KEPT], entry.version)
            AuditEntry.objects.note(
                request.user, model, Action.DRAFT_BEGUN, source="discarded", of=entry.pk
            )
            messages.success(request, gettext("The draft is back."))
    return HttpResponseRedirect(address_of("criteria", model))


def discarded(model: ScoringModel) -> Any:
    """The drafts that were discarded, the last one first."""
    entries = AuditEntry.objects.filter(model=model, action=Action.DRAFT_DISCARDED)
    return entries.filter(detail__has_key=KEPT).order_by("-pk")


def require(request: HttpRequest, permission: str) -> None:
    if request.method != "POST" or not request.user.has_perm(permission):
        raise PermissionDenied


class NewModelForm(forms.Form):
    name = text_field(_("Name"), required=True, max_length=LONGEST_NAME)
    objective = choice_field(
        _("What counts as success"),
        [
            ("deal", _("a deal that is won")),
            ("customer", _("that they become a customer")),
            ("", _("decide later")),
        ],
        required=False,
    )
    source = choice_field(_("Start from"), [])

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(each["source"], each["title"]) for each in sources()]
        field: Any = self.fields["source"]
        field.choices = [("empty", gettext("an empty model")), *choices]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if ScoringModel.objects.filter(name=name).exists():
            raise forms.ValidationError(name_is_taken())
        return name


def name_is_taken() -> str:
    return gettext("There is a model of this name already.")


OBJECTIVES: Final[dict[str, Data | None]] = {
    "deal": {"deal": "won"},
    "customer": {"lifecycle": "customer"},
    "": None,
}


def new_model(request: HttpRequest) -> HttpResponse:
    """The page on which a model is made, with its first draft."""
    if not request.user.has_perm(BEGIN):
        raise PermissionDenied
    form = NewModelForm(request.POST or None, initial={"source": "empty", "objective": "deal"})
    if request.method == "POST" and form.is_valid():
        try:
            return HttpResponseRedirect(address_of("criteria", made(request, form.cleaned_data)))
        except IntegrityError:
            # Somebody has got the name since the form was checked.
            form.add_error("name", name_is_taken())
    context = {
        **admin.site.each_context(request),
        "opts": ScoringModel._meta,
        "title": gettext("New scoring model"),
        "form": form,
    }
    return TemplateResponse(request, "scoring/editor/new_model.html", context)


def made(request: HttpRequest, given: Data) -> ScoringModel:
    with transaction.atomic():
        model = ScoringModel.objects.create(name=given["name"])
        data, _base = document_of(given["source"], request, model)
        if objective := OBJECTIVES[given["objective"]]:
            data["objective"] = objective
        AuditEntry.objects.note(request.user, model, Action.MODEL_CREATED)
        start(request, model, data, None)
    return model


def facts_of(request: HttpRequest, model: ScoringModel) -> Data:
    """For the page of a model that has no draft."""
    return {
        "sources": sources(),
        "version": model.versions.live().first() or model.versions.first(),
        "discarded": discarded(model).first(),
        "file_form": FileForm(auto_id="begin-%s", label_suffix=""),
        "may_begin": request.user.has_perm(BEGIN),
        "may_change": may_change(request),
    }
