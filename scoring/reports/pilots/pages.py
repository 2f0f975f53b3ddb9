"""The tab of a model on which pilots are planned, started and stopped."""

from functools import partial
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models.teams import name_of
from scoring.agreement.admin.doing import done
from scoring.agreement.admin.hub import ModelPage, View, model_page
from scoring.agreement.triggers import fired_by
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.pilots.models import Pilot
from scoring.reports.pilots.actions import (
    GONE,
    VIEW,
    DiscardPilot,
    PlanPilot,
    StartPilot,
    StopPilot,
    may_plan,
)
from scoring.reports.pilots.forms import PlanForm, revision_field
from scoring.reports.pilots.measures import title_of
from scoring.reports.pilots.words import plan_facts, report_of, result_of, state_of


@model_page
class PilotPage(ModelPage):
    slug: ClassVar[str] = "pilot"
    title: ClassVar[str | Promise] = _("Pilot")
    icon: ClassVar[str] = "science"
    order: ClassVar[int] = 55
    permission: ClassVar[str] = VIEW

    def routes(self) -> list[tuple[str, str, View]]:
        return [
            ("", "", self.overview),
            ("plan/", "plan", self.plan),
            ("plan/size/", "size", self.size),
            ("plan/<int:pk>/", "replan", self.plan),
            ("<int:pk>/start/", "start", self.start),
            ("<int:pk>/stop/", "stop", self.stop),
            ("<int:pk>/discard/", "discard", self.discard),
        ]

    def note(self, _request: HttpRequest, model: ScoringModel) -> str:
        """A mark while one runs."""
        return "1" if Pilot.objects.under_way().filter(model=model).exists() else ""

    def overview(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        rows = model.pilots.select_related("version", "control").prefetch_related(
            "salespeople", "looks"
        )
        return self.page(
            request,
            model,
            "scoring/pilots/overview.html",
            pilots=[self.shown(request, pilot) for pilot in rows],
            may_plan=may_plan(request.user, model),
            live=Version.objects.live().filter(model=model).first(),
        )

    def shown(self, request: HttpRequest, pilot: Pilot) -> dict[str, Any]:
        looks = list(pilot.looks.all())
        is_planned = pilot.state == Pilot.State.PLANNED
        return {
            "pilot": pilot,
            "state": state_of(pilot),
            "result": None if is_planned else result_of(pilot, looks),
            "measure": title_of(pilot.measure),
            "people": [name_of(one) for one in pilot.salespeople.all()],
            "strata": pilot.stratum_names(),
            "report": "" if is_planned else report_of(pilot),
            "obstacles": StartPilot(request.user, pilot, pilot.revision).check()
            if is_planned
            else [],
            "broken": broken_by(pilot) if is_planned else [],
            "is_planned": is_planned,
            "is_running": pilot.state == Pilot.State.RUNNING,
        }

    def plan(self, request: HttpRequest, model: ScoringModel, pk: int = 0) -> HttpResponse:
        """``pk``: of a plan that is to be changed."""
        if not may_plan(request.user, model):
            raise PermissionDenied
        planned = Pilot.objects.filter(model=model, state=Pilot.State.PLANNED)
        pilot = get_object_or_404(planned, pk=pk) if pk else None
        form = PlanForm(model, request.POST or None, pilot)
        theirs: list[tuple[str, object]] = []
        if request.method == "POST" and form.is_valid():
            change = PlanPilot(request.user, form, pilot)
            if pilot is None or not change.is_overtaken():
                said = gettext("The plan is kept. Nothing happens before you start the pilot.")
                return done(request, change, said, self.address(model))
            theirs, typed = list(plan_facts(pilot)), request.POST.copy()
            typed["revision"] = str(pilot.revision)
            form = PlanForm(model, typed, pilot)
        return self.page(
            request,
            model,
            "scoring/pilots/plan.html",
            form=form,
            pilot=pilot,
            theirs=theirs,
            live=Version.objects.live().filter(model=model).first(),
        )

    def size(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        """What is filled in so far comes to, as a part of the page; nothing is stored."""
        if not may_plan(request.user, model):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = PlanForm(model, request.POST)
        form.is_valid()
        return TemplateResponse(request, "scoring/pilots/size.html", {"form": form})

    def start(self, request: HttpRequest, model: ScoringModel, pk: int) -> HttpResponse:
        said = gettext("The pilot begins: its leads enter as soon as all are scored by both.")
        start = partial(StartPilot, looked_at=looked_at(request))
        return self.do(request, model, pk, start, said)

    def stop(self, request: HttpRequest, model: ScoringModel, pk: int) -> HttpResponse:
        said = gettext("The pilot is stopped: its leads go back to the live version.")
        return self.do(request, model, pk, StopPilot, said)

    def discard(self, request: HttpRequest, model: ScoringModel, pk: int) -> HttpResponse:
        discard = partial(DiscardPilot, looked_at=looked_at(request))
        return self.do(request, model, pk, discard, gettext("The plan is discarded."))

    def do(
        self, request: HttpRequest, model: ScoringModel, pk: int, change: Any, said: str
    ) -> HttpResponse:
        if not may_plan(request.user, model):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        pilot = model.pilots.select_related("model", "version").filter(pk=pk).first()
        if pilot is None:
            messages.warning(request, str(GONE))
            return HttpResponseRedirect(self.address(model))
        return done(request, change(request.user, pilot), said, self.address(model))


def looked_at(request: HttpRequest) -> int | None:
    """The revision of the plan that was on the screen; None where that cannot be read."""
    try:
        found: int = revision_field().clean(request.POST.get("revision"))
    except ValidationError:
        return None
    return found


def broken_by(pilot: Pilot) -> list[Any]:
    """Automations that do nothing for the leads of the candidate, for it lacks what they name."""
    fired = fired_by(pilot.model, pilot.version.document_value)
    return [each for each in fired if each.fault]
