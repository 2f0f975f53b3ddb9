"""Doing something with tasks: by one click, by an answer, for one or for all that are ticked."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.admin import task_undo
from contacts.admin.base import RecordAdmin
from contacts.admin.task_asking import (
    ASKED,
    MOST,
    TOLD_MOST,
    answered,
    chosen,
    page,
    warn,
    way_back,
)
from contacts.admin.task_deeds import DEEDS, Deed
from contacts.models import Task
from contacts.models.people import sees_everybody
from contacts.tasking import instead


class TaskDoing(RecordAdmin):
    """The deeds of the pages of tasks."""

    actions = ("finish_ticked", "take_ticked", "finish", "snooze", "hand_over")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or sees_everybody(request.user) or obj.is_of(request.user)

    def get_urls(self) -> list[Any]:
        guarded = self.admin_site.admin_view
        return [
            path("<int:pk>/do/<slug:deed>/", guarded(self.deed_view), name="task_deed"),
            path("ask/<slug:name>/", guarded(self.asked_view), name="task_asked"),
            path("undo/", guarded(self.undo_view), name="task_undo"),
            *super().get_urls(),
        ]

    def deeds_for(self, request: HttpRequest, task: Task) -> list[Deed]:
        """What this person may do with a task as it is."""
        if not self.has_change_permission(request, task):
            return []
        return [deed for deed in DEEDS.values() if deed.fits(task)]

    def deed_view(self, request: HttpRequest, pk: int, deed: str) -> HttpResponse:
        """By POST alone; what somebody else has done meanwhile is told and not undone."""
        if deed not in DEEDS:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        task = self.get_object(request, str(pk))
        if not self.has_change_permission(request, task):
            raise PermissionDenied(instead(cast(Task, task), cast(User, request.user)))
        self.do(request, DEEDS[deed], Task.objects.filter(pk=pk))
        return HttpResponseRedirect(way_back(request))

    def asked_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """GET asks, POST does it; for the tasks that the address or the form names."""
        if name not in ASKED:
            raise Http404
        if not self.has_change_permission(request):
            raise PermissionDenied
        tasks = chosen(request, changeable(Task.objects.all(), request))
        back = way_back(request)
        if request.method == "POST":
            return answered(request, ASKED[name], tasks, back)
        return page(request, ASKED[name], tasks, ASKED[name].form(request, tasks), back)

    def undo_view(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        undone = task_undo.take_back(request)
        if undone.count:
            text = ngettext(
                "%(count)d task is as it was.", "%(count)d tasks are as they were.", undone.count
            )
            messages.success(request, text % {"count": undone.count})
        elif not undone.told:
            messages.warning(request, gettext("There is nothing to undo any more."))
        for told in undone.told[:TOLD_MOST]:
            messages.warning(request, told)
        return HttpResponseRedirect(way_back(request))

    def do(self, request: HttpRequest, deed: Deed, tasks: Any) -> None:
        """To those of these tasks to which it still can be done, with a word about it."""
        user = cast(User, request.user)
        with transaction.atomic():
            locked = tasks.select_for_update(of=("self",)).select_related("assignee", "done_by")
            meant = list(locked)
            rows = [task for task in meant if deed.fits(task)]
            before = task_undo.kept(rows)
            deed.do(Task.objects.filter(pk__in=before), user)
        for task in rows:
            self.log_change(request, task, str(deed.title))
        warn(request, [task for task in meant if task not in rows], is_all=not rows)
        if rows:
            messages.success(request, task_undo.said(rows, str(deed.told)))
            task_undo.offer(request, str(deed.told), before)

    @admin.action(description=_("Mark as done"), permissions=["change"])
    def finish_ticked(self, request: HttpRequest, queryset: Any) -> None:
        self.do(request, DEEDS["done"], changeable(queryset, request))

    @admin.action(description=_("Take"), permissions=["change"])
    def take_ticked(self, request: HttpRequest, queryset: Any) -> None:
        self.do(request, DEEDS["take"], changeable(queryset, request))

    @admin.action(description=_("Done, with its result"), permissions=["change"])
    def finish(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        return self.ask_for_ticked(request, "finish", queryset)

    @admin.action(description=_("Put off"), permissions=["change"])
    def snooze(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        return self.ask_for_ticked(request, "snooze", queryset)

    @admin.action(description=_("Pass on"), permissions=["change"])
    def hand_over(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        return self.ask_for_ticked(request, "hand-over", queryset)

    def ask_for_ticked(self, request: HttpRequest, name: str, queryset: Any) -> HttpResponse:
        tasks = changeable(queryset, request).open().order_by("pk")
        if not 0 < tasks.count() <= MOST:
            text = gettext("Tick open tasks that you may change, at most %(most)d.")
            messages.warning(request, text % {"most": MOST})
            return HttpResponseRedirect(way_back(request))
        return page(
            request, ASKED[name], tasks, ASKED[name].form(request, tasks), way_back(request)
        )


def changeable(tasks: Any, request: HttpRequest) -> Any:
    """Of these tasks those that this person may change."""
    rows = Task.objects.filter(pk__in=tasks.order_by().values("pk"))
    return rows if sees_everybody(request.user) else rows.for_doing_by(request.user)
