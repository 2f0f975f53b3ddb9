"""The pages of the pool, the rules and hand-overs: who may what, and what they say."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import Assignment, Contact, Member, Task, Team
from scoring.criteria.segments import Segment
from scoring.engine.models import Track
from scoring.pipeline.assigning.rules import AssignmentRule
from scoring.pipeline.feedback.models import Handover
from tests.engine.scored import go_live, person, refresh_all, visit

pytestmark = pytest.mark.django_db


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:pipeline_{name}", args=args)


@pytest.fixture
def pool() -> list[Contact]:
    """Ana is hot and Eva warm, both of nobody; Ben is Peter's."""
    go_live()
    found = [
        person("ana", first_name="Ana", job_title="Director", country="ES"),
        person("eva", first_name="Eva", job_title="Director", country="FR"),
        person("ben", first_name="Ben", job_title="Director", owner="peter"),
    ]
    visit(found[0], timedelta(hours=1))
    refresh_all()
    return found


def names(client: Client, **asked: str) -> list[str]:
    return [lead.first_name for lead in client.get(page("pool"), asked).context["leads"]]


def test_the_pool_shows_whom_nobody_owns_the_hottest_first(saul: User, pool: list[Contact]) -> None:
    answer = logged_in(saul).get(page("pool"))
    assert [lead.first_name for lead in answer.context["leads"]] == ["Ana", "Eva"]
    text = answer.content.decode()
    assert "Visits the prices" in text and "in the pool for" in text and "Ben" not in text


@pytest.mark.once
@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"q": "ÁNA"}, ["Ana"]),
        ({"band": "warm"}, ["Eva"]),
        ({"country": "fr"}, ["Eva"]),
        ({"segment": "spain"}, ["Ana"]),
        ({"q": "ana", "band": "warm"}, []),
        ({"band": "nonsense"}, ["Ana", "Eva"]),
        ({"page": "99"}, ["Ana", "Eva"]),
        ({"q": "a\0b"}, ["Ana", "Eva"]),
    ],
)
def test_the_pool_is_filtered(
    saul: User, pool: list[Contact], asked: dict[str, str], shown: list[str]
) -> None:
    Segment(name="Spain", condition={"field": "country", "op": "equals", "value": "ES"}).store(saul)
    assert names(logged_in(saul), **asked) == shown


def test_the_pool_says_until_when_sales_answer_and_why_a_lead_came_back(
    saul: User, mona: User, pool: list[Contact]
) -> None:
    ana, _eva, _ben = pool
    client = logged_in(saul)
    client.post(page("claim", ana.pk))
    client.post(page("give_back", ana.pk), {"reason": "speaks only Greek"})
    now = timezone.now()
    model = Track.objects.get().model
    waiting: dict[str, Any] = {"contact": ana, "model": model, "band": "hot", "handed_at": now}
    handover = Handover.objects.create(respond_by=now + timedelta(hours=3), **waiting)
    text = logged_in(mona).get(page("pool")).content.decode()
    assert "answer due in 2" in text and "given back by saul: speaks only Greek" in text
    Handover.objects.filter(pk=handover.pk).update(respond_by=now - timedelta(hours=1))
    assert "answer overdue for 1" in logged_in(mona).get(page("pool")).content.decode()


def test_the_pool_asks_as_much_for_forty_leads_as_for_two(
    saul: User, pool: list[Contact], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        person(f"more{number}", job_title="Director")
    refresh_all()
    client = logged_in(saul)
    with django_assert_max_num_queries(30):
        assert len(names(client)) == 14


def test_a_lead_is_taken_by_one_click_and_the_second_is_told(
    saul: User, mona: User, pool: list[Contact]
) -> None:
    ana = pool[0]
    Task.objects.create(contact=ana, title="call")
    first = logged_in(mona).post(page("claim", ana.pk), headers={"HX-Request": "true"})
    assert "“Ana” is yours now." in first.content.decode()
    second = logged_in(saul).post(page("claim", ana.pk), headers={"HX-Request": "true"})
    assert second.status_code == 200
    assert "mona was faster: this lead was taken at" in second.content.decode()
    gone = logged_in(saul).get(page("pool_gone"), {"ids": [ana.pk, pool[1].pk]})
    assert gone.content.decode().count("hx-swap-oob") == 1
    assert "mona was faster" in gone.content.decode()
    again = logged_in(mona).post(page("claim", ana.pk), follow=True)
    assert "is yours already" in again.content.decode()
    assert Assignment.objects.filter(contact=ana).count() == 1


def test_what_is_not_in_the_pool_is_not_there(saul: User, pool: list[Contact]) -> None:
    client = logged_in(saul)
    ben = pool[2]
    for address in (page("claim", ben.pk), page("give_back", ben.pk), page("claim", 2**30)):
        assert client.post(address, {"reason": "x"}).status_code == 404
    assert client.get(page("give_back", ben.pk)).status_code == 404
    assert client.get(page("claim", pool[0].pk)).status_code == 405
    forged = client.get(f"{page('pool_gone')}?ids={ben.pk}&ids=x&ids={'9' * 30}")
    assert forged.content.strip() == b""
    assert not Assignment.objects.exists()


def test_giving_back_wants_a_reason(saul: User, pool: list[Contact]) -> None:
    client = logged_in(saul)
    client.post(page("claim", pool[0].pk))
    answer = client.post(page("give_back", pool[0].pk), {"reason": " "})
    assert "Say why" in answer.content.decode()
    assert "in the pool already" in client.get(page("give_back", pool[1].pk)).content.decode()
    section = client.get(reverse("admin:scoring_lead_change", args=[pool[0].pk]))
    assert page("give_back", pool[0].pk) in section.content.decode()


def test_the_limit_of_the_day_is_shown(saul: User, pool: list[Contact]) -> None:
    team = Team.objects.get(name="Sales")
    Member.objects.create(team=team, user=saul, daily_limit=1)
    client = logged_in(saul)
    assert "You may take 1 more lead today." in client.get(page("pool")).content.decode()
    client.post(page("claim", pool[0].pk))
    told = client.post(page("claim", pool[1].pk), follow=True).content.decode()
    assert "that is the limit" in told


RULE = {"name": "Spain", "who": "territory", "countries": "es, PT", "way": "pool", "revision": "0"}


def test_a_manager_adds_orders_switches_deletes_and_brings_back_rules(mona: User) -> None:
    client = logged_in(mona)
    assert client.post(page("rule_add"), RULE).status_code == 302
    client.post(page("rule_add"), {"name": "All", "who": "anyone", "way": "person",
                                   "person": mona.pk})  # fmt: skip
    spain, everybody = AssignmentRule.objects.kept()
    assert (spain.countries, everybody.person, everybody.countries) == (["ES", "PT"], mona, [])
    client.post(page("rule_do", everybody.pk, "up"))
    assert [rule.name for rule in AssignmentRule.objects.kept()] == ["All", "Spain"]
    client.post(page("rule_do", everybody.pk, "up"))
    client.post(page("rule_do", spain.pk, "off"))
    assert [rule.name for rule in AssignmentRule.objects.running(None)] == ["All"]
    told = client.post(page("rule_do", spain.pk, "delete"), follow=True).content.decode()
    assert page("rule_do", spain.pk, "restore") in told
    assert client.get(page("rule", spain.pk)).status_code == 404
    again = client.post(page("rule_do", spain.pk, "delete"), follow=True).content.decode()
    assert "somebody has deleted it meanwhile" in again
    client.post(page("rule_do", spain.pk, "restore"))
    assert [rule.name for rule in AssignmentRule.objects.kept()] == ["All", "Spain"]
    assert client.post(page("rule_do", spain.pk, "fly")).status_code == 404


def test_of_two_who_change_a_rule_the_second_is_told(mona: User, ada: User) -> None:
    logged_in(mona).post(page("rule_add"), RULE)
    rule = AssignmentRule.objects.get()
    opened = {**RULE, "revision": str(rule.revision)}
    logged_in(ada).post(page("rule", rule.pk), {**opened, "countries": "FR"})
    told = logged_in(mona).post(page("rule", rule.pk), {**opened, "countries": "IT"})
    assert "Meanwhile ada has changed this rule to: leads from FR" in told.content.decode()
    assert AssignmentRule.objects.get().countries == ["FR"]
    again = {**opened, "countries": "IT", "revision": str(told.context["revision"])}
    assert logged_in(mona).post(page("rule", rule.pk), again).status_code == 302
    assert AssignmentRule.objects.get().countries == ["IT"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": " \0 "}, "required"),
        ({"countries": "XX"}, "No country has these two letters: XX."),
        ({"countries": ""}, "Name a country or a region."),
        ({"who": "segment"}, "Choose the segment."),
        ({"way": "turn"}, "Choose the team."),
        ({"way": "person", "person": "99999"}, "valid choice"),
        ({"way": "fly"}, "valid choice"),
        ({"regions": ",".join(f"r{number}" for number in range(99))}, "At most 60 regions."),
    ],
)
def test_a_wrong_rule_is_said_at_its_field(mona: User, wrong: dict[str, str], told: str) -> None:
    answer = logged_in(mona).post(page("rule_add"), RULE | wrong)
    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert not AssignmentRule.objects.exists()


def test_the_page_tells_problems_tries_a_lead_and_previews_without_writing(
    mona: User, pool: list[Contact]
) -> None:
    AssignmentRule.objects.create(name="Gone", who="segment", way="pool", position=0)
    AssignmentRule.objects.create(name="Mona", way="person", person=mona, position=1)
    client = logged_in(mona)
    text = client.get(page("rules"), {"lead": "ana"}).content.decode()
    assert "The segment is gone" in text
    assert "“Gone” is not about this lead." in text and "“Mona” fits: mona." in text
    shown = client.get(page("rules_preview"))
    assert shown.context["shares"] == [("mona", 2)]
    assert not Assignment.objects.exists()
    assert "Nobody is found" in client.get(page("rules"), {"lead": "zzz\0"}).content.decode()


def test_only_who_may_changes_rules_and_hands_over(
    saul: User, marta: User, pool: list[Contact]
) -> None:
    rule = AssignmentRule.objects.create(name="A", way="pool")
    nobody = User.objects.create_user("nobody", is_staff=True)
    for person_ in (saul, marta, nobody):
        client = logged_in(person_)
        for address in (
            page("rule_add"),
            page("rule", rule.pk),
            page("rule_do", rule.pk, "delete"),
            page("hand_over"),
            page("take_back", "00000000-0000-0000-0000-000000000000"),
        ):
            assert client.post(address, RULE).status_code == 403, (person_, address)
        sees = 403 if person_ == nobody else 200
        assert client.get(page("rules")).status_code == sees
        assert client.get(page("rules_preview")).status_code == sees
    assert logged_in(marta).get(page("pool")).status_code == 403
    assert logged_in(marta).post(page("claim", pool[0].pk)).status_code == 403
    assert AssignmentRule.objects.get().revision == 0


class TestHandingOver:
    @pytest.fixture
    def leads(self, saul: User) -> list[Contact]:
        found = [
            Contact.objects.create(email=f"p{number}@x.example", owner="PETER")
            for number in range(3)
        ]
        Task.objects.create(contact=found[0], title="call", assignee=saul)
        return found

    def test_the_leads_of_who_has_left_are_listed_and_go_by_the_rules(
        self, mona: User, saul: User, leads: list[Contact]
    ) -> None:
        peter = User.objects.create_user("peter", is_active=False)
        task = Task.objects.create(contact=leads[1], title="write", assignee=peter)
        team = Team.objects.get(name="Sales")
        for member in (saul, mona):
            Member.objects.create(team=team, user=member, daily_limit=1)
        AssignmentRule.objects.create(name="Turns", team=team)
        client = logged_in(mona)
        assert [each.count for each in client.get(page("hand_over")).context["gone"]] == [3]
        form = {"owner": "peter", "way": "rules"}
        looked = client.post(page("hand_over"), {**form, "_look": "1"})
        assert looked.context["shares"] == [("saul", 2), ("mona", 1)]
        wrong = client.post(page("hand_over"), {**form, "_begin": "1", "shown": "2"})
        assert "another number of leads (3)" in wrong.content.decode()
        done = client.post(page("hand_over"), {**form, "_begin": "1", "shown": "3"}, follow=True)
        assert "3 leads of peter are handed over: saul 2, mona 1." in done.content.decode()
        owners = [Contact.objects.get(pk=each.pk).owner for each in leads]
        assert owners == ["saul", "mona", "saul"]
        task.refresh_from_db()
        assert task.assignee == mona
        batch = Assignment.objects.values_list("batch", flat=True).distinct().get()
        Contact.objects.filter(pk=leads[0].pk).update(owner="ada")
        told = client.post(page("take_back", batch), follow=True).content.decode()
        assert "2 leads are back." in told and "1 was given on meanwhile" in told
        owners = [Contact.objects.get(pk=each.pk).owner for each in leads]
        assert owners == ["ada", "PETER", "PETER"]
        task.refresh_from_db()
        assert task.assignee == peter
        again = client.post(page("take_back", batch), follow=True).content.decode()
        assert "0 leads are back." in again

    def test_taken_back_a_task_that_somebody_else_has_got_meanwhile_stays_theirs(
        self, mona: User, saul: User, ada: User, leads: list[Contact]
    ) -> None:
        gone = User.objects.create_user("peter", is_active=False)
        passed, kept, nobodys = [
            Task.objects.create(contact=each, title="write", assignee=gone) for each in leads
        ]
        client = logged_in(mona)
        form = {"owner": "peter", "way": "person", "person": str(saul.pk)}
        client.post(page("hand_over"), {**form, "_begin": "1", "shown": "3"})
        batch = Assignment.objects.values_list("batch", flat=True).distinct().get()
        Task.objects.filter(pk=passed.pk).update(assignee=ada)
        line = Assignment.objects.get(contact=leads[2])
        line.tasks = [[nobodys.pk, 2**31 - 1]]
        line.save()
        client.post(page("take_back", batch))
        found = [Task.objects.get(pk=each.pk).assignee for each in (passed, kept, nobodys)]
        assert found == [ada, gone, None]

    @pytest.mark.parametrize(
        ("way", "owners"),
        [
            ({"way": "person", "person": "mona"}, {"mona"}),
            ({"way": "team", "team": "Sales"}, {"saul"}),
            ({"way": "pool"}, {""}),
        ],
    )
    def test_to_a_person_a_team_or_the_pool(
        self, mona: User, saul: User, leads: list[Contact], way: dict[str, str], owners: set[str]
    ) -> None:
        team = Team.objects.get(name="Sales")
        Member.objects.create(team=team, user=saul)
        ids = {"person": str(mona.pk), "team": str(team.pk)}
        form = {name: ids.get(name, value) for name, value in way.items()}
        form |= {"owner": "PETER", "_begin": "1", "shown": "3"}
        assert logged_in(mona).post(page("hand_over"), form).status_code == 302
        assert {Contact.objects.get(pk=each.pk).owner for each in leads} == owners

    @pytest.mark.parametrize(
        ("form", "told"),
        [
            ({"way": "person"}, "Choose a person who can log in."),
            ({"way": "team"}, "Choose the team."),
            ({"way": "team", "team": "Sales"}, "Nobody in the team “Sales” is there today."),
        ],
    )
    def test_what_cannot_be_done_is_said(
        self, mona: User, leads: list[Contact], form: dict[str, str], told: str
    ) -> None:
        if "team" in form:
            form = {**form, "team": str(Team.objects.get(name="Sales").pk)}
        sent = {"owner": "PETER", "_begin": "1", "shown": "3", **form}
        assert told in logged_in(mona).post(page("hand_over"), sent).content.decode()
        assert not Assignment.objects.exists()
