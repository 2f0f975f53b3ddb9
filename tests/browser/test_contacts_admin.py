"""A person at work, in a real browser: find a lead, read what it did, change it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from contacts.models import Activity, ActivityType, Company, Contact, CustomField, Tag, Target

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
def lucia(transactional_db: None) -> Contact:
    """A contact with 40 activities, numbered from the oldest, a company and a custom field."""
    CustomField.objects.create(key="plan", label="Plan", type="choice", choices=["Básico", "Pro"])
    Tag.objects.create(name="VIP")
    acme = Company.objects.create(name="Ácme Robots", domain="acme.example")
    contact = Contact.objects.create(
        email="lucia@example.com", first_name="Lucía", last_name="Núñez", company=acme
    )
    Contact.objects.create(email="other@example.com", last_name="Smith")
    kind = ActivityType.objects.get(slug="page_view")
    target = Target.objects.ids_by_key(["/pricing"])[Target.key_of("/pricing")]
    Activity.objects.bulk_create(
        Activity(
            contact=contact, type=kind, target_id=target, properties={"number": number},
            occurred_at=NOON + timedelta(minutes=number),
        )
        for number in range(40)
    )  # fmt: skip
    return contact


@pytest.fixture
def watched(page: Page, base_url: str, ada: User, client: Client) -> Iterator[Page]:
    """Ada's browser; a JavaScript error or a request to another host fails the test."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((base_url, "data:", "blob:"))
            else wrong.append(request.url)
        ),
    )
    page.on(
        "response",
        lambda answer: wrong.append(answer.url) if answer.status >= 500 else None,
    )
    client.force_login(ada)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])
    yield page
    assert wrong == []


def speak(page: Page, base_url: str, language: str) -> None:
    page.context.add_cookies(
        [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": base_url}]
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_lead_is_found_read_and_changed(
    watched: Page, base_url: str, lucia: Contact, language: str
) -> None:
    speak(watched, base_url, language)
    watched.goto(f"{base_url}/admin/contacts/contact/")
    expect(watched.locator("html")).to_have_attribute("lang", language)
    watched.locator("#searchbar").fill("NUÑEZ acme")
    watched.locator("#searchbar").press("Enter")
    expect(watched.locator("#result_list .data-row")).to_have_count(1)
    watched.get_by_role("link", name=re.compile("Lucía Núñez")).click()

    activities = watched.locator("#activities")
    expect(activities).to_contain_text("number: 39")
    expect(activities).not_to_contain_text("number: 24")
    watched.locator("#id_job_title").fill("Directora")
    activities.locator("nav a").last.click()
    expect(activities).to_contain_text("number: 24")
    expect(activities).not_to_contain_text("number: 39")
    activities.locator("nav a").last.click()
    expect(activities).to_contain_text("number: 0")
    # Paging takes nothing away of what was typed.
    expect(watched.locator("#id_job_title")).to_have_value("Directora")

    watched.locator("#id_custom_plan").select_option("Básico")
    watched.locator(".field-tags .select2-selection").click()
    watched.locator(".select2-search__field").last.fill("víp")
    watched.locator(".select2-results__option", has_text="VIP").click()
    watched.locator("[name=_continue]").click()
    expect(watched.locator("#changes")).to_contain_text("Directora")
    lucia.refresh_from_db()
    assert (lucia.job_title, lucia.attributes) == ("Directora", {"plan": "Básico"})
    assert lucia.tag_names() == ["vip"]


def test_an_activity_is_added_from_the_page_of_a_contact(
    watched: Page, base_url: str, lucia: Contact
) -> None:
    watched.goto(f"{base_url}/admin/contacts/contact/{lucia.pk}/change/")
    watched.locator("#activities").get_by_role("link", name="Add activity").click()
    expect(watched.locator(".field-contact")).to_contain_text("Lucía Núñez")
    watched.locator(".field-type .select2-selection").click()
    watched.locator(".select2-search__field").last.fill("call")
    watched.locator(".select2-results__option", has_text="Call").click()
    watched.locator("#id_target_text").fill("/contact")
    watched.locator("[name=_save]").click()
    expect(watched.locator("#result_list")).to_contain_text("/contact")
    assert Activity.objects.filter(contact=lucia, type__slug="call").count() == 1


def test_what_is_wrong_is_shown_where_it_is(watched: Page, base_url: str, lucia: Contact) -> None:
    watched.goto(f"{base_url}/admin/contacts/contact/add/")
    watched.locator("#id_email").fill("LUCIA@example.com")
    watched.locator("[name=_save]").click()
    expect(watched.locator(".field-email")).to_contain_text(
        "There is a contact with this e-mail address already."
    )


def test_filters_are_set_in_the_side_sheet(watched: Page, base_url: str, lucia: Contact) -> None:
    watched.goto(f"{base_url}/admin/contacts/contact/")
    watched.locator("#changelist a", has_text="Filters").first.click()
    watched.locator("select[name=whose]").select_option("mine")
    watched.get_by_role("button", name=re.compile("Apply")).click()
    expect(watched.locator("body")).to_contain_text(
        "Nothing matches what you search and filter for."
    )


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_fits_the_screen(
    watched: Page, base_url: str, lucia: Contact, size: dict[str, int]
) -> None:
    watched.set_viewport_size(size)  # type: ignore[arg-type]
    activity = Activity.objects.first()
    assert activity is not None
    for address in (
        "",
        "contacts/contact/",
        f"contacts/contact/{lucia.pk}/change/",
        f"contacts/contact/{lucia.pk}/delete/",
        f"contacts/contact/{lucia.pk}/history/",
        f"contacts/activity/add/?contact={lucia.pk}",
        f"contacts/activity/{activity.pk}/change/",
        f"contacts/company/{lucia.company_id}/change/",
        "contacts/customfield/",
        "contacts/deal/add/",
        "contacts/pipeline/",
        "auth/user/add/",
        "auth/group/",
    ):
        watched.goto(f"{base_url}/admin/{address}")
        # Loaded is with every script; a font may come after it.
        watched.evaluate("document.fonts.ready.then(() => true)")
        width = watched.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], address
