"""What is asked before something is done to tasks: what came of them, until when, who gets them.

The same page for one task and for many; where the list asks for it, only its form, which then
stands in a dialog.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.admin import task_undo
from contacts.admin.pointing import DIGITS_MOST
from contacts.admin.sections import moment
from contacts.admin.task_forms import FinishForm, HandOverForm, SnoozeForm, times_for
from contacts.models import Calendar, Task
from contacts.models.teams import name_of
from contacts.tasking import Finish, HandOver, Refused, Snooze, instead

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from contacts.models.tasks import TaskQuerySet

MOST: Final = 1000
TOLD_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, in words, to which tasks; ``calls``: activities written with it."""

    told: str
    done: list[Task]
    calls: list[int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A deed that needs an answer first. ``key``: does the same on the list."""

    name: str
    title: "StrPromise"
    icon: str
    key: str
    form: Callable[..., forms.Form]
    do: Callable[[HttpRequest, "TaskQuerySet", Any], Outcome]


def finish_form(request: HttpRequest, tasks: "TaskQuerySet", *data: Any) -> FinishForm:
    may = Finish(tasks, cast(User, request.user)).may_write_calls()
    return FinishForm(*data, may_write_calls=may)


def snooze_form(request: HttpRequest, tasks: "TaskQuerySet", *data: Any) -> SnoozeForm:
    return SnoozeForm(*data, times=times_for(calendar_of(request, tasks)))


def hand_over_form(request: HttpRequest, tasks: "TaskQuerySet", *data: Any) -> HandOverForm:
    return HandOverForm(*data)


def calendar_of(request: HttpRequest, tasks: "TaskQuerySet") -> Calendar:
    """That of the team whose task it is, where it is one; otherwise this person's."""
    rows = list(tasks.select_related("team__calendar")[:2])
    if len(rows) == 1 and rows[0].team:
        return rows[0].team.calendar
    return Calendar.objects.of(request.user)


def finish(request: HttpRequest, tasks: "TaskQuerySet", form: FinishForm) -> Outcome:
    given = form.cleaned_data
    user, result = cast(User, request.user), form.data.get("result", "")
    decision = Finish(tasks, user, result, given["text"], given.get("as_call", False))
    done, calls = decision.execute()
    return Outcome(str(dict(Task.Result.choices)[result]), done, calls)


def snooze(request: HttpRequest, tasks: "TaskQuerySet", form: SnoozeForm) -> Outcome:
    until = form.chosen()
    done = Snooze(tasks, until).execute()
    return Outcome(gettext("put off until %(when)s") % {"when": moment(until)}, done, [])


def hand_over(request: HttpRequest, tasks: "TaskQuerySet", form: HandOverForm) -> Outcome:
    given = HandOver(tasks, cast(User, request.user), form.person, form.team).execute()
    names = ", ".join(name_of(user) for user in given)
    return Outcome(gettext("with %(names)s now") % {"names": names}, sum(given.values(), []), [])


ASKED: Final = {
    each.name: each
    for each in (
        Asked("finish", _("Done, with its result"), "checklist", "d", finish_form, finish),
        Asked("snooze", _("Put off"), "snooze", "s", snooze_form, snooze),
        Asked("hand-over", _("Pass on"), "forward", "p", hand_over_form, hand_over),
    )
}


def answered(request: HttpRequest, asked: Asked, tasks: "TaskQuerySet", back: str) -> HttpResponse:
    """Do it where the answer is sound, otherwise ask again and say why."""
    form = asked.form(request, tasks, request.POST)
    if not form.is_valid():
        return page(request, asked, tasks, form, back)
    meant = list(tasks)
    before = task_undo.kept(meant)
    try:
        outcome = asked.do(request, tasks, form)
    except Refused as refused:
        form.add_error(None, str(refused))
        return page(request, asked, tasks, form, back)
    except ValidationError as wrong:
        form.add_error(None, wrong)
        return page(request, asked, tasks, form, back)
    tell(request, outcome, meant)
    note(request, asked, outcome)
    if outcome.done:
        done = {task.pk: before[task.pk] for task in outcome.done}
        task_undo.offer(request, outcome.told, done, outcome.calls)
    return HttpResponseRedirect(back)


def tell(request: HttpRequest, outcome: Outcome, meant: list[Task]) -> None:
    """What was done, and of what somebody else has done something with meanwhile, who."""
    if outcome.done:
        messages.success(request, task_undo.said(outcome.done, outcome.told))
    missed = [task.pk for task in meant if task not in outcome.done]
    rows = Task.objects.filter(pk__in=missed).select_related("assignee", "done_by")
    warn(request, list(rows), is_all=not outcome.done)


def warn(request: HttpRequest, missed: list[Task], *, is_all: bool) -> None:
    """Of tasks with which nothing was done, who was faster."""
    told = [text for task in missed if (text := instead(task, cast(User, request.user)))]
    if is_all and not told:
        told = [gettext("It is so already: nothing was changed.")]
    for text in told[:TOLD_MOST]:
        messages.warning(request, text)


def note(request: HttpRequest, asked: Asked, outcome: Outcome) -> None:
    """In the history of each task."""
    pages: Any = admin.site.get_model_admin(Task)
    for task in outcome.done:
        pages.log_change(request, task, f"{asked.title}: {outcome.told}")


def page(
    request: HttpRequest, asked: Asked, tasks: "TaskQuerySet", form: forms.Form, back: str
) -> HttpResponse:
    rows = list(tasks.select_related("contact__company")[:MOST])
    left = (request.POST or request.GET).get("left", "")
    facts = {
        "asked": asked,
        "title": asked.title,
        "opts": Task._meta,
        "tasks": rows,
        "fields": [("left", left)] if left else [("task", task.pk) for task in rows],
        "form": form,
        "back": back,
        "address": reverse("admin:task_asked", args=[asked.name]),
    }
    if request.headers.get("HX-Request"):
        return TemplateResponse(request, "contacts/task_asked_form.html", facts)
    context = {**admin.site.each_context(request), **facts}
    return TemplateResponse(request, "contacts/task_asked.html", context)


def chosen(request: HttpRequest, changeable: "TaskQuerySet") -> "TaskQuerySet":
    """Of the tasks that the address or the form names, those that this person may change.

    Raises Http404 where none of them is there, and PermissionDenied where none may be changed:
    it says who has it. Of the others, where there are some, people are told.
    """
    given = request.POST if request.method == "POST" else request.GET
    if left := number(given.get("left", "")):
        return changeable.left_behind().filter(assignee=left).order_by("pk")
    ids = {number(pk) for pk in given.getlist("task")[: MOST + 1]}
    seen = Task.objects.visible_to(request.user).filter(pk__in=ids)
    rows = list(seen.select_related("assignee", "done_by")[: MOST + 1])
    if not rows or len(rows) > MOST:
        raise Http404
    found = changeable.filter(pk__in=[task.pk for task in rows])
    may = set(found.values_list("pk", flat=True))
    told = [instead(task, cast(User, request.user)) for task in rows if task.pk not in may]
    if not may:
        raise PermissionDenied(told[0])
    for text in filter(None, told[:TOLD_MOST]):
        messages.warning(request, text)
    return found.order_by("pk")


def number(text: str) -> int:
    """0, which no row has, where the text is no id."""
    return int(text) if text.isdecimal() and len(text) <= DIGITS_MOST else 0


def way_back(request: HttpRequest) -> str:
    """The page of ours from which somebody came; otherwise the list."""
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    address = request.POST.get("back") or came_from
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(address, hosts, require_https=request.is_secure()):
        return address
    return reverse("admin:contacts_task_changelist")
