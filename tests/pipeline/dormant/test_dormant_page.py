"""The page of dormant opportunities: who sees and does what, at once with others, and back."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from contacts.models import Assignment, Contact, FieldChange, Member, Task, Team
from scoring.automations.outbox.personal import Notification
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.models import Sequence
from scoring.engine.models import Track
from scoring.pipeline.dormant.models import Dismissal, DormantChoice
from tests.automations.sequences.making import sequence
from tests.pipeline.dormant.stages import lead, live

pytestmark = pytest.mark.django_db

PAGE = "/admin/dormant/"


@pytest.fixture
def track(db: None) -> Track:
    return live()


@pytest.fixture
def ana(track: Track) -> Contact:
    return lead(track, "ana", first_name="Ana", owner="saul", phone="600 000")


@pytest.fixture
def wake(db: None) -> Sequence:
    return sequence("Wake")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def listed(client: Client) -> list[str]:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return [row.lead.email.split("@")[0] for row in answer.context.get("rows", [])]


def do(client: Client, deed: str, *leads: Contact, **given: Any) -> list[str]:
    data = {"lead": [each.pk for each in leads], **given}
    answer = client.post(f"{PAGE}do/{deed}/", data, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def test_the_task_of_somebody_with_a_long_name_is_cut_to_what_a_title_holds(
    saul: User, track: Track
) -> None:
    long = lead(track, "long", first_name="A" * 120, last_name="B" * 120, owner="saul")
    do(client_of(saul), "call", long)
    title = Task.objects.get(contact=long).title
    assert title.startswith("Wake up: AAA") and len(title) == 200


def test_it_says_whom_to_wake_and_why(saul: User, ana: Contact) -> None:
    page = client_of(saul).get(PAGE).content.decode()
    assert "1 opportunity" in page
    assert "70 points; quiet for 10 weeks" in page
    assert "Visits the prices" in page
    assert 'href="tel:600 000"' in page


def test_each_sees_what_they_may(
    saul: User, mona: User, marta: User, track: Track, ana: Contact
) -> None:
    lead(track, "pool")
    lead(track, "theirs", owner="peter")
    assert sorted(listed(client_of(saul))) == ["ana", "pool"]
    for user in (mona, marta):
        assert sorted(listed(client_of(user))) == ["ana", "pool", "theirs"]


def test_without_a_model_or_anybody_dormant_it_says_what_to_do(saul: User) -> None:
    assert "No scoring model is live yet" in client_of(saul).get(PAGE).content.decode()
    live()
    assert "Nobody is dormant by these numbers." in client_of(saul).get(PAGE).content.decode()


def test_a_choice_is_kept_for_this_person(saul: User, mona: User, ana: Contact) -> None:
    client = client_of(saul)
    given = {"fit_least": "31", "peak": "hot", "months": "24", "weeks": "8"}
    assert client.post(PAGE, given).status_code == 302
    assert listed(client) == []
    assert client.get(PAGE).context["choice_form"]["months"].value() == 24
    assert listed(client_of(mona)) == ["ana"]
    client.post(PAGE, {**given, "fit_least": ""})
    assert DormantChoice.objects.get().fit_least is None


WRONG = [{"months": "0"}, {"months": "61"}, {"weeks": "0"}, {"weeks": "x"}, {"peak": "icy"},
         {"fit_least": "9" * 30}]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_choice_that_is_none_changes_nothing(
    saul: User, ana: Contact, wrong: dict[str, str]
) -> None:
    given = {"fit_least": "", "peak": "warm", "months": "12", "weeks": "6", **wrong}
    answer = client_of(saul).post(PAGE, given)
    assert answer.context["choice_form"].errors
    assert not DormantChoice.objects.exists()


class TestWaking:
    def test_a_call_is_a_task_for_the_owner_who_is_told(
        self, saul: User, mona: User, ana: Contact
    ) -> None:
        assert do(client_of(mona), "call", only=ana.pk) == ["1 task was made."]
        task = Task.objects.get()
        assert (task.contact, task.assignee, task.title) == (ana, saul, "Wake up: Ana")
        assert "was hot" in task.text
        assert task.due_at is not None
        assert Notification.objects.get().user == saul
        assert listed(client_of(mona)) == []

    def test_of_the_pool_whoever_asks_calls(self, saul: User, track: Track) -> None:
        pool = lead(track, "pool")
        do(client_of(saul), "call", pool)
        assert Task.objects.get().assignee == saul
        assert not Notification.objects.exists()

    def test_who_comes_second_is_told_who_was_first(
        self, saul: User, mona: User, ana: Contact
    ) -> None:
        do(client_of(saul), "call", ana)
        assert do(client_of(mona), "call", ana) == ["Ana: there is an open task already, for saul."]
        assert Task.objects.count() == 1
        Task.objects.all().delete()
        do(client_of(saul), "dismiss", ana)
        assert do(client_of(mona), "assign", ana, to=f"person-{mona.pk}") == [
            "Ana: saul was faster and has put it aside."
        ]

    def test_many_are_put_into_a_sequence(
        self, saul: User, track: Track, ana: Contact, wake: Sequence
    ) -> None:
        other = lead(track, "other", bounced=True)
        said = do(client_of(saul), "enrol", ana, other, sequence=wake.pk)
        assert said == [
            "1 was put into the sequence.",
            "other@x.example: The contact's address does not take mail.",
        ]
        assert Enrolment.objects.active().get().enrolled_by == "saul"
        assert listed(client_of(saul)) == ["other"]

    def test_it_is_given_to_a_person_or_by_turns(
        self, mona: User, saul: User, track: Track, ana: Contact
    ) -> None:
        team = Team.objects.get(name="Sales")
        for user in (mona, saul):
            Member.objects.create(team=team, user=user)
        pool = lead(track, "pool")
        assert do(client_of(mona), "assign", ana, to=f"person-{mona.pk}") == ["1 was assigned."]
        ana.refresh_from_db()
        assert ana.owner == "mona"
        change = FieldChange.objects.filter(contact=ana, field="owner").latest("pk")
        assert (change.after, change.origin) == ("mona", "admin: mona")
        assert Assignment.objects.latest("pk").by == mona
        do(client_of(mona), "assign", ana, pool, to=f"team-{team.pk}")
        owners = Contact.objects.order_by("pk").values_list("owner", flat=True)
        assert sorted(owners) == ["mona", "saul"]

    def test_it_is_left_alone_with_the_reason_and_brought_back(
        self, saul: User, ana: Contact
    ) -> None:
        client = client_of(saul)
        said = do(client, "dismiss", ana, reason="no_budget", months="2", text="in autumn")
        assert said == ["1 is left alone."]
        row = Dismissal.objects.get()
        assert (row.reason, row.text, row.made_by) == ("no_budget", "in autumn", saul)
        assert listed(client) == []
        assert "No budget, until" in client.get(PAGE).content.decode()
        client.post(f"{PAGE}back/{row.pk}/")
        assert listed(client) == ["ana"]
        row.refresh_from_db()
        assert row.ended_by == saul


NOTHING: list[tuple[str, dict[str, Any], str]] = [
    ("enrol", {}, "Choose a sequence."),
    ("enrol", {"sequence": 999999}, "Select a valid choice."),
    ("assign", {}, "Choose who gets it."),
    ("assign", {"to": "person-999999"}, "Select a valid choice."),
    ("dismiss", {"months": "0"}, "Ensure this value is greater than or equal to 1."),
    ("dismiss", {"months": "25"}, "Ensure this value is less than or equal to 24."),
    ("dismiss", {"reason": "boredom"}, "Select a valid choice."),
    ("call", {"lead": []}, "Tick whom it is to be for."),
    ("call", {"lead": ["x", "9" * 40]}, "Tick whom it is to be for."),
    ("call", {"lead": [999999]}, "None of them is there any more."),
]  # fmt: skip


@pytest.mark.parametrize(("deed", "given", "said"), NOTHING)
def test_what_cannot_be_done_changes_nothing(
    saul: User, ana: Contact, deed: str, given: dict[str, Any], said: str
) -> None:
    told = do(client_of(saul), deed, ana, **given)
    assert any(text.startswith(said) for text in told), told
    assert not Task.objects.exists()
    assert not Dismissal.objects.exists()


def test_whom_one_does_not_see_one_cannot_wake(saul: User, track: Track) -> None:
    theirs = lead(track, "theirs", owner="peter")
    assert do(client_of(saul), "call", theirs) == ["None of them is there any more."]
    row = Dismissal.objects.create(contact=theirs, until="2100-01-01", made_at=track.swept_at)
    assert client_of(saul).post(f"{PAGE}back/{row.pk}/").status_code == 404
    assert not Task.objects.exists()


RIGHTS = [
    ("marta", {"call": 403, "enrol": 302, "assign": 302, "dismiss": 403}),
    ("saul", {"call": 302, "enrol": 302, "assign": 302, "dismiss": 302}),
    ("mona", {"call": 302, "enrol": 302, "assign": 302, "dismiss": 302}),
    ("ada", {"call": 302, "enrol": 302, "assign": 302, "dismiss": 302}),
]


@pytest.mark.parametrize(("who", "answers"), RIGHTS)
def test_each_does_what_they_may(
    who: str, answers: dict[str, int], request: pytest.FixtureRequest, ana: Contact
) -> None:
    client = client_of(request.getfixturevalue(who))
    for deed, status in answers.items():
        assert client.get(f"{PAGE}do/{deed}/").status_code == 405
        assert client.post(f"{PAGE}do/{deed}/").status_code == status
    assert client.post(f"{PAGE}do/burn/").status_code == 404
    assert Client().get(PAGE).headers["Location"].startswith("/admin/login/")


DEEDS = [("call", {}), ("enrol", {"sequence": "wake"}), ("assign", {"to": "mona"}),
         ("dismiss", {})]  # fmt: skip


@pytest.mark.parametrize(("deed", "given"), DEEDS)
def test_it_is_taken_back(
    mona: User, ana: Contact, wake: Sequence, deed: str, given: dict[str, str]
) -> None:
    client = client_of(mona)
    meant = {"wake": wake.pk, "mona": f"person-{mona.pk}"}
    do(client, deed, ana, **{name: meant[value] for name, value in given.items()})
    assert "Undo" in client.get(PAGE).content.decode()
    answer = client.post(f"{PAGE}undo/", follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["It is as it was."]
    assert listed(client) == ["ana"]
    ana.refresh_from_db()
    assert ana.owner == "saul"
    assert client.get(f"{PAGE}undo/").status_code == 405


def test_it_takes_few_queries(
    saul: User, track: Track, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(12):
        lead(track, f"n{place}", owner="saul")
    client = client_of(saul)
    client.get(PAGE)
    with django_assert_max_num_queries(24):
        client.get(PAGE)


def test_the_first_page_names_ones_own(
    saul: User, mona: User, marta: User, track: Track, ana: Contact
) -> None:
    lead(track, "pool")
    page = client_of(saul).get("/admin/")
    (block,) = [each for each in page.context["blocks"] if each.slug == "dormant"]
    assert [item.text for item in block.items] == ["Ana"]
    assert block.items[0].hint.startswith("was hot")
    for user in (mona, marta):
        slugs = [each.slug for each in client_of(user).get("/admin/").context["blocks"]]
        assert "dormant" not in slugs
