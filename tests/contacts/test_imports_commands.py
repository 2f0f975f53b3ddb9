"""The import commands, from a file to stored rows."""

import csv
import json
import tracemalloc
from collections.abc import Callable
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from openpyxl import Workbook

from contacts.imports import running
from contacts.imports.command import ImportCommand
from contacts.models import (
    Activity,
    Company,
    Contact,
    CustomField,
    Deal,
    FieldChange,
    ImportRun,
    Pending,
    SkippedRow,
    Stage,
)

pytestmark = pytest.mark.django_db

Save = Callable[..., Path]


@pytest.fixture
def saved(tmp_path: Path) -> Save:
    def save(content: str, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return save


def told(command: str, *args: Any, **options: Any) -> str:
    """What a command says, on both streams."""
    out = StringIO()
    call_command(command, *map(str, args), stdout=out, stderr=out, **options)
    return out.getvalue()


def refused(command: str, *args: Any, **options: Any) -> tuple[str, str]:
    """The error of a command, and what it said before."""
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(command, *map(str, args), stdout=out, stderr=out, **options)
    assert caught.value.returncode == 1
    return str(caught.value), out.getvalue()


def everything() -> dict[str, list[Any]]:
    """All rows that an import may write."""
    models: list[Any] = [Contact, Company, Activity, Deal, CustomField, FieldChange, Pending, Stage]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


PEOPLE = "email,first_name,company.name,tags\n" + "".join(
    f"p{number}@acme.example,P{number},Acme {number % 3},vip;t{number % 5}\n"
    for number in range(50)
)


def test_contacts_are_imported_with_companies_and_tags(saved: Save) -> None:
    said = told("import_contacts", saved(PEOPLE))
    assert "50 rows read: 50 created, 0 updated, 0 unchanged" in said
    assert "50 contacts wait for a new score" in said
    assert Contact.objects.count() == 50
    assert Company.objects.count() == 3
    assert Contact.objects.get(email_key="p7@acme.example").tag_names() == ["t2", "vip"]


def test_the_same_file_imported_twice_changes_nothing_and_says_so(saved: Save) -> None:
    told("import_contacts", saved(PEOPLE))
    before = everything()
    said = told("import_contacts", saved(PEOPLE))
    assert "was imported before" in said
    assert everything() == before
    said = told("import_contacts", saved(PEOPLE), again=True)
    assert "0 created, 0 updated, 50 unchanged" in said
    assert everything() == before


def test_a_later_file_changes_what_it_gives_and_leaves_the_rest(saved: Save) -> None:
    told("import_contacts", saved(PEOPLE))
    Pending.objects.all().delete()
    said = told(
        "import_contacts",
        saved("email,first_name,city\n P3@ACME.example ,,Lugo\np4@acme.example,P4,\n", "b.csv"),
        origin="the fair",
    )
    assert "0 created, 1 updated, 1 unchanged" in said
    assert "1 contact waits for a new score" in said
    contact = Contact.objects.get(email_key="p3@acme.example")
    assert (contact.first_name, contact.city) == ("P3", "Lugo")
    change = FieldChange.objects.get(contact=contact)
    assert (change.field, change.after, change.origin) == ("city", "Lugo", "the fair")


def test_formulas_are_stored_as_typed_and_reported_harmless(saved: Save, tmp_path: Path) -> None:
    formulas = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"]
    rows = "".join(f'p{place}@acme.example,"{text}"\n' for place, text in enumerate(formulas))
    told("import_contacts", saved("email,job_title\n" + rows))
    stored = Contact.objects.order_by("email_key").values_list("job_title", flat=True)
    assert list(stored) == formulas
    report = tmp_path / "report.csv"
    bad = "email,country\n" + "".join(
        f'x{place}@acme.example,"{text}"\n' for place, text in enumerate(formulas)
    )
    refused("import_contacts", saved(bad, "bad.csv"), report=report)
    with report.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert [line[2][0] for line in lines[1:]] == [
        "'",
        "'",
        "'",
        "'",
        "\N{REPLACEMENT CHARACTER}",
        "'",
    ]


BAD = PEOPLE + "nobody,X,,\np51@acme.example,Y,,\n"


def test_one_bad_row_stops_the_whole_file(saved: Save) -> None:
    before = everything()
    error, said = refused("import_contacts", saved(BAD))
    assert "Nothing was stored, because 1 of 52 rows are bad" in error
    assert "line 52, email: An e-mail address has one @" in said
    assert "(nobody)" in said
    assert everything() == before
    assert not ImportRun.objects.exists()


def test_bad_rows_are_left_out_by_choice(saved: Save) -> None:
    said = told("import_contacts", saved(BAD), skip_bad=True)
    assert "52 rows read: 51 created, 0 updated, 0 unchanged, 1 bad and left out" in said
    assert Contact.objects.count() == 51


def test_a_file_with_rows_left_out_may_be_imported_again(saved: Save) -> None:
    told("import_contacts", saved(BAD), skip_bad=True)
    assert "0 created, 0 updated, 51 unchanged, 1 bad" in told(
        "import_contacts", saved(BAD), skip_bad=True
    )


def test_a_dry_run_stores_nothing(saved: Save) -> None:
    mapping = saved("fields: [{key: seats, type: number}]\nrecord: {email: email}\n", "map.yaml")
    before = everything()
    said = told("import_contacts", saved(PEOPLE), map=mapping, dry_run=True)
    assert "50 rows read, 0 of them bad; nothing was stored" in said
    assert everything() == before
    error, _said = refused("import_contacts", saved(BAD), dry_run=True)
    assert "1 of 52 rows" in error
    assert everything() == before


def test_twenty_faults_are_shown_and_all_are_in_the_report(saved: Save, tmp_path: Path) -> None:
    bad = "email,country\n" + "x,Atlantis\n" * 30
    report = tmp_path / "report.jsonl"
    _error, said = refused("import_contacts", saved(bad), report=report)
    assert said.count("line ") == 20
    assert "and 40 faults more" in said
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    assert len(lines) == 60
    assert lines[0] == {
        "line": 2,
        "column": "email",
        "value": "x",
        "message": "An e-mail address has one @ with something on both sides.",
    }


def test_custom_fields_are_declared_on_the_way(saved: Save) -> None:
    mapping = saved(
        "fields: [{key: seats, label: Seats, type: number}]\n"
        "record: {email: mail, attributes.seats: n}\n",
        "map.yaml",
    )
    told("import_contacts", saved("mail,n\nana@acme.example,5\n"), map=mapping)
    assert CustomField.objects.get().type == "number"
    assert Contact.objects.get().attributes == {"seats": 5}


def test_a_custom_field_of_another_type_is_refused(saved: Save) -> None:
    CustomField.objects.create(key="seats", label="Seats", type="text")
    mapping = saved("fields: [{key: seats, type: number}]\nrecord: {email: mail}\n", "map.yaml")
    error, _said = refused("import_contacts", saved("mail\nana@acme.example\n"), map=mapping)
    assert "fields[0].type: This custom field is there already, of type text" in error


def test_a_custom_field_that_is_there_is_used_unless_it_lacks_a_choice(saved: Save) -> None:
    CustomField.objects.create(key="role", label="Role", type="choice", choices=["Boss", "User"])
    mapping = (
        "fields: [{key: role, type: choice, choices: [%s]}]\n"
        "record: {email: mail, attributes.role: role}\n"
    )
    people = saved("mail,role\nana@acme.example,boss\n")
    told("import_contacts", people, map=saved(mapping % "boss", "map.yaml"))
    assert Contact.objects.get().attributes == {"role": "boss"}
    error, _said = refused("import_contacts", people, map=saved(mapping % "Spy", "map.yaml"))
    assert "without the choices spy" in error


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("lead\n1\n", 'There is no column "person"'),
        ("lead,person\n1\n", "line 2"),
        ("lead,person\n1,\0\n", "U+0000"),
    ],
)
def test_a_lookup_file_that_cannot_be_read_is_named(saved: Save, content: str, words: str) -> None:
    saved(content, "leads.csv")
    mapping = saved(
        "lookups: {leads: {file: leads.csv, key: lead, by: Lead}}\nrecord: {email: leads.person}\n",
        "map.yaml",
    )
    error, _said = refused("import_contacts", saved("Lead\n1\n"), map=mapping)
    assert "leads.csv: " in error
    assert words in error


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("mail,ciudad\nana@acme.example,Lugo\n", ["mail: No field", "ciudad: No field"]),
        ("email,email\na@b,c@d\n", ["line 1", "same name"]),
        ("", ["empty"]),
        ("email\n\0\n", ["line 2", "U+0000"]),
    ],
)
def test_a_file_that_cannot_be_used_gives_one_clear_error(
    saved: Save, content: str, words: list[str]
) -> None:
    error, said = refused("import_contacts", saved(content))
    assert said == ""
    assert [word for word in words if word not in error] == []


def test_json_lines_have_the_shape_of_the_specification(saved: Save) -> None:
    CustomField.objects.create(key="seats", label="Seats", type="number")
    contacts = saved(
        '{"email": "Ana@acme.example", "company": {"name": "Acme"}, "attributes": {"seats": 5}}\n'
        '\n{"email": "bea@acme.example", "tags": ["vip"]}\n',
        "contacts.jsonl",
    )
    assert "2 rows read: 2 created" in told("import_contacts", contacts)
    activities = saved(
        '{"contact": "ana@ACME.example", "type": "page_view", "source": "gen", "external_id": "1",'
        ' "occurred_at": "2026-03-31T10:00:00Z", "properties": {"seconds": 5}}\n',
        "activities.jsonl",
    )
    assert "1 rows read: 1 created" in told("import_activities", activities)
    assert Activity.objects.get().contact.email == "Ana@acme.example"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"email": "a@b", "attributes": {"seats": 5}}', "line 1, attributes.seats: This custom"),
        ('{"email": "a@b", "created_at": "2026-01-01"}', "line 1, created_at: An instant"),
        ('{"email": "a@b"', "line 1: This is not JSON"),
        ('{"email": "a@b", "email": "c@d"}', "stands twice"),
        ("[1, 2]", "line 1: This must be an object"),
    ],
)
def test_a_bad_line_of_json_is_named(saved: Save, line: str, words: str) -> None:
    _error, said = refused("import_contacts", saved(line, "contacts.jsonl"))
    assert words in said


VISITS = "contact,type,occurred_at,source,external_id\n" + "".join(
    f"p{number % 50}@acme.example,page_view,2026-03-{number % 28 + 1:02}T10:00:00Z,web,{number}\n"
    for number in range(2500)
)


def test_activities_of_one_pair_are_stored_once(saved: Save) -> None:
    told("import_contacts", saved(PEOPLE))
    assert "2500 rows read: 2500 created" in told("import_activities", saved(VISITS, "v.csv"))
    more = VISITS + "p1@acme.example,visit,2026-03-01T10:00:00Z,web,2500\n"
    assert "1 created, 0 updated, 2500 unchanged" in told("import_activities", saved(more, "w.csv"))
    assert Activity.objects.count() == 2501


def test_activities_without_id_are_stored_once_for_each_file(saved: Save) -> None:
    told("import_contacts", saved(PEOPLE))
    visits = saved(
        "contact,type,occurred_at\n" + "p1@acme.example,visit,2026-03-01T10:00:00Z\n" * 3, "v.csv"
    )
    told("import_activities", visits)
    assert "0 created, 0 updated, 3 unchanged" in told("import_activities", visits, again=True)
    assert Activity.objects.count() == 3


def test_activities_of_unknown_contacts_are_refused_with_line_and_address(saved: Save) -> None:
    told("import_contacts", saved(PEOPLE))
    stranger = VISITS + "zoe@acme.example,visit,2026-03-01T10:00:00Z,web,9999\n"
    error, said = refused("import_activities", saved(stranger, "v.csv"))
    assert "line 2502, contact: There is no contact of this address" in said
    assert Activity.objects.count() == 0
    assert "2500 created" in told("import_activities", saved(stranger, "v.csv"), skip_bad=True)


def test_what_was_left_out_is_stored_when_the_file_is_imported_again(saved: Save) -> None:
    told("import_contacts", saved(PEOPLE))
    row = "{}@acme.example,visit,2026-03-01T10:00:00Z\n"
    names = ["p1"] * 1500 + ["zoe"] + ["p2"] * 3 + ["eva"]
    visits = saved("contact,type,occurred_at\n" + "".join(map(row.format, names)), "v.csv")
    assert "1503 created, 0 updated, 0 unchanged, 2 bad" in told(
        "import_activities", visits, skip_bad=True
    )
    told("import_contacts", saved("email\nzoe@acme.example\n", "zoe.csv"))
    assert "1 created, 0 updated, 1503 unchanged, 1 bad" in told(
        "import_activities", visits, skip_bad=True
    )
    assert "0 created, 0 updated, 1504 unchanged, 1 bad" in told(
        "import_activities", visits, skip_bad=True
    )
    told("import_contacts", saved("email\neva@acme.example\n", "eva.csv"))
    assert "1 created, 0 updated, 1504 unchanged, 0 bad" in told("import_activities", visits)
    assert "was imported before" in told("import_activities", visits)
    assert Activity.objects.count() == 1505
    assert not SkippedRow.objects.exists()


@pytest.mark.parametrize("fails_at", [0, 1, 2])
def test_an_import_cut_short_goes_on_where_it_stopped(
    saved: Save, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    told("import_contacts", saved(PEOPLE))
    visits = saved(VISITS.replace(",web,", ",,").replace("p1@", "p2@"), "v.csv")
    done: list[int] = []

    def break_down(*args: Any) -> Any:
        if len(done) == fails_at:
            raise OperationalError("the power is gone")
        done.append(1)
        return store(*args)

    store = running.STORE["activities"]
    monkeypatch.setattr(running, "STORE", {"activities": break_down})
    error, _said = refused("import_activities", visits)
    assert "The database stopped the import (the power is gone)" in error
    assert "it goes on from there" in error
    assert Activity.objects.count() == fails_at * 1000
    monkeypatch.setattr(running, "STORE", {"activities": store})
    said = told("import_activities", visits)
    assert ("cut short after" in said) == bool(fails_at)
    assert "2500 rows read: 2500 created" in said
    assert Activity.objects.count() == 2500
    assert ImportRun.objects.filter(kind="activities").count() == 1


def test_a_half_stored_file_of_activities_is_not_taken_up_with_another_mapping(
    saved: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    told("import_contacts", saved(PEOPLE))
    visits = saved(VISITS.replace(",web,", ",,"), "v.csv")
    store = running.STORE["activities"]

    def first_batch_only(*args: Any) -> Any:
        if Activity.objects.exists():
            raise OperationalError("the power is gone")
        return store(*args)

    monkeypatch.setattr(running, "STORE", {"activities": first_batch_only})
    refused("import_activities", visits)
    monkeypatch.setattr(running, "STORE", {"activities": store})
    mapping = saved(
        "record: {contact: contact, type: type, occurred_at: occurred_at}\n", "other.yaml"
    )
    error, _said = refused("import_activities", visits, map=mapping)
    assert "with another mapping was cut short after 1000 rows" in error
    assert "nothing was stored" in told("import_activities", visits, map=mapping, dry_run=True)
    assert Activity.objects.count() == 1000
    assert "2500 rows read: 2500 created" in told("import_activities", visits)
    assert Activity.objects.count() == 2500


def test_another_mapping_of_a_half_stored_file_is_taken_where_one_insists(saved: Save) -> None:
    told("import_contacts", saved(PEOPLE))
    visits = saved("contact,type,occurred_at\np1@acme.example,visit,2026-03-01T10:00:00Z\n")
    told("import_activities", visits)
    ImportRun.objects.filter(kind="activities").update(finished_at=None)
    mapping = saved(
        "record: {contact: contact, type: type, occurred_at: occurred_at}\n", "other.yaml"
    )
    assert "1 created" in told("import_activities", visits, map=mapping, again=True)


def test_two_imports_of_one_file_at_once_do_not_store_it_twice(
    saved: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    told("import_contacts", saved(PEOPLE))

    def meanwhile(*args: Any) -> Any:
        ImportRun.objects.filter(kind="activities").update(rows_done=1000)
        return store(*args)

    store = running.STORE["activities"]
    monkeypatch.setattr(running, "STORE", {"activities": meanwhile})
    error, _said = refused("import_activities", saved(VISITS, "v.csv"))
    assert "Another process is importing this file" in error
    assert Activity.objects.count() == 0


def test_companies_are_known_by_domain_or_name(saved: Save) -> None:
    told("import_contacts", saved("email,company.domain\nana@acme.example,acme.example\n"))
    Pending.objects.all().delete()
    said = told(
        "import_companies",
        saved("domain,name,country,employees\nACME.example,Acme,Spain,50\n,Other,,\n", "c.csv"),
    )
    assert "1 created, 1 updated" in said
    acme = Contact.objects.get().company
    assert acme is not None
    assert (acme.name, acme.country, acme.employees) == ("Acme", "ES", 50)
    assert Pending.objects.count() == 1


DEALS = (
    "external_id,source,stage,outcome,pipeline,company.name,product,amount,contact,closed_at\n"
    "1,crm,Won,won,New,Acme,Alpha,100.50,ana@acme.example,2026-03-01T00:00:00Z\n"
    "2,crm,Lost,lost,New,,alpha,,,\n"
    "3,crm,Talking,,New,Acme,Beta,7,,\n"
)


def test_deals_bring_their_stages_products_and_companies_along(saved: Save) -> None:
    told("import_contacts", saved("email\nana@acme.example\n"))
    assert "3 rows read: 3 created" in told("import_deals", saved(DEALS, "d.csv"))
    outcomes = dict(Deal.objects.values_list("external_id", "stage__outcome"))
    assert outcomes == {"1": "won", "2": "lost", "3": "open"}
    won = Deal.objects.get(external_id="1")
    assert won.product is not None
    assert won.company is not None
    assert won.contact is not None
    assert (won.product.name, won.company.name, str(won.amount)) == ("Alpha", "Acme", "100.50")
    later = DEALS.replace("3,crm,Talking", "3,crm,Won")
    assert "0 created, 1 updated, 2 unchanged" in told("import_deals", saved(later, "e.csv"))


def test_a_deal_whose_outcome_is_not_that_of_its_stage_is_refused(saved: Save) -> None:
    told("import_contacts", saved("email\nana@acme.example\n"))
    _error, said = refused("import_deals", saved(DEALS + "4,crm,Won,lost,New,,,,,\n", "d.csv"))
    assert 'line 5, outcome: The stage "Won" has the outcome "Won"' in said
    assert Deal.objects.count() == 0


def test_a_deal_of_an_unknown_contact_is_refused(saved: Save) -> None:
    _error, said = refused("import_deals", saved(DEALS, "d.csv"))
    assert "line 2, contact: There is no contact of this address" in said


def test_a_file_that_changes_meanwhile_is_refused(
    saved: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    told("import_contacts", saved(PEOPLE))
    visits = saved(VISITS, "v.csv")

    def meanwhile(*args: Any) -> Any:
        checked = check(*args)
        Contact.objects.filter(email_key="p1@acme.example").delete()
        return checked

    check = running.check
    monkeypatch.setattr(running, "check", meanwhile)
    error, _said = refused("import_activities", visits)
    assert "import it again" in error
    assert Activity.objects.count() == 0


def test_a_workbook_is_imported_like_any_table(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Correo", "Alta", "Asientos"])
    sheet.append(["ana@acme.example", datetime(2026, 3, 31, 10, 30), 5])
    path = tmp_path / "leads.xlsx"
    book.save(path)
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "time_zone: Europe/Madrid\nfields: [{key: seats, type: number}]\n"
        "record: {email: Correo, created_at: Alta, attributes.seats: Asientos}\n"
    )
    assert "1 rows read: 1 created" in told("import_contacts", path, map=mapping)
    contact = Contact.objects.get()
    assert contact.attributes == {"seats": 5}
    assert str(contact.created_at) == "2026-03-31 08:30:00+00:00"


@pytest.mark.once
def test_the_memory_stays_flat_in_the_length_of_a_file(saved: Save) -> None:
    def peak(lines: int) -> int:
        rows = (f'{{"email": "p{n}@acme.example", "city": "Lugo {n}"}}' for n in range(lines))
        path = saved("\n".join(rows), f"{lines}.jsonl")
        tracemalloc.start()
        told("import_contacts", path)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(1000)
    assert peak(5000) < 1.3 * peak(2000)


def test_the_bar_says_nothing_where_nobody_watches(
    saved: Save, capsys: pytest.CaptureFixture[str]
) -> None:
    told("import_contacts", saved(PEOPLE))
    assert capsys.readouterr().err == ""


def test_every_kind_has_its_command() -> None:
    assert issubclass(ImportCommand, object)
    for kind in running.STORE:
        with pytest.raises(CommandError, match="cannot be opened"):
            call_command(f"import_{kind}", "nowhere.csv")
