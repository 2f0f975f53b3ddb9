"""The tab on which a version is proposed, signed and brought live."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scoring.agreement.admin.bringing_live import BringingLive
from scoring.agreement.admin.doing import done
from scoring.agreement.admin.forms import ProposeForm, ReviewForm
from scoring.agreement.admin.hub import View, model_page
from scoring.agreement.admin.shown import conversation, open_objections, version_facts
from scoring.agreement.admin.signing import Signing
from scoring.agreement.beside import notes_of, reasons_of
from scoring.agreement.changes import Refused
from scoring.agreement.going_live import TakeBackPlan
from scoring.agreement.periods import periods
from scoring.agreement.proposals import open_proposal
from scoring.agreement.proposing import Propose, Withdraw, nothing_differs
from scoring.agreement.reviews import Review, SetReview
from scoring.agreement.sides import PUBLISH, sides_of
from scoring.agreement.signing import TakeBack, is_signed
from scoring.agreement.standing import standing
from scoring.criteria.models import ScoringModel


@model_page
class AgreementPage(Signing, BringingLive):
    slug: ClassVar[str] = "agreement"
    title: ClassVar[str | Promise] = _("Agreement")
    icon: ClassVar[str] = "handshake"
    order: ClassVar[int] = 50

    def routes(self) -> list[tuple[str, str, View]]:
        return [
            ("", "", self.overview),
            ("propose/", "propose", self.propose),
            ("withdraw/", "withdraw", self.withdraw),
            ("review/", "review", self.review),
            ("sign/", "sign", self.sign),
            ("unsign/", "unsign", self.unsign),
            ("remark/<int:version_id>/", "remark", self.remark),
            ("settle/<int:remark_id>/", "settle", self.settle),
            ("live/<int:version_id>/", "live", self.live),
            ("unplan/", "unplan", self.unplan),
        ]

    def note(self, request: HttpRequest, model: ScoringModel) -> str:
        """A mark where this person's signature is wanted."""
        own = {side.value for side in sides_of(request.user)}
        proposal = open_proposal(model) if own else None
        if proposal is None:
            return ""
        given = [each for each in proposal.signatures.all() if each.void_at is None]
        if any(each.user_id == request.user.pk for each in given):
            return ""
        return "1" if own & {side.value for side in proposal.missing_sides()} else ""

    def overview(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        now = standing(model)
        user = request.user
        live_periods = periods([model]).get(now.live.pk, []) if now.live else []
        facts: dict[str, Any] = {
            "now": now,
            "live_since": live_periods[-1].since if live_periods else None,
            "live_signed": is_signed(now.live) if now.live else False,
            "next_review": Review.objects.filter(model=model).first(),
            "may_review": SetReview(user, model, None).may(),
            "may_propose": Propose(user, model).may(),
            "not_now": [nothing_differs(now.live)]
            if now.live and now.is_arrived
            else Propose(user, model).already_open(),
            "may_publish": user.has_perm(PUBLISH),
            "may_unplan": TakeBackPlan(user, model).may(),
            "objections": open_objections(model),
        }
        if now.version:
            wanted = self.side_wanted(request, now.proposal)
            facts |= {
                "may_withdraw": Withdraw(user, now.version).may(),
                "may_unsign": not TakeBack(user, now.version).check(),
                "side_wanted": wanted,
                "conversation": conversation(now.version),
                "remarks_on": now.version,
            }
        return self.page(request, model, "scoring/agreement/agreement.html", **facts)

    def propose(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        """What the draft changes, and whether it can be proposed; POST proposes it."""
        asking = Propose(request.user, model)
        self.allowed(asking)
        obstacles = asking.obstacles()
        reasons = obstacles
        try:
            document = asking.document()
        except Refused:
            document = None
        looked_at = document.hash if document else ""
        form = ProposeForm(request.POST or None, initial=self.begin_with(model, looked_at))
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            change = Propose(
                request.user, model, given["reason"], given["review_on"], given["hash"]
            )
            try:
                proposal = change.execute()
            except Refused as refused:
                reasons = refused.reasons
                if not obstacles:
                    form.shown_anew("hash", looked_at)
            else:
                told = gettext("Version %(number)d is proposed. Those who sign have been told.")
                messages.success(request, told % {"number": proposal.version.number})
                return HttpResponseRedirect(self.address(model))
        facts = version_facts(request, model, document) if document else {}
        return self.page(
            request,
            model,
            "scoring/agreement/propose.html",
            form=form,
            obstacles=reasons,
            is_stopped=bool(obstacles),
            document=document,
            looked_at=looked_at,
            notes=notes_of(request, model),
            **facts,
        )

    @staticmethod
    def begin_with(model: ScoringModel, looked_at: str) -> dict[str, str]:
        return {"hash": looked_at, "reason": reasons_of(model)}

    def withdraw(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        now = standing(model)
        if now.version is None:
            messages.warning(request, gettext("There is no proposal to withdraw."))
            return HttpResponseRedirect(self.address(model))
        change = Withdraw(request.user, now.version, request.POST.get("reason", ""))
        return done(request, change, gettext("The proposal is withdrawn."), self.address(model))

    def review(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = ReviewForm(request.POST)
        if not form.is_valid():
            for fault in form.errors["due_on"]:
                messages.error(request, str(fault))
            return HttpResponseRedirect(self.address(model))
        change = SetReview(request.user, model, form.cleaned_data["due_on"])
        return done(request, change, gettext("The next review is noted."), self.address(model))
