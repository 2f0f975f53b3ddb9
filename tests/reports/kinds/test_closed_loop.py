"""The closed loop equals what each lead's raw rows say, one by one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any, NamedTuple

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from contacts.models import Campaign, CampaignTouch, Contact, Deal, FieldChange, Pipeline, Stage
from scoring.agreement.qualification.models import Persona
from scoring.criteria.segments import Segment
from scoring.engine.models import Cause, Score, ScoreChange, Track
from scoring.pipeline.feedback.models import Handover, RejectionReason
from scoring.reports.asking import Question
from scoring.reports.blocks import Section, Table
from scoring.reports.kinds.closed_loop import ClosedLoop
from scoring.reports.loop.cohorts import Cohort, which_are_drawn
from scoring.reports.periods import Grain
from scoring.reports.statistics.survival import curve_of
from scoring.reports.values import Kind, Raw
from tests.engine.scored import MODEL, go_live, person
from tests.reports.reporting import blocks, figures, question, raws, said_of, table, total

START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = START + timedelta(hours=60 * 24)
STAGES = ["mql", "sql", "opportunity", "customer"]
HOURS = st.integers(-300, 50 * 24)


class Sale(NamedTuple):
    outcome: str
    opened: int
    lasted: int
    amount: Decimal | None
    campaign: int | None


class Handed(NamedTuple):
    at: int
    due: int | None
    answered: int | None


class Story(NamedTuple):
    """Of one contact, in hours from the beginning of the period."""

    created: int
    source: str
    touches: list[tuple[int, int]]
    stages: list[tuple[int, str]]
    rises: list[int]
    sales: list[Sale]
    handed: list[Handed]


SALES = st.builds(
    Sale,
    st.sampled_from(["won", "won", "lost", "open"]),
    HOURS,
    st.integers(0, 300),
    st.none() | st.decimals("0", "1000", places=2),
    st.none() | st.integers(0, 1),
)
HANDED = st.builds(Handed, HOURS, st.none() | st.integers(0, 90), st.none() | st.integers(0, 90))
STORIES = st.builds(
    Story,
    HOURS,
    st.sampled_from(["Fair", "fair", "Web", ""]),
    st.lists(st.tuples(st.integers(0, 1), HOURS), max_size=3, unique=True),
    st.lists(st.tuples(HOURS, st.sampled_from([*STAGES, "lead", "lost"])), max_size=3),
    st.lists(HOURS, max_size=2, unique=True),
    st.lists(SALES, max_size=2),
    st.lists(HANDED, max_size=1),
)


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


def campaigns() -> list[Campaign]:
    return [Campaign.objects.create(name=name, cost=100) for name in ("Fair", "Mail")]


def kinds_of_people(track: Track) -> None:
    """A persona by a word in the source, one for everybody, one without a sign, and a segment."""
    for name, text in (("Fair goers", "fair"), ("Web people", "web")):
        mark = {"field": "source", "way": "contains", "values": [text]}
        Persona.objects.create(model=track.model, name=name, grid={"mark": mark, "rows": []})
    Persona.objects.create(model=track.model, name="Anybody", for_all=True)
    Persona.objects.create(model=track.model, name="Unsigned")
    condition = {"field": "source", "op": "in", "value": ["Fair"]}
    Segment.objects.create(name="Fair goers", key="fair", condition=condition)
    gone = {"field": "attributes.gone", "op": "in", "value": ["x"]}
    Segment.objects.create(name="Gone", key="gone", condition=gone)


def stages() -> dict[str, Stage]:
    pipeline = Pipeline.objects.get_or_create(name="Ours")[0]
    return {
        outcome: Stage.objects.get_or_create(pipeline=pipeline, name=outcome, outcome=outcome)[0]
        for outcome in ("open", "won", "lost")
    }


def store(track: Track, known: list[Campaign], drawn: list[Story]) -> list[Contact]:
    columns = stages()
    reason = RejectionReason.objects.first()
    found = []
    for number, story in enumerate(drawn):
        contact = person(f"c{number}", source=story.source)
        Contact.objects.filter(pk=contact.pk).update(created_at=hour(story.created))
        FieldChange.objects.filter(contact=contact).delete()
        for at, stage in story.stages:
            FieldChange.objects.create(
                contact=contact, field="lifecycle", before="x", after=stage, changed_at=hour(at)
            )
        for place, at in story.touches:
            CampaignTouch.objects.create(
                campaign=known[place], contact=contact, occurred_at=hour(at)
            )
        for revision, at in enumerate(story.rises, 1):
            ScoreChange.objects.create(
                track=track, contact=contact, revision=revision, version=track.version,
                cause=Cause.ACTIVITY, as_of=hour(at), written_at=timezone.now(),
                band_before="cold", band="hot", total=60,
            )  # fmt: skip
        if story.rises:
            Score.objects.create(
                track=track, contact=contact, revision=9, total=60, fit=30, interest=30,
                band="hot", grade="A1", excluded=False, groups=[], breakdown=[],
                changed_at=timezone.now(),
            )  # fmt: skip
        for sale in story.sales:
            Deal.objects.create(
                name="d", contact=contact, stage=columns[sale.outcome], amount=sale.amount,
                campaign=None if sale.campaign is None else known[sale.campaign],
                opened_at=hour(sale.opened),
                closed_at=None if sale.outcome == "open" else hour(sale.opened + sale.lasted),
            )  # fmt: skip
        for one in story.handed:
            answered = None if one.answered is None else hour(one.at + one.answered)
            Handover.objects.create(
                contact=contact, model=track.model, band="hot", handed_at=hour(one.at),
                feedback_by=None if one.due is None else hour(one.at + one.due),
                answered_at=answered, verdict="" if answered is None else "rejected",
                reason=reason if answered else None,
            )  # fmt: skip
        found.append(contact)
    return found


def first_of(story: Story, stage: str) -> datetime | None:
    """The slow way: every row that says that this stage, or a later one, was reached."""
    wanted = STAGES[STAGES.index(stage) :]
    times = [hour(at) for at, after in story.stages if after in wanted]
    if stage != "customer":
        times += [hour(sale.opened) for sale in story.sales]
    times += [hour(sale.opened + sale.lasted) for sale in story.sales if sale.outcome == "won"]
    return min((at for at in times if at < NOW), default=None)


Leads = list[tuple[Story, datetime]]


def leads_of_campaign(drawn: list[Story], place: int) -> Leads:
    found = []
    for story in drawn:
        met = [hour(at) for campaign, at in story.touches if campaign == place]
        if met and START <= min(met) < hour(31 * 24):
            found.append((story, min(met)))
    return found


def leads_of_source(drawn: list[Story], source: str) -> Leads:
    return [
        (story, hour(story.created))
        for story in drawn
        if story.source.casefold() == source and 0 <= story.created < 31 * 24
    ]


def reached_slowly(leads: Leads) -> list[Raw]:
    hot = sum(any(hour(at) >= since for at in story.rises) for story, since in leads)
    passed = [
        sum((at := first_of(story, stage)) is not None and at >= since for story, since in leads)
        for stage in STAGES
    ]
    won = sum(
        (
            sale.amount or Decimal(0)
            for story, since in leads
            for sale in story.sales
            if sale.outcome == "won" and since <= hour(sale.opened + sale.lasted) < NOW
        ),
        Decimal(0),
    )
    return [len(leads), hot, *passed, won]


def rates_slowly(leads: Leads) -> list[Raw]:
    found: list[Raw] = []
    for place, stage in enumerate(STAGES):
        going, went = 0, 0
        for story, since in leads:
            at = first_of(story, stage)
            here = at is None or at >= since
            before = first_of(story, STAGES[place - 1]) if place else since
            if before is not None and before >= since and here:
                going += 1
                went += at is not None
        found.append(went / going if going else None)
    answers = []
    for story, since in leads:
        for one in story.handed:
            if hour(one.at) < since:
                continue
            if one.answered is not None:
                answers.append(one.due is None or one.answered <= one.due)
            elif one.due is not None and hour(one.at + one.due) < NOW:
                answers.append(False)
    return [*found, sum(answers) / len(answers) if answers else None]


def times_slowly(leads: Leads) -> list[Raw]:
    found: list[Raw] = []
    for place, stage in enumerate(STAGES):
        spans = []
        for story, since in leads:
            start = first_of(story, STAGES[place - 1]) if place else since
            end = first_of(story, stage)
            if start is not None and end is not None and start >= since and end >= since:
                spans.append((end - start) / timedelta(hours=1))
        found.append(median(spans) if spans else None)
    return found


def attributed_slowly(drawn: list[Story]) -> dict[Any, list[Decimal]]:
    found: dict[Any, list[Decimal]] = {}
    for campaign, sums in owed_slowly(drawn):
        row = found.setdefault(campaign, [Decimal(0)] * 3)
        for way, amount in sums.items():
            row[way] += amount
    return found


def owed_slowly(drawn: list[Story]) -> Iterator[tuple[Any, dict[int, Decimal]]]:
    """Campaign, and by way what it is owed, part by part."""
    for story in drawn:
        for sale in story.sales:
            closed = sale.opened + sale.lasted
            if sale.outcome != "won" or not 0 <= closed < 31 * 24:
                continue
            met = sorted((at, n) for n, (_campaign, at) in enumerate(story.touches) if at <= closed)
            path: list[Any] = [story.touches[n][0] for _at, n in met] or [sale.campaign]
            amount = sale.amount or Decimal(0)
            cents = int(amount * 100)
            for way, owed in enumerate(([path[0]], [path[-1]], path)):
                for place, campaign in enumerate(owed):
                    share = cents // len(owed) + (place < cents % len(owed))
                    yield campaign, {way: Decimal(share) / 100}


def givers_slowly(drawn: list[Story]) -> dict[tuple[int, Any], set[str]]:
    """By way and campaign, whose won deals it has a part of."""
    found: dict[tuple[int, Any], set[str]] = {}
    for number, story in enumerate(drawn):
        for campaign, sums in owed_slowly([story]):
            for way in sums:
                found.setdefault((way, campaign), set()).add(f"c{number}@x.example")
    return found


def check_lists(made: list[Section], asked: Question, drawn: list[Story], of_month: Leads) -> None:
    """As many leads as the figure says; nobody has more than one handover here."""
    found = (one for one in blocks(made) if isinstance(one, Table))
    keys = ("campaign-rates", "period-rates", "period-times")
    cells = [value for one in found if one.key in keys for row in one.rows for value in row]
    for value in [value for value in cells if value.behind]:
        assert len(behind(asked, value.behind)) == said_of(value), value
        assert value.kind is Kind.DURATION or len(behind(asked, value.among)) == value.of, value
    for row in table(made, "cohorts").rows:
        bought = [(first_of(story, "customer"), since) for story, since in of_month]
        customers = sum(at is not None and at >= since for at, since in bought)
        new = customers + sum(at is None for at, _since in bought)
        for value, number in zip(row[1:3], (new, customers), strict=True):
            assert value.raw == number
            assert len(behind(asked, value.behind) if value.behind else ()) == number
    givers = givers_slowly(drawn)
    for row in table(made, "attribution").rows:
        campaign = {"none": None, "Fair": 0, "Mail": 1}[str(row[0])]
        for way, value in enumerate(row[1:]):
            given = behind(asked, value.behind) if value.behind else set()
            assert given == givers.get((way, campaign), set())
    for value in (table(made, "attribution").total or ())[1:]:
        assert behind(asked, value.behind) == {who for each in givers.values() for who in each}


def behind(asked: Question, key: str) -> set[str]:
    found = ClosedLoop().behind(asked, key)
    assert found is not None, key
    return set(found.values_list("email", flat=True))


def check(made: list[Section], kind: str, named: dict[str, Leads]) -> None:
    if not named:
        return
    reached = {row[0]: row[1:] for row in raws(table(made, f"{kind}-reached"))}
    rates = {row[0]: row[1:] for row in raws(table(made, f"{kind}-rates"))}
    times = {row[0]: row[1:] for row in raws(table(made, f"{kind}-times"))}
    for name, leads in named.items():
        assert reached[name] == reached_slowly(leads)
        assert rates[name] == rates_slowly(leads)
        assert times[name] == times_slowly(leads)


class TestAgainstASlowCalculation(TestCase):
    @settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(STORIES, max_size=4))
    def test_every_figure_equals_that_of_the_raw_rows(self, drawn: list[Story]) -> None:
        track, known = go_live(MODEL), campaigns()
        store(track, known, drawn)
        kinds_of_people(track)
        asked = question(model=track.model, now=NOW, grain=Grain.MONTH)
        made = list(ClosedLoop().make(asked))
        of_campaigns = {one.name: leads_of_campaign(drawn, at) for at, one in enumerate(known)}
        check(made, "campaign", {name: leads for name, leads in of_campaigns.items() if leads})
        of_sources = {
            name: leads_of_source(drawn, key) for name, key in (("Web", "web"), ("not stated", ""))
        }
        check(made, "source", {name: leads for name, leads in of_sources.items() if leads})
        of_month = [(story, hour(story.created)) for story in drawn if 0 <= story.created < 31 * 24]
        check(made, "period", {"Mar 2026": of_month})
        of_people = {
            "Fair goers": [row for row in of_month if row[0].source.casefold() == "fair"],
            "Web people": [row for row in of_month if row[0].source == "Web"],
        }
        check(made, "segment", {"Fair goers": of_people["Fair goers"]})
        rest = [row for row in of_month if row[0].source == ""]
        check(made, "persona", {**of_people, "none of these": rest})
        names = {None: "none", 0: "Fair", 1: "Mail"}
        slowly = {names[campaign]: ways for campaign, ways in attributed_slowly(drawn).items()}
        rows = raws(table(made, "attribution"))
        assert {row[0]: row[1:] for row in rows if any(row[1:])} == {
            name: ways for name, ways in slowly.items() if any(ways)
        }
        found = figures(made)
        assert total(table(made, "attribution"))[1:] in ([found["Won value"]] * 3, [])
        closed = [
            sale.outcome
            for story in drawn
            for sale in story.sales
            if sale.outcome != "open" and 0 <= sale.opened + sale.lasted < 31 * 24
        ]
        assert (found["Won"], found["Lost"]) == (closed.count("won"), closed.count("lost"))
        check_lists(made, asked, drawn, of_month)


def story(**more: Any) -> Story:
    usual = Story(24, "Web", [(0, 48)], [], [], [], [])
    return usual._replace(**more)


SOLD = Sale("won", 72, 24, Decimal("300"), None)


WHAT = ("reached", "bands", "rates", "times")


@pytest.mark.django_db
class TestCampaigns:
    def test_cost_return_and_plan_stand_beside_the_result(self) -> None:
        track, known = go_live(MODEL), campaigns()
        Campaign.objects.filter(pk=known[0].pk).update(planned_leads=5, budget=150)
        store(track, known, [story(sales=[SOLD], rises=[50]), story()])
        made = ClosedLoop().make(question(model=track.model, now=NOW))
        assert raws(table(made, "campaign-costs")) == [
            ["Fair", "On-line", 150, 100, 50, 100, 100, 300, 2.0]
        ]
        [row] = table(made, "campaign-costs").rows
        asked, key = question(model=track.model, now=NOW), f"campaign:{known[0].pk}"
        for value, what in zip(row[4:7], ("leads", "hot", "customer"), strict=True):
            assert value.behind == f"{key}:{what}"
            assert value.raw == 100 / len(behind(asked, value.behind))
        assert raws(table(made, "campaign-plan")) == [["Fair", 5, 2, None, 1, None, 300]]

    def test_a_deleted_campaign_owes_nothing_and_a_renamed_stage_still_counts(self) -> None:
        track, known = go_live(MODEL), campaigns()
        store(track, known, [story(sales=[SOLD])])
        known[0].delete()
        Stage.objects.filter(outcome="won").update(name="Gewonnen")
        made = ClosedLoop().make(question(model=track.model, now=NOW))
        assert raws(table(made, "attribution")) == [["none", 300, 300, 300]]
        assert raws(table(made, "campaign-costs")) == []
        assert figures(made)["Win rate"] == 1.0

    def test_the_leads_behind_a_figure_are_those_that_it_counts(self) -> None:
        track, known = go_live(MODEL), campaigns()
        first, _second = store(track, known, [story(sales=[SOLD], rises=[50]), story()])
        kinds_of_people(track)
        asked = question(model=track.model, now=NOW)
        kinds = ("campaign", "source", "period", "persona", "segment")
        for table_key in (f"{kind}-{what}" for kind in kinds for what in WHAT):
            for row in table(ClosedLoop().make(asked), table_key).rows:
                for value in row:
                    if value.behind:
                        said = 1 if value.kind is Kind.MONEY else said_of(value)
                        assert len(behind(asked, value.behind)) == said, value.behind
                    if value.among:
                        assert len(behind(asked, value.among)) == value.of, value.among
        fair = f"campaign:{known[0].pk}"
        won = ("deals:won", "deals:won:2026-03-01", "deals:closed", f"{fair}:won", f"{fair}:hot",
               f"owed:linear:{known[0].pk}", "cohort:2026-03-01:customer")  # fmt: skip
        for key in won:
            assert behind(asked, key) == {first.email}, key
        assert behind(asked, "owed:first:none") == set()
        strange = [
            *("campaign:x:leads", "source:nowhere:leads", "persona:x:leads", "segment:gone:leads"),
            *("deals:open", "deals:won:2026-02-01", f"campaign:{known[0].pk}:rate=x"),
            *(
                "week:x:leads",
                "week:2020-01-06:leads",
                "month:2026-04-01:leads",
                "month:2026-03-01:hot",
            ),
            *("owed:first", "owed:other:none", "owed:last:x", "cohort:2026-03-02:customer"),
            "month:2026-04-01:leads",
        ]
        wrong = ("nonsense", f"campaign:{known[0].pk}:x", "campaign:999999:leads", "", *strange)
        assert [ClosedLoop().behind(asked, each) for each in wrong] == [None] * len(wrong)
        other = replace(asked, campaign=known[1])
        assert ClosedLoop().behind(other, f"campaign:{known[0].pk}:hot") is None

    def test_of_some_leads_only_theirs_are_counted(self) -> None:
        track, known = go_live(MODEL), campaigns()
        store(track, known, [story(sales=[SOLD]), story(source="Fair", touches=[(1, 50)])])
        made = ClosedLoop().make(question(model=track.model, now=NOW, source="FAÍR"))
        assert [row[:2] for row in raws(table(made, "campaign-reached"))] == [["Mail", 1]]
        assert figures(made)["Won"] == 0
        made = ClosedLoop().make(question(model=track.model, now=NOW, campaign=known[0]))
        assert [row[:2] for row in raws(table(made, "source-reached"))] == [["Web", 1]]

    def test_more_leads_take_no_more_queries(
        self, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        track, known = go_live(MODEL), campaigns()
        store(track, known, [story(sales=[SOLD], rises=[50])] * 12)
        asked = question(model=track.model, now=NOW)
        with django_assert_max_num_queries(20):
            ClosedLoop().make(asked)


@pytest.mark.django_db
class TestPeople:
    def test_of_many_segments_the_first_twenty_are_shown_and_unsigned_personas_named(
        self, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        track, known = go_live(MODEL), campaigns()
        store(track, known, [story()])
        kinds_of_people(track)
        for number in range(30):
            condition = {"field": "city", "op": "in", "value": [str(number)]}
            Segment.objects.create(name=f"City {number:02}", key=f"c{number}", condition=condition)
        with django_assert_max_num_queries(45):
            made = ClosedLoop().make(question(model=track.model, now=NOW))
        assert len(table(made, "segment-reached").rows) == 20
        leads = {section.title: section.lead for section in made}
        assert leads["By segment"] == "12 more segments are not shown; choose one above."
        assert leads["By persona"].endswith("they count: Unsigned.")


@pytest.mark.django_db
class TestCohorts:
    def test_open_leads_count_only_for_as_long_as_they_were_looked_at(self) -> None:
        """Of two, one buys on the tenth day; the other is known for five days only."""
        track, known = go_live(MODEL), campaigns()
        sold = Sale("won", 0, 10 * 24, Decimal(1), None)
        store(track, known, [story(created=0, sales=[sold]), story(created=7 * 24)])
        asked = question(model=track.model, now=hour(12 * 24))
        [row] = table(ClosedLoop().make(asked), "cohorts").rows
        assert [value.raw for value in row] == ["Mar 2026", 2, 1, 1.0, 1.0, 1.0, 240.0]

    def test_what_nobody_was_looked_at_for_is_not_told(self) -> None:
        track, known = go_live(MODEL), campaigns()
        store(track, known, [story(created=0), story(created=0, stages=[(-5, "customer")])])
        [row] = table(ClosedLoop().make(question(model=track.model, now=NOW)), "cohorts").rows
        assert [value.raw for value in row] == ["Mar 2026", 1, 0, 0.0, None, None, None]
        assert row[3].low == 0.0
        assert row[3].high == pytest.approx(0.793, abs=0.001)

    def test_how_sure_a_share_is_comes_from_those_who_were_looked_at_for_so_long(self) -> None:
        """By Wilson's interval: of one who was looked at for ten days, of sixty who came."""
        cases = [(10.0, False), *((5.0, False) for _each in range(59))]
        cohort = Cohort("", "", curve_of(cases), [time for time, _won in cases])
        assert (cohort.by(10).raw, cohort.by(10).of) == (0.0, 1)
        assert cohort.by(10).high == pytest.approx(0.793, abs=0.001)
        bought = [(10.0, True), (5.0, False)]
        share = Cohort("", "", curve_of(bought), [10.0, 5.0]).by(30)
        assert (share.raw, share.high) == (1.0, 1.0)
        assert share.low == pytest.approx(0.207, abs=0.001)


def test_which_months_are_drawn_is_said_where_not_all_are() -> None:
    cohorts = [Cohort(str(at), str(at), curve_of([]), []) for at in range(12)]
    assert which_are_drawn(cohorts, cohorts) == []
    [said] = which_are_drawn(cohorts[2::3], cohorts)
    assert "4 of 12 months are drawn" in said.text


@pytest.mark.django_db
def test_without_anything_there_is_a_page() -> None:
    made = ClosedLoop().make(question(date(2026, 3, 29), date(2026, 3, 29), zone="Europe/Madrid"))
    assert figures(made) == {"Won value": 0, "Won": 0, "Lost": 0, "Win rate": None}
    assert raws(table(made, "cohorts")) == []
