"""Mappings: every fault of one that is malformed, and what a good one makes of a row."""

from pathlib import Path
from typing import Any

import pytest

from contacts.imports.choosing import (
    mapping_for,
    named_mapping,
    ready_documents,
    ready_mapping,
)
from contacts.imports.documents import load_mapping, parse_mapping, read_mapping
from contacts.imports.faults import MappingInvalid
from contacts.imports.kinds import ACTIVITIES, COMPANIES, CONTACTS, DEALS
from contacts.imports.reading import Reader
from contacts.imports.sources import FileFormat, open_source
from contacts.records import ContactRecord, FieldSpec
from contacts.yamlfile import YamlInvalid, read_exact_yaml, read_yaml

pytestmark = pytest.mark.once

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def faults_of(data: object, kind: str = CONTACTS) -> dict[str, str]:
    with pytest.raises(MappingInvalid) as caught:
        parse_mapping(data, kind)
    return {fault.path: fault.message for fault in caught.value.faults}


BAD = [
    ([], [""]),
    ({"colums": {}}, ["colums"]),
    ({"kind": "deals"}, ["kind"]),
    ({"format": 2}, ["format"]),
    ({"encoding": "klingon"}, ["encoding"]),
    ({"delimiter": "and"}, ["delimiter"]),
    ({"time_zone": "Europe/Atlantis"}, ["time_zone"]),
    ({"date_format": "%d/%m"}, ["format"]),
    ({"date_format": "%"}, ["format"]),
    ({"empty_cells": "guess"}, ["empty_cells"]),
    ({"decimal_comma": "yes"}, ["decimal_comma"]),
    ({"record": {"city": "City"}}, ["record"]),
    ({"record": {"email": "E", "shoe": "S"}}, ["record.shoe"]),
    ({"record": {"email": "E", "properties.a": "S"}}, ["record.properties.a"]),
    ({"record": {"email": "E", "attributes.Bad Key": "S"}}, ["record.attributes.Bad Key"]),
    ({"record": {"email": {"column": "E", "constant": 1}}}, ["record.email", "record"]),
    ({"record": {"email": {}}}, ["record.email", "record"]),
    ({"record": {"email": {"template": "nobody"}}}, ["record.email.template"]),
    ({"record": {"email": {"columns": []}}}, ["record.email.columns"]),
    ({"record": {"email": {"column": "E", "colour": 1}}}, ["record.email.colour"]),
    ({"record": {"email": {"column": "E", "others": "x"}}}, ["record.email.others"]),
    ({"record": {"email": {"column": "E", "values": {"a": [1]}}}}, ["record.email.values.a"]),
    ({"record": {"email": {"column": "E", "type": "number"}}}, ["record.email.type"]),
    ({"fields": {"seats": "number"}}, ["fields"]),
    ({"fields": [{"key": "Seats", "type": "number"}]}, ["fields[0].key"]),
    ({"fields": [{"key": "seats", "type": "integer"}]}, ["fields[0].type"]),
    ({"fields": [{"key": "seats", "type": "choice"}]}, ["fields[0].choices"]),
    ({"fields": [{"key": "a", "type": "text", "choices": ["x"]}]}, ["fields[0].choices"]),
    ({"fields": [{"key": "a", "type": "text"}] * 2}, ["fields[1].key"]),
    ({"lookups": {"other": {"file": "x.csv", "key": "a", "by": "b"}}}, ["lookups.other"]),
]


@pytest.mark.parametrize(("data", "paths"), BAD, ids=lambda value: str(value)[:60])
def test_a_malformed_mapping_is_refused_with_every_path(data: object, paths: list[str]) -> None:
    found = faults_of(data)
    assert [path for path in paths if path not in found and path != "record"] == []


BAD_YAML = [
    b"a: &x 1\nb: *x\n",
    b"a: !!python/object:os.system 1\n",
    b"a: 1\na: 2\n",
    b"a: [1\n",
    b"a: \xff\n",
    b"[" * 50 + b"]" * 50,
    b"? [a]\n: 1\n",
    b"a: \0\n",
    b"x" * (1024 * 1024 + 1),
    b"a: &a [x]\nb: [*a, *a]\n",
]


@pytest.mark.parametrize("content", BAD_YAML, ids=lambda value: repr(value[:20]))
def test_yaml_with_references_tags_or_repetitions_is_refused(content: bytes) -> None:
    with pytest.raises(YamlInvalid, match=r"\w"):
        read_yaml(content)


def test_words_that_yaml_would_take_for_something_else_are_text() -> None:
    read = read_yaml(b"{NO: off, day: 2026-03-31, no: yes, n: 0x1F, f: 1.5, i: 7, t: true}")
    assert read == {
        "NO": "off", "day": "2026-03-31", "no": "yes", "n": "0x1F", "f": 1.5, "i": 7, "t": True,
    }  # fmt: skip
    assert [type(read[key]) for key in "fit"] == [float, int, bool]


def test_only_null_is_nothing_in_a_mapping_as_in_a_model() -> None:
    content = "{a: null, b: ~, c: '', d: , e: 'null'}"
    wanted = {"a": None, "b": "~", "c": "", "d": "", "e": "null"}
    assert read_yaml(content.encode()) == read_exact_yaml(content) == wanted


def test_a_key_of_a_mapping_is_text_whatever_it_looks_like() -> None:
    read = read_yaml(b"values: {1: lead, 2.50: mql, true: customer, null: lost, NO: x, <<: y}")
    assert list(read["values"]) == ["1", "2.50", "true", "null", "NO", "<<"]


def test_a_number_of_a_mapping_is_one_that_json_can_hold() -> None:
    read = read_yaml(b"[12345678901234567890, 1e3, -0, " + b"9" * 5000 + b"]")
    assert read == [12345678901234567890, 1000.0, 0, "9" * 5000]


def read_one(tmp_path: Path, csv: str, mapping: dict[str, Any]) -> Any:
    """The entry of the first row of a CSV file of contacts."""
    path = tmp_path / "file.csv"
    path.write_text(csv)
    fields = {"seats": FieldSpec("number"), "vip": FieldSpec("boolean")}
    with open_source(path, FileFormat()) as source:
        reader = Reader(source, parse_mapping(mapping, CONTACTS, [tmp_path]), fields)
        return next(reader.entries())


def test_a_row_becomes_a_contact(tmp_path: Path) -> None:
    entry = read_one(
        tmp_path,
        "Nr,City,Other city,Seats,Tags,More tags,Since,Company,Mail me,Kind\n"
        '7,Select,Lugo,"1.234,5","vip;Select",Partner,31/03/2026,Acme,Sí,B2B\n',
        {
            "empty": ["select"],
            "time_zone": "Europe/Madrid",
            "date_format": "%d/%m/%Y",
            "record": {
                "email": {"template": "{Nr}@shop.example"},
                "city": {"columns": ["City", "Other city"]},
                "attributes.seats": {"column": "Seats", "decimal_comma": True, "grouping": "."},
                "attributes.vip": {"constant": True},
                "tags": {"columns": ["Tags", "More tags"], "values": {"partner": "Socio"}},
                "created_at": "Since",
                "company.name": "Company",
                "unsubscribed": {"column": "Mail me", "values": {"sí": False, "no": True}},
                "source": {"column": "Kind", "values": {"b2c": "shop"}, "others": "empty"},
            },
        },
    )
    assert entry.faults == ()
    assert isinstance(entry.record, ContactRecord)
    assert entry.record.email == "7@shop.example"
    assert entry.record.fields["city"] == "Lugo"
    assert entry.record.fields["unsubscribed"] is False
    assert str(entry.record.fields["created_at"]) == "2026-03-30 22:00:00+00:00"
    assert "source" not in entry.record.fields
    assert entry.record.attributes == {"seats": 1234.5, "vip": True}
    assert entry.record.tags == ("vip", "Socio")
    assert entry.record.company == {"name": "Acme"}


def test_an_empty_cell_leaves_what_is_stored_unless_it_is_to_clear_it(tmp_path: Path) -> None:
    csv = "email,city,company.name,tags\nana@acme.example,,,\n"
    mapping: dict[str, Any] = {
        "record": {name: name for name in ("email", "city", "company.name", "tags")}
    }
    kept = read_one(tmp_path, csv, mapping).record
    assert (kept.fields, kept.clears_company, kept.tags) == ({}, False, None)
    cleared = read_one(tmp_path, csv, {**mapping, "empty_cells": "clear"}).record
    assert (cleared.fields, cleared.clears_company, cleared.tags) == ({"city": ""}, True, ())


def test_a_template_of_an_empty_column_is_empty(tmp_path: Path) -> None:
    entry = read_one(
        tmp_path, "Nr,x\n,1\n", {"record": {"email": {"template": "{Nr}@shop.example"}}}
    )
    assert [(fault.column, fault.line) for fault in entry.faults] == [("Nr", 2)]


def test_a_fault_names_line_column_value_and_what_to_do(tmp_path: Path) -> None:
    entry = read_one(
        tmp_path,
        "Mail,Seats,Land\nana@acme.example,ten,Atlantis\n",
        {"record": {"email": "Mail", "attributes.seats": "Seats", "country": "Land"}},
    )
    assert [(fault.line, fault.column, fault.value) for fault in entry.faults] == [
        (2, "Seats", "ten"),
        (2, "Land", "Atlantis"),
    ]
    assert "number" in entry.faults[0].message
    assert "two letters" in entry.faults[1].message


@pytest.mark.parametrize(
    ("column", "words"), [("Mail", 'did you mean "mail"'), ("E-mail", "it has: mail, x")]
)
def test_a_column_that_is_not_there_is_refused_naming_those_that_are(
    tmp_path: Path, column: str, words: str
) -> None:
    with pytest.raises(MappingInvalid, match=words):
        read_one(tmp_path, "mail,x\na@b,1\n", {"record": {"email": column}})


def test_a_field_that_nobody_declared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MappingInvalid, match="not declared"):
        read_one(tmp_path, "m,x\na@b,1\n", {"record": {"email": "m", "attributes.size": "x"}})


def test_something_is_looked_up_in_another_file_and_from_there_in_a_third(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("lead,person\nL1,P1\nL2,P2\n")
    (tmp_path / "people.csv").write_text("id,mail\nP1,ana@acme.example\n")
    mapping = {
        "lookups": {
            "leads": {"file": "leads.csv", "key": "lead", "by": "Lead"},
            "people": {"file": "people.csv", "key": "id", "by": "leads.person"},
        },
        "record": {"email": "people.mail"},
    }
    assert read_one(tmp_path, "Lead,x\nL1,1\n", mapping).record.email == "ana@acme.example"
    missing = read_one(tmp_path, "Lead,x\nL2,1\n", mapping).faults
    assert "people.csv has no row" in missing[0].message
    assert read_one(tmp_path, "Lead,x\n,1\n", mapping).faults[0].column == "people.mail"


def test_a_lookup_with_two_rows_of_one_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("lead,person\nL1,P1\nL1,P2\n")
    mapping = {
        "lookups": {"leads": {"file": "leads.csv", "key": "lead", "by": "Lead"}},
        "record": {"email": "leads.person"},
    }
    with pytest.raises(Exception, match='The key "L1" has two different rows'):
        read_one(tmp_path, "Lead,x\nL1,1\n", mapping)


def test_lookups_that_go_round_in_circles_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("k,v\n")
    mapping = {
        "lookups": {"a": {"file": "a.csv", "key": "k", "by": "a.v"}},
        "record": {"email": "a.v"},
    }
    with pytest.raises(MappingInvalid, match="no column of this name"):
        read_one(tmp_path, "x,y\n1,2\n", mapping)


def test_the_digest_changes_with_the_mapping_and_with_its_lookup_files(tmp_path: Path) -> None:
    mapping = tmp_path / "map.yaml"
    other = tmp_path / "leads.csv"
    mapping.write_text(
        "lookups: {leads: {file: leads.csv, key: a, by: b}}\nrecord: {email: leads.c}\n"
    )
    digests = set()
    for content in ("a,c\n1,2\n", "a,c\n1,3\n"):
        other.write_text(content)
        digests.add(load_mapping(mapping, CONTACTS, tmp_path / "file.csv").digest())
    mapping.write_text(mapping.read_text() + "empty: [none]\n")
    digests.add(load_mapping(mapping, CONTACTS, tmp_path / "file.csv").digest())
    assert len(digests) == 3


def test_a_mapping_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MappingInvalid, match="cannot be opened"):
        load_mapping(tmp_path / "none.yaml", CONTACTS, tmp_path)


MAILCHIMP = (
    "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,CC,LEID,TAGS\n"
    'ana@acme.example,Ana,2,2018-04-13 10:57:02,,es,1,"""vip"",""Webinar, 2026"""\n'
)


def test_a_mailchimp_export_is_read_without_a_mapping_file(tmp_path: Path) -> None:
    path = tmp_path / "subscribed.csv"
    path.write_text(MAILCHIMP)
    mapping = mapping_for(path, CONTACTS)
    assert mapping.name == "Mailchimp contacts"
    with open_source(path, mapping.form) as source:
        record = next(Reader(source, mapping, {}).entries()).record
    assert isinstance(record, ContactRecord)
    assert record.fields["country"] == "ES"
    assert str(record.fields["created_at"]) == "2018-04-13 10:57:02+00:00"
    assert record.tags == ("vip", "Webinar, 2026")


def test_columns_called_like_fields_need_no_mapping() -> None:
    headers = ["email", "company.name", "attributes.seats"]
    assert [part.target for part in named_mapping(headers, CONTACTS).parts] == headers


def test_columns_called_otherwise_are_each_named() -> None:
    with pytest.raises(MappingInvalid) as caught:
        named_mapping(["email", "Ciudad", "properties.x"], CONTACTS)
    assert [fault.path for fault in caught.value.faults] == ["Ciudad", "properties.x"]


@pytest.mark.parametrize("document", ready_documents(), ids=lambda value: value["name"])
def test_a_ready_mapping_is_recognised_by_its_headers(document: dict[str, Any]) -> None:
    headers = [*(name.split("|")[-1] for name in document["headers"]), "Another column"]
    found = ready_mapping(headers, document["kind"])
    assert found is not None
    assert found.name == document["name"]
    assert {part.target for part in found.parts} >= {"email"}


MAPPINGS = sorted(path for path in EXAMPLES.glob("*.yaml") if b"\nrecord:" in path.read_bytes())


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.stem)
def test_an_example_mapping_reads_without_fault(path: Path, tmp_path: Path) -> None:
    for name in ("leads.csv", "accounts.csv"):
        (tmp_path / name).write_text("a\n")
    content = path.read_bytes()
    mapping = read_mapping(content, read_yaml(content)["kind"], [tmp_path])
    assert mapping.parts


@pytest.mark.parametrize("kind", [CONTACTS, COMPANIES, ACTIVITIES, DEALS])
def test_every_kind_says_what_it_needs(kind: str) -> None:
    assert set(faults_of({"record": {"nothing": {"constant": 1}}}, kind)) >= {"record"}
