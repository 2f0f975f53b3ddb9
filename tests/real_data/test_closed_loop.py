"""The closed-loop report over public data sets, where LEADSCORING_DATA_DIR has them."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from contacts.models import Campaign, CampaignArm
from scoring.reports.kinds.closed_loop import ClosedLoop
from tests.real_data.test_imports import DATA, imported
from tests.reports.reporting import figures, question, raws, table, total

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.is_dir(), reason="LEADSCORING_DATA_DIR names no folder"),
]


def test_a_sales_pipeline_gives_its_published_figures() -> None:
    imported("companies", "maven_crm/accounts.csv", "maven_accounts")
    imported("deals", "maven_crm/sales_pipeline.csv", "maven_sales_pipeline")
    asked = question(date(2016, 1, 1), date(2017, 12, 31), now=timezone.now())
    made = ClosedLoop().make(asked)
    found = figures(made)
    assert found["Won value"] == 10_005_534
    assert (found["Won"], found["Lost"]) == (4238, 2473)
    rate = found["Win rate"]
    assert isinstance(rate, float)
    assert round(100 * rate, 2) == 63.15
    quarters = raws(table(made, "quarters"))
    assert [row[0] for row in quarters] == ["2017 Q1", "2017 Q2", "2017 Q3", "2017 Q4"]
    rates = [row[4] for row in quarters if isinstance(row[4], float)]
    assert [round(each, 3) for each in rates] == [0.821, 0.617, 0.614, 0.603]
    assert total(table(made, "attribution")) == ["all", *[Decimal(10_005_534)] * 3]


def test_a_mailing_with_a_control_gives_its_published_effects() -> None:
    people: Counter[str] = Counter()
    visits: Counter[str] = Counter()
    bought: Counter[str] = Counter()
    with (DATA / "hillstrom/hillstrom_data.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            people[row["segment"]] += 1
            visits[row["segment"]] += row["visit"] == "1"
            bought[row["segment"]] += row["conversion"] == "1"
    campaign = Campaign.objects.create(name="Mailing", starts_on=date(2026, 3, 1))
    for name in people:
        CampaignArm.objects.create(
            campaign=campaign, name=name, is_control=name == "No E-Mail", people=people[name],
            visits=visits[name], customers=bought[name],
        )  # fmt: skip
    made = table(ClosedLoop().make(question()), f"arms-{campaign.pk}")
    effects = {
        str(row[0].raw): tuple(
            round(100 * each, 2)
            for each in (row[3].raw, row[3].low, row[3].high)
            if isinstance(each, float)
        )
        for row in made.rows
    }
    assert effects == {
        "No E-Mail (control)": (),
        "Mens E-Mail": (7.66, 7.0, 8.32),
        "Womens E-Mail": (4.52, 3.89, 5.16),
    }
