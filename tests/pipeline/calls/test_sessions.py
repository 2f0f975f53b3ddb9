"""Sessions: who may have one, that each lead is in one, and who may see and work them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from contacts.models import Calendar, Contact, Member, Team
from scoring.pipeline.calls.models import CallRoutine, CallSession
from scoring.pipeline.calls.plan import Part
from scoring.pipeline.calls.starting import NotPossible, Start, begin
from tests.conftest import make_user
from tests.engine.scored import go_live
from tests.pipeline.calls.sessions import (
    address,
    director,
    do,
    entry_of,
    live_with,
    logged_in,
    names,
    started,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def paula(db: None) -> User:
    """Another salesperson."""
    return make_user("paula", "Sales")


def test_a_session_begins_from_its_page_and_leads_to_the_first_lead(saul: User) -> None:
    live_with("ana", "bea")
    client = logged_in(saul)
    page = client.get(address("")).content.decode()
    assert "2 leads to call" in page
    answer = client.post(address("_start"))
    session = CallSession.objects.get(user=saul)
    assert answer.headers["Location"] == address("_next", session.pk)
    page = client.get(answer.headers["Location"], follow=True).content.decode()
    assert 'href="tel:+34600000000"' in page
    assert "0 of 2 done, 2 left" in page


def test_a_second_tab_and_a_reload_go_on_with_the_same_session(saul: User) -> None:
    session = started(saul)
    client = logged_in(saul)
    answer = client.post(address("_start"), follow=True)
    assert "go on with it, or end it first" in answer.content.decode()
    assert CallSession.objects.count() == 1
    for _reload in range(2):
        first = client.get(address("_next", session.pk)).headers["Location"]
        assert first == address("_lead", session.pk, entry_of(session, "ana").pk)


def test_who_is_a_moment_late_is_told_who_has_the_lead(saul: User, paula: User) -> None:
    session = started(saul, owner="")
    late = CallSession(user=paula, model=session.model, cadence="daily", capacity=5)
    fresh = director("zoe")
    go_live()
    leads = [*Contact.objects.filter(call_entries__session=session), fresh]
    for each in leads:
        each.total, each.band, each.promised = 30, "warm", None
    found = begin(late, Part(paula, 5, leads))
    assert names(late) == ["zoe"]
    assert {entry.contact.first_name for entry in found.taken} == {"Ana", "Bea", "Cid", "Dora"}
    assert {entry.session.user for entry in found.taken} == {saul}


def test_a_session_that_is_left_behind_frees_its_leads(saul: User, paula: User) -> None:
    session = started(saul, owner="")
    assert Start([paula], paula).check() == []
    with pytest.raises(NotPossible):
        Start([paula], paula).execute()
    CallSession.objects.filter(pk=session.pk).update(touched_at=timezone.now() - 2 * DAY)
    assert Start([paula], paula).execute()[0].count == 4
    session.refresh_from_db()
    assert session.ended_at is not None


def test_the_session_of_somebody_who_has_left_frees_its_leads(saul: User, paula: User) -> None:
    started(saul, owner="")
    User.objects.filter(pk=saul.pk).update(is_active=False)
    assert Start([paula], paula).execute()[0].count == 4


def test_a_weekly_session_lasts_a_week(saul: User, paula: User) -> None:
    CallRoutine(cadence="weekly").save()
    session = started(saul, owner="")
    CallSession.objects.filter(pk=session.pk).update(touched_at=timezone.now() - 6 * DAY)
    with pytest.raises(NotPossible):
        Start([paula], paula).execute()
    CallSession.objects.filter(pk=session.pk).update(touched_at=timezone.now() - 8 * DAY)
    assert Start([paula], paula).execute()


def test_a_manager_begins_sessions_for_a_team(saul: User, paula: User, mona: User) -> None:
    team = Team.objects.create(name="North", calendar=Calendar.objects.get(is_default=True))
    for place, user in enumerate([saul, paula]):
        Member.objects.create(team=team, user=user, position=place)
    live_with("ana", "bea", owner="")
    client = logged_in(mona)
    page = client.get(address(""), {"for": f"team:{team.pk}"}).content.decode()
    assert "Start the session for them" in page
    client.post(address("_start"), {"for": f"team:{team.pk}"})
    sessions = CallSession.objects.order_by("user__username")
    assert {(one.user, one.started_by) for one in sessions} == {(saul, mona), (paula, mona)}
    assert sorted(len(names(one)) for one in sessions) == [1, 1]


def test_pausing_waits_and_going_on_leads_back(saul: User) -> None:
    session = started(saul)
    client = logged_in(saul)
    client.post(address("_deed", session.pk, "pause"))
    assert client.get(address("_next", session.pk)).headers["Location"] == address(
        "_session", session.pk
    )
    assert "The session is paused" in client.get(address("_session", session.pk)).content.decode()
    assert "Your session is paused" in client.get(address("")).content.decode()
    client.post(address("_deed", session.pk, "resume"))
    assert "/lead/" in client.get(address("_next", session.pk)).headers["Location"]


def test_ending_early_frees_what_was_not_called(saul: User) -> None:
    session = started(saul)
    client = logged_in(saul)
    do(client, entry_of(session, "ana"), "result", result="reached")
    client.post(address("_deed", session.pk, "end"))
    page = client.get(address("_session", session.pk)).content.decode()
    assert "The session is over" in page
    assert "not called" in page
    again = Start([saul], saul).execute()[0].session
    assert names(again) == ["bea", "cid", "dora"]


def test_when_the_last_lead_is_called_the_session_is_over(saul: User) -> None:
    session = started(saul, "ana")
    answer = do(logged_in(saul), entry_of(session, "ana"), "result", result="reached")
    assert answer.headers["Location"] == address("_session", session.pk)
    session.refresh_from_db()
    assert session.ended_at is not None


def test_a_lead_that_became_anothers_is_passed_over(saul: User) -> None:
    session = started(saul)
    Contact.objects.filter(email_key="ana@x.example").update(owner="peter")
    client = logged_in(saul)
    do(client, entry_of(session, "bea"), "result", result="reached")
    page = client.get(address("_next", session.pk), follow=True).content.decode()
    assert "Ana belongs to somebody else now and is off your list." in page
    assert "2 of 4 done, 2 left" in page


def test_whoever_looks_at_a_lead_that_is_anothers_now_comes_to_the_next_one(saul: User) -> None:
    session = started(saul, "ana", "bea")
    client, ana, bea = logged_in(saul), entry_of(session, "ana"), entry_of(session, "bea")
    Contact.objects.filter(email_key="ana@x.example").update(owner="peter")
    answer = client.get(address("_lead", session.pk, ana.pk), follow=True)
    assert answer.redirect_chain[-1][0] == address("_lead", session.pk, bea.pk)
    Contact.objects.filter(email_key="bea@x.example").update(owner="peter")
    answer = client.get(address("_lead", session.pk, bea.pk), follow=True)
    assert answer.redirect_chain[-1][0] == address("_session", session.pk)


ROUTES = ["", "_session", "_next", "_lead"]


def see(client: Client, session: CallSession, route: str) -> int:
    args = {"": [], "_lead": [session.pk, entry_of(session, "ana").pk]}.get(route, [session.pk])
    return client.get(address(route, *args)).status_code


@pytest.mark.once
@pytest.mark.parametrize("route", ROUTES)
def test_who_sees_a_session(
    route: str, saul: User, paula: User, mona: User, marta: User, ada: User
) -> None:
    session = started(saul)
    ok = 302 if route == "_next" else 200
    assert see(logged_in(saul), session, route) == ok
    assert see(logged_in(mona), session, route) == ok
    assert see(logged_in(ada), session, route) == ok
    assert see(logged_in(paula), session, route) == (200 if route == "" else 404)
    assert see(logged_in(marta), session, route) == 403


DEEDS = ["result", "skip", "undo", "claim", "answer"]


@pytest.mark.once
@pytest.mark.parametrize("deed", DEEDS)
def test_only_who_the_session_is_for_works_it(
    deed: str, saul: User, paula: User, mona: User, marta: User
) -> None:
    session = started(saul)
    ana = entry_of(session, "ana")
    data = {"result": "reached", "question": "job_title", "answer": "Boss", "was": "Director"}
    for user, status in ((paula, 404), (marta, 403), (mona, 403)):
        assert do(logged_in(user), ana, deed, **data).status_code == status
    assert logged_in(saul).get(address("_do", session.pk, ana.pk, deed)).status_code == 405
    ana.refresh_from_db()
    assert ana.state == "waiting"
    assert Contact.objects.get(pk=ana.contact_id).job_title == "Director"


def test_who_may_end_and_pause(saul: User, paula: User, mona: User, marta: User) -> None:
    session = started(saul)
    for deed in ("pause", "resume", "end"):
        assert logged_in(paula).post(address("_deed", session.pk, deed)).status_code == 404
        assert logged_in(marta).post(address("_deed", session.pk, deed)).status_code == 403
    assert logged_in(mona).post(address("_deed", session.pk, "pause")).status_code == 403
    assert logged_in(mona).post(address("_deed", session.pk, "sing")).status_code == 404
    assert logged_in(mona).post(address("_deed", session.pk, "end")).status_code == 302
    session.refresh_from_db()
    assert session.ended_at is not None


def test_a_salesperson_begins_nothing_for_others(saul: User, paula: User, marta: User) -> None:
    live_with("ana", owner="")
    wanted = {"for": f"person:{paula.pk}"}
    assert logged_in(saul).post(address("_start"), wanted).status_code == 403
    assert logged_in(saul).get(address(""), wanted).status_code == 403
    assert logged_in(marta).post(address("_start")).status_code == 403
    assert logged_in(saul).get(address("_start")).status_code == 405
    assert not CallSession.objects.exists()


@pytest.mark.once
@pytest.mark.parametrize("wanted", ["person:99999", "team:99999", "person:x", "team:", "\0", "x"])
def test_an_address_that_names_nobody_is_no_fault_of_ours(wanted: str, mona: User) -> None:
    go_live()
    assert logged_in(mona).get(address(""), {"for": wanted}).status_code in (200, 404)


def test_the_pages_take_a_bounded_number_of_questions(
    saul: User, django_assert_max_num_queries: object
) -> None:
    session = started(saul, *(f"n{number}" for number in range(20)))
    client = logged_in(saul)
    entry = entry_of(session, "n0")
    with django_assert_max_num_queries(45):  # type: ignore[operator]
        client.get(address("_lead", session.pk, entry.pk))
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        client.get(address("_session", session.pk))
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        client.get(address(""))
