"""The import page: who may, from the upload to the report."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.admin import imports
from contacts.imports import jobs, running
from contacts.imports.guess import guessed
from contacts.imports.jobs import forget_old_uploads, import_uploads
from contacts.imports.uploads import absolute
from contacts.models import (
    Activity,
    Contact,
    CustomField,
    FieldChange,
    ImportBusy,
    ImportJob,
    ImportMapping,
)

pytestmark = pytest.mark.django_db

ADD = "admin:contacts_importjob_add"
CSV = (
    "Correo electrónico,Nombre,Ciudad,Plantilla,Nota,Empresa\n"
    "ana@acme.example,Ana,Lugo,50,<b>hi</b>,Acme\n"
    "bea@acme.example,Bea,Vigo,70,,Acme\n"
)
State = ImportJob.State


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return tmp_path / "uploads"


@pytest.fixture
def client(marta: User) -> Client:
    client = Client()
    client.force_login(marta)
    return client


Upload = Callable[..., ImportJob]


@pytest.fixture
def upload(client: Client) -> Upload:
    def send(content: str | bytes = CSV, name: str = "leads.csv", **more: Any) -> ImportJob:
        data = content.encode() if isinstance(content, str) else content
        given = {"kind": "contacts", "file": SimpleUploadedFile(name, data), **more}
        response = client.post(reverse(ADD), given)
        assert response.status_code == 302, response.context["form"].errors
        return ImportJob.objects.latest("pk")

    return send


def page(job: ImportJob) -> str:
    return reverse("admin:contacts_importjob_change", args=[job.pk])


def shown(client: Client, job: ImportJob) -> str:
    return client.get(page(job)).content.decode()


def choices(*targets: str, **more: Any) -> dict[str, Any]:
    """What the mapping page posts: a target for each column."""
    return {f"column_{place}": target for place, target in enumerate(targets)} | {
        "separator": ";",
        "time_zone": "UTC",
        **more,
    }


GOOD = choices("email", "first_name", "city", "company.employees", "", "company.name", _import="1")


@pytest.mark.parametrize("name", ["marta", "mona", "ada"])
def test_marketing_managers_and_administrators_may_import(
    name: str, request: pytest.FixtureRequest
) -> None:
    client = Client()
    client.force_login(request.getfixturevalue(name))
    assert client.get(reverse(ADD)).status_code == 200
    assert client.get(reverse("admin:contacts_importjob_changelist")).status_code == 200
    assert client.get(reverse("admin:contacts_importmapping_changelist")).status_code == 200


def test_a_salesperson_may_not_import(saul: User, upload: Upload) -> None:
    job = upload()
    client = Client()
    client.force_login(saul)
    for address in [
        reverse(ADD),
        page(job),
        reverse("admin:contacts_importjob_changelist"),
        reverse("admin:import_progress", args=[job.pk]),
        reverse("admin:import_report", args=[job.pk]),
        reverse("admin:import_remap", args=[job.pk]),
        reverse("admin:import_resume", args=[job.pk]),
        reverse("admin:contacts_importjob_delete", args=[job.pk]),
        reverse("admin:contacts_importmapping_changelist"),
    ]:
        assert client.get(address).status_code == 403, address
    assert client.post(page(job), GOOD).status_code == 403
    assert ImportJob.objects.get().state == State.UPLOADED


def test_a_kind_of_file_is_offered_to_those_who_may_store_it(client: Client) -> None:
    form = client.get(reverse(ADD)).context["form"]
    assert [kind for kind, _label in form.fields["kind"].choices] == [
        "contacts",
        "companies",
        "activities",
        "campaigns",
    ]


def test_columns_are_guessed_and_shown_with_examples(client: Client, upload: Upload) -> None:
    job = upload()
    assert job.document["record"] == {
        "email": "Correo electrónico",
        "first_name": "Nombre",
        "city": "Ciudad",
        "company.name": "Empresa",
        "company.employees": "Plantilla",
    }
    html = shown(client, job)
    assert "Of the first 2 rows, 0 are bad." in html
    assert "Lugo · Vigo" in html
    assert "&lt;b&gt;hi&lt;/b&gt;" in html
    assert "<b>hi</b>" not in html


def test_a_file_is_imported_in_the_background_and_then_deleted(
    client: Client, upload: Upload, uploads: Path, marta: User
) -> None:
    Contact(email="ana@acme.example", city="Ourense").save()
    job = upload()
    client.post(page(job), GOOD)
    job.refresh_from_db()
    assert job.state == State.QUEUED
    assert "Waiting for a worker" in shown(client, job)
    assert import_uploads() == 1
    assert import_uploads() == 0
    job.refresh_from_db()
    assert job.state == State.DONE
    assert "2 rows read: 1 created, 1 updated, 0 unchanged, 0 bad" in shown(client, job)
    assert Contact.objects.get(email_key="bea@acme.example").city == "Vigo"
    change = FieldChange.objects.get(field="city")
    assert change.origin == "import leads.csv (admin: marta)"
    assert [path.suffix for path in (uploads / "imports").iterdir()] == [".csv"]
    assert not job.path


def test_the_progress_is_polled_until_the_end(client: Client, upload: Upload) -> None:
    job = upload()
    client.post(page(job), GOOD)
    address = reverse("admin:import_progress", args=[job.pk])
    response = client.get(address)
    assert "hx-trigger" in response.content.decode()
    assert "HX-Refresh" not in response
    import_uploads()
    assert client.get(address)["HX-Refresh"] == "true"


def test_bad_rows_stop_the_file_and_stand_in_a_report(client: Client, upload: Upload) -> None:
    job = upload(CSV + "nobody,=1+1,,many,,Acme\n")
    assert "1 are bad" in shown(client, job)
    client.post(page(job), GOOD)
    import_uploads()
    job.refresh_from_db()
    assert job.state == State.REFUSED
    assert Contact.objects.count() == 0
    html = shown(client, job)
    assert "3 rows read, 1 of them bad; nothing was stored." in html
    assert "nobody" in html
    report = client.get(reverse("admin:import_report", args=[job.pk]))
    assert "leads-report.csv" in report["Content-Disposition"]
    lines = b"".join(report.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 3
    assert lines[1].startswith("4,Plantilla,many,")


def test_a_refused_file_can_be_mapped_anew(client: Client, upload: Upload) -> None:
    job = upload(CSV + "nobody,,,,,\n")
    client.post(page(job), GOOD)
    import_uploads()
    client.post(reverse("admin:import_remap", args=[job.pk]))
    client.post(page(job), GOOD | {"skip_bad": "on"})
    import_uploads()
    job.refresh_from_db()
    assert job.state == State.DONE
    assert "2 created, 0 updated, 0 unchanged, 1 bad and left out" in shown(client, job)


def test_the_same_file_uploaded_twice_changes_nothing_and_says_so(
    client: Client, upload: Upload
) -> None:
    for _time in range(2):
        job = upload()
        client.post(page(job), GOOD)
        import_uploads()
    assert "imported before: nothing was changed" in shown(client, job)
    assert Contact.objects.count() == 2


def test_a_mapping_is_saved_under_a_name_and_used_again(client: Client, upload: Upload) -> None:
    job = upload()
    client.post(page(job), {**GOOD, "_import": "", "save_as": "Fair", "empty": "n/a, Select"})
    saved = ImportMapping.objects.get()
    assert (saved.name, saved.kind, saved.document["empty"]) == (
        "Fair",
        "contacts",
        ["n/a", "Select"],
    )
    other = upload(
        "Correo electrónico,Ciudad,Nombre\neva@acme.example,Select,Eva\n", mapping=saved.pk
    )
    assert other.document["record"] == {
        "email": "Correo electrónico",
        "first_name": "Nombre",
        "city": "Ciudad",
    }
    assert other.document["empty"] == ["n/a", "Select"]


def test_new_custom_fields_and_constants_are_chosen_on_the_page(
    client: Client, upload: Upload
) -> None:
    job = upload()
    more = {
        "target_0": "source",
        "value_0": "Fair",
        "target_1": "unsubscribed",
        "value_1": "no",
        "target_2": "tags",
        "value_2": "a;b",
    }
    client.post(
        page(job),
        choices("email", "first_name", "", "new:number", "new:text", "", _import="1", **more),
    )
    import_uploads()
    assert dict(CustomField.objects.values_list("key", "type")) == {
        "plantilla": "number",
        "nota": "text",
    }
    ana = Contact.objects.get(email_key="ana@acme.example")
    assert ana.attributes == {"plantilla": 50, "nota": "<b>hi</b>"}
    assert (ana.source, ana.tag_names()) == ("Fair", ["a", "b"])


def test_who_may_not_declare_custom_fields_is_not_offered_them(mona: User, upload: Upload) -> None:
    job = upload()
    client = Client()
    client.force_login(mona)
    assert "new:number" not in shown(client, job)
    chosen = choices("email", "", "", "new:number", "", "", _import="1")
    response = client.post(page(job), chosen, follow=True)
    assert "Select a valid choice" in response.content.decode()
    assert not CustomField.objects.exists()


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (["", "first_name"], "Something must fill email"),
        (["email", "password"], "password is not one of"),
        (["email", "_connector"], "_connector is not one of"),
        (["email", "owner__password"], "owner__password is not one of"),
        (["email", "attributes.unknown"], "attributes.unknown is not one of"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_not_begun(
    client: Client, upload: Upload, targets: list[str], words: str
) -> None:
    job = upload()
    response = client.post(page(job), choices(*targets, _import="1"), follow=True)
    assert words in response.content.decode()
    job.refresh_from_db()
    assert job.state == State.UPLOADED
    assert import_uploads() == 0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.exe", b"x", "cannot be imported"),
        ("a.csv", b"", "empty"),
    ],
)
def test_an_upload_of_another_kind_is_refused(
    client: Client, name: str, content: bytes, words: str
) -> None:
    given = {"kind": "contacts", "file": SimpleUploadedFile(name, content)}
    response = client.post(reverse(ADD), given)
    assert words in response.content.decode()
    assert not ImportJob.objects.exists()


def test_an_upload_over_the_limit_is_refused_naming_the_limit(
    client: Client, settings: Any, uploads: Path
) -> None:
    settings.IMPORT_MAX_BYTES = 1024 * 1024
    given = {"kind": "contacts", "file": SimpleUploadedFile("a.csv", b"x" * 3 * 1024 * 1024)}
    response = client.post(reverse(ADD), given)
    assert "larger than 1 MB" in response.content.decode()
    assert not uploads.exists()


def test_a_malformed_file_is_told_on_the_mapping_page(client: Client, upload: Upload) -> None:
    job = upload("Correo,Ciudad\nana@acme.example,M\xe1laga\n".encode("cp1252"))
    assert "line 2: Byte 19 of the line is not UTF-8" in shown(client, job)
    client.post(page(job), {"encoding": "cp1252", "separator": ";"})
    assert "Málaga" in shown(client, job)


def test_json_lines_need_no_mapping(client: Client, upload: Upload) -> None:
    job = upload('{"email": "ana@acme.example", "tags": ["vip"]}\n', "leads.jsonl")
    assert "ana@acme.example" in shown(client, job)
    client.post(page(job), {"_import": "1", "separator": ";"})
    import_uploads()
    assert Contact.objects.get().tag_names() == ["vip"]


def test_a_long_import_gives_way_after_each_slice(
    client: Client, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 0.0)
    rows = "".join(f"p{number}@acme.example,P,,,,\n" for number in range(2500)) + "nobody,,,,,\n"
    job = upload(CSV + rows)
    client.post(page(job), GOOD | {"skip_bad": "on"})
    slices = 0
    while import_uploads():
        slices += 1
    job.refresh_from_db()
    assert slices >= 5
    assert job.state == State.DONE
    assert "2503 rows read: 2502 created, 0 updated, 0 unchanged, 1 bad" in shown(client, job)
    report = absolute(job.report).read_text(encoding="utf-8-sig").splitlines()
    assert len(report) == 2


def test_a_job_whose_worker_died_is_taken_up_when_its_lease_ends(
    client: Client, upload: Upload
) -> None:
    job = upload()
    client.post(page(job), GOOD)
    later = timezone.now() + timedelta(minutes=5)
    ImportJob.objects.update(state=State.RUNNING, alive_until=later, phase="check")
    assert import_uploads() == 0
    ImportJob.objects.update(alive_until=timezone.now() - timedelta(seconds=1))
    assert import_uploads() == 1
    assert ImportJob.objects.get().state == State.DONE


def test_two_workers_do_not_take_one_job(upload: Upload, client: Client) -> None:
    job = upload()
    client.post(page(job), GOOD)
    now = timezone.now()
    assert jobs.claim(now) is not None
    assert jobs.claim(now) is None


def test_a_slow_worker_whose_lease_ended_leaves_the_job_to_the_one_that_took_it_up(
    upload: Upload, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = upload()
    client.post(page(job), GOOD)
    check = running.check

    def slowly(*args: Any) -> bool:
        monkeypatch.setattr(jobs, "check", check)
        ImportJob.objects.update(alive_until=timezone.now() - timedelta(seconds=1))
        assert import_uploads() == 1
        return check(*args)

    monkeypatch.setattr(jobs, "check", slowly)
    assert import_uploads() == 1
    job.refresh_from_db()
    assert (job.state, job.phase) == (State.DONE, "write")
    assert "2 rows read: 2 created" in shown(client, job)


def test_a_job_whose_file_another_process_imports_is_taken_up_later(
    upload: Upload, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = upload()
    client.post(page(job), GOOD)

    def busy(*args: Any) -> bool:
        raise ImportBusy

    monkeypatch.setattr(jobs, "write", busy)
    import_uploads()
    monkeypatch.undo()
    job.refresh_from_db()
    assert job.state == State.RUNNING
    ImportJob.objects.update(alive_until=timezone.now() - timedelta(seconds=1))
    import_uploads()
    job.refresh_from_db()
    assert job.state == State.DONE


@pytest.mark.parametrize("meanwhile", [State.QUEUED, State.RUNNING, State.DONE])
def test_a_mapping_page_sent_twice_begins_one_import(
    client: Client, upload: Upload, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    job = upload()
    kept = {"state": meanwhile, "phase": "write", "outcome": {"rows": 7}, "skip_bad": True}

    def other_window(fields: Any) -> Any:
        ImportJob.objects.update(**kept)
        return {}

    monkeypatch.setattr(imports, "all_fields", other_window)
    assert client.post(page(job), GOOD).status_code == 302
    assert ImportJob.objects.values(*kept).get() == kept


def test_an_import_that_the_database_stops_goes_on_from_there(
    client: Client, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*args: Any) -> Any:
        if Contact.objects.exists():
            raise OperationalError("the power is gone")
        return store(*args)

    store = running.STORE["contacts"]
    rows = "".join(f"p{number}@acme.example,P,,,,\n" for number in range(1500))
    job = upload(CSV + rows)
    client.post(page(job), GOOD)
    monkeypatch.setattr(running, "STORE", {"contacts": break_down})
    import_uploads()
    monkeypatch.undo()
    job.refresh_from_db()
    assert job.state == State.FAILED
    html = shown(client, job)
    assert "The database stopped the import (the power is gone)" in html
    assert "Change the mapping" not in html
    client.post(reverse("admin:import_remap", args=[job.pk]))
    client.get(reverse("admin:import_resume", args=[job.pk]))
    job.refresh_from_db()
    assert (job.state, Contact.objects.count()) == (State.FAILED, 1000)
    client.post(reverse("admin:import_resume", args=[job.pk]))
    assert import_uploads() == 1
    job.refresh_from_db()
    assert job.state == State.DONE
    assert "1502 rows read: 1502 created" in shown(client, job)
    assert Contact.objects.count() == 1502


def test_files_nobody_touched_for_a_month_are_deleted(upload: Upload, uploads: Path) -> None:
    upload()
    assert forget_old_uploads() == 0
    ImportJob.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert forget_old_uploads() == 1
    assert forget_old_uploads() == 0
    assert list((uploads / "imports").iterdir()) == []


def test_deleting_an_import_deletes_its_file(client: Client, upload: Upload, uploads: Path) -> None:
    job = upload()
    client.post(reverse("admin:contacts_importjob_delete", args=[job.pk]), {"post": "yes"})
    assert not ImportJob.objects.exists()
    assert list((uploads / "imports").iterdir()) == []


VISITS = (
    "Contact,Event,When,Página visitada,123\n"
    "ana@acme.example,page_view,2026-03-31T10:00:00Z,/pricing,7\n"
)


def test_columns_of_activities_may_become_properties(client: Client, upload: Upload) -> None:
    Contact(email="ana@acme.example").save()
    job = upload(VISITS, "visits.csv", kind="activities")
    chosen = choices("contact", "type", "occurred_at", "new:text", "new:number", _import="1")
    client.post(page(job), chosen)
    job.refresh_from_db()
    assert job.document["record"]["properties.field_123"] == {"column": "123", "type": "number"}
    import_uploads()
    activity = Activity.objects.get()
    assert activity.properties == {"pagina_visitada": "/pricing", "field_123": 7}


def test_rows_left_out_on_the_page_are_stored_by_the_next_upload(
    client: Client, upload: Upload
) -> None:
    Contact(email="ana@acme.example").save()
    chosen = choices("contact", "type", "occurred_at", "", "", _import="1", skip_bad="on")
    rows = VISITS + "bea@acme.example,page_view,2026-03-31T10:00:00Z,/pricing,7\n"
    said = []
    for _time in range(2):
        job = upload(rows, "visits.csv", kind="activities")
        client.post(page(job), chosen)
        import_uploads()
        said.append(shown(client, job))
        Contact.objects.get_or_create(email="bea@acme.example")
    assert "1 created, 0 updated, 0 unchanged, 1 bad" in said[0]
    assert "1 created, 0 updated, 1 unchanged, 0 bad" in said[1]
    assert Activity.objects.count() == 2


def test_a_template_of_a_saved_mapping_is_kept_and_shown(client: Client, upload: Upload) -> None:
    saved = ImportMapping.objects.create(
        name="Shop",
        kind="contacts",
        document={
            "fields": [{"key": "size", "label": "Shoe size", "type": "number"}],
            "record": {
                "email": {"template": "{Nr}@shop.example"},
                "city": "Ciudad",
                "attributes.size": {"column": "Talla", "decimal_comma": True},
                "phone": "Teléfono",
            },
        },
    )
    job = upload('Nr,Ciudad,Talla\n7,Lugo,"38,5"\n', mapping=saved.pk)
    html = shown(client, job)
    assert "{Nr}@shop.example" in html
    assert "Shoe size" in html
    client.post(page(job), choices("", "city", "attributes.size", _import="1"))
    import_uploads()
    contact = Contact.objects.get(email_key="7@shop.example")
    assert (contact.city, contact.attributes) == ("Lugo", {"size": 38.5})


def test_a_constant_that_is_no_value_of_its_field_is_refused(
    client: Client, upload: Upload
) -> None:
    job = upload()
    chosen = GOOD | {"target_0": "unsubscribed", "value_0": "perhaps"}
    response = client.post(page(job), chosen, follow=True)
    assert "unsubscribed: This must be yes or no" in response.content.decode()
    job.refresh_from_db()
    assert job.state == State.UPLOADED


def test_a_header_of_which_no_key_can_be_made_is_refused(client: Client, upload: Upload) -> None:
    job = upload("Email,名前\nana@acme.example,x\n")
    response = client.post(page(job), choices("email", "new:text"), follow=True)
    assert "No key can be made of this header" in response.content.decode()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"save_as": "x" * 201}, "Save this mapping"),
    ],
)
def test_options_that_make_no_sense_are_told(
    client: Client, upload: Upload, more: dict[str, str], words: str
) -> None:
    job = upload()
    response = client.post(page(job), GOOD | more, follow=True)
    assert words in response.content.decode()
    job.refresh_from_db()
    assert job.state == State.UPLOADED


def test_a_mapping_of_another_kind_is_not_overwritten(client: Client, upload: Upload) -> None:
    saved = ImportMapping.objects.create(name="Fair", kind="companies", document={"name": "x"})
    job = upload()
    client.post(page(job), {**GOOD, "_import": "", "save_as": "Fair"})
    saved.refresh_from_db()
    assert saved.document == {"name": "x"}
    given = {
        "kind": "contacts",
        "file": SimpleUploadedFile("a.csv", CSV.encode()),
        "mapping": saved.pk,
    }
    assert "mapping" in client.post(reverse(ADD), given).context["form"].errors


def test_an_import_of_a_kind_that_one_may_not_store_is_closed(
    client: Client, ada: User, upload: Upload
) -> None:
    job = upload()
    ImportJob.objects.update(kind="deals")
    assert client.get(page(job)).status_code == 403
    for name in ("progress", "report", "remap"):
        assert client.get(reverse(f"admin:import_{name}", args=[job.pk])).status_code == 403
    listed = client.get(reverse("admin:contacts_importjob_changelist"))
    assert "leads.csv" not in listed.content.decode()


def test_what_is_not_there_is_not_found(client: Client, upload: Upload) -> None:
    job = upload()
    assert client.get(reverse("admin:import_report", args=[job.pk])).status_code == 404
    assert client.get(reverse("admin:import_progress", args=[job.pk + 1])).status_code == 404
    address = reverse("admin:contacts_importjob_change", args=["x"])
    assert client.get(address).status_code == 404


def test_imports_are_deleted_together_with_their_files(
    client: Client, upload: Upload, uploads: Path
) -> None:
    chosen = [upload().pk, upload().pk]
    client.post(
        reverse("admin:contacts_importjob_changelist"),
        {"action": "delete_selected", "_selected_action": chosen, "post": "yes"},
    )
    assert not ImportJob.objects.exists()
    assert list((uploads / "imports").iterdir()) == []


def test_a_saved_mapping_is_renamed_and_deleted(client: Client) -> None:
    saved = ImportMapping.objects.create(name="Fair", kind="contacts", document={"name": "x"})
    address = reverse("admin:contacts_importmapping_change", args=[saved.pk])
    assert "Fair" in client.get(address).content.decode()
    client.post(address, {"name": "Fair 2026"})
    saved.refresh_from_db()
    assert (saved.name, saved.document) == ("Fair 2026", {"name": "x"})
    assert client.get(reverse("admin:contacts_importmapping_add")).status_code == 403
    client.post(reverse("admin:contacts_importmapping_delete", args=[saved.pk]), {"post": "yes"})
    assert not ImportMapping.objects.exists()


def test_an_import_that_fails_unexpectedly_says_so_and_lets_the_others_go_on(
    client: Client, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*args: Any) -> bool:
        raise ZeroDivisionError

    broken = upload()
    client.post(page(broken), GOOD)
    monkeypatch.setattr(jobs, "check", break_down)
    with pytest.raises(ZeroDivisionError):
        import_uploads()
    monkeypatch.undo()
    broken.refresh_from_db()
    assert broken.state == State.FAILED
    assert "Something unexpected happened" in shown(client, broken)
    assert import_uploads() == 0


def test_a_file_that_vanished_is_a_failure_with_a_reason(client: Client, upload: Upload) -> None:
    job = upload()
    client.post(page(job), GOOD)
    absolute(job.path).unlink()
    assert import_uploads() == 1
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "No such file" in shown(client, job)


def test_a_mapping_that_no_longer_fits_is_a_failure_with_a_reason(
    client: Client, upload: Upload
) -> None:
    job = upload()
    chosen = choices("email", "", "", "new:number", "", "", _import="1")
    client.post(page(job), chosen)
    CustomField.objects.create(key="plantilla", label="Plantilla", type="text")
    import_uploads()
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "This custom field is there already" in shown(client, job)


@pytest.mark.parametrize(
    ("dates", "forms"),
    [
        (["31/03/2026", "01/02/2026"], ["%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y"]),
        (["03/31/2026 10:30"], ["%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y"]),
        (["01/02/2026"], None),
        (["2026-03-31"], None),
        ([""], None),
    ],
)
def test_the_order_of_day_and_month_is_guessed_only_where_it_is_certain(
    upload: Upload, dates: list[str], forms: list[str] | None
) -> None:
    rows = "".join(f"p{place}@acme.example,{day}\n" for place, day in enumerate(dates))
    assert upload("Email,Created\n" + rows).document.get("date_format") == forms


GUESSES = [
    ("contacts", "E-Mail Address", "email"),
    ("contacts", "correo", "email"),
    ("contacts", "firstName", "first_name"),
    ("contacts", "APELLIDOS", "last_name"),
    ("contacts", "Teléfono", "phone"),
    ("contacts", "Company Name", "company.name"),
    ("contacts", "Empresa", "company.name"),
    ("contacts", "Fecha de creación", "created_at"),
    ("contacts", "Nº de empleados", ""),
    ("companies", "Nº de empleados", "employees"),
    ("contacts", "Etiquetas", "tags"),
    ("contacts", "Seats bought", "attributes.seats"),
    ("contacts", "Shoe size", ""),
    ("companies", "Website", "domain"),
    ("activities", "Timestamp", "occurred_at"),
    ("activities", "Tipo de evento", "type"),
    ("deals", "Close value", "amount"),
    ("deals", "Fecha de cierre", "closed_at"),
]


@pytest.mark.parametrize(("kind", "header", "target"), GUESSES)
def test_a_header_is_recognised_in_english_and_spanish(kind: str, header: str, target: str) -> None:
    assert guessed([header], kind, {"seats": "Seats bought"}).get(header, "") == target


def test_a_target_is_guessed_for_one_column_only() -> None:
    found = guessed(["Mail", "Email", "Name"], "contacts", {})
    assert found == {"Email": "email", "Name": "first_name"}
