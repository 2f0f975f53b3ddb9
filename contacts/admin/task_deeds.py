"""What a person does with a task by one click: take it, finish it, wake it, open it again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Task

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from contacts.models.tasks import TaskQuerySet


@dataclass(frozen=True)
class Deed:
    """``do`` changes those tasks alone in which it still can be done, and counts them."""

    name: str
    title: "StrPromise"
    told: "StrPromise"
    icon: str
    fits: Callable[[Task], bool]
    do: Callable[["TaskQuerySet", User], int]
    in_list: bool = True


DEEDS: Final = {
    deed.name: deed
    for deed in (
        Deed(
            name="take",
            title=_("Take"),
            told=_("yours now"),
            icon="person_add",
            fits=lambda task: task.is_open and task.assignee_id is None,
            do=lambda tasks, user: tasks.take(user),
        ),
        Deed(
            name="done",
            title=_("Done"),
            told=_("done"),
            icon="check",
            fits=lambda task: task.is_open,
            do=lambda tasks, user: tasks.finish(user, timezone.now()),
        ),
        Deed(
            name="wake",
            title=_("Bring it back now"),
            told=_("back again"),
            icon="alarm",
            fits=lambda task: task.is_snoozed(timezone.now()),
            do=lambda tasks, user: tasks.wake(),
        ),
        Deed(
            name="cancel",
            title=_("Cancel the task"),
            told=_("cancelled"),
            icon="block",
            fits=lambda task: task.is_open,
            do=lambda tasks, user: tasks.cancel(user, timezone.now()),
            in_list=False,
        ),
        Deed(
            name="reopen",
            title=_("Reopen"),
            told=_("open again"),
            icon="undo",
            fits=lambda task: not task.is_open,
            do=lambda tasks, user: tasks.reopen(),
        ),
    )
}
