"""leads and explain tell people who is hot and why."""

import json
from typing import Any

import pytest
from django.core.management.base import CommandError

from scoring.management import leads as listing
from tests.commands.offices import EXPIRED, MODEL, NOON, ana, contact, did, go_live, run

pytestmark = pytest.mark.django_db

AT_NOON = "--as-of=2024-03-10T12:00:00Z"


def office() -> None:
    """Ana is hot, Bo is cold, Carla is excluded, and Dan, a customer, has no score."""
    ana()
    contact("bo@acme.example")
    rival = contact("carla@rival.example", first_name="Carla", job_title="Director")
    rival.set_tags([rival.tags.create(name="Rival")])
    contact("dan@acme.example", lifecycle="customer")
    go_live()


def test_leads_are_listed_from_the_hottest_to_the_excluded() -> None:
    office()
    lines = run("leads").splitlines()
    assert lines[0].split() == ["TOTAL", "BAND", "GRADE", "NAME", "COMPANY", "REASONS"]
    assert [line.split()[:2] for line in lines[1:] if not line.startswith(" " * 9)] == [
        ["35", "hot"],
        ["0", "cold"],
        ["20", "excluded"],
    ]
    assert "dan@acme.example" not in "\n".join(lines)


def test_a_lead_has_its_two_best_reasons_as_sentences_below_one_another() -> None:
    office()
    _head, first, second = run("leads", "--band", "hot").splitlines()
    assert 'Boss: +20 if job title contains "director"' in first
    assert "Ana Gómez" in first
    assert "Acme" in first
    assert second.strip() == ("Reads: +15 each time they visit a page, expiring after 1 month")
    assert first.index("Boss") == second.index("Reads")


def test_a_reason_tells_what_it_is_worth_where_that_is_not_its_points() -> None:
    person = contact("bo@acme.example")
    for _call in range(4):
        did(person, "call")
    go_live()
    assert "Calls, +10: +5 each time they" in run("leads")


def test_the_excluded_have_the_rule_that_excludes_them_as_reason() -> None:
    office()
    _head, line = run("leads", "--band", "excluded").splitlines()
    assert "Competitor: excluded if" in line


def test_no_more_are_listed_than_were_asked_for() -> None:
    office()
    assert "carla" not in run("leads", "--limit", "1")
    with pytest.raises(CommandError, match="--limit"):
        run("leads", "--limit", "0")


def test_an_unknown_band_is_refused_with_those_that_are_there() -> None:
    office()
    with pytest.raises(CommandError, match='no band "boiling"; there are: cold, warm, hot, exclu'):
        run("leads", "--band", "boiling")


def test_each_model_has_its_own_list() -> None:
    office()
    go_live({**MODEL, "name": "Other"})
    assert [line for line in run("leads").splitlines() if line.endswith(":")] == [
        "Other:",
        "Starter:",
    ]
    assert "Starter:" not in run("leads", "--model", "Other")


def test_an_empty_list_says_what_to_do() -> None:
    go_live()
    assert "manage.py import_contacts FILE" in run("leads")
    person = ana()
    assert "manage.py recompute" in run("leads")
    run("refresh", person.email, AT_NOON)
    assert run("leads", "--band", "warm") == "No lead is in this band just now.\n"


def test_lines_are_cut_only_where_a_terminal_would_break_them() -> None:
    assert listing.shortened("x" * 30, 10) == "x" * 9 + "…"
    assert listing.shortened("x" * 30, None) == "x" * 30


def test_an_explanation_names_rules_activities_and_the_next_change() -> None:
    office()
    text = run("explain", "ANA@acme.example", AT_NOON)
    for expected in (
        'ana@acme.example by "Starter" on 2024-03-10 12:00',
        "Total 35, band hot",
        "Fit 20, interest 15",
        'Boss: +20 if job title contains "director"',
        "+15  2024-03-10 12:00  Page view: /pricing (until 2024-04-10 12:00)",
        "it changes on 2024-04-10 12:00: Total 20, band warm.",
    ):
        assert expected in text


def test_a_future_explanation_knows_what_will_have_expired() -> None:
    office()
    text = run("explain", "ana@acme.example", "--as-of", "2199-01-01T00:00:00Z")
    assert "Total 20, band warm" in text
    assert "Reads" not in text
    assert "Nothing will change it by the passing of time alone." in text


def test_a_past_explanation_says_how_far_back_the_history_reaches() -> None:
    office()
    assert "What was known of this contact goes back to" in run(
        "explain", "bo@acme.example", AT_NOON
    )


def test_only_the_first_activities_are_written_out() -> None:
    person = contact("bo@acme.example")
    for day in range(1, 8):
        did(person, "call", at=NOON.replace(day=day))
    go_live()
    text = run("explain", person.email, "--as-of", "2199-01-01T00:00:00Z")
    assert text.count("+5  2024-03-0") == 5
    assert "... and 2 more" in text


def test_who_is_excluded_and_who_is_no_audience_is_said() -> None:
    office()
    assert "out  Competitor: excluded if" in run("explain", "carla@rival.example")
    assert "outside the audience" in run("explain", "dan@acme.example")


def test_json_has_a_line_for_each_model() -> None:
    office()
    go_live({**MODEL, "name": "Other"})
    lines = run("explain", "ana@acme.example", "--json", "--as-of", EXPIRED).splitlines()
    explanations: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert [one["model"] for one in explanations] == ["Other", "Starter"]
    assert explanations[0]["result"]["total"] == 20
    assert explanations[0]["version"] == 1


def test_an_unknown_address_is_refused() -> None:
    go_live()
    with pytest.raises(CommandError, match=r"no contact with this address: nobody@x\.example"):
        run("explain", "nobody@x.example")
