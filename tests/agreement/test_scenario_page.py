"""The tab of scenarios: tried while one types, stored when one says so, and told to the other."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from contacts.models import Activity
from scoring.agreement.audit import AuditEntry
from scoring.criteria.drafts import Draft, DraftScenario
from tests.agreement.drafting import at, form_of, logged_in, scenario, small_draft, tab
from tests.automations.admin.pages import text_of
from tests.engine.scored import MODEL, go_live, person, refresh_all, visit

pytestmark = pytest.mark.django_db
Data = dict[str, Any]
DIRECTOR = "A director at the prices"


@pytest.fixture
def draft() -> Draft:
    return small_draft()


def test_each_scenario_shows_its_total_its_rules_and_whether_it_passed(
    draft: Draft, marta: User
) -> None:
    read = text_of(logged_in(marta).get(tab(draft.model)))
    assert "1 of 2 as expected" in read
    assert "Passed 70 hot A1" in read
    assert "+40 Visits the prices" in read
    assert "“warm” is expected, but it is “cold”. 30 points are missing." in read


def test_while_one_types_it_is_scored_and_nothing_is_stored(draft: Draft, marta: User) -> None:
    row = scenario(DIRECTOR)
    sent = form_of(row.as_data())
    # A database may keep the fields in another order.
    title = next(name for name, value in sent.items() if value == "job_title")
    sent[title.replace("-field", "-value")] = "Student"
    read = text_of(logged_in(marta).post(at(row, "try"), sent))
    assert "Failed 40 warm" in read
    assert scenario(DIRECTOR).contact["job_title"] == "Director"
    assert not AuditEntry.objects.exists()


def test_what_is_wrong_is_said_in_words_and_nothing_is_stored(draft: Draft, marta: User) -> None:
    row = scenario(DIRECTOR)
    sent = form_of(row.as_data(), {"a0-count": "soon", "name": "a\0b"})
    for deed in ("try", "save"):
        read = text_of(logged_in(marta).post(at(row, deed), sent))
        assert "2 things to mend" in read
        assert "Write a duration as a number and a unit" in read
    assert scenario(DIRECTOR).revision == 0


def test_saving_stores_it_and_leaves_a_line_in_the_audit_trail(draft: Draft, marta: User) -> None:
    row = scenario(DIRECTOR)
    sent = form_of(row.as_data(), {"name": "Renamed", "a0-target": "/pricing/teams"})
    read = text_of(logged_in(marta).post(at(row, "save"), sent))
    assert "Renamed" in read
    assert scenario("Renamed").activities[0]["target"] == "/pricing/teams"
    entry = AuditEntry.objects.get()
    assert (entry.username, entry.action) == ("marta", "draft_changed")
    draft.refresh_from_db()
    assert draft.revision == 1


def test_of_two_who_edit_the_second_is_told_and_loses_nothing(
    draft: Draft, marta: User, ada: User
) -> None:
    row = scenario(DIRECTOR)
    logged_in(ada).post(at(row, "save"), form_of(row.as_data(), {"name": "Of Ada"}))
    mine = form_of(row.as_data(), {"name": "Of Marta"})
    answer = logged_in(marta).post(at(row, "save"), mine)
    assert "ada has changed this scenario since you opened it" in text_of(answer)
    assert 'value="Of Marta"' in answer.content.decode()
    assert DraftScenario.objects.get(pk=row.pk).name == "Of Ada"
    # Knowing that, Marta may put hers in place of it.
    logged_in(marta).post(at(row, "save"), mine | {"revision": 1})
    assert DraftScenario.objects.get(pk=row.pk).name == "Of Marta"


def test_add_duplicate_move_delete_and_undo(draft: Draft, marta: User) -> None:
    client, model = logged_in(marta), draft.model
    client.post(tab(model, "add"))
    client.post(at(scenario(DIRECTOR), "duplicate"))
    client.post(at(scenario("Nobody"), "move", "up"))
    names = list(draft.scenarios.values_list("name", flat=True))
    assert names == [DIRECTOR, "Nobody", f"{DIRECTOR} (copy)", "New scenario"]

    answer = client.post(at(scenario("Nobody"), "delete"))
    assert "“Nobody” was deleted." in text_of(answer)
    kept = answer.context["kept"]
    client.post(tab(model, "restore"), {"kept": kept})
    assert list(draft.scenarios.values_list("name", flat=True)) == names
    assert client.post(tab(model, "restore"), {"kept": f"{kept}x"}).status_code == 404


def test_a_model_without_scenarios_is_offered_examples(marta: User) -> None:
    draft = small_draft({**MODEL, "scenarios": []})
    client = logged_in(marta)
    assert "Add five examples" in text_of(client.get(tab(draft.model)))
    for _twice in range(2):
        client.post(tab(draft.model, "examples"))
    assert draft.scenarios.count() == 5


def test_without_a_draft_those_of_the_live_version_are_read(marta: User) -> None:
    model = go_live().model
    client = logged_in(marta)
    read = text_of(client.get(tab(model)))
    assert "these are the scenarios of Small model 1" in read
    assert "Passed 70 hot" in read
    client.post(tab(model, "begin"))
    assert Draft.objects.get(model=model).scenarios.count() == 2


def test_a_draft_with_faults_still_shows_its_scenarios(draft: Draft, marta: User) -> None:
    draft.bands.update(start=None)
    read = text_of(logged_in(marta).get(tab(draft.model)))
    assert "The draft has faults" in read
    assert DIRECTOR in read


def test_salespeople_look_and_change_nothing(draft: Draft, saul: User) -> None:
    client = logged_in(saul)
    assert "Edit" not in text_of(client.get(tab(draft.model)))
    row = scenario(DIRECTOR)
    deeds = [at(row, "save"), at(row, "delete"), at(row, "duplicate"), at(row, "move", "up")]
    for address in [*deeds, tab(draft.model, "add"), tab(draft.model, "examples")]:
        assert client.post(address, form_of(row.as_data())).status_code == 403
    assert draft.scenarios.count() == 2


def test_wrong_ids_are_nowhere_and_reading_changes_nothing(draft: Draft, marta: User) -> None:
    client, other = logged_in(marta), small_draft({**MODEL, "name": "Another"})
    mine, theirs = draft.scenarios.all()[0], other.model
    assert client.get(tab(theirs, "card", mine.pk)).status_code == 404
    assert client.post(tab(theirs, "save", mine.pk)).status_code == 404
    assert client.get(tab(draft.model, "card", 999_999_999)).status_code == 404
    assert client.get(at(scenario_of(draft), "save")).status_code == 405


def scenario_of(draft: Draft) -> DraftScenario:
    return DraftScenario.objects.select_related("draft__model").filter(draft=draft)[0]


def test_a_scenario_is_made_of_a_real_lead_without_who_it_is(marta: User) -> None:
    ana = person(
        "ana",
        first_name="Ana",
        last_name="Ruiz",
        phone="600 000 000",
        job_title="Director",
        company={"name": "Norte", "domain": "norte.example", "employees": 70},
        tags=["vip"],
    )
    visit(ana, timedelta(days=3))
    model = go_live().model
    refresh_all()
    client = logged_in(marta)
    page = client.get(reverse("admin:scoring_lead_change", args=[ana.pk]))
    assert "Make a scenario of this contact" in text_of(page)
    preview = text_of(client.get(tab(model, "from", ana.pk)))
    assert "Passed 70 hot" in preview
    assert not Draft.objects.exists()
    client.post(tab(model, "from", ana.pk))
    made = Draft.objects.get().scenarios.get(name="Like a real lead: Director")
    assert (made.expect, made.contact["email"]) == ("hot", "prospect@x.example")
    assert made.contact["company"] == {"name": "A company", "employees": 70}
    assert made.activities == [{"type": "page_view", "age": "3 days", "target": "/pricing"}]
    said = str(made.as_data())
    assert not [word for word in ("Ana", "Ruiz", "600", "norte", "ana@") if word in said]


def test_of_what_was_done_only_what_a_rule_tests_is_copied(marta: User) -> None:
    ana = person("ana")
    visit(ana, timedelta(days=2), "ana@x.example", "form_submit")
    typed = {"form_name": "Demo", "email": "ana@x.example", "name": "Ana Ruiz", "list": "x"}
    Activity.objects.update(properties=typed)
    visit(ana, timedelta(days=1))
    test = {"key": "form_name", "op": "equals", "value": "demo"}
    activity = {"type": "form_submit", "properties": [test]}
    rule = {"name": "Wants a demo", "points": 5, "activity": activity}
    lost = {"type": "email_open", "properties": [{"key": "list", "op": "equals", "value": "x"}]}
    silent = {"name": "Silent", "points": -5, "absent": lost, "for": "2 months"}
    who, did = MODEL["groups"]
    rules = [*did["rules"], rule, silent]
    model = go_live(MODEL | {"groups": [who, did | {"rules": rules}]}).model
    logged_in(marta).post(tab(model, "from", ana.pk))
    made = Draft.objects.get().scenarios.get(name__startswith="Like a real lead")
    given = {"form_name": "Demo", "list": "x"}
    assert made.activities == [
        {"type": "page_view", "age": "1 day", "target": "/pricing"},
        {"type": "form_submit", "age": "2 days", "properties": given},
    ]


def test_nobody_makes_a_scenario_of_a_contact_whom_they_may_not_see(
    saul: User, marta: User
) -> None:
    hers = person("ana", owner="mona")
    pool = person("eva")
    model = go_live().model
    assert logged_in(saul).get(tab(model, "from", hers.pk)).status_code == 404
    assert logged_in(saul).post(tab(model, "from", pool.pk)).status_code == 403
    assert logged_in(marta).get(tab(model, "from", 999_999)).status_code == 404


def test_the_page_asks_no_more_for_more_scenarios(
    draft: Draft, marta: User, django_assert_max_num_queries: Any
) -> None:
    client = logged_in(marta)
    client.get(tab(draft.model))
    for place in range(20):
        DraftScenario.objects.create(draft=draft, name=f"S{place}", expect="cold", position=place)
    with django_assert_max_num_queries(40):
        client.get(tab(draft.model))


def test_a_new_line_of_the_form_leaves_the_keys_of_fields_as_they_are(marta: User) -> None:
    plan = {"key": "a__b", "label": "Plan", "type": "text"}
    draft = small_draft(MODEL | {"fields": [*MODEL.get("fields", []), plan]})
    page = logged_in(marta).get(tab(draft.model)).content.decode()
    line = page.partition('<template id="scenario-field-row">')[2].partition("</template>")[0]
    assert 'name="__id__-field"' in line
    assert 'value="attributes.a__b"' in line.replace("__id__", "c1000")
