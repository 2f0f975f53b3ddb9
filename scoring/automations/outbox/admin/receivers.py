"""Endpoints and destinations: who gets messages, with a test, and what came of the last ones."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from contacts.admin.base import RecordAdmin, column
from scoring.automations.outbox.admin.asking import ask, guarded, page
from scoring.automations.outbox.admin.messages import latest
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.payloads import instant
from scoring.automations.outbox.receivers import Destination, Endpoint, check_service

LATEST = (_("when"), _("message"), _("state"), _("what happened"))


class ReceiverAdmin(RecordAdmin):
    """A name that stays, for automations know their receivers by it."""

    channel: str
    search_fields = ("name",)
    change_form_outer_after_template: Any = "scoring/outbox/receiver.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("name",)

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.model_name}_test"
        own = path("<int:pk>/test/", guarded(self.test_view), name=name)
        return [own, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        if receiver := options.get("obj"):
            sent = Message.objects.filter(channel=self.channel, recipient=receiver.name)
            context |= {
                "receiver": receiver,
                "test_url": reverse(f"admin:{self.opts.model_name}_test", args=[receiver.pk]),
                "may_change": self.has_change_permission(request, receiver),
                "latest": {"headers": list(LATEST), "rows": latest(sent)},
            }
        return super().render_change_form(request, context, *args, **options)

    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        receiver: Any = self.get_object(request, str(pk))
        return ask(
            request,
            model=self.model,
            title=gettext("Send a test"),
            text=gettext("“%(name)s” gets a message that says that it is a test.")
            % {"name": receiver},
            button=gettext("Send a test"),
            back=self.address_of(receiver),
            allowed=self.has_change_permission(request, receiver),
            do=lambda: self.test(request, receiver.name),
        )

    def test(self, request: HttpRequest, name: str) -> None:
        subject, body = self.trial()
        Message.objects.post(
            key=f"test:{uuid.uuid4()}",
            channel=self.channel,
            recipient=name,
            subject=subject,
            body=body,
        )
        messages.success(request, gettext("The test is in the outbox; its result appears below."))

    def trial(self) -> tuple[str, dict[str, object]]:
        """Subject and body of a test."""
        raise NotImplementedError

    def address_of(self, receiver: Any) -> str:
        return reverse(f"admin:scoring_{self.opts.model_name}_change", args=[receiver.pk])


@admin.register(Endpoint)
class EndpointAdmin(ReceiverAdmin):
    channel = "webhook"
    empty_text = _("No webhook endpoints yet. Add the address of Zapier, Make, n8n or your own.")
    list_display = ("name", "url", "health", "full_body", "created_at")
    fields = ("name", "url", "full_body")

    def get_urls(self) -> list[Any]:
        own = [
            ("<int:pk>/rotate/", self.rotate_view, "endpoint_rotate"),
            ("<int:pk>/on/", self.on_view, "endpoint_on"),
            ("<int:pk>/off/", self.off_view, "endpoint_off"),
        ]
        return [
            *(path(route, guarded(view), name=name) for route, view, name in own),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        if receiver := options.get("obj"):
            context["endpoint"] = receiver
        return super().render_change_form(request, context, *args, **options)

    @column(_("state"), label={"on": "success", "failing": "warning", "off": "danger"})
    def health(self, endpoint: Endpoint) -> tuple[str, str]:
        if not endpoint.active:
            return "off", gettext("Switched off")
        if endpoint.failing_since:
            return "failing", gettext("Failing")
        return "on", gettext("On")

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """The secret is shown now, and never again."""
        return self.secret_page(request, obj, obj.secret)

    def secret_page(self, request: HttpRequest, endpoint: Endpoint, secret: str) -> HttpResponse:
        title = gettext("The secret of “%(name)s”") % {"name": endpoint}
        back = self.address_of(endpoint)
        return page(request, "secret", title, Endpoint, endpoint=endpoint, secret=secret, back=back)

    def rotate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Unlike the others it answers a POST with a page: a redirect could not show a secret."""
        endpoint: Any = self.get_object(request, str(pk))
        if request.method == "POST" and self.has_change_permission(request, endpoint):
            self.log_change(request, endpoint, gettext("New secret"))
            return self.secret_page(request, endpoint, endpoint.rotate())
        return ask(
            request,
            model=self.model,
            title=gettext("Make a new secret"),
            text=gettext(
                "For 24 hours both secrets sign, the former and the new one; then the former "
                "is forgotten."
            ),
            button=gettext("Make a new secret"),
            back=self.address_of(endpoint),
            allowed=self.has_change_permission(request, endpoint),
            do=lambda: None,
        )

    def on_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        endpoint: Any = self.get_object(request, str(pk))
        return ask(
            request,
            model=self.model,
            title=gettext("Switch on"),
            text=gettext(
                "“%(name)s” gets webhooks again. Those that were given up meanwhile can be sent "
                "from the outbox, by their days."
            )
            % {"name": endpoint},
            button=gettext("Switch on"),
            back=self.address_of(endpoint),
            allowed=self.has_change_permission(request, endpoint),
            do=endpoint.switch_on,
        )

    def off_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        endpoint: Any = self.get_object(request, str(pk))
        reason = gettext("by %(user)s") % {"user": request.user.get_username()}
        return ask(
            request,
            model=self.model,
            title=gettext("Switch off"),
            text=gettext("“%(name)s” gets no webhooks until it is switched on again.")
            % {"name": endpoint},
            button=gettext("Switch off"),
            back=self.address_of(endpoint),
            allowed=self.has_change_permission(request, endpoint),
            do=lambda: endpoint.switch_off(reason, timezone.now()),
        )

    def trial(self) -> tuple[str, dict[str, object]]:
        data = {"test": True, "text": gettext("This is a test.")}
        stamp = instant(timezone.now())
        return "test.ping", {"type": "test.ping", "timestamp": stamp, "data": data, "sequence": 0}


class DestinationForm(forms.ModelForm):  # type: ignore[type-arg]
    """The address holds tokens: it is asked for and never shown."""

    url = forms.CharField(
        label=_("Address"),
        max_length=2000,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=Destination._meta.get_field("url").help_text,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.pop("url", None)
        if self.instance.pk:
            kept = gettext("One is stored; what is typed here takes its place.")
            self.fields["url"].help_text = f"{kept} {self.fields['url'].help_text}"

    def clean_url(self) -> str:
        typed: str = self.cleaned_data["url"].strip()
        if typed:
            check_service(typed)
            return typed
        if not self.instance.pk:
            raise forms.ValidationError(gettext("This field is required."))
        return str(self.instance.url)


@admin.register(Destination)
class DestinationAdmin(ReceiverAdmin):
    channel = "notify"
    empty_text = _("No destinations yet. Add a channel of Slack or Teams, or an e-mail list.")
    form = DestinationForm
    list_display = ("name", "service", "active", "created_at")
    list_filter = ("active",)
    fields = ("name", "url", "active")

    @column(_("service"))
    def service(self, destination: Destination) -> str:
        return str(destination.url).partition("://")[0]

    def trial(self) -> tuple[str, dict[str, object]]:
        text = gettext("This is a test: notifications arrive here.")
        return gettext("Lead scoring"), {"text": text}
