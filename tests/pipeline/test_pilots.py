"""Where salespeople see a score, it is the one from which things follow for that lead."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact, Deal, Pipeline, Stage
from scoring.engine.models import Track
from scoring.engine.pilots.models import Arm
from scoring.pipeline.board.cards import Board
from scoring.pipeline.calls.showing import score_facts
from scoring.pipeline.personal.digest import digest_of
from tests.automations.set_up import go_live, person
from tests.automations.test_pilots import arms, direct, plan, run

PAGES = [
    "admin:index",
    "admin:scoring_lead_changelist",
    "admin:pipeline_board",
    "admin:pipeline_calls",
    "admin:pipeline_dormant",
    "admin:pipeline_pool",
    "admin:scoring_crossing_changelist",
    "admin:scoring_crossing_held",
]


@pytest.fixture
def two(saul: User) -> dict[str, Contact]:
    """A director in each arm: 65 by the candidate, 30 by the live version; with a deal each."""
    for number in range(12):
        person(f"lead{number}", owner="saul")
    pilot = plan(saul, go_live())
    run(pilot)
    found = {arm: contacts[0] for arm, contacts in arms(pilot).items()}
    direct(*found.values())
    stage = Stage.objects.filter(outcome="open")[0]
    for arm, contact in found.items():
        Deal.objects.create(name=arm, contact=contact, stage=stage, owner="saul")
    return found


def test_every_page_is_there_while_a_pilot_runs(
    two: dict[str, Contact], client: Client, mona: User
) -> None:
    client.force_login(mona)
    for page in PAGES:
        assert client.get(reverse(page)).status_code == 200, page
    digest_of(mona, timezone.now())
    for contact in two.values():
        for part in ("picture", "ways"):
            address = reverse("admin:scoring_lead_part", args=[contact.pk, part])
            assert client.get(address).status_code == 200


def test_only_those_who_look_after_pilots_see_what_it_says_of_all_leads(
    two: dict[str, Contact], client: Client, saul: User, mona: User
) -> None:
    pilot = Track.objects.get(role="pilot")
    control = reverse("admin:scoring_lead_change", args=[two[Arm.CONTROL].pk])
    for user, shown in ((saul, "30"), (mona, "65")):
        client.force_login(user)
        page = client.get(control, {"model": pilot.pk})
        assert page.context["headline"]["total"] == shown


def test_the_board_the_call_list_and_the_page_of_a_lead_show_the_score_that_acts(
    two: dict[str, Contact], client: Client, saul: User
) -> None:
    client.force_login(saul)
    live = Track.objects.get(role="live")
    request = client.get(reverse("admin:pipeline_board")).wsgi_request
    board = Board.of(request, Pipeline.objects.order_by("pk")[0], live)
    cards = {card.contact: card for card in board.column(board.columns[0], 20) if card.contact}
    for arm, total, points in ((Arm.CANDIDATE, 65, "+65"), (Arm.CONTROL, 30, "+30")):
        contact = two[arm]
        assert cards[contact].total == total
        facts = score_facts(contact, live)
        assert (facts["total"], facts["reasons"][0].points) == (str(total), points)
        page = client.get(reverse("admin:scoring_lead_change", args=[contact.pk]))
        assert page.context["headline"]["total"] == str(total)
