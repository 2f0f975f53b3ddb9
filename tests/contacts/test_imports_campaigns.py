"""Campaigns with their plans and arms come in from files, or nothing does."""

from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from contacts.campaign_records import CampaignRecord
from contacts.imports.guess import guessed
from contacts.imports.kinds import CAMPAIGNS
from contacts.models import Campaign, CampaignArm
from contacts.storing_campaigns import CampaignBatch

pytestmark = pytest.mark.django_db

HEAD = "name,channel,starts_on,ends_on,budget,cost,planned_leads,planned_customers,planned_revenue,"
HEAD += "arm.name,arm.is_control,arm.people,arm.visits,arm.customers,arm.revenue\n"
FILE = HEAD + (
    "Fair,off-line,2026-03-02,2026-03-06,5000,4200.50,80,8,20000,,,,,,\n"
    "Mailing,En línea,2026-04-01,,900,900,,,,Picture,no,200,60,12,340\n"
    "mailing,,,,,,,,,Nothing,yes,100,20,3,\n"
)
Save = Callable[..., Path]


@pytest.fixture
def saved(tmp_path: Path) -> Save:
    def save(content: str, name: str = "campaigns.csv") -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return save


def told(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_campaigns", str(path), *options, stdout=out, stderr=out)
    return out.getvalue()


def refused(path: Path, *options: str) -> str:
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("import_campaigns", str(path), *options, stdout=out, stderr=out)
    return out.getvalue()


def test_campaigns_come_with_plan_cost_channel_and_arms(saved: Save) -> None:
    assert "nothing was stored" in told(saved(FILE), "--dry-run")
    assert not Campaign.objects.exists()
    assert "3 rows read: 3 created" in told(saved(FILE))
    fair, mailing = Campaign.objects.order_by("name")
    assert (fair.channel, fair.starts_on, fair.ends_on) == (
        "offline", date(2026, 3, 2), date(2026, 3, 6)
    )  # fmt: skip
    assert [str(one) for one in (fair.budget, fair.cost, fair.planned_revenue)] == [
        "5000.00", "4200.50", "20000.00"
    ]  # fmt: skip
    assert (fair.planned_leads, fair.planned_customers, fair.arms.count()) == (80, 8, 0)
    assert (mailing.name, mailing.channel, mailing.ends_on) == ("Mailing", "online", None)
    columns = ("name", "is_control", "people", "visits", "customers", "revenue")
    assert list(mailing.arms.values_list(*columns)) == [
        ("Nothing", True, 100, 20, 3, None), ("Picture", False, 200, 60, 12, 340)
    ]  # fmt: skip


def test_a_later_file_changes_what_it_gives_and_nothing_else(saved: Save) -> None:
    told(saved(FILE))
    later = (
        "name,cost,arm.name,arm.customers\nFAIR,4300,,\nMailing,,picture,15\nMailing,,Nothing,\n"
    )
    said = told(saved(later, "later.csv"))
    assert "0 created, 2 updated, 1 unchanged" in said
    assert "0 created, 0 updated, 3 unchanged" in told(saved(later + "\n", "again.csv"), "--again")
    fair = Campaign.objects.get(name="Fair")
    assert (str(fair.cost), fair.planned_leads, fair.channel) == ("4300.00", 80, "offline")
    picture = CampaignArm.objects.get(name="Picture")
    assert (picture.customers, picture.visits) == (15, 60)
    arms = "name,arm.name,arm.is_control\nMailing,Nothing,no\nMailing,Picture,yes\n"
    told(saved(arms, "arms.csv"))
    assert CampaignArm.objects.get(is_control=True).name == "Picture"


def test_what_was_changed_elsewhere_since_it_was_read_stays(saved: Save) -> None:
    told(saved(FILE))
    batch = CampaignBatch()
    Campaign.objects.filter(name="Fair").update(cost=7000)
    CampaignArm.objects.filter(name="Picture").update(visits=70)
    batch.store([
        CampaignRecord("Fair", {"planned_leads": 90}),
        CampaignRecord("Mailing", {}, {"name": "Picture", "customers": 15}),
    ])  # fmt: skip
    fair, picture = Campaign.objects.get(name="Fair"), CampaignArm.objects.get(name="Picture")
    assert (str(fair.cost), fair.planned_leads) == ("7000.00", 90)
    assert (picture.visits, picture.customers) == (70, 15)


WRONG = [
    ("B,,2026-03-06,2026-03-02,,,,,,,,,,,", "ends_on: The end must not be before the start."),
    ("B,radio,,,,,,,,,,,,,", "channel: This must be one of: online, offline."),
    ("B,,,,-1,,,,,,,,,,", "budget: This must not be below zero."),
    ("B,,,,,,1.5,,,,,,,,", "planned_leads: This must be a whole number from 0 on."),
    ("B,,02/03/2026,,,,,,,,,,,,", "starts_on: This must be a date such as"),
    ("B,,,,,,,,,,,5,,,", "arm.name: An arm needs a name."),
    ("B,,,,,,,,,X,,,,,", "arm.people: An arm needs the number of its people."),
    ("B,,,,,,,,,X,,5,,6,", "arm.customers: No more people can visit or buy than there are."),
    ("Mailing,,,,,,,,,X,yes,5,,,", "arm.is_control: A campaign has one control."),
    (",online,,,,,,,,,,,,,", "name: The text is empty"),
]


@pytest.mark.parametrize(("row", "fault"), WRONG)
def test_what_is_wrong_is_told_by_line_and_column_and_nothing_is_stored(
    saved: Save, row: str, fault: str
) -> None:
    assert f"line 5, {fault}" in refused(saved(FILE + row + "\n"))
    assert not Campaign.objects.exists()
    assert "3 created" in told(saved(FILE + row + "\n"), "--skip-bad")


def test_a_workbook_and_a_mapping_name_their_own_columns(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["Campaña", "Coste", "Inicio", "Fin"])
    book.active.append(["Feria", 12.5, date(2026, 3, 2), date(2026, 3, 1)])
    book.save(tmp_path / "plan.xlsx")
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "kind: campaigns\nrecord: {name: Campaña, cost: Coste, starts_on: Inicio, ends_on: Fin}\n"
    )
    path = tmp_path / "plan.xlsx"
    assert "line 2, Fin: The end must not be before the start." in refused(
        path, "--map", str(mapping)
    )
    book.active["D2"] = date(2026, 3, 3)
    book.save(path)
    told(path, "--map", str(mapping))
    assert Campaign.objects.get().cost == 12.5


@pytest.mark.once
def test_columns_are_guessed_in_both_languages() -> None:
    found: dict[str, Any] = guessed(
        ["Campaign name", "Presupuesto", "Spend", "Inicio", "Arm"], CAMPAIGNS, {}
    )
    assert found == {
        "Campaign name": "name", "Presupuesto": "budget", "Spend": "cost", "Inicio": "starts_on",
        "Arm": "arm.name",
    }  # fmt: skip
