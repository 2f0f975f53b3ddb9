"""What is said on a call: scripts, past leads like this one, times; all of it as plain text."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone, translation

from contacts.models import Calendar, Contact, Deal, Member, Note, Stage, Tag, Team
from scoring.criteria.segments import Segment
from scoring.engine.models import Score, Track
from scoring.pipeline.calls import tally as tallies
from scoring.pipeline.calls.models import CallScript
from scoring.pipeline.calls.scripts import script_for
from scoring.pipeline.calls.shares import local_time, shares_of
from scoring.pipeline.calls.tally import Tally, go_on_with_tallies
from scoring.pipeline.calls.times import Clock, Later, TimeInvalid, calendar_of
from scoring.pipeline.leads.manual import ManualBand
from tests.engine.scored import MODEL, go_live, person, visit
from tests.pipeline.calls.sessions import address, entry_of, lead, logged_in, started

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MONDAY = datetime(2026, 3, 30, 10, tzinfo=UTC)


def script(name: str, **fields: Any) -> CallScript:
    return CallScript.objects.create(name=name, **{"text_en": name, **fields})


def test_the_most_particular_script_is_shown(saul: User) -> None:
    condition = {"field": "tags", "op": "has_any", "value": ["vip"]}
    vips = Segment(name="VIP", condition=condition).store(saul)
    broken = Segment(name="Broken", condition={"field": "attributes.x", "op": "is_true"})
    broken.store(saul)
    ana, bea = lead("ana", tags=["VIP"]), lead("bea")
    script("second", position=2)
    script("everybody", position=1)
    script("hot", band="hot")
    script("vip", segment=vips)
    script("never", segment=broken, band="hot")
    found = [
        (contact.first_name, band, str(script_for(contact, band)))
        for contact in (ana, bea)
        for band in ("hot", "cold")
    ]
    assert found == [
        ("Ana", "hot", "vip"),
        ("Ana", "cold", "vip"),
        ("Bea", "hot", "hot"),
        ("Bea", "cold", "everybody"),
    ]


LANGUAGES = [
    ("es", "en", "Hola"),
    ("es-MX", "en", "Hola"),
    ("EN", "es", "Hello"),
    ("", "es", "Hola"),
    ("fr", "en", "Hello"),
]


@pytest.mark.once
@pytest.mark.parametrize(("of_lead", "of_reader", "said"), LANGUAGES)
def test_a_script_is_said_in_the_leads_language(of_lead: str, of_reader: str, said: str) -> None:
    found = CallScript(text_en="Hello", text_es="Hola").text_in(of_lead, of_reader)
    assert found == said
    assert CallScript(text_es="Hola").text_in("en") == "Hola"


def test_the_variables_of_a_script_are_filled_in_as_plain_text(saul: User) -> None:
    script("all", text_en="{{ contact.first_name }} & {{ owner.name }}\n\n<script>x</script>")
    lead("eva", first_name="<b>Eva", job_title="Director")
    session = started(saul, "ana")
    entry = session.entries.get(contact__email_key="eva@x.example")
    page = logged_in(saul).get(address("_lead", session.pk, entry.pk)).content.decode()
    # In the pool: whoever calls stands for the owner.
    assert "&lt;b&gt;Eva &amp; saul" in page
    assert "<script>x" not in page


def test_scripts_are_written_by_marketing_and_read_by_sales(saul: User, marta: User) -> None:
    add = "/admin/scoring/callscript/add/"
    data = {"name": "Hot", "band": "", "segment": "", "position": "0", "text_es": ""}
    wrong = logged_in(marta).post(add, {**data, "text_en": "{{ contact.shoe_size }}"})
    assert "is no variable" in wrong.content.decode()
    empty = logged_in(marta).post(add, {**data, "text_en": ""})
    assert "in one language at least" in empty.content.decode()
    assert logged_in(saul).post(add, {**data, "text_en": "Hello"}).status_code == 403
    assert not CallScript.objects.exists()
    assert logged_in(marta).post(add, {**data, "text_en": "Hello"}).status_code == 302
    assert "Hot" in logged_in(saul).get("/admin/scoring/callscript/").content.decode()


# --- What became of past leads ---------------------------------------------------------------


def tallied(rows: list[list[Any]], **document: Any) -> list[str]:
    """What is said of a lead in the warm band."""
    track = go_live({**MODEL, "objective": {"deal": "won"}, **document})
    if rows:
        Tally.objects.create(version=track.version, rows=rows, counted_at=timezone.now())
    score = Score(track=track, band="warm", grade="A2")
    return [share.told for share in shares_of(score, track)]


SHARES: list[tuple[list[list[Any]], list[str]]] = [
    (
        [["warm", "A2", 40, 12], ["warm", "B1", 8, 0], ["hot", "A2", 1, 3]],
        [
            "Of past leads in the band “warm” 20 % bought (12 of 60 in 12 months; in 95 of 100 "
            "cases the true share lies between 12 % and 32 %).",
            "Of past leads with the grade A2 27 % bought (15 of 56 in 12 months; in 95 of 100 "
            "cases the true share lies between 17 % and 40 %).",
        ],
    ),
    (
        [["warm", "B1", 10, 4]],
        [
            "Past leads in the band “warm”: 4 of 14 bought, too few to say a share.",
            "Past leads with the grade A2: no outcome is known, so nothing can be said.",
        ],
    ),
    ([], ["What became of past leads has not been counted yet; a worker does it."]),
]


@pytest.mark.once
@pytest.mark.parametrize(("rows", "told"), SHARES)
def test_what_became_of_past_leads_is_told_with_its_interval_or_as_too_few(
    rows: list[list[Any]], told: list[str]
) -> None:
    assert tallied(rows) == told


def test_without_an_objective_nobody_can_say_who_bought() -> None:
    track = go_live()
    [share] = shares_of(Score(track=track, band="warm"), track)
    assert "does not say what counts as success" in share.told


def past_deal(name: str, outcome: str, **fields: Any) -> Contact:
    contact = person(name, **fields)
    now = timezone.now()
    stage = Stage.objects.filter(outcome=outcome).first()
    assert stage is not None
    Deal.objects.create(
        name=name, contact=contact, stage=stage, opened_at=now - 20 * DAY, closed_at=now - 2 * DAY
    )
    return contact


@pytest.mark.parametrize("slice_of_time", [0.0, 600.0], ids=["by days", "at once"])
def test_a_worker_counts_each_past_lead_as_it_was_before_its_outcome(
    slice_of_time: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "SLICE", slice_of_time)
    won = past_deal("won", "won", job_title="Director")
    visit(won, 25 * DAY)
    # What came after the deal was opened may follow from it.
    visit(past_deal("lost", "lost"), DAY)
    past_deal("director", "lost", job_title="Director")
    track = go_live({**MODEL, "objective": {"deal": "won"}})
    for _turn in range(5):
        go_on_with_tallies()
    tally = Tally.objects.get(version=track.version)
    assert tally.counted_at is not None
    assert tally.rows == [["cold", "B2", 1, 0], ["hot", "A1", 0, 1], ["warm", "A2", 1, 0]]
    assert go_on_with_tallies() == 0
    # And anew, when it is old; those of versions that were live go.
    Tally.objects.update(due_at=timezone.now() - DAY)
    assert go_on_with_tallies() == 1
    Track.objects.all().delete()
    go_on_with_tallies()
    assert not Tally.objects.exists()


# --- Times -----------------------------------------------------------------------------------


@pytest.fixture
def madrid(saul: User) -> Calendar:
    calendar = Calendar.objects.create(name="Madrid", time_zone="Europe/Madrid")
    team = Team.objects.create(name="South", calendar=calendar)
    Member.objects.create(team=team, user=saul)
    assert calendar_of(saul) == calendar
    return calendar


LATER = [
    # 10:00 UTC on a Monday in summer time is noon in Madrid; work is from 9 to 14 and 15 to 18.
    (MONDAY, Later.HOUR, "", "2026-03-30T13:00"),
    (MONDAY + timedelta(hours=1.5), Later.HOUR, "", "2026-03-30T15:00"),
    (MONDAY, Later.TOMORROW, "", "2026-03-31T09:00"),
    (MONDAY + 4 * DAY, Later.TOMORROW, "", "2026-04-06T09:00"),
    (MONDAY, Later.MONDAY, "", "2026-04-06T09:00"),
    (MONDAY + 6 * DAY, Later.MONDAY, "", "2026-04-06T09:00"),
    (MONDAY, Later.OWN, "2026-03-31T16:30", "2026-03-31T16:30"),
    (MONDAY, Later.OWN, "2026-03-31T22:00", "2026-04-01T09:00"),
    # The clock is put forward in the night to 29 March: the morning is nine by it.
    (MONDAY - 3 * DAY, Later.TOMORROW, "", "2026-03-30T09:00"),
]


@pytest.mark.once
@pytest.mark.parametrize(("now", "choice", "typed", "expected"), LATER)
def test_a_call_back_is_in_working_hours_of_the_team(
    now: datetime, choice: Later, typed: str, expected: str, madrid: Calendar
) -> None:
    clock = Clock(madrid, now)
    assert clock.shown(clock.at(choice, typed)).isoformat(timespec="minutes") == expected


@pytest.mark.once
@pytest.mark.parametrize("typed", ["", "soon", "2026-03-30T11:00", "2027-04-30T11:00"])
def test_a_time_when_nobody_can_be_called_is_refused(typed: str, madrid: Calendar) -> None:
    with pytest.raises(TimeInvalid):
        Clock(madrid, MONDAY).at(Later.OWN, typed)


@pytest.mark.once
@pytest.mark.parametrize(("country", "shown"), [("ES", "12:00"), ("mx", ""), ("CO", "05:00")])
def test_the_time_where_the_lead_is_is_told_where_there_is_one(country: str, shown: str) -> None:
    found = local_time(country, MONDAY)
    assert (f"{found:%H:%M}" if found else "") == shown


# --- The page --------------------------------------------------------------------------------


def test_call_mode_shows_what_was_before_and_the_band_by_hand(saul: User, mona: User) -> None:
    session = started(saul)
    ana = entry_of(session, "ana")
    Note.objects.create(contact=ana.contact, text="Met at <the> fair", author=mona)
    visit(ana.contact, DAY, "/prices")
    ana.contact.set_tags([Tag.objects.create(name="VIP")])
    stage = Stage.objects.filter(outcome="open").first()
    assert stage is not None
    Deal.objects.create(name="Fifty seats", contact=ana.contact, stage=stage, amount=500)
    ManualBand.objects.create(
        contact=ana.contact, model=session.model, band="hot", reason="Asked", set_by=mona,
        set_at=timezone.now(),
    )  # fmt: skip
    page = logged_in(saul).get(address("_lead", session.pk, ana.pk)).content.decode()
    for text in ("Met at &lt;the&gt; fair", "/prices", "Fifty seats", "“hot”, said mona: Asked"):
        assert text in page


def test_call_mode_is_in_spanish(saul: User) -> None:
    session = started(saul)
    ana = entry_of(session, "ana")
    client = logged_in(saul)
    with translation.override("es"):
        client.cookies["django_language"] = "es"
        page = client.get(address("_lead", session.pk, ana.pk)).content.decode()
    assert "¿Cómo fue la llamada?" in page
    assert "Llamar más tarde" in page
