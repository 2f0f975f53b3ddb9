"""Rows and documents: what goes in comes out, and rows may be wrong until they are frozen."""

import pytest
from django.contrib.auth.models import User
from hypothesis import given

from contacts.models import CustomField
from scoring.criteria import templates
from scoring.criteria.document import DocumentInvalid, parse
from scoring.criteria.drafts import Draft, DraftRule
from scoring.criteria.loading import load
from tests.criteria.documents import Data, documents, small
from tests.profiles import examples

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", templates.names())
def test_the_rows_of_a_document_make_it_again(name: str) -> None:
    document = templates.template(name)
    draft = Draft.objects.begin(document)
    assert Draft.objects.get(pk=draft.pk).document().hash == document.hash


@examples(20)
@given(documents())
def test_the_rows_of_any_document_make_it_again(data: Data) -> None:
    document = parse(data)
    assert Draft.objects.begin(document).document().hash == document.hash


def test_a_changed_row_makes_another_version() -> None:
    base = load(parse(small())).version
    draft = Draft.objects.begin(base.document_value, base)
    DraftRule.objects.filter(name="Pricing").update(points=25)
    marta = User.objects.create_user("marta")
    loaded = draft.freeze(marta)
    assert (loaded.version.number, loaded.is_new, loaded.version.created_by) == (2, True, marta)
    assert [rule.points for rule in loaded.version.document_value.rules] == [15, 0, 25, -10]
    assert base.document_value.rules[2].points == 20
    assert (draft.base, str(draft)) == (base, "Small")


def test_rows_that_are_wrong_are_kept_and_their_faults_named() -> None:
    draft = Draft.objects.begin(parse(small()))
    DraftRule.objects.filter(name="Pricing").update(points=None)
    DraftRule.objects.filter(name="Gone").update(points=0)
    with pytest.raises(DocumentInvalid) as invalid:
        draft.freeze()
    assert [fault.path for fault in invalid.value.faults] == [
        "groups[1].rules[0]",
        "groups[1].rules[1].points",
    ]


def test_a_model_has_one_draft() -> None:
    Draft.objects.begin(parse(small()))
    again = Draft.objects.begin(parse(small(**{"groups[0].rules": []})))
    assert Draft.objects.get() == again
    assert again.document().rules[0].name == "Pricing"


def test_rows_are_called_by_their_names() -> None:
    draft = Draft.objects.begin(parse(small()))
    groups = draft.groups.all()
    assert [str(group) for group in groups] == ["Profile", "Behaviour"]
    assert [str(rule) for rule in groups[0].rules.all()] == ["Decision maker", "Competitor"]
    assert [str(band) for band in draft.bands.all()] == ["cold", "warm", "hot"]
    assert [str(scenario) for scenario in draft.scenarios.all()] == ["Ana"]


def test_a_rule_is_added_as_the_last_of_its_group_under_a_name_of_its_own() -> None:
    draft = Draft.objects.begin(parse(small()))
    group = draft.groups.get(name="Behaviour")
    data = {"name": "Gone", "points": 5, "activity": {"type": "call"}}
    rule = draft.add_rule(group, data, "Sales asked for it")
    assert (rule.name, rule.note, draft.revision) == ("Gone (2)", "Sales asked for it", 1)
    assert [each.name for each in draft.document().groups[1].rules] == [
        "Pricing",
        "Gone",
        "Gone (2)",
    ]


def test_a_group_is_put_whole_in_place_of_the_one_of_its_name() -> None:
    draft = Draft.objects.begin(parse(small()))
    DraftRule.objects.filter(name="Competitor").update(note="They read our prices.")
    when = {"field": "tags", "op": "has_any", "value": ["rival"]}
    rules = [{"name": "Competitor", "exclude": True, "when": when}]
    draft.put_group({"name": "Profile", "dimension": "fit", "rules": rules}, "Profile")
    draft.put_group({"name": "More", "dimension": "fit", "rules": []}, "More")
    assert [group.name for group in draft.document().groups] == ["Profile", "Behaviour", "More"]
    rule = DraftRule.objects.get(name="Competitor")
    assert (rule.note, rule.test) == ("They read our prices.", {"when": when})
    assert draft.revision == 2


def test_a_custom_field_that_a_rule_uses_is_declared_by_itself() -> None:
    CustomField.objects.create(key="plan", label="Plan", type="choice", choices=["a", "b"])
    draft = Draft.objects.begin(parse(small()))
    when = {"any": [{"not": {"field": "attributes.plan", "op": "is_empty"}}]}
    draft.add_rule(draft.groups.all()[0], {"name": "Plan", "points": 1, "when": when})
    assert draft.document().fields[-1].key == "plan"
    assert draft.fields[-1] == {
        "key": "plan",
        "label": "Plan",
        "type": "choice",
        "choices": ["a", "b"],
    }


def test_what_is_switched_off_and_noted_comes_back_with_a_snapshot() -> None:
    draft = Draft.objects.begin(parse(small()))
    DraftRule.objects.filter(name="Pricing").update(enabled=False, note="Too many visitors")
    snapshot = draft.snapshot()
    again = Draft.objects.bring_back(draft.model, snapshot)
    assert again.snapshot() == snapshot
    rule = DraftRule.objects.get(name="Pricing")
    assert (rule.enabled, rule.note, "Pricing" in str(again.as_data())) == (
        False,
        "Too many visitors",
        False,
    )


def test_a_draft_that_is_gone_is_not_changed() -> None:
    draft = Draft.objects.begin(parse(small()))
    Draft.objects.get(pk=draft.pk).delete()
    with pytest.raises(Draft.DoesNotExist), draft.changing():
        pytest.fail("nothing is left to change")


@pytest.mark.parametrize(
    ("bands", "expected"),
    [
        ([("cold", None), ("warm", 20), ("blazing", 50)], "blazing"),
        ([("cold", None), ("hot", 20), ("blazing", 50)], "hot"),
        ([("cold", None), ("warm", 20), ("blazing", 60)], "hot"),
        ([("cold", None), ("blazing", 50)], "hot"),
    ],
)
def test_a_scenario_expects_the_new_name_of_a_band_that_begins_where_it_did(
    bands: list[tuple[str, int | None]], expected: str
) -> None:
    draft = Draft.objects.begin(parse(small()))
    draft.put_bands([{"name": "cold"}, {"name": "warm", "from": 20}, {"name": "hot", "from": 50}])
    draft.scenarios.update(expect="hot")
    draft.put_bands([{"name": name} | ({"from": at} if at else {}) for name, at in bands])
    assert draft.scenarios.get().expect == expected
