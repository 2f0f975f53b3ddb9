"""What reports ask of handovers, and what the first page tells of them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scoring.pipeline.feedback.models import Handover, RejectionReason
from tests.automations.set_up import go_live, person, refresh_all
from tests.pipeline.feedback.handed import HOUR, MINUTE, MONDAY, handed, in_madrid, seller

pytestmark = pytest.mark.django_db


def said(handover: Handover, verdict: str, hours: int, reason: str = "") -> Handover:
    given = RejectionReason.objects.filter(slug=reason).first()
    at = MONDAY + hours * HOUR
    rows = Handover.objects.filter(pk=handover.pk)
    rows.update(verdict=verdict, reason=given, answered_at=at)
    return handover


def test_reports_ask_for_verdicts_reasons_and_times() -> None:
    in_madrid()
    ana = said(handed("ana"), "accepted", 3)
    ben = said(handed("ben"), "rejected", 4, "no_budget")
    eva = said(handed("eva"), "rejected", 80, "no_budget")
    leo = said(handed("leo"), "rejected", 5, "not_now")
    zoe = handed("zoe")
    rows = Handover.objects.all()
    assert set(rows.accepted()) == {ana}
    assert set(rows.rejected()) == {ben, eva, leo}
    assert rows.by_reason() == {"no_budget": 2, "not_now": 1}
    assert set(rows.in_time()) == {ana, ben, leo}
    assert set(rows.late(MONDAY + 2 * HOUR)) == {eva}
    assert set(rows.late(MONDAY + 90 * HOUR)) == {eva, zoe}
    assert set(rows.overdue(MONDAY + 5 * HOUR)) == {zoe}
    assert set(rows.overdue(MONDAY + 2 * HOUR)) == set()
    assert rows.handed_between(MONDAY, MONDAY + HOUR).count() == 5
    assert rows.handed_between(MONDAY - HOUR, MONDAY).count() == 0


def test_the_median_response_is_counted_in_working_time() -> None:
    in_madrid()
    assert Handover.objects.all().median_response() is None
    # The second is reached after the pause at noon, the third the next morning.
    for name, after in (("ana", 10 * MINUTE), ("ben", 6 * HOUR), ("eva", 25 * HOUR)):
        handover = handed(name)
        assert Handover.objects.respond([handover.contact_id], MONDAY + after) == 1
    handed("leo")
    assert Handover.objects.all().median_response() == timedelta(hours=5)
    of_eva = Handover.objects.filter(contact__first_name="Eva")
    assert of_eva.median_response() == timedelta(hours=9)


def home(client: Client) -> str:
    return client.get(reverse("admin:index")).content.decode()


def test_the_first_page_tells_sales_what_waits_and_managers_what_is_late(client: Client) -> None:
    handed("ana", at=timezone.now())
    handed("ben", "sally", at=timezone.now() - timedelta(days=30))
    client.force_login(seller("saul"))
    text = home(client)
    assert "Accept or reject" in text
    assert "Ana" in text
    assert "Late answers" not in text
    client.force_login(seller("mona", "Sales manager"))
    text = home(client)
    assert "Late answers" in text
    assert "Ben" in text
    assert "Accept or reject" not in text
    client.force_login(seller("marta", "Marketing"))
    text = home(client)
    assert "Late answers" not in text
    assert "Accept or reject" not in text


def test_late_is_an_answer_past_its_own_deadline_and_the_first_page_says_when_it_was_due(
    client: Client,
) -> None:
    now = timezone.now()
    handed("ana", at=now)
    handed("ben", at=now)
    # Of both the first attempt is late; of one the answer too.
    Handover.objects.update(respond_by=now - 8 * HOUR, feedback_by=now + 20 * HOUR)
    of_ben = Handover.objects.filter(contact__first_name="Ben")
    of_ben.update(feedback_by=datetime(2026, 3, 2, 8, 31, tzinfo=UTC))
    client.force_login(seller("mona", "Sales manager"))
    late = home(client).partition('id="home-late_feedback"')[2].partition("</section>")[0]
    assert "Ben" in late
    assert "Ana" not in late
    assert "was due 2 Mar 2026, 08:31" in late.replace("\N{NO-BREAK SPACE}", " ")


def test_the_page_of_a_lead_has_the_buttons(client: Client) -> None:
    go_live()
    who = person("ana", owner="saul")
    refresh_all()
    address = reverse("admin:scoring_lead_change", args=[who.pk])
    client.force_login(seller("saul"))
    assert "Accept the lead" not in client.get(address).content.decode()
    handed("ana", at=timezone.now())
    handover = Handover.objects.get()
    Handover.objects.filter(pk=handover.pk).update(contact=who)
    assert "Accept the lead" in client.get(address).content.decode()
    client.force_login(seller("marta", "Marketing"))
    text = client.get(address).content.decode()
    assert "Accept the lead" not in text
    assert "This lead waits for an answer from sales." in text
    said(handover, "accepted", 0)
    Handover.objects.update(answered_at=timezone.now())
    assert "fb-accepted" in client.get(address).content.decode()
