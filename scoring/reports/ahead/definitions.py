"""What the measures of the forecast count."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

from scoring.reports.report import Measure

MEASURES: Final[Sequence[Measure]] = (
    Measure(
        "ahead",
        _("Expected"),
        _(
            "The middle of 2,000 simulated futures, from now on; in brackets where 95 of 100 of "
            "them lie, and beside it 80 of 100. The simulation begins with the same seed, so the "
            "same question has the same answer. Numbers of a week follow Poisson's distribution, "
            "wider where neighbouring weeks of the period differ by more than chance; a week "
            "counts half as much as one that is eight weeks younger. What has grown or fallen "
            "steadily goes on so, as far as the weeks show. That level and growth are known from "
            "so few weeks is in the span; where the same, tried on every second week of the past, "
            "was further off four weeks later than that explains, the span is wider by as much as "
            "that may be, and the wider the further it looks ahead. Each future also has rates "
            "and a mean amount of its own, as far from those that were counted as these may be "
            "from the true ones: far where they rest on few cases, hardly where on many. With "
            "less than a year of past spans are less sure: where the number of a week wanders, "
            "those of 95 of 100 then hold about 90. Holidays, seasons and campaigns to come are "
            "not known to it."
        ),
    ),
    Measure(
        "visits",
        _("Visits"),
        _(
            "Days on which a known contact viewed pages, each contact by itself, in the time zone "
            "of the default working calendar. Whoever is no contact is not counted: if your web "
            "statistics count everybody, give their visits a week. Other visits than so far "
            "bring leads in the same proportion."
        ),
    ),
    Measure(
        "leads",
        _("Leads"),
        _("Contacts that were created, or stored where it is not said when they were created."),
    ),
    Measure(
        "weekly",
        _("From visits to leads and bands"),
        _(
            "Counted in the whole weeks of the period, from the first week in which anybody came; "
            "entries into bands from the first whole week that has scores. In a week, "
            "lately: the mean in which a week counts half as much as one that is eight weeks "
            "younger, with the span in which it lies in 95 of 100 cases (Byar's, wider where "
            "neighbouring weeks differ by more than chance). Of those before: leads by visits, and "
            "entries by leads; it may be more than all, for a contact may enter a band again. "
            "In a week, at the end: what the last of these weeks brings by the trend, with its "
            "span; where the number grows it is more than lately, and the forecast goes on from "
            "it. Growth: by how much a week brings more than the one before it, with its span; "
            "more than six per cent are not believed before the weeks show it."
        ),
    ),
    Measure(
        "entries",
        _("Into the highest band"),
        _("Times that a lead enters the highest band of the live model, also once more."),
    ),
    Measure(
        "opportunities",
        _("Opportunities"),
        _(
            "Leads in a band that get a deal while they are in it. The chance by week is Kaplan "
            "and Meier's for each band, of those who entered it in the period: who is still open "
            "counts up to today, and who left the band never gets there from it. What entered "
            "before the period is not counted on. How sure such a rate is depends on how many of "
            "a band could get there and did, in their first week, second week, next two, next "
            "four and after: in each future it is drawn from its beta distribution (Jeffreys' "
            "prior), so a band of which few are known makes the span wide, and where none has "
            "got there yet, some still may."
        ),
    ),
    Measure(
        "customers",
        _("Customers and revenue"),
        _(
            "Deals of contacts that are won, by Kaplan and Meier's curve from opening to winning; "
            "a lost one is never won. Deals that are opened without a band go on at the rate of "
            "the period; where scores go back for less than four weeks, all do. The rate is drawn "
            "as those of bands are. Revenue draws amounts from the deals won in the period, and "
            "their mean is drawn too: the fewer deals and the more their amounts differ, the "
            "further it may be off, and further still where a few are much larger than the "
            "others, for then the largest may be still to come. From a single deal it may be "
            "many times off."
        ),
    ),
    Measure(
        "weighted",
        _("Open pipeline"),
        _(
            "The amounts of open deals, times the probability of their stage, or times the share "
            "of deals won among those closed in the period whose contact was in the same band when "
            "they were opened. With fewer than 15 closed deals of a band, the share of all stands. "
            "Stages and their probabilities are those of now. In brackets what the open deals "
            "bring in 95 of 100 cases, for each deal brings all of its amount or nothing; by band "
            "it also counts that the share won is known from few deals (Jeffreys' beta "
            "distribution). The probability of a stage is what somebody entered: it is taken as "
            "known."
        ),
    ),
    Measure(
        "turned_out",
        _("How forecasts turned out"),
        _(
            "The worker keeps the forecast of all leads at the beginning of each week, and never "
            "changes it. What came is counted as it was forecast: of bands and deals, those that "
            "were entered or opened since the first day on which the forecast rests. Forecasts of "
            "neighbouring weeks look at the same days in part, so they do not err independently."
        ),
    ),
    Measure(
        "inside",
        _("Within 80 and 95 of 100"),
        _(
            "How often what came lay within the span. About so many of 100 should, in the long "
            "run. Above the pictures stands how many did of all numbers together, counting only "
            "the first four weeks of forecasts that have no day in common. It says that spans "
            "were too narrow, in all or for which numbers, where so few would lie within spans "
            "that keep their promise in fewer than 5 of 100 reports."
        ),
    ),
    Measure(
        "error",
        _("Off on average"),
        _("The mean distance of what came from what was expected, whichever way."),
    ),
    Measure(
        "bias",
        _("Came more than expected"),
        _(
            "The mean of what came less what was expected; below zero where too much was expected. "
            "In per cent of what was expected."
        ),
    ),
)
