"""Importing files: upload, say what the columns are, look at the first rows, let it run.

Who imports may overwrite what belongs to others; so it takes the right to add and change
contacts and to see those of every owner, and for each kind of file that kind's own rights.
"""

from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Form
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from contacts.admin.base import column
from contacts.admin.import_columns import ColumnsForm
from contacts.admin.import_forms import OptionsForm, UploadForm, options_of
from contacts.imports.drafts import Choices, Draft, saved_document
from contacts.imports.faults import MappingInvalid, SourceInvalid
from contacts.imports.fields import all_fields
from contacts.imports.jobs import mapping_of, problem_of, resume, start
from contacts.imports.kinds import ACTIVITIES, CAMPAIGNS, COMPANIES, CONTACTS, DEALS
from contacts.imports.uploads import absolute, forget, keep
from contacts.models import ImportBusy, ImportJob, ImportMapping

State = ImportJob.State
WRITE: Final = "write"

IMPORTERS: Final = ("contacts.add_contact", "contacts.change_contact", "contacts.view_all_contacts")
RIGHTS: Final = {
    CONTACTS: (),
    COMPANIES: ("contacts.add_company", "contacts.change_company"),
    ACTIVITIES: ("contacts.add_activity",),
    DEALS: ("contacts.add_deal", "contacts.change_deal"),
    CAMPAIGNS: ("contacts.add_campaign", "contacts.change_campaign"),
}


def kinds_for(user: User | AnonymousUser) -> list[str]:
    """The kinds of files that this person may import."""
    if not user.has_perms(IMPORTERS):
        return []
    return [kind for kind, rights in RIGHTS.items() if user.has_perms(rights)]


class ImportersOnly(ModelAdmin):
    """Pages for those who may import, whoever began the import."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(kind__in=kinds_for(request.user))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(kinds_for(request.user))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(kinds_for(request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(kinds_for(request.user))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        kinds = kinds_for(request.user)
        return bool(kinds) if obj is None else obj.kind in kinds

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(ImportMapping)
class ImportMappingAdmin(ImportersOnly):
    list_display = ("name", "kind", "created_at")
    list_filter = ("kind",)
    search_fields = ("name",)
    fields = ("name", "kind", "document")
    readonly_fields = ("kind", "document")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They are saved where a file is mapped."""
        return False


@admin.register(ImportJob)
class ImportJobAdmin(ImportersOnly):
    """The pages of an import. What is shown for a job follows from its state."""

    list_display = ("name", "kind", "shown_state", "rows", "created_by", "created_at")
    list_filter = ("kind", "state")
    list_select_related = ("created_by",)
    search_fields = ("name",)
    pages: ClassVar[dict[str, str]] = {
        State.UPLOADED: "map",
        State.QUEUED: "progress",
        State.RUNNING: "progress",
    }

    @column(
        _("state"),
        ordering="state",
        label={
            State.DONE: "success",
            State.REFUSED: "danger",
            State.FAILED: "danger",
            State.RUNNING: "info",
            State.QUEUED: "info",
        },
    )
    def shown_state(self, job: ImportJob) -> tuple[str, str]:
        return job.state, job.get_state_display()

    @column(_("rows"))
    def rows(self, job: ImportJob) -> str:
        return str(job.outcome.get("rows", ""))

    def get_urls(self) -> list[Any]:
        own = [
            path("<int:pk>/progress/", self.own(self.progress_view), name="import_progress"),
            path("<int:pk>/report/", self.own(self.report_view), name="import_report"),
            path("<int:pk>/remap/", self.own(self.remap_view), name="import_remap"),
            path("<int:pk>/resume/", self.own(self.resume_view), name="import_resume"),
        ]
        return own + super().get_urls()

    def own(self, view: Any) -> Any:
        """A view of one job, for those who may import its kind."""

        def checked(request: HttpRequest, pk: int) -> Any:
            return view(request, self.job(request, pk))

        return self.admin_site.admin_view(checked)

    def job(self, request: HttpRequest, pk: int | str) -> ImportJob:
        job = ImportJob.objects.filter(pk=pk).first() if str(pk).isdecimal() else None
        if job is None:
            raise Http404
        if job.kind not in kinds_for(request.user):
            raise PermissionDenied
        return job

    # --- Upload ----------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        kinds = kinds_for(request.user)
        if not kinds:
            raise PermissionDenied
        form = UploadForm(
            request.POST or None,
            request.FILES or None,
            kinds=kinds,
            too_large=bool(request.META.get("UPLOAD_TOO_LARGE")),
        )
        if request.method == "POST" and form.is_valid():
            return self.to_job(self.uploaded(request, form.cleaned_data))
        return self.page(request, "upload", gettext("Import a file"), form=form)

    def uploaded(self, request: HttpRequest, given: dict[str, Any]) -> ImportJob:
        job = ImportJob(
            kind=given["kind"],
            name=Path(given["file"].name).name[:255],
            path=keep(given["file"]),
            created_by=request.user if isinstance(request.user, User) else None,
        )
        job.save()
        try:
            draft = Draft(job, absolute(job.path))
            if draft.has_columns:
                saved: ImportMapping | None = given["mapping"]
                job.note(
                    document=saved_document(saved, draft.headers)
                    if saved
                    else draft.first_document()
                )
        except SourceInvalid:
            # The mapping page says what is wrong with the file, where it may be put right.
            pass
        return job

    # --- One import ------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        job = self.job(request, object_id)
        page = self.pages.get(job.state, "result")
        if page != "map":
            return self.page(request, page, job.name, job=job, **self.result(job))
        if request.method == "POST":
            try:
                return self.mapped(request, job)
            except ImportBusy:
                # The form was sent twice, or from two windows: what was begun goes on.
                return self.to_job(job)
        return self.map_page(request, job)

    def map_page(self, request: HttpRequest, job: ImportJob) -> HttpResponse:
        """The columns with what they are to be, and the first rows as they would be read."""
        options = OptionsForm(initial=options_of(job.document) | {"skip_bad": job.skip_bad})
        facts: dict[str, Any] = {"job": job, "options": options}
        try:
            draft = Draft(job, absolute(job.path))
            if draft.has_columns:
                facts["columns"] = ColumnsForm(job, request.user, draft.columns())
            facts["preview"] = draft.preview()
        except SourceInvalid as invalid:
            facts["problem"] = problem_of(invalid)
        except MappingInvalid as invalid:
            facts["faults"] = [str(fault) for fault in invalid.faults]
        return self.page(request, "map", job.name, **facts)

    def mapped(self, request: HttpRequest, job: ImportJob) -> HttpResponse:
        """Keep what was chosen; with the right button, begin."""
        options = OptionsForm(request.POST)
        if not options.is_valid():
            return self.complain(request, job, options)
        try:
            draft = Draft(job, absolute(job.path), options.cleaned_data["encoding"])
            columns = ColumnsForm(job, request.user, draft.columns(), request.POST)
            if not columns.is_valid():
                return self.complain(request, job, columns)
            job.note(
                document=self.chosen(job, draft, columns, options),
                skip_bad=options.cleaned_data["skip_bad"],
            )
            if "_import" in request.POST or options.cleaned_data["save_as"]:
                all_fields(mapping_of(job).fields)
        except (MappingInvalid, SourceInvalid) as invalid:
            messages.error(request, problem_of(invalid))
            return self.to_job(job)
        if name := options.cleaned_data["save_as"]:
            self.save_mapping(request, job, name)
        if "_import" in request.POST:
            start(job, get_language() or "")
        return self.to_job(job)

    def complain(self, request: HttpRequest, job: ImportJob, form: Form) -> HttpResponse:
        for name, problems in form.errors.items():
            told = " ".join(map(str, problems))
            messages.error(request, f"{form.fields[name].label}: {told}")
        return self.to_job(job)

    def chosen(
        self, job: ImportJob, draft: Draft, columns: ColumnsForm, options: OptionsForm
    ) -> dict[str, Any]:
        """The document that the page says. Raises MappingInvalid."""
        if not draft.has_columns:
            return {}
        if not job.document.get("record") and not any(columns.columns().values()):
            # The file could not be read before, so nobody was asked about its columns yet.
            return {**draft.first_document(), **options.told()}
        choices = Choices(job.kind, job.document, draft.headers)
        return choices.document(columns.columns(), columns.constants(), options.told())

    def save_mapping(self, request: HttpRequest, job: ImportJob, name: str) -> None:
        saved, new = ImportMapping.objects.get_or_create(
            name=name, defaults={"kind": job.kind, "document": job.document}
        )
        if not new and saved.kind != job.kind:
            messages.error(request, gettext("A mapping for another kind of file has this name."))
            return
        saved.document = job.document
        saved.save(update_fields=["document"])
        messages.success(request, gettext("The mapping was saved as “%(name)s”.") % {"name": name})

    def result(self, job: ImportJob) -> dict[str, Any]:
        told = job.outcome
        # Once rows are stored another mapping would store some of them twice.
        stopped = job.state in (State.REFUSED, State.FAILED) and bool(job.path)
        return {
            "told": told,
            "stored": told.get("stored", {}),
            "faults": told.get("faults", []),
            "more": max(0, told.get("fault_count", 0) - len(told.get("faults", []))),
            "has_report": bool(job.report and told.get("fault_count")),
            "can_remap": stopped and job.phase != WRITE,
            "can_resume": stopped and job.phase == WRITE,
        }

    def progress_view(self, request: HttpRequest, job: ImportJob) -> HttpResponse:
        """The moving part of the progress page; at the end it has the page read anew."""
        response = TemplateResponse(request, "contacts/imports/bar.html", {"job": job})
        if not job.is_under_way:
            response["HX-Refresh"] = "true"
        return response

    def report_view(self, request: HttpRequest, job: ImportJob) -> FileResponse:
        file = absolute(job.report)
        if not job.report or not file.is_file():
            raise Http404
        name = f"{Path(job.name).stem}-report.csv"
        return FileResponse(file.open("rb"), as_attachment=True, filename=name)

    def remap_view(self, request: HttpRequest, job: ImportJob) -> HttpResponse:
        """Back to the mapping of a file that was refused."""
        if request.method == "POST" and self.result(job)["can_remap"]:
            report = job.report
            with suppress(ImportBusy):
                job.note(state=State.UPLOADED, report="", outcome={}, phase="")
                forget(report)
        return self.to_job(job)

    def resume_view(self, request: HttpRequest, job: ImportJob) -> HttpResponse:
        """On with an import that was cut short while rows were stored."""
        if request.method == "POST" and self.result(job)["can_resume"]:
            with suppress(ImportBusy):
                resume(job)
        return self.to_job(job)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        forget(obj.path)
        forget(obj.report)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for job in queryset:
            self.delete_model(request, job)

    def to_job(self, job: ImportJob) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:contacts_importjob_change", args=[job.pk]))

    def page(self, request: HttpRequest, name: str, title: str, **facts: Any) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "title": title, **facts}
        return TemplateResponse(request, f"contacts/imports/{name}.html", context)
