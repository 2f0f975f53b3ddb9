"""A first matrix to change: a seller of software to companies, in the reader's language."""

from typing import Any

from django.utils.translation import gettext as _

from scoring.agreement.qualification.grids import Typed, TypedRow
from scoring.agreement.qualification.sheets import Sheet, read_sheet
from scoring.criteria.fields import Catalogue


def example_sheets(catalogue: Catalogue) -> list[Sheet]:
    return [
        read_sheet(lines, typed, catalogue, for_all=for_all) for lines, typed, for_all in written()
    ]


def written() -> list[tuple[dict[str, str], Typed, bool]]:
    company = Typed(
        rows=[
            row(
                "company.employees",
                high=_("%(low)s to %(high)s") % {"low": 50, "high": 500},
                medium=_("from %(low)s") % {"low": 501},
                low=_("up to %(high)s") % {"high": 9},
            ),
            row("country", "in", high="ES, PT", medium="FR, IT, DE"),
            row("email", "ends_with", low="@gmail.com, @hotmail.com, @outlook.com, @yahoo.com"),
            row("tags", excluded=_("competitor")),
        ]
    )
    known_by = _("technology, systems, head of IT, IT manager, IT director")
    head = Typed(
        mark=TypedRow("job_title", "contains", {"mark": known_by}),
        rows=[
            row(
                "job_title",
                "contains",
                high=_("director, head of, chief"),
                medium=_("manager, architect"),
                low=_("trainee, student, assistant"),
            ),
            row("company.industry", "contains", high=_("software, telecommunications"),
                medium=_("industry, logistics")),
        ],
    )  # fmt: skip
    money = Typed(
        mark=TypedRow("job_title", "contains", {"mark": _("finance, financial, controller")}),
        rows=[
            row(
                "job_title",
                "contains",
                high=_("chief financial, finance director"),
                medium=_("controller, finance manager"),
                low=_("trainee, student, assistant"),
            )
        ],
    )
    return [
        ({"name": _("Every contact")}, company, True),
        (
            {
                "name": _("Head of IT"),
                "who": _("Leads IT in a company of 50 to 500 people. Chooses the tools."),
                "goals": _("Fewer systems to look after.\nProjects that end on time."),
                "pains": _("Old software that does not talk to anything else."),
                "places": _("LinkedIn, webinars, trade fairs, comparison sites."),
            },
            head,
            False,
        ),
        (
            {
                "name": _("Head of finance"),
                "who": _("Signs the budget, seldom tries the product."),
                "goals": _("Costs that can be foreseen."),
                "pains": _("Licences that nobody uses."),
                "places": _("Through the head of IT, business press, associations."),
            },
            money,
            False,
        ),
    ]


def row(field: str, way: str = "", **values: Any) -> TypedRow:
    return TypedRow(field, way, values)
