"""Every report in situations that are rare, seldom tried, or at the edge of a day: as a page,
as a file and by the API.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Calendar, Campaign, Contact, Deal, Stage
from scoring.reports.asking import ask
from scoring.reports.jobs import work_out_reports
from scoring.reports.report import REPORTS
from tests.engine.scored import person
from tests.reports.history import DAY, happened, live, people
from tests.reports.reporting import figures

pytestmark = pytest.mark.django_db

MADRID = ZoneInfo("Europe/Madrid")
# Days on which the clock there is put forward and back, and one that is there every four years.
SHORT, LONG, LEAP = (datetime(2026, 3, 29), datetime(2025, 10, 26), datetime(2024, 2, 29))
NO_NUMBER = re.compile(r"\b(nan|NaN|None|inf|Infinity|null|undefined)\b")
SAID = re.compile(r"<script.*?</script>|<style.*?</style>|<[^>]*>", re.DOTALL)
Query = dict[str, str]


def nothing() -> None:
    """An installation of this minute."""


def somebody() -> None:
    """One contact who never did anything."""
    person("ana")
    live(timezone.now())


def one_won() -> None:
    """One lead, handed over, rejected by nobody, and sold to."""
    at = timezone.now() - 5 * DAY
    [lead] = people(1, at - 30 * DAY)
    happened([lead], live(at - DAY), at)


def many(at: datetime | None = None, number: int = 4) -> None:
    when = at or timezone.now() - 5 * DAY
    leads = people(number, when - 30 * DAY)
    happened(leads, live(when - DAY), when)


def around_midnight(day: datetime) -> Callable[[], None]:
    """In Madrid, a second before the day begins, when it begins, and as it ends."""

    def arrange() -> None:
        Calendar.objects.update(time_zone="Europe/Madrid")
        begins, ends = (
            (day + days * DAY).replace(tzinfo=MADRID).astimezone(UTC) for days in (0, 1)
        )
        track = live(begins - 9 * DAY)
        for place, at in enumerate([begins - timedelta(seconds=1), begins, ends - timedelta(0, 1)]):
            happened(people(2, at - DAY, f"m{place}"), track, at)

    return arrange


def gone() -> None:
    """Whom and what the rows name was deleted."""
    many()
    Campaign.objects.all().delete()
    User.objects.filter(username="saul").delete()
    Contact.objects.filter(pk__in=Contact.objects.values("pk")[:2]).delete()
    assert Deal.objects.filter(contact=None).exists()


def renamed() -> None:
    many()
    for place, stage in enumerate(Stage.objects.all()):
        Stage.objects.filter(pk=stage.pk).update(name=f"Etapa {place}")


def no_stage() -> None:
    """A pipeline without a way to win."""
    many()
    Deal.objects.all().delete()
    Stage.objects.all().delete()


def on(day: datetime, days: int = 1) -> Query:
    return {"first": f"{day:%Y-%m-%d}", "last": f"{day + (days - 1) * DAY:%Y-%m-%d}"}


TODAY = timezone.now()
SITUATIONS: dict[str, tuple[Callable[[], None], Query]] = {
    "nothing at all": (nothing, {}),
    "one contact with nothing": (somebody, {}),
    "one lead, handed over and won": (one_won, {}),
    "one week": (many, {"span": "7"}),
    "one day": (many, on(TODAY - 3 * DAY)),
    "ten years": (many, on(TODAY - 3600 * DAY, 3601)),
    "days to come": (many, on(TODAY + 10 * DAY, 30)),
    "what was deleted": (gone, {}),
    "renamed stages": (renamed, {}),
    "no stage": (no_stage, {}),
    "a day of 23 hours": (around_midnight(SHORT), on(SHORT)),
    "a day of 25 hours": (around_midnight(LONG), on(LONG)),
    "a leap day": (around_midnight(LEAP), on(LEAP)),
}
# A page costs more than everything else: in these are all the ways in which it may look.
PAGES = ("one contact with nothing", "one lead, handed over and won", "what was deleted")
# What an address may still name after it was deleted, and what asks for too much.
GONE: Sequence[Query] = (
    {"campaign": "999999"},
    {"segment": "gone"},
    {"owner": "gone"},
    {"model": "999999"},
    {"span": "730", "grain": "day"},
)


def refuse(name: str) -> None:
    raise AssertionError(f"{name} is no number")


def texts(client: Client, slug: str, query: Query, is_page: bool) -> Iterator[tuple[str, str]]:
    """The page in words and the file, when the worker is done and the API has sent as much."""
    address = f"/api/v1/reports/{slug}"
    sent: Any = client.get(address, query)
    while work_out_reports():
        sent = client.get(address, query)
    assert sent.status_code == 200, sent.content
    json.loads(sent.content, parse_constant=refuse)
    file: Any = client.get(reverse("admin:report_file", args=[slug, "csv"]), query)
    assert file.status_code == 200
    yield "file", file.content.decode()
    if is_page:
        page: Any = client.get(reverse("admin:report", args=[slug]), query)
        assert page.status_code == 200
        yield "page", SAID.sub(" ", page.content.decode().partition('class="report-bar"')[2])


@pytest.mark.parametrize("name", SITUATIONS)
def test_each_report_says_something_sensible(name: str, client: Client, ada: User) -> None:
    arrange, query = SITUATIONS[name]
    arrange()
    client.force_login(ada)
    for slug in REPORTS:
        for kind, said in texts(client, slug, query, name in PAGES):
            found = NO_NUMBER.search(said)
            assert not found, (slug, kind, said[max(0, found.start() - 60) : found.end() + 60])
            assert len(said.split()) > 5, (slug, kind)


@pytest.mark.parametrize("query", GONE, ids=str)
def test_what_an_address_names_may_be_gone(query: Query, client: Client, ada: User) -> None:
    """The page says what is wrong beside the field, and shows the usual; a program is told."""
    many()
    client.force_login(ada)
    page: Any = client.get(reverse("admin:report", args=["movement"]), query)
    assert page.status_code == 200
    assert page.content.decode().count('class="agree-fault" role="alert"') == 1
    for slug in REPORTS:
        assert client.get(f"/api/v1/reports/{slug}", query).status_code == 422


@pytest.mark.parametrize("day", [SHORT, LONG, LEAP], ids=str)
def test_a_day_has_what_happened_between_its_midnights(day: datetime) -> None:
    around_midnight(day)()
    service = REPORTS["service"]
    form = ask(on(day), service.asks, service.days)
    assert figures(service.make(form.question()))["handed over"] == 4
