"""Filters of the list of tasks, and the ways into it that people use most."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from contacts.admin.base import visible
from contacts.admin.filters import start_of
from contacts.models import Task
from contacts.models.people import sees_everybody


class WhoseFilter(DropdownFilter):
    title = _("whose")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("mine", _("Mine")),
            ("team", _("My team's")),
            ("nobody", _("Nobody's")),
            ("left", _("Of people who have left")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        found: dict[str, QuerySet[Any]] = {
            "mine": mine(queryset, request),
            "team": queryset.of_teams_of(request.user),
            "nobody": queryset.filter(assignee=None),
            "left": queryset.left_behind(),
        }
        return found.get(self.value() or "", queryset)


class DueFilter(DropdownFilter):
    """Open tasks by when they are to be done; days as pages show them."""

    title = _("due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("overdue", _("Overdue")),
            ("today", _("Today")),
            ("week", _("Within 7 days")),
            ("never", _("Without a time")),
            ("snoozed", pgettext_lazy("tasks", "Put off")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = start_of(timezone.localdate())
        tomorrow = start_of(timezone.localdate() + timedelta(days=1))
        asked: dict[str, dict[str, Any]] = {
            "overdue": {"due_at__lt": timezone.now()},
            "today": {"due_at__gte": today, "due_at__lt": tomorrow},
            "snoozed": {"snoozed_until__gt": timezone.now()},
            "week": {"due_at__lt": tomorrow + timedelta(days=6)},
            "never": {"due_at": None},
        }
        if (due := self.value() or "") not in asked:
            return queryset
        return queryset.filter(state=Task.State.OPEN, **asked[due])


def mine(tasks: Any, request: HttpRequest) -> Any:
    """This person's, but for what they have put off, unless they look for that."""
    own = tasks.filter(assignee=request.user.pk)
    return own if request.GET.get("due") == "snoozed" else own.awake(timezone.now())


def ways(request: HttpRequest) -> list[dict[str, Any]]:
    """Links to what people look at most, with how many tasks there are; asked at once."""
    now, today = timezone.now(), start_of(timezone.localdate())
    tomorrow = start_of(timezone.localdate() + timedelta(days=1))
    awake = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
    own = Q(assignee=request.user.pk)
    asked = [
        (gettext("My open tasks"), own & awake, "whose=mine&state__exact=open"),
        (gettext("Overdue"), own & awake & Q(due_at__lt=now), "whose=mine&due=overdue"),
        (
            gettext("Due today"),
            own & awake & Q(due_at__gte=today, due_at__lt=tomorrow),
            "whose=mine&due=today",
        ),
        (pgettext("tasks", "Put off"), own & Q(snoozed_until__gt=now), "whose=mine&due=snoozed"),
        (gettext("My team's"), Task.objects.of_team(request.user), "whose=team&state__exact=open"),
        (gettext("Nobody's"), Q(assignee=None), "whose=nobody&state__exact=open"),
        (gettext("All open tasks"), Q(), "state__exact=open"),
    ]
    if sees_everybody(request.user):
        left = Q(assignee__is_active=False)
        asked.append((gettext("Of people who have left"), left, "whose=left"))
    counted = {f"n{place}": Count("pk", filter=each[1]) for place, each in enumerate(asked)}
    counts = visible(Task.objects.open(), request).order_by().aggregate(**counted)
    shown = request.GET.urlencode()
    return [
        {"title": title, "count": counts[f"n{place}"], "query": query, "is_shown": query == shown}
        for place, (title, _rows, query) in enumerate(asked)
        if query != "whose=left" or counts[f"n{place}"]
    ]


def left_behind(request: HttpRequest) -> list[tuple[User, int]]:
    """Who has left with open tasks, and how many; for whoever may hand them all over."""
    if not (sees_everybody(request.user) and request.user.has_perm("contacts.change_task")):
        return []
    counts = Task.objects.left_behind().order_by().values("assignee").annotate(count=Count("pk"))
    found = dict(counts.values_list("assignee", "count"))
    return [(user, found[user.pk]) for user in User.objects.filter(pk__in=found).order_by("pk")]
