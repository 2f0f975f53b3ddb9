"""The tab where both teams look for the total at which a band should begin."""

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Final

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, dumps, loads
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from contacts.models.people import sees_everybody
from contacts.roles import SALES
from scoring.agreement.admin.hub import ModelPage, View, model_page
from scoring.agreement.beginning import document_of, draft_to_change, newest_version, open_draft
from scoring.agreement.grades import live_track
from scoring.agreement.rights import CHANGE, may_write_draft
from scoring.agreement.workshop.choices import Method, choices_for
from scoring.agreement.workshop.distribution import WEEKS, figures_of
from scoring.agreement.workshop.figures import Figures, Scale, histogram, steps
from scoring.agreement.workshop.offers import (
    Ideal,
    Ideals,
    amount,
    ideal_total,
    outcome_data,
    outcome_rows,
)
from scoring.agreement.workshop.picking import Pick, write
from scoring.agreement.workshop.table import ask_for_table, kept_table
from scoring.criteria.document import ModelDocument
from scoring.criteria.drafts import Draft, DraftBand
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.scenarios import prospect

SALT: Final = "threshold.figures"
# A page may stay open over a working day.
AGE_MOST: Final = 24 * 3600
SECONDS: Final = 0.8
CALLS: Final = 20
CHOICES: Final = 20


@dataclass(frozen=True, slots=True)
class Subject:
    """What the page is about: a model's draft or, without one, its newest version."""

    model: ScoringModel
    draft: Draft | None
    version: Version | None
    document: ModelDocument
    bands: list[DraftBand]
    band: DraftBand

    @property
    def choosable(self) -> list[DraftBand]:
        """The hottest first; the coldest has no beginning."""
        return list(reversed(self.bands[1:]))

    @property
    def draft_has_faults(self) -> bool:
        return (
            self.draft is not None
            and self.version is not None
            and (self.document is self.version.document_value)
        )


def subject_of(model: ScoringModel, name: str) -> Subject | None:
    """None where there is nothing whose bands could begin anywhere."""
    draft, version = open_draft(model), newest_version(model)
    document = document_of(draft, model)
    if document is None:
        return None
    bands = list(draft.bands.all()) if draft else bands_of(document)
    if len(bands) < 2:
        return None
    band = next((each for each in bands[1:] if each.name == name), bands[-1])
    return Subject(model, draft, version, document, bands, band)


def bands_of(document: ModelDocument) -> list[DraftBand]:
    """As rows that are not stored, so that a version is shown as a draft is."""
    return [
        DraftBand(name=band.name, start=band.start, position=place)
        for place, band in enumerate(document.bands)
    ]


@model_page
class ThresholdPage(ModelPage):
    slug: ClassVar[str] = "threshold"
    title: ClassVar[str | Promise] = _("Thresholds")
    icon: ClassVar[str] = "tune"
    order: ClassVar[int] = 30

    def routes(self) -> list[tuple[str, str, View]]:
        return [
            ("", "", self.workshop),
            ("pick/", "pick", require_POST(self.pick)),
            ("outcomes/", "outcomes", self.outcomes),
            ("outcomes/ask/", "ask", require_POST(self.ask)),
        ]

    def workshop(
        self, request: HttpRequest, model: ScoringModel, pick: Pick | None = None
    ) -> HttpResponse:
        name = pick.band if pick else request.GET.get("band", "")
        subject = subject_of(model, name)
        if subject is None:
            return self.page(request, model, "scoring/workshop/nothing.html")
        ideals = ideals_of(subject)
        figures = figures_of(subject.document, live_track(model), request.user)
        facts = {
            "subject": subject,
            "ideals": ideals,
            "figures": figures,
            "weeks": WEEKS,
            "people": User.objects.filter(is_active=True, groups__name=SALES).count() or 1,
            "calls": CALLS,
            "methods": Method.choices,
            "pick": pick or Pick(subject.band.name, threshold=shown_start(subject.band)),
            "was": pick.was if pick and pick.was else shown_start(subject.band),
            "choices": choices_for(model)[:CHOICES],
            "may_choose": may_choose(request, model),
            "sees_everybody": sees_everybody(request.user),
            "seen": dumps(seen_of(figures, ideals), salt=SALT, compress=True),
            **line_of(subject, figures, ideals),
            **outcome_facts(request, subject),
        }
        return self.page(request, model, "scoring/workshop/threshold.html", **facts)

    def pick(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        if not may_choose(request, model):
            raise PermissionDenied
        pick = Pick.of_post(request.POST)
        subject = subject_of(model, pick.band)
        try:
            seen = loads(request.POST.get("seen", ""), salt=SALT, max_age=AGE_MOST)
        except BadSignature:
            text = gettext("The figures are no longer those of today; look again, and choose.")
            messages.error(request, text)
            return self.back(model, pick.band)
        if subject is None or not pick.check(subject.bands):
            return self.workshop(request, model, pick)
        draft = draft_to_change(model, request.user)
        figures = figures_at(pick.start, seen, subject, request)
        choice = write(pick, draft, request.user, figures) if draft else None
        if choice is None:
            return self.workshop(request, model, pick)
        text = gettext("In the draft “%(band)s” now begins at %(start)d.")
        messages.success(request, text % {"band": choice.band, "start": choice.threshold})
        return self.back(model, choice.band)

    def back(self, model: ScoringModel, band: str) -> HttpResponse:
        return HttpResponseRedirect(f"{self.address(model)}?{urlencode({'band': band[:200]})}")

    def outcomes(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        """The panel alone: while a worker is at it, and for other costs."""
        subject = subject_of(model, request.GET.get("band", ""))
        facts = {"model": model, "subject": subject}
        if subject:
            facts |= outcome_facts(request, subject)
        return render(request, "scoring/workshop/outcomes.html", facts)

    def ask(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        if not may_ask(request):
            raise PermissionDenied
        subject = subject_of(model, request.POST.get("band", ""))
        if subject and subject.document.objective:
            ask_for_table(model, subject.document)
        facts = {"model": model, "subject": subject}
        if subject:
            facts |= outcome_facts(request, subject)
        return render(request, "scoring/workshop/outcomes.html", facts)


def may_choose(request: HttpRequest, model: ScoringModel) -> bool:
    may_change = request.user.has_perm("scoring.change_draftband")
    return may_change and may_write_draft(request.user, model)


def may_ask(request: HttpRequest) -> bool:
    """It keeps a worker busy for minutes, and takes the place of tables before it."""
    return request.user.has_perm("scoring.add_impact") or request.user.has_perm(CHANGE)


def shown_start(band: DraftBand) -> str:
    return "" if band.start is None else str(band.start)


def ideals_of(subject: Subject) -> Ideals:
    """The scenarios that expect the band, or the first of them that there is time for."""
    until, now = time.monotonic() + SECONDS, timezone.now()
    wanted = [each for each in subject.document.scenarios if each.expect == subject.band.name]
    tried = []
    for scenario in wanted:
        tried.append(Ideal(scenario, ideal_total(prospect(subject.document, scenario, now))))
        if time.monotonic() > until:
            break
    return Ideals(tried)


def line_of(subject: Subject, figures: Figures, ideals: Ideals) -> dict[str, Any]:
    """The histogram with its line: bars, places, and what is at each place."""
    starts = [band.start for band in subject.bands if band.start is not None]
    totals = [total for total, _count in figures.totals]
    scale = Scale.of([*totals, *starts, *ideals.totals])
    at = subject.band.start if subject.band.start is not None else scale.low
    return {
        "scale": scale,
        "bars": histogram(figures, scale),
        "steps": steps(figures, scale),
        "marks": [(scale.at(total), total) for total in sorted(set(ideals.totals))],
        "starts": [
            (scale.at(band.start), band.name, band.start)
            for band in subject.bands
            if band.start is not None and band.name != subject.band.name
        ],
        "at": at,
        "above_now": figures.above(at),
        "week_now": round(figures.per_week(at), 1),
    }


def outcome_facts(request: HttpRequest, subject: Subject) -> dict[str, Any]:
    table = kept_table(subject.model, subject.document)
    facts: dict[str, Any] = {
        "objective": subject.document.objective,
        "may_ask": may_ask(request),
        "table": table,
        "cost": request.GET.get("cost", ""),
        "value": request.GET.get("value", ""),
    }
    if table is None or not table.done_at or table.is_under_way:
        return facts
    outcomes = table.outcomes()
    best = outcomes.best_f1()
    cost, value = amount(facts["cost"]), amount(facts["value"])
    asked = cost is not None and value is not None and value > 0
    gain = outcomes.best_gain(value or Decimal(0), cost or Decimal(0)) if asked else None
    return facts | {
        "outcomes": outcomes,
        "known": len(outcomes),
        "won": outcomes.won,
        "best": best,
        "gain": gain,
        "gain_asked": asked,
        "gain_amount": gain.gain(value or Decimal(0), cost or Decimal(0)) if gain else None,
        "costs_are_wrong": bool(facts["cost"] or facts["value"]) and not asked,
        "outcome_rows": outcome_rows(outcomes, [best, gain]),
    }


def seen_of(figures: Figures, ideals: Ideals) -> dict[str, Any]:
    return {"figures": figures.data(), "ideals": ideals.totals}


def figures_at(
    threshold: int, seen: dict[str, Any], subject: Subject, request: HttpRequest
) -> dict[str, Any]:
    """What its reader saw of a threshold, to be kept with the choice."""
    figures = Figures.of_data(seen["figures"])
    kept: dict[str, Any] = {
        "above": figures.above(threshold),
        "of": figures.of,
        "per_week": round(figures.per_week(threshold), 2),
        "is_estimate": figures.is_estimate or figures.rises_are_estimate,
        "scenarios": seen["ideals"],
    }
    for name in ("people", "calls"):
        given = request.POST.get(name, "")
        if given.isascii() and given.isdecimal() and len(given) <= 6:
            kept[name] = int(given)
    table = kept_table(subject.model, subject.document)
    if table and table.done_at:
        kept["outcomes"] = outcome_data(table.outcomes().at(threshold))
    return kept
