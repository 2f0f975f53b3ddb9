"""The pages of feedback: who sees and does what, in how many questions, and what is told."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact
from scoring.criteria.models import ScoringModel
from scoring.pipeline.assigning.claiming import within_reach
from scoring.pipeline.feedback.models import Handover, RejectionReason, ServiceLevel, Verdict
from tests.automations.set_up import go_live
from tests.pipeline.feedback.handed import HOUR, handed, seller

pytestmark = pytest.mark.django_db

LIST = "admin:pipeline_feedback"
ROLES = {
    "saul": "Sales",
    "mona": "Sales manager",
    "marta": "Marketing",
    "ada": "Administrator",
}


def of(client: Client, name: str) -> User:
    user = seller(name, ROLES[name])
    client.force_login(user)
    return user


def page(client: Client, **query: str) -> str:
    answer = client.get(reverse(LIST), query)
    assert answer.status_code == 200
    return answer.content.decode()


def one_url(handover: Handover) -> str:
    return reverse("admin:pipeline_feedback_one", args=[handover.pk])


def answered(handover: Handover, **more: Any) -> Handover:
    values = {"verdict": "accepted", "answered_at": timezone.now(), **more}
    Handover.objects.filter(pk=handover.pk).update(**values)
    return handover


SEEN = [
    ("saul", {"Ana", "Ben"}, True),
    ("mona", {"Ana", "Ben", "Eva"}, True),
    ("ada", {"Ana", "Ben", "Eva"}, True),
    ("marta", {"Ana", "Ben", "Eva"}, False),
]


@pytest.mark.parametrize(("name", "seen", "may"), SEEN)
def test_everybody_sees_their_leads_and_sales_answer_them(
    client: Client, name: str, seen: set[str], may: bool
) -> None:
    rows = {
        "Ana": handed("ana"),
        "Ben": handed("ben", owner=""),
        "Eva": handed("eva", owner="sally"),
    }
    of(client, name)
    text = page(client)
    assert {lead for lead in rows if lead in text} == seen
    assert ("data-accept" in text) is may
    for lead, handover in rows.items():
        status = 200 if lead in seen else 404
        assert client.get(one_url(handover)).status_code == status
    post = {"verdict": "accepted", "seen": ""}
    answer = client.post(one_url(rows["Eva"]), post)
    assert answer.status_code == ((302 if "Eva" in seen else 404) if may else 403)
    assert Handover.objects.waiting().count() == (2 if may and "Eva" in seen else 3)


def test_whoever_has_no_role_sees_nothing(client: Client) -> None:
    handover = handed()
    client.force_login(User.objects.create(username="nobody", is_staff=True))
    for address in (
        reverse(LIST),
        one_url(handover),
        reverse("admin:pipeline_service_levels"),
    ):
        assert client.get(address).status_code == 403
    assert client.post(reverse("admin:pipeline_feedback_answer"), {}).status_code == 403
    assert client.get(reverse("admin:pipeline_feedback_answer")).status_code == 405


def test_what_is_due_first_stands_first(client: Client) -> None:
    now = timezone.now()
    handed("late", at=now - timedelta(days=30))
    handed("soon", at=now)
    free = handed("free", at=now - timedelta(days=30))
    Handover.objects.filter(pk=free.pk).update(respond_by=None, feedback_by=None)
    reached = handed("reached", at=now - timedelta(days=20))
    Handover.objects.respond([reached.contact_id], now)
    Handover.objects.filter(pk=reached.pk).update(feedback_by=now + timedelta(days=90))
    of(client, "saul")
    text = page(client)
    names = ["Late", "Soon", "Reached", "Free"]
    assert sorted(names, key=text.index) == names
    assert 'class="fb-due late"' in text
    assert "no deadline" in text


def test_answered_ones_are_filtered(client: Client) -> None:
    reason = RejectionReason.objects.get(slug="not_now")
    now = timezone.now()
    answered(handed("ana"), feedback_by=now + HOUR)
    answered(handed("ben"), verdict="rejected", reason=reason, feedback_by=now - HOUR)
    handed("eva")
    of(client, "mona")
    cases: list[tuple[dict[str, str], set[str]]] = [
        ({}, {"Ana", "Ben"}),
        ({"verdict": "rejected"}, {"Ben"}),
        ({"reason": str(reason.pk)}, {"Ben"}),
        ({"when": "late"}, {"Ben"}),
        ({"when": "in_time"}, {"Ana"}),
        ({"q": "AN\u00c1"}, {"Ana"}),
        ({"owner": "Saul", "verdict": "accepted"}, {"Ana"}),
        ({"owner": "-"}, set()),
        ({"reason": "9999"}, set()),
        ({"verdict": "maybe"}, set()),
    ]
    for query, wanted in cases:
        text = page(client, show="answered", **query)
        assert {name for name in ("Ana", "Ben", "Eva") if f">{name}</a>" in text} == wanted, query


def test_one_is_accepted_by_its_button_and_rejected_on_its_page(client: Client) -> None:
    ana, ben = handed("ana"), handed("ben")
    of(client, "saul")
    reason = RejectionReason.objects.get(slug="bad_data")
    back = reverse(LIST) + "?q=a"
    answer = client.post(
        reverse("admin:pipeline_feedback_answer"),
        {"accept": ana.pk, f"seen-{ana.pk}": "", "reason": reason.pk, "back": back},
        follow=True,
    )
    assert answer.redirect_chain == [(back, 302)]
    assert "“Ana” is accepted." in answer.content.decode()
    wrong = client.post(one_url(ben), {"verdict": "rejected", "seen": ""})
    assert "Choose a reason: marketing learns from it." in wrong.content.decode()
    post = {"verdict": "rejected", "reason": reason.pk, "text": " No phone ", "seen": ""}
    told = client.post(one_url(ben), post, follow=True).content.decode()
    assert "“Ben” is rejected: Bad data." in told
    assert list(Verdict.objects.values_list("verdict", "text")) == [
        ("accepted", ""),
        ("rejected", "No phone"),
    ]
    assert "No phone" in client.get(one_url(ben)).content.decode()


def test_many_are_answered_at_once_and_each_refusal_is_told(client: Client) -> None:
    mine, taken, other = handed("ana"), handed("ben"), handed("eva", owner="sally")
    answered(taken, answered_by=seller("mona", "Sales manager"))
    of(client, "saul")
    ids = [mine.pk, taken.pk, other.pk, 2**31 - 1, "x", "9" * 30]
    post = {
        "handover": ids,
        "verdict": "rejected",
        "reason": RejectionReason.objects.get(slug="not_now").pk,
        "back": "https://elsewhere.example/",
    }
    answer = client.post(reverse("admin:pipeline_feedback_answer"), post, follow=True)
    assert answer.redirect_chain == [(reverse(LIST), 302)]
    text = answer.content.decode()
    assert "“Ana” is rejected: Not now." in text
    assert "Ben: mona was faster: this lead was accepted at" in text
    assert Handover.objects.get(pk=other.pk).is_waiting


FAULTS = [
    ({"verdict": "accepted"}, "Tick the leads first."),
    ({"verdict": "rejected", "handover": "ID"}, "Choose a reason: marketing learns from it."),
    ({"verdict": "maybe", "handover": "ID"}, "Select a valid choice."),
    ({"handover": "ID"}, "Accept it, or reject it."),
    ({"verdict": "accepted", "handover": "ID", "text": "a\0b"}, "Null characters"),
    ({"verdict": "accepted", "handover": "ID", "text": "a" * 2001}, "at most 2000"),
]


@pytest.mark.parametrize(("post", "told"), FAULTS, ids=[told for _post, told in FAULTS])
def test_what_is_wrong_is_told_and_changes_nothing(
    client: Client, post: dict[str, str], told: str
) -> None:
    handover = handed()
    of(client, "saul")
    sent = {name: str(handover.pk) if value == "ID" else value for name, value in post.items()}
    answer = client.post(reverse("admin:pipeline_feedback_answer"), sent, follow=True)
    assert told in answer.content.decode()
    assert Handover.objects.get().is_waiting


def test_the_list_takes_a_bounded_number_of_questions(client: Client) -> None:
    go_live()
    of(client, "mona")
    counts = []
    for names in ("ab", "cdefghij"):
        for name in names:
            handed(name, owner=name)
        with CaptureQueriesContext(
            connection,
        ) as few:
            page(client)
        counts.append(len(few))
    assert counts[0] == counts[1]


def test_an_empty_list_says_what_will_come(client: Client) -> None:
    of(client, "saul")
    assert "Every lead has its answer." in page(client)
    assert "No lead has been accepted or rejected yet." in page(client, show="answered")
    assert "No lead fits these filters." in page(client, q="nobody")


def level_post(model: ScoringModel, **hot: str) -> dict[str, str]:
    usual = {"respond_hours": "4", "feedback_hours": "16", "warn_hours": "1", "escalate_hours": "0"}
    post = {f"m{model.pk}-{place}-{k}": v for place in range(3) for k, v in usual.items()}
    return post | {f"m{model.pk}-0-{name}": value for name, value in hot.items()}


AGREE = [("mona", True), ("ada", True), ("saul", False), ("marta", False)]


@pytest.mark.parametrize(("name", "may"), AGREE)
def test_managers_agree_on_the_hours_and_others_read_them(
    client: Client, name: str, may: bool
) -> None:
    track = go_live()
    of(client, name)
    address = reverse("admin:pipeline_service_levels")
    text = client.get(address).content.decode()
    assert "first attempt within 4 working hours, answer within 2 working days" in text
    assert ("<input" in text.split("fb-level")[1]) is may
    post = level_post(track.model, respond_hours="0.5", warn_hours="", escalate_hours="8")
    assert client.post(address, post).status_code == (302 if may else 403)
    assert ServiceLevel.objects.exists() is may
    if may:
        text = client.get(address).content.decode()
        said = (
            "first attempt within 30 working minutes, answer within 2 working days, "
            "the manager hears of it 8 working hours after the deadline"
        )
        assert said in text
        assert said in LogEntry.objects.get().change_message
        level = ServiceLevel.objects.get()
        assert (level.band, level.warn_hours) == ("hot", None)


def test_a_band_that_only_a_colleague_has_changed_stays_as_they_left_it(client: Client) -> None:
    """And whoever changes the same band is told before theirs is stored over it."""
    track = go_live()
    of(client, "mona")
    address = reverse("admin:pipeline_service_levels")
    shown = re.findall(
        r'name="([^"]*-shown)" value="([^"]*)"', client.get(address).content.decode()
    )
    seen = dict(shown)
    ServiceLevel.objects.create(
        model=track.model, band="hot", respond_hours=Decimal(2), feedback_hours=Decimal(9)
    )
    old = level_post(track.model) | seen
    assert client.post(address, old).status_code == 302
    assert ServiceLevel.objects.get().respond_hours == 2
    told = client.post(address, level_post(track.model, respond_hours="3") | seen)
    assert "Somebody has changed this band meanwhile" in told.content.decode()
    assert ServiceLevel.objects.get().respond_hours == 2
    again = re.findall(r'name="([^"]*-shown)" value="([^"]*)"', told.content.decode())
    post = level_post(track.model, respond_hours="3") | dict(again)
    assert client.post(address, post).status_code == 302
    assert ServiceLevel.objects.get().respond_hours == 3


WRONG = [
    ({"respond_hours": "-1"}, "greater than or equal to 0.25"),
    ({"respond_hours": "20"}, "The answer cannot be due before the first attempt."),
    ({"respond_hours": "soon"}, "Enter a number."),
    ({"respond_hours": "1001"}, "less than or equal to 1000"),
    ({"calendar": str(2**31 - 1)}, "Select a valid choice."),
]


@pytest.mark.parametrize(("hot", "told"), WRONG, ids=[told for _hot, told in WRONG])
def test_hours_that_make_no_sense_are_refused(
    client: Client, hot: dict[str, str], told: str
) -> None:
    track = go_live()
    of(client, "mona")
    address = reverse("admin:pipeline_service_levels")
    assert told in client.post(address, level_post(track.model, **hot)).content.decode()
    assert not ServiceLevel.objects.exists()


def test_a_reason_that_was_given_is_switched_off_and_not_deleted(client: Client) -> None:
    reason = RejectionReason.objects.get(slug="other")
    answered(handed(), verdict="rejected", reason=reason)
    of(client, "mona")
    address = reverse("admin:scoring_rejectionreason_delete", args=[reason.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    free = RejectionReason.objects.get(slug="no_need")
    address = reverse("admin:scoring_rejectionreason_delete", args=[free.pk])
    assert client.post(address, {"post": "yes"}).status_code == 302
    add = reverse("admin:scoring_rejectionreason_add")
    client.post(add, {"name": "Only a student", "position": "9", "active": "on"})
    assert RejectionReason.objects.get(name="Only a student").slug == "only_a_student"
    assert Contact.objects.count() == 1


def test_a_wrong_answer_about_a_lead_that_is_a_colleagues_now_shows_nothing_of_it(
    client: Client,
) -> None:
    row, saul = handed("ana", owner=""), of(client, "saul")
    seller("sally")
    Contact.objects.update(owner="sally", phone="600 000 001")
    assert within_reach(saul).filter(pk=row.contact_id).exists()
    post = {"verdict": "rejected", "seen": ""}
    assert client.post(one_url(row), post).status_code == 404
    post["reason"] = str(RejectionReason.objects.get(slug="other").pk)
    told = client.post(one_url(row), post, follow=True).content.decode()
    assert "sally has had this lead since" in told
