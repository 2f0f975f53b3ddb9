"""A suggestion of the report on rules becomes a change of the draft."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from leadscoring.site import admin_page
from scoring.agreement.admin.hub import address_of
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.beginning import draft_to_change
from scoring.agreement.beside import notes_of
from scoring.agreement.rights import may_write_draft
from scoring.criteria.drafts import DraftRule
from scoring.criteria.models import ScoringModel, Version

LARGEST = 1_000_000


class Gone(Exception):
    """The draft has the rule no more, or there is no draft to change; the message says which."""


@dataclass(frozen=True, slots=True)
class Change:
    """``points`` for the rule of that name, or None to switch it off."""

    model: ScoringModel
    rule: str
    points: int | None

    def execute(self, user: Any) -> DraftRule:
        """The changed row, in one transaction, with its line in the audit trail. Raises Gone."""
        draft = draft_to_change(self.model, user)
        if draft is None:
            raise Gone(gettext("There is no version of this model that a draft could begin from."))
        with draft.changing():
            row = DraftRule.objects.filter(group__draft=draft, name=self.rule).first()
            if row is None:
                raise Gone(gettext("The draft has no rule “%(rule)s”.") % {"rule": self.rule})
            before = row.snapshot()
            if self.points is None:
                row.enabled = False
            else:
                row.points, row.enabled = self.points, True
            row.revision += 1
            row.save(update_fields=["points", "enabled", "revision"])
            AuditEntry.objects.note(
                user,
                self.model,
                Action.DRAFT_CHANGED,
                change="rule_switched" if self.points is None else "rule_changed",
                slot=f"rule{row.pk}",
                name=row.name,
                enabled=row.enabled,
                before=before,
                after=row.snapshot(),
            )
        return row


def change_of(request: HttpRequest) -> Change:
    """What the address says; raises Http404 where that is nothing that there is."""
    given = request.GET
    model = given.get("model", "")
    version = Version.objects.filter(
        model=int(model) if is_whole(model) else 0, hash=given.get("version", "").replace("\0", "")
    ).first()
    if version is None:
        raise Http404
    rule = next(
        (each for each in version.document_value.rules if each.name == given.get("rule")), None
    )
    points = given.get("points")
    if rule is None or (points is not None and not is_whole(points)):
        raise Http404
    return Change(version.model, rule.name, None if points is None else int(points))


def is_whole(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) <= 7 and int(digits) <= LARGEST


@admin_page("reports/rules/draft/", "report_rule_draft")
@require_http_methods(["GET", "HEAD", "POST"])
def rule_draft_view(request: HttpRequest) -> HttpResponse:
    """Asked, then done: a link alone changes nothing."""
    change = change_of(request)
    if not may_write_draft(request.user, change.model):
        raise PermissionDenied
    if request.method != "POST":
        context = {
            **admin.site.each_context(request),
            "title": gettext("Put it into the draft"),
            "change": change,
            "notes": notes_of(request, change.model),
        }
        return TemplateResponse(request, "scoring/reports/rule_draft.html", context)
    try:
        row = change.execute(request.user)
    except Gone as gone:
        messages.error(request, str(gone))
        return HttpResponseRedirect(request.get_full_path())
    messages.success(
        request,
        gettext(
            "“%(rule)s” is changed in the draft; what is live stays as it is until it is signed."
        )
        % {"rule": change.rule},
    )
    return HttpResponseRedirect(f"{address_of('criteria', change.model)}#card-rule{row.pk}")
