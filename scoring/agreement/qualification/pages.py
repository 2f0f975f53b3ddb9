"""The tab of the qualification matrix: personas, their grids, and the groups these become."""

from typing import Any, ClassVar, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.normalise import normalise
from scoring.agreement.admin.hub import ModelPage, View, address_of, model_page
from scoring.agreement.audit import AuditEntry
from scoring.agreement.beginning import document_of, draft_to_change, open_draft
from scoring.agreement.changes import lock_model
from scoring.agreement.qualification import exchange
from scoring.agreement.qualification.changes import changes
from scoring.agreement.qualification.creating import create, names_of
from scoring.agreement.qualification.examples import example_sheets
from scoring.agreement.qualification.measures import Measured, fields_of, in_words, measured, probe
from scoring.agreement.qualification.models import PERSONAS_MOST, Overtaken, Persona, Taken
from scoring.agreement.qualification.sheets import Sheet, read_sheet, sheet_of
from scoring.agreement.qualification.typing_in import (
    PersonaForm,
    field_choices,
    lines_of_post,
    typed_of_post,
    way_choices,
)
from scoring.agreement.rights import may_write_draft
from scoring.criteria.installed import installed_catalogue
from scoring.criteria.models import ScoringModel

CHANGE: Final = "scoring.change_persona"
ADD: Final = "scoring.add_persona"
DELETE: Final = "scoring.delete_persona"
BADGES: Final = {
    Taken.SAME: "check_circle",
    Taken.NEVER: "radio_button_unchecked",
    Taken.GONE: "error",
}


@model_page
class MatrixPage(ModelPage):
    slug: ClassVar[str] = "matrix"
    title: ClassVar[str | Promise] = _("Qualification matrix")
    icon: ClassVar[str] = "table_chart"
    order: ClassVar[int] = 20
    permission: ClassVar[str] = "scoring.view_persona"

    def routes(self) -> list[tuple[str, str, View]]:
        return [
            ("", "", self.index),
            ("add/", "add", self.add),
            ("example/", "example", self.example),
            ("<int:persona_id>/", "persona", self.persona),
            ("<int:persona_id>/rules/", "rules", self.rules),
            ("<int:persona_id>/delete/", "delete", self.delete),
            ("workbook/", "workbook", exchange.workbook),
            ("document/", "document", exchange.document),
            ("import/", "import", self.bring_in),
        ]

    # --- Looking -----------------------------------------------------------------------------

    def index(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        first = model.personas.first()
        if first is not None:
            return HttpResponseRedirect(self.address(model, "persona", first.pk))
        template = "scoring/qualification/empty.html"
        return self.page(request, model, template, may_add=request.user.has_perm(ADD))

    def persona(self, request: HttpRequest, model: ScoringModel, persona_id: int) -> HttpResponse:
        persona = persona_of(model, persona_id)
        if request.method == "POST":
            require(request, CHANGE)
            return self.save(request, model, persona)
        catalogue = installed_catalogue()
        form = PersonaForm(sheet_of(persona, catalogue))
        return self.editor(request, model, persona, form)

    def editor(
        self, request: HttpRequest, model: ScoringModel, persona: Persona, form: PersonaForm,
        **more: Any,
    ) -> HttpResponse:  # fmt: skip
        catalogue = installed_catalogue()
        draft = open_draft(model)
        more.setdefault("revision", persona.revision)
        states = [
            (each, taken := each.taken(draft, catalogue), BADGES.get(taken, "change_circle"))
            for each in model.personas.all()
        ]
        return self.page(
            request,
            model,
            "scoring/qualification/persona.html",
            persona=persona,
            form=form,
            states=states,
            taken=next(taken for each, taken, _icon in states if each.pk == persona.pk),
            groups=field_choices(catalogue),
            ways=way_choices(),
            may_change=request.user.has_perm(CHANGE),
            may_add=request.user.has_perm(ADD),
            may_delete=request.user.has_perm(DELETE),
            may_take=may_take(request, model),
            **more,
        )

    # --- Writing -----------------------------------------------------------------------------

    def save(self, request: HttpRequest, model: ScoringModel, persona: Persona) -> HttpResponse:
        persona.revision = sent_revision(request)
        try:
            with transaction.atomic():
                lock_model(model.pk)
                sheet = self.sent(request, model, persona)
                if not sheet.faults:
                    persona.store(sheet.lines, sheet.grid, request.user)
        except Overtaken as overtaken:
            return self.overtaken(request, model, overtaken.persona, sheet)
        except Persona.DoesNotExist:
            raise Http404 from None
        if sheet.faults:
            form = PersonaForm(sheet)
            return self.editor(request, model, persona, form, revision=sent_revision(request))
        if "_rules" in request.POST:
            return HttpResponseRedirect(self.address(model, "rules", persona.pk))
        messages.success(request, gettext("“%(name)s” is saved.") % {"name": sheet.name})
        return HttpResponseRedirect(self.address(model, "persona", persona.pk))

    def sent(self, request: HttpRequest, model: ScoringModel, persona: Persona) -> Sheet:
        return read_sheet(
            lines_of_post(request.POST),
            typed_of_post(request.POST),
            installed_catalogue(),
            for_all=persona.for_all,
            taken=names_of(model, but=persona),
        )

    def overtaken(
        self, request: HttpRequest, model: ScoringModel, theirs: Persona, sheet: Sheet
    ) -> HttpResponse:
        """The second of two is told what the first has changed; nothing that was typed is lost."""
        catalogue = installed_catalogue()
        stored = sheet_of(theirs, catalogue)
        found = changes((stored.lines, stored.grid), (sheet.lines, sheet.grid), catalogue)
        form = PersonaForm(sheet)
        return self.editor(request, model, theirs, form, theirs=theirs, differences=found)

    def add(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        require(request, ADD, post=True)
        for_all = "for_all" in request.POST
        catalogue = installed_catalogue()
        stem = gettext("Every contact") if for_all else gettext("New persona")
        typed = typed_of_post(request.POST)

        def one(taken: set[str]) -> list[Sheet]:
            name = free_name(stem, taken)
            return [read_sheet({"name": name}, typed, catalogue, for_all=for_all)]

        made = create(model, one, request)
        if not made:
            said = gettext("A model has at most %(most)d personas.") % {"most": PERSONAS_MOST}
            messages.error(request, said)
            return HttpResponseRedirect(self.address(model))
        return HttpResponseRedirect(self.address(model, "persona", made[0].pk) + "#id_name")

    def example(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        """A first matrix to change, where there is none."""
        require(request, ADD, post=True)
        catalogue = installed_catalogue()
        create(model, lambda taken: [] if taken else example_sheets(catalogue), request)
        return HttpResponseRedirect(self.address(model))

    def delete(self, request: HttpRequest, model: ScoringModel, persona_id: int) -> HttpResponse:
        require(request, DELETE)
        persona = persona_of(model, persona_id)
        if request.method != "POST":
            template = "scoring/qualification/delete.html"
            return self.page(request, model, template, persona=persona)
        with transaction.atomic():
            persona.delete()
            AuditEntry.objects.note(request.user, model, "matrix", removed=persona.name)
        said = gettext("“%(name)s” is deleted; a group made from it stays in the draft.")
        messages.success(request, said % {"name": persona.name})
        return HttpResponseRedirect(self.address(model))

    # --- Becoming a group --------------------------------------------------------------------

    def rules(self, request: HttpRequest, model: ScoringModel, persona_id: int) -> HttpResponse:
        """What the grid would be as a group; a POST takes it into the draft."""
        persona = persona_of(model, persona_id)
        catalogue = installed_catalogue()
        group = persona.group(catalogue)
        draft = open_draft(model)
        if request.method == "POST":
            if not may_take(request, model):
                raise PermissionDenied
            if group is not None and sent_revision(request) == persona.revision:
                return self.take(request, model, persona)
            messages.error(request, gettext("The matrix has changed meanwhile: look at it again."))
            return HttpResponseRedirect(self.address(model, "rules", persona.pk))
        document = document_of(draft, model)
        audience = document.audience if document else None
        found: list[Measured] = []
        if group is not None:
            document = probe([group], fields_of(document), audience)
            # How many there are is told to those who see every contact.
            everybody = request.user.has_perm("contacts.view_all_contacts")
            found = (
                measured(document, catalogue, timezone.now())
                if everybody
                else in_words(document, catalogue)
            )
        in_draft = draft.groups.filter(name=persona.name).first() if draft else None
        return self.page(
            request,
            model,
            "scoring/qualification/rules.html",
            persona=persona,
            rules=found,
            is_faulty=group is None and bool(sheet_of(persona, catalogue).faults),
            taken=persona.taken(draft, catalogue),
            replaces=in_draft,
            may_take=may_take(request, model),
        )

    def take(self, request: HttpRequest, model: ScoringModel, persona: Persona) -> HttpResponse:
        with transaction.atomic():
            draft = draft_to_change(model, request.user)
            if draft is not None:
                persona.take_into(draft, installed_catalogue(), request.user)
        if draft is None:
            messages.error(request, gettext("This model has no version yet to begin a draft from."))
            return HttpResponseRedirect(self.address(model, "rules", persona.pk))
        said = gettext("The group “%(name)s” stands in the draft as the matrix says.")
        messages.success(request, said % {"name": persona.name})
        return HttpResponseRedirect(address_of("criteria", model))

    def bring_in(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        require(request, CHANGE)
        require(request, ADD)
        return exchange.bring_in(self, request, model)


def may_take(request: HttpRequest, model: ScoringModel) -> bool:
    return request.user.has_perm(CHANGE) and may_write_draft(request.user, model)


def persona_of(model: ScoringModel, persona_id: int) -> Persona:
    found = model.personas.filter(pk=persona_id).first() if persona_id < 2**31 else None
    if found is None:
        raise Http404
    return found


def free_name(stem: str, taken: set[str]) -> str:
    """``taken``: normalised names."""
    name, number = stem, 1
    while normalise(name) in taken:
        number += 1
        name = f"{stem} {number}"
    return name


def sent_revision(request: HttpRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def require(request: HttpRequest, permission: str, *, post: bool = False) -> None:
    if not request.user.has_perm(permission) or (post and request.method != "POST"):
        raise PermissionDenied
