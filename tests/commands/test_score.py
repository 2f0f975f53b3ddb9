"""The dry run of files, as people and programs run it: processes, streams and exit codes."""

import io
import json
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from scoring.criteria import yaml
from scoring.criteria.document import parse
from tests.commands.offices import MODEL, Ended, process

pytestmark = pytest.mark.django_db

NOON = "2024-03-10T12:00:00Z"
ANA = {"email": "Ana@acme.example", "job_title": "Directora", "attributes": {"seats": 3}}
READ = {"contact": "ana@acme.example", "type": "page_view", "occurred_at": NOON}


@dataclass(frozen=True)
class Desk:
    """A folder with the three files of a dry run, on a machine whose database is empty."""

    folder: Path

    def lines(self, name: str, rows: Iterable[object]) -> None:
        texts = (row if isinstance(row, str) else json.dumps(row) for row in rows)
        (self.folder / name).write_text("".join(f"{text}\n" for text in texts), "utf-8")

    def words(self, *words: str, as_of: str = NOON, model: str = "m.yaml") -> list[str]:
        files = {"model": model, "contacts": "c.jsonl", "activities": "a.jsonl"}
        named = [f"--{option}={self.folder / name}" for option, name in files.items()]
        return ["score", *named, f"--as-of={as_of}", *words]

    def score(self, *words: str, as_of: str = NOON, model: str = "m.yaml") -> Ended:
        """In this process, which is faster."""
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command(*self.words(*words, as_of=as_of, model=model), stdout=out, stderr=err)
        except CommandError as error:
            return Ended(1, out.getvalue(), f"{err.getvalue()}{error}")
        return Ended(0, out.getvalue(), err.getvalue())

    def process(self, *words: str, **environment: str) -> Ended:
        return process(*self.words(*words), VAR_DIR=str(self.folder / "var"), **environment)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    (tmp_path / "var").mkdir()
    desk.lines("m.yaml", [yaml.write(parse(MODEL))])
    desk.lines("c.jsonl", [ANA])
    desk.lines("a.jsonl", [READ])
    return desk


def refused(ended: Ended, *expected: str) -> None:
    """Exit code 1, every expected text on standard error, and nothing on standard output."""
    assert ended.code == 1, ended.err
    assert ended.out == ""
    assert "Traceback" not in ended.err
    for text in expected:
        assert text in ended.err


@pytest.mark.once
def test_it_prints_the_results_of_a_case_of_the_contract(tmp_path: Path) -> None:
    case = Path(settings.BASE_DIR) / "tests/spec/cases/01"
    files = {"model": "model.json", "contacts": "contacts.jsonl", "activities": "activities.jsonl"}
    named = [f"--{option}={case / name}" for option, name in files.items()]
    as_of = (case / "as_of").read_text().strip()
    ended = process("score", *named, "--as-of", as_of, VAR_DIR=str(tmp_path))
    assert ended.code == 0, ended.err
    assert ended.out == (case / "expected.jsonl").read_text("utf-8")
    assert ended.err == ""
    # It needed no database, and made none.
    assert list(tmp_path.glob("*.sqlite3")) == []


def test_it_leaves_out_who_is_no_audience_and_keeps_the_order(desk: Desk) -> None:
    desk.lines(
        "c.jsonl",
        [
            {"email": "zoe@acme.example"},
            {"email": "carl@acme.example", "lifecycle": "customer"},
            ANA,
        ],
    )
    results = [json.loads(line) for line in desk.score().out.splitlines()]
    assert [(one["contact"], one["total"]) for one in results] == [
        ("zoe@acme.example", 0),
        ("ana@acme.example", 35),
    ]
    assert list(results[0]) == [
        *("contact", "total", "band", "grade", "excluded", "dimensions", "groups", "rules")
    ]


@pytest.mark.once
def test_it_writes_utf_8_whatever_the_terminal_speaks(desk: Desk) -> None:
    desk.lines("c.jsonl", [ANA, {"email": "ñandú@acme.example"}])
    ended = desk.process(PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    assert "ñandú@acme.example" in ended.out


def test_it_writes_to_a_file_and_prints_nothing(desk: Desk) -> None:
    target = desk.folder / "out.jsonl"
    target.write_text("old")
    ended = desk.score(f"--output={target}")
    assert (ended.code, ended.out) == (0, "")
    assert json.loads(target.read_text("utf-8"))["band"] == "hot"
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~mask


@pytest.mark.once
def test_a_refusal_leaves_the_old_file_and_no_other(desk: Desk) -> None:
    target = desk.folder / "out.jsonl"
    target.write_text("old")
    desk.lines("a.jsonl", ["no json"])
    before = sorted(path.name for path in desk.folder.iterdir())
    refused(desk.process(f"--output={target}"), "a.jsonl line 1: This is not JSON")
    assert target.read_text() == "old"
    assert sorted(path.name for path in desk.folder.iterdir()) == before


def test_it_does_not_write_over_what_is_no_file(desk: Desk) -> None:
    refused(desk.score(f"--output={desk.folder}"), "is not a file")
    refused(desk.score(f"--output={desk.folder}/nowhere/out.jsonl"), "nowhere")


def test_it_reads_json_models_too(desk: Desk) -> None:
    desk.lines("m.json", [dict(MODEL)])
    assert desk.score(model="m.json").code == 0


def test_every_fault_of_a_model_is_named_by_its_path(desk: Desk) -> None:
    model: dict[str, Any] = json.loads(json.dumps(MODEL))
    model["groups"][0]["rules"][0]["points"] = 0
    model["bandz"] = []
    desk.lines("m.yaml", [model])
    refused(
        desk.score(),
        "m.yaml: groups[0].rules[0].points: must not be 0",
        "m.yaml: bandz",
        "the files have 2 faults",
    )


def test_a_model_of_50_mb_is_refused_without_being_read(desk: Desk) -> None:
    with (desk.folder / "m.yaml").open("wb") as file:
        file.truncate(50_000_000)
    refused(desk.score(), "more than 1 MB")


@pytest.mark.parametrize(
    ("contacts", "activities", "expected"),
    [
        ([{**ANA, "attributes": {"seats": "three"}}], [], "c.jsonl line 1: attributes.seats: "),
        ([{**ANA, "attributes": {"chairs": 1}}], [], "c.jsonl line 1: attributes.chairs: "),
        ([ANA, "", {**ANA, "email": "ANA@acme.example"}], [], "c.jsonl line 3: email: stands in"),
        ([ANA], [{**READ, "contact": "bo@x.example"}], "a.jsonl line 1: contact: is not among"),
        ([ANA], [{**READ, "occurred_at": "2024-03-10"}], "a.jsonl line 1: occurred_at: "),
        ([ANA], [{**READ, "type": "Page view"}], "a.jsonl line 1: type: "),
        ([ANA], [READ, '{"contact": "a@b.example", "contact": ""}'], "a.jsonl line 2: The key"),
    ],
)
def test_a_wrong_line_is_named(
    desk: Desk, contacts: list[object], activities: list[object], expected: str
) -> None:
    desk.lines("c.jsonl", contacts)
    desk.lines("a.jsonl", activities)
    refused(desk.score(), expected, "the files have 1 fault.")


def test_faults_of_both_files_are_told_together_and_at_last_only_counted(desk: Desk) -> None:
    desk.lines("c.jsonl", [ANA, *["{}"] * 60])
    desk.lines("a.jsonl", [READ, *["[]"] * 60])
    ended = desk.score()
    refused(ended, "c.jsonl line 61", "a.jsonl line 41", "... and 20 faults more", "120 faults")
    assert "a.jsonl line 42" not in ended.err


@pytest.mark.parametrize("as_of", ["2024-03-10T12:00:00", "yesterday", f"{NOON[:-1]}.1234567Z", ""])
def test_an_instant_that_is_none_is_refused(desk: Desk, as_of: str) -> None:
    refused(desk.score(as_of=as_of), "--as-of")


def test_a_file_that_is_missing_is_named(desk: Desk) -> None:
    (desk.folder / "a.jsonl").unlink()
    refused(desk.score(), "a.jsonl: No such file or directory")
    refused(desk.score(model="n.yaml"), "n.yaml: No such file or directory")


def test_a_duplicate_activity_counts_once(desk: Desk) -> None:
    desk.lines("a.jsonl", [{**READ, "source": "web", "external_id": "1"}] * 2)
    assert json.loads(desk.score().out)["total"] == 35


def test_empty_files_have_no_results(desk: Desk) -> None:
    desk.lines("c.jsonl", [])
    desk.lines("a.jsonl", [])
    assert desk.score() == Ended(0, "", "")
