"""Addresses that nobody clicks together: an answer, never an error of the server."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from contacts.models import Contact

QUERIES = [
    "q=%00",
    "q=%ED%A0%80",
    "q=" + "x" * 3000,
    "q=" + "+a" * 500,
    "p=999",
    "p=-1",
    "p=x",
    "o=99.-99.x",
    "o=1.2.3.4.5.6.7",
    "all=1",
    "e=1",
    "_popup=1",
    "_to_field=id",
    "_to_field=attributes",
    "created_at_from=0001-01-01&created_at_to=9999-12-31",
    "created_at_from=%00",
    "created_at__gte=%00",
    "created_at__gte=x",
    "tags__id__exact=abc",
    "tags__id__exact=99999999999999999999",
    "company__id__exact=%00",
    "id__exact=99999999999999999999",
    "id__in=x,y",
    "lifecycle__exact=%00",
    "lifecycle__exact=nonsense",
    "email=%00",
    "email__regex=(",
    "attributes__x=1",
    "attributes_norm__0=%00",
    "whose=%00",
    "bounced__exact=x",
    "unsubscribed__isnull=x",
]
PATHS = [
    "contacts/contact/abc/change/",
    "contacts/contact/99999999999999999999/change/",
    "contacts/contact/-1/history/",
    "contacts/contact/%00/change/",
    "contacts/contact/_2F/delete/",
    "contacts/activity/add/?contact=abc",
    "contacts/activity/add/?contact=%00",
    "contacts/activity/add/?contact=99999999999999999999",
    "contacts/activity/add/?occurred_at=nonsense",
    "contacts/activity/add/?type=call&automated=x&properties=%00",
    "contacts/contact/add/?tags=x&company=y&created_at=z&email=%00",
    "contacts/deal/add/?company=abc&stage=x",
    "contacts/customfield/add/?choices=x",
    "autocomplete/",
    "autocomplete/?app_label=contacts&model_name=activity&field_name=type&term=%00",
    "autocomplete/?app_label=contacts&model_name=activity&field_name=type&page=x",
    "autocomplete/?app_label=contacts&model_name=activity&field_name=source",
    "autocomplete/?app_label=auth&model_name=permission&field_name=content_type",
]
ADDRESSES = [*(f"contacts/contact/?{query}" for query in QUERIES), *PATHS]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address[:60])
def test_an_odd_address_is_answered(ada: User, client: Client, address: str) -> None:
    Contact.objects.create(email="lucia@example.com", created_at="2026-03-31T12:00:00Z")
    client.force_login(ada)
    client.raise_request_exception = False
    answer = client.get(f"/admin/{address}")
    assert answer.status_code in (200, 302, 400, 403, 404)


FORMS = {
    "contact": ("company", "tags"),
    "task": ("contact", "assignee"),
    "activity": ("contact", "type"),
    "deal": ("contact", "company", "product", "campaign", "stage"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["abc", "[]", "²", "-1", "x\0y", "99999999999999999999"])
@pytest.mark.parametrize("name", FORMS)
def test_a_forged_row_is_no_choice(ada: User, client: Client, name: str, given: str) -> None:
    client.force_login(ada)
    answer = client.post(f"/admin/contacts/{name}/add/", dict.fromkeys(FORMS[name], given))
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors
    assert set(FORMS[name]) <= set(errors)
