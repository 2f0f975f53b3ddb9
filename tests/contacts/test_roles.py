"""Who may do what, on every route of the admin: the table of docs/roles.md, and whose leads."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from contacts.admin.imports import kinds_for
from contacts.models import (
    Absence,
    Activity,
    ActivityType,
    Campaign,
    CampaignTouch,
    Company,
    Contact,
    CustomField,
    Deal,
    ImportJob,
    ImportMapping,
    Pipeline,
    Product,
    Stage,
    Tag,
    Target,
    Task,
)
from contacts.models.teams import person_for_owner
from contacts.roles import ADMINISTRATOR, ROLES, grant
from scoring.api.models import Source
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import Notification, OwnerCard
from scoring.automations.outbox.receivers import Destination, Endpoint
from scoring.automations.sequences.models import Sequence
from scoring.criteria.segments import Segment
from scoring.pipeline.calls.models import CallScript
from scoring.pipeline.leads.models import EmailTemplate
from tests.automations.set_up import go_live, hot

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
# In everything that belongs to the contact that Saul may not see, and in nothing else.
SECRET = "Geheimnis"
PEOPLE = {"Marketing": "marta", "Sales": "saul", "Sales manager": "mona", "Administrator": "ada"}


def documented() -> dict[str, dict[str, set[str]]]:
    """The table of docs/roles.md: what is seen -> role -> actions."""
    text = (Path(settings.BASE_DIR) / "docs/roles.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    roles = [cell.strip() for cell in rows[0][1:]]
    return {
        row[0].strip(): {
            role: {word.strip() for word in cell.split(",")} - {""}
            for role, cell in zip(roles, row[1:], strict=True)
        }
        for row in rows[2:]
    }


DOCUMENTED = documented()
PAGES = {str(model._meta.verbose_name_plural): model for model in admin.site._registry}


def make_all_for(owner: str, word: str) -> Contact:
    """A contact of this owner with everything that may hang on one, each named by the word."""
    company, _new = Company.objects.get_or_create(name="Acme")
    contact = Contact.objects.create(
        email=f"{word}@example.com", last_name=word, owner=owner, company=company
    )
    contact.city = f"{word} City"
    contact.save()
    contact.set_tags([Tag.objects.get_or_create(name="VIP")[0]])
    target = Target.objects.get_or_create(text="/pricing")[0]
    Activity.objects.create(
        contact=contact, type=ActivityType.objects.get(slug="call"), target=target,
        occurred_at=NOON, source=f"{word}-web", external_id="1",
    )  # fmt: skip
    campaign = Campaign.objects.get_or_create(name="Fair")[0]
    CampaignTouch.objects.create(campaign=campaign, contact=contact, occurred_at=NOON)
    Deal.objects.create(
        name=f"{word} deal", contact=contact, company=company, stage=Stage.objects.get(name="Won"),
        product=Product.objects.get_or_create(name="Suite")[0], owner=owner,
    )  # fmt: skip
    assignee = person_for_owner(owner)
    assert assignee is not None
    Task.objects.create(contact=contact, title=f"{word} call", assignee=assignee)
    Absence.objects.create(
        user=assignee, first_day=NOON.date(), last_day=NOON.date(), note=f"{word} away"
    )
    return contact


def make_outbox_for(person: User, contact: Contact) -> None:
    """Receivers, a message about the contact, and what is this person's alone."""
    Endpoint.objects.create(name="zap", url="https://hooks.example.com/")
    Destination.objects.create(name="sales", url="json://example.com/")
    Message.objects.post(key="x:1:0", channel="webhook", recipient="zap", body={}, contact=contact)
    Notification.objects.create(user=person, title="Hot")
    OwnerCard.objects.create(user=person)


@pytest.fixture
def own(saul: User) -> Contact:
    CustomField.objects.create(key="seats", label="Seats", type="number")
    go_live()
    hot()
    Sequence.objects.create(name="Book a call", slug="book-a-call")
    Source.objects.create(name="web-shop")
    CallScript.objects.create(name="Hot", text_en="Hello")
    EmailTemplate.objects.create(name="First contact", subject="Hello", text="How are you?")
    Segment(name="Spain", condition={"field": "country", "op": "equals", "value": "ES"}).store(saul)
    return make_all_for("SAÚL", "Offen")


@pytest.fixture
def others(saul: User) -> Contact:
    User.objects.create_user("peter")
    return make_all_for("peter", SECRET)


def logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(model: type[Model], route: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{route}", args=args)


def test_every_page_of_records_and_users_stands_in_the_table() -> None:
    ours = {
        name
        for name, model in PAGES.items()
        if model._meta.app_label in ("contacts", "auth", "scoring")
    }
    assert ours - {"imports of files", "import mappings"} <= DOCUMENTED.keys()


IMPORTS = {
    "Marketing": ["contacts", "companies", "activities", "campaigns"],
    "Sales": [],
    "Sales manager": ["contacts", "activities", "deals"],
    "Administrator": ["contacts", "companies", "activities", "deals", "campaigns"],
}


# Every page is asked on PostgreSQL once, and for each role on SQLite.
EACH_ROLE = [
    role if role == ADMINISTRATOR else pytest.param(role, marks=pytest.mark.once) for role in ROLES
]


@pytest.mark.parametrize("role", EACH_ROLE)
def test_a_role_imports_what_it_may_write(role: str, request: pytest.FixtureRequest) -> None:
    person = request.getfixturevalue(PEOPLE[role])
    assert kinds_for(person) == IMPORTS[role]
    for model in (ImportJob, ImportMapping):
        answer = logged_in(person).get(url(model, "changelist"))
        assert answer.status_code == (200 if IMPORTS[role] else 403)


@pytest.mark.parametrize("role", EACH_ROLE)
def test_a_role_does_what_the_table_says(
    role: str, own: Contact, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(PEOPLE[role])
    make_outbox_for(person, own)
    client = logged_in(person)
    found = {name: actions_on(PAGES[name], client) for name in DOCUMENTED}
    assert found == {name: roles[role] for name, roles in DOCUMENTED.items()}


def actions_on(model: type[Any], client: Client) -> set[str]:
    """What this person may do with this model, by what its pages answer."""
    row = model.objects.order_by("pk").last()
    may: set[str] = set()
    answers = {"see": client.get(url(model, "changelist")), "add": client.get(url(model, "add"))}
    if row is not None:
        answers["delete"] = client.get(url(model, "delete", row.pk))
        form = client.get(url(model, "change", row.pk))
        # Who may only see gets the same page without anything to send.
        assert form.status_code == answers["see"].status_code
        assert client.get(url(model, "history", row.pk)).status_code == form.status_code
        may |= {"change"} if 'name="_save"' in form.content.decode() else set()
    assert {answer.status_code for answer in answers.values()} <= {200, 403}
    return may | {action for action, answer in answers.items() if answer.status_code == 200}


@pytest.mark.parametrize("role", EACH_ROLE)
def test_what_may_only_be_seen_cannot_be_posted(
    role: str, own: Contact, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(PEOPLE[role])
    make_outbox_for(person, own)
    client = logged_in(person)
    for name, roles in DOCUMENTED.items():
        model = PAGES[name]
        row = model._default_manager.order_by("pk").last()
        if row is None or "change" in roles[role]:
            continue
        before = model._default_manager.filter(pk=row.pk).values().get()
        answers = [client.post(url(model, "change", row.pk), {"name": "x", "_save": "1"})]
        if "delete" not in roles[role]:
            answers.append(client.post(url(model, "delete", row.pk), {"post": "yes"}))
        if "add" not in roles[role]:
            answers.append(client.post(url(model, "add"), {"name": "x"}))
        assert {answer.status_code for answer in answers} == {403}, name
        assert model._default_manager.filter(pk=row.pk).values().get() == before


HIDDEN: list[type[Any]] = [Contact, Activity, Deal, CampaignTouch, Task]


def hidden_rows(others: Contact) -> Iterator[Model]:
    yield others
    for model in HIDDEN[1:]:
        yield model.objects.get(contact=others)
    yield from others.changes.all()
    yield Absence.objects.get(user__username="peter")


def test_the_lead_of_another_owner_is_not_there_on_any_route(
    saul: User, own: Contact, others: Contact
) -> None:
    client = logged_in(saul)
    for row in hidden_rows(others):
        for route in ("change", "history", "delete"):
            for query in ("", "?_popup=1", "?_to_field=id&_popup=1", "?_changelist_filters=q%3Dx"):
                answer = client.get(url(type(row), route, row.pk) + query)
                assert answer.status_code in (403, 404), (row, route, query)
                assert SECRET not in answer.content.decode()
            answer = client.post(url(type(row), route, row.pk), {"post": "yes", "name": "x"})
            assert answer.status_code in (403, 404, 405), (row, route)
    assert Contact.objects.get(pk=others.pk).last_name == SECRET


def test_a_lead_is_not_found_by_another_column_either(
    saul: User, own: Contact, others: Contact
) -> None:
    client = logged_in(saul)
    for field in ("email_key", "email", "owner"):
        answer = client.get(url(Contact, "change", others.email) + f"?_to_field={field}")
        assert answer.status_code in (400, 404)


def pages_of(others: Contact, company: Company) -> list[str]:
    """Addresses that a person might try, to learn of a lead that is not theirs."""
    lists = [url(model, "changelist") for model in PAGES.values()]
    asked = [
        f"?q={SECRET[1:6]}",
        f"?contact__id__exact={others.pk}",
        f"?id__in={others.pk}",
        "?all=1",
    ]
    forms = [
        f"{url(model, 'add')}?contact={others.pk}"
        for model in (Activity, Deal, CampaignTouch, Task)
    ]
    return [
        reverse("admin:index"),
        *lists,
        *(address + query for address in lists for query in asked),
        *forms,
        url(Company, "change", company.pk),
        f"{reverse('admin:search')}?s={SECRET[1:6]}",
        f"{reverse('admin:search')}?s={SECRET[1:6]}&extended=1",
        *(url(Pipeline, "change", pipeline.pk) for pipeline in Pipeline.objects.all()),
        *(url(Campaign, "change", campaign.pk) for campaign in Campaign.objects.all()),
        *(url(Tag, "change", tag.pk) for tag in Tag.objects.all()),
    ]


@pytest.mark.once
def test_no_page_names_the_lead_of_another_owner(
    saul: User, mona: User, own: Contact, others: Contact
) -> None:
    company = Company.objects.get()
    client = logged_in(saul)
    for address in pages_of(others, company):
        answer = client.get(address)
        assert SECRET not in answer.content.decode(), address
    # The same pages name it to whoever may see it, so that the test above means something.
    manager = logged_in(mona)
    seen = (a for a in pages_of(others, company) if SECRET in manager.get(a).content.decode())
    assert len(list(islice(seen, 11))) == 11


@pytest.mark.parametrize(
    ("model", "field"),
    [(Activity, "contact"), (Deal, "contact"), (CampaignTouch, "contact"), (Task, "contact")],
)
def test_no_field_offers_the_lead_of_another_owner(
    model: type[Model], field: str, saul: User, mona: User, own: Contact, others: Contact
) -> None:
    def offered(person: User) -> set[str]:
        given: dict[str, str] = {
            "app_label": "contacts",
            "model_name": str(model._meta.model_name),
            "field_name": field,
            "term": "example",
        }
        answer = logged_in(person).get(reverse("admin:autocomplete"), given)
        return {found["id"] for found in answer.json()["results"]}

    assert offered(saul) == {str(own.pk)}
    assert offered(mona) == {str(own.pk), str(others.pk)}


def test_no_form_accepts_the_lead_of_another_owner(
    saul: User, own: Contact, others: Contact
) -> None:
    client = logged_in(saul)
    activity = {
        "type": ActivityType.objects.get(slug="call").pk,
        "occurred_at_0": "2026-03-31",
        "occurred_at_1": "12:00:00",
    }
    deal = {"name": "x", "stage": Stage.objects.get(name="Won").pk}
    task = {"title": "x", "priority": "low"}
    for model, form in ((Activity, activity), (Deal, deal), (Task, task)):
        count = model.objects.count()
        answer = client.post(url(model, "add"), {**form, "contact": others.pk})
        assert answer.status_code == 200
        assert "contact" in answer.context["adminform"].form.errors
        assert SECRET not in answer.content.decode()
        assert model.objects.count() == count
        assert client.post(url(model, "add"), {**form, "contact": own.pk}).status_code == 302
        assert model.objects.count() == count + 1


def test_no_list_tells_of_leads_through_what_points_to_a_row(saul: User, others: Contact) -> None:
    client = logged_in(saul)
    for model, lookup in ((Company, "contacts"), (Tag, "contacts"), (Campaign, "touches__contact")):
        address = f"{url(model, 'changelist')}?{lookup}={others.pk}"
        assert client.get(address).status_code == 400


def test_an_action_on_ticked_rows_does_not_reach_the_lead_of_another_owner(
    saul: User, own: Contact, others: Contact
) -> None:
    saul.user_permissions.add(Permission.objects.get(codename="delete_contact"))
    answer = logged_in(saul).post(
        url(Contact, "changelist"),
        {"action": "delete_selected", "_selected_action": [own.pk, others.pk], "post": "yes"},
    )
    assert answer.status_code == 302
    assert list(Contact.objects.all()) == [others]


def test_who_gives_a_lead_away_is_led_back_to_the_list(saul: User, own: Contact) -> None:
    form = {"email": own.email, "owner": "peter", "_continue": "1"}
    answer = logged_in(saul).post(url(Contact, "change", own.pk), form, follow=True)
    assert answer.redirect_chain[-1][0] == url(Contact, "changelist")
    assert "now belongs to somebody else" in answer.content.decode()
    assert Contact.objects.get(pk=own.pk).owner == "peter"


def test_an_address_that_exists_is_refused_without_saying_whose_it_is(
    saul: User, others: Contact
) -> None:
    form = {"email": others.email.upper(), "owner": "saul"}
    answer = logged_in(saul).post(url(Contact, "add"), form)
    assert answer.context["adminform"].form.errors["email"] == [
        "There is a contact with this e-mail address already."
    ]
    assert "peter" not in answer.content.decode()


def test_a_new_lead_is_the_salespersons_own(saul: User, marta: User) -> None:
    page = logged_in(saul).get(url(Contact, "add"))
    assert page.context["adminform"].form.initial["owner"] == "saul"
    page = logged_in(marta).get(url(Contact, "add"))
    assert "owner" not in page.context["adminform"].form.initial


def test_whoever_has_no_role_finds_nothing() -> None:
    client = logged_in(User.objects.create_user("nobody", is_staff=True))
    home = client.get(reverse("admin:index"))
    assert home.status_code == 200
    assert home.context["figures"] == []
    for model in PAGES.values():
        assert client.get(url(model, "changelist")).status_code == 403


def test_whoever_is_no_staff_is_asked_to_log_in(own: Contact) -> None:
    client = logged_in(User.objects.create_user("customer"))
    answer = client.get(url(Contact, "change", own.pk))
    assert answer.headers["Location"].startswith(reverse("admin:login"))


def test_the_administrator_may_do_everything_with_our_tables() -> None:
    group = Group.objects.get(name="Administrator")
    ours = Permission.objects.filter(content_type__app_label__in=["contacts", "scoring"])
    assert set(ours) <= set(group.permissions.all())


def test_a_grant_of_what_there_is_not_is_refused() -> None:
    with pytest.raises(LookupError, match="fly_contact"):
        grant(apps, connection.alias, "contacts", {"Sales": ["fly_contact"]})


class TestSuperusers:
    """Nobody gives more than they have."""

    @pytest.fixture
    def root(self) -> User:
        return User.objects.create_superuser("root", password="correct horse")

    def test_an_administrator_does_not_reach_one(self, ada: User, root: User) -> None:
        client = logged_in(ada)
        assert client.get(url(User, "delete", root.pk)).status_code == 403
        password = {"password1": "another horse", "password2": "another horse"}
        changed = reverse("admin:auth_user_password_change", args=[root.pk])
        assert client.post(changed, password).status_code == 403
        client.post(url(User, "change", root.pk), {"username": "x", "is_active": ""})
        root.refresh_from_db()
        assert (root.username, root.is_active) == ("root", True)
        assert root.check_password("correct horse")

    def test_an_administrator_does_not_make_one(self, ada: User, saul: User) -> None:
        client = logged_in(ada)
        form = {"username": "saul", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
        assert client.post(url(User, "change", saul.pk), form).status_code == 302
        form = {"username": "new", "password1": "a good horse", "password2": "a good horse"}
        client.post(url(User, "add"), {**form, "is_superuser": "on", "usable_password": "true"})
        assert User.objects.filter(username="new").exists()
        assert not User.objects.filter(is_superuser=True).exists()

    def test_a_superuser_does(self, root: User, saul: User) -> None:
        form = {"username": "saul", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
        assert logged_in(root).post(url(User, "change", saul.pk), form).status_code == 302
        saul.refresh_from_db()
        assert saul.is_superuser
