"""The routes of the board: what is on the page, what changed since, and who may do what there."""

import json
import logging
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact, Deal, Pipeline, Tag, Task
from scoring.engine.models import Track
from scoring.pipeline.board.columns import A_PAGE
from scoring.pipeline.board.models import SavedView
from tests.engine.scored import go_live, person
from tests.pipeline.board.set_up import BOARD, days_ago, deal, handed_over, scored, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def track() -> Track:
    return go_live()


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def sales(saul: User) -> Client:
    return browser(saul)


def moved(client: Client, found: Deal | str, to: str, **more: Any) -> Any:
    key = found if isinstance(found, str) else f"d{found.pk}"
    given = {"key": key, "stage": stage(to).pk, "seen": stage("Hot Leads").pk, **more}
    return client.post(f"{BOARD}move/", given)


def changes(client: Client, stamp: str = "") -> Any:
    return client.get(f"{BOARD}changes/", {"stamp": stamp})


def test_the_page_has_what_a_salesperson_sees(track: Track, sales: Client) -> None:
    ana = person("ana", first_name="Ana", owner="saul", company={"name": "Norte"})
    scored(track, ana, 70)
    handed_over(track, ana)
    deal("Secret deal", owner="peter")
    page = sales.get(BOARD).content.decode()
    assert "Norte" in page
    assert "data-due=" in page
    assert "Secret" not in page
    assert 'data-to="' in page


def test_the_first_paint_is_bounded_whatever_the_size(track: Track, mona: User) -> None:
    client = browser(mona)
    counted = []
    for size in (2, 40):
        for number in range(size):
            deal(f"n{size}x{number}", owner="saul")
        client.get(BOARD)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(BOARD)
        counted.append(len(queries))
        shown = [len(column.cards) for column in answer.context["columns"]]
        assert shown == [min(size, A_PAGE), 0, 0, 0]
    assert counted[0] == counted[1]
    assert counted[1] < 60


def test_further_cards_come_as_the_column_is_scrolled(track: Track, sales: Client) -> None:
    for number in range(A_PAGE + 3):
        deal(f"n{number}", owner="saul")
    [column, *_others] = sales.get(BOARD).context["columns"]
    address = f"{BOARD}column/{column.stage.pk}/"
    more = sales.get(address, {"after": column.after}).json()
    assert (len(more["cards"]), more["after"]) == (3, "")
    assert sales.get(address, {"after": "x"}).status_code == 404
    assert sales.get(f"{BOARD}column/{stage('Won').pk}/", {"after": "1.d1"}).status_code == 404


def test_an_open_board_hears_of_what_changes_and_of_nothing_else(
    track: Track, sales: Client, saul: User
) -> None:
    first = deal("First", owner="saul")
    begun = changes(sales).json()
    assert changes(sales, begun["stamp"]).status_code == 204
    ana = person("ana", first_name="Ana", owner="saul")
    scored(track, ana, 80)
    handover = handed_over(track, ana)
    first.move_to(stage("Meeting"), first.opened_at or handover.handed_at)
    found = changes(sales, begun["stamp"]).json()
    keys = {each["stage"]: [key for key, _sign in each["cards"]] for each in found["columns"]}
    assert keys[stage("Hot Leads").pk] == [f"h{handover.pk}"]
    assert keys[stage("Meeting").pk] == [f"d{first.pk}"]
    html = sales.get(f"{BOARD}cards/", {"key": [f"h{handover.pk}", "d0", "x"]}).json()["cards"]
    assert list(html) == [f"h{handover.pk}"]
    assert "data-due=" in html[f"h{handover.pk}"]


def test_who_comes_in_below_what_is_shown_is_shown_all_the_same(
    track: Track, sales: Client
) -> None:
    for number in range(A_PAGE + 3):
        above = person(f"n{number}", owner="saul")
        scored(track, above, 90)
        deal(f"n{number}", contact=above, owner="saul")
    opened = {"opened": sales.get(BOARD).context["opened"]}
    ana, bob, early = (person(name, owner="saul") for name in ("ana", "bob", "early"))
    for lead in (ana, bob, early):
        scored(track, lead, 50)
    handover = handed_over(track, ana)
    handed_over(track, bob)
    of_bob = deal("Bob's", contact=bob, owner="saul", opened_at=days_ago(40))
    handed_over(track, early, handed_at=days_ago(2))
    [column, *_others] = sales.get(f"{BOARD}changes/", opened).json()["columns"]
    assert [key for key, _sign in column["cards"]][A_PAGE:] == [f"h{handover.pk}", f"d{of_bob.pk}"]
    assert (column["further"], bool(column["after"])) == (2, True)
    for asked in ({}, {"opened": "x"}, {"opened": "²"}, {"opened": "9" * 30}):
        [column, *_others] = sales.get(f"{BOARD}changes/", asked).json()["columns"]
        assert (len(column["cards"]), column["further"]) == (A_PAGE, 0)


def test_asking_what_changed_costs_few_queries(track: Track, sales: Client) -> None:
    for number in range(30):
        deal(f"n{number}", owner="saul")
    changes(sales)
    with CaptureQueriesContext(connection) as queries:
        sales.get(f"{BOARD}changes/", {"opened": "0"})
    assert len(queries) <= 25


def test_a_card_is_moved_and_the_move_can_be_taken_back(sales: Client) -> None:
    found = deal("Acme", owner="saul")
    answer = moved(sales, found, "Lost", reason="Too dear").json()
    assert answer["said"] == "“Acme” is in “Lost” now."
    assert sales.post(f"{BOARD}move/", answer["undo"]).status_code == 200
    found.refresh_from_db()
    assert (found.stage, found.reason, found.closed_at) == (stage("Hot Leads"), "", None)


def test_who_comes_too_late_is_told_with_409(sales: Client, mona: User) -> None:
    found = deal("Acme", owner="saul")
    moved(browser(mona), found, "Proposal")
    answer = moved(sales, found, "Meeting")
    assert answer.status_code == 409
    assert answer.json()["said"].startswith("mona has moved “Acme” meanwhile")


@pytest.mark.parametrize(
    "given",
    [
        {"key": "x1"},
        {"key": "d"},
        {"key": "d99999999999"},
        {"stage": "0"},
        {"stage": "x"},
        {"seen": ""},
        {"pipeline": "9"},
    ],
)
def test_what_is_no_card_or_stage_is_404(sales: Client, given: dict[str, str]) -> None:
    found = deal("Acme", owner="saul")
    address = f"{BOARD}move/?pipeline={given.pop('pipeline', '')}"
    usual = {"key": f"d{found.pk}", "stage": stage("Meeting").pk, "seen": found.stage_id}
    assert sales.post(address, usual | given).status_code == 404
    found.refresh_from_db()
    assert found.stage == stage("Hot Leads")


def test_another_s_card_is_404_with_a_line_in_the_log(
    sales: Client, saul: User, caplog: pytest.LogCaptureFixture
) -> None:
    found = deal("Acme", owner="peter")
    with caplog.at_level(logging.WARNING, logger="scoring.pipeline.board.doing"):
        answer = moved(sales, found, "Meeting")
    assert answer.status_code == 404
    assert f"{saul.pk} asked for d{found.pk}" in caplog.text
    found.refresh_from_db()
    assert found.stage == stage("Hot Leads")


@pytest.mark.parametrize("path", ["", "changes/", "cards/"])
def test_pages_are_for_those_who_see_deals(path: str, marta: User, sales: Client) -> None:
    nobody = User.objects.create_user("nobody", is_staff=True)
    assert browser(nobody).get(BOARD + path).status_code == 403
    assert browser(marta).get(BOARD + path).status_code == 200
    assert sales.get(BOARD + path).status_code == 200
    assert Client().get(BOARD + path).status_code == 302


@pytest.mark.parametrize("path", ["move/", "bulk/", "claim/", "views/", "views/1/delete/"])
def test_changes_go_by_post_with_a_token(path: str, saul: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(saul)
    assert client.get(BOARD + path).status_code == 405
    assert client.post(BOARD + path).status_code == 403


def test_marketing_looks_on(track: Track, marta: User) -> None:
    found = deal("Acme")
    client = browser(marta)
    page = client.get(BOARD).content.decode()
    assert "Acme" in page
    assert "data-to=" not in page
    assert moved(client, found, "Meeting").status_code == 403
    ticked = {"kind": "stage", "key": f"d{found.pk}", "stage-stage": stage("Meeting").pk}
    assert client.post(f"{BOARD}bulk/", ticked).status_code == 403
    found.refresh_from_db()
    assert found.stage == stage("Hot Leads")


def test_of_two_who_take_a_lead_one_learns_who_has_it(
    track: Track, sales: Client, mona: User
) -> None:
    ana = person("ana", first_name="Ana")
    handed_over(track, ana)
    other = User.objects.create_user("sofia", is_staff=True)
    other.groups.set(User.objects.get(username="saul").groups.all())
    Task.objects.create(contact=ana, title="Call")
    first = sales.post(f"{BOARD}claim/", {"contact": ana.pk})
    assert first.json()["said"] == "“Ana” is yours now."
    second = browser(other).post(f"{BOARD}claim/", {"contact": ana.pk})
    assert second.status_code == 409
    assert second.json()["said"].startswith("saul was faster")
    assert sales.post(f"{BOARD}claim/", {"contact": ana.pk}).status_code == 200
    assert [task.assignee.username for task in Task.objects.all() if task.assignee] == ["saul"]
    assert sales.post(f"{BOARD}claim/", {"contact": "0"}).status_code == 404
    assert sales.post(f"{BOARD}claim/", {"contact": "x"}).status_code == 404


class TestTickedCards:
    def do(self, client: Client, kind: str, *found: Deal, **given: Any) -> Any:
        ticked = {f"{kind}-{name}": value for name, value in given.items()}
        keys = [f"d{each.pk}" for each in found]
        return client.post(f"{BOARD}bulk/", {"kind": kind, "key": keys, **ticked})

    @pytest.fixture
    def two(self) -> tuple[Deal, Deal]:
        """One of Saul's, one of Peter's."""
        return deal("own", owner="saul"), deal("other", owner="peter")

    def test_they_are_moved_as_far_as_the_person_may(
        self, sales: Client, two: tuple[Deal, Deal]
    ) -> None:
        answer = self.do(sales, "stage", *two, stage=stage("Meeting").pk).json()
        assert answer["said"] == (
            "Done for 1 card. 1 was left as it is: This card is not here any more: it was"
            " removed, or belongs to somebody else now."
        )
        assert [row.stage.name for row in Deal.objects.order_by("pk")] == ["Meeting", "Hot Leads"]
        assert [each["key"] for each in answer["undo"]] == [f"d{two[0].pk}"]

    def test_a_lost_one_needs_its_reason(self, sales: Client, two: tuple[Deal, Deal]) -> None:
        lost = stage("Lost").pk
        assert "Say why" in self.do(sales, "stage", two[0], stage=lost).json()["said"]
        self.do(sales, "stage", two[0], stage=lost, reason="Too dear")
        assert Deal.objects.get(pk=two[0].pk).reason == "Too dear"

    def test_they_are_given_away_with_their_contacts(
        self, sales: Client, mona: User, two: tuple[Deal, Deal]
    ) -> None:
        self.do(sales, "assign", *two, owner="mona")
        assert {row.name: row.owner for row in Deal.objects.all()} == {
            "own": "mona",
            "other": "peter",
        }
        assert Contact.objects.get(deals=two[0]).owner == "mona"
        assert [each.how for each in Contact.objects.get(deals=two[0]).assignments.all()][0] == (
            "handed"
        )
        # Not there for Saul any more.
        assert moved(sales, two[0], "Meeting").status_code == 404

    def test_nobody_is_given_a_card_who_does_not_work_here(
        self, sales: Client, mona: User, two: tuple[Deal, Deal]
    ) -> None:
        User.objects.filter(pk=mona.pk).update(is_active=False)
        assert self.do(sales, "assign", two[0], owner="mona").status_code == 400
        assert Deal.objects.get(pk=two[0].pk).owner == "saul"

    def test_each_gets_a_task(self, sales: Client, saul: User, two: tuple[Deal, Deal]) -> None:
        self.do(sales, "task", *two, title_of_task="Call", days=1)
        [task] = Task.objects.all()
        assert (task.title, task.assignee, task.contact) == ("Call", saul, two[0].contact)
        assert task.due_at

    def test_each_gets_a_tag_with_history(self, sales: Client, two: tuple[Deal, Deal]) -> None:
        tag = Tag.objects.create(name="Fair")
        self.do(sales, "tag", *two, tag=tag.pk)
        [tagged] = tag.contacts.all()
        assert tagged == two[0].contact
        assert tagged.changes.filter(field="tags").exists()

    @pytest.mark.parametrize(
        ("given", "status"),
        [
            ({"kind": "delete", "key": ["d1"]}, 404),
            ({"kind": "stage", "key": []}, 400),
            ({"kind": "stage", "key": [f"d{number}" for number in range(201)]}, 400),
            ({"kind": "stage", "key": ["d1"], "stage-stage": "x"}, 400),
            ({"kind": "task", "key": ["d1"], "task-days": "-1"}, 400),
            ({"kind": "stage", "key": ["x", "d0", "h0"], "stage-stage": "1"}, 200),
        ],
    )
    def test_what_is_forged_changes_nothing(
        self, sales: Client, two: tuple[Deal, Deal], given: dict[str, Any], status: int
    ) -> None:
        if given.get("stage-stage") == "1":
            given = given | {"stage-stage": str(stage("Meeting").pk)}
        assert sales.post(f"{BOARD}bulk/", given).status_code == status
        assert {row.stage.name for row in Deal.objects.all()} == {"Hot Leads"}
        assert not Task.objects.exists()


def test_of_an_accepted_lead_a_deal_is_opened_where_it_stands(
    track: Track, sales: Client, marta: User
) -> None:
    ana = person("ana", first_name="Ana", owner="saul")
    accepted = handed_over(track, ana, verdict="accepted", answered_at=days_ago(1))
    hot = str(stage("Hot Leads").pk)
    page = sales.get(BOARD).content.decode()
    assert "accepted, no deal yet" in page
    assert f'class="board-link" data-to="{hot}">Open a deal' in page
    # Marketing looks on.
    page = browser(marta).get(BOARD).content.decode()
    assert "accepted, no deal yet" in page
    assert "Open a deal<" not in page
    sales.post(f"{BOARD}move/", {"key": f"h{accepted.pk}", "stage": hot, "seen": hot})
    assert Deal.objects.get().contact == ana
    page = sales.get(BOARD).content.decode()
    assert f'data-key="d{Deal.objects.get().pk}"' in page
    assert "accepted, no deal yet" not in page


# Days since the lost deal was opened and closed; the lead was handed over five days ago.
LOST = [
    (3, 2, False),
    (9, 2, False),
    (None, 2, False),
    (3, None, False),
    (None, None, False),
    (9, 7, True),
    (None, 7, True),
]


def test_an_accepted_lead_with_a_lost_deal_invites_no_second_one(
    track: Track, sales: Client
) -> None:
    ana = person("ana", first_name="Ana", owner="saul")
    handed_over(track, ana, handed_at=days_ago(5), verdict="accepted", answered_at=days_ago(4))
    deal("Lost", "Lost", contact=ana)
    for opened, closed, stands in LOST:
        Deal.objects.update(
            opened_at=None if opened is None else days_ago(opened),
            closed_at=None if closed is None else days_ago(closed),
        )
        page = sales.get(BOARD).content.decode()
        assert ("accepted, no deal yet" in page) == stands, (opened, closed)


class TestSavedViews:
    def save(self, client: Client, name: str, query: str, **more: str) -> Any:
        return client.post(f"{BOARD}views/", {"name": name, "query": query, **more})

    def test_filters_are_kept_under_a_name(self, sales: Client, saul: User) -> None:
        answer = self.save(sales, " My  hot ones ", "band=hot&evil=1&owner=me&q=")
        view = SavedView.objects.get()
        assert (view.name, view.query, view.author) == ("My hot ones", "owner=me&band=hot", saul)
        assert answer.headers["Location"] == f"{BOARD}?owner=me&band=hot"
        self.save(sales, "My hot ones", "band=warm")
        assert SavedView.objects.get().query == "band=warm"
        for refused in (" ", "x" * 101):
            self.save(sales, refused, "band=warm")
        assert SavedView.objects.count() == 1

    @pytest.mark.parametrize(("letters", "back"), [(2001, "q="), (4001, "all")])
    def test_what_is_too_long_is_refused_and_never_cut(
        self, sales: Client, letters: int, back: str
    ) -> None:
        answer = self.save(sales, "Long", f"q={'x' * letters}&band=hot")
        assert answer.headers["Location"].startswith(f"{BOARD}?{back}")
        assert not SavedView.objects.exists()
        assert "What is asked has a mistake" in sales.get(BOARD).content.decode()
        # What the board does not know makes it no longer.
        self.save(sales, "Short", f"x={'x' * letters}&band=hot")
        assert SavedView.objects.get().query == "band=hot"

    def test_a_shared_one_is_seen_by_all_and_changed_by_few(
        self, sales: Client, mona: User, marta: User
    ) -> None:
        self.save(sales, "Own", "band=hot")
        self.save(sales, "Shared", "band=hot", is_shared="on")
        own, shared = SavedView.objects.order_by("pk")
        page = browser(marta).get(BOARD).content.decode()
        assert "Shared" in page
        assert ">Own<" not in page
        for client, view, status in (
            (browser(marta), own, 404),
            (browser(marta), shared, 403),
            (browser(mona), own, 404),
            (browser(mona), shared, 302),
        ):
            address = f"{BOARD}views/{view.pk}/rename/"
            assert client.post(address, {"name": "Ours"}).status_code == status
        assert sorted(SavedView.objects.values_list("name", flat=True)) == ["Ours", "Own"]

    def test_the_board_opens_with_the_one_that_a_person_wants_first(
        self, sales: Client, saul: User
    ) -> None:
        self.save(sales, "A", "band=hot")
        self.save(sales, "B", "band=warm")
        for view in SavedView.objects.all():
            sales.post(f"{BOARD}views/{view.pk}/begin/")
        assert sales.get(BOARD).headers["Location"] == f"{BOARD}?band=warm"
        assert sales.get(f"{BOARD}?all").status_code == 200
        sales.post(f"{BOARD}views/{SavedView.objects.get(name='B').pk}/forget/")
        assert sales.get(BOARD).status_code == 200

    def test_a_name_stands_once_and_a_view_is_deleted(self, sales: Client) -> None:
        self.save(sales, "A", "band=hot")
        self.save(sales, "B", "band=warm")
        second = SavedView.objects.get(name="B")
        sales.post(f"{BOARD}views/{second.pk}/rename/", {"name": "A"})
        assert sorted(SavedView.objects.values_list("name", flat=True)) == ["A", "B"]
        assert sales.post(f"{BOARD}views/{second.pk}/delete/").status_code == 302
        assert SavedView.objects.get().name == "A"
        assert sales.post(f"{BOARD}views/{second.pk}/delete/").status_code == 404
        assert sales.post(f"{BOARD}views/{SavedView.objects.get().pk}/eat/").status_code == 404


def test_the_sidebar_and_the_first_page_lead_to_the_board(
    track: Track, sales: Client, saul: User
) -> None:
    handed_over(track, person("ana", first_name="Ana", owner="saul"))
    page = sales.get("/admin/")
    [group] = [each for each in page.context["sidebar_navigation"] if each["title"] == "Sales"]
    assert group["items"][0]["link"] == BOARD
    [block] = [each for each in page.context["blocks"] if each.slug == "board"]
    assert (block.more_url, [item.text for item in block.items]) == (BOARD, ["Ana"])


def test_without_a_pipeline_the_page_says_what_to_do(sales: Client) -> None:
    Pipeline.objects.all().delete()
    assert "There is no pipeline yet" in sales.get(BOARD).content.decode()
    assert changes(sales).status_code == 404


def test_another_pipeline_and_model_are_chosen_by_the_address(
    track: Track, sales: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    renewals = Pipeline.objects.create(name="Renewals")
    renewals.stages.create(name="Due")
    page = sales.get(BOARD, {"pipeline": renewals.pk, "model": track.pk})
    assert [column.stage.name for column in page.context["columns"]] == ["Due"]
    assert 'name="pipeline"' in page.content.decode()
    with django_assert_num_queries(0):
        assert json.dumps(page.context["columns"][0].data())
    assert sales.get(BOARD, {"pipeline": "0"}).status_code == 404
    assert sales.get(BOARD, {"pipeline": "x"}).status_code == 404
