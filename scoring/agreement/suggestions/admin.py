"""One's own suggestions and what became of them, and the page on which one is made."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from contacts.admin.base import (
    DIGITS_MOST,
    ReadOnlyAdmin,
    Section,
    column,
    page_of,
    visible,
)
from contacts.admin.sections import moment
from contacts.models import Contact
from scoring.agreement.suggestions.asking import Asking
from scoring.agreement.suggestions.models import NAME_MOST, Suggestion
from scoring.agreement.suggestions.pages import describe, note_suggested
from scoring.criteria.installed import installed_catalogue
from scoring.criteria.models import ScoringModel
from scoring.engine.admin.more import lead_section
from scoring.engine.leads import Lead

STATES = {
    Suggestion.State.OPEN: "info",
    Suggestion.State.TAKEN: "success",
    Suggestion.State.DECLINED: "danger",
}


@admin.register(Suggestion)
class SuggestionAdmin(ReadOnlyAdmin):
    """What one has suggested oneself; those of a model stand on the model's page."""

    empty_text = _(
        "You have suggested nothing yet. When a lead shows you a criterion that is missing, "
        "suggest it from the lead's page."
    )
    sidebar_title = _("My suggestions")
    list_display = ("title", "model", "state_shown", "answer", "created_at")
    list_select_related = ("model",)
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("title", "reason", "answer")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(author=request.user.pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("scoring.add_suggestion")

    @column(_("state"), ordering="state", label=STATES)
    def state_shown(self, suggestion: Suggestion) -> tuple[str, str]:
        return suggestion.state, suggestion.get_state_display()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form; ``model`` and ``contact`` of the address say what it is about."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        contact = named(visible(Contact.objects.all(), request), request, "contact")
        models = list(ScoringModel.objects.filter(versions__isnull=False).distinct())
        model = named(ScoringModel.objects.all(), request, "model") or live_first(models)
        post = request.POST if request.method == "POST" else None
        reshapes = "_reshape" in request.POST
        asking = Asking(installed_catalogue(), post, reshapes=reshapes)
        if post is not None and not reshapes and model and (found := asking.check()):
            return self.suggest(request, model, contact, found)
        return self.shown(
            request,
            "scoring/suggestions/add.html",
            title=gettext("Suggest a criterion"),
            asking=asking,
            contact=contact,
            chosen=model,
            models=models,
        )

    def suggest(
        self, request: HttpRequest, model: Any, contact: Any, found: dict[str, Any]
    ) -> HttpResponse:
        with transaction.atomic():
            user: Any = request.user
            made = Suggestion.objects.create(
                model=model,
                author=user,
                author_name=(user.get_full_name() or user.get_username())[:NAME_MOST],
                contact=contact,
                **found,
            )
            note_suggested(request, made)
        said = gettext("Thank you: marketing has your suggestion, and you will hear of it here.")
        messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:scoring_suggestion_change", args=[made.pk]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        suggestion: Any = self.get_object(request, unquote(object_id))
        describe([suggestion], installed_catalogue(), request)
        return self.shown(
            request,
            "scoring/suggestions/one.html",
            title=suggestion.title,
            object=suggestion,
            suggestion=suggestion,
        )

    def shown(self, request: HttpRequest, template: str, **facts: Any) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}
        return TemplateResponse(request, template, context | facts)


def named(rows: QuerySet[Any], request: HttpRequest, parameter: str) -> Any:
    """The row that the form or the address names; None where it is none of these."""
    sent = request.POST.get(parameter) or request.GET.get(parameter) or ""
    if not (sent.isdecimal() and sent.isascii() and len(sent) <= DIGITS_MOST):
        return None
    return rows.filter(pk=sent).first()


def live_first(models: list[ScoringModel]) -> ScoringModel | None:
    """The model that a suggestion is most likely about: one that is live."""
    live = ScoringModel.objects.filter(versions__state="live").first()
    return live or (models[0] if models else None)


@lead_section
def suggestions(lead: Lead, request: HttpRequest) -> Section | None:
    """What was suggested because of this lead, with a way to suggest more."""
    if not request.user.has_perm("scoring.view_suggestion"):
        return None
    found = visible(Suggestion.objects.filter(contact=lead), request).select_related("model")
    page = page_of(found, request, "suggestions")
    add = f"{reverse('admin:scoring_suggestion_add')}?contact={lead.pk}"
    return Section(
        parameter="suggestions",
        title=gettext("Suggested criteria"),
        headers=[gettext("when"), gettext("criterion"), gettext("suggested by"), gettext("state")],
        page=page,
        rows=[
            [moment(row.created_at), row.title, row.author_name, row.get_state_display()]
            for row in page
        ],
        empty=gettext("Does this lead show a criterion that the score lacks? Suggest it."),
        add_url=add if request.user.has_perm("scoring.add_suggestion") else "",
        add_label=gettext("Suggest a criterion"),
    )
