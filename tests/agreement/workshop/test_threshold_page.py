"""The workshop: four ways to find a threshold, and one choice that keeps its reason."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from contacts.models import Deal, Pipeline, Stage
from scoring.agreement.admin.hub import address_of
from scoring.agreement.audit import AuditEntry
from scoring.agreement.workshop import distribution
from scoring.agreement.workshop.choices import ThresholdChoice, choices_for, newest_by_band
from scoring.agreement.workshop.table import OutcomeTable
from scoring.agreement.workshop.work import go_on_with_tables
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel
from scoring.engine.models import Recompute, ScoreChange
from tests.agreement.drafting import logged_in, small_draft
from tests.automations.admin.pages import text_of
from tests.engine.scored import MODEL, go_live, person, refresh_all, visit

pytestmark = pytest.mark.django_db
Data = dict[str, Any]


def page(model: ScoringModel, name: str = "") -> str:
    return address_of("threshold", model, name)


def some_leads() -> None:
    for place in range(3):
        person(f"d{place}", job_title="Director", owner="mona")
    keen = person("keen", job_title="Director", owner="saul")
    visit(keen, timedelta(days=1))


@pytest.fixture
def model() -> ScoringModel:
    some_leads()
    model = go_live().model
    refresh_all()
    return model


def sent(answer: Any, **changed: Any) -> Data:
    form = {
        "band": "hot",
        "threshold": "50",
        "method": "contacts",
        "reason": "As many as we can call.",
        "was": "60",
        "seen": answer.context["seen"],
        "people": "2",
        "calls": "10",
    }
    return form | changed


def test_the_page_says_where_everybody_stands(model: ScoringModel, marta: User) -> None:
    answer = logged_in(marta).get(page(model))
    read = text_of(answer)
    assert "Where should “hot” begin?" in read
    assert "From the stored scores of 4 contacts." in read
    assert "A director at the prices 70" in read
    assert "On average 70; the lowest 70." in read
    line = {place: (above, week) for place, above, week in answer.context["steps"]}
    assert line[31][0] == 1
    assert line[30][0] == 4
    assert line[71] == (0, 0)


def test_another_band_is_looked_at_by_its_name(model: ScoringModel, marta: User) -> None:
    read = text_of(logged_in(marta).get(page(model), {"band": "warm"}))
    assert "Where should “warm” begin?" in read
    for wrong in ("cold", "nothing", "a\0b", "x" * 10_000):
        assert "Where should “hot” begin?" in text_of(
            logged_in(marta).get(page(model), {"band": wrong})
        )


def test_a_salesperson_has_only_the_own_leads_counted(model: ScoringModel, saul: User) -> None:
    answer = logged_in(saul).get(page(model))
    assert "Only the leads that you may see are counted." in text_of(answer)
    assert answer.context["figures"].of == 1
    assert "Write it into the draft" not in text_of(answer)
    form = sent(answer)
    assert logged_in(saul).post(page(model, "pick"), form).status_code == 403


def test_rises_come_from_the_history_where_it_is_long_enough(
    model: ScoringModel, marta: User
) -> None:
    ago = timezone.now() - timedelta(weeks=10)
    Recompute.objects.update(started_at=ago)
    ScoreChange.objects.update(written_at=ago)
    late = person("late", job_title="Director", owner="mona")
    refresh_all()
    visit(late, timedelta(days=1))
    refresh_all()
    answer = logged_in(marta).get(page(model))
    found = answer.context["figures"]
    assert "of the score history of the last 8 weeks" in text_of(answer)
    # From nowhere to 30, and from 30 to 70.
    assert [found.per_week(at) for at in (30, 31, 70, 71)] == [1 / 8, 1 / 8, 1 / 8, 0]


def test_a_short_history_is_replaced_by_the_rules_themselves(
    model: ScoringModel, marta: User
) -> None:
    answer = logged_in(marta).get(page(model))
    assert "is not long enough yet" in text_of(answer)
    found = answer.context["figures"]
    assert not found.history
    # Who visited the prices yesterday rose from 30 to 70 in the last of the 8 weeks.
    assert found.per_week(50) == 1 / 8
    assert found.per_week(80) == 0


def test_other_rules_in_the_draft_are_worked_out_by_the_evaluator(
    model: ScoringModel, marta: User
) -> None:
    draft = Draft.objects.begin(model.versions.get().document_value)
    draft.groups.get(name="Who").rules.filter(name="Director").update(points=7)
    answer = logged_in(marta).get(page(model))
    assert "Worked out by these rules for all 4 contacts." in text_of(answer)
    assert dict(answer.context["figures"].totals) == {7: 3, 47: 1}


def test_a_sample_says_that_it_is_one(
    model: ScoringModel, marta: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distribution, "BATCH", 2)
    monkeypatch.setattr(distribution, "SECONDS", 0)
    draft = Draft.objects.begin(model.versions.get().document_value)
    draft.groups.get(name="Who").rules.filter(name="Director").update(points=7)
    answer = logged_in(marta).get(page(model))
    assert "About: worked out by these rules for 2 contacts taken at random, of 4." in text_of(
        answer
    )
    assert answer.context["figures"].above(-10) == 4


def test_a_choice_is_written_into_the_draft_and_keeps_its_reason(
    model: ScoringModel, marta: User
) -> None:
    client = logged_in(marta)
    client.post(page(model, "pick"), sent(client.get(page(model))))
    draft = Draft.objects.get(model=model)
    assert draft.bands.get(name="hot").start == 50
    assert draft.revision == 1
    choice = choices_for(model).get()
    assert (choice.threshold, choice.before, choice.username) == (50, 60, "marta")
    assert (choice.method, choice.reason) == ("contacts", "As many as we can call.")
    assert choice.figures == {
        "above": 1,
        "of": 4,
        "per_week": 0.12,
        "is_estimate": True,
        "scenarios": [70],
        "people": 2,
        "calls": 10,
    }
    entry = AuditEntry.objects.get(action="threshold")
    assert entry.detail["reason"] == "As many as we can call."
    assert newest_by_band(model) == {"hot": choice}
    read = text_of(client.get(page(model)))
    assert "“hot” begins at 50 before: 60 As many as we can call. marta" in read


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"threshold": "30"}, "“hot” must begin above “warm”, which begins at 30."),
        ({"band": "warm", "threshold": "60", "was": "30"}, "must begin below “hot”"),
        ({"threshold": "many"}, "Write a whole number, such as 60."),
        ({"threshold": "9" * 400}, "Write a whole number, such as 60."),
        ({"threshold": "6\0"}, "Write a whole number, such as 60."),
        ({"reason": " "}, "Say why, so that it can be agreed to."),
        ({"reason": "x" * 10_000}, "at most 2000"),
        ({"reason": "a\0b"}, "U+0000"),
        ({"method": "magic"}, "Choose how it was found."),
        ({"was": "55"}, "Meanwhile somebody else has let it begin at 60."),
        ({"band": "cold"}, "no band of that name with a beginning"),
    ],
)
def test_what_cannot_be_chosen_is_said_in_words_and_changes_nothing(
    model: ScoringModel, marta: User, changed: Data, words: str
) -> None:
    client = logged_in(marta)
    answer = client.post(page(model, "pick"), sent(client.get(page(model)), **changed), follow=True)
    assert words in text_of(answer)
    assert not ThresholdChoice.objects.exists()
    starts = Draft.objects.filter(model=model).values_list("bands__start", flat=True)
    assert set(starts) <= {None, 30, 60}


def test_figures_that_were_not_shown_are_not_kept(model: ScoringModel, marta: User) -> None:
    client = logged_in(marta)
    form = sent(client.get(page(model)), seen="made up")
    answer = client.post(page(model, "pick"), form, follow=True)
    assert "The figures are no longer those of today" in answer.content.decode()
    assert not ThresholdChoice.objects.exists()


def won_and_lost(won: int, lost: int) -> None:
    """Directors who were won, and others who were lost, each a month ago."""
    pipeline = Pipeline.objects.create(name="Outcomes")
    stages = {
        outcome: Stage.objects.create(
            pipeline=pipeline, name=outcome, outcome=outcome, position=place
        )
        for place, outcome in enumerate(("won", "lost"))
    }
    at = timezone.now() - timedelta(days=30)
    for place in range(won + lost):
        outcome = "won" if place < won else "lost"
        title = "Director" if outcome == "won" else "Student"
        who = person(f"{outcome}{place}", job_title=title)
        Deal.objects.create(
            name=who.email, contact=who, stage=stages[outcome], opened_at=at, closed_at=at
        )


def test_past_outcomes_are_worked_out_by_a_worker(marta: User) -> None:
    won_and_lost(won=9, lost=9)
    model = go_live({**MODEL, "objective": {"deal": "won"}}).model
    client = logged_in(marta)
    assert "Work it out" in text_of(client.get(page(model)))
    answer = client.post(page(model, "ask"), {"band": "hot"})
    assert "A worker is scoring the contacts" in text_of(answer)
    assert "hx-trigger" in answer.content.decode()
    while go_on_with_tables():
        pass
    assert OutcomeTable.objects.get().rows == [[0, 9, 0], [30, 0, 9]]
    read = text_of(client.get(page(model, "outcomes"), {"band": "hot"}))
    assert "18 contacts with a known outcome in 12 months, 9 of them succeeded" in read
    assert "30 9 of 18 100 % 70 % to 100 %" in read
    assert "best at 30 (highest F1)" in read
    priced = client.get(page(model, "outcomes"), {"band": "hot", "cost": "20", "value": "1500"})
    assert "the best is 30: calling everybody above it would have brought 13,500" in text_of(priced)
    wrong = client.get(page(model, "outcomes"), {"band": "hot", "cost": "a\0", "value": "1e9"})
    assert "Write two amounts" in text_of(wrong)


def test_few_outcomes_recommend_nothing(marta: User) -> None:
    won_and_lost(won=2, lost=1)
    model = go_live({**MODEL, "objective": {"deal": "won"}}).model
    client = logged_in(marta)
    client.post(page(model, "ask"), {"band": "hot"})
    while go_on_with_tables():
        pass
    read = text_of(client.get(page(model)))
    assert "with fewer than 15 known outcomes, chance decides" in read
    assert "highest F1" not in read


def test_a_table_is_asked_for_once_and_another_threshold_needs_no_other(marta: User) -> None:
    model = go_live({**MODEL, "objective": {"deal": "won"}}).model
    client = logged_in(marta)
    for _twice in range(2):
        client.post(page(model, "ask"), {"band": "hot"})
    Draft.objects.begin(model.versions.get().document_value).bands.filter(name="hot").update(
        start=77
    )
    client.post(page(model, "ask"), {"band": "hot"})
    assert OutcomeTable.objects.count() == 1


def test_without_an_objective_the_panel_says_what_to_do(marta: User) -> None:
    draft = small_draft()
    read = text_of(logged_in(marta).get(page(draft.model)))
    assert "does not say what counts as success" in read
    logged_in(marta).post(page(draft.model, "ask"), {"band": "hot"})
    assert not OutcomeTable.objects.exists()


def test_a_model_with_one_band_has_nothing_to_choose(marta: User) -> None:
    draft = small_draft({**MODEL, "bands": [{"name": "all"}], "scenarios": []})
    read = text_of(logged_in(marta).get(page(draft.model)))
    assert "There is no threshold to choose yet" in read


def test_a_draft_with_faults_shows_the_figures_of_the_version(
    model: ScoringModel, marta: User
) -> None:
    draft = Draft.objects.begin(model.versions.get().document_value)
    draft.groups.all().update(name="")
    read = text_of(logged_in(marta).get(page(model)))
    assert "The draft has faults, so the figures are those of Small model 1." in read


def test_the_page_asks_few_questions(
    model: ScoringModel, marta: User, django_assert_max_num_queries: Any
) -> None:
    client = logged_in(marta)
    client.get(page(model))
    with django_assert_max_num_queries(60):
        client.get(page(model))
