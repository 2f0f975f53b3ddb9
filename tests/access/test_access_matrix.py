"""Every address x role x whose lead: what tests/access/table.py says, and nothing changes else."""

import hashlib
import logging
from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import models
from django.test import Client

from contacts.models import Contact
from tests.access.asking import Answer, address_of, ask
from tests.access.routes import Route, routes
from tests.access.table import TABLE, line_of
from tests.access.world import SECRET, World, belongs_to_contact

# Nothing here depends on the database, and it takes its time.
pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.long]

ROUTES: Final = routes()
NAMES: Final = {"M": "marta", "S": "saul", "G": "mona", "A": "ada", "N": "nobody", "-": ""}
REFUSED: Final = {403, 404, 405}


@pytest.fixture(autouse=True)
def quiet_refusals() -> Iterator[None]:
    """Each of thousands is a warning with a traceback, which takes longer than the refusal."""
    logger = logging.getLogger("django.request")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)


@pytest.fixture
def world(marta: User, saul: User, mona: User, ada: User) -> World:
    User.objects.create_user("nobody", is_staff=True)
    return World()


def clients(roles: str) -> Iterator[tuple[str, Client]]:
    for role in roles:
        client = Client()
        if NAMES[role]:
            client.force_login(User.objects.get(username=NAMES[role]))
        yield role, client


def forged(world: World, whose: str = "other") -> dict[str, Any]:
    """What a page never sends: another's lead by every name, and rows that are not on the form."""
    other = world.leads[whose].pk
    named = ["contact", "contacts", "contact_id", "lead", "ids", "id", "card", "cards", "other"]
    form = {f"form-0-{name}": other for name in ("id", "contact")}
    return {
        **dict.fromkeys(named, other),
        **form,
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-owner": "saul",
        "_selected_action": other,
        "action": "delete_selected",
        "post": "yes",
        "_save": "1",
        "owner": "saul",
        "name": "forged",
        "title": "forged",
        "text": "forged",
        "reason": "forged",
        "next": "//evil.example.com/",
    }


def is_refused(role: str, answer: Answer) -> bool:
    if role == "-":
        return answer.status in {302, 401, *REFUSED}
    return answer.status in {401, *REFUSED}


def fault(route: Route, role: str, method: str, answer: Answer, may: str) -> str | None:
    """What is wrong with an answer, in words."""
    said = f"{role} {method} {route.name}: {answer.status}"
    if answer.status >= 500:
        return said
    if role in may:
        # What was forged may be refused for what it says.
        is_shut = method == "GET" and answer.status in (401, 403)
        return f"{said}, though allowed" if is_shut else None
    # The admin sends whoever asks for the history of what is not there to its first page.
    # Who merges with what is not there any more, or not for them, is told so on another page.
    is_told = route.verb == "history" or route.name == "admin:pipeline_merge"
    is_away = answer.status == 302 and is_told
    if not (is_away or is_refused(role, answer)):
        return f"{said}, though not allowed"
    return f"{said}, but wrote {answer.writes}" if answer.writes else None


def test_every_address_is_declared() -> None:
    assert [route.name for route in ROUTES if line_of(route) is None] == []
    # A line that fits nothing any more is of a page that is gone.
    first = {line.pattern for route in ROUTES if (line := line_of(route)) in TABLE and line}
    assert [line.pattern for line in TABLE if line.pattern not in first] == []


def whole_database() -> str:
    """Of every row of every table, but sessions and when people logged in."""
    found = hashlib.sha256()
    for model in apps.get_models(include_auto_created=True):
        if model._meta.label in ("sessions.Session", "auth.User") or not model._meta.managed:
            continue
        for row in model._base_manager.order_by("pk").values_list():
            found.update(repr(row).encode())
    return found.hexdigest()


@pytest.mark.parametrize("roles", ["-N", "MGA"])
def test_who_may_not_is_refused_and_nothing_changes(roles: str, world: World) -> None:
    before = whole_database()
    body = forged(world, "own")
    faults: list[str | None] = []
    for role, client in clients(roles):
        for route in ROUTES:
            if (line := line_of(route)) is None:
                continue
            address = address_of(route, world, "own")
            for method, may in (("GET", line.sees), ("POST", line.does)):
                if passed_over(route, role, method, may):
                    continue
                answer = ask(client, method, address, body if method == "POST" else None)
                faults.append(fault(route, role, method, answer, may))
    assert "\n".join(each for each in faults if each) == ""
    assert whole_database() == before


def passed_over(route: Route, role: str, method: str, may: str) -> bool:
    """Who is allowed is asked once for each page that is not the admin's own, and those are
    looked at for each role by tests/contacts/test_roles.py."""
    if route.model is not None:
        return role in may or (method == "GET" and role in "MGA")
    return role in may and role != (may.replace("S", "") or "S")[0]


def of_other(world: World) -> str:
    """Everything that belongs to the lead that Saul may not see."""
    other = world.leads["other"].pk
    found = hashlib.sha256(repr(list(Contact.objects.filter(pk=other).values())).encode())
    for model in apps.get_models():
        if belongs_to_contact(model) and model._meta.managed:
            rows = model._base_manager.filter(contact=other).order_by("pk").values_list()
            found.update(repr(list(rows)).encode())
    return found.hexdigest()


def names_contact(route: Route) -> bool:
    """Whether its address names a lead, or a row that belongs to one."""
    model: type[models.Model] | None = route.model
    own = model is not None and bool(route.params)
    bound = own and model is not None and (belongs_to_contact(model) or is_contact(model))
    return bound or "contact_id" in route.params or route.name in BOUND


def is_contact(model: type[models.Model]) -> bool:
    return issubclass(model, Contact)


# Others whose id is of something that belongs to a lead.
BOUND: Final = {
    "api:contact",
    "api:explanation",
    "admin:task_deed",
    "admin:pipeline_feedback_one",
    "admin:pipeline_merge",
    "admin:pipeline_merge_score",
    "admin:pipeline_apart",
}
EVERY_QUERY: Final = "?q=Geheim&lead=Geheim&s=Geheim&owner=peter&owner_name=peter&email=x"


def test_sales_see_and_do_what_is_theirs_and_nothing_of_a_colleagues(world: World) -> None:
    before, whole, body = of_other(world), whole_database(), forged(world)
    [(role, client)] = clients("S")
    faults: list[str | None] = []
    for route in ROUTES:
        if (line := line_of(route)) is None:
            continue
        for whose in ("own", "pool", "other") if names_contact(route) else ("own",):
            address = address_of(route, world, whose)
            query = EVERY_QUERY if not route.params else ""
            hidden = whose == "other"
            if whose == "pool":
                answer = ask(client, "GET", address)
                faults.append(fault(route, role, "GET", answer, line.sees))
                continue
            for method, may in (("GET", line.sees), ("POST", line.does)):
                allowed = "" if hidden else may
                asked = address + query if method == "GET" else address
                sent = body if method == "POST" else None
                answer = ask(client, method, asked, sent, lambda: of_other(world) != before)
                faults.append(fault(route, role, method, answer, allowed))
                if SECRET in answer.text:
                    faults.append(f"{method} {route.name} names the lead of a colleague")
                if answer.moved:
                    faults.append(f"{method} {route.name} changed the lead of a colleague")
    assert "\n".join(each for each in faults if each) == ""
    assert of_other(world) == before
    assert whole_database() == whole
