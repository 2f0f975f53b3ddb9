"""Public data sets imported whole, where LEADSCORING_DATA_DIR points to a folder with them.

They are not part of the project; docs/imports.md says what they are.
"""

import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Count, Q, Sum
from django.db.models.functions import ExtractQuarter

from contacts.models import Activity, Company, Contact, Deal, Product

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
DATA = Path(os.environ.get("LEADSCORING_DATA_DIR", "/nowhere"))

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.is_dir(), reason="LEADSCORING_DATA_DIR names no folder"),
]


def imported(kind: str, file: str, mapping: str, **options: Any) -> str:
    out = StringIO()
    call_command(
        f"import_{kind}",
        str(DATA / file),
        map=EXAMPLES / f"{mapping}.yaml",
        stdout=out,
        **options,
    )
    return out.getvalue()


def test_the_leads_of_a_course_provider_are_imported() -> None:
    assert "6468 created" in imported("contacts", "xeducation/leads.csv", "xeducation_leads")
    lead = Contact.objects.get(email="633027@xeducation.example")
    assert lead.created_at is None
    assert lead.attributes["total_visits"] == 0
    assert lead.attributes["specialization"] == "Human Resource Management"
    assert not Contact.objects.filter(city_norm="select").exists()
    assert Contact.objects.filter(city="").count() == 1495 + 1000
    assert Contact.objects.filter(country="IN").count() == 4486
    assert Contact.objects.filter(unsubscribed=True).count() == 611


def test_a_whole_crm_is_imported_and_importing_it_again_changes_nothing() -> None:
    steps = [
        ("companies", "accounts", "1500 created"),
        ("contacts", "contacts", "4200 created"),
        ("contacts", "leads", "0 created"),
        ("activities", "touches", "54803 created"),
        ("activities", "sessions", "14565 created"),
        ("activities", "sales_activities", "60739 created"),
        ("deals", "opportunities", "4641 created"),
    ]
    for kind, name, words in steps:
        assert words in imported(kind, f"leadforge/{name}.csv", f"leadforge_{name}")
    assert Activity.objects.count() == 54803 + 14565 + 60739
    assert Company.objects.count() == 1500
    assert dict(Deal.objects.values_list("stage__outcome").annotate(n=Count("pk"))) == {
        "won": 1049,
        "lost": 1168,
        "open": 2424,
    }
    assert not Deal.objects.filter(company=None).exists()
    for kind, name, _words in steps:
        assert "imported before" in imported(kind, f"leadforge/{name}.csv", f"leadforge_{name}")


def test_a_sales_pipeline_checks_out_at_its_published_totals() -> None:
    assert "85 created" in imported("companies", "maven_crm/accounts.csv", "maven_accounts")
    assert "8800 created" in imported(
        "deals", "maven_crm/sales_pipeline.csv", "maven_sales_pipeline"
    )
    by_stage = dict(Deal.objects.values_list("stage__name").annotate(n=Count("pk")))
    assert by_stage == {"Won": 4238, "Lost": 2473, "Engaging": 1589, "Prospecting": 500}
    won = Deal.objects.filter(stage__outcome="won")
    assert won.aggregate(value=Sum("amount"))["value"] == 10_005_534
    assert round(100 * 4238 / (4238 + 2473), 2) == 63.15
    quarters = (
        Deal.objects.filter(closed_at__isnull=False)
        .annotate(quarter=ExtractQuarter("closed_at"))
        .order_by("quarter")
        .values_list("quarter")
        .annotate(n=Count("pk"), won=Count("pk", filter=Q(stage__outcome="won")))
    )
    assert [round(good / n, 3) for _quarter, n, good in quarters] == [0.821, 0.617, 0.614, 0.603]
    assert Deal.objects.filter(company=None).count() == 1425
    assert Deal.objects.filter(product__name="GTX Pro").count() == 1480
    assert Product.objects.count() == 7
    assert Company.objects.filter(industry="technology").count() == 12
