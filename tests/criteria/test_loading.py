"""load_model and export_model: documents in, versions out, nothing lost on the way."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from contacts.models import ActivityType, CustomField
from scoring.criteria import templates, yaml
from scoring.criteria.document import DocumentInvalid, parse
from scoring.criteria.loading import load
from scoring.criteria.models import ScoringModel, Version
from tests.criteria.documents import Data, small

pytestmark = pytest.mark.django_db


def said(*args: str, **options: Any) -> str:
    out = StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def refused(*args: str, **options: Any) -> list[str]:
    err = StringIO()
    with pytest.raises(CommandError) as error:
        call_command(*args, stderr=err, **options)
    return [*err.getvalue().splitlines(), str(error.value)]


def written(folder: Path, **changes: object) -> str:
    path = folder / "model.yaml"
    path.write_text(yaml.write(parse(small(**changes))), "utf-8")
    return str(path)


def test_a_document_becomes_the_next_version(tmp_path: Path) -> None:
    first = parse(small())
    assert said("load_model", written(tmp_path)) == (f'Stored version 1 of "Small": {first.hash}\n')
    assert said("load_model", written(tmp_path)).startswith(
        'Nothing changed: version 1 of "Small" says the same'
    )
    said("load_model", written(tmp_path, **{"bands[2].from": 51}))
    assert list(Version.objects.order_by("number").values_list("number", "state")) == [
        (1, "draft"),
        (2, "draft"),
    ]
    assert Version.objects.get(number=1).document_value == first


def test_what_was_exported_is_the_same_version(tmp_path: Path) -> None:
    said("load_model", written(tmp_path))
    path = tmp_path / "exported.yaml"
    path.write_text(said("export_model", "Small"), "utf-8")
    assert said("load_model", str(path)).startswith("Nothing changed: version 1")


def test_the_live_version_is_exported_or_the_one_that_is_named(tmp_path: Path) -> None:
    for start in (50, 60, 70):
        said("load_model", written(tmp_path, **{"bands[2].from": start}))
    assert "from: 70" in said("export_model", "Small")
    Version.objects.filter(number=2).update(state=Version.State.LIVE)
    assert "from: 60" in said("export_model", "Small")
    assert "from: 50" in said("export_model", "Small", "--version", "1")


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    assert refused("export_model", "Big") == ['There is no model "Big"; there are: none.']
    said("load_model", written(tmp_path))
    assert refused("export_model", "Big") == ['There is no model "Big"; there are: "Small".']
    assert refused("export_model", "Small", "--version", "7") == [
        '"Small" has no version 7; there are: 1.'
    ]
    missing = str(tmp_path / "missing.yaml")
    assert refused("load_model", missing) == [f"{missing}: No such file or directory"]


def test_every_fault_is_told_and_nothing_stored(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("format: 1\nname: Bad\ngroups: []\nbands: []\ncolour: red\n")
    lines = refused("load_model", str(path))
    assert [line.partition(": ")[2].partition(":")[0] for line in lines[:-1]] == ["colour", "bands"]
    assert lines[-1] == "Nothing was stored: the document has 2 faults."
    assert not ScoringModel.objects.exists()


def test_only_the_first_faults_are_told_where_there_are_very_many(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    groups = "\n".join("  - {}" for _group in range(150))
    path.write_text(f"format: 1\nname: Bad\nbands: [{{name: cold}}]\ngroups:\n{groups}\n")
    lines = refused("load_model", str(path))
    assert len(lines) == 102
    assert lines[-2] == "... and 350 faults more"


def test_custom_fields_and_activity_types_are_declared() -> None:
    load(parse(small(**{"groups[1].rules[1].absent.type": ["never_seen", "visit"]})))
    fields = CustomField.objects.order_by("key").values_list("key", "label", "type", "choices")
    assert list(fields) == [
        ("budget", "budget", "boolean", []),
        ("persona", "persona", "text", []),
        ("renewal", "renewal", "date", []),
        ("seats", "Seats", "number", []),
        ("size", "size", "choice", ["S", "M"]),
    ]
    assert ActivityType.objects.filter(slug="never_seen").exists()


def test_the_types_of_an_objective_and_of_scenarios_are_declared_too() -> None:
    changes: Data = {
        "objective": {"activity": {"type": "renewed"}},
        "scenarios[0].activities[0].type": "sneezed",
    }
    load(parse(small(**changes)))
    assert ActivityType.objects.filter(slug__in=["renewed", "sneezed"]).count() == 2


def test_a_field_that_is_there_keeps_its_label_and_gains_choices() -> None:
    CustomField.objects.create(key="size", label="How big", type="choice", choices=["s", "XL"])
    load(parse(small()))
    size = CustomField.objects.get(key="size")
    assert (size.label, size.choices) == ("How big", ["s", "XL", "M"])


def test_a_field_of_another_type_is_refused_by_its_place() -> None:
    CustomField.objects.create(key="renewal", label="Renewal", type="text")
    with pytest.raises(DocumentInvalid) as invalid:
        load(parse(small()))
    assert [str(fault) for fault in invalid.value.faults] == [
        "fields[2].type: renewal is there already, of type text; use another key"
    ]
    assert not Version.objects.exists()
    assert CustomField.objects.count() == 1


def test_the_command_tells_of_a_field_of_another_type(tmp_path: Path) -> None:
    CustomField.objects.create(key="seats", label="Seats", type="text")
    assert refused("load_model", written(tmp_path)) == [
        "fields[0].type: seats is there already, of type text; use another key",
        "Nothing was stored: the document has 1 fault.",
    ]


def test_who_made_a_version_is_kept() -> None:
    marta = User.objects.create_user("marta")
    assert load(parse(small()), marta).version.created_by == marta
    saul = User.objects.create_user("saul")
    assert load(parse(small()), saul).version.created_by == marta


def test_a_ready_made_model_is_loaded_by_its_name() -> None:
    listed = said("load_model", "--list-templates")
    assert [line.split()[0] for line in listed.splitlines()] == templates.names()
    for name in templates.names():
        assert said("load_model", "--template", name).startswith("Stored version 1")
    assert refused("load_model", "--template", "x") == [
        'There is no ready-made model "x"; there are: b2b_starter, email_scale, prospecting_scale.'
    ]


def test_a_version_is_called_by_its_model_and_number() -> None:
    version = load(parse(small())).version
    assert (str(version), str(version.model)) == ("Small 1", "Small")


def test_a_version_is_made_live_once() -> None:
    assert "is live." in said("load_model", "--template", "email_scale", "--activate")
    assert Version.objects.get().state == Version.State.LIVE
    assert "is live already" in said("load_model", "--template", "email_scale", "--activate")
