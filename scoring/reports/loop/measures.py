"""What the figures of the closed loop count."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

from scoring.reports.report import Measure

MEASURES: Final[Sequence[Measure]] = (
    Measure(
        "value",
        _("Won value, won, lost"),
        _(
            "Deals whose day of closing lies in the period, in the time zone of the default "
            "working calendar, by the outcome of the stage that they stand in. A deal without a "
            "day of closing is not counted; one without an amount counts as worth nothing."
        ),
    ),
    Measure("win_rate", _("Win rate"), _("Won of won and lost deals, by number and not by value.")),
    Measure(
        "leads",
        _("Leads"),
        _(
            "By campaign: contacts whose first touch of that campaign lies in the period; one "
            "that met two campaigns counts with both. By source and month: contacts that were "
            "created, or first stored where that is not known, in the period. They count from "
            "that instant on."
        ),
    ),
    Measure(
        "hot",
        _("Came into the highest band"),
        _("Leads that rose into the highest band of the model since they came, be it for a day."),
    ),
    Measure(
        "mql",
        _("MQL"),
        _(
            "Leads that reached this stage of the life cycle for the first time since they "
            "came. Whoever leaps over a stage has reached it with the next one; whoever reached "
            "it before is not counted."
        ),
    ),
    Measure("sql", _("SQL"), _("As MQL, for the stage SQL.")),
    Measure(
        "opportunity",
        _("Opportunities"),
        _("As MQL, for the stage Opportunity or the first deal that was opened."),
    ),
    Measure(
        "customer",
        _("Customers"),
        _("As MQL, for the stage Customer or the first deal that was won."),
    ),
    Measure(
        "won",
        _("Won value of the leads"),
        _(
            "Amounts of the deals of these leads that were won since they came, also after the "
            "period. Two campaigns that brought one lead both count it: the attribution adds "
            "up."
        ),
    ),
    Measure("band", _("Band now"), _("Leads by the band of their stored score now.")),
    Measure("grade", _("Grade now"), _("Leads by the grade of their stored score now.")),
    Measure(
        "rate",
        _("Went on"),
        _(
            "Of the leads that reached the first of the two stages, how many have reached the "
            "second so far. Young leads have had little time for it: the cohorts below allow "
            "for that."
        ),
    ),
    Measure(
        "time",
        _("Time from stage to stage"),
        _(
            "The median of those who have reached both. Those who will take longer are not "
            "among them yet."
        ),
    ),
    Measure(
        "feedback",
        _("Answered in time"),
        _(
            "Of the handovers of these leads since they came that sales answered, or whose "
            "deadline for the answer has passed: how many were answered by the deadline."
        ),
    ),
    Measure(
        "cost",
        _("Budget and cost"),
        _("As entered with the campaign: of all its days, also those outside the period."),
    ),
    Measure(
        "per_lead",
        _("Cost per lead, hot lead and customer"),
        _("The whole cost of the campaign, divided by those that it brought in the period."),
    ),
    Measure(
        "return",
        _("Return"),
        _("Won value of its leads less its cost, divided by its cost."),
    ),
    Measure(
        "plan",
        _("Plan and result"),
        _("What was planned for the whole campaign, and what its leads of the period have become."),
    ),
    Measure(
        "attribution",
        _("Attribution"),
        _(
            "The value of the deals that were won in the period, each owed to the campaign that "
            "its contact met first, that it met last before the deal was won, or to all touches "
            "before that in equal parts. A deal without touches is owed to its own campaign, if "
            "any."
        ),
    ),
    Measure(
        "cohort",
        _("Customers by time since they came"),
        _(
            "Of the leads that came in the month, how many were customers after so many days, "
            "by Kaplan and Meier: a lead that is still open counts up to today and no longer, "
            "so that young months can be compared with old ones. A dash: nobody has been looked "
            "at for so long, or fewer than half have become customers."
        ),
    ),
    Measure(
        "effect",
        _("More than the control"),
        _(
            "The share of the arm less that of the control, in points of per cent, with the span "
            "in which it lies in 95 of 100 cases (Newcombe's). Where that holds zero, it may be "
            "chance."
        ),
    ),
)
