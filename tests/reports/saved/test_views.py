"""Views of reports: what they keep, who sees and changes them, and that a part of one is gone."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from contacts.models import Campaign
from scoring.reports.asking import QuestionForm
from scoring.reports.mailing.models import ReportSchedule
from scoring.reports.saved.models import ReportView

pytestmark = pytest.mark.django_db

LAST_MONTH = "span=last_month&grain=week"


def post(client: Client, page_name: str, /, *args: Any, **data: Any) -> Any:
    return client.post(reverse(f"admin:{page_name}", args=args), data, follow=True)


def save(client: Client, name: str, query: str = LAST_MONTH, **more: Any) -> str:
    answer = post(client, "report_view_save", "movement", name=name, query=query, **more)
    assert answer.status_code == 200
    return str(answer.content.decode())


def page(client: Client, slug: str = "movement", query: str = "") -> str:
    answer = client.get(reverse("admin:report", args=[slug]) + query, follow=True)
    return answer.content.decode()


@pytest.fixture
def view(marta: User) -> ReportView:
    """Marta's, shared."""
    return ReportView.objects.create(
        slug="movement", name="Last month", query=LAST_MONTH, author=marta, is_shared=True
    )


def login(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_span_with_a_name_is_kept_as_that_and_moves_with_the_days(marta: User) -> None:
    assert "The view “Last month” is saved." in save(login(marta), "  Last   month ")
    view = ReportView.objects.get()
    assert (view.name, view.query, view.author) == ("Last month", LAST_MONTH, marta)
    firsts = [
        QuestionForm(QueryDict(view.query), view.report.asks, 90, now).question().period.first
        for now in (datetime(2026, 3, 31, tzinfo=UTC), datetime(2027, 1, 1, 12, tzinfo=UTC))
    ]
    assert firsts == [date(2026, 2, 1), date(2026, 12, 1)]


WRONG = [
    ({"name": "  "}, "Give the view a name."),
    ({"name": "x" * 101}, "A name has 100 letters at most."),
    ({"name": "lást MONTH"}, "There is a view “lást MONTH” already."),
    ({"name": "New", "query": "span=yesterday"}, "What is asked has a mistake"),
    ({"name": "New", "query": "span=own&first=2026-03-31&last=2026-03-01"}, "has a mistake"),
]


@pytest.mark.parametrize(("given", "said"), WRONG, ids=str)
def test_a_view_without_a_good_name_or_question_is_not_saved(
    given: dict[str, str], said: str, view: ReportView, marta: User
) -> None:
    assert said in save(login(marta), **given)
    assert ReportView.objects.count() == 1


def test_a_question_that_is_too_long_is_refused_and_not_cut_off(marta: User) -> None:
    # Within the first 2,000 characters it asks for another span.
    query = f"{LAST_MONTH}&x={'x' * 2000}&span=28"
    client = login(marta)
    assert "What is asked has a mistake" in save(client, "New", query)
    assert not ReportView.objects.exists()
    refused = post(client, "report_view_save", "movement", name="New", query=query)
    assert QueryDict(refused.request["QUERY_STRING"]) == QueryDict(query)


def test_the_name_of_a_colleague_or_of_another_report_is_free(
    view: ReportView, saul: User, marta: User
) -> None:
    save(login(saul), "Last month")
    post(login(marta), "report_view_save", "service", name="Last month", query=LAST_MONTH)
    assert ReportView.objects.count() == 3


def test_one_sees_ones_own_and_the_shared_ones_in_the_menu_and_on_the_overview(
    view: ReportView, marta: User, saul: User
) -> None:
    save(login(marta), "Secret plan")
    for user, seen in ((marta, True), (saul, False)):
        client = login(user)
        index = client.get(reverse("admin:reports")).content.decode()
        for text in (page(client), index):
            assert "Last month" in text
            assert ("Secret plan" in text) is seen
    assert "shared by marta" in page(login(saul))


def test_a_view_of_a_report_that_one_may_not_see_is_not_there(marta: User, saul: User) -> None:
    view = ReportView.objects.create(
        slug="service", name="Team", query=LAST_MONTH, author=marta, is_shared=True
    )
    client = login(saul)
    assert "Team" not in client.get(reverse("admin:reports")).content.decode()
    answer = post(client, "report_view_do", "service", view.pk, "begin")
    assert (answer.status_code, view.begins_for.count()) == (403, 0)


CHANGERS = [("marta", True), ("mona", True), ("ada", True), ("saul", False)]


@pytest.mark.parametrize(("name", "may"), CHANGERS)
def test_a_shared_view_is_changed_by_its_author_and_who_looks_after_them(
    name: str, may: bool, view: ReportView, request: pytest.FixtureRequest
) -> None:
    client = login(request.getfixturevalue(name))
    args = ("movement", view.pk)
    refused = {
        post(client, "report_view_do", *args, "rename", name="March", is_shared="on").status_code,
        post(client, "report_view_do", *args, "replace", query="span=28").status_code,
    }
    view.refresh_from_db()
    assert refused == ({200} if may else {403})
    assert (view.name == "March", "span=28" in view.query) == (may, may)
    assert client.get(reverse("admin:report_view_delete", args=args)).status_code == (
        200 if may else 403
    )
    assert ReportView.objects.count() == 1
    post(client, "report_view_delete", *args)
    assert ReportView.objects.exists() is not may


def test_a_view_that_is_not_shared_is_nobody_elses(view: ReportView, ada: User) -> None:
    ReportView.objects.update(is_shared=False)
    args = ("movement", view.pk)
    client = login(ada)
    assert post(client, "report_view_do", *args, "rename", name="x").status_code == 404
    assert post(client, "report_view_delete", *args).status_code == 404


def test_a_report_opens_as_each_person_wants_it(view: ReportView, marta: User, saul: User) -> None:
    client = login(saul)
    other = ReportView.objects.create(slug="movement", name="28", query="span=28", author=saul)
    for each in (other, view):
        post(client, "report_view_do", "movement", each.pk, "begin")
    assert [list(each.begins_for.all()) for each in (other, view)] == [[], [saul]]
    opened = client.get(reverse("admin:report", args=["movement"]))
    assert opened.headers["Location"] == view.address
    assert client.get(reverse("admin:report", args=["movement"]) + "?usual").status_code == 200
    assert login(marta).get(reverse("admin:report", args=["movement"])).status_code == 200
    ReportView.objects.filter(pk=view.pk).update(is_shared=False)
    assert client.get(reverse("admin:report", args=["movement"])).status_code == 200
    ReportView.objects.filter(pk=view.pk).update(is_shared=True)
    post(client, "report_view_do", "movement", view.pk, "forget")
    assert client.get(reverse("admin:report", args=["movement"])).status_code == 200


def test_a_view_whose_campaign_is_gone_says_so_and_shows_the_usual(marta: User) -> None:
    campaign = Campaign.objects.create(name="Fair")
    client = login(marta)
    save(client, "The fair", f"span=28&grain=week&campaign={campaign.pk}")
    view = ReportView.objects.get()
    assert "is gone" not in page(client, query=f"?{view.query}&view={view.pk}")
    campaign.delete()
    text = page(client, query=f"?{view.query}&view={view.pk}")
    assert "The view “The fair” asks for something that is gone (Campaign)." in text
    assert "What was chosen here is gone: choose again." in text
    assert "Save it to this view" not in text
    fresh = page(client, query=f"?span=7&view={view.pk}")
    assert "Save it to this view" in fresh


def test_deleting_a_view_says_which_letters_end_with_it(view: ReportView, marta: User) -> None:
    ReportSchedule.objects.create(slug="movement", view=view, made_by=marta)
    client = login(marta)
    args = ("movement", view.pk)
    asked = client.get(reverse("admin:report_view_delete", args=args)).content.decode()
    assert "1 e-mail on a schedule is made of it, and ends too." in asked
    post(client, "report_view_delete", *args)
    assert not ReportSchedule.objects.exists()
