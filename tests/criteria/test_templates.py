"""The ready-made models: what they promise, tried on their own scenarios."""

from datetime import UTC, datetime
from typing import Any

import pytest

from scoring.criteria import templates
from scoring.criteria.document import EXCLUDED, ModelDocument, Scenario, parse
from scoring.criteria.durations import Duration
from scoring.criteria.scenarios import ScenarioActivity
from scoring.engine.scenarios import prospect, try_scenarios

AS_OF = datetime(2026, 8, 31, 10, 30, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("language", templates.languages())
@pytest.mark.parametrize("name", templates.names())
def test_every_scenario_reaches_the_band_that_is_expected(name: str, language: str) -> None:
    trials = try_scenarios(templates.template(name, language), AS_OF)
    assert len(trials) >= 4
    assert [trial.scenario.name for trial in trials if not trial.passed] == []


@pytest.mark.parametrize("name", templates.names())
def test_every_template_has_negative_rules_and_says_what_it_is(name: str) -> None:
    document = templates.template(name)
    negative = [rule.name for rule in document.rules if rule.points < 0]
    assert {"Unsubscribed", "Long absence"} <= set(negative)
    assert templates.about(name).startswith(f"{document.name}: ")
    assert templates.about(name).endswith((".", "!"))


def test_there_is_no_other_template() -> None:
    with pytest.raises(KeyError):
        templates.template("../document")


def points(name: str) -> dict[str, int]:
    return {rule.name: rule.points for rule in templates.template(name).rules if rule.points > 0}


def test_the_scales_have_their_points() -> None:
    assert points("email_scale") == {
        "Opens": 1,
        "Clicks": 5,
        "Replies": 10,
        "Visits the sales page": 20,
        "Visits the checkout page": 20,
        "Is a customer": 100,
    }
    assert points("prospecting_scale") == {
        "Opens an e-mail": 2,
        "Reads a document": 5,
        "Signs up for a webinar": 8,
        "Takes part in an on-line event": 10,
    }
    assert templates.template("prospecting_scale").bands[-1].start == 21


@pytest.mark.django_db
def test_opens_alone_never_make_a_b2b_prospect_hot() -> None:
    document = templates.template("b2b_starter")
    opens = tuple(
        ScenarioActivity("email_open", Duration.parse(f"{day + 1} days")) for day in range(300)
    )
    best = {"job_title": "Chief manager", "company": {"name": "Norte", "employees": 500}}
    result = prospect(document, Scenario("Opens", "warm", best, opens), AS_OF)
    alone = prospect(document, Scenario("Opens", "warm", {}, opens), AS_OF)
    assert result is not None
    assert alone is not None
    assert (result.band, alone.total) == ("warm", 0)


def test_a_template_is_one_document_in_both_ways() -> None:
    for name in templates.names():
        document = templates.template(name)
        assert parse(document.as_data()).hash == document.hash


def without_words(document: ModelDocument) -> Any:
    """The document with a number in the place of each name that people read."""
    data: Any = document.as_data()
    bands = [band["name"] for band in data["bands"]]
    data["name"] = ""
    for named in (data["groups"], data["bands"], data["scenarios"]):
        for number, each in enumerate(named):
            each["name"] = number
    for number, rule in enumerate(rule for group in data["groups"] for rule in group["rules"]):
        rule["name"] = number
    for scenario in data["scenarios"]:
        if scenario["expect"] != EXCLUDED:
            scenario["expect"] = bands.index(scenario["expect"])
    return data


@pytest.mark.parametrize("language", templates.languages()[1:])
@pytest.mark.parametrize("name", templates.names())
def test_in_another_language_only_the_words_are_others(name: str, language: str) -> None:
    english, other = templates.template(name), templates.template(name, language)
    assert without_words(other) == without_words(english)
    assert other.hash != english.hash
    names = {rule.name for rule in english.rules} & {rule.name for rule in other.rules}
    assert names == set()
    assert templates.about(name, language).startswith(f"{other.name}: ")


def test_a_language_without_templates_gets_the_english_ones() -> None:
    assert templates.template("email_scale", "fr").hash == templates.template("email_scale").hash
    assert templates.template("email_scale", None).name == "E-mail scale"
    assert templates.template("email_scale", "es-mx").name == "Escala de correo"
    assert templates.template("email_scale", "../es").name == "E-mail scale"
