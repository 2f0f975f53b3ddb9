"""Answers that are typed on the phone: kept with history, and the score is another one at once."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from contacts.models import Contact, CustomField, FieldChange, Pending
from scoring.engine import at_once
from scoring.engine.models import Score
from scoring.pipeline.calls.models import CallEntry, CallRoutine
from scoring.pipeline.calls.plan import live_track
from scoring.pipeline.calls.questions import chosen_questions
from tests.engine.scored import go_live
from tests.pipeline.calls.sessions import address, do, entry_of, lead, logged_in, started

pytestmark = pytest.mark.django_db


@pytest.fixture
def fields() -> None:
    CustomField.objects.create(key="seats", label="Seats", type="number")
    CustomField.objects.create(key="agreed", label="Agreed", type="boolean")
    CustomField.objects.create(key="plan", label="Plan", type="choice", choices=["S", "M"])
    CustomField.objects.create(key="renewal", label="Renewal", type="date")


@pytest.fixture
def ana(fields: None, saul: User) -> CallEntry:
    keys = ("seats", "agreed", "plan", "renewal")
    CallRoutine(questions=["job_title", "country", *(f"attributes.{key}" for key in keys)]).save()
    return entry_of(started(saul), "ana")


def answered(user: User, entry: CallEntry, question: str, answer: str, was: str = "") -> str:
    data = {"question": question, "answer": answer, "was": was}
    page: str = do(logged_in(user), entry, "answer", **data).content.decode()
    return page


def test_an_answer_is_another_score_at_once(ana: CallEntry, saul: User) -> None:
    page = answered(saul, ana, "job_title", "Assistant", was="Director")
    assert "Just moved: Director −30" in " ".join(page.split())
    assert '<b>0</b> <span class="band band-0">cold</span>' in page
    score = Score.objects.get(contact=ana.contact_id)
    assert (score.total, score.band) == (0, "cold")
    [change] = FieldChange.objects.filter(contact=ana.contact_id)
    assert (change.field, change.after, change.origin) == ("job_title", "Assistant", "calls: saul")
    assert not Pending.objects.filter(contact=ana.contact_id).exists()


KEPT: list[tuple[str, str, Any]] = [
    ("attributes.seats", "12", 12),
    ("attributes.seats", "1.5", 1.5),
    ("attributes.agreed", "true", True),
    ("attributes.agreed", "false", False),
    ("attributes.plan", "M", "M"),
    ("attributes.renewal", "2027-01-31", "2027-01-31"),
    ("country", "es", "ES"),
]


@pytest.mark.parametrize(("question", "typed", "stored"), KEPT)
def test_an_answer_is_kept_by_its_type(
    question: str, typed: str, stored: Any, ana: CallEntry, saul: User
) -> None:
    page = answered(saul, ana, question, typed)
    assert "saved" in page
    contact = Contact.objects.get(pk=ana.contact_id)
    key = question.removeprefix("attributes.")
    found = contact.attributes.get(key) if key != question else getattr(contact, key)
    assert found == stored
    assert isinstance(found, bool) == isinstance(stored, bool)


WRONG = [
    ("attributes.seats", "many"),
    ("attributes.plan", "XL"),
    ("attributes.renewal", "soon"),
    ("country", "Spain"),
    ("job_title", "x" * 300),
    ("job_title", "a\0b"),
]


@pytest.mark.once
@pytest.mark.parametrize(("question", "typed"), WRONG)
def test_a_wrong_answer_is_told_and_changes_nothing(
    question: str, typed: str, ana: CallEntry, saul: User
) -> None:
    page = answered(saul, ana, question, typed, was="Director" if question == "job_title" else "")
    assert 'role="alert"' in page
    assert not FieldChange.objects.filter(contact=ana.contact_id).exists()


def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten(
    ana: CallEntry, saul: User
) -> None:
    contact = Contact.objects.get(pk=ana.contact_id)
    contact.job_title = "Owner"
    contact.save()
    page = answered(saul, ana, "job_title", "Assistant", was="Director")
    assert "it is now: Owner." in page
    assert Contact.objects.get(pk=ana.contact_id).job_title == "Owner"


def test_what_is_not_asked_is_not_answered(ana: CallEntry, saul: User) -> None:
    for question in ("owner", "email", "lifecycle", "first_name", "attributes.gone", ""):
        data = {"question": question, "answer": "x", "was": ""}
        assert do(logged_in(saul), ana, "answer", **data).status_code == 404


def test_where_the_score_cannot_be_made_at_once_a_worker_does_it(
    ana: CallEntry, saul: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(rows: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr(at_once, "refresh_rows", fail)
    page = answered(saul, ana, "job_title", "Assistant", was="Director")
    assert "the score follows in a moment" in page
    assert Contact.objects.get(pk=ana.contact_id).job_title == "Assistant"
    assert Pending.objects.filter(contact=ana.contact_id).exists()


def test_what_the_fit_rules_test_is_asked_where_nobody_chose(fields: None) -> None:
    go_live()
    track = live_track()
    assert track is not None
    document = track.version.document_value
    # Tags are tested too, and are no question.
    assert [one.id for one in chosen_questions(CallRoutine(), document)] == ["job_title"]
    assert chosen_questions(CallRoutine(questions=[]), document) == []
    assert chosen_questions(CallRoutine(), None) == []


def test_a_person_without_a_score_gets_one(ana: CallEntry, saul: User) -> None:
    Score.objects.all().delete()
    page = answered(saul, ana, "country", "ES")
    assert "<b>30</b>" in page


class TestTheSettings:
    def test_marketing_chooses_what_is_asked_and_not_the_routine(
        self, fields: None, marta: User
    ) -> None:
        client = logged_in(marta)
        page = client.get(address("_settings")).content.decode()
        assert "What to ask on the phone" in page
        assert "Save the routine" not in page
        wanted = {"part": "questions", "questions": ["attributes.seats", "city", "owner"]}
        client.post(address("_settings"), wanted)
        assert CallRoutine.objects.current().questions == ["city", "attributes.seats"]
        client.post(address("_settings"), {**wanted, "by_model": "1"})
        assert CallRoutine.objects.current().questions is None
        assert client.post(address("_settings"), {"part": "routine"}).status_code == 403

    def test_the_manager_sets_the_routine_and_what_each_person_makes(
        self, saul: User, mona: User
    ) -> None:
        client = logged_in(mona)
        data = {"part": "routine", "cadence": "weekly", "capacity": "12", "quiet_days": "3"}
        client.post(address("_settings"), {**data, f"person{saul.pk}-capacity": "5"})
        routine = CallRoutine.objects.current()
        found = (routine.cadence, routine.capacity, routine.quiet_days, routine.from_total)
        assert found == ("weekly", 12, 3, None)
        assert saul.call_capacity.capacity == 5
        client.post(address("_settings"), data)
        assert not type(saul.call_capacity).objects.exists()

    @pytest.mark.once
    @pytest.mark.parametrize(
        "wrong",
        [{"capacity": "0"}, {"capacity": "201"}, {"quiet_days": "-1"}, {"cadence": "hourly"}],
        ids=str,
    )
    def test_wrong_numbers_are_told(self, wrong: dict[str, str], mona: User) -> None:
        data = {"part": "routine", "cadence": "daily", "capacity": "12", "quiet_days": "3"}
        answer = logged_in(mona).post(address("_settings"), {**data, **wrong})
        assert 'role="alert"' in answer.content.decode()
        assert not CallRoutine.objects.exists()

    def test_sales_do_not_see_them(self, saul: User) -> None:
        assert logged_in(saul).get(address("_settings")).status_code == 403
        assert logged_in(saul).post(address("_settings")).status_code == 403


def test_a_phone_number_is_dialled_without_what_people_write_into_it(saul: User) -> None:
    lead("eva", phone="(0034) 600-12 34 x5", owner="saul", job_title="Director")
    session = started(saul, "ana")
    page = logged_in(saul).get(address("_lead", session.pk, entry_of(session, "eva").pk))
    assert 'href="tel:003460012345"' in page.content.decode()
