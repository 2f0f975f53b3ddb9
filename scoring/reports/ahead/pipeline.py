"""The tables of the open deals and what they are worth, by stage and by band."""

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext

from scoring.engine.admin.badges import band_name
from scoring.engine.models import Track
from scoring.reports.ahead.weighing import (
    Group,
    OpenBand,
    Rates,
    Weighed,
    amount_of,
    by_band,
    by_stage,
    number,
    open_groups,
    weighed,
    weighed_bands,
    win_rates,
)
from scoring.reports.ahead.worth import Worth
from scoring.reports.asking import Question
from scoring.reports.blocks import Column, Table
from scoring.reports.periods import Period
from scoring.reports.values import Kind, Value, count, money, text


def pipeline_tables(question: Question, track: Track, period: Period) -> list[Table]:
    rates = win_rates(question, track, period)
    bands = [band.name for band in track.version.document_value.bands]
    groups = open_groups(question, track)
    return [
        stages_table(weighed(groups, rates), total_of(groups, rates)),
        bands_table(weighed_bands(groups, rates, bands[::-1])),
    ]


def total_of(groups: Sequence[Group], rates: Rates) -> list[Value]:
    return [
        text(gettext("all")),
        count(number(groups), "open"),
        money(amount_of(groups)),
        text(""),
        worth(by_stage(groups)),
        worth(by_band(groups, rates)),
    ]


def stages_table(stages: Sequence[Weighed], total: Sequence[Value]) -> Table:
    rows = [
        [
            text(f"{one.stage.pipeline}: {one.stage}"),
            count(one.deals, f"stage={one.stage.pk}"),
            money(one.amount),
            Value(Kind.SHARE, one.stage.probability / 100),
            worth(one.by_stage),
            worth(one.by_band),
        ]
        for one in stages
    ]
    columns = [
        Column(gettext("stage")),
        Column(gettext("deals")),
        Column(gettext("amount")),
        Column(gettext("probability")),
        Column(gettext("weighted by stage"), "weighted"),
        Column(gettext("weighted by band"), "weighted"),
    ]
    title = gettext("Open deals and what they are worth")
    empty = gettext("No deal is open.")
    return Table("pipeline", title, columns, rows, total if rows else None, empty=empty)


def bands_table(bands: Sequence[OpenBand]) -> Table:
    rows = [
        [
            text(band_name(one.band) if one.band else gettext("without a band")),
            count(one.deals, f"open={one.band or ''}"),
            money(one.amount),
            Value.share(one.won, f"closed_won={one.band or ''}", f"closed={one.band or ''}"),
            worth(one.by_stage),
            worth(one.by_band),
        ]
        for one in bands
    ]
    columns = [
        Column(gettext("band when it was opened")),
        Column(gettext("deals")),
        Column(gettext("amount")),
        Column(gettext("won of those closed"), "weighted"),
        Column(gettext("weighted by stage"), "weighted"),
        Column(gettext("weighted by band"), "weighted"),
    ]
    title = gettext("Open deals by band")
    return Table("pipeline-bands", title, columns, rows, empty=gettext("No deal is open."))


def worth(found: Worth | None) -> Value:
    """With its span, whose ends nobody knows to the cent: outwards, that the value stays inside."""
    if found is None:
        return money(None)
    value = found.value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if found.low == found.high:
        return money(value)
    return Value(Kind.MONEY, value, math.floor(found.low), math.ceil(found.high))
