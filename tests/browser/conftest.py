"""A real browser: the machine's own chromium, or the one that Playwright has installed."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

# What is waited for comes within a second, unless the machine has much else to do.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)

# Parts that come by themselves are asked for, put in, and may ask for others in turn; a button
# that was put in this moment does not act yet.
BUSY = ".htmx-request, .htmx-swapping, .htmx-added, .htmx-settling"

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """The program; None where Playwright's own is there or none is."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def is_there() -> bool:
    if find_browser():
        return True
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def settled(page: Page) -> None:
    """Wait until all of the page is there, and acts."""
    page.wait_for_function("busy => !document.querySelector(busy)", arg=BUSY)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in here:
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.django_db(transaction=True))
    if here and not os.environ.get("REQUIRE_ALL") and not is_there():
        for item in here:
            item.add_marker(pytest.mark.skip(reason="no chromium, chrome or Playwright browser"))


@pytest.fixture(scope="session", autouse=True)
def database_beside_playwright() -> None:
    """Playwright runs an event loop in this thread, in which Django would refuse queries."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
    # In a container the sandbox of the browser cannot be set up; only our own pages are opened.
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync", *quiet]
    found = {"executable_path": path} if (path := find_browser()) else {}
    return {**browser_type_launch_args, "args": arguments, **found}


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    return str(live_server.url)


@pytest.fixture(autouse=True)
def patience(context: BrowserContext) -> None:
    context.set_default_timeout(PATIENCE)


@pytest.fixture
def page_of_ada(page: Page, base_url: str, ada: User, client: Client) -> Page:
    """The first page in a browser in which Ada, the administrator, is logged in."""
    client.force_login(ada)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])
    page.goto(f"{base_url}/admin/")
    return page
