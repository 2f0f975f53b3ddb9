"""The builder: what is chosen becomes a document, and what is wrong is said where it stands."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from contacts.models import ActivityType, Tag
from scoring.automations.models import ActionRun, Automation, Crossing
from scoring.engine.models import Track
from tests.automations.admin.pages import (
    ADD,
    LIST,
    Data,
    faults_of,
    form_of,
    live_model,
    logged_in,
    page,
    text_of,
)
from tests.automations.set_up import go_live, hot, person

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
HOT: Data = {"trigger_kind": "band_entered", "trigger-band": "hot", "trigger-direction": "up"}


@pytest.fixture
def live(db: None) -> Track:
    return live_model()


@pytest.fixture
def client(marta: User) -> Client:
    return logged_in(marta)


def mail(pk: str = "a0") -> Data:
    return {f"{pk}-subject": "Hello {{ contact.first_name }}", f"{pk}-text": "How are you?"}


def new(**more: Any) -> Data:
    """A new automation that is right, but for what is given."""
    sent = {"name": "New", "based_on": "0", "_save": "1", "actions": ["a0:email"], **mail()}
    return {**sent, **HOT, **more}


def stored(client: Client, sent: Data) -> Data:
    """The document that these fields make."""
    answer = client.post(ADD, sent)
    assert answer.status_code == 302, faults_of(answer)
    version = Automation.objects.get(name="New").version
    assert version is not None
    return version.data


TRIGGERS: list[tuple[Data, Data]] = [
    (HOT, {"kind": "band_entered", "band": "hot"}),
    (
        {"trigger_kind": "band_left", "trigger-band": "hot", "trigger-direction": "down"},
        {"kind": "band_left", "band": "hot", "direction": "down"},
    ),
    (
        {"trigger_kind": "total_reaches", "trigger-points": "50", "trigger-rearm_exit": "30",
         "trigger-rearm_mode": "below_exit_for", "trigger-rearm_for_0": "2",
         "trigger-rearm_for_1": "weeks", "trigger-rearm_cool_down_hours": "0"},
        {"kind": "total_reaches", "points": 50,
         "rearm": {"mode": "below_exit_for", "exit": 30, "for": "2 weeks", "cool_down_hours": 0}},
    ),
    (
        {"trigger_kind": "near", "trigger-band": "hot", "trigger-points": "10",
         "trigger-rearm_mode": "never"},
        {"kind": "near", "band": "hot", "points": 10, "rearm": {"mode": "never"}},
    ),
    (
        {"trigger_kind": "change", "trigger-points": "20", "trigger-direction": "down",
         "trigger-within_0": "7", "trigger-within_1": "days"},
        {"kind": "change", "points": 20, "within": "7 days", "direction": "down"},
    ),
    (
        {"trigger_kind": "activity", "trigger-type": "page_view", "trigger-or_types": ["visit"],
         "trigger-target_op": "starts_with", "trigger-target_value": "/pricing",
         "trigger-properties_0_key": "minutes", "trigger-properties_0_op": "gte",
         "trigger-properties_0_value": "2.5", "trigger-cool_down_hours": "4"},
        {"kind": "activity", "cool_down_hours": 4, "activity": {
            "type": ["page_view", "visit"],
            "target": {"op": "starts_with", "value": "/pricing"},
            "properties": [{"key": "minutes", "op": "gte", "value": 2.5}]}},
    ),
    (
        {"trigger_kind": "quiet", "trigger-silence_0": "1", "trigger-silence_1": "months"},
        {"kind": "quiet", "for": "1 month"},
    ),
    (
        {"trigger_kind": "quiet", "trigger-silence_0": "3", "trigger-silence_1": "weeks",
         "trigger-type": "email_open"},
        {"kind": "quiet", "for": "3 weeks", "type": "email_open"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "document"), TRIGGERS)
def test_a_trigger_is_what_was_chosen(
    sent: Data, document: Data, client: Client, live: Track
) -> None:
    form = {name: value for name, value in new().items() if not name.startswith("trigger")}
    assert stored(client, form | sent)["trigger"] == document


CONDITIONS: list[tuple[str, Data, Data]] = [
    ("when", {"field": "country", "op": "equals", "value": "ES"},
     {"when": {"field": "country", "op": "equals", "value": "ES"}}),
    ("when", {"negated": "on", "field": "job_title", "op": "is_empty"},
     {"not": True, "when": {"field": "job_title", "op": "is_empty"}}),
    ("when", {"field": "tags", "op": "has_any", "value": "VIP\r\nPartner\r\n"},
     {"when": {"field": "tags", "op": "has_any", "value": ["VIP", "Partner"]}}),
    ("when", {"field": "company.employees", "op": "between", "value": "10 50"},
     {"when": {"field": "company.employees", "op": "between", "value": [10, 50]}}),
    ("when", {"field": "attributes.seats", "op": "gte", "value": "2.5"},
     {"when": {"field": "attributes.seats", "op": "gte", "value": 2.5}}),
    ("when", {"field": "attributes.size", "op": "in", "value": ["small", "large"]},
     {"when": {"field": "attributes.size", "op": "in", "value": ["small", "large"]}}),
    ("when", {"field": "lifecycle", "op": "equals", "value": "customer"},
     {"when": {"field": "lifecycle", "op": "equals", "value": "customer"}}),
    ("when", {"field": "unsubscribed", "op": "is_true"},
     {"when": {"field": "unsubscribed", "op": "is_true"}}),
    ("when", {"field": "created_at", "op": "within_last", "value_0": "6", "value_1": "months"},
     {"when": {"field": "created_at", "op": "within_last", "value": "6 months"}}),
    ("when", {"field": "created_at", "op": "before", "value": "2026-03-31"},
     {"when": {"field": "created_at", "op": "before", "value": "2026-03-31"}}),
    ("activity", {"type": "form_submit", "at_least": "3", "within_0": "30", "within_1": "days"},
     {"activity": {"type": "form_submit"}, "at_least": 3, "within": "30 days"}),
    ("activity", {"negated": "on", "type": "meeting_booked", "at_least": "1",
                  "target_op": "in", "target_value": "a, b"},
     {"not": True, "activity": {"type": "meeting_booked",
                                "target": {"op": "in", "value": ["a", "b"]}}}),
    ("absent", {"type": "email_reply", "duration_0": "2", "duration_1": "weeks"},
     {"absent": {"type": "email_reply"}, "for": "2 weeks"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "sent", "document"), CONDITIONS)
def test_a_condition_is_what_was_chosen(
    kind: str, sent: Data, document: Data, client: Client, live: Track
) -> None:
    fields = {f"c0-{name}": value for name, value in sent.items()}
    assert stored(client, new(conditions=[f"c0:{kind}"], **fields))["conditions"] == [document]


@pytest.mark.parametrize("trigger", [document for _sent, document in TRIGGERS])
def test_the_page_sent_back_unchanged_is_the_same_version(
    trigger: Data, client: Client, live: Track
) -> None:
    """Whatever a document says, the form shows it or keeps it."""
    conditions = [
        *(document for _kind, _sent, document in CONDITIONS),
        {"when": {"any": [{"field": "city", "op": "is_empty"}, {"field": "email", "op": "contains",
                                                                "value": "x"}]}},
        {"activity": {"type": "call", "properties": [
            {"key": f"k{n}", "op": "is_empty"} for n in range(5)]}},
        {"activity": {"type": "never_heard_of"}},
        {"when": {"field": "created_at", "op": "after", "value": "2026-03-31T10:00:00Z"}},
        {"when": {"field": "city", "op": "in", "value": ["Ávila, Spain", "Rome"]}},
    ]  # fmt: skip
    action = {"kind": "email", "subject": "Hi", "text": "One\nTwo {{ score.total }}"}
    automation = hot(trigger, action, conditions=conditions)
    version = automation.version
    form = form_of(client.get(page("change", automation)))
    answer = client.post(page("change", automation), {**form, "_save": "1"})
    assert answer.status_code == 302, faults_of(answer)
    automation.refresh_from_db()
    assert automation.version is not None
    assert version is not None
    assert automation.version.data == version.data
    assert automation.versions.count() == 1


class TestFaults:
    def test_every_one_is_said_beside_its_field_and_nothing_is_stored(
        self, client: Client, live: Track
    ) -> None:
        sent = new(
            **{
                "trigger_kind": "total_reaches",
                "trigger-points": "",
                "conditions": ["c0:when", "c1:absent", "c2:activity"],
                "c0-field": "country",
                "c0-op": "equals",
                "c0-value": "",
                "c1-type": "",
                "c1-duration_0": "",
                "c2-type": "call",
                "c2-at_least": "0",
                "a0-subject": "{{ contact.nme }}",
                "a0-text": "",
            }
        )
        answer = client.post(ADD, {**sent, "name": ""})
        assert answer.status_code == 200
        assert set(faults_of(answer)) == {
            "trigger-points",
            "c0-value",
            "c1-type",
            "c1-duration",
            "c2-at_least",
            "a0-subject",
            "a0-text",
        }
        assert "name" in answer.context["names"].errors
        text = text_of(answer)
        assert "Not saved yet" in text
        assert "“contact.nme” is no variable" in text
        assert not Automation.objects.exists()

    CASES: list[tuple[Data, str, str]] = [
        ({"trigger-band": "cold"}, "trigger-band", "lowest band"),
        ({"trigger-band": "tepid"}, "trigger-band", "must be one of"),
        ({"trigger-rearm_exit": "99"}, "trigger-rearm_exit", "must not be above 60"),
        ({"trigger-rearm_for_0": "2", "trigger-rearm_for_1": "days"}, "trigger-rearm_for",
         "goes only with"),
        ({"trigger-rearm_mode": "below_exit_for"}, "trigger-rearm_for", "needs it"),
        ({"conditions": ["c0:when"], "c0-field": "company.employees", "c0-op": "gte",
          "c0-value": "many"}, "c0-value", "must be a number"),
        ({"conditions": ["c0:when"], "c0-field": "company.employees", "c0-op": "between",
          "c0-value": "50 10"}, "c0-value", "lower number first"),
        ({"conditions": ["c0:when"], "c0-field": "tags", "c0-op": "has_any", "c0-value": " "},
         "c0-value", "at least one text"),
        ({"conditions": ["c0:when"], "c0-field": "city", "c0-op": "contains", "c0-value": " "},
         "c0-value", "or choose the comparison “is empty”"),
        ({"conditions": ["c0:activity"], "c0-type": "call", "c0-at_least": "1",
          "c0-target_value": "x"}, "c0-target_op", "Choose how"),
        ({"conditions": ["c0:activity"], "c0-type": "call", "c0-at_least": "1",
          "c0-properties_0_key": "No Slug", "c0-properties_0_op": "is_empty"},
         "c0-properties_0_key", "lower"),
        ({"conditions": ["c0:activity"], "c0-type": "call", "c0-at_least": "1",
          "c0-properties_0_key": "x", "c0-properties_0_op": "gte",
          "c0-properties_0_value": "few"}, "c0-properties_0_value", "must be a number"),
    ]  # fmt: skip

    @pytest.mark.parametrize(("sent", "place", "message"), CASES)
    def test_a_fault_of_the_document_stands_at_its_field(
        self, sent: Data, place: str, message: str, client: Client, live: Track
    ) -> None:
        answer = client.post(ADD, new(**sent))
        assert answer.status_code == 200
        faults = faults_of(answer)
        assert list(faults) == [place]
        assert message in " ".join(faults[place])
        assert not Automation.objects.exists()

    def test_without_an_action_it_says_what_to_do(self, client: Client, live: Track) -> None:
        answer = client.post(ADD, new(actions=[]))
        assert "Nothing is to be done yet: add an action." in text_of(answer)

    def test_a_name_is_used_once(self, client: Client, live: Track) -> None:
        hot(name="New")
        answer = client.post(ADD, new())
        assert "There is an automation of this name already." in text_of(answer)
        assert Automation.objects.count() == 1

    def test_what_the_live_model_has_no_more_is_said_when_the_page_opens(
        self, client: Client, live: Track
    ) -> None:
        condition = {"when": {"field": "attributes.seats", "op": "gte", "value": 1}}
        automation = hot(conditions=[condition])
        smaller = live.version.document_value.as_data()
        smaller.pop("fields")
        from_now = go_live(smaller)
        assert from_now.version != live.version
        text = text_of(client.get(page("change", automation)))
        assert "attributes.seats is not declared" in text


class TestParts:
    def built(self, client: Client, sent: Data, order: str) -> Any:
        form = {name: value for name, value in sent.items() if name != "_save"}
        answer = client.post(ADD, {**form, "_do": order}, headers=HX)
        assert answer.status_code == 200
        return answer

    def test_parts_are_added_removed_and_moved(self, client: Client, live: Track) -> None:
        sent = new(actions=["a0:email", "a1:tag", "a2:email"])
        cases = {
            "add:tag": ["a0", "a1", "a2", "a3"],
            "add:nonsense": ["a0", "a1", "a2"],
            "remove:a1": ["a0", "a2"],
            "up:a1": ["a1", "a0", "a2"],
            "up:a0": ["a0", "a1", "a2"],
            "down:a0": ["a1", "a0", "a2"],
            "down:a2": ["a0", "a1", "a2"],
            "down:zz": ["a0", "a1", "a2"],
            "refresh": ["a0", "a1", "a2"],
        }
        for order, ids in cases.items():
            builder = self.built(client, sent, order).context["builder"]
            assert [part.id for part in builder.actions] == ids, order
        assert not Automation.objects.exists()

    def test_what_was_typed_stays_and_nothing_is_complained_about_yet(
        self, client: Client, live: Track
    ) -> None:
        answer = self.built(client, new(), "add:when")
        text = answer.content.decode()
        assert "Hello {{ contact.first_name }}" in text
        assert "This field is required" not in text
        assert "autofocus" in text

    def test_another_field_brings_its_own_comparisons(self, client: Client, live: Track) -> None:
        sent = new(conditions=["c0:when"], **{"c0-field": "company.employees", "c0-op": "contains"})
        form = self.built(client, sent, "refresh").context["builder"].conditions[0].shown
        names = [name for name, _label in form.fields["op"].choices]
        assert names[:2] == ["eq", "ne"]

    def test_another_trigger_brings_its_own_fields(self, client: Client, live: Track) -> None:
        answer = self.built(client, new(trigger_kind="quiet"), "refresh")
        assert "trigger-silence_0" in answer.content.decode()

    def test_strange_parts_are_left_out(self, client: Client, live: Track) -> None:
        strange = ["a0:email", "a0:email", "a1:nonsense", "c1:email", "x", "a99999999:email"]
        builder = self.built(client, new(actions=strange), "refresh").context["builder"]
        assert [part.id for part in builder.actions] == ["a0"]

    def test_without_htmx_the_whole_page_comes_back(self, client: Client, live: Track) -> None:
        form = {name: value for name, value in new().items() if name != "_save"}
        answer = client.post(ADD, {**form, "_do": "add:when"})
        assert "<html" in answer.content.decode()
        assert 'name="c0-field"' in answer.content.decode()

    def test_a_nested_condition_is_said_in_words_and_can_be_taken_away(
        self, client: Client, live: Track
    ) -> None:
        parts = [{"field": "city", "op": "is_empty"}, {"field": "phone", "op": "is_empty"}]
        automation = hot(conditions=[{"when": {"any": parts}}])
        answer = client.get(page("change", automation))
        assert "if city is empty or phone is empty" in text_of(answer)
        form = {**form_of(answer), "_do": "remove:c0"}
        answer = client.post(page("change", automation), form)
        assert answer.context["builder"].conditions == []

    def test_what_is_kept_is_checked_like_all_else(self, client: Client, live: Track) -> None:
        for kept in ("{", "[]", '{"when": {"any": []}}', "1", "[" * 100_000):
            answer = client.post(ADD, new(conditions=["c0:kept"], **{"c0-kept": kept}))
            assert answer.status_code == 200
            assert "c0" in faults_of(answer)
        assert not Automation.objects.exists()


class TestSentence:
    def test_it_is_said_while_it_is_written(self, client: Client, live: Track) -> None:
        sent = new(conditions=["c0:when"], **{"c0-field": "country", "c0-op": "equals",
                                              "c0-value": "ES", "_say": "1"})  # fmt: skip
        sent.pop("_save")
        answer = client.post(ADD, sent, headers=HX)
        assert text_of(answer) == (
            'When the total rises into the band “hot”, if country is "ES": send the contact the '
            "e-mail “Hello {{ contact.first_name }}” from its owner."
        )

    def test_one_that_does_nothing_yet_says_so(self, client: Client, live: Track) -> None:
        sent = new(actions=[], _say="1")
        sent.pop("_save")
        assert text_of(client.post(ADD, sent, headers=HX)).endswith("“hot”, nothing is done yet.")

    def test_what_is_missing_is_three_dots(self, client: Client, live: Track) -> None:
        sent = new(actions=["a0:email"], **{"a0-subject": "", "_say": "1"})
        sent.pop("_save")
        assert text_of(client.post(ADD, sent, headers=HX)).endswith("“hot”: ….")


class TestSaving:
    def test_a_new_one_is_off_and_its_first_version_is_noted(
        self, client: Client, marta: User, live: Track
    ) -> None:
        answer = client.post(ADD, new(), follow=True)
        automation = Automation.objects.get()
        assert not automation.live
        assert automation.version is not None
        assert automation.version.number == 1
        assert automation.version.created_by == marta
        assert automation.model == live.model
        assert "“New” is saved as version 1. It is off" in answer.content.decode()

    def test_a_change_is_the_next_version(self, client: Client, live: Track) -> None:
        automation = hot()
        sent = new(name="Renamed", based_on="1")
        answer = client.post(page("change", automation), sent, follow=True)
        automation.refresh_from_db()
        assert automation.name == "Renamed"
        assert automation.version is not None
        assert automation.version.number == 2
        assert "runs as this version from now on" in answer.content.decode()

    def test_the_second_of_two_people_learns_of_the_first_and_loses_nothing(
        self, client: Client, ada: User, live: Track
    ) -> None:
        automation = hot()
        first = form_of(client.get(page("change", automation)))
        address = page("change", automation)
        logged_in(ada).post(address, new(name="Hot", based_on="1"))
        mine = {**first, **HOT, "trigger-band": "warm", "actions": ["a0:email"], **mail()}
        answer = client.post(address, {**mine, "a0-subject": "Mine", "_save": "1"})
        text = text_of(answer)
        assert "Meanwhile ada has saved version 2; what you typed is still here" in text
        assert "When theirs: when the total rises into the band “hot”" in text
        assert "Mine" in answer.content.decode()
        assert automation.versions.count() == 2
        again = {**form_of(answer), "_save": "1"}
        assert client.post(address, again).status_code == 302
        automation.refresh_from_db()
        assert automation.version is not None
        assert automation.version.number == 3
        assert automation.version.data["trigger"] == {"kind": "band_entered", "band": "warm"}

    def test_of_two_models_one_is_chosen(self, client: Client, live: Track) -> None:
        other = go_live({**live.version.document_value.as_data(), "name": "Other"})
        assert 'name="model"' in client.get(ADD).content.decode()
        client.post(ADD, new(model=str(other.model_id)))
        assert Automation.objects.get().model == other.model

    def test_without_a_live_model_it_says_what_to_do(self, client: Client) -> None:
        for address in (ADD, LIST):
            assert "manage.py load_model" in text_of(client.get(address))


class TestTrial:
    def tried(self, client: Client, **more: Any) -> str:
        sent = new(**{"_try": "all", "try_contact": "ana@x.example", **more})
        sent.pop("_save")
        answer = client.post(ADD, sent, headers=HX)
        assert answer.status_code == 200
        return text_of(answer)

    def test_it_says_what_holds_and_what_would_be_done_and_undoes_it(
        self, client: Client, live: Track, saul: User
    ) -> None:
        ana = person("ana", first_name="Ana", owner="saul", country="ES")
        text = self.tried(
            client,
            conditions=["c0:when", "c1:when"],
            actions=["a0:email", "a1:tag"],
            **{"c0-field": "country", "c0-op": "equals", "c0-value": "ES", "c1-field": "city",
               "c1-op": "is_not_empty", "a1-add": "Hot", "a1-tag": "Hot", "a1-tags": "Hot"},
        )  # fmt: skip
        assert '✓ holds if country is "ES"' in text
        assert "✗ does not hold if city is not empty" in text
        assert "So nothing would be done." in text
        assert "subject Hello Ana" in text
        assert ana.tags.count() == 0
        assert not Tag.objects.exists()
        assert not Crossing.objects.exists()
        assert not ActionRun.objects.exists()

    def test_it_answers_in_the_language_of_whoever_tries(
        self, client: Client, live: Track, saul: User
    ) -> None:
        person("ana", first_name="Ana", owner="saul")
        client.cookies["django_language"] = "es"
        text = self.tried(client)
        assert "subject Hello Ana" in text
        with translation.override("es"):
            said = gettext("The e-mail to %(recipient)s is in the outbox.")
        assert said % {"recipient": "ana@x.example"} in text
        assert not said.startswith("The e-mail")

    def test_one_action_is_tried_by_itself(self, client: Client, live: Track, saul: User) -> None:
        person("ana", first_name="Ana", owner="saul")
        text = self.tried(client, actions=["a0:email", "a1:email"], _try="a1", **mail("a1"))
        assert text.count("would be done") == 1

    def test_one_that_cannot_be_done_says_why(self, client: Client, live: Track) -> None:
        person("ana")
        assert "✗ would fail Send the contact an e-mail" in self.tried(client)

    def test_what_is_not_complete_is_left_out(self, client: Client, live: Track) -> None:
        person("ana")
        text = self.tried(client, **{"a0-subject": ""})
        assert "is not complete yet, and was left out" in text

    def test_a_contact_is_found_by_a_part_of_its_name(self, client: Client, live: Track) -> None:
        person("ana", first_name="Ana", last_name="Núñez")
        assert "For Ana Núñez" in self.tried(client, try_contact="nunez")
        assert "nobody whom you see has this name" in self.tried(client, try_contact="zoe")
        assert "nobody whom you see has this name" in self.tried(client, try_contact=" \0")
        people = client.get(ADD.replace("add", "people"), {"try_contact": "NUÑ"})
        assert 'value="ana@x.example"' in people.content.decode()

    def test_only_whom_one_sees_can_be_chosen(self, live: Track, saul: User) -> None:
        saul.user_permissions.add(Permission.objects.get(codename="add_automation"))
        person("ana", owner="mona")
        client = logged_in(saul)
        assert "nobody whom you see" in self.tried(client)
        people = client.get(ADD.replace("add", "people"), {"try_contact": "ana"})
        assert "ana@" not in people.content.decode()


def test_every_type_that_has_arrived_can_be_chosen(client: Client, live: Track) -> None:
    ActivityType.objects.create(slug="demo_asked", label="Demo asked for")
    answer = client.post(ADD, {**new(trigger_kind="activity"), "_do": "refresh"}, headers=HX)
    assert "Demo asked for" in answer.content.decode()
