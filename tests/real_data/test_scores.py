"""Public data sets scored, where LEADSCORING_DATA_DIR points to a folder with them."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from scoring.engine.models import Score
from tests.real_data.test_imports import DATA, EXAMPLES, imported

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.is_dir(), reason="LEADSCORING_DATA_DIR names no folder"),
]


def area_under_curve(scored: Sequence[tuple[float, bool]]) -> float:
    """The chance that a positive scores higher than a negative, ties counting half.

    Mann and Whitney 1947, by ranks.
    """
    ranked = sorted(scored)
    positives = sum(outcome for _, outcome in ranked)
    rank_sum, start = 0.0, 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        rank_sum += (start + 1 + end) / 2 * sum(outcome for _, outcome in ranked[start:end])
        start = end
    negatives = len(ranked) - positives
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


@pytest.mark.parametrize(
    ("scored", "expected"),
    [
        ([(1, False), (2, True)], 1.0),
        ([(1, True), (2, False)], 0.0),
        ([(1, True), (1, False)], 0.5),
        ([(1, False), (2, True), (2, False), (3, True)], 0.875),
    ],
)
def test_the_measure_counts_pairs(scored: list[tuple[float, bool]], expected: float) -> None:
    assert area_under_curve(scored) == expected


def activate(model: str, **options: str) -> None:
    path = EXAMPLES / f"{model}.yaml"
    call_command("load_model", path, activate=True, stdout=StringIO(), **options)


def test_a_hand_written_model_ranks_leads_better_than_the_vendors_score() -> None:
    imported("contacts", "xeducation/leads.csv", "xeducation_leads")
    activate("xeducation_model")
    totals = dict(Score.objects.values_list("contact__email_key", "total"))
    with (DATA / "xeducation/leads.csv").open(encoding="utf-8") as file:
        leads = list(csv.DictReader(file))
    ours = [
        (totals[f"{lead['Lead Number']}@xeducation.example"], lead["Converted"] == "1")
        for lead in leads
    ]
    vendors = [
        (
            float(lead["Asymmetrique Activity Score"]) + float(lead["Asymmetrique Profile Score"]),
            lead["Converted"] == "1",
        )
        for lead in leads
        if lead["Asymmetrique Activity Score"]
    ]
    same_rows = [
        pair for pair, lead in zip(ours, leads, strict=True) if lead["Asymmetrique Activity Score"]
    ]
    assert len(ours) == 6468
    assert len(vendors) == 2349
    assert round(area_under_curve(ours), 3) == 0.851
    assert round(area_under_curve(same_rows), 3) == 0.829
    assert round(area_under_curve(vendors), 3) == 0.624


def test_scores_stay_right_while_a_month_passes_day_by_day() -> None:
    for kind, name in [
        ("companies", "accounts"),
        ("contacts", "contacts"),
        ("contacts", "leads"),
        ("activities", "touches"),
        ("activities", "sessions"),
        ("activities", "sales_activities"),
        ("deals", "opportunities"),
    ]:
        imported(kind, f"leadforge/{name}.csv", f"leadforge_{name}")
    day = datetime(2024, 3, 1, tzinfo=UTC)
    activate("leadforge_model", as_of=day.isoformat())
    for _ in range(31):
        day += timedelta(days=1)
        call_command("sweep", as_of=day.isoformat(), stdout=StringIO())
        call_command("verify_scores", as_of=day.isoformat(), stdout=StringIO())
