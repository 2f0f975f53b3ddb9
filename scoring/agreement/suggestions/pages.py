"""The tab of a model's suggestions, where marketing answers them."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import visible
from contacts.models import Contact
from contacts.values import Wrong
from scoring.agreement.admin.hub import ModelPage, View, address_of, model_page
from scoring.agreement.audit import AuditEntry
from scoring.agreement.beginning import document_of, open_draft
from scoring.agreement.qualification.measures import fields_of, probe
from scoring.agreement.rights import may_write_draft
from scoring.agreement.suggestions.answering import NotTaken, decline, dimension_of, take
from scoring.agreement.suggestions.asking import Asking
from scoring.agreement.suggestions.models import ANSWER, REASON_MOST, SEES_ALL, Suggestion
from scoring.criteria.fields import Catalogue
from scoring.criteria.installed import installed_catalogue
from scoring.criteria.models import ScoringModel
from scoring.criteria.values import clean_text
from scoring.engine.measures import RuleMeasure, measure_rules

SHOWN: Final = 20


@model_page
class SuggestionsPage(ModelPage):
    slug: ClassVar[str] = "suggestions"
    title: ClassVar[str | Promise] = _("Suggestions")
    icon: ClassVar[str] = "lightbulb"
    order: ClassVar[int] = 15
    permission: ClassVar[str] = "scoring.view_suggestion"

    def routes(self) -> list[tuple[str, str, View]]:
        return [
            ("", "", self.suggestions),
            ("<int:suggestion_id>/take/", "take", self.take),
            ("<int:suggestion_id>/decline/", "decline", self.decline),
            ("<int:suggestion_id>/rule/", "rule", self.make_rule),
        ]

    def note(self, request: HttpRequest, model: ScoringModel) -> str:
        """How many wait for an answer, for those who give it."""
        if not request.user.has_perm(ANSWER):
            return ""
        count = model.suggestions.open().count()
        return str(count) if count else ""

    def suggestions(self, request: HttpRequest, model: ScoringModel, **more: Any) -> HttpResponse:
        found: Any = visible(model.suggestions.select_related("author", "answered_by"), request)
        opened = Paginator(found.open(), SHOWN).get_page(request.GET.get("page"))
        answered = found.exclude(state=Suggestion.State.OPEN)
        done = Paginator(answered, SHOWN).get_page(request.GET.get("answered"))
        catalogue = installed_catalogue()
        draft = open_draft(model)
        describe([*opened, *done], catalogue, request)
        if request.user.has_perm(SEES_ALL):
            count_in(list(opened), model)
        groups = list(draft.groups.all()) if draft else []
        for row in opened:
            fitting = [group.pk for group in groups if group.dimension == row.dimension]
            row.first_group = fitting[0] if fitting else 0
        return self.page(
            request,
            model,
            "scoring/suggestions/list.html",
            opened=opened,
            done=done,
            may_answer=may_answer(request, model),
            may_add=request.user.has_perm("scoring.add_suggestion"),
            groups=groups,
            add_url=f"{reverse('admin:scoring_suggestion_add')}?model={model.pk}",
            **more,
        )

    def take(self, request: HttpRequest, model: ScoringModel, suggestion_id: int) -> HttpResponse:
        suggestion = self.to_answer(request, model, suggestion_id)
        sent = request.POST.get("group", "")
        group = int(sent) if sent.isdecimal() and len(sent) < 10 else None
        return self.taken(request, model, suggestion, group)

    def taken(
        self, request: HttpRequest, model: ScoringModel, suggestion: Suggestion, group: int | None
    ) -> HttpResponse:
        """Into the draft, and to the editor at the new rule."""
        try:
            rule = take(suggestion, group, request.user)
        except NotTaken as reason:
            messages.error(request, str(reason))
            return HttpResponseRedirect(self.address(model))
        said = gettext("“%(name)s” is a rule of the draft; %(author)s has been told.")
        facts = {"name": rule.name, "author": suggestion.author_name}
        messages.success(request, said % facts)
        return HttpResponseRedirect(f"{address_of('criteria', model)}#card-rule{rule.pk}")

    def decline(
        self, request: HttpRequest, model: ScoringModel, suggestion_id: int
    ) -> HttpResponse:
        suggestion = self.to_answer(request, model, suggestion_id)
        typed = request.POST.get("answer", "")
        try:
            answer = clean_text(typed).strip()
        except Wrong as wrong:
            answer, fault = "", str(wrong)
        else:
            fault = gettext("Say why: the author reads your answer.")
        if len(answer) > REASON_MOST:
            answer, fault = "", gettext("At most %(most)d characters.") % {"most": REASON_MOST}
        if not answer:
            facts = {"declining": suggestion.pk, "typed": typed, "fault": fault}
            return self.suggestions(request, model, **facts)
        if decline(suggestion, answer, request.user):
            said = gettext("“%(title)s” is declined; %(author)s has been told.")
            facts = {"title": suggestion.title, "author": suggestion.author_name}
            messages.success(request, said % facts)
        else:
            messages.error(request, gettext("Somebody has answered this suggestion meanwhile."))
        return HttpResponseRedirect(self.address(model))

    def make_rule(
        self, request: HttpRequest, model: ScoringModel, suggestion_id: int
    ) -> HttpResponse:
        """What was said in words is put together as a rule, and taken at once."""
        suggestion = self.to_answer(request, model, suggestion_id, post=False)
        catalogue = installed_catalogue()
        first = {"title": suggestion.title, "reason": suggestion.reason}
        post = request.POST if request.method == "POST" else None
        reshapes = "_reshape" in request.POST
        asking = Asking(catalogue, post, first, needs_rule=True, reshapes=reshapes)
        if post is not None and not reshapes and (found := asking.check()):
            waiting = model.suggestions.open().filter(pk=suggestion.pk)
            waiting.update(rule=found["rule"])
            suggestion.rule = found["rule"]
            return self.taken(request, model, suggestion, None)
        template = "scoring/suggestions/rule.html"
        return self.page(request, model, template, asking=asking, suggestion=suggestion)

    @staticmethod
    def to_answer(
        request: HttpRequest, model: ScoringModel, suggestion_id: int, *, post: bool = True
    ) -> Suggestion:
        """Raises PermissionDenied or Http404."""
        if not may_answer(request, model) or (post and request.method != "POST"):
            raise PermissionDenied
        known = model.suggestions.filter(pk=suggestion_id) if suggestion_id < 2**31 else None
        found = known.select_related("model").first() if known is not None else None
        if found is None:
            raise Http404
        return found


def may_answer(request: HttpRequest, model: ScoringModel) -> bool:
    return request.user.has_perm(ANSWER) and may_write_draft(request.user, model)


def describe(rows: list[Any], catalogue: Catalogue, request: HttpRequest) -> None:
    """Adds each rule in words, and the contact where this person may see it."""
    ids = [row.contact_id for row in rows if row.contact_id]
    seen = visible(Contact.objects.filter(pk__in=ids), request).in_bulk()
    may_see = request.user.has_perm("scoring.view_lead")
    for row in rows:
        rule = row.read_rule(catalogue)
        row.said = rule.sentence(catalogue) if rule else ""
        row.is_stale = row.rule is not None and rule is None
        row.dimension = dimension_of(row.rule).value if row.rule else ""
        row.about = seen.get(row.contact_id) if may_see else None
        row.about_url = (
            reverse("admin:scoring_lead_change", args=[row.about.pk]) if row.about else ""
        )


def count_in(rows: list[Any], model: ScoringModel) -> None:
    """Adds how many contacts each rule matches; all of them in one question."""
    document = document_of(open_draft(model), model)
    fields = fields_of(document)
    catalogue = Catalogue(fields)
    rules = [
        row.rule_data | {"name": f"suggestion {row.pk}"} for row in rows if row.read_rule(catalogue)
    ]
    if not rules:
        return
    audience = document.audience if document else None
    group = {"name": "suggestions", "dimension": "fit", "rules": rules}
    asked = probe([group], fields, audience)
    found: Mapping[str, RuleMeasure] = measure_rules(asked, asked.rules, timezone.now())
    for row in rows:
        row.measure = found.get(f"suggestion {row.pk}")


def note_suggested(request: HttpRequest, suggestion: Suggestion) -> None:
    AuditEntry.objects.note(request.user, suggestion.model, "suggested", title=suggestion.title)
