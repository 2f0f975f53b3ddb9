"""The pages on which a proposal is read, spoken about and signed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from scoring.agreement.admin.doing import done
from scoring.agreement.admin.forms import SignForm
from scoring.agreement.admin.hub import ModelPage
from scoring.agreement.admin.shown import talk, version_facts
from scoring.agreement.changes import Change, Refused
from scoring.agreement.impact import headline_of
from scoring.agreement.proposals import Proposal, open_proposal
from scoring.agreement.remarks import AddRemark, Remark, Settle
from scoring.agreement.sides import Side, sides_of
from scoring.agreement.signing import Sign, TakeBack
from scoring.agreement.standing import standing
from scoring.criteria.models import ScoringModel


class Signing(ModelPage):
    def allowed(self, change: Change[Any]) -> None:
        if not change.may():
            raise PermissionDenied

    def side_wanted(self, request: HttpRequest, proposal: Proposal | None) -> list[Side]:
        """The sides that this person could sign for now; of two they choose one."""
        if proposal is None or proposal.agreed_at:
            return []
        given = [each for each in proposal.signatures.all() if each.void_at is None]
        if any(each.user_id == request.user.pk for each in given):
            return []
        missing = proposal.missing_sides()
        return [side for side in sides_of(request.user) if side in missing]

    def sign(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        """Everything that is signed, on one page; POST signs what was looked at."""
        if request.method == "POST":
            return self.signed(request, model)
        proposal = open_proposal(model)
        if proposal is None:
            messages.info(request, gettext("There is no open proposal: nothing is to be signed."))
            return HttpResponseRedirect(self.address(model))
        version = proposal.version
        return self.page(
            request,
            model,
            "scoring/agreement/sign.html",
            proposal=proposal,
            version=version,
            sides=self.side_wanted(request, proposal),
            given=[each for each in proposal.signatures.all() if each.void_at is None],
            form=SignForm(initial={"hash": version.hash}),
            **talk(version),
            headline=headline_of(version),
            **version_facts(request, model, version.document_value),
        )

    def signed(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        side = request.POST.get("side", "")
        if side not in sides_of(request.user):
            raise PermissionDenied
        form = SignForm(request.POST)
        proposal = open_proposal(model)
        if proposal is None or not form.is_valid():
            for faults in form.errors.values():
                messages.error(request, " ".join(str(fault) for fault in faults))
            return HttpResponseRedirect(self.address(model, "sign"))
        given = form.cleaned_data
        change = Sign(request.user, proposal.version, side, given["hash"], given["comment"])
        try:
            change.execute()
        except Refused as refused:
            for reason in refused.reasons:
                messages.error(request, reason)
            return HttpResponseRedirect(self.address(model, "sign"))
        told = gettext("You have signed version %(number)d for %(side)s.")
        facts = {"number": proposal.version.number, "side": Side(side).label}
        messages.success(request, told % facts)
        return HttpResponseRedirect(self.address(model))

    def unsign(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        version = standing(model).version
        if version is None:
            messages.warning(request, gettext("Nothing of yours is signed here now."))
            return HttpResponseRedirect(self.address(model))
        said = gettext("Your signature is taken back.")
        return done(request, TakeBack(request.user, version), said, self.address(model))

    # --- Remarks -----------------------------------------------------------------------------

    def remark(self, request: HttpRequest, model: ScoringModel, version_id: int) -> HttpResponse:
        """Say something of a version or of a rule of it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        version = get_object_or_404(model.versions.select_related("model"), pk=version_id)
        answered = request.POST.get("answers", "")
        answers = None
        if answered:
            if not answered.isdecimal() or len(answered) > 9:
                raise Http404
            answers = get_object_or_404(version.remarks.select_related("answers"), pk=answered)
        change = AddRemark(
            request.user,
            version,
            request.POST.get("text", ""),
            kind=request.POST.get("kind", Remark.Kind.COMMENT),
            rule=request.POST.get("rule", ""),
            # One level is enough, and reads like a conversation.
            answers=answers.answers or answers if answers else None,
        )
        return done(request, change, gettext("It stands there now."), self.back(request, model))

    def settle(self, request: HttpRequest, model: ScoringModel, remark_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        remarks = Remark.objects.objections().filter(version__model=model)
        remark = get_object_or_404(remarks.select_related("version__model", "user"), pk=remark_id)
        change = Settle(request.user, remark, request.POST.get("text", ""))
        return done(
            request, change, gettext("The objection is settled."), self.back(request, model)
        )

    def back(self, request: HttpRequest, model: ScoringModel) -> str:
        """The page that the form stood on, if it is one of ours."""
        asked = request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure())
        return asked if safe else self.address(model)
