"""The list of sequences, and the pages of one: its steps, who is in it, as a text."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter

from contacts.admin.base import column, visible
from contacts.admin.teams import PersonField, people
from contacts.models import Contact
from contacts.working_time import NoWorkingTime
from scoring.automations.sequences.admin.forms import (
    ContactForm,
    ImportForm,
    SequenceForm,
    StepForm,
)
from scoring.automations.sequences.admin.pages import PeoplePages
from scoring.automations.sequences.loading import dump_sequence, load_sequence
from scoring.automations.sequences.models import Sequence, SequenceStep
from scoring.automations.sequences.preview import foresee
from scoring.automations.sequences.statistics import states_of
from scoring.automations.texts import VARIABLES
from scoring.criteria import yaml
from scoring.criteria.document import DocumentInvalid

IMPORT_MOST = 1_048_576


class StepInline(StackedInline):
    model = SequenceStep
    form = StepForm
    extra = 0
    ordering_field: Any = "position"
    hide_ordering_field = True
    fieldsets = (
        (
            None,
            {"fields": (("kind", "at"), ("wait_days", "wait_working"), "subject", "text")},
        ),
        (
            None,
            {
                "fields": (
                    ("assignee", "priority"),
                    ("team", "person"),
                    "due_hours",
                    "position",
                ),
                "classes": ("for-tasks",),
            },
        ),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Without the buttons beside a team or a person, which are not made from here."""
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None and db_field.name in ("team", "person"):
            field.widget = getattr(field.widget, "widget", field.widget)
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "person":
            options |= {"queryset": people(), "form_class": PersonField}
        return super().formfield_for_foreignkey(db_field, request, **options)


@admin.register(Sequence)
class SequenceAdmin(PeoplePages):
    empty_text = _(
        "No sequences yet. A sequence sends a contact e-mails and gives its owner tasks, one "
        "after another, until the contact answers or reaches the goal."
    )
    form = SequenceForm
    list_display = ("name", "purpose", "on_shown", "steps_shown", "in_it", "finished", "left")
    list_filter = (("purpose", ChoicesDropdownFilter), ("active", BooleanRadioFilter))
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (StepInline,)
    list_before_template: Any = "scoring/sequences/list_before.html"
    change_form_outer_before_template: Any = "scoring/sequences/tabs.html"
    change_form_outer_after_template: Any = "scoring/sequences/preview.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "slug"),
                    ("purpose", "calendar"),
                    "active",
                    "leave_on_band_change",
                    "goal",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        found = super().get_queryset(request).select_related("calendar")
        return found.annotate(**states_of()).prefetch_related("steps")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else self.prepopulated_fields

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Store the steps; whoever is in the sequence goes on by what they are now."""
        super().save_related(request, form, formsets, change)
        form.instance.renumber()
        form.instance.look_again()

    # --- The list --------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"may_import": self.has_add_permission(request), **(extra_context or {})}
        return super().changelist_view(request, extra_context=context)

    @column(_("on"), boolean=True, ordering="active")
    def on_shown(self, sequence: Sequence) -> bool:
        return sequence.active

    @column(_("steps"))
    def steps_shown(self, sequence: Sequence) -> int:
        return len(sequence.steps.all())

    @column(_("in it"), ordering="active_count")
    def in_it(self, sequence: Any) -> int:
        return int(sequence.active_count)

    @column(_("finished"), ordering="finished_count")
    def finished(self, sequence: Any) -> int:
        return int(sequence.finished_count)

    @column(_("left"), ordering="left_count")
    def left(self, sequence: Any) -> int:
        return int(sequence.left_count)

    # --- One sequence ----------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        return [
            self.page("import/", self.import_view, "import"),
            self.page("<int:pk>/yaml/", self.yaml_view, "yaml"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        sequence = self.get_object(request, object_id)
        context = {**self.tabs(request, sequence, "steps"), **self.preview(request, sequence)}
        context |= {"variables": VARIABLES, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def preview(self, request: HttpRequest, sequence: Any) -> dict[str, Any]:
        """The steps for the contact that the address names, or for some contact."""
        contacts: Any = visible(Contact.objects.select_related("company"), request)
        form = ContactForm(contacts, request.GET if "contact" in request.GET else None)
        asked = form.cleaned_data["contact"] if form.is_bound and form.is_valid() else None
        contact = asked or contacts.first()
        if contact is None:
            return {"foreseen": [], "preview_form": form}
        if not asked:
            form = ContactForm(contacts, initial={"contact": contact.pk})
        try:
            foreseen = list(foresee(sequence, contact, timezone.now()))
        except NoWorkingTime as reason:
            return {"foreseen": [], "preview_form": form, "no_time": str(reason)}
        return {"foreseen": foreseen, "preview_form": form, "preview_contact": contact}

    def yaml_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The document as a file, which can be imported elsewhere."""
        sequence = self.seen(request, pk)
        try:
            text = dump_sequence(sequence)
        except DocumentInvalid as invalid:
            messages.error(request, str(invalid))
            return self.to_people(pk)
        return HttpResponse(
            text,
            content_type="application/yaml; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{sequence.slug}.yaml"'},
        )

    def import_view(self, request: HttpRequest) -> HttpResponse:
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        faults: list[str] = []
        if request.method == "POST" and form.is_valid():
            upload = form.cleaned_data["file"]
            try:
                sequence = load_sequence(yaml.read(upload.read(IMPORT_MOST + 1), upload.name))
            except DocumentInvalid as invalid:
                faults = [str(fault) for fault in invalid.faults]
            else:
                messages.success(request, gettext("“%(name)s” is here.") % {"name": sequence})
                self.log_change(request, sequence, gettext("Imported."))
                return HttpResponseRedirect(change_url(sequence))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Import a sequence"),
            "form": form,
            "faults": faults,
        }
        return TemplateResponse(request, "scoring/sequences/import.html", context)


def change_url(sequence: Sequence) -> str:
    return reverse("admin:scoring_sequence_change", args=[sequence.pk])
