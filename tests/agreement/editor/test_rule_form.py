"""What a document can say the form can say, and gives it back just as it was."""

import pytest
from django.http import QueryDict
from hypothesis import given

from scoring.agreement.editor.rule_form import KINDS, RuleForm, sent
from scoring.criteria import templates
from scoring.criteria.document import ModelDocument, parse
from scoring.criteria.fields import Catalogue
from tests.criteria.documents import Data, documents, small
from tests.profiles import examples

pytestmark = pytest.mark.django_db


def saved_unchanged(data: Data, catalogue: Catalogue) -> tuple[Data | None, bool]:
    """The rule after its form was opened and sent as it is, and whether it fits the form."""
    form = RuleForm.of_data("rule1", data, "", catalogue)
    post = QueryDict(mutable=True)
    if form.counting is not None and form.activity is not None:
        post = sent(form.counting, form.activity)
    for name in ("name", "points"):
        post[name] = str(data.get(name, ""))
    if data.get("exclude"):
        post["exclude"] = "on"
    test = {key: value for key, value in data.items() if key not in ("name", "points", "exclude")}
    kind = next(key for key in KINDS if key in test)
    if form.tree is not None:
        return data | {"when": form.tree.data()}, True
    if form.kept is not None:
        post["kept"] = "1"
    again = RuleForm.of_post("rule1", kind, post, catalogue, test)
    return again.check(), form.kept is None


def check(document: ModelDocument) -> list[str]:
    """The names of the rules that the form cannot show; all of them come back as they were."""
    unfit = []
    for group in document.as_data()["groups"]:  # type: ignore[attr-defined]
        for rule in group["rules"]:
            found, fits = saved_unchanged(rule, document.catalogue)
            assert found == rule
            if not fits:
                unfit.append(rule["name"])
    return unfit


@pytest.mark.parametrize("name", templates.names())
def test_every_rule_of_a_template_fits_the_form_and_comes_back_as_it_was(name: str) -> None:
    assert check(templates.template(name)) == []


@examples(30)
@given(documents())
def test_every_rule_of_any_document_comes_back_as_it_was(data: Data) -> None:
    document = parse(data)
    stripped = all(rule.name == rule.name.strip() for rule in document.rules)
    if stripped:
        check(document)


def test_what_the_form_has_no_fields_for_is_kept() -> None:
    value = "two\nlines"
    document = parse(small(**{"groups[1].rules[0].activity.target.value": value}))
    assert check(document) == ["Pricing"]
