"""Reports for other programs, and for people who are logged in: the same values as on the pages."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from scoring.api.keys import allowed, not_authenticated
from scoring.api.models import ApiKey, Scope
from scoring.api.problems import Problem
from scoring.api.reading import ReadView
from scoring.api.schema import reports as schema
from scoring.reports.asking import ask
from scoring.reports.blocks import Section
from scoring.reports.codec import data_of
from scoring.reports.kinds.goals import Goals
from scoring.reports.making import answer, facts_of
from scoring.reports.naming import Names
from scoring.reports.report import REPORTS, Report, reports_for, sections_for
from scoring.reports.values import Kind

# What a key may read: it is nobody's, and reports on people are for those who lead them.
OF_ALL: Final = (Report.permission, Goals.permission)
Data = dict[str, Any]


class MayReadReports(BasePermission):
    """A key that may read contacts, or a person who may see reports."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, ApiKey):
            return allowed(request, Scope.CONTACTS_READ)
        if not request.user.is_authenticated:
            raise not_authenticated()
        return bool(reports_for(request.user))


class ReportView(ReadView):
    """What both views of reports have in common."""

    permission_classes = [MayReadReports]

    def reports(self, request: Request) -> list[Report]:
        if isinstance(request.auth, ApiKey):
            found = [report for report in REPORTS.values() if report.permission in OF_ALL]
            return sorted(found, key=lambda report: (report.order, report.slug))
        return reports_for(request.user)


class ReportsView(ReportView):
    """Which reports there are, and what their measures count."""

    @extend_schema(**schema.LIST_REPORTS)
    def get(self, request: Request) -> Response:
        found = [described(report) for report in self.reports(request)]
        return Response({"next": None, "results": found})


class OneReportView(ReportView):
    """One report for a period."""

    parameters: ClassVar[tuple[str, ...]] = (
        *("span", "first", "last"),
        *sorted(schema.ASKED | schema.NUMBERS),
    )

    @extend_schema(**schema.ONE_REPORT)
    def get(self, request: Request, slug: str) -> Response:
        report = next((each for each in self.reports(request) if each.slug == slug), None)
        if report is None:
            raise Http404
        self.refuse_what_it_does_not_heed(request, report)
        form = ask(request.query_params, report.asks, report.days, report.numbers)
        if not form.is_valid():
            raise wrong(*next((name, str(faults[0])) for name, faults in form.errors.items()))
        question = form.question()
        found = answer(report, question)
        data = {
            "report": slug,
            "first": question.period.first.isoformat(),
            "last": question.period.last.isoformat(),
            "time_zone": question.period.zone.key,
            "facts": facts_of(question, report.asks, report.numbers),
            "made_at": found.made_at,
            "is_updating": bool(found.kept and found.kept.is_under_way),
            "sections": self.seen_sections(request, found.sections or ()),
        }
        return Response(data, status=202 if found.sections is None else 200)

    def refuse_what_it_does_not_heed(self, request: Request, report: Report) -> None:
        numbers = {number.name for number in report.numbers}
        for name in request.query_params:
            if name in schema.ASKED and name not in report.asks:
                raise wrong(name, _("This report is not narrowed by it."))
            if name in schema.NUMBERS and name not in numbers:
                raise wrong(name, _("This report does not ask for it."))

    def seen_sections(self, request: Request, sections: Sequence[Section]) -> list[Data]:
        """Contacts by their ids, of those whom the person may see; a key sees all."""
        if isinstance(request.auth, ApiKey):
            return data_of([each for each in sections if each.permission in ("", *OF_ALL)])
        sections = sections_for(request.user, sections)
        data = data_of(sections)
        names = Names(sections, request.user).names
        for value in values_in(data):
            if value["kind"] == Kind.CONTACT.value and value["raw"] not in names:
                value["raw"] = None
        return data


def wrong(name: str, detail: str) -> Problem:
    """A parameter that could be one, but not here."""
    return Problem(422, "invalid_parameter", detail, field=name)


def values_in(data: object) -> list[Data]:
    """Every value, however deep it lies."""
    if isinstance(data, list):
        return [value for each in data for value in values_in(each)]
    if not isinstance(data, dict):
        return []
    own = [data] if "raw" in data else []
    return own + [value for each in data.values() for value in values_in(each)]


def described(report: Report) -> Data:
    return {
        "report": report.slug,
        "title": str(report.title),
        "purpose": str(report.purpose),
        "narrowed_by": sorted(report.asks),
        "numbers": [
            {
                "name": each.name,
                "title": str(each.title),
                "usual": each.usual,
                "least": each.least,
                "most": each.most,
            }
            for each in report.numbers
        ],
        "measures": [
            {"key": each.key, "title": str(each.title), "definition": str(each.definition)}
            for each in report.measures
        ],
    }
