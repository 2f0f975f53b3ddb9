"""Who may use the API, and what it refused: sources, keys, rejected items."""

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    RelatedDropdownFilter,
)
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from contacts.admin.base import ReadOnlyAdmin, RecordAdmin, column
from contacts.admin.filters import DaysFilter
from scoring.api.again import send_again
from scoring.api.keys import new_key
from scoring.api.models import ApiKey, RejectedItem, Scope, Source


@admin.register(Source)
class SourceAdmin(RecordAdmin):
    empty_text = _(
        "No sources yet. A source is a program that sends activities or contacts: a web shop, "
        "a form, an e-mail service. Add one, then give it a key."
    )
    list_display = ("name", "creates_contacts", "calls_a_minute", "keys_shown", "conflicts",
                    "rejected_shown")  # fmt: skip
    search_fields = ("name",)
    list_filter = ("creates_contacts",)
    fields = ("name", "creates_contacts", "calls_a_minute", ("conflicts", "rejected"),
              "created_at")  # fmt: skip
    readonly_fields = ("conflicts", "rejected", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        now = timezone.now()
        valid = Q(keys__revoked_at=None) & (Q(keys__expires_at=None) | Q(keys__expires_at__gt=now))
        rows: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(valid_keys=Count("keys", filter=valid))
        return counted

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else self.fields[:3]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Every activity is known by the name of its source."""
        return ("name", *self.readonly_fields) if obj else self.readonly_fields

    @column(_("valid keys"), ordering="valid_keys")
    def keys_shown(self, source: Any) -> int:
        count: int = source.valid_keys
        return count

    @column(_("rejected"), ordering="rejected")
    def rejected_shown(self, source: Source) -> str:
        if not source.rejected:
            return "0"
        address = reverse("admin:scoring_rejecteditem_changelist")
        return format_html(
            '<a href="{}?source__id__exact={}" class="text-primary-600 dark:text-primary-500">'
            "{}</a>",
            address,
            source.pk,
            source.rejected,
        )


class KeyForm(forms.ModelForm):  # type: ignore[type-arg]
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=Scope.choices,
        initial=[Scope.ACTIVITIES_WRITE],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = ApiKey
        fields = ("source", "label", "scopes", "expires_at")

    def clean_expires_at(self) -> Any:
        expires_at = self.cleaned_data["expires_at"]
        if expires_at and expires_at <= timezone.now():
            raise forms.ValidationError(gettext("This has passed already."))
        return expires_at


class StateFilter(DropdownFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("valid", _("valid")), ("expired", _("expired")), ("revoked", _("revoked"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        expired = Q(expires_at__lte=now)
        asked = {
            "valid": Q(revoked_at=None) & ~expired,
            "expired": Q(revoked_at=None) & expired,
            "revoked": Q(revoked_at__isnull=False),
        }
        return queryset.filter(asked.get(self.value() or "", Q()))


@admin.register(ApiKey)
class ApiKeyAdmin(RecordAdmin):
    """Keys are made and revoked, and never changed: what one may do is known for ever."""

    empty_text = _("No keys yet. Add a source first, then a key of it.")
    form = KeyForm
    list_display = ("beginning", "source", "label", "may", "state", "expires_at", "last_used_at")
    list_select_related = ("source",)
    list_filter = (("source", RelatedDropdownFilter), StateFilter)
    search_fields = ("prefix", "label", "source__name")
    fields = ("source", "label", "scopes", "expires_at")
    shown = (
        ("beginning", "source"),
        ("label", "may"),
        ("state_now", "expires_at"),
        ("last_used_at", "revoked_at"),
        ("created_at", "created_by"),
    )
    actions = ("revoke",)
    change_form_outer_before_template: Any = "scoring/api/revoke.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for pair in self.shown for name in pair] if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("scoring.change_apikey")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.revoke_view)
        return [path("<int:pk>/revoke/", view, name="scoring_apikey_revoke"), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.created_by = request.user
        obj.shown_once = new_key(obj)
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The key, in this one answer: it is kept nowhere, not even in a message."""
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("The new key of “%(source)s”") % {"source": obj.source},
            "key": obj,
            "text": obj.shown_once,
            "address": request.build_absolute_uri(reverse("api:activities")),
            "opts": self.opts,
        }
        answer = TemplateResponse(request, "scoring/api/new_key.html", context)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        key = options.get("obj")
        may = key is not None and key.revoked_at is None and self.has_revoke_permission(request)
        context |= {"may_revoke": may}
        return super().render_change_form(request, context, *args, **options)

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """By POST alone."""
        key = self.get_object(request, str(pk))
        if request.method != "POST" or not self.has_revoke_permission(request):
            raise PermissionDenied
        self.revoke(request, ApiKey.objects.filter(pk=key.pk))
        return HttpResponseRedirect(reverse("admin:scoring_apikey_change", args=[pk]))

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        keys = ApiKey.objects.filter(pk__in=queryset.values("pk"), revoked_at=None)
        for key in keys:
            self.log_change(request, key, "Revoked.")
        count = keys.revoke(timezone.now())
        text = ngettext("%(count)d key is revoked.", "%(count)d keys are revoked.", count)
        messages.success(request, text % {"count": count})

    @column(_("begins with"), ordering="prefix")
    def beginning(self, key: ApiKey) -> str:
        return f"{key.prefix}…"

    @column(_("scopes"))
    def may(self, key: ApiKey) -> str:
        return ", ".join(str(label) for value, label in Scope.choices if value in key.scopes)

    @column(_("state"), label={"valid": "success", "expired": "warning", "revoked": "danger"})
    def state(self, key: ApiKey) -> tuple[str, str]:
        if key.revoked_at:
            return "revoked", gettext("revoked")
        if not key.is_valid(timezone.now()):
            return "expired", gettext("expired")
        return "valid", gettext("valid")

    @column(_("state"))
    def state_now(self, key: ApiKey) -> str:
        return self.state(key)[1]


class AgainFilter(DropdownFilter):
    title = _("sent again")
    parameter_name = "again"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("not yet")), ("yes", _("stored since"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("yes", "no"):
            return queryset.filter(stored_at__isnull=self.value() == "no")
        return queryset


class CodeFilter(DropdownFilter):
    title = _("code")
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        codes = RejectedItem.objects.order_by("code").values_list("code", flat=True).distinct()
        return [(code, code) for code in codes]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(code=self.value()) if self.value() else queryset


@admin.register(RejectedItem)
class RejectedItemAdmin(ReadOnlyAdmin):
    empty_text = _(
        "Nothing was rejected in the last 30 days. What a source sends and cannot be stored "
        "is kept here, to be sent again when the reason is gone."
    )
    list_display = ("received_at", "source", "title", "what", "why", "again")
    list_display_links = ("received_at", "title")
    list_select_related = ("source",)
    list_filter = (
        ("source", RelatedDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        CodeFilter,
        AgainFilter,
        ("received_at", DaysFilter),
    )
    search_fields = ("name", "code", "field", "detail")
    fields = (
        ("source", "kind"),
        ("received_at", "title"),
        ("code", "field"),
        "detail",
        "stored_at",
        "sent_as",
    )
    actions = ("send_again",)
    change_form_outer_before_template: Any = "scoring/api/send_again.html"

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("scoring.change_rejecteditem")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.send_view)
        name = "scoring_rejecteditem_send"
        return [path("<int:pk>/send/", view, name=name), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        row = options.get("obj")
        may = row is not None and row.stored_at is None and self.has_send_permission(request)
        context |= {"may_send": may}
        return super().render_change_form(request, context, *args, **options)

    def send_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """By POST alone."""
        row = self.get_object(request, str(pk))
        if request.method != "POST" or not self.has_send_permission(request):
            raise PermissionDenied
        self.send_again(request, RejectedItem.objects.filter(pk=row.pk))
        return HttpResponseRedirect(reverse("admin:scoring_rejecteditem_change", args=[pk]))

    @admin.action(description=_("Send again"), permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[RejectedItem]) -> None:
        rows = list(queryset.filter(stored_at=None).select_related("source"))
        problems = [problem for row in rows if (problem := send_again(row))]
        if stored := len(rows) - len(problems):
            text = ngettext("%(count)d item is stored.", "%(count)d items are stored.", stored)
            messages.success(request, text % {"count": stored})
        if problems:
            text = ngettext(
                "%(count)d item is still rejected: %(reason)s",
                "%(count)d items are still rejected; the first: %(reason)s",
                len(problems),
            )
            messages.warning(request, text % {"count": len(problems), "reason": problems[0]})
        if not rows:
            messages.info(request, gettext("These are stored already."))

    @column(_("external id or e-mail"), ordering="name")
    def title(self, row: RejectedItem) -> str:
        return row.name or "–"

    @column(_("code"), ordering="code", label="danger")
    def what(self, row: RejectedItem) -> str:
        return row.code

    @column(_("reason"))
    def why(self, row: RejectedItem) -> str:
        return f"{row.field}: {row.detail}" if row.field else row.detail

    @column(_("sent again"), ordering="stored_at", label={"yes": "success"})
    def again(self, row: RejectedItem) -> tuple[str, str] | None:
        if row.stored_at is None:
            return None
        return "yes", date_format(timezone.localtime(row.stored_at), "SHORT_DATETIME_FORMAT")

    @column(_("as it was sent"))
    def sent_as(self, row: RejectedItem) -> str:
        return format_html('<pre class="sent-text">{}</pre>', readable(row.text))


def readable(text: str) -> str:
    """Indented where it is JSON, which what was cut off is not."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
