"""The ready-made set: for every model and in both languages something that works."""

from datetime import timedelta

import pytest

from contacts.models import Contact, Task
from scoring.automations import starter
from scoring.automations.models import Automation
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.receivers import Destination, Endpoint
from scoring.automations.present import live_track
from scoring.automations.sequences.models import Sequence
from scoring.criteria import templates
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.loading import load
from scoring.criteria.models import ScoringModel
from tests.automations.set_up import MODEL, go_live, person, visit
from tests.engine.scored import refresh_all

pytestmark = pytest.mark.django_db

NO_ENDPOINT = "There is no endpoint “Zapier, Make or n8n”."


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", templates.names())
def test_it_fits_every_ready_made_model(name: str, language: str) -> None:
    track = go_live(templates.template(name).as_data())
    installed = starter.install(track.model, language)
    wanted = 7 if len(track.version.document_value.bands) > 2 else 6
    assert (len(installed.automations), len(installed.sequences)) == (wanted, 2)
    for automation in installed.automations:
        document = automation.current.value(track)
        assert not automation.live
        assert set(document.problems()) <= {NO_ENDPOINT}
        assert document.trigger.sentence()
        assert all(action.sentence() for action in document.actions)


def test_both_languages_say_the_same() -> None:
    english, spanish = starter.read("en"), starter.read("es")
    for one, other in zip(english["automations"], spanish["automations"], strict=True):
        assert one["trigger"] == other["trigger"]
        assert one.get("conditions") == other.get("conditions")
        kinds = [[action["kind"] for action in each["actions"]] for each in (one, other)]
        assert kinds[0] == kinds[1]
    for one, other in zip(english["sequences"], spanish["sequences"], strict=True):
        waits = [
            [(s["kind"], s["wait"], s.get("at")) for s in each["steps"]] for each in (one, other)
        ]
        assert waits[0] == waits[1]


def test_a_second_time_it_adds_nothing_and_changes_nothing() -> None:
    track = go_live()
    starter.install(track.model)
    Automation.objects.filter(name__startswith="Back").update(live=True)
    again = starter.install(track.model)
    assert (again.automations, again.sequences) == ((), ())
    assert Automation.objects.filter(live=True).count() == 1


def test_of_a_model_with_two_bands_nobody_is_warm() -> None:
    two = {**MODEL, "bands": [{"name": "low"}, {"name": "high", "from": 30}], "scenarios": []}
    track = go_live(two)
    names = [each.name for each in starter.install(track.model).automations]
    assert len(names) == 6
    assert not any(name.startswith("Warm") for name in names)


def test_it_needs_a_live_model() -> None:
    model: ScoringModel = load(templates.template("b2b_starter")).version.model
    with pytest.raises(DocumentInvalid):
        starter.install(model)
    assert (Automation.objects.count(), Sequence.objects.count()) == (0, 0)


def test_a_hot_lead_becomes_a_task_an_alert_a_deal_and_a_webhook(admin_user: object) -> None:
    Endpoint.objects.create(name="Zapier, Make or n8n", url="https://hooks.example.com/x")
    Destination.objects.create(name="Sales alerts", url="json://hooks.example.com/")
    track = go_live()
    for automation in starter.install(track.model).automations:
        automation.switch_on()
    who: Contact = person("ana", job_title="Director", owner="admin")
    refresh_all()
    visit(who, timedelta())
    refresh_all()
    assert Task.objects.get(contact=who).assignee == admin_user
    assert who.deals.get().stage.name == "Hot Leads"
    channels = sorted(Message.objects.values_list("channel", flat=True))
    assert channels == ["inbox", "notify", "staff", "webhook"]
    who.refresh_from_db()
    assert who.lifecycle == "mql"
    assert who.handovers.get().band == "hot"
    assert live_track(Automation.objects.all()[0]) == track
