"""The tab on which marketing and sales write the criteria together."""

from typing import ClassVar, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scoring.agreement.admin.hub import PAGES, ModelPage, View, address_of, model_page
from scoring.agreement.audit import AuditEntry
from scoring.agreement.beside import notes_of
from scoring.agreement.editor import (
    beginning,
    groups,
    numbers,
    parts,
    rules,
    success,
    suggestions,
)
from scoring.agreement.editor.desk import Desk, Refused, at_the_desk, board_facts, may_change
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel

# Where one goes from here, and what the button says.
WAYS: Final = (("impact", _("See the impact")), ("agreement", _("Propose…")))
RESTORED: Final = {"rule_deleted": rules.restore, "group_deleted": groups.restore}


@model_page
class CriteriaPage(ModelPage):
    slug: ClassVar[str] = "criteria"
    title: ClassVar[str | Promise] = _("Criteria")
    icon: ClassVar[str] = "checklist"
    order: ClassVar[int] = 10

    def routes(self) -> list[tuple[str, str, View]]:
        return [
            ("", "", self.criteria),
            ("begin/", "begin", beginning.begin),
            ("discard/", "discard", beginning.discard),
            ("bring-back/<int:entry_id>/", "bring_back", beginning.bring_back),
            ("groups/", "add_group", groups.add),
            ("groups/<int:group_id>/", "group", groups.edit),
            ("groups/<int:group_id>/do/<slug:deed>/", "group_do", groups.do),
            ("groups/<int:group_id>/add/<slug:kind>/", "add_rule", rules.add),
            ("rules/<int:rule_id>/", "rule", rules.edit),
            ("rules/<int:rule_id>/do/<slug:deed>/", "rule_do", rules.do),
            ("parts/<slug:name>/", "part", parts.edit),
            ("undo/<int:entry_id>/", "undo", undo),
            ("numbers/", "numbers", numbers.numbers),
            ("success/", "success", success.success),
            ("say/<slug:slot>/<slug:kind>/", "say", numbers.say),
            ("count/<slug:slot>/<slug:kind>/", "count", numbers.count),
            ("suggest/<slug:what>/", "suggest", suggestions.suggest),
        ]

    def criteria(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        draft = Draft.objects.select_related("model", "base").filter(model=model).first()
        if draft is None:
            facts = beginning.facts_of(request, model)
            return self.page(request, model, "scoring/editor/begin.html", **facts)
        return self.page(
            request,
            model,
            "scoring/editor/page.html",
            draft=draft,
            notes=notes_of(request, model),
            may_change=may_change(request),
            may_discard=request.user.has_perm(beginning.DISCARD),
            ways=[
                (title, PAGES[slug].icon, address_of(slug, model))
                for slug, title in WAYS
                if slug in PAGES and PAGES[slug].may_see(request, model)
            ],
            **board_facts(request, draft),
        )


@at_the_desk("POST")
def undo(desk: Desk, entry_id: int) -> HttpResponse:
    """Bring back what a line of the audit trail says was deleted."""
    entry = AuditEntry.objects.filter(model=desk.model, pk=entry_id).first()
    restore = RESTORED.get(entry.detail.get("change", "")) if entry else None
    if entry is None or restore is None:
        raise Http404
    done = AuditEntry.objects.filter(model=desk.model, detail__undoes=entry.pk)
    if done.exists():
        raise Refused(str(_("This is back already.")))
    return restore(desk, entry)
