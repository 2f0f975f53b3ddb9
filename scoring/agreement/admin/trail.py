"""The audit trail of a model: who did what when, newest first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scoring.agreement.admin.forms import AuditForm
from scoring.agreement.admin.hub import ModelPage, View, model_page
from scoring.agreement.audit import Action, AuditEntry, AuditQuerySet
from scoring.agreement.editor.beginning import source_in_words
from scoring.agreement.editor.words import sides, what_changed
from scoring.agreement.exchange import KEPT
from scoring.agreement.sides import Side
from scoring.agreement.workshop.choices import Method
from scoring.criteria.models import ScoringModel

A_PAGE: Final = 50
TEXT_MOST: Final = 2000
# What the details of a line are called; what is not named here is shown as it is.
DETAILS: Final[dict[str, Any]] = {
    "text": _("said"),
    "source": _("from"),
    "reason": _("reason"),
    "rule": _("rule"),
    "group": _("group"),
    "band": _("band"),
    "scenario": _("scenario"),
    "side": _("side"),
    "hash": _("hash"),
    "file": _("file"),
    "day": _("day"),
    "due": _("time"),
    "command": _("command"),
    "count": _("count"),
    "confirmed": _("confirmed"),
    "from": _("from version"),
    "of": _("of line"),
    "objection": _("objection"),
    "before": _("before"),
    "after": _("after"),
    "what": _("what"),
    "name": _("name"),
    "points": _("points"),
    "persona": _("buyer persona"),
    "added": _("added"),
    "removed": _("removed"),
    "title": _("criterion"),
    "answer": _("answer"),
    "set": _("set of terms"),
    "threshold": _("begins at"),
    "method": _("found by"),
    "pilot": _("pilot"),
    "contact": _("contact"),
}


@dataclass(frozen=True, slots=True)
class LineShown:
    entry: AuditEntry
    details: list[tuple[str, str]]
    can_come_back: bool


@model_page
class AuditPage(ModelPage):
    slug: ClassVar[str] = "audit"
    title: ClassVar[str | Promise] = _("Audit trail")
    icon: ClassVar[str] = "list_alt"
    order: ClassVar[int] = 70
    permission: ClassVar[str] = "scoring.view_auditentry"

    def routes(self) -> list[tuple[str, str, View]]:
        return [("", "", self.trail)]

    def trail(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        asked = asked_for(request)
        entries = AuditEntry.objects.filter(model=model)
        page = Paginator(filtered(entries, asked), A_PAGE).get_page(request.GET.get("p"))
        may_restore = request.user.has_perm("scoring.change_draft")
        people = entries.exclude(username="").order_by("username").values_list("username")
        return self.page(
            request,
            model,
            "scoring/agreement/audit.html",
            lines=[line(entry, may_restore) for entry in page],
            paged=page,
            asked=asked,
            people=[name for (name,) in people.distinct()[:200]],
            actions=Action.choices,
            query=query_of(request),
        )


def asked_for(request: HttpRequest) -> dict[str, Any]:
    """The filters of the address that can be understood."""
    form = AuditForm(request.GET)
    form.is_valid()
    return {name: value for name, value in form.cleaned_data.items() if value}


def filtered(entries: AuditQuerySet, asked: dict[str, Any]) -> AuditQuerySet:
    if name := asked.get("user"):
        entries = entries.filter(username=name)
    if action := asked.get("action"):
        entries = entries.filter(action=action)
    if since := asked.get("since"):
        entries = entries.filter(at__date__gte=since)
    if until := asked.get("until"):
        entries = entries.filter(at__date__lte=until)
    return entries.select_related("version")


def query_of(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("p", None)
    return query.urlencode()


def line(entry: AuditEntry, may_restore: bool) -> LineShown:
    if "change" in entry.detail:
        return LineShown(entry, draft_details(entry.detail), can_come_back=False)
    details = [
        (str(DETAILS.get(key, key)), SHORT.get(key, in_words)(value))
        for key, value in entry.detail.items()
        if key != KEPT and value not in ("", None, [], {})
    ]
    return LineShown(entry, details, may_restore and KEPT in entry.detail)


def draft_details(detail: dict[str, Any]) -> list[tuple[str, str]]:
    """Of a line that the editor has written."""
    told = [(str(DETAILS[side]), in_words(said)) for side, said in sides(detail)]
    return [(str(DETAILS["what"]), what_changed(detail)), *told]


def side_in_words(value: object) -> str:
    return str(Side(value).label) if value in Side.values else str(value)


def short_hash(value: object) -> str:
    return str(value)[:12]


def method_in_words(value: object) -> str:
    return str(Method(value).label) if value in Method.values else str(value)


SHORT: Final[dict[str, Callable[[object], str]]] = {
    "side": side_in_words,
    "hash": short_hash,
    "source": source_in_words,
    "method": method_in_words,
}


def in_words(value: object) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return "; ".join(in_words(each) for each in value)[:TEXT_MOST]
    if isinstance(value, dict):
        return ", ".join(f"{key}: {in_words(each)}" for key, each in value.items())[:TEXT_MOST]
    return str(value)[:TEXT_MOST]
