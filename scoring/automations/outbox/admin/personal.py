"""One's own notifications, and one's card."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import DropdownFilter

from contacts.admin.base import ReadOnlyAdmin, RecordAdmin, column
from scoring.automations.outbox.admin.asking import View, guarded, page
from scoring.automations.outbox.personal import Notification, OwnerCard

LIST = "admin:scoring_notification_changelist"


class ReadFilter(DropdownFilter):
    title = _("read")
    parameter_name = "seen"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("Unread")), ("yes", _("Read"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(read_at__isnull=self.value() == "no")


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """Read by opening what it is about, or marked so; nobody sees another's."""

    empty_text = _("Nothing for you yet. Automations tell you here when a lead gets hot.")
    list_display = ("line", "text", "created_at", "mark")
    list_filter = (ReadFilter,)
    search_fields = ("title", "text")
    list_before_template: Any = "scoring/outbox/notifications_before.html"

    def sidebar_badge(self, request: HttpRequest) -> int:
        """How many are unread; shown beside the entry in the sidebar."""
        return Notification.objects.visible_to(request.user).unread().count()

    def get_urls(self) -> list[Any]:
        own: list[tuple[str, View, str]] = [
            ("<int:pk>/read/", self.read_view, "notification_read"),
            ("all-read/", self.all_read_view, "notifications_read"),
        ]
        return [
            *(path(route, guarded(view), name=name) for route, view, name in own),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        unread = self.sidebar_badge(request)
        return super().changelist_view(request, {"unread": unread, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        notification: Any = self.get_object(request, unquote(object_id))
        facts = {"object": notification, "notification": notification}
        return page(request, "notification", str(notification), Notification, **facts)

    @column(_("notification"), ordering="title")
    def line(self, notification: Notification) -> str:
        weight = "quiet" if notification.read_at else "font-semibold"
        return format_html('<span class="{}">{}</span>', weight, notification.title)

    @column("")
    def mark(self, notification: Notification) -> str:
        if notification.read_at:
            return ""
        return format_html(
            '<button type="submit" formaction="{}" class="task-button">{}</button>',
            reverse("admin:notification_read", args=[notification.pk]),
            _("Mark as read"),
        )

    def read_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Marks it, and goes on to what it is about where the page asked for that."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        notification: Any = self.get_object(request, str(pk))
        Notification.objects.filter(pk=notification.pk).mark_read()
        goes_on = "_open" in request.POST and notification.link.startswith("/")
        return HttpResponseRedirect(notification.link if goes_on else reverse(LIST))

    def all_read_view(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        count = Notification.objects.visible_to(request.user).mark_read()
        told = ngettext("%(count)d was marked as read.", "%(count)d were marked as read.", count)
        messages.success(request, told % {"count": count})
        return HttpResponseRedirect(reverse(LIST))


@admin.register(OwnerCard)
class OwnerCardAdmin(RecordAdmin):
    """Everybody keeps their own; who looks after users keeps all."""

    empty_text = _("No card yet. Add where your contacts can book a meeting, and a signature.")
    list_display = ("user", "meeting_link")
    search_fields = ("user__username",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        own = ("meeting_link", "signature")
        return ("user", *own) if self.keeps_all(request) else own

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("user",) if obj and self.keeps_all(request) else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        if not super().has_add_permission(request):
            return False
        return self.keeps_all(request) or not OwnerCard.objects.visible_to(request.user).exists()

    def keeps_all(self, request: HttpRequest) -> bool:
        return request.user.has_perm("auth.change_user")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change and not self.keeps_all(request):
            obj.user = request.user
        super().save_model(request, obj, form, change)
