"""What somebody sends and may not do is written down."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.models import Contact

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.name == "leadscoring.refusals"]


def test_a_refused_post_leaves_a_line_with_who_and_where(
    saul: User, caplog: pytest.LogCaptureFixture
) -> None:
    other = Contact.objects.create(email="ana@example.com", owner="peter")
    client = Client()
    client.force_login(saul)
    hidden = reverse("admin:contacts_contact_change", args=[other.pk])
    forbidden = reverse("admin:pipeline_hand_over")
    assert client.post(hidden, {"owner": "saul"}).status_code == 404
    assert client.post(forbidden).status_code == 403
    assert told(caplog) == [
        f"POST {hidden} by saul was refused: 404",
        f"POST {forbidden} by saul was refused: 403",
    ]


def test_looking_and_strangers_leave_none(saul: User, caplog: pytest.LogCaptureFixture) -> None:
    client = Client()
    assert client.post("/nowhere").status_code == 404
    client.force_login(saul)
    assert client.get("/nowhere").status_code == 404
    assert told(caplog) == []
