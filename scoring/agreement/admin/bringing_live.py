"""The page on which a version goes live: now or later, quietly or not; also the way back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext

from contacts.models import Calendar
from scoring.agreement.admin.doing import done
from scoring.agreement.admin.forms import LATER, LOUD, LiveForm
from scoring.agreement.admin.hub import ModelPage
from scoring.agreement.admin.shown import version_facts
from scoring.agreement.changes import Refused
from scoring.agreement.going_live import BringLive, TakeBackPlan, live_version
from scoring.agreement.impact import headline_of
from scoring.agreement.signing import is_signed
from scoring.criteria.models import ScoringModel, Version


class BringingLive(ModelPage):
    def live(self, request: HttpRequest, model: ScoringModel, version_id: int) -> HttpResponse:
        version = get_object_or_404(model.versions.select_related("model"), pk=version_id)
        live = live_version(model)
        former = live.pk if live else 0
        asking = BringLive(request.user, version, former=former)
        if not asking.may():
            raise PermissionDenied
        headline = headline_of(version)
        form = LiveForm(
            request.POST or None,
            initial={"former": former},
            crossings=headline.crossings if headline else None,
        )
        obstacles = asking.obstacles()
        reasons = obstacles
        if request.method == "POST" and form.is_valid():
            try:
                return self.brought(request, model, version, form)
            except Refused as refused:
                reasons = refused.reasons
                if not obstacles:
                    form.shown_anew("former", former)
        return self.page(
            request,
            model,
            "scoring/agreement/live.html",
            form=form,
            version=version,
            obstacles=reasons,
            is_stopped=bool(obstacles),
            goes_back=asking.goes_back(),
            is_signed=is_signed(version),
            headline=headline,
            **version_facts(request, model, version.document_value),
        )

    def brought(
        self, request: HttpRequest, model: ScoringModel, version: Version, form: LiveForm
    ) -> HttpResponse:
        """Raises Refused."""
        given = form.cleaned_data
        due_at = given["due_at"] if given["when"] == LATER else None
        change = BringLive(
            request.user,
            version,
            former=given["former"],
            reason=given["reason"],
            due_at=due_at,
            loud=given["how"] == LOUD,
            confirmed=given["confirmed"],
        )
        change.execute()
        said = {"number": version.number}
        if due_at:
            told = gettext("Version %(number)d goes live at %(when)s.")
            messages.success(
                request, told % (said | {"when": Calendar.objects.default().clock(due_at)})
            )
        else:
            told = gettext("Version %(number)d is live. The scores are being made anew.")
            messages.success(request, told % said)
        return HttpResponseRedirect(self.address(model))

    def unplan(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        change = TakeBackPlan(request.user, model)
        said = gettext("It does not go live by itself any more.")
        return done(request, change, said, self.address(model))
