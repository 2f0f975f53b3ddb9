"""Whom the value of a deal is owed to, and the arms of a campaign."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from contacts.models import Campaign, CampaignArm
from scoring.reports.loop.arms import arm_sections
from scoring.reports.loop.attribution import Attribution, shares
from scoring.reports.loop.returns import ratio, return_of
from tests.reports.reporting import table

AMOUNTS = st.decimals("-1000", "1000000", places=2)


@pytest.mark.once
@given(AMOUNTS, st.integers(1, 30))
def test_equal_shares_sum_to_the_amount_to_the_cent(amount: Decimal, number: int) -> None:
    found = shares(amount, number)
    assert sum(found) == amount
    assert len(found) == number
    assert max(found) - min(found) <= Decimal("0.01")


@pytest.mark.once
@given(st.lists(st.tuples(AMOUNTS, st.lists(st.integers(1, 4), min_size=1, max_size=7))))
def test_each_way_sums_to_the_whole_value(deals: list[tuple[Decimal, list[int]]]) -> None:
    found = Attribution()
    for amount, path in deals:
        found.add(amount, path)
    whole = sum((amount for amount, _path in deals), Decimal(0))
    for way in (found.first, found.last, found.linear):
        assert sum(way.values(), Decimal(0)) == whole


@pytest.mark.once
@pytest.mark.parametrize(
    ("won", "cost", "expected"),
    [("300", "100", 2.0), ("0", "100", -1.0), ("300", "0", None), ("300", None, None)],
)
def test_a_return_without_a_cost_is_not_told(
    won: str, cost: str | None, expected: float | None
) -> None:
    assert return_of(Decimal(won), Decimal(cost) if cost else None).raw == expected
    assert ratio(Decimal(100), 0) is None


@pytest.mark.django_db
class TestArms:
    def test_without_a_control_or_people_no_effect_is_told(self) -> None:
        fair = Campaign.objects.create(name="Fair")
        arm = CampaignArm.objects.create(campaign=fair, name="Invited", people=10, visits=5)
        found = table(arm_sections([fair]), f"arms-{fair.pk}")
        assert "control" in found.hint
        assert [value.raw for value in found.rows[0]] == ["Invited", 10, 0.5, None, 0.0, None, None]
        arm.delete()
        assert arm_sections([fair]) == []
        for name, control in (("Control", True), ("Nobody", False)):
            CampaignArm.objects.create(campaign=fair, name=name, is_control=control, people=0)
        found = table(arm_sections([fair]), f"arms-{fair.pk}")
        assert [row[3].raw for row in found.rows] == [None, None]

    @pytest.mark.parametrize(
        "wrong", [{"visits": 11}, {"customers": 11}, {"is_control": True}, {"name": "Control"}]
    )
    def test_what_cannot_be_is_not_stored(self, wrong: dict[str, object]) -> None:
        fair = Campaign.objects.create(name="Fair")
        CampaignArm.objects.create(campaign=fair, name="Control", is_control=True, people=10)
        with pytest.raises(IntegrityError), transaction.atomic():
            CampaignArm.objects.create(campaign=fair, **{"name": "Arm", "people": 10, **wrong})
