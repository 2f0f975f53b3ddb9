"""Fit x interest: the grid of grades, with how many leads stand in each cell today."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from contacts.models import Contact
from contacts.models.people import sees_everybody
from contacts.numerals import numeral, whole
from scoring.agreement.admin.hub import PAGES, ModelPage, View, address_of, model_page
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.beginning import draft_to_change, open_draft
from scoring.agreement.newest import newest_outcomes
from scoring.agreement.rights import may_write_draft
from scoring.agreement.terciles import proposed
from scoring.criteria.models import ScoringModel
from scoring.criteria.structure import Grade, Matrix
from scoring.engine.models import Score, ScoreQuerySet, Track
from scoring.engine.outcomes import conversion_by_grade
from scoring.engine.proportions import FEW, Proportion

# Shades of the style sheet, from a cell with few to one with many.
SHADES = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """One grade: how many leads have it, and which part of all in percent."""

    grade: str
    count: int
    percent: float
    shade: int
    address: str


@dataclass(frozen=True, slots=True)
class Row:
    """A half grade of fit with its cells, from the best interest on."""

    grade: Grade
    cells: tuple[Cell, ...]
    count: int


def seen_scores(track: Track, user: Any) -> ScoreQuerySet:
    """The scores of whom this person may see."""
    scores = Score.objects.filter(track=track)
    if sees_everybody(user):
        return scores
    return scores.filter(contact__in=Contact.objects.visible_to(user))


def rows_of(matrix: Matrix, counts: dict[str, int], track: Track, may_list: bool) -> Iterator[Row]:
    everybody, most = sum(counts.values()), max(counts.values(), default=0)
    address = reverse("admin:scoring_lead_changelist")
    for fit in matrix.fit:
        cells = []
        for interest in matrix.interest:
            grade = fit.grade + interest.grade
            count = counts.get(grade, 0)
            wanted = urlencode({"model": str(track.pk), "grade": grade})
            cells.append(
                Cell(
                    grade=grade,
                    count=count,
                    percent=100 * count / everybody if everybody else 0,
                    shade=-(-SHADES * count // most) if most else 0,
                    address=f"{address}?{wanted}" if may_list and count else "",
                )
            )
        yield Row(fit, tuple(cells), sum(cell.count for cell in cells))


def how_many(found: Proportion) -> str:
    """``won: 12 of 40 = 30 % (18–45 %)``; no share of a few, which would say more than is known."""
    said = {"count": numeral(found.count), "of": numeral(found.of)}
    if found.share is None or found.of < FEW:
        return gettext("%(count)s of %(of)s succeeded") % said
    low, high = found.interval()
    said |= {
        "share": whole(100 * found.share),
        "low": whole(100 * low),
        "high": whole(100 * high),
    }
    return gettext("%(count)s of %(of)s succeeded: %(share)s %% (%(low)s–%(high)s %%)") % said


@model_page
class GradesPage(ModelPage):
    slug: ClassVar[str] = "grades"
    title: ClassVar[str | Promise] = _("Fit × interest")
    icon: ClassVar[str] = "grid_on"
    order: ClassVar[int] = 25

    def routes(self) -> list[tuple[str, str, View]]:
        return [
            ("", "", self.grid),
            ("propose/", "propose", require_POST(self.propose)),
            ("conversion/", "conversion", require_GET(self.conversion)),
        ]

    def grid(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        track = live_track(model)
        matrix = track.version.document_value.matrix if track else None
        facts: dict[str, Any] = {
            "track": track,
            "matrix": matrix,
            "draft": open_draft(model),
            "may_propose": may_write_draft(request.user, model),
            "criteria_address": address_of("criteria", model) if "criteria" in PAGES else "",
        }
        if track and matrix:
            facts |= self.counted(request, track, matrix)
        return self.page(request, model, "scoring/workshop/grades.html", **facts)

    def counted(self, request: HttpRequest, track: Track, matrix: Matrix) -> dict[str, Any]:
        counts, excluded = {}, 0
        grouped = seen_scores(track, request.user).order_by().values("grade")
        for row in grouped.annotate(
            count=Count("contact"), out=Count("contact", filter=Q(excluded=True))
        ):
            counts[row["grade"]] = row["count"]
            excluded += row["out"]
        may_list = request.user.has_perm("scoring.view_lead")
        rows = list(rows_of(matrix, counts, track, may_list))
        sums = [sum(row.cells[at].count for row in rows) for at in range(len(matrix.interest))]
        everybody = sum(counts.values())
        return {
            "rows": rows,
            "columns": list(zip(matrix.interest, sums, strict=True)),
            "everybody": everybody,
            "excluded": excluded,
            # Of a version that went live a moment ago: those of the one before.
            "ungraded": everybody - sum(sums),
            "sees_everybody": sees_everybody(request.user),
        }

    def conversion(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        """How each cell has done, put into the grid once it is there."""
        track = live_track(model)
        facts: dict[str, Any] = {"said": [], "rests": ""}
        if track is not None:
            newest = newest_outcomes(track.version.document_value)
            shares = conversion_by_grade(newest.outcomes)
            facts["said"] = [(grade, how_many(shares[grade])) for grade in sorted(shares)]
            facts["rests"] = newest.text if shares else ""
            facts["has_objective"] = track.version.document_value.objective is not None
        return TemplateResponse(request, "scoring/workshop/grades_conversion.html", facts)

    def propose(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        if not may_write_draft(request.user, model):
            raise PermissionDenied
        back = HttpResponseRedirect(self.address(model))
        track = live_track(model)
        draft = draft_to_change(model, request.user) if track else None
        if track is None or draft is None:
            messages.error(request, gettext("Grades are proposed from scores: go live first."))
            return back
        matrix = proposed(track.pk)
        with draft.changing():
            if draft.matrix:
                messages.warning(request, gettext("The draft has grades already; they were kept."))
                return back
            draft.matrix = matrix
            AuditEntry.objects.note(
                request.user, model, Action.DRAFT_CHANGED, change="part_changed", part="matrix"
            )
        text = gettext("The draft now has grades. They count once a version with them is live.")
        messages.success(request, text)
        return back


def live_track(model: ScoringModel) -> Track | None:
    live = Track.objects.select_related("version__model")
    return live.filter(model=model, role=Track.Role.LIVE).first()
