"""Rows and documents: what goes in comes out, and rows may be wrong until they are frozen."""

import pytest
from django.contrib.auth.models import User
from hypothesis import given

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
