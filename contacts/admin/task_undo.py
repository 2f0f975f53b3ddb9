"""The last thing that somebody did to tasks, for them to take back: it waits in their session.

Tasks by their number alone: a title names people, and who is erased must not stay in a session.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from contacts.models import Activity, Task
from contacts.tasking import instead

KEY: Final = "task_undo"
# As many as a session may carry; and no longer than somebody remembers what they did.
ROWS_MOST: Final = 300
LATELY: Final = timedelta(minutes=30)
TEXTS: Final = ("state", "result", "result_text")
IDS: Final = ("done_by_id", "assignee_id", "snoozes")
MOMENTS: Final = ("done_at", "snoozed_until")

Kept = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Undone:
    """How many are again as they were, and what is told of the others."""

    count: int
    told: list[str]


def kept(tasks: list[Task]) -> dict[int, Kept]:
    """What a deed may change of these tasks, as it is now."""
    return {
        task.pk: {name: getattr(task, name) for name in (*TEXTS, *IDS)}
        | {name: written(getattr(task, name)) for name in MOMENTS}
        for task in tasks
    }


def written(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def said(tasks: Sequence[Task], what: str) -> str:
    if len(tasks) == 1:
        return gettext("“%(task)s”: %(what)s.") % {"task": tasks[0], "what": what}
    told = ngettext("%(count)d task: %(what)s.", "%(count)d tasks: %(what)s.", len(tasks))
    return told % {"count": len(tasks), "what": what}


def offer(
    request: HttpRequest, what: str, before: dict[int, Kept], calls: list[int] | None = None
) -> None:
    """Remember what was done; before it, tasks were so. ``calls``: activities written with it."""
    now = Task.objects.filter(pk__in=before).values_list("pk", "changed_at")
    rows = [[pk, before[pk], at.isoformat()] for pk, at in now]
    if not rows or len(rows) > ROWS_MOST:
        request.session.pop(KEY, None)
        return
    at = timezone.now().isoformat()
    request.session[KEY] = {"what": what, "rows": rows, "calls": calls or [], "at": at}


def offered(request: HttpRequest) -> str:
    """In words, what could be taken back; empty where there is nothing."""
    found = request.session.get(KEY)
    if not found or datetime.fromisoformat(found["at"]) < timezone.now() - LATELY:
        return ""
    tasks = list(Task.objects.filter(pk__in=[pk for pk, _before, _at in found["rows"]]))
    return said(tasks, found["what"]) if tasks else ""


@transaction.atomic
def take_back(request: HttpRequest) -> Undone:
    """Make the tasks what they were, but for those that somebody has changed since."""
    found = request.session.pop(KEY, None) or {"rows": [], "calls": []}
    count, told, restored = 0, list[str](), set[int]()
    for pk, before, changed_at in found["rows"]:
        as_then = Task.objects.filter(pk=pk, changed_at=datetime.fromisoformat(changed_at))
        unchanged = as_then.filter(contact__erased_at=None)
        if unchanged.update(**read(before)):
            count += 1
            restored.add(Task.objects.values_list("contact_id", flat=True).get(pk=pk))
        elif task := Task.objects.filter(pk=pk).select_related("assignee", "done_by").first():
            facts = {"task": task}
            told.append(
                instead(task, cast(User, request.user))
                or gettext("“%(task)s” has been changed since: it stays as it is.") % facts
            )
    for call in Activity.objects.filter(pk__in=found["calls"], contact__in=restored):
        call.delete()
    return Undone(count, told)


def read(before: Kept) -> Kept:
    moments = {name: datetime.fromisoformat(at) for name in MOMENTS if (at := before[name])}
    return {**before, **dict.fromkeys(MOMENTS), **moments}
