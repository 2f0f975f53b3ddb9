"""What is read of reports."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter

from scoring.api.body import JSON
from scoring.api.schema.shapes import (
    INSTANT,
    SWITCH,
    Schema,
    listed,
    or_null,
    page,
    problems,
    record,
    ref,
)
from scoring.reports.kinds import REPORTS

COMPONENTS: Final[dict[str, Schema]] = {
    "ReportNumber": record(
        ["name", "title", "usual", "least", "most"],
        {
            "name": {"type": "string"},
            "title": {"type": "string"},
            **{name: {"type": "integer"} for name in ("usual", "least", "most")},
        },
    ),
    "ReportInfo": record(
        ["report", "title", "purpose", "narrowed_by", "numbers", "measures"],
        {
            "report": {"type": "string"},
            "title": {"type": "string"},
            "purpose": {"type": "string"},
            "narrowed_by": listed({"type": "string"}),
            "numbers": listed(ref("ReportNumber")),
            "measures": listed({"type": "object"}),
        },
    ),
    "Report": record(
        ["report", "first", "last", "time_zone", "facts", "made_at", "is_updating", "sections"],
        {
            "report": {"type": "string"},
            "first": {"type": "string", "format": "date"},
            "last": {"type": "string", "format": "date"},
            "time_zone": {"type": "string"},
            "facts": listed({"type": "string"}),
            "made_at": or_null(INSTANT),
            "is_updating": SWITCH,
            "sections": listed({"type": "object"}),
        },
    ),
}

# The parts of a question that a report may be narrowed by.
ASKED: Final = frozenset({"grain", "model", "campaign", "segment", "source", "owner", "country"})
# Whole numbers that some reports ask for, such as a what-if.
NUMBERS: Final = {number.name for report in REPORTS.values() for number in report.numbers}
LIST_REPORTS: Final[dict[str, Any]] = {
    "operation_id": "list_reports",
    "summary": "The reports, with what their measures count",
    "responses": {(200, JSON): page("ReportInfo"), **problems(400, 401, 403, 429, 503)},
}
DAY: Final = {"type": "string", "format": "date"}


def number_parameter(name: str) -> OpenApiParameter:
    """With the widest bounds of the reports that ask for a number of this name."""
    asked = [
        (report.slug, number)
        for report in REPORTS.values()
        for number in report.numbers
        if number.name == name
    ]
    bounds = {
        "minimum": min(number.least for _slug, number in asked),
        "maximum": max(number.most for _slug, number in asked),
    }
    of = ", ".join(slug for slug, _number in asked)
    text = f"Of the report {of}: see numbers in the list of reports."
    return OpenApiParameter(name, {"type": "integer", **bounds}, description=text)


ONE_REPORT: Final[dict[str, Any]] = {
    "operation_id": "read_report",
    "summary": "One report for a period, as sections of figures, tables and charts",
    "description": "202 with no sections while a worker works it out: ask again.",
    "parameters": [
        OpenApiParameter("slug", {"type": "string", "pattern": "^[a-z0-9_-]{1,64}$"}, "path"),
        OpenApiParameter("span", {"type": "string"}, description="As in the page's address: 90."),
        OpenApiParameter("first", DAY, description="With span=own, or without a span."),
        OpenApiParameter("last", DAY),
        *(OpenApiParameter(name, {"type": "string"}) for name in sorted(ASKED)),
        *(number_parameter(name) for name in sorted(NUMBERS)),
    ],
    "responses": {
        (200, JSON): ref("Report"),
        (202, JSON): ref("Report"),
        **problems(400, 401, 403, 404, 422, 429, 503),
    },
}
