"""The tab of a model's doubts: by rule, with examples, and what marketing says to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import visible
from contacts.models import Activity, Contact
from contacts.values import Wrong
from scoring.agreement.admin.hub import ModelPage, View, address_of, model_page
from scoring.agreement.doubts.answering import answer, suggest
from scoring.criteria.models import ScoringModel
from scoring.criteria.values import clean_text
from scoring.engine.doubts import TEXT_MOST, ScoreDoubt

# Of open ones that are looked at, the newest.
MOST: Final = 1000
EXAMPLES: Final = 5
ANSWER: Final = "scoring.change_scoredoubt"
WORDS: Final = {"taken": ScoreDoubt.State.TAKEN, "declined": ScoreDoubt.State.DECLINED}


@dataclass(frozen=True, slots=True)
class Doubted:
    """One rule and the open doubts about it, the newest first."""

    rule: str
    doubts: list[ScoreDoubt]
    # Of the leads that the doubts are about.
    leads: int
    rejected: int

    @property
    def too_much(self) -> int:
        return sum(each.direction == ScoreDoubt.Direction.TOO_MUCH for each in self.doubts)

    @property
    def too_little(self) -> int:
        return len(self.doubts) - self.too_much

    @property
    def percent(self) -> int:
        return round(100 * self.rejected / self.leads) if self.leads else 0

    @property
    def examples(self) -> list[ScoreDoubt]:
        return self.doubts[:EXAMPLES]


@model_page
class DoubtsPage(ModelPage):
    slug: ClassVar[str] = "doubts"
    title: ClassVar[str | Promise] = _("Doubts")
    icon: ClassVar[str] = "contact_support"
    order: ClassVar[int] = 16
    permission: ClassVar[str] = "scoring.view_scoredoubt"

    def routes(self) -> list[tuple[str, str, View]]:
        return [
            ("", "", self.doubts),
            ("answer/", "answer", self.answer),
        ]

    def note(self, request: HttpRequest, model: ScoringModel) -> str:
        if not request.user.has_perm(ANSWER):
            return ""
        count = ScoreDoubt.objects.open().filter(model=model).count()
        return str(count) if count else ""

    def doubts(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        rows = ScoreDoubt.objects.filter(model=model).visible_to(request.user)
        rows = rows.select_related("author", "answered_by", "contact")
        opened = list(rows.open()[:MOST])
        done = list(rows.exclude(state=ScoreDoubt.State.OPEN).order_by("-answered_at")[:20])
        ids = {each.contact_id for each in [*opened, *done]}
        return self.page(
            request,
            model,
            "scoring/doubts/list.html",
            doubted=by_rule(opened),
            done=done,
            seen=set(
                visible(Contact.objects.filter(pk__in=ids), request).values_list("pk", flat=True)
            )
            if request.user.has_perm("scoring.view_lead")
            else set(),
            may_answer=request.user.has_perm(ANSWER),
        )

    def answer(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        """All open doubts about a rule that were shown: a suggestion, or an answer."""
        if request.method != "POST" or not request.user.has_perm(ANSWER):
            raise PermissionDenied
        ids = [int(key) for key in request.POST.getlist("doubt")[:MOST] if is_id(key)]
        doubts = list(ScoreDoubt.objects.open().filter(model=model, pk__in=ids))
        address = self.address(model)
        if not doubts:
            messages.error(request, gettext("Somebody has answered these doubts meanwhile."))
        elif "suggest" in request.POST:
            if made := suggest(model, doubts[0].rule, doubts, request.user):
                messages.success(request, gettext("It is a suggestion now: its authors are told."))
                address = f"{address_of('suggestions', model)}#suggestion-{made.pk}"
        else:
            self.say(request, doubts)
        return HttpResponseRedirect(address)

    @staticmethod
    def say(request: HttpRequest, doubts: list[ScoreDoubt]) -> None:
        state = WORDS.get(request.POST.get("state", ""))
        try:
            text = clean_text(request.POST.get("answer", "")).strip()[:TEXT_MOST]
        except Wrong as wrong:
            messages.error(request, str(wrong))
            return
        if state is None or not text:
            messages.error(request, gettext("Say why: the author reads your answer."))
            return
        count = answer(doubts, state, text, request.user)
        said = ngettext(
            "%(count)d doubt is answered; its author is told.",
            "%(count)d doubts are answered; their authors are told.",
            count,
        )
        messages.success(request, said % {"count": count})


def is_id(key: str) -> bool:
    return key.isdecimal() and len(key) < 10


def by_rule(doubts: Iterable[ScoreDoubt]) -> list[Doubted]:
    """The rules with most doubts first."""
    found: dict[str, list[ScoreDoubt]] = {}
    for each in doubts:
        found.setdefault(each.rule, []).append(each)
    ids = {each.contact_id for rows in found.values() for each in rows}
    said = Activity.objects.filter(contact__in=ids, type__slug="lead_rejected")
    rejected = set(said.values_list("contact_id", flat=True))
    made = []
    for rule, rows in found.items():
        leads = {each.contact_id for each in rows}
        made.append(Doubted(rule, rows, len(leads), len(leads & rejected)))
    return sorted(made, key=lambda each: -len(each.doubts))
