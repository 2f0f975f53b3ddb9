"""The grid of grades: who stands where, and a first proposal by thirds."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from scoring.agreement import newest
from scoring.agreement.admin.hub import address_of
from scoring.agreement.audit import AuditEntry
from scoring.agreement.grades import how_many
from scoring.agreement.terciles import starts
from scoring.criteria.document import parse
from scoring.criteria.drafts import Draft
from scoring.engine.proportions import Proportion
from tests.agreement.drafting import logged_in
from tests.automations.admin.pages import text_of
from tests.engine.scored import MODEL, go_live, person, refresh_all, visit
from tests.engine.test_outcomes import deal, long_known

Data = dict[str, Any]
PLAIN: Data = {name: value for name, value in MODEL.items() if name != "matrix"}


@pytest.mark.parametrize(
    ("counts", "cuts"),
    [
        ([(0, 10), (10, 10), (20, 10)], [20, 10]),
        ([(0, 90), (5, 5), (9, 5)], [5]),
        ([(0, 90), (5, 10)], [5]),
        ([(0, 5), (1, 90), (2, 5)], [2, 1]),
        ([(7, 100)], []),
        ([], []),
    ],
)
def test_thirds_lie_as_near_as_they_can(counts: list[tuple[int, int]], cuts: list[int]) -> None:
    assert starts(counts) == cuts


@given(st.dictionaries(st.integers(-99, 99), st.integers(1, 50), max_size=40))
def test_cuts_always_fall_and_are_above_somebody(counts: dict[int, int]) -> None:
    found = starts(list(counts.items()))
    assert found == sorted(set(found), reverse=True)
    assert len(found) <= 2
    assert all(cut in counts and cut > min(counts) for cut in found)


def some_leads() -> None:
    for place in range(4):
        person(f"d{place}", job_title="Director", owner="saul" if place == 0 else "mona")
    keen = person("keen", job_title="Student", owner="mona")
    visit(keen, timedelta(days=1))
    person("rival", job_title="Director", tags=["competitor"], owner="mona")


@pytest.mark.django_db
def test_each_cell_counts_its_leads_and_leads_to_them(marta: User, saul: User) -> None:
    some_leads()
    track = go_live()
    refresh_all()
    client = logged_in(marta)
    answer = client.get(address_of("grades", track.model))
    read = text_of(answer)
    cells = {cell.grade: cell for row in answer.context["rows"] for cell in row.cells}
    assert {grade: cell.count for grade, cell in cells.items()} == {
        "A1": 0, "A2": 5, "B1": 1, "B2": 0
    }  # fmt: skip
    assert "A2 5 83.3 %" in read
    assert "1 of them is excluded" in read
    listed = client.get(cells["A2"].address)
    assert listed.context["cl"].result_count == 5
    # Saul sees one of them, and is told that these are not all.
    own = text_of(logged_in(saul).get(address_of("grades", track.model)))
    assert "Only the leads that you may see are counted" in own
    assert "A2 1 100 %" in own


@pytest.mark.django_db
def test_the_grid_takes_one_question_however_many_there_are(
    marta: User, django_assert_max_num_queries: Any
) -> None:
    some_leads()
    track = go_live()
    refresh_all()
    client = logged_in(marta)
    client.get(address_of("grades", track.model))
    with django_assert_max_num_queries(30):
        client.get(address_of("grades", track.model))


@pytest.mark.django_db
def test_thirds_are_written_into_the_draft_once(marta: User, saul: User) -> None:
    some_leads()
    model = go_live(PLAIN).model
    refresh_all()
    page, propose = address_of("grades", model), address_of("grades", model, "propose")
    client = logged_in(marta)
    assert "Begin with thirds" in text_of(client.get(page))
    assert logged_in(saul).post(propose).status_code == 403
    client.post(propose)
    draft = Draft.objects.get(model=model)
    assert draft.document().matrix is not None
    assert draft.matrix == {
        "fit": [{"grade": "A", "from": 30}, {"grade": "B"}],
        "interest": [{"grade": "1", "from": 40}, {"grade": "2"}],
    }
    assert AuditEntry.objects.filter(action="draft_changed").count() == 1
    assert "The draft has grades, the live version has none" in text_of(client.get(page))
    Draft.objects.update(matrix={"fit": [{"grade": "X"}], "interest": [{"grade": "9"}]})
    client.post(propose)
    assert Draft.objects.get().matrix == {"fit": [{"grade": "X"}], "interest": [{"grade": "9"}]}


@pytest.mark.django_db
def test_a_model_that_was_never_live_says_so(marta: User) -> None:
    track = go_live()
    model = track.model
    track.delete()
    read = text_of(logged_in(marta).get(address_of("grades", model)))
    assert "No version of this model is live yet" in read


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Proportion(3, 5), "3 of 5 succeeded"),
        (Proportion(0, 0), "0 of 0 succeeded"),
        (Proportion(12, 40), "12 of 40 succeeded: 30 % (18–45 %)"),
        (Proportion(500, 2000), "500 of 2,000 succeeded: 25 % (23–27 %)"),
    ],
)
def test_of_a_few_no_share_is_told(found: Proportion, said: str) -> None:
    assert how_many(found) == said


@pytest.mark.django_db
def test_cells_say_how_many_succeeded_and_what_that_rests_on(marta: User) -> None:
    for place in range(3):
        deal(person(f"d{place}", job_title="Director"), "won" if place else "lost", 50, 20)
    long_known()
    track = go_live({**PLAIN, "matrix": MODEL["matrix"], "objective": {"deal": "won"}})
    client = logged_in(marta)
    address = address_of("grades", track.model, "conversion")
    read = client.get(address).content.decode()
    assert '<span class="grades-won" id="won-A2" hx-swap-oob="true">2 of 3 succeeded</span>' in read
    assert "from all 3 outcomes of the last 12 months" in read
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    assert len(asked) < 40


@pytest.mark.django_db
def test_without_an_objective_the_cells_say_nothing(marta: User) -> None:
    track = go_live()
    read = text_of(logged_in(marta).get(address_of("grades", track.model, "conversion")))
    assert "says nowhere what counts as success" in read


@pytest.mark.django_db
def test_where_there_is_no_time_for_all_outcomes_it_says_so(monkeypatch: Any) -> None:
    for place in range(3):
        deal(person(f"d{place}"), "won", 50 + place, 20 + place)
    long_known()
    monkeypatch.setattr(newest, "SECONDS", 0)
    document = parse({**PLAIN, "objective": {"deal": "won"}})
    found = newest.newest_outcomes(document)
    assert (len(found.outcomes), found.is_all) == (1, False)
    assert found.text == "from the newest outcome only"
