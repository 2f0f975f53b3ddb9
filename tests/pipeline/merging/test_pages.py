"""The pages of merging: who sees and does what, in how many queries, and what they say."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact, Merge, NotDuplicate
from scoring.pipeline.merging.duplicates import alike, look_through
from tests.engine.scored import go_live, refresh_all
from tests.pipeline.merging.pair import DAY, merged, pair, person, visit

pytestmark = pytest.mark.django_db


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


# --- Who may be the same -------------------------------------------------------------------

LIKE: list[tuple[str, dict[str, Any], dict[str, Any], int]] = [
    ("phone", {"phone": "+34 600 111 222"}, {"phone": "600111222"}, 1),
    ("another phone", {"phone": "600 111 222"}, {"phone": "600 111 223"}, 0),
    ("short phone", {"phone": "112"}, {"phone": "112"}, 0),
    (
        "name, domain",
        {"first_name": "Ana", "last_name": "Ríos"},
        {"first_name": "ANA", "last_name": "rios"},
        1,
    ),
    ("first name alone", {"first_name": "Ana"}, {"first_name": "Ana"}, 0),
    ("nothing known", {}, {}, 0),
]  # fmt: skip


@pytest.mark.parametrize(("case", "one", "other", "count"), LIKE, ids=[row[0] for row in LIKE])
def test_who_is_like_somebody(
    marta: User, case: str, one: dict[str, Any], other: dict[str, Any], count: int
) -> None:
    first, second = person("one", **one), person("other", **other)
    for who, their in ((first, second), (second, first)):
        assert [each.contact for each in alike(who, marta)] == [their] * count
    assert len(look_through(marta, None).pairs) == count


def test_the_address_before_the_at_is_told_of_within_one_company(marta: User) -> None:
    acme = {"name": "Acme"}
    one = person("ana", company=acme)
    person("ana.b", company=acme)
    other = person("zoe", company=acme)
    other.email = "ANA@y.example"
    other.save()
    [found] = alike(one, marta)
    assert (found.contact, len(found.reasons)) == (other, 1)
    assert [contact for contact, _others in look_through(marta, None).pairs] == [other]


def test_names_at_different_companies_and_domains_are_two_people(marta: User) -> None:
    person("one", first_name="Ana", last_name="Ríos", company={"name": "A"})
    other = person("other", first_name="Ana", last_name="Ríos", company={"name": "B"})
    other.email = "ana@y.example"
    other.save()
    assert alike(other, marta) == []


def test_only_who_is_seen_is_offered(saul: User, marta: User) -> None:
    stays, goes = pair(owner="other")
    assert alike(stays, saul) == [] and look_through(saul, None).pairs == []
    assert [each.contact for each in alike(stays, marta)] == [goes]


def test_the_list_is_looked_through_in_parts(marta: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring.pipeline.merging.duplicates.WINDOW", 2)
    stays, goes = pair()
    for number in range(3):
        person(f"later{number}")
    first = look_through(marta, None)
    assert (first.pairs, first.next) == ([], goes.pk + 1)
    assert [contact for contact, _others in look_through(marta, first.next).pairs] == [goes]


# --- Pages ---------------------------------------------------------------------------------


def test_the_pages_take_a_bounded_number_of_queries(
    client: Client, marta: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    go_live()
    stays, goes = pair(phone="600 111 222")
    for number in range(12):
        person(f"more{number}", phone="600 111 222")
    refresh_all()
    client.force_login(marta)
    with django_assert_max_num_queries(45):
        client.get(page("pipeline_merge", stays.pk, goes.pk))
    with django_assert_max_num_queries(60):
        client.get(page("pipeline_duplicates"))


def test_two_are_compared_merged_and_parted(client: Client, marta: User) -> None:
    go_live()
    stays, goes = pair(phone="600 111 222", job_title="Buyer")
    visit(goes, DAY)
    refresh_all()
    client.force_login(marta)
    shown = client.get(page("pipeline_merge", stays.pk, goes.pk)).content.decode()
    assert "600 111 222" in shown and 'name="field.job_title" value="own" checked' in shown
    scores = client.get(page("pipeline_merge_score", stays.pk, goes.pk))
    assert "<b>70</b>" in scores.content.decode()
    chosen = {"field.job_title": "other", "field.phone": "other"}
    scores = client.get(page("pipeline_merge_score", stays.pk, goes.pk), chosen)
    assert "<b>40</b>" in scores.content.decode()
    answer = client.post(page("pipeline_merge", stays.pk, goes.pk), chosen)
    merge = Merge.objects.get()
    assert answer.headers["Location"] == page("contacts_merge_change", merge.pk)
    stays.refresh_from_db()
    assert (stays.job_title, stays.phone) == ("Buyer", "600 111 222")
    shown = client.get(answer.headers["Location"]).content.decode()
    assert page("contacts_merge_undo", merge.pk) in shown
    for name in ("scoring_lead_change", "contacts_contact_change"):
        moved = client.get(page(name, goes.pk))
        assert moved.headers["Location"] == page(name, stays.pk)
    lead = client.get(page("scoring_lead_change", stays.pk)).content.decode()
    assert "Merged into this lead" in lead
    assert client.get(page("contacts_merge_undo", merge.pk)).status_code == 403
    answer = client.post(page("contacts_merge_undo", merge.pk))
    assert answer.headers["Location"] == page("scoring_lead_change", goes.pk)
    lead = client.get(answer.headers["Location"]).content.decode()
    assert "Possible duplicates" in lead
    shown = client.get(page("contacts_merge_change", merge.pk)).content.decode()
    assert page("contacts_merge_undo", merge.pk) not in shown


def test_a_second_click_is_told_and_nothing_breaks(client: Client, marta: User) -> None:
    stays, goes = pair()
    client.force_login(marta)
    for _time in range(2):
        answer = client.post(page("pipeline_merge", stays.pk, goes.pk), follow=True)
        assert answer.status_code == 200
    assert "meanwhile, by marta" in answer.content.decode()
    merge = Merge.objects.get()
    for _time in range(2):
        answer = client.post(page("contacts_merge_undo", merge.pk), follow=True)
        assert answer.status_code == 200
    assert "undone already" in answer.content.decode()
    assert Contact.objects.count() == 2


def test_two_people_are_not_offered_again_until_somebody_says_so(
    client: Client, marta: User
) -> None:
    stays, goes = pair()
    client.force_login(marta)
    client.post(page("pipeline_apart", stays.pk, goes.pk), {"to": "list"})
    assert alike(stays, marta) == [] and look_through(marta, None).pairs == []
    assert "Told apart" in client.get(page("pipeline_duplicates")).content.decode()
    client.post(page("pipeline_apart", goes.pk, stays.pk), {"again": "1"})
    assert not NotDuplicate.objects.exists()


def test_two_ticked_contacts_are_compared(client: Client, marta: User) -> None:
    stays, goes = pair()
    client.force_login(marta)
    ticked: dict[str, Any] = {"action": "merge_ticked", "_selected_action": [stays.pk, goes.pk]}
    answer = client.post(page("contacts_contact_changelist"), ticked)
    assert answer.headers["Location"] == page("pipeline_merge", stays.pk, goes.pk)
    ticked["_selected_action"] = [stays.pk]
    answer = client.post(page("contacts_contact_changelist"), ticked, follow=True)
    assert "Tick exactly two" in answer.content.decode()


def test_going_back_after_a_merge_leads_to_it(client: Client, marta: User, saul: User) -> None:
    stays, goes = pair(owner="other")
    merge = merged(marta, stays, goes)
    client.force_login(marta)
    answer = client.get(page("pipeline_merge", stays.pk, goes.pk))
    assert answer.headers["Location"] == page("contacts_merge_change", merge.pk)
    client.force_login(saul)
    assert client.get(page("pipeline_merge", stays.pk, goes.pk)).status_code == 404


@pytest.mark.parametrize("owners", [("saul", "other"), ("other", "")])
def test_a_colleagues_contact_is_not_there(client: Client, saul: User, owners: Any) -> None:
    stays, goes = pair(owner=owners[1])
    stays.owner = owners[0]
    stays.save()
    client.force_login(saul)
    for name in ("pipeline_merge", "pipeline_merge_score"):
        assert client.get(page(name, stays.pk, goes.pk)).status_code == 404
    client.post(page("pipeline_merge", stays.pk, goes.pk))
    assert client.post(page("pipeline_apart", stays.pk, goes.pk)).status_code == 404
    assert Contact.objects.count() == 2 and not NotDuplicate.objects.exists()


def test_whoever_may_change_no_contact_merges_none(client: Client, marta: User, db: None) -> None:
    stays, goes = pair()
    merge = merged(marta, stays, goes)
    guest = User.objects.create_user("guest", is_staff=True)
    client.force_login(guest)
    third, fourth = person("third"), person("fourth")
    assert client.get(page("pipeline_duplicates")).status_code == 403
    assert client.get(page("pipeline_merge", third.pk, fourth.pk)).status_code == 403
    assert client.post(page("pipeline_merge", third.pk, fourth.pk)).status_code == 403
    assert client.post(page("contacts_merge_undo", merge.pk)).status_code in (403, 404)
    assert client.get(page("contacts_merge_change", merge.pk)).status_code in (403, 404)
    assert Contact.objects.count() == 3


def test_a_merge_of_a_contact_that_is_not_seen_is_not_there(
    client: Client, marta: User, saul: User
) -> None:
    stays, goes = pair()
    stays.owner = "other"
    stays.save()
    merge = merged(marta, stays, goes)
    client.force_login(saul)
    assert client.get(page("contacts_merge_change", merge.pk)).status_code == 404
    assert client.post(page("contacts_merge_undo", merge.pk)).status_code == 404
    assert client.get(page("scoring_lead_change", goes.pk)).status_code == 404
