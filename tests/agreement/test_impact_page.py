"""The tab that shows what a draft or a version would do, to those who may see it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from contacts.models import Contact, Deal, Pipeline, Stage, WorkerProcess
from contacts.roles import MARKETING
from scoring.agreement.impact import Impact, ask_for_impact
from scoring.agreement.impact_work import go_on_with_impacts
from scoring.criteria.document import ModelDocument, parse
from scoring.criteria.drafts import Draft
from scoring.criteria.loading import load
from scoring.criteria.models import ScoringModel
from scoring.engine.models import Track
from tests.agreement.test_impact import SPAIN, STRICTER, leads, model_of
from tests.automations.set_up import hot
from tests.engine.scored import DIRECTOR, MODEL, PRICES, RIVAL, go_live, visit

pytestmark = pytest.mark.django_db
SELLING = parse({**MODEL, "objective": {"deal": "won"}})


def page(client: Client, user: User, **asked: str) -> str:
    client.force_login(user)
    response = client.get(address(), asked)
    assert response.status_code == 200
    return response.content.decode()


def address(rest: str = "") -> str:
    return f"/admin/scoring/scoringmodel/{ScoringModel.objects.get().pk}/impact/{rest}"


def done(document: ModelDocument, *, draft: bool = False) -> Impact:
    model = ScoringModel.objects.get()
    version = None if draft else load(document).version
    impact = ask_for_impact(model, document, None, version)
    while go_on_with_impacts():
        pass
    impact.refresh_from_db()
    return impact


def test_without_a_draft_it_says_where_to_begin(client: Client, marta: User) -> None:
    leads()
    assert "Begin a draft on the page of the criteria" in page(client, marta)


def test_a_draft_is_offered_to_be_worked_out_and_then_is(client: Client, marta: User) -> None:
    leads()
    Draft.objects.begin(STRICTER)
    assert "Work out the impact" in page(client, marta)
    response = client.post(address("ask/"), {"version": "draft"})
    assert response.status_code == 302
    shown = page(client, marta)
    assert "Waiting for a worker: none is running." in shown
    WorkerProcess.objects.beat(WorkerProcess.Kind.LOOP, 1)
    assert "The impact waits for a worker." in page(client, marta)
    impact = Impact.objects.get()
    progress = client.get(address(f"{impact.pk}/progress/"))
    assert "every 2s" in progress.content.decode()
    go_on_with_impacts()
    assert "0 of 2 steps are done" in client.get(address(f"{impact.pk}/progress/")).content.decode()
    while go_on_with_impacts():
        pass
    assert client.get(address(f"{impact.pk}/progress/"))["HX-Refresh"] == "true"
    shown = page(client, marta)
    assert "2 contacts would be “hot” no longer." in shown
    assert "“Director” would give +10 instead of +30 (−20)" in shown


def test_it_says_what_the_automations_would_do(client: Client, marta: User) -> None:
    leads()
    hot({"kind": "total_reaches", "points": 75}, name="Call them")
    done(model_of({**DIRECTOR, "points": 80}, RIVAL))
    shown = page(client, marta)
    assert "Call them" in shown
    assert "Trace: 2" in shown
    assert "If it fired, 0 tasks would be made." in shown


def test_a_draft_that_has_changed_since_is_told(client: Client, marta: User) -> None:
    leads()
    Draft.objects.begin(STRICTER)
    done(STRICTER, draft=True)
    Draft.objects.begin(model_of(DIRECTOR, RIVAL, SPAIN))
    shown = page(client, marta)
    assert "The draft has changed since this was worked out." in shown
    assert "Work it out anew" in shown


def test_contacts_that_have_changed_since_are_counted(client: Client, marta: User) -> None:
    leads()
    impact = done(STRICTER)
    assert impact.changed_since() == 0
    visit(Contact.objects.get(email_key="eva@x.example"), timedelta(hours=1))
    assert "1 contact has changed since." in page(client, marta)


def test_another_version_that_went_live_is_told(client: Client, marta: User) -> None:
    leads()
    done(STRICTER)
    go_live({**MODEL, "scenarios": []})
    assert "Another version went live since" in page(client, marta)


def test_a_salesperson_reads_the_counts_and_the_names_of_their_own(
    client: Client, saul: User
) -> None:
    leads()
    Contact.objects.filter(email_key="ana@x.example").update(owner="saul")
    Contact.objects.filter(email_key="ben@x.example").update(owner="mona")
    impact = done(STRICTER)
    shown = page(client, saul)
    assert "2 contacts would be “hot” no longer." in shown
    assert "ana@x.example" in shown
    assert "ben@x.example" not in shown
    people = client.get(address(f"{impact.pk}/people/"), {"from": "hot", "to": "warm"})
    assert "1 contact<" in people.content.decode()
    assert "ben@x.example" not in people.content.decode()


CELLS = [
    ({}, {"ana", "ben"}),
    ({"from": "hot", "to": "warm"}, {"ana", "ben"}),
    ({"from": "cold", "to": "hot"}, set()),
    ({"from": "hot", "to": "warm", "p": "99"}, {"ana", "ben"}),
]


@pytest.mark.parametrize(("asked", "names"), CELLS)
def test_the_people_of_a_cell_are_listed(
    client: Client, marta: User, asked: dict[str, str], names: set[str]
) -> None:
    leads()
    impact = done(STRICTER)
    client.force_login(marta)
    shown = client.get(address(f"{impact.pk}/people/"), asked).content.decode()
    assert {name for name in ("ana", "ben", "eva", "leo") if f"{name}@x" in shown} == names


@pytest.mark.parametrize(
    "rest",
    [
        "{pk}/people/?from=lukewarm&to=hot",
        "{pk}/people/?from=hot&to=%00",
        "999/people/",
        "99999999999999999999/people/",
        "999/progress/",
    ],
)
def test_what_is_not_there_is_not_found(client: Client, marta: User, rest: str) -> None:
    leads()
    impact = done(STRICTER)
    client.force_login(marta)
    assert client.get(address(rest.format(pk=impact.pk))).status_code == 404


@pytest.mark.parametrize("version", ["", "x", "\0", "9" * 5000, "-1"])
def test_a_version_that_is_no_choice_is_taken_for_the_first(
    client: Client, marta: User, version: str
) -> None:
    leads()
    Draft.objects.begin(STRICTER)
    assert '<option value="draft" selected>' in page(client, marta, version=version)


def test_a_draft_with_faults_is_told_and_nothing_is_asked(client: Client, marta: User) -> None:
    leads()
    draft = Draft.objects.begin(STRICTER)
    draft.bands.all().delete()
    assert "The draft has faults" in page(client, marta)
    client.post(address("ask/"), {"version": "draft"})
    assert not Impact.objects.exists()


def test_nobody_asks_by_looking_or_without_the_right(client: Client, marta: User) -> None:
    leads()
    Draft.objects.begin(STRICTER)
    client.force_login(marta)
    assert client.get(address("ask/")).status_code == 405
    Group.objects.get(name=MARKETING).permissions.filter(codename="add_impact").delete()
    assert "Work out the impact" not in page(client, marta)
    assert client.post(address("ask/"), {"version": "draft"}).status_code == 403


def test_without_the_right_to_see_it_there_is_no_such_page(client: Client, marta: User) -> None:
    leads()
    Group.objects.get(name=MARKETING).permissions.filter(codename="view_impact").delete()
    client.force_login(marta)
    assert client.get(address()).status_code == 403


def test_looking_back_says_how_few_it_knows(client: Client, marta: User) -> None:
    leads()
    go_live(SELLING.as_data())
    stage = Stage.objects.create(
        pipeline=Pipeline.objects.create(name="Elsewhere"), name="Won", outcome="won"
    )
    now = timezone.now()
    for name in ("ana", "eva"):
        Deal.objects.create(
            name="Deal",
            contact=Contact.objects.get(email_key=f"{name}@x.example"),
            stage=stage,
            opened_at=now,
            closed_at=now,
        )
    impact = done(parse({**SELLING.as_data(), "limits": {"max": 90}}))
    assert impact.result["outcomes"]["live"]["known"] == 2
    shown = page(client, marta)
    assert "The outcomes of 2 contacts are known." in shown
    assert "With fewer than 15 known outcomes" in shown
    assert "100 % (" in shown


def test_without_an_objective_or_outcomes_it_says_what_is_missing(
    client: Client, marta: User
) -> None:
    leads()
    done(STRICTER)
    assert "what counts as success" in page(client, marta)
    go_live(SELLING.as_data())
    done(parse({**SELLING.as_data(), "limits": {"max": 90}}))
    assert "No outcome is known yet" in page(client, marta)


def test_the_page_asks_no_more_for_more_contacts(
    client: Client, marta: User, django_assert_max_num_queries: object
) -> None:
    leads()
    done(model_of(DIRECTOR, RIVAL, SPAIN, what={**PRICES, "points": 5}))
    assert Track.objects.count() == 1
    client.force_login(marta)
    with django_assert_max_num_queries(45):  # type: ignore[operator]
        client.get(address())
