"""What automations add to the first page: tasks, crossings held back, messages given up."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from contacts.admin.base import visible
from contacts.models import Task
from scoring.automations.models import Crossing
from scoring.automations.outbox.messages import Message
from scoring.engine.admin.home_blocks import (
    LATELY,
    SHOWN_MOST,
    Block,
    Item,
    home_block,
    home_failure,
)


@home_block(order=20)
def my_tasks(request: HttpRequest) -> Block | None:
    """Those of this person, the most urgent first."""
    if not request.user.has_perm("contacts.change_task"):
        return None
    now = timezone.now()
    mine = Task.objects.waiting_for(request.user, now).select_related("contact")
    items = [
        Item(
            task.title,
            reverse("admin:contacts_task_change", args=[task.pk]),
            "task_alt",
            gettext("overdue") if task.due_at and task.due_at < now else "",
            task.due_at,
        )
        for task in mine.urgent_first(request.user)[:SHOWN_MOST]
    ]
    return Block(
        "tasks",
        gettext("My tasks"),
        "task_alt",
        items,
        empty=gettext("No tasks. What becomes hot brings you one."),
        more_url=reverse("admin:contacts_task_changelist") + "?whose=mine&state__exact=open",
        more=gettext("All my tasks"),
    )


@home_block(order=30)
def held_back(request: HttpRequest) -> Block | None:
    """Crossings that wait for somebody to let them through; left out where none does."""
    if not request.user.has_perm("scoring.change_automation"):
        return None
    crossings: Any = visible(Crossing.objects.all(), request)
    count = crossings.held_back().count()
    said = ngettext(
        "%(count)d crossing is held back: let it act, or drop it",
        "%(count)d crossings are held back: let them act, or drop them",
        count,
    )
    url = reverse("admin:scoring_crossing_held")
    items = [Item(said % {"count": count}, url, "front_hand")] if count else []
    return Block("held", gettext("Held back"), "front_hand", items)


@home_failure
def messages_given_up(request: HttpRequest) -> Iterator[Item]:
    if not request.user.has_perm("scoring.view_message"):
        return
    seen: Any = visible(Message.objects.all(), request)
    dead = seen.filter(state=Message.State.DEAD, created_at__gte=timezone.now() - LATELY)
    if count := dead.count():
        text = ngettext("%(count)d message was given up", "%(count)d messages were given up", count)
        url = reverse("admin:scoring_message_changelist") + "?state__exact=dead"
        yield Item(text % {"count": count}, url, "unsubscribe")
