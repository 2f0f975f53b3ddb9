"""Which cards stand on the board, in which order, with which sums, for whom."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from contacts.models import Campaign, CampaignTouch, Company, Contact, Deal, Product, Task
from scoring.criteria.segments import Segment
from scoring.engine.models import Cause, ScoreChange, Track
from scoring.pipeline.board.cards import DEAL, HANDOVER, Place, read_key
from scoring.pipeline.board.columns import columns_of, stamp_of
from scoring.pipeline.board.details import moved
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.leads.manual import ManualBand
from tests.engine.scored import go_live, person
from tests.pipeline.board.set_up import board, days_ago, deal, handed_over, names, scored, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def track() -> Track:
    return go_live()


def test_cards_stand_by_falling_score_and_the_excluded_and_unknown_last(
    track: Track, mona: User
) -> None:
    rows: list[tuple[str, int, dict[str, Any]]] = [
        ("low", 5, {}),
        ("high", 90, {}),
        ("out", 99, {"excluded": True}),
        ("same", 90, {}),
    ]
    for name, total, fields in rows:
        scored(track, deal(name).contact or Contact(), total, **fields)
    Deal.objects.create(name="Nobody known", stage=stage("Hot Leads"))
    assert names(board(mona, track)) == ["High", "Same", "Low", "Out", "Nobody known"]


def test_a_page_goes_on_where_the_one_before_ended(track: Track, mona: User) -> None:
    for number in range(7):
        contact = person(f"p{number}", first_name=f"P{number}")
        scored(track, contact, [50, 50, 50, 40, 40, 30, 30][number])
        if number % 2:
            handed_over(track, contact)
        else:
            deal(f"p{number}", contact=contact)
    found, place, on_board = [], None, board(mona, track)
    while cards := on_board.column(stage("Hot Leads"), 2, place):
        found += [card.name for card in cards]
        place = Place.read(str(cards[-1].place))
    assert found == names(board(mona, track))
    assert sorted(found) == [f"P{number}" for number in range(7)]


def test_a_lead_that_waits_stands_in_the_first_column_until_it_has_a_deal(
    track: Track, saul: User
) -> None:
    waiting, with_deal = person("waiting", first_name="Waiting"), person("dealt")
    handed_over(track, waiting)
    handed_over(track, with_deal)
    deal("dealt", at="Meeting", contact=with_deal)
    [column, *_others] = columns_of(board(saul, track), timezone.now())
    assert [(each.card.key[0], each.card.name) for each in column.cards] == [(HANDOVER, "Waiting")]
    assert column.head.count == 1


def lost_deal(contact: Contact, opened: float) -> None:
    deal("lost", at="Lost", contact=contact, opened_at=days_ago(opened))


def becomes(lifecycle: str) -> Callable[[Contact], object]:
    return lambda contact: Contact.objects.filter(pk=contact.pk).update(lifecycle=lifecycle)


# What came after a lead was handed over ten days ago and accepted; which cards there are then.
AFTER: list[tuple[str, Callable[[Contact], object], str]] = [
    ("nothing", lambda contact: None, HANDOVER),
    ("a deal in another stage", lambda contact: deal("d", "Meeting", contact=contact), ""),
    ("a deal in the first stage", lambda contact: deal("d", contact=contact), DEAL),
    ("a deal that was lost", lambda contact: lost_deal(contact, 9), ""),
    ("one that was lost before", lambda contact: lost_deal(contact, 11), HANDOVER),
    ("a customer by another way", becomes("customer"), ""),
    ("lost by another way", becomes("lost"), ""),
    ("too long a time", lambda _contact: Handover.objects.update(answered_at=days_ago(91)), ""),
]


@pytest.mark.parametrize(("after", "deed", "found"), AFTER, ids=[case[0] for case in AFTER])
def test_an_accepted_lead_stays_until_it_has_a_deal_or_is_no_lead_any_more(
    after: str, deed: Callable[[Contact], object], found: str, track: Track, saul: User
) -> None:
    ana = person("ana", first_name="Ana")
    handed_over(track, ana, handed_at=days_ago(10), verdict="accepted", answered_at=days_ago(8))
    deed(ana)
    [column, *_others] = columns_of(board(saul, track), timezone.now())
    assert "".join(each.card.key[0] for each in column.cards) == found
    assert column.head.count == len(found)


def test_a_lead_that_was_accepted_and_is_handed_over_again_stands_once(
    track: Track, saul: User
) -> None:
    ana = person("ana", first_name="Ana")
    for days in (20, 10):
        answered = {"verdict": "accepted", "answered_at": days_ago(days - 1)}
        handed_over(track, ana, handed_at=days_ago(days), **answered)
    [accepted] = board(saul, track).column(stage("Hot Leads"), 9)
    assert accepted.is_accepted
    waiting = handed_over(track, ana)
    [card] = board(saul, track).column(stage("Hot Leads"), 9)
    assert (card.key, card.is_accepted) == (f"h{waiting.pk}", False)


def test_nobody_sees_the_leads_of_another(track: Track, saul: User, mona: User) -> None:
    for owner in ("saul", "", "peter"):
        deal(f"of{owner}", owner=owner)
        handed_over(track, person(f"hot{owner}", first_name=f"Hot{owner}", owner=owner))
    of_saul = board(saul, track)
    assert sorted(names(of_saul)) == ["Hot", "Hotsaul", "Of", "Ofsaul"]
    assert of_saul.heads()[stage("Hot Leads").pk].count == 4
    of_peter = Deal.objects.get(name="ofpeter")
    assert of_saul.cards([(DEAL, of_peter.pk)]) == []
    assert len(names(board(mona, track))) == 6


@pytest.mark.parametrize("written", ["SAUL", "Saúl", " saul "])
def test_an_owner_is_the_same_however_it_is_written(written: str, track: Track, saul: User) -> None:
    User.objects.filter(pk=saul.pk).update(first_name="Saúl", last_name="Ríos")
    Deal.objects.create(name="Of a company", stage=stage("Hot Leads"), owner="peter")
    Deal.objects.update(owner=written)
    deal("Own", owner=written)
    handed_over(track, person("hot", first_name="Hot", owner=written))
    for query in ("owner=me", "owner=saul"):
        [column, *_others] = columns_of(board(saul, track, query), timezone.now())
        assert {each.card.name for each in column.cards} == {"Of a company", "Own", "Hot"}
        assert {each.owner for each in column.cards} == {"Saúl Ríos"}
    assert names(board(saul, track, "owner=-")) == []


def test_a_column_tells_how_many_and_what_they_are_worth(track: Track, mona: User) -> None:
    deal("a", at="Meeting", amount=Decimal("1000.00"))
    deal("b", at="Meeting", amount=Decimal("500.50"))
    deal("c", at="Meeting")
    deal("won", at="Won", amount=Decimal(9))
    head = board(mona, track).heads()[stage("Meeting").pk]
    assert (head.count, head.value, head.weighted) == (3, Decimal("1500.50"), Decimal("600.2"))


@pytest.fixture
def filtered(track: Track) -> Track:
    """Ana has all that is asked for below, Bo nothing; Cy was handed over, and has no deal."""
    acme = Company.objects.create(name="Ácme")
    spring = Campaign.objects.create(name="Spring")
    product = Product.objects.create(name="Box")
    ana = person("ana", first_name="Ana", owner="saul", country="ES", company={"name": "Ácme"})
    bo, cy = person("bo", first_name="Bo", country="MX"), person("cy", first_name="Cy")
    assert ana.company == acme
    scored(track, ana, 80)
    scored(track, bo, 20, "cold", grade="B2")
    scored(track, cy, 70)
    facts: dict[str, Any] = {"owner": "saul", "product": product, "opened_at": days_ago(10)}
    deal("Big one", contact=ana, **facts)
    deal("Small one", contact=bo, opened_at=days_ago(1))
    handed_over(track, cy, handed_at=days_ago(3))
    for contact in (ana, cy):
        CampaignTouch.objects.create(campaign=spring, contact=contact, occurred_at=days_ago(1))
    condition = {"field": "country", "op": "equals", "value": "ES"}
    Segment(name="Spain", condition=condition).store(User())
    return track


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "Ana Cy Bo"),
        ("q=acme", "Ana"),
        ("q=ACME+ana", "Ana"),
        ("q=small", "Bo"),
        ("q=x.example+cy", "Cy"),
        ("q=%25", ""),
        ("owner=me", "Ana"),
        ("owner=saul", "Ana"),
        ("owner=-", "Cy Bo"),
        ("band=hot", "Ana Cy"),
        ("band=cold", "Bo"),
        ("grade=B2", "Bo"),
        ("least=75", "Ana"),
        ("most=75", "Cy Bo"),
        ("least=60&most=75", "Cy"),
        ("country=es", "Ana"),
        ("campaign=Spring", "Ana Cy"),
        ("product=Box", "Ana"),
        ("days_least=2", "Ana Cy"),
        ("days_most=5", "Cy Bo"),
        ("days_least=2&days_most=5", "Cy"),
        ("segment=spain", "Ana"),
    ],
)
def test_a_filter_finds_among_both_kinds_of_cards(
    filtered: Track, saul: User, query: str, found: str
) -> None:
    for name, row in (("Spring", Campaign), ("Box", Product)):
        query = query.replace(name, str(row.objects.get(name=name).pk))
    on_board = board(saul, filtered, query)
    assert names(on_board) == found.split()
    assert on_board.heads()[stage("Hot Leads").pk].count == len(found.split())
    assert not on_board.filter.shown.errors


@pytest.mark.parametrize(
    "query",
    [
        "band=lukewarm",
        "owner=nobody-of-that-name",
        "least=many",
        "least=9999999999999999999",
        "campaign=0",
        "segment=%00",
        "days_least=-1",
        "country=ESP",
    ],
)
def test_what_no_filter_takes_is_told_and_left_out(filtered: Track, saul: User, query: str) -> None:
    on_board = board(saul, filtered, query)
    assert len(names(on_board)) == 3
    assert on_board.filter.shown.errors


def test_a_card_tells_what_it_is_about(track: Track, saul: User, mona: User) -> None:
    ana = person("ana", first_name="Ana", owner="saul")
    scored(track, ana, 70)
    deal("Big one", contact=ana, amount=Decimal(1200), owner="saul")
    for revision, (ago, before, total, band) in enumerate(
        [(20, None, 10, "cold"), (9, 10, 65, "hot"), (3, 65, 62, "hot"), (1, 62, 70, "hot")]
    ):
        ScoreChange.objects.create(
            **{"track": track, "contact": ana, "revision": revision, "version": track.version},
            **{"cause": Cause.ACTIVITY, "as_of": days_ago(ago), "written_at": days_ago(ago)},
            **{"total_before": before, "total": total, "band": band},
            band_before={20: None, 9: "cold"}.get(ago, "hot"),
        )
    manual = {"reason": "Met her", "set_by": mona, "set_at": days_ago(1)}
    ManualBand.objects.create(contact=ana, model=track.model, band="warm", **manual)
    for title, due in (("Later", days_ago(-9)), ("Call", days_ago(-1)), ("Some day", None)):
        Task.objects.create(contact=ana, title=title, due_at=due, assignee=saul)
    [column, *_others] = columns_of(board(saul, track), timezone.now())
    [shown] = column.cards
    assert (shown.total, shown.band, shown.moved, shown.amount) == ("70", "hot", 5, "1,200")
    assert [reason.name for reason in shown.reasons or []] == ["Visits the prices"]
    assert shown.manual and shown.manual.band == "warm"
    assert shown.task and shown.task.title == "Call"
    assert shown.since
    assert (timezone.now() - shown.since).days == 9
    assert shown.respond_by is None


def test_the_clock_runs_until_the_first_attempt(track: Track, saul: User) -> None:
    ana = person("ana")
    deal("Ana", contact=ana)
    handover = handed_over(track, ana)
    [column, *_others] = columns_of(board(saul, track), timezone.now())
    assert column.cards[0].respond_by == handover.respond_by
    stamp = stamp_of(columns_of(board(saul, track), timezone.now()))
    type(handover).objects.respond([ana.pk], timezone.now())
    after = columns_of(board(saul, track), timezone.now())
    assert after[0].cards[0].respond_by is None
    assert stamp_of(after) != stamp


def test_many_cards_cost_as_many_queries_as_few(track: Track, mona: User) -> None:
    # What is kept for the process is asked for once.
    columns_of(board(mona, track), timezone.now())
    counted = []
    for number in (1, 12):
        for each in range(number):
            name = f"n{number}x{each}"
            for at in ("Hot Leads", "Contacted"):
                found = deal(f"{name}{at[0]}".lower(), at=at, owner="saul")
                handed_over(track, found.contact or Contact())
            handed_over(track, person(f"{name}w"))
        on_board = board(mona, track)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            columns_of(on_board, timezone.now())
        counted.append(len(queries))
    assert counted[0] == counted[1] < 30


def test_a_board_without_a_model_shows_deals_alone(mona: User) -> None:
    deal("a")
    [column, *_others] = columns_of(board(mona, None), timezone.now())
    assert [shown.card.name for shown in column.cards] == ["A"]
    assert column.cards[0].total == ""


@pytest.mark.parametrize(
    ("first", "before", "total", "expected"),
    [(None, None, 50, 0), (3, 40, 50, 10), (3, 60, 50, -10), (1, None, 50, None)],
)
def test_a_total_moved_since_the_first_change_of_the_week(
    first: int | None, before: int | None, total: int, expected: int | None
) -> None:
    assert moved(first, before, total) == expected


@pytest.mark.once
@given(st.integers(-(2**63) + 1, 2**63 - 1), st.sampled_from("dh"), st.integers(0, 10**9 - 1))
def test_a_place_is_read_as_it_was_written(rank: int, kind: str, pk: int) -> None:
    assert Place.read(str(Place(rank, kind, pk))) == (rank, kind, pk)


@pytest.mark.once
@given(st.text("hd.-0123456789x", max_size=12))
def test_what_is_no_place_is_none(text: str) -> None:
    assert Place.read(text) is None or text.count(".") == 1
    assert read_key(text) is None or text[1:].isdecimal()
