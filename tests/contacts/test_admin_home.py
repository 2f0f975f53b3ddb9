"""The first page, and the pages of the people who log in."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.admin import home
from contacts.models import Company, Contact, Pending, Task

pytestmark = pytest.mark.django_db

USERS = "/admin/auth/user/"


@pytest.fixture
def ada_client(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


def figures(client: Client) -> dict[str, str]:
    answer = client.get(reverse("admin:index"))
    return {figure.title: figure.value for figure in answer.context["figures"]}


def test_it_says_what_to_do_where_there_is_nothing(ada_client: Client) -> None:
    page = ada_client.get(reverse("admin:index")).content.decode()
    assert "No contacts yet" in page
    assert "manage.py demo" in page
    assert reverse("admin:contacts_contact_add") in page
    assert reverse("admin:contacts_importjob_add") in page


def test_it_speaks_of_waiting_only_where_something_waits(ada_client: Client) -> None:
    Contact.objects.create(email="p@example.com")
    assert "Waiting for a score" in figures(ada_client)
    Pending.objects.all().delete()
    assert "Waiting for a score" not in figures(ada_client)


def test_it_counts_what_there_is_and_what_waits(ada_client: Client) -> None:
    Company.objects.create(name="Acme")
    for number in range(3):
        Contact.objects.create(email=f"p{number}@example.com", last_name=f"Person {number}")
    found = figures(ada_client)
    assert (found["Contacts"], found["Companies"], found["Activities"]) == ("3", "1", "0")
    assert found["Waiting for a score"] == "3"
    page = ada_client.get(reverse("admin:index")).content.decode()
    assert "Person 2" in page
    assert "No contacts yet" not in page


def test_it_counts_for_a_salesperson_what_they_may_see(saul: User, client: Client) -> None:
    Contact.objects.create(email="own@example.com", owner="Saul")
    Contact.objects.create(email="others@example.com", owner="peter")
    client.force_login(saul)
    found = figures(client)
    assert (found["Contacts"], found["Waiting for a score"]) == ("1", "1")


def test_it_counts_ones_own_open_tasks_for_who_may_do_them(
    saul: User, marta: User, client: Client
) -> None:
    contact = Contact.objects.create(email="own@example.com")
    late = timezone.now() - timedelta(hours=1)
    for assignee, due in ((saul, late), (saul, None), (None, late), (marta, late)):
        Task.objects.create(contact=contact, title="Call", assignee=assignee, due_at=due)
    Task.objects.filter(assignee=saul, due_at=None).finish(saul, timezone.now())
    client.force_login(saul)
    assert figures(client)["My open tasks"] == "1"
    assert "1 is overdue" in client.get(reverse("admin:index")).content.decode()
    client.force_login(marta)
    assert "My open tasks" not in figures(client)


def test_it_does_not_count_for_ever(ada_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "COUNTED_MOST", 2)
    for number in range(4):
        Contact.objects.create(email=f"p{number}@example.com")
    assert figures(ada_client)["Contacts"] == "more than 2"


@pytest.mark.parametrize("name", ["saul", "SAUL", "Saúl"])
def test_no_two_users_are_equal_as_owners(ada_client: Client, saul: User, name: str) -> None:
    form = {"username": name, "password1": "a good horse", "password2": "a good horse",
            "usable_password": "true"}  # fmt: skip
    answer = ada_client.post(f"{USERS}add/", form)
    assert list(answer.context["adminform"].form.errors) == ["username"]
    assert User.objects.count() == 2


def test_an_administrator_makes_a_user_with_a_role(ada_client: Client) -> None:
    sales = Group.objects.get(name="Sales")
    form = {"username": "sofia", "password1": "a good horse", "password2": "a good horse",
            "usable_password": "true", "is_staff": "on", "groups": [sales.pk]}  # fmt: skip
    page = ada_client.get(f"{USERS}add/")
    assert page.context["adminform"].form["is_staff"].value() is True
    assert ada_client.post(f"{USERS}add/", form).status_code == 302
    sofia = User.objects.get(username="sofia")
    assert sofia.is_staff
    assert sofia.has_perm("contacts.view_contact")
    assert not sofia.has_perm("contacts.view_all_contacts")


def test_an_administrator_sets_a_password(ada_client: Client, saul: User) -> None:
    address = reverse("admin:auth_user_password_change", args=[saul.pk])
    assert ada_client.get(address).status_code == 200
    form = {"password1": "another horse", "password2": "another horse", "usable_password": "true"}
    assert ada_client.post(address, form).status_code == 302
    saul.refresh_from_db()
    assert saul.check_password("another horse")


def test_people_change_their_own_password(saul: User, client: Client) -> None:
    client.force_login(saul)
    form = {"old_password": "correct horse", "new_password1": "another horse",
            "new_password2": "another horse"}  # fmt: skip
    assert client.post(reverse("admin:password_change"), form).status_code == 302
    saul.refresh_from_db()
    assert saul.check_password("another horse")


def test_a_groups_permissions_are_named(ada_client: Client) -> None:
    group = Group.objects.get(name="Sales")
    before = set(group.permissions.all())
    page = ada_client.get(f"/admin/auth/group/{group.pk}/change/")
    assert "Can view the contacts of every owner" in page.content.decode()
    form = {"name": "Sales", "permissions": [permission.pk for permission in before]}
    assert ada_client.post(f"/admin/auth/group/{group.pk}/change/", form).status_code == 302
    assert set(group.permissions.all()) == before
