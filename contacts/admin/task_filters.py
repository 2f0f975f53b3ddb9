"""Filters of the list of tasks: whose they are, and by when they are to be done."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from contacts.admin.filters import start_of
from contacts.models import Task


class WhoseFilter(DropdownFilter):
    title = _("whose")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("Mine")), ("team", _("My team's")), ("nobody", _("Nobody's"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        found: dict[str, QuerySet[Any]] = {
            "mine": queryset.filter(assignee=request.user.pk),
            "team": queryset.of_teams_of(request.user),
            "nobody": queryset.filter(assignee=None),
        }
        return found.get(self.value() or "", queryset)


class DueFilter(DropdownFilter):
    """Open tasks by when they are to be done; days as pages show them."""

    title = _("due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("overdue", _("Overdue")),
            ("today", _("Until tonight")),
            ("week", _("Within 7 days")),
            ("never", _("Without a time")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        tomorrow = start_of(timezone.localdate() + timedelta(days=1))
        asked: dict[str, dict[str, Any]] = {
            "overdue": {"due_at__lt": timezone.now()},
            "today": {"due_at__lt": tomorrow},
            "week": {"due_at__lt": tomorrow + timedelta(days=6)},
            "never": {"due_at": None},
        }
        if (due := self.value() or "") not in asked:
            return queryset
        return queryset.filter(state=Task.State.OPEN, **asked[due])
