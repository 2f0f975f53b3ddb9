"""“This score is wrong”: marked on a lead, gathered by rule, answered, and its author told."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Activity, ActivityType, Contact, Target
from scoring.agreement.suggestions.answering import decline
from scoring.agreement.suggestions.models import Suggestion
from scoring.automations.outbox.personal import Notification
from scoring.engine.doubts import ScoreDoubt
from scoring.engine.models import Track
from tests.automations.set_up import go_live, person, refresh_all, visit
from tests.pipeline.feedback.handed import seller

pytestmark = pytest.mark.django_db


@pytest.fixture
def track() -> Track:
    return go_live()


def rule_of(track: Track) -> str:
    return track.version.document_value.rules[0].name


def address(track: Track, contact: Contact, rule: str = "") -> str:
    query = {"model": str(track.pk), "rule": rule or rule_of(track)}
    return reverse("admin:scoring_doubt", args=[contact.pk], query=query)


def scored(name: str = "ana", owner: str = "saul") -> Contact:
    who = person(name, job_title="Director", owner=owner)
    visit(who, timedelta())
    refresh_all()
    return who


def doubted(track: Track, contact: Contact, author: User, text: str = "Only a student") -> None:
    ScoreDoubt.objects.create(
        contact=contact,
        model=track.model,
        rule=rule_of(track),
        version_hash=track.version.hash,
        direction="too_much",
        text=text,
        author=author,
    )


def test_a_salesperson_says_that_a_rule_is_wrong_and_says_it_once(
    client: Client, track: Track
) -> None:
    who, saul = scored(), seller("saul")
    client.force_login(saul)
    lead_page = client.get(reverse("admin:scoring_lead_change", args=[who.pk])).content.decode()
    assert "This is wrong" in lead_page
    url = address(track, who)
    assert rule_of(track) in client.get(url).content.decode()
    for text in ("Only a student", "Only a student, really"):
        answer = client.post(url, {"direction": "too_much", "text": text}, follow=True)
        assert "Marketing reads it" in answer.content.decode()
    doubt = ScoreDoubt.objects.get()
    assert (doubt.text, doubt.author, doubt.rule) == (
        "Only a student, really",
        saul,
        rule_of(track),
    )
    assert doubt.version_hash == track.version.hash
    assert doubt.points is not None


WRONG = [
    ({}, "This field is required."),
    ({"direction": "sideways", "text": "x"}, "Select a valid choice."),
    ({"direction": "too_much", "text": "  "}, "This field is required."),
    ({"direction": "too_much", "text": "x" * 2001}, "at most 2000"),
]


@pytest.mark.parametrize(("post", "told"), WRONG)
def test_what_is_wrong_is_told(
    client: Client, track: Track, post: dict[str, str], told: str
) -> None:
    who = scored()
    client.force_login(seller("saul"))
    assert told in client.post(address(track, who), post).content.decode()
    assert not ScoreDoubt.objects.exists()


def test_only_of_leads_that_one_sees_and_rules_that_are_there(client: Client, track: Track) -> None:
    mine, other = scored(), scored("eva", "sally")
    client.force_login(seller("saul"))
    assert client.get(address(track, other)).status_code == 404
    assert client.get(address(track, mine, "No such rule")).status_code == 404
    client.force_login(User.objects.create(username="nobody", is_staff=True))
    assert client.post(address(track, mine), {}).status_code == 403


def tab(client: Client, track: Track) -> str:
    url = reverse("admin:scoring_scoringmodel_doubts", args=[track.model_id])
    return client.get(url).content.decode()


def answer(client: Client, track: Track, **post: str) -> int:
    url = reverse("admin:scoring_scoringmodel_doubts_answer", args=[track.model_id])
    ids = list(ScoreDoubt.objects.values_list("pk", flat=True))
    return client.post(url, {"doubt": ids, **post}).status_code


def test_marketing_sees_them_by_rule_with_the_share_of_rejected_leads(
    client: Client, track: Track
) -> None:
    saul = seller("saul")
    ana, ben = scored("ana"), scored("ben")
    doubted(track, ana, saul)
    doubted(track, ben, saul, "They have no money")
    Activity.objects.create(
        contact=ana,
        type=ActivityType.objects.get(slug="lead_rejected"),
        target=Target.objects.get(text=""),
        occurred_at=timezone.now(),
    )
    client.force_login(seller("marta", "Marketing"))
    text = tab(client, track)
    assert "2 times too much" in text
    assert "1 of 2 leads were rejected by sales (50 %)" in text
    assert "They have no money" in text
    assert 'name="suggest"' in text
    client.force_login(saul)
    assert 'name="suggest"' not in tab(client, track)
    assert answer(client, track, suggest="1") == 403
    assert ScoreDoubt.objects.open().count() == 2


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("taken", "is changed"),
        ("declined", "stays"),
    ],
)
def test_an_answer_is_told_to_whoever_doubted(
    client: Client, track: Track, state: str, told: str
) -> None:
    saul = seller("saul")
    doubted(track, scored(), saul)
    client.force_login(seller("marta", "Marketing"))
    answer(client, track, state=state, answer=" ")
    answer(client, track, state="maybe", answer="Because")
    assert ScoreDoubt.objects.open().exists()
    answer(client, track, state=state, answer="Students are a new rule now")
    answer(client, track, state=state, answer="Twice")
    doubt = ScoreDoubt.objects.get()
    assert (doubt.state, doubt.answer) == (state, "Students are a new rule now")
    note = Notification.objects.get(user=saul)
    assert note.title == f"After your doubt the rule “{doubt.rule}” {told}"
    assert "Students are a new rule now" in tab(client, track)


def test_doubts_become_one_suggestion_and_share_its_answer(client: Client, track: Track) -> None:
    saul, mona = seller("saul"), seller("mona", "Sales manager")
    doubted(track, scored("ana"), saul)
    doubted(track, scored("ben"), mona)
    marta = seller("marta", "Marketing")
    client.force_login(marta)
    assert answer(client, track, suggest="1") == 302
    answer(client, track, suggest="1")
    suggestion = Suggestion.objects.get()
    assert suggestion.reason == "Too many points: Only a student\nToo many points: Only a student"
    assert decline(suggestion, "We keep it", marta)
    assert set(ScoreDoubt.objects.values_list("state", "answer")) == {("declined", "We keep it")}
    for person_told in (saul, mona):
        titles = list(Notification.objects.filter(user=person_told).values_list("title", flat=True))
        assert [title.split("”")[1] for title in titles] == [" stays", " is a suggestion now"]
