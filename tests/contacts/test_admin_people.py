"""The pages of contacts, companies, tags and custom fields: find, edit, be told what is wrong."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from contacts.models import (
    Activity,
    ActivityType,
    Company,
    Contact,
    CustomField,
    FieldChange,
    Pending,
    Tag,
    Target,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
CONTACTS = "/admin/contacts/contact/"
COMPANIES = "/admin/contacts/company/"


@pytest.fixture
def ada_client(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def fields() -> None:
    """A custom field of every type."""
    for key, kind in (("seats", "number"), ("trial", "boolean"), ("renewal", "date"),
                      ("notes", "text")):  # fmt: skip
        CustomField.objects.create(key=key, label=key.capitalize(), type=kind)
    CustomField.objects.create(key="plan", label="Plan", type="choice", choices=["Básico", "Pro"])


@pytest.fixture
def lucia() -> Contact:
    acme = Company.objects.create(
        name="Ácme", domain="acme.example", industry="Robots", employees=120, annual_revenue=1.5e6
    )
    return Contact.objects.create(
        email="Lucia@example.com", first_name="Lucía", last_name="Núñez", company=acme,
        country="ES", source="Feria", lifecycle="lead", owner="peter", created_at=NOON,
    )  # fmt: skip


def form_of(contact: Contact, **given: Any) -> dict[str, Any]:
    """What the form of a contact sends."""
    names = ("email", "first_name", "last_name", "country", "source", "lifecycle", "owner")
    kept = {name: getattr(contact, name) for name in names}
    company: dict[str, Any] = {"company": contact.company_id} if contact.company_id else {}
    company |= {"created_at_0": "2026-03-31", "created_at_1": "12:00"}
    return {**kept, **company, "tags": [tag.pk for tag in contact.tags.all()], **given}


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["adminform"].form.errors)


def listed(client: Client, address: str) -> set[str]:
    answer = client.get(address)
    assert answer.status_code == 200
    return {str(row) for row in answer.context["cl"].result_list}


class TestTheList:
    @pytest.fixture(autouse=True)
    def people(self, lucia: Contact) -> None:
        lucia.set_tags([Tag.objects.create(name="VIP")])
        Contact.objects.create(email="50%@example.com", last_name="O_Hara", owner="ADÁ")
        Contact.objects.create(email="jose@example.com", last_name="Nunes", bounced=True)

    LUCIA, OHARA, JOSE = (
        "Lucía Núñez <Lucia@example.com>",
        "O_Hara <50%@example.com>",
        ("Nunes <jose@example.com>"),
    )
    SEARCHES = [
        ("", {LUCIA, OHARA, JOSE}),
        ("NUNEZ", {LUCIA}),
        ("núñ", {LUCIA, JOSE}),
        ("nuñes", {JOSE}),
        ("lucia nunez", {LUCIA}),
        ("nunez acme", {LUCIA}),
        ("50%", {OHARA}),
        ("%", {OHARA}),
        ("o_h", {OHARA}),
        ("_", {OHARA}),
        ("\\", set()),
        ("lucia@EXAMPLE.com", {LUCIA}),
        ("nobody", set()),
    ]

    @pytest.mark.parametrize(("typed", "found"), SEARCHES)
    def test_it_finds_whatever_the_case_and_accents(
        self, ada_client: Client, typed: str, found: set[str]
    ) -> None:
        answer = ada_client.get(CONTACTS, {"q": typed})
        assert {str(row) for row in answer.context["cl"].result_list} == found

    FILTERS = [
        ("country=es", {LUCIA}),
        ("source=feria", {LUCIA}),
        ("lifecycle__exact=lead", {LUCIA}),
        ("whose=mine", {OHARA}),
        ("whose=pool", {JOSE}),
        ("owner_name=PÉTER", {LUCIA}),
        ("bounced__exact=1", {JOSE}),
        ("created_at_from=2026-03-31&created_at_to=2026-03-31", {LUCIA}),
        ("created_at_from=2026-04-01", set()),
        ("created_at_to=2026-03-30", set()),
        ("created_at_from=soon&created_at_to=9999-12-31", {LUCIA, OHARA, JOSE}),
        ("whose=nonsense", {LUCIA, OHARA, JOSE}),
    ]

    @pytest.mark.parametrize(("query", "found"), FILTERS)
    def test_it_filters(self, ada_client: Client, query: str, found: set[str]) -> None:
        assert listed(ada_client, f"{CONTACTS}?{query}") == found

    def test_it_filters_by_tag_and_company(self, ada_client: Client, lucia: Contact) -> None:
        tag = Tag.objects.get()
        assert listed(ada_client, f"{CONTACTS}?tags__id__exact={tag.pk}") == {self.LUCIA}
        company = lucia.company_id
        assert listed(ada_client, f"{CONTACTS}?company__id__exact={company}") == {self.LUCIA}

    def test_it_takes_as_many_queries_for_many_rows(
        self, ada_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        company = Company.objects.get()
        Contact.objects.bulk_create(
            Contact(email=f"p{number}@example.com", company=company) for number in range(60)
        )
        with django_assert_max_num_queries(14):
            ada_client.get(CONTACTS)

    def test_an_empty_list_says_what_to_do(self, ada_client: Client) -> None:
        page = ada_client.get(CONTACTS, {"q": "nobody"}).content.decode()
        assert "Nothing matches what you search and filter for." in page
        Contact.objects.all().delete()
        page = ada_client.get(CONTACTS).content.decode()
        assert "Import them from a file" in page
        assert f"{CONTACTS}add/" in page

    def test_a_company_is_found_by_name_and_domain(self, ada_client: Client) -> None:
        assert listed(ada_client, f"{COMPANIES}?q=acme") == {"Ácme"}
        assert listed(ada_client, f"{COMPANIES}?q=ACME.EXAMPLE&industry=robots") == {"Ácme"}
        assert listed(ada_client, f"{COMPANIES}?q=other") == set()


class TestEditing:
    def test_a_changed_field_leaves_history_with_the_name_of_who_did_it(
        self, ada_client: Client, lucia: Contact
    ) -> None:
        Pending.objects.all().delete()
        answer = ada_client.post(f"{CONTACTS}{lucia.pk}/change/", form_of(lucia, country="fr"))
        assert answer.status_code == 302
        change = FieldChange.objects.get()
        assert (change.field, change.before, change.after) == ("country", "ES", "FR")
        assert change.origin == "admin: ada"
        assert [row.contact_id for row in Pending.objects.all()] == [lucia.pk]

    def test_a_form_sent_back_unchanged_changes_nothing(
        self, ada_client: Client, lucia: Contact, fields: None
    ) -> None:
        lucia.attributes = {"seats": 5, "trial": False, "renewal": "2027-01-31", "plan": "Pro"}
        lucia.save()
        FieldChange.objects.all().delete()
        Pending.objects.all().delete()
        page = ada_client.get(f"{CONTACTS}{lucia.pk}/change/")
        sent = {
            field.html_name: field.value()
            for field in page.context["adminform"].form
            if field.value() is not None and field.name != "created_at"
        }
        sent |= {"created_at_0": "2026-03-31", "created_at_1": "12:00:00"}
        sent = {name: value for name, value in sent.items() if value is not False}
        sent |= {"custom_trial": "false"}
        assert ada_client.post(f"{CONTACTS}{lucia.pk}/change/", sent).status_code == 302
        assert not FieldChange.objects.exists()
        assert not Pending.objects.exists()

    def test_tags_are_set_with_history(self, ada_client: Client, lucia: Contact) -> None:
        tags = [Tag.objects.create(name=name).pk for name in ("VIP", "Ítem")]
        ada_client.post(f"{CONTACTS}{lucia.pk}/change/", form_of(lucia, tags=tags))
        assert lucia.tag_names() == ["item", "vip"]
        fields = {change.field: change.after for change in FieldChange.objects.all()}
        assert fields["tags"] == ["item", "vip"]

    def test_a_new_contact_is_made(self, ada_client: Client, fields: None) -> None:
        form = {"email": " New@Example.com ", "custom_seats": "7", "custom_plan": "Básico"}
        assert ada_client.post(f"{CONTACTS}add/", form).status_code == 302
        contact = Contact.objects.get()
        assert (contact.email, contact.email_key) == ("New@Example.com", "new@example.com")
        assert contact.attributes == {"seats": 7, "plan": "Básico"}

    WRONG = [
        ("email", "LUCIA@EXAMPLE.COM ", "There is a contact with this e-mail address already."),
        ("email", "", "This field is required."),
        ("email", "no address", "An e-mail address has one @ with something on both sides."),
        ("country", "E1", "A country is written with two letters, as in ES."),
        ("country", "E", "A country is written with two letters, as in ES."),
        ("lifecycle", "hot", "Select a valid choice. hot is not one of the available choices."),
        ("created_at_0", "31/31/2026", "Enter a valid date."),
        ("custom_seats", "many", "Enter a number."),
        ("custom_seats", "NaN", "Enter a number."),
        ("custom_seats", "1" * 16, "The number has 16 significant digits; at most 15 are allowed."),
        ("custom_renewal", "soon", "Enter a valid date."),
        ("custom_plan", "Gold", "Select a valid choice. Gold is not one of the available choices."),
        ("custom_notes", "x" * 4097,
         "Ensure this value has at most 4096 characters (it has 4097)."),
    ]  # fmt: skip

    @pytest.mark.parametrize(("name", "value", "message"), WRONG)
    def test_what_is_wrong_is_said_and_nothing_is_stored(
        self, ada_client: Client, lucia: Contact, fields: None, name: str, value: str, message: str
    ) -> None:
        form = {"email": "new@example.com", "created_at_1": "12:00", name: value}
        if name != "created_at_0":
            form |= {"created_at_0": "2026-03-31"}
        found = errors(ada_client.post(f"{CONTACTS}add/", form))
        assert found[name.removesuffix("_0")] == [message]
        assert Contact.objects.count() == 1

    def test_custom_fields_are_typed_and_can_be_emptied(
        self, ada_client: Client, lucia: Contact, fields: None
    ) -> None:
        given = {"custom_seats": "2.5", "custom_trial": "true", "custom_renewal": "2027-01-31",
                 "custom_notes": " Ñu ", "custom_plan": "Pro"}  # fmt: skip
        ada_client.post(f"{CONTACTS}{lucia.pk}/change/", form_of(lucia, **given))
        lucia.refresh_from_db()
        assert lucia.attributes == {
            "seats": 2.5, "trial": True, "renewal": "2027-01-31", "notes": "Ñu", "plan": "Pro",
        }  # fmt: skip
        assert lucia.attributes_norm["d:renewal"] == 20849
        emptied = {**dict.fromkeys(given, ""), "custom_trial": "unknown"}
        ada_client.post(f"{CONTACTS}{lucia.pk}/change/", form_of(lucia, **emptied))
        lucia.refresh_from_db()
        assert lucia.attributes == {}

    def test_values_that_no_field_declares_stay(
        self, ada_client: Client, lucia: Contact, fields: None
    ) -> None:
        lucia.attributes = {"former": "x", "plan": "Gold"}
        lucia.save()
        form = form_of(lucia, custom_plan="Gold", custom_seats="1")
        assert ada_client.post(f"{CONTACTS}{lucia.pk}/change/", form).status_code == 302
        lucia.refresh_from_db()
        assert lucia.attributes == {"former": "x", "plan": "Gold", "seats": 1}

    def test_who_may_only_see_reads_the_custom_fields(
        self, client: Client, lucia: Contact, fields: None
    ) -> None:
        reader = User.objects.create_user("reader", is_staff=True)
        for codename in ("view_contact", "view_all_contacts"):
            reader.user_permissions.add(Permission.objects.get(codename=codename))
        lucia.attributes = {"seats": 5}
        lucia.save()
        client.force_login(reader)
        assert "Seats: 5" in client.get(f"{CONTACTS}{lucia.pk}/change/").content.decode()

    def test_what_the_company_is_stands_on_the_page(
        self, ada_client: Client, lucia: Contact
    ) -> None:
        page = ada_client.get(f"{CONTACTS}{lucia.pk}/change/").content.decode()
        assert "acme.example · Robots · 120 employees · annual revenue 1,500,000" in page

    def test_deleting_says_how_much_goes_along(self, ada_client: Client, lucia: Contact) -> None:
        many_activities(lucia, 3)
        page = ada_client.get(f"{CONTACTS}{lucia.pk}/delete/").content.decode()
        assert "Activities: 3" in page
        ada_client.post(f"{CONTACTS}{lucia.pk}/delete/", {"post": "yes"})
        assert not Contact.objects.exists()
        assert not Activity.objects.exists()


def many_activities(contact: Contact, count: int) -> None:
    kind = ActivityType.objects.get(slug="page_view")
    target = Target.objects.ids_by_key(["/pricing"])[Target.key_of("/pricing")]
    Activity.objects.bulk_create(
        Activity(
            contact=contact, type=kind, target_id=target, properties={"number": number},
            occurred_at=NOON + timedelta(minutes=number),
        )
        for number in range(count)
    )  # fmt: skip


class TestTheTablesBelow:
    def numbers(self, answer: Any) -> list[int]:
        return [int(number) for number in re.findall(r"number: (\d+)", answer.content.decode())]

    def test_activities_are_shown_newest_first_a_page_at_a_time(
        self, ada_client: Client, lucia: Contact
    ) -> None:
        many_activities(lucia, 40)
        first = ada_client.get(f"{CONTACTS}{lucia.pk}/change/")
        assert self.numbers(first) == list(range(39, 24, -1))
        assert "Page 1 of 3" in first.content.decode()
        last = ada_client.get(f"{CONTACTS}{lucia.pk}/change/?activities=3")
        assert self.numbers(last) == list(range(9, -1, -1))

    @pytest.mark.parametrize(("asked", "shown"), [("x", 1), ("0", 3), ("99", 3), ("-1", 3)])
    def test_a_page_that_there_is_not_is_the_nearest(
        self, ada_client: Client, lucia: Contact, asked: str, shown: int
    ) -> None:
        many_activities(lucia, 40)
        page = ada_client.get(f"{CONTACTS}{lucia.pk}/change/?activities={asked}")
        assert f"Page {shown} of 3" in page.content.decode()

    def test_as_many_queries_for_any_number_of_activities(
        self, ada_client: Client, lucia: Contact,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:  # fmt: skip
        many_activities(lucia, 2_000)
        with django_assert_max_num_queries(30):
            ada_client.get(f"{CONTACTS}{lucia.pk}/change/?activities=50")

    def test_the_history_of_fields_is_readable(self, ada_client: Client, lucia: Contact) -> None:
        other = Company.objects.create(name="Other")
        CustomField.objects.create(key="seats", label="Seats wanted", type="number")
        lucia.company, lucia.attributes, lucia.unsubscribed = other, {"seats": 5}, True
        lucia.save()
        section = ada_client.get(f"{CONTACTS}{lucia.pk}/change/").context["sections"][-1]
        rows = {row[1]: tuple(row[2:4]) for row in section.rows}
        assert rows == {
            "Company": ("Ácme", "Other"),
            "Seats wanted": ("", "5"),
            "Unsubscribed": ("No", "Yes"),
        }

    def test_a_company_shows_its_contacts(self, ada_client: Client, lucia: Contact) -> None:
        page = ada_client.get(f"{COMPANIES}{lucia.company_id}/change/").content.decode()
        assert "Lucía Núñez" in page

    def test_names_that_look_like_markup_are_text(self, ada_client: Client, lucia: Contact) -> None:
        lucia.last_name = "<script>alert(1)</script>"
        lucia.save()
        for address in (CONTACTS, f"{CONTACTS}{lucia.pk}/change/", "/admin/",
                        f"{COMPANIES}{lucia.company_id}/change/"):  # fmt: skip
            assert "<script>alert(1)" not in ada_client.get(address).content.decode()


class TestCompanies:
    WRONG: list[tuple[dict[str, str], str, str]] = [
        ({"name": "x", "domain": "ACME.example"}, "domain",
         "There is a company with this domain already."),
        ({"name": " álone "}, "name",
         "There is a company with this name, and without a domain, already."),
        ({"name": " "}, "__all__", "A company needs a domain or a name."),
        ({"name": "x", "country": "ESP"}, "country",
         "Ensure this value has at most 2 characters (it has 3)."),
        ({"name": "x", "employees": "nan"}, "employees", "Enter a number."),
        ({"name": "x", "annual_revenue": "1e301"}, "annual_revenue",
         "The number is too large or too small."),
    ]  # fmt: skip

    @pytest.mark.parametrize(("form", "name", "message"), WRONG)
    def test_what_is_wrong_is_said(
        self, ada_client: Client, lucia: Contact, form: dict[str, str], name: str, message: str
    ) -> None:
        Company.objects.create(name="Alone")
        assert errors(ada_client.post(f"{COMPANIES}add/", form))[name] == [message]
        assert Company.objects.count() == 2

    def test_a_changed_company_marks_its_contacts(self, ada_client: Client, lucia: Contact) -> None:
        Pending.objects.all().delete()
        form = {"name": "Ácme", "domain": "acme.example", "industry": "Robots", "employees": "130",
                "annual_revenue": "1500000"}  # fmt: skip
        address = f"{COMPANIES}{lucia.company_id}/change/"
        assert ada_client.post(address, form).status_code == 302
        change = FieldChange.objects.get()
        assert (change.field, change.after, change.origin) == ("employees", 130.0, "admin: ada")
        assert [row.contact_id for row in Pending.objects.all()] == [lucia.pk]


class TestTagsAndCustomFields:
    def test_a_tag_of_the_same_normal_form_is_refused(self, ada_client: Client) -> None:
        Tag.objects.create(name="VIP")
        for name in ("víp", " VIP"):
            found = errors(ada_client.post("/admin/contacts/tag/add/", {"name": name}))
            assert "already" in found["name"][0]
        found = errors(ada_client.post("/admin/contacts/tag/add/", {"name": "\u0301"}))
        assert found["name"] == ["The text is empty; write something or leave it out."]

    def test_a_choice_is_written_a_value_a_line(self, ada_client: Client) -> None:
        form = {"label": "Plan", "key": "plan", "type": "choice", "choices": "Pro\n\n básico \nPRO"}
        assert ada_client.post("/admin/contacts/customfield/add/", form).status_code == 302
        field = CustomField.objects.get()
        assert field.choices == ["Pro", "básico"]
        page = ada_client.get(f"/admin/contacts/customfield/{field.pk}/change/")
        assert page.context["adminform"].form.initial["choices"] == "Pro\nbásico"

    WRONG: list[tuple[dict[str, str], str]] = [
        ({"key": "Seats", "type": "number"}, "key"),
        ({"key": "9lives", "type": "number"}, "key"),
        ({"key": "taken", "type": "number"}, "key"),
        ({"key": "plan", "type": "choice"}, "choices"),
        ({"key": "plan", "type": "number", "choices": "a"}, "choices"),
    ]

    @pytest.mark.parametrize(("form", "name"), WRONG)
    def test_what_is_wrong_is_said(
        self, ada_client: Client, form: dict[str, str], name: str
    ) -> None:
        CustomField.objects.create(key="taken", label="Taken", type="text")
        answer = ada_client.post("/admin/contacts/customfield/add/", {"label": "x", **form})
        assert list(errors(answer)) == [name]

    def test_key_and_type_of_a_stored_field_stay(self, ada_client: Client, fields: None) -> None:
        field = CustomField.objects.get(key="seats")
        form = {"label": "Places", "key": "places", "type": "text", "choices": ""}
        ada_client.post(f"/admin/contacts/customfield/{field.pk}/change/", form)
        field.refresh_from_db()
        assert (field.label, field.key, field.type) == ("Places", "seats", "number")
