"""Where a draft comes from, and how one that was discarded is brought back."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from scoring.agreement.admin.hub import address_of
from scoring.agreement.audit import AuditEntry
from scoring.agreement.changes import Refused
from scoring.agreement.exchange import Rename
from scoring.criteria import templates, yaml
from scoring.criteria.document import parse
from scoring.criteria.drafts import Draft, DraftRule
from scoring.criteria.loading import load
from scoring.criteria.models import ScoringModel, Version
from tests.criteria.documents import small

pytestmark = pytest.mark.django_db
NEW = "admin:scoring_scoringmodel_add"


@pytest.fixture
def client(client: Client, marta: User) -> Client:
    client.force_login(marta)
    return client


@pytest.fixture
def model() -> ScoringModel:
    return load(parse(small())).version.model


def address(model: ScoringModel, name: str = "", *more: Any) -> str:
    view = "_".join(["admin:scoring_scoringmodel_criteria", *([name] if name else [])])
    return reverse(view, args=[model.pk, *more])


def begin(client: Client, model: ScoringModel, source: str, **more: Any) -> str:
    answer = client.post(address(model, "begin"), {"source": source} | more, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_without_a_draft_the_page_offers_every_way_to_begin(
    client: Client, model: ScoringModel
) -> None:
    page = client.get(address(model)).content.decode()
    assert "No draft yet" in page
    for words in ("newest version", "empty model", "B2B starter", "E-mail scale", "file (YAML)"):
        assert words in page
    Version.objects.update(state=Version.State.LIVE)
    assert "Start from the live version" in client.get(address(model)).content.decode()


def test_who_may_not_begin_is_told_who_does(
    client: Client, model: ScoringModel, saul: User
) -> None:
    client.force_login(saul)
    assert "Marketing begins a draft" in client.get(address(model)).content.decode()
    assert client.post(address(model, "begin"), {"source": "empty"}).status_code == 403
    assert client.post(address(model, "bring_back", 1)).status_code == 403
    assert client.get(reverse(NEW)).status_code == 403


def test_a_draft_from_the_live_version_says_the_same(client: Client, model: ScoringModel) -> None:
    begin(client, model, "live")
    draft = Draft.objects.get()
    assert draft.document().hash == model.versions.get().hash
    assert draft.base == model.versions.get()
    assert AuditEntry.objects.get().action == "draft_begun"
    assert "There is a draft already" in begin(client, model, "empty")


@pytest.mark.parametrize("name", templates.names())
def test_a_draft_from_a_template_has_its_rules(
    client: Client, model: ScoringModel, name: str
) -> None:
    begin(client, model, f"template:{name}")
    found = Draft.objects.get().document()
    assert [rule.name for rule in found.rules] == [
        rule.name for rule in templates.template(name).rules
    ]
    assert found.name == "Small"


def test_a_draft_from_a_file(client: Client, model: ScoringModel) -> None:
    text = yaml.write(parse(small())).encode()
    begin(client, model, "file", file=SimpleUploadedFile("model.yaml", text))
    assert Draft.objects.get().document().hash == parse(small()).hash


@pytest.mark.parametrize(
    ("source", "content", "told"),
    [
        ("file", None, "Choose a file first."),
        ("file", b"groups: [", ""),
        ("file", b"\xff\xfe", ""),
        ("file", b"format: 1\nname: x\ngroups: 5\nbands: []\n", "groups: must be a list"),
        ("template:../../secrets", None, "There is no such template."),
        ("nothing", None, "There is no such template."),
        ("template:\0", None, "There is no such template."),
    ],
)
def test_what_cannot_be_read_makes_no_draft(
    client: Client, model: ScoringModel, source: str, content: bytes | None, told: str
) -> None:
    more = {"file": SimpleUploadedFile("x.yaml", content)} if content is not None else {}
    assert told in begin(client, model, source, **more)
    assert not Draft.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_discarded_draft_is_brought_back_with_all_that_was_in_it(
    client: Client, model: ScoringModel
) -> None:
    begin(client, model, "live")
    DraftRule.objects.filter(name="Pricing").update(enabled=False, note="Too many")
    before = Draft.objects.get().snapshot()
    client.post(address(model, "discard"))
    assert not Draft.objects.exists()
    page = client.get(address(model)).content.decode()
    assert "marta discarded a draft" in page
    entry = AuditEntry.objects.get(action="draft_discarded")
    client.post(address(model, "bring_back", entry.pk))
    draft = Draft.objects.get()
    assert (draft.snapshot(), draft.base) == (before, model.versions.get())
    client.post(address(model, "bring_back", entry.pk))
    assert Draft.objects.get() == draft


def test_a_new_model_has_a_draft_at_once(client: Client) -> None:
    assert "New scoring model" in client.get(reverse(NEW)).content.decode()
    given = {"name": "Renewals", "objective": "customer", "source": "template:b2b_starter"}
    client.post(reverse(NEW), given)
    document = Draft.objects.get().document()
    assert (document.name, document.objective and document.objective.lifecycle) == (
        "Renewals",
        "customer",
    )
    again = client.post(reverse(NEW), given).content.decode()
    assert "There is a model of this name already." in again
    assert ScoringModel.objects.count() == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\0b"])
def test_a_model_without_a_usable_name_is_not_made(client: Client, name: str) -> None:
    given = {"name": name, "objective": "deal", "source": "empty"}
    assert client.post(reverse(NEW), given).status_code == 200
    assert not ScoringModel.objects.exists()


def test_a_name_that_was_taken_a_moment_ago_is_refused(model: ScoringModel, marta: User) -> None:
    ScoringModel.objects.create(name="Renewals")
    with pytest.raises(Refused, match="There is a model of this name"):
        Rename(marta, model, "Renewals").do()
    model.refresh_from_db()
    assert model.name != "Renewals"


def test_templates_are_offered_and_taken_in_the_language_of_the_reader(
    client: Client, marta: User
) -> None:
    model = ScoringModel.objects.create(name="Leads")
    client.force_login(marta)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
    shown = client.get(address_of("criteria", model)).content.decode()
    assert "«Escala de correo»" in shown
    client.post(address_of("criteria", model, "begin"), {"source": "template:email_scale"})
    draft = Draft.objects.get(model=model)
    assert list(draft.bands.values_list("name", flat=True)) == ["frío", "tibio", "caliente"]
    assert draft.groups.order_by("position").values_list("name", flat=True)[0] == "Mensajes"
