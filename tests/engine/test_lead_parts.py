"""What the page of a lead asks for afterwards: its picture, its ways, another version beside it."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact
from scoring.criteria.document import parse
from scoring.criteria.drafts import Draft
from scoring.criteria.loading import load
from scoring.engine.admin import leads
from scoring.engine.models import Track
from tests.engine.scored import DIRECTOR, MODEL, PRICES, RIVAL, Data, go_live, person, visit

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
OTHER: Data = MODEL | {
    "groups": [
        {"name": "Who", "dimension": "fit", "rules": [DIRECTOR | {"points": 5}, RIVAL]},
        {"name": "What", "dimension": "interest", "rules": [PRICES | {"name": "Prices"}]},
    ]
}


@pytest.fixture
def ana() -> Contact:
    found = person("ana", job_title="Director", owner="mona")
    visit(found, 2 * DAY)
    return found


@pytest.fixture
def live(ana: Contact) -> Track:
    return go_live()


@pytest.fixture
def marketing(marta: User, client: Client) -> Client:
    client.force_login(marta)
    return client


def page_of(contact: Contact) -> str:
    return reverse("admin:scoring_lead_change", args=[contact.pk])


def part_of(contact: Contact, part: str) -> str:
    return reverse("admin:scoring_lead_part", args=[contact.pk, part])


def text_of(answer: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def test_the_picture_and_the_ways_come_by_themselves(
    marketing: Client, ana: Contact, live: Track
) -> None:
    bo = person("bo")
    picture = text_of(marketing.get(part_of(ana, "picture")))
    assert "70 → 50, warm if nothing more happens Visits the prices −20" in picture
    told = text_of(marketing.get(part_of(bo, "ways")))
    assert "What would make it “warm”" in told
    assert "Visits the prices if they visit a page" in told
    assert "Director if it turns out that job title contains" in told
    assert "highest band" in text_of(marketing.get(part_of(ana, "ways")))


def test_nobody_finds_parts_of_a_lead_that_is_not_theirs(
    saul: User, client: Client, ana: Contact, live: Track
) -> None:
    client.force_login(saul)
    assert client.get(part_of(ana, "picture")).status_code == 404
    assert client.get(part_of(ana, "ways")).status_code == 404


def test_there_are_no_other_parts(marketing: Client, ana: Contact, live: Track) -> None:
    assert marketing.get(part_of(ana, "burn")).status_code == 404
    assert marketing.post(part_of(ana, "ways")).status_code == 403


def test_each_rule_says_when_it_fades(marketing: Client, ana: Contact, live: Track) -> None:
    text = text_of(marketing.get(page_of(ana)))
    assert re.search(r"If nothing more happens: \+20 from [^,]* on, gone on [^,]*\.", text)
    assert "Time alone does not change it." in text


def test_another_version_stands_beside_the_live_one(
    marketing: Client, ana: Contact, live: Track
) -> None:
    version = load(parse(OTHER)).version
    text = text_of(marketing.get(page_of(ana), {"under": version.pk}))
    assert "By the live version and by: Version 2 (Draft)" in text
    assert "70 hot A1 arrow_forward 45 warm B1 −25" in text
    assert "+30 +5 −25" in text
    assert "+40 not in it −40" in text
    assert "not in it +40 +40" in text
    assert "1 rule gives the same in both." in text


def test_so_does_the_draft_on_any_day(marketing: Client, ana: Contact, live: Track) -> None:
    draft = Draft.objects.begin(parse(OTHER))
    asked = {"under": "draft", "as_of": f"{timezone.now() - 30 * DAY:%Y-%m-%d}"}
    text = text_of(marketing.get(page_of(ana), asked))
    assert "30 warm A2 arrow_forward 5 cold B2 −25" in text
    draft.bands.all().delete()
    assert "The draft has mistakes" in text_of(marketing.get(page_of(ana), asked))


@pytest.mark.parametrize("asked", ["x", "999999", "draft", "\0", "1" * 30])
def test_what_is_no_version_is_passed_over(
    asked: str, marketing: Client, ana: Contact, live: Track
) -> None:
    answer = marketing.get(page_of(ana), {"under": asked})
    assert answer.status_code == 200
    assert answer.context["compared"] is None


def test_another_day_is_answered_without_the_rest_of_the_page(
    marketing: Client, ana: Contact, live: Track
) -> None:
    day = f"{timezone.now() + 9 * DAY:%Y-%m-%d}"
    answer = marketing.get(page_of(ana), {"as_of": day}, headers={"HX-Target": "lead-now"})
    page = answer.content.decode()
    assert "As it will be at the end of" in page
    assert "<html" not in page
    assert 'id="lead-groups" hx-swap-oob="true"' in page


def test_who_did_thousands_of_things_is_explained_afterwards(
    marketing: Client, ana: Contact, live: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leads, "AT_ONCE", 0)
    assert "takes some seconds" in text_of(marketing.get(page_of(ana)))
    asked = {"as_of": f"{timezone.now() - DAY:%Y-%m-%d}"}
    answer = marketing.get(page_of(ana), asked, headers={"HX-Target": "lead-now"})
    assert "worked out with the fields of today" in text_of(answer)
    assert "70" in text_of(answer)
    assert "What happens next" not in text_of(answer)
