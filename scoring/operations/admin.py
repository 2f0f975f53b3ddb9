"""The Jobs page: read by GET, acted upon by POST, both by who may operate jobs."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import ReadOnlyAdmin
from contacts.models import WorkerProcess
from scoring.automations.outbox.admin.asking import ask, guarded
from scoring.engine.retries import release
from scoring.engine.troubled import Troubled
from scoring.operations import queue
from scoring.operations.overview import overview

PAGE = "admin:contacts_workerprocess_changelist"


def may_operate(request: HttpRequest) -> bool:
    return request.user.has_perm("contacts.operate_jobs")


@admin.register(WorkerProcess)
class JobsAdmin(ReadOnlyAdmin):
    """Not a list of rows: what waits, who works and what failed, anew every few seconds."""

    sidebar_title = _("Jobs")
    empty_text = _("No worker runs.")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_operate(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_operate(request)

    def get_urls(self) -> list[Any]:
        own: list[tuple[str, Callable[..., HttpResponse], str]] = [
            ("", self.jobs_view, "contacts_workerprocess_changelist"),
            ("live/", self.live_view, "jobs_live"),
            ("parked/<int:pk>/again/", self.release_view, "jobs_release"),
            ("parked/again/", self.release_all_view, "jobs_release_all"),
            ("failed/<str:job_id>/again/", self.run_again_view, "jobs_run_again"),
            ("failed/<str:job_id>/delete/", self.delete_job_view, "jobs_delete"),
        ]
        return [
            *(path(route, guarded(view), name=name) for route, view, name in own),
            *super().get_urls(),
        ]

    # --- Looking ---------------------------------------------------------------------------

    def jobs_view(self, request: HttpRequest) -> HttpResponse:
        return self.shown(request, "jobs", title=gettext("Jobs"))

    def live_view(self, request: HttpRequest) -> HttpResponse:
        return self.shown(request, "live")

    def shown(self, request: HttpRequest, name: str, **facts: Any) -> HttpResponse:
        refuse_others(request)
        context = {**self.admin_site.each_context(request), "seen": overview(), **facts}
        return TemplateResponse(request, f"scoring/operations/{name}.html", context)

    # --- Parked contacts -------------------------------------------------------------------

    def release_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        refuse_others(request)
        troubled = Troubled.objects.parked().filter(pk=pk).select_related("contact").first()
        if troubled is None:
            raise Http404
        text = gettext("The score of %(contact)s is tried again, three times at most.")
        return asked(
            request,
            gettext("Try again"),
            text % {"contact": troubled.contact},
            lambda: self.release(request, [troubled]),
        )

    def release_all_view(self, request: HttpRequest) -> HttpResponse:
        refuse_others(request)
        parked = list(Troubled.objects.parked())
        text = ngettext(
            "%(count)d parked contact is tried again, three times at most.",
            "%(count)d parked contacts are tried again, each three times at most.",
            len(parked),
        )
        return asked(
            request,
            gettext("Try all again"),
            text % {"count": len(parked)},
            lambda: self.release(request, parked),
        )

    def release(self, request: HttpRequest, parked: list[Troubled]) -> None:
        released = release(parked)
        text = ngettext(
            "%(count)d contact is tried again.", "%(count)d contacts are tried again.", released
        )
        messages.success(request, text % {"count": released})

    # --- Failed jobs -----------------------------------------------------------------------

    def run_again_view(self, request: HttpRequest, job_id: str) -> HttpResponse:
        refuse_others(request)
        return asked(
            request,
            gettext("Run again"),
            gettext("The job goes back on the queue. What it is to do is looked up anew."),
            lambda: self.tell(
                request, lambda: queue.run_again(job_id), gettext("The job is on the queue.")
            ),
        )

    def delete_job_view(self, request: HttpRequest, job_id: str) -> HttpResponse:
        refuse_others(request)
        return asked(
            request,
            gettext("Delete"),
            gettext(
                "The failed job is deleted. No work is lost: what is due lies in the database, "
                "and a worker finds it there."
            ),
            lambda: self.tell(
                request, lambda: queue.delete(job_id), gettext("The job is deleted.")
            ),
        )

    def tell(self, request: HttpRequest, do: Callable[[], bool], done: str) -> None:
        try:
            if do():
                messages.success(request, done)
            else:
                messages.warning(request, gettext("This job is no longer among the failed ones."))
        except queue.QueueAway:
            messages.error(request, gettext("The queue does not answer."))


def refuse_others(request: HttpRequest) -> None:
    if not may_operate(request):
        raise PermissionDenied


def asked(request: HttpRequest, title: str, text: str, do: Callable[[], None]) -> HttpResponse:
    return ask(
        request,
        title=title,
        model=WorkerProcess,
        text=text,
        button=title,
        back=reverse(PAGE),
        allowed=may_operate(request),
        do=do,
    )
