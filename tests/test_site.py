"""The first page, the log-in, the language chooser and the sidebar."""

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from leadscoring import site
from leadscoring.site import LeadScoringAdminSite, Page, admin_page, entries, sidebar_badge


@pytest.fixture
def admin(ada: User, client: Client) -> Client:
    """A browser in which Ada, the administrator, is logged in."""
    client.force_login(ada)
    return client


def test_it_leads_from_the_root_to_the_admin(client: Client) -> None:
    assert client.get("/").headers["Location"] == "/admin/"


@pytest.mark.django_db
def test_it_asks_a_stranger_to_log_in(client: Client) -> None:
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == "/admin/login/?next=/admin/"
    assert "Lead scoring" in response.content.decode()


def test_it_speaks_the_language_that_a_person_chose(admin: Client) -> None:
    assert '<html lang="en"' in admin.get("/admin/").content.decode()
    admin.post("/i18n/setlang/", {"language": "es", "next": "/admin/"})
    page = admin.get("/admin/").content.decode()
    assert '<html lang="es"' in page
    assert page.count("español") == 1


@pytest.mark.django_db
def test_it_speaks_the_language_of_the_browser(client: Client) -> None:
    page = client.get("/admin/login/", headers={"Accept-Language": "es-MX,es;q=0.9"})
    assert '<html lang="es"' in page.content.decode()


@pytest.mark.parametrize("path", ["django_rq/dashboard/", "django_rq/queue/", "django_rq/"])
def test_it_has_no_page_that_would_let_any_staff_change_the_queue(admin: Client, path: str) -> None:
    assert admin.get(f"/admin/{path}").status_code == 404


def test_it_marks_one_place_in_the_sidebar(admin: Client) -> None:
    sidebar = admin.get("/admin/auth/user/").context["sidebar_navigation"]
    active = [item["link"] for group in sidebar for item in group["items"] if item["active"]]
    assert active == ["/admin/auth/user/"]


@pytest.mark.parametrize(("may", "shown"), [(True, [("First steps", 3)]), (False, [])])
def test_a_page_stands_in_the_sidebar_for_whoever_has_its_permission(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch, may: bool, shown: list[tuple[str, int]]
) -> None:
    monkeypatch.setattr(site, "BADGES", {})
    sidebar_badge("first_run_next")(lambda request: 3)
    request = rf.get("/admin/")
    request.user = User(is_superuser=True) if may else AnonymousUser()
    group: dict[str, str | Page] = {
        "first_run_next": Page("First steps", "flag", "auth.view_user"),
        "a.model": "circle",
    }
    found = [(item["title"], item["badge"]) for item in entries(request, group, {})]
    assert found == shown


def test_a_page_of_a_package_is_served_below_the_admin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "PAGES", [])

    @admin_page("somewhere/", "somewhere")
    def somewhere(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    found = LeadScoringAdminSite().get_urls()[0]
    assert (str(found.pattern), found.name) == ("somewhere/", "somewhere")


def test_it_lets_no_page_with_personal_data_be_stored(admin: Client) -> None:
    headers = admin.get("/admin/").headers
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_it_has_an_icon(admin: Client) -> None:
    icon = "/static/leadscoring/favicon.svg"
    assert icon in admin.get("/admin/").content.decode()
    file = admin.get(icon)
    file.close()
    assert file.status_code == 200


def test_it_has_an_icon_where_browsers_look_for_one(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert answer.headers["Location"] == "/static/leadscoring/favicon.svg"


@pytest.mark.parametrize(
    ("path", "status", "heading"),
    [
        ("/admin/auth/user/", 403, "You may not see or do this"),
        ("/admin/nowhere/", 404, "There is no such page"),
        ("/nowhere", 404, "There is no such page"),
    ],
)
def test_a_page_that_is_not_shown_says_why_and_leads_back(
    saul: User, client: Client, path: str, status: int, heading: str
) -> None:
    client.force_login(saul)
    answer = client.get(path)
    assert answer.status_code == status
    page = answer.content.decode()
    assert f"<h1>{heading}</h1>" in page
    assert '<a href="/admin/">' in page
    assert "leadscoring/public.css" in page


def test_the_page_of_a_fault_needs_no_database(rf: RequestFactory) -> None:
    answer = server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "<h1>Something went wrong</h1>" in answer.content.decode()
    assert '<a href="/admin/">' in answer.content.decode()


def test_a_file_is_chosen_by_the_widget_that_the_script_of_the_page_expects() -> None:
    pages = (settings.BASE_DIR / "templates").rglob("*.html")
    assert [page.name for page in pages if 'type="file"' in page.read_text()] == []
