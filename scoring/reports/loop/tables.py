"""The tables of groups of leads: how many there are, how far they came, and how fast."""

from collections.abc import Sequence
from statistics import median
from typing import Final

from django.utils.translation import gettext

from contacts.models import Lifecycle
from scoring.criteria.document import EXCLUDED, ModelDocument
from scoring.engine.admin.badges import band_name
from scoring.reports.blocks import Block, Column, Table
from scoring.reports.loop.groups import Group
from scoring.reports.loop.returns import won_value
from scoring.reports.stages import STAGES
from scoring.reports.values import Value, count, hours, opened, text

PLACES: Final = range(len(STAGES))


def stage_names() -> list[str]:
    return [
        gettext("MQL"),
        gettext("SQL"),
        gettext("Opportunities"),
        gettext("Customers"),
    ]


def group_blocks(
    kind: str, head: str, groups: Sequence[Group], document: ModelDocument | None
) -> list[Block]:
    """``kind`` begins the keys of the tables; ``head`` says what the rows are."""
    first = Column(head)
    blocks: list[Block] = [reached_table(kind, first, groups, document)]
    blocks += [band_table(kind, first, groups, document)] if document else []
    return [*blocks, rates_table(kind, first, groups), times_table(kind, first, groups)]


def reached_table(
    kind: str, first: Column, groups: Sequence[Group], document: ModelDocument | None
) -> Table:
    hot = [Column(hot_name(document), "hot")] if document else []
    stages = [Column(name, str(stage)) for stage, name in zip(STAGES, stage_names(), strict=True)]
    columns = [
        first,
        Column(gettext("Leads"), "leads"),
        *hot,
        *stages,
        Column(gettext("Won value"), "won"),
    ]
    return Table(
        f"{kind}-reached",
        gettext("What became of them"),
        columns,
        [reached_row(group, bool(hot)) for group in groups],
        empty=gettext("No lead came in this period."),
    )


def hot_name(document: ModelDocument) -> str:
    return gettext("came into %(band)s") % {"band": band_name(document.bands[-1].name)}


def reached_row(group: Group, with_hot: bool) -> list[Value]:
    key = group.key
    hot = [count(len(group.hot()), f"{key}:hot")] if with_hot else []
    stages = [count(len(group.of_stage(place)), f"{key}:{STAGES[place]}") for place in PLACES]
    leads = count(len(group.leads), f"{key}:leads")
    return [text(group.title), leads, *hot, *stages, won_value(group)]


def band_table(kind: str, first: Column, groups: Sequence[Group], document: ModelDocument) -> Table:
    """And by grade, where the model has a matrix."""
    bands = [*(band.name for band in reversed(document.bands)), EXCLUDED]
    counted = [(group, group.bands(), group.grades()) for group in groups]
    grades = sorted({grade for _group, _bands, found in counted for grade in found})
    columns = [
        first,
        *(Column(band_name(band), "band") for band in bands),
        *(Column(grade, "grade") for grade in grades),
    ]
    rows = [
        [
            text(group.title),
            *(count(found[band], f"{group.key}:band={band}") for band in bands),
            *(opened(graded[grade], f"{group.key}:grade={grade}") for grade in grades),
        ]
        for group, found, graded in counted
    ]
    return Table(f"{kind}-bands", gettext("By band and grade now"), columns, rows)


def rates_table(kind: str, first: Column, groups: Sequence[Group]) -> Table:
    columns = [
        first,
        *(Column(step_name(place), "rate") for place in PLACES),
        Column(gettext("Answered in time"), "feedback"),
    ]
    rows = [
        [
            text(group.title),
            *(rate(group, place) for place in PLACES),
            Value.share(group.feedback(), f"{group.key}:answer_in_time", f"{group.key}:answer_due"),
        ]
        for group in groups
    ]
    return Table(f"{kind}-rates", gettext("How many went on, so far"), columns, rows)


def times_table(kind: str, first: Column, groups: Sequence[Group]) -> Table:
    columns = [first, *(Column(step_name(place), "time") for place in PLACES)]
    rows = [[text(group.title), *(time_to(group, place) for place in PLACES)] for group in groups]
    return Table(f"{kind}-times", gettext("Median time from stage to stage"), columns, rows)


def time_to(group: Group, place: int) -> Value:
    """The median, open to those who reached both stages."""
    spans = group.spans(place).values()
    middle = median(spans) if spans else None
    return hours(middle, len(spans), f"{group.key}:time={STAGES[place]}")


def step_name(place: int) -> str:
    sold = (str(stage.label) for stage in (Lifecycle.OPPORTUNITY, Lifecycle.CUSTOMER))
    names = [gettext("Lead"), gettext("MQL"), gettext("SQL"), *sold]
    return gettext("%(before)s → %(after)s") % {"before": names[place], "after": names[place + 1]}


def rate(group: Group, place: int) -> Value:
    """Open to those who went on, among those who could."""
    stage = STAGES[place]
    return Value.share(group.rate(place), f"{group.key}:rate={stage}", f"{group.key}:of={stage}")
