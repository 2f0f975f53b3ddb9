"""The outbox: what was sent to whom, what waits, and what went wrong; sending it again."""

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter, DropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from contacts.admin.base import ReadOnlyAdmin, column, visible
from contacts.admin.filters import DaysFilter, start_of
from contacts.admin.sections import moment
from contacts.models import Contact
from scoring.automations.outbox.admin.asking import View, ask, guarded, page
from scoring.automations.outbox.attachments import ATTACHMENTS
from scoring.automations.outbox.channel import CHANNELS
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.receivers import Endpoint

State = Message.State
FAILED = (State.DEAD, State.BLOCKED)
# Only webhooks: who gets a webhook tells repetitions by its id, a person does not.
REPLAYED = (State.SENT, State.DEAD, State.BLOCKED)
COLOURS: dict[str, str] = {
    State.SENT: "success",
    State.PENDING: "info",
    State.DEAD: "danger",
    State.BLOCKED: "danger",
    State.CANCELLED: "warning",
    "kept": "primary",
}
LIST = "admin:scoring_message_changelist"
DAY = UnfoldAdminTextInputWidget(attrs={"type": "date"})


class ChannelFilter(DropdownFilter):
    title = _("channel")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, str(channel.title)) for name, channel in CHANNELS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(channel=self.value()) if self.value() else queryset


class ReplayForm(forms.Form):
    """Which webhooks are to be sent once more: of an endpoint, of some days."""

    endpoint = forms.ChoiceField(label=_("Endpoint"), widget=UnfoldAdminSelectWidget)
    first = forms.DateField(label=_("From"), widget=DAY)
    last = forms.DateField(label=_("To, this day included"), widget=DAY)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        names = Endpoint.objects.values_list("name", flat=True)
        self.fields["endpoint"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("first") and given.get("last") and given["first"] > given["last"]:
            raise forms.ValidationError(gettext("The first day is after the last."))
        return given

    def chosen(self) -> "QuerySet[Message]":
        given = self.cleaned_data
        return Message.objects.filter(
            channel="webhook",
            recipient=given["endpoint"],
            created_at__gte=start_of(given["first"]),
            created_at__lt=start_of(given["last"] + timedelta(days=1)),
            state__in=REPLAYED,
        )


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Everybody looks, at what concerns their contacts; administrators send again."""

    empty_text = _("Nothing was posted yet. What automations and sequences send appears here.")
    list_display = (
        "what",
        "by",
        "recipient",
        "about",
        "shown_state",
        "attempts",
        "last_error",
        "created_at",
    )
    list_select_related = ("contact",)
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ChannelFilter,
        ("flagged", BooleanRadioFilter),
        ("created_at", DaysFilter),
    )
    search_fields = ("key", "subject", "recipient", "contact__email_norm")
    list_before_template: Any = "scoring/outbox/messages_before.html"

    def get_urls(self) -> list[Any]:
        own: list[tuple[str, View, str]] = [
            ("<int:pk>/again/", self.again_view, "message_again"),
            ("failed-again/", self.failed_again_view, "messages_failed_again"),
            ("replay/", self.replay_view, "messages_replay"),
        ]
        return [
            *(path(route, guarded(view), name=name) for route, view, name in own),
            *super().get_urls(),
        ]

    def may_send(self, request: HttpRequest) -> bool:
        return request.user.has_perm("scoring.change_message")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"may_send": self.may_send(request), **(extra_context or {})}
        return super().changelist_view(request, extra_context=context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        message: Any = self.get_object(request, unquote(object_id))
        attempts = list(message.history.all())
        return page(
            request,
            "message",
            str(message),
            Message,
            object=message,
            message=message,
            channel=channel_title(message.channel),
            content=parts_of(message),
            attempts=attempts,
            contact=visible(Contact.objects.filter(pk=message.contact_id), request).first(),
            may_send=self.may_send(request) and message.state in FAILED,
        )

    # --- Columns ---------------------------------------------------------------------------

    @column(_("message"), ordering="subject")
    def what(self, message: Message) -> str:
        return str(message)

    @column(_("channel"), ordering="channel")
    def by(self, message: Message) -> str:
        return channel_title(message.channel)

    @column(_("about"), ordering="contact__email_norm")
    def about(self, message: Message) -> str:
        return (message.contact.full_name or message.contact.email) if message.contact else ""

    @column(_("state"), ordering="state", label=COLOURS)
    def shown_state(self, message: Message) -> tuple[str, str]:
        if message.kept and message.state == State.SENT:
            return "kept", gettext("Kept here")
        return message.state, message.get_state_display()

    # --- Sending again ---------------------------------------------------------------------

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        message = self.get_object(request, str(pk))
        return ask(
            request,
            model=Message,
            title=gettext("Send again"),
            text=gettext("“%(message)s” is sent again, with the same id.") % {"message": message},
            button=gettext("Send again"),
            back=reverse("admin:scoring_message_change", args=[pk]),
            allowed=self.may_send(request),
            do=lambda: self.send_again(request, Message.objects.filter(pk=pk)),
        )

    def failed_again_view(self, request: HttpRequest) -> HttpResponse:
        failed = self.get_queryset(request).filter(state__in=FAILED)
        count = failed.count()
        text = ngettext(
            "%(count)d message was given up or blocked. It is sent again, with the same id.",
            "%(count)d messages were given up or blocked. They are sent again, each with the "
            "same id.",
            count,
        )
        return ask(
            request,
            model=Message,
            title=gettext("Send what failed again"),
            text=text % {"count": count},
            button=gettext("Send again"),
            back=reverse(LIST),
            allowed=self.may_send(request),
            do=lambda: self.send_again(request, failed),
        )

    def replay_view(self, request: HttpRequest) -> HttpResponse:
        """Asks for an endpoint and days, then says how many webhooks that are."""
        if not self.may_send(request):
            raise PermissionDenied
        given = request.POST if request.method == "POST" else request.GET
        form = ReplayForm(given if "endpoint" in given else None)
        title = gettext("Send webhooks once more")
        if not form.is_valid():
            return page(request, "replay", title, Message, form=form, back=reverse(LIST))
        chosen = form.chosen()
        count = chosen.count()
        text = ngettext(
            "%(count)d webhook is sent to “%(endpoint)s” once more, with the same id.",
            "%(count)d webhooks are sent to “%(endpoint)s” once more, each with the same id.",
            count,
        )
        return ask(
            request,
            model=Message,
            title=title,
            text=text % {"count": count, "endpoint": form.cleaned_data["endpoint"]},
            button=title,
            back=reverse(LIST),
            allowed=True,
            do=lambda: self.send_again(request, chosen, REPLAYED),
            fields={name: str(given[name]) for name in form.fields},
        )

    def send_again(
        self, request: HttpRequest, chosen: Any, states: tuple[str, ...] = FAILED
    ) -> None:
        count = chosen.send_again(states)
        told = ngettext(
            "%(count)d message is due again.", "%(count)d messages are due again.", count
        )
        messages.success(request, told % {"count": count})


def channel_title(name: str) -> str:
    return str(CHANNELS[name].title) if name in CHANNELS else name


def parts_of(message: Message) -> list[tuple[str, str]]:
    """The body as people read it: a letter's text, or the whole document of a webhook."""
    content = message.content
    if message.channel == "webhook":
        return [("", json.dumps(content, ensure_ascii=False, indent=2))]
    names = {"text": gettext("Text"), "html": "HTML", "link": gettext("Link")}
    names["attachment"] = gettext("File, made when the message is sent")
    if facts := content.get("attachment"):
        kind = ATTACHMENTS.get(str(facts.get("kind")))
        content["attachment"] = kind.described(facts) if kind else facts.get("kind")
    return [(names.get(name, name), str(value)) for name, value in content.items() if value]


def latest(rows: "QuerySet[Message]", most: int = 10) -> list[list[str]]:
    """The last messages to one receiver, for the page of that receiver."""
    return [
        [
            format_html(
                '<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>',
                reverse("admin:scoring_message_change", args=[message.pk]),
                moment(message.created_at),
            ),
            str(message),
            gettext("Kept here") if message.kept else message.get_state_display(),
            message.last_error,
        ]
        for message in rows.order_by("-pk")[:most]
    ]
