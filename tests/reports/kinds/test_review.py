"""Every figure of the weekly review equals what is counted row by row; whom each figure names."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.models import Activity, ActivityType, Contact, Deal, Stage, Target
from scoring.agreement.audit import AuditEntry
from scoring.engine.models import Cause, Score, ScoreChange, Track
from scoring.pipeline.feedback.models import Handover, RejectionReason
from scoring.reports.asking import Question
from scoring.reports.blocks import Figures
from scoring.reports.kinds.review import Review
from scoring.reports.kinds.rules import Rules
from scoring.reports.models import KeptReport
from scoring.reports.review.rules import have_worked_out
from tests.engine.scored import MODEL, go_live, person, refresh_all
from tests.reports.reporting import blocks, figures, question, raws, table, words

START = datetime(2026, 3, 2, tzinfo=UTC)
FIRST, LAST = date(2026, 3, 2), date(2026, 3, 8)
END = START + timedelta(days=7)
LATER = START + timedelta(days=30)
HOURS = st.integers(-60, 240)
MAYBE = st.none() | HOURS


class Hand(NamedTuple):
    """All in hours since the beginning; what came before the handover is none."""

    who: int
    band: str
    handed: int
    respond_by: int | None
    responded: int | None
    feedback_by: int | None
    answered: int | None
    rejected: bool
    seconds: int


class Sale(NamedTuple):
    who: int | None
    opened: int | None
    closed: int | None
    won: bool
    amount: int | None


class Case(NamedTuple):
    steps: list[tuple[int, int, str | None]]
    hands: list[Hand]
    sales: list[Sale]
    deeds: list[tuple[int, str, int, bool]]
    totals: list[int]


BANDS = st.sampled_from(["cold", "warm", "hot"])
WHO = st.integers(0, 3)
CASES = st.builds(
    Case,
    st.lists(st.tuples(WHO, HOURS, st.none() | BANDS), max_size=10, unique_by=lambda s: s[:2]),
    st.lists(
        st.builds(
            Hand, WHO, BANDS, HOURS, MAYBE, MAYBE, MAYBE, HOURS, st.booleans(),
            st.integers(0, 9999),
        ),
        max_size=8,
    ),
    st.lists(
        st.builds(Sale, st.none() | WHO, MAYBE, MAYBE, st.booleans(), MAYBE), max_size=6
    ),
    st.lists(
        st.tuples(
            WHO, st.sampled_from(["call", "meeting", "meeting_booked", "visit"]), HOURS,
            st.booleans(),
        ),
        max_size=8,
    ),
    st.lists(st.integers(40, 70), min_size=4, max_size=4),
)  # fmt: skip


def at(hours: int | None) -> Any:
    return None if hours is None else START + timedelta(hours=hours)


def within(hours: int | None) -> bool:
    return hours is not None and START <= START + timedelta(hours=hours) < END


def store(track: Track, case: Case) -> list[Contact]:
    people = [person(f"c{place}") for place in range(4)]
    before: dict[int, str | None] = {}
    for number, (who, hours, band) in enumerate(sorted(case.steps, key=lambda step: step[1])):
        ScoreChange.objects.create(
            track=track, contact=people[who], revision=number + 1, version=track.version,
            cause=Cause.ACTIVITY, as_of=at(hours), written_at=timezone.now(),
            band_before=before.get(who), band=band, total=None if band is None else 1,
        )  # fmt: skip
        before[who] = band
    for who, total in enumerate(case.totals):
        band = "hot" if total >= 60 else "warm"
        Score.objects.create(
            track=track, contact=people[who], revision=99, total=total, fit=0, interest=0,
            band=band, excluded=False, groups=[], breakdown=[], changed_at=timezone.now(),
        )  # fmt: skip
    reason = RejectionReason.objects.first()
    for hand in case.hands:
        Handover.objects.create(
            contact=people[hand.who], model=track.model, band=hand.band, handed_at=at(hand.handed),
            respond_by=at(hand.respond_by), responded_at=at(hand.responded),
            response_seconds=None if hand.responded is None else hand.seconds,
            feedback_by=at(hand.feedback_by), answered_at=at(hand.answered),
            verdict="rejected" if hand.rejected else "accepted",
            reason=reason if hand.rejected else None,
        )  # fmt: skip
    won, opened = Stage.objects.get(name="Won"), Stage.objects.filter(outcome="open").first()
    assert opened is not None
    for sale in case.sales:
        Deal.objects.create(
            name="d", contact=None if sale.who is None else people[sale.who],
            stage=won if sale.won else opened, opened_at=at(sale.opened),
            closed_at=at(sale.closed), amount=sale.amount,
        )  # fmt: skip
    target = Target.objects.get_or_create(text="")[0]
    for who, kind, hours, answered in case.deeds:
        Activity.objects.create(
            contact=people[who], type=ActivityType.objects.get_or_create(slug=kind)[0],
            target=target, occurred_at=START + timedelta(hours=hours),
            properties={"answered": answered},
        )  # fmt: skip
    return people


def due_of(case: Case) -> list[Hand]:
    return [
        hand for hand in case.hands
        if within(hand.respond_by) and not (hand.rejected and hand.responded is None)
    ]  # fmt: skip


def is_late(done: int | None, by: int | None) -> bool:
    return done is None or done > (by or 0)


def behind_shares(case: Case) -> dict[str, set[int | None]]:
    """Whom a share or an amount opens to: those who make it up."""
    asked = [hand for hand in case.hands if within(hand.feedback_by)]
    return {
        "response_in_time": {h.who for h in due_of(case) if not is_late(h.responded, h.respond_by)},
        "answer_in_time": {h.who for h in asked if not is_late(h.answered, h.feedback_by)},
        "response_in_time, due": {h.who for h in due_of(case)},
        "answer_in_time, due": {h.who for h in asked},
        "response_mean": {h.who for h in case.hands if within(h.responded)},
        "amount": {s.who for s in case.sales if s.won and within(s.closed)} - {None},
    }


def expected(case: Case) -> dict[str, Any]:
    """From the drawn rows alone, one after the other."""
    course: dict[int, list[tuple[int, str | None]]] = {}
    rose = set()
    for who, hours, band in sorted(case.steps, key=lambda step: step[1]):
        former = course.setdefault(who, [])
        if band == "hot" and within(hours) and (not former or former[-1][1] != "hot"):
            rose.add(who)
        former.append((hours, band))
    due = due_of(case)
    late = [h for h in due if is_late(h.responded, h.respond_by)]
    asked = [hand for hand in case.hands if within(hand.feedback_by)]
    answered_late = [h for h in asked if (h.answered or 0) > (h.feedback_by or 0)]
    seconds = [h.seconds for h in case.hands if within(h.responded)]
    won = [sale for sale in case.sales if sale.won and within(sale.closed)]
    cold = set()
    for sale in won:
        then = sale.closed if sale.opened is None else sale.opened
        past = [b for hours, b in course.get(sale.who or 0, []) if hours <= (then or 0)]
        if sale.who is not None and past and past[-1] == "cold":
            cold.add(sale.who)

    def hands(wanted: Any) -> int:
        return len({hand.who for hand in case.hands if wanted(hand)})

    def deeds(kinds: set[str], answered: bool) -> int:
        return len({
            who for who, kind, hours, yes in case.deeds
            if kind in kinds and within(hours) and (yes or not answered)
        })  # fmt: skip

    return {
        "became hot": len(rose),
        "handed over to sales": hands(lambda h: within(h.handed)),
        "hot now": sum(total >= 60 for total in case.totals),
        "accepted": hands(lambda h: within(h.answered) and not h.rejected),
        "rejected": hands(lambda h: within(h.answered) and h.rejected),
        "first attempts": hands(lambda h: within(h.responded)),
        "reached by phone": deeds({"call"}, answered=True),
        "with a meeting": deeds({"meeting", "meeting_booked"}, answered=False),
        "with a new deal": len({s.who for s in case.sales if within(s.opened)} - {None}),
        "won": len({sale.who for sale in won} - {None}),
        "not answered yet": hands(lambda h: h.handed < 168 and (h.answered or 0) >= 168),
        "won, amount": sum((Decimal(sale.amount or 0) for sale in won), Decimal(0)),
        "first attempts in time": (len(due) - len(late)) / len(due) if due else None,
        "first attempt late or missing": len({hand.who for hand in late}),
        "working time to the first attempt": (
            pytest.approx(sum(seconds) / len(seconds) / 3600) if seconds else None
        ),
        "answers in time": (len(asked) - len(answered_late)) / len(asked) if asked else None,
        "answer late or missing": len({hand.who for hand in answered_late}),
        "hot but rejected": hands(lambda h: within(h.answered) and h.rejected and h.band == "hot"),
        "cold but won": len(cold),
        "within 10 points below hot": sum(50 <= total < 60 for total in case.totals),
        "changes": 0,
        "versions brought live": 0,
    }


class TestAgainstASlowCalculation(TestCase):
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(CASES)
    def test_every_figure_equals_a_count_row_by_row(self, case: Case) -> None:
        track = go_live(MODEL)
        store(track, case)
        asked = question(FIRST, LAST, model=track.model, now=LATER)
        made = Review().make(asked)
        assert figures(made) == expected(case)
        shares = behind_shares(case)
        for block in blocks(made):
            for figure in block.items if isinstance(block, Figures) else ():
                if figure.value.behind:
                    who = behind(asked, figure.value.behind)
                    if figure.value.among:
                        assert behind(asked, figure.value.among) == shares[f"{figure.measure}, due"]
                    if figure.measure in shares:
                        assert who == shares[figure.measure], figure.measure
                    else:
                        assert len(who) == figure.value.raw


def behind(asked: Question, key: str) -> set[int | None]:
    found = Review().behind(asked, key)
    assert found is not None
    return {int(name[1]) for name in found.values_list("email_key", flat=True)}


@pytest.fixture
def track(db: None) -> Track:
    return go_live(MODEL)


def asked_of(track: Track, **more: Any) -> Any:
    return question(FIRST, LAST, **{"model": track.model, "now": LATER, **more})


@pytest.mark.django_db
def test_without_a_live_model_it_says_so() -> None:
    assert words(Review().make(question())) == [
        "No scoring model is live yet: there is nothing to review."
    ]
    assert Review().behind(question(), "rose") is None


def test_an_unknown_figure_has_nobody_behind_it(track: Track) -> None:
    for key in ("nonsense", "reason:x", "reason:99999999999999", "reason:"):
        assert Review().behind(asked_of(track), key) is None


def test_of_one_lead_it_is_said_why_it_was_rejected_and_no_other_owner_counts(
    track: Track,
) -> None:
    hand = Hand(0, "hot", 1, 5, 6, 9, 8, True, 3600)
    people = store(track, Case([], [hand], [], [], [40] * 4))
    Contact.objects.filter(pk=people[0].pk).update(owner="saul")
    made = Review().make(asked_of(track))
    [reason] = raws(table(made, "reasons"))
    assert reason == [str(RejectionReason.objects.first()), 1]
    assert raws(table(made, "hot_rejected")) == [
        [people[0].pk, reason[0], asked_of(track).period.day_of(at(8))]
    ]
    assert behind(asked_of(track), f"reason:{Handover.objects.get().reason_id}") == {0}
    assert figures(Review().make(asked_of(track, owner="peter")))["rejected"] == 0


def test_changes_of_the_model_are_named_with_who_made_them(track: Track, marta: User) -> None:
    AuditEntry.objects.note(marta, track.model, "went_live", track.version, name="Prices")
    today = timezone.now().date()
    made = Review().make(question(today, today, model=track.model, now=timezone.now()))
    assert figures(made)["versions brought live"] == 1
    row = raws(table(made, "changes"))[0]
    assert row[1:] == ["marta", "brought a version live: Prices", str(track.version.number)]


def test_the_rules_are_taken_from_the_report_that_was_kept_last(track: Track) -> None:
    assert "has not been worked out yet" in " ".join(words(Review().make(asked_of(track))))
    person("scored")
    refresh_all()
    have_worked_out(track)
    row = KeptReport.objects.get()
    row.keep(Rules().work_out(asked_of(track)))
    said = words(Review().make(asked_of(track)))
    assert any(text.startswith("From the report on rules, worked out") for text in said)
    assert any("counts for nobody" in text for text in said)
    KeptReport.objects.update(query=f"model={track.model_id}&owner=saul")
    assert "has not been worked out yet" in " ".join(words(Review().make(asked_of(track))))


def test_the_number_of_queries_does_not_grow_with_the_leads(track: Track) -> None:
    case = Case([(0, 1, "hot")], [Hand(0, "hot", 1, 5, 6, 9, 8, True, 60)], [], [], [40] * 4)
    store(track, case)
    with CaptureQueriesContext(connection) as few:
        Review().make(asked_of(track))
    for place in range(9):
        person(f"more{place}")
    reason = RejectionReason.objects.first()
    for contact in Contact.objects.all():
        Handover.objects.create(
            contact=contact, model=track.model, band="hot", handed_at=at(1), answered_at=at(2),
            verdict="rejected", reason=reason,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        Review().make(asked_of(track))
    assert len(few) == len(many) <= 60
