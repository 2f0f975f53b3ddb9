"""Handovers as rows: one waits at a time, what a first attempt is, whose they are."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction
from django.utils import translation

from contacts.models import Contact
from scoring.criteria.models import ScoringModel
from scoring.pipeline.feedback.models import Handover, RejectionReason, ServiceLevel

pytestmark = pytest.mark.django_db

# A Monday, ten in Madrid.
MONDAY = datetime(2026, 10, 5, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def handed(name: str = "ana", model: str = "B2B", at: datetime = MONDAY, **more: str) -> Handover:
    contact, _new = Contact.objects.get_or_create(email=f"{name}@x.example", defaults=more)
    scoring, _new = ScoringModel.objects.get_or_create(name=model)
    return Handover.objects.create(contact=contact, model=scoring, band="hot", handed_at=at)


def test_a_contact_waits_once_in_each_model() -> None:
    first = handed()
    handed(model="Renewals")
    with pytest.raises(IntegrityError), transaction.atomic():
        handed()
    Handover.objects.filter(pk=first.pk).update(verdict="accepted", answered_at=MONDAY)
    handed()
    assert Handover.objects.count() == 3
    assert Handover.objects.waiting().count() == 2


@pytest.mark.parametrize(
    ("verdict", "answered_at"), [("accepted", None), ("", MONDAY), ("rejected", MONDAY)]
)
def test_no_row_says_half_of_a_verdict(verdict: str, answered_at: datetime | None) -> None:
    handover = handed()
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.filter(pk=handover.pk).update(verdict=verdict, answered_at=answered_at)


def test_only_the_first_attempt_after_the_handover_counts() -> None:
    handover = handed()
    ids = [handover.contact_id]
    assert Handover.objects.respond(ids, MONDAY - HOUR) == 0
    # The pause at noon, from two to three, is not worked.
    assert Handover.objects.respond(ids, MONDAY + 6 * HOUR) == 1
    assert Handover.objects.respond(ids, MONDAY + 7 * HOUR) == 0
    handover.refresh_from_db()
    assert handover.responded_at == MONDAY + 6 * HOUR
    assert handover.response_seconds == 5 * 3600


def test_sales_see_the_handovers_of_their_leads_and_the_pool() -> None:
    own, pool, other = handed("ana", owner="saul"), handed("ben"), handed("eva", owner="sally")
    saul = User.objects.create(username="saul", is_staff=True)
    saul.groups.add(Group.objects.get(name="Sales"))
    seen = Handover.objects.visible_to(saul)
    assert set(seen) == {own, pool}
    marta = User.objects.create(username="marta")
    marta.groups.add(Group.objects.get(name="Marketing"))
    assert set(Handover.objects.visible_to(marta)) == {own, pool, other}
    assert not Handover.objects.visible_to(User.objects.create(username="nobody")).exists()


def test_the_first_reasons_are_named_in_the_readers_language() -> None:
    reason = RejectionReason.objects.get(slug="no_budget")
    assert str(reason) == "No budget"
    with translation.override("es"):
        assert str(reason) == "Sin presupuesto"
    reason.name = "No money"
    assert str(reason) == "No money"


def test_a_new_reason_gets_a_key_of_its_own() -> None:
    made = [RejectionReason.objects.create(name=name) for name in ("No reply!", "no reply", "¿?")]
    assert [reason.slug for reason in made] == ["no_reply", "no_reply_2", "reason"]


def test_a_band_without_an_agreement_has_the_usual_hours() -> None:
    model = ScoringModel.objects.create(name="B2B")
    ServiceLevel.objects.create(model=model, band="hot", respond_hours=Decimal(2))
    assert ServiceLevel.objects.of(model, "hot").respond_hours == 2
    assert ServiceLevel.objects.of(model, "warm").respond_hours == 4
    assert [row.band for row in ServiceLevel.objects.of_bands(model, ["hot", "warm"])] == [
        "hot",
        "warm",
    ]
