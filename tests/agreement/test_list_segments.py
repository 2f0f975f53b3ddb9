"""From the filters of a list to a segment, and from a chosen segment to what is done for it."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse

from contacts.models import Contact, Tag
from scoring.criteria.list_conditions import SAYABLE, UNSAYABLE, filters_of
from scoring.criteria.segments import Segment
from scoring.engine.leads import Lead
from tests.automations.admin.pages import text_of
from tests.engine.scored import person

pytestmark = pytest.mark.django_db

LISTS = ["admin:contacts_contact_changelist", "admin:scoring_lead_changelist"]
ADD = "admin:scoring_segment_add"
SPAIN = {"field": "country", "op": "equals", "value": "es"}
SAVE = "Save these filters as a segment"


@pytest.fixture
def spain(ada: User) -> Segment:
    return Segment(name="Spain", condition=SPAIN).store(ada)


def asked(query: str, user: User) -> Any:
    request = RequestFactory().get(f"/?{query}")
    request.user = user
    return request


@pytest.mark.parametrize(
    ("query", "condition", "left_out"),
    [
        ("country=es", SPAIN, []),
        ("source=Web", {"field": "source", "op": "contains", "value": "Web"}, []),
        ("whose=mine", {"field": "owner", "op": "equals", "value": "marta"}, []),
        ("whose=pool", {"field": "owner", "op": "is_empty"}, []),
        ("whose=%00", {}, []),
        ("whose=x", {}, ["owner"]),
        ("owner_name=sa", {"field": "owner", "op": "contains", "value": "sa"}, []),
        ("lifecycle__exact=mql", {"field": "lifecycle", "op": "equals", "value": "mql"}, []),
        ("bounced__exact=1", {"field": "bounced", "op": "is_true"}, []),
        ("unsubscribed__exact=0", {"field": "unsubscribed", "op": "is_false"}, []),
        ("bounced__exact=maybe", {}, ["bounced"]),
        ("segment=spain&p=2&o=1", SPAIN, []),
        ("segment=gone", {}, ["segment"]),
        ("band=Hot&total_from=10&total_to=20&q=ana", {}, ["band", "score", "the search text"]),
        ("phone__gt=5", {}, ["phone__gt"]),
        ("tags__id__exact=x&company__id__exact=%C2%B2", {}, ["tags", "company"]),
        (
            "country=es&whose=pool&grade=A1",
            {"all": [{"field": "owner", "op": "is_empty"}, SPAIN]},
            ["grade"],
        ),
    ],
)
def test_filters_become_a_condition_and_the_others_are_named(
    query: str, condition: Any, left_out: list[str], marta: User, spain: Segment
) -> None:
    found = filters_of(asked(query, marta))
    assert (found.condition, list(map(str, found.left_out))) == (condition, left_out)


def test_tags_and_companies_are_said_by_name(marta: User, saul: User) -> None:
    ana = person("ana", tags=["vip", "2026"], company={"name": "Acme", "domain": "acme.example"})
    luc = person("luc", owner="saul", company={"name": "Nord"})
    ids = "&".join(f"tags__id__exact={tag.pk}" for tag in Tag.objects.order_by("name"))
    found = filters_of(asked(f"{ids}&company__id__exact={ana.company_id}", marta))
    assert [sorted(each["value"]) for each in found.conditions[:1]] == [["2026", "vip"]]
    assert found.conditions[1] == {
        "field": "company.domain",
        "op": "equals",
        "value": "acme.example",
    }
    by_name = filters_of(asked(f"company__id__exact={luc.company_id}", saul))
    assert by_name.condition == {"field": "company.name", "op": "equals", "value": "Nord"}


@pytest.mark.parametrize("model", [Contact, Lead])
def test_every_filter_of_both_lists_is_known(model: Any, ada: User) -> None:
    shown: Any = admin.site._registry[model]
    listed: ChangeList = shown.get_changelist_instance(asked("", ada))
    offered = {name for spec in listed.filter_specs for name in spec.expected_parameters() if name}
    known = {*SAYABLE, *UNSAYABLE}
    unknown = {name for name in offered - known if not name.endswith(("__isnull", "_gte", "_lte"))}
    assert not unknown


@pytest.mark.parametrize("listed", LISTS)
def test_one_click_opens_the_form_filled_in(listed: str, client: Client, marta: User) -> None:
    client.force_login(marta)
    person("ana", country="ES")
    shown = client.get(reverse(listed), {"country": "ES", "q": "a", "p": "0"})
    text = shown.content.decode()
    assert SAVE in text
    assert "A segment cannot say: the search text." in text
    [url] = [
        part.split('"')[0].replace("&amp;", "&")
        for part in text.split('href="')
        if part.startswith(reverse(ADD))
    ]
    assert parse_qs(urlsplit(url).query) == {"filters": ["1"], "country": ["ES"], "q": ["a"]}
    form = client.get(url)
    assert 'value="Country is &quot;ES&quot;"' in form.content.decode()
    assert "Left out: the search text." in text_of(form)
    assert not Segment.objects.exists()
    typed = {
        "name": "Spain",
        "when-part": "0::leaf:0",
        "when-0-field": "country",
        "when-0-op": "equals",
        "when-0-value": "ES",
        "when-0-as": "text:country",
        "revision": "0",
    }
    wrong = client.post(url, typed | {"name": "", "_save": "1"})
    assert "Left out: the search text." in text_of(wrong)
    assert client.post(url, typed | {"_save": "1"}).status_code == 302
    assert Segment.objects.get().contacts().count() == 1


@pytest.mark.parametrize("listed", LISTS)
def test_a_chosen_segment_leads_to_what_is_done_for_all(
    listed: str, client: Client, marta: User, spain: Segment
) -> None:
    client.force_login(marta)
    url = reverse("admin:scoring_segment_do", args=[spain.pk])
    text = client.get(reverse(listed), {"segment": "spain"}).content.decode()
    assert f'href="{url}"' in text
    assert "Do something for everybody in “Spain”" in text
    assert client.get(url).status_code == 200
    for query in ({}, {"segment": "gone"}, {"segment": "spain", "_popup": "1"}):
        assert url not in client.get(reverse(listed), query).content.decode()


@pytest.mark.parametrize("listed", LISTS)
def test_sales_see_neither_and_may_do_neither(
    listed: str, client: Client, saul: User, spain: Segment
) -> None:
    client.force_login(saul)
    text = client.get(reverse(listed), {"segment": "spain", "country": "ES"}).content.decode()
    assert SAVE not in text
    assert "Do something for everybody" not in text
    assert client.get(reverse(ADD), {"filters": "1", "country": "ES"}).status_code == 403


def test_a_plain_list_and_a_plain_form_are_as_before(client: Client, marta: User) -> None:
    client.force_login(marta)
    assert SAVE not in client.get(reverse(LISTS[0])).content.decode()
    assert "Left out" not in client.get(reverse(ADD), {"country": "ES"}).content.decode()
