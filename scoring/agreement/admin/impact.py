"""The tab that shows what a draft or a version would do to every contact."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from contacts.admin.base import DIGITS_MOST
from contacts.models import WorkerProcess
from contacts.models.people import sees_everybody
from scoring.agreement.admin.hub import ModelPage, View, model_page
from scoring.agreement.beginning import open_draft
from scoring.agreement.impact import (
    Impact,
    ImpactMoveQuerySet,
    ask_for_impact,
    live_track_of,
    under_way,
)
from scoring.agreement.impact_result import bands_of
from scoring.agreement.impact_shown import (
    automations_shown,
    band_table,
    bands_shown,
    headline,
    movers,
    outcomes_said,
    picture,
    rules_responsible,
    said_of,
    sides,
)
from scoring.criteria.document import DocumentInvalid, ModelDocument
from scoring.criteria.models import ScoringModel, Version

DRAFT: Final = "draft"
VERSIONS_MOST: Final = 50
SHOWN: Final = 10
A_PAGE: Final = 25


@dataclass(frozen=True, slots=True)
class Subject:
    """What the page is about; ``version`` is None for the draft."""

    key: str
    version: Version | None
    document: ModelDocument | None

    @property
    def has_faults(self) -> bool:
        return self.document is None


@model_page
class ImpactPage(ModelPage):
    slug: ClassVar[str] = "impact"
    title: ClassVar[str | Promise] = _("Impact")
    icon: ClassVar[str] = "query_stats"
    order: ClassVar[int] = 40
    permission: ClassVar[str] = "scoring.view_impact"

    def routes(self) -> list[tuple[str, str, View]]:
        return [
            ("", "", self.show),
            ("ask/", "ask", require_POST(self.ask)),
            ("<int:impact_id>/progress/", "progress", self.progress),
            ("<int:impact_id>/people/", "people", self.people),
        ]

    def show(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        choices = choices_of(model)
        subject = chosen(choices, request.GET.get("version", ""))
        facts: dict[str, Any] = {"choices": choices, "subject": subject}
        facts["may_ask"] = request.user.has_perm("scoring.add_impact")
        if subject and subject.document:
            facts |= self.found(request, model, subject.document, subject.version)
        return self.page(request, model, "scoring/impact/page.html", **facts)

    def found(
        self,
        request: HttpRequest,
        model: ScoringModel,
        document: ModelDocument,
        version: Version | None,
    ) -> dict[str, Any]:
        running = under_way(model, document.hash)
        impact = newest_done(model, document, version)
        facts: dict[str, Any] = {"running": running and self.progress_of(running), "failed": None}
        if impact is None and running is None:
            failed = Impact.objects.filter(model=model, hash=document.hash)
            facts["failed"] = failed.filter(state=Impact.State.FAILED).first()
        if impact:
            facts |= self.facts_of(request, model, impact, document)
        return facts

    def facts_of(
        self, request: HttpRequest, model: ScoringModel, impact: Impact, document: ModelDocument
    ) -> dict[str, Any]:
        track = live_track_of(model)
        seen = impact.moves.visible_to(request.user).to_other_bands()
        return {
            "impact": impact,
            "is_of_older_draft": impact.hash != document.hash,
            "is_against_another": impact.against_id != (track.version_id if track else None),
            "changed_since": impact.changed_since(),
            "headline": headline(impact),
            "bands": bands_shown(impact),
            "table": band_table(impact),
            "movers": movers(impact, page_of(seen, SHOWN)),
            "moved": impact.found.up + impact.found.down,
            "rules": rules_responsible(impact),
            "picture": picture(impact),
            "automations": automations_shown(impact),
            "scenarios": impact.result["scenarios"],
            "scenarios_failed": sum(not each["passed"] for each in impact.result["scenarios"]),
            "sides": sides(impact),
            "outcomes_said": outcomes_said(impact),
            "has_objective": bool(document.objective)
            or bool(impact.against and impact.against.document_value.objective),
            "sees_everybody": sees_everybody(request.user),
        }

    def ask(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        if not request.user.has_perm("scoring.add_impact"):
            raise PermissionDenied
        subject = chosen(choices_of(model), request.POST.get("version", ""))
        if subject is None:
            raise Http404
        if subject.document:
            ask_for_impact(model, subject.document, request.user, subject.version)
        query = urlencode({"version": subject.key})
        return HttpResponseRedirect(f"{self.address(model)}?{query}")

    def progress(self, request: HttpRequest, model: ScoringModel, impact_id: int) -> HttpResponse:
        impact = impact_of(model, impact_id)
        response = render(
            request,
            "scoring/impact/progress.html",
            {"running": self.progress_of(impact), "model": model},
        )
        if not impact.is_unfinished:
            response["HX-Refresh"] = "true"
        return response

    def progress_of(self, impact: Impact) -> dict[str, Any]:
        done, steps = impact.progress()
        return {
            "impact": impact,
            "done": done,
            "steps": steps,
            "percent": round(100 * done / steps) if steps else 0,
            "has_worker": WorkerProcess.objects.alive(timezone.now()).exists(),
        }

    def people(self, request: HttpRequest, model: ScoringModel, impact_id: int) -> HttpResponse:
        """The contacts of one cell, or all who would change band, as far as one may see them."""
        impact = impact_of(model, impact_id)
        if impact.state != Impact.State.DONE:
            raise Http404
        moves = impact.moves.visible_to(request.user).to_other_bands()
        bands = bands_of(impact)
        old, new = request.GET.get("from"), request.GET.get("to")
        if old is not None and new is not None:
            if old not in bands or new not in bands:
                raise Http404
            moves = moves.filter(**same_band("band_before", old), **same_band("band", new))
        paged = Paginator(ordered(moves), A_PAGE).get_page(request.GET.get("p"))
        given = {"from": old, "to": new} if old is not None and new is not None else {}
        return self.page(
            request,
            model,
            "scoring/impact/people.html",
            impact=impact,
            old=said_of(old) if given else "",
            new=said_of(new) if given else "",
            paged=paged,
            query=urlencode(given),
            movers=movers(impact, paged.object_list),
            sees_everybody=sees_everybody(request.user),
        )


def choices_of(model: ScoringModel) -> list[Subject]:
    """The draft, and the versions that are not live, newest first."""
    found: list[Subject] = []
    if draft := open_draft(model):
        try:
            found.append(Subject(DRAFT, None, draft.document()))
        except DocumentInvalid:
            found.append(Subject(DRAFT, None, None))
    versions = model.versions.exclude(state=Version.State.LIVE).order_by("-number")
    found += [
        Subject(str(version.pk), version, version.document_value)
        for version in versions[:VERSIONS_MOST]
    ]
    return found


def chosen(choices: list[Subject], key: str) -> Subject | None:
    """The one of that key; otherwise one that waits to be signed or to go live, or the first."""
    by_key = {subject.key: subject for subject in choices}
    waiting = [
        subject
        for subject in choices
        if subject.version
        and subject.version.state in (Version.State.PROPOSED, Version.State.AGREED)
    ]
    return by_key.get(key) or next(iter([*waiting, *choices]), None)


def newest_done(
    model: ScoringModel, document: ModelDocument, version: Version | None
) -> Impact | None:
    """Of this document; of a draft that has changed since, its former state's."""
    done = Impact.objects.done().filter(model=model).select_related("model", "version", "against")
    found = done.filter(hash=document.hash, moves_kept=True).first()
    if found is None and version is None:
        found = done.filter(version=None, moves_kept=True).first()
    return found


def impact_of(model: ScoringModel, impact_id: int) -> Impact:
    if len(str(impact_id)) > DIGITS_MOST:
        raise Http404
    impacts = Impact.objects.select_related("model", "version", "against")
    found = impacts.filter(model=model, pk=impact_id).first()
    if found is None:
        raise Http404
    return found


def same_band(column: str, band: str) -> dict[str, Any]:
    return {column: band} if band else {f"{column}__isnull": True}


def ordered(moves: ImpactMoveQuerySet) -> ImpactMoveQuerySet:
    """The highest total that would be first."""
    contact = moves.select_related("contact__company")
    return contact.order_by(F("total").desc(nulls_last=True), "contact_id")


def page_of(moves: ImpactMoveQuerySet, most: int) -> ImpactMoveQuerySet:
    return ordered(moves)[:most]
