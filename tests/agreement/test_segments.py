"""The pages of segments: building, saving side by side, who may, and actions for all of one."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.chores import CHORES
from contacts.models import Contact
from scoring.automations.bulk import BulkRun
from scoring.automations.models import Automation, AutomationVersion
from scoring.automations.segments import uses_of
from scoring.automations.sequences.models import Sequence
from scoring.criteria.canonical import written
from scoring.criteria.models import ScoringModel
from scoring.criteria.segments import Segment
from tests.automations.admin.pages import text_of
from tests.engine.scored import person

pytestmark = pytest.mark.django_db

Data = dict[str, Any]

SPAIN: Data = {"field": "country", "op": "equals", "value": "ES"}
TYPED: Data = {
    "name": "Spain",
    "when-part": "0::leaf:0",
    "when-0-field": "country",
    "when-0-op": "equals",
    "when-0-value": "ES",
    "when-0-as": "text:country",
    "revision": "0",
}
ADD = "admin:scoring_segment_add"


@pytest.fixture
def spain(ada: User) -> Segment:
    return Segment(name="Spain", condition=SPAIN).store(ada)


@pytest.fixture
def marketer(client: Client, marta: User) -> Client:
    client.force_login(marta)
    return client


def page_of(segment: Segment, name: str = "change", *more: int) -> str:
    return reverse(f"admin:scoring_segment_{name}", args=[segment.pk, *more])


class TestBuilding:
    def test_a_segment_is_saved_with_who_made_it(self, marketer: Client, marta: User) -> None:
        answer = marketer.post(reverse(ADD), TYPED | {"_save": "1"})
        assert answer.status_code == 302
        stored = Segment.objects.get()
        assert (stored.name, stored.key, stored.condition) == ("Spain", "spain", SPAIN)
        assert (stored.created_by, stored.changed_by, stored.revision) == (marta, marta, 1)

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"name": ""}, "This field is required."),
            ({"name": "x" * 10_240}, "at most 200 characters"),
            ({"name": "a\0b"}, "Null characters are not allowed."),
            ({"when-part": ""}, "A segment needs at least one condition: add one."),
            ({"when-0-field": "owner__password"}, "There is no field owner__password"),
            ({"when-0-value": ""}, "Write something here, or choose"),
            ({"revision": "9" * 50, "when-0-op": "regex"}, "Is no operator of country"),
        ],
    )
    def test_what_is_wrong_is_told_and_nothing_is_saved(
        self, marketer: Client, changes: Data, said: str
    ) -> None:
        answer = marketer.post(reverse(ADD), TYPED | changes | {"_save": "1"})
        assert answer.status_code == 200
        assert said in answer.content.decode()
        assert not Segment.objects.exists()

    def test_a_name_that_is_taken_says_so(self, marketer: Client, spain: Segment) -> None:
        answer = marketer.post(reverse(ADD), TYPED | {"_save": "1"})
        assert "There is a segment of this name already." in answer.content.decode()

    def test_of_two_at_once_the_second_is_told_and_loses_nothing(
        self, marketer: Client, spain: Segment, ada: User
    ) -> None:
        spain.condition = {"not": SPAIN}
        spain.store(ada)
        mine = TYPED | {"when-0-value": "PT", "revision": "1", "_save": "1"}
        answer = marketer.post(page_of(spain), mine)
        text = answer.content.decode()
        assert "Meanwhile ada has changed this segment" in text
        assert 'value="PT"' in text
        spain.refresh_from_db()
        assert spain.condition == {"not": SPAIN}
        assert 'name="revision" value="2"' in text
        assert marketer.post(page_of(spain), mine | {"revision": "2"}).status_code == 302
        spain.refresh_from_db()
        assert spain.condition == SPAIN | {"value": "PT"}

    def test_the_page_says_who_matches_while_it_is_built(
        self, marketer: Client, client: Client
    ) -> None:
        person("ana", first_name="Ana", country="ES")
        person("luc", first_name="Luc", country="FR")
        text = text_of(marketer.post(reverse(ADD), TYPED | {"_say": "1"}))
        assert "1 of 2 contacts match now." in text
        assert "Ana" in text
        assert "Luc" not in text
        half = marketer.post(reverse(ADD), TYPED | {"_say": "1", "when-0-value": ""})
        assert "as soon as every condition is complete" in half.content.decode()

    def test_nobody_is_counted_or_named_whom_one_may_not_see(
        self, client: Client, saul: User, spain: Segment
    ) -> None:
        person("ana", first_name="Ana", country="ES", owner="saul")
        person("eva", first_name="Eva", country="ES", owner="mona")
        client.force_login(saul)
        text = text_of(client.get(page_of(spain)))
        assert "1 of 1 contacts match now." in text
        assert "Ana" in text
        assert "Eva" not in text
        counted = client.get(page_of(spain, "count")).content.decode()
        assert "of 1<" in counted

    def test_sales_look_and_change_nothing(
        self, client: Client, saul: User, spain: Segment
    ) -> None:
        client.force_login(saul)
        assert client.get(reverse("admin:scoring_segment_changelist")).status_code == 200
        for url in (page_of(spain), reverse(ADD), page_of(spain, "do"), page_of(spain, "delete")):
            assert client.post(url, TYPED | {"_save": "1", "post": "yes"}).status_code == 403
        assert Segment.objects.get().revision == 1

    def test_a_field_that_is_gone_is_told_on_every_page(
        self, marketer: Client, spain: Segment
    ) -> None:
        Segment.objects.update(condition={"field": "attributes.gone", "op": "is_true"})
        for url in (
            page_of(spain),
            reverse("admin:scoring_segment_changelist"),
            page_of(spain, "count"),
            page_of(spain, "do"),
        ):
            assert marketer.get(url).status_code == 200
        assert "is not declared" in marketer.get(page_of(spain)).content.decode()


class TestUse:
    @pytest.fixture
    def automation(self, spain: Segment) -> Automation:
        model = ScoringModel.objects.create(name="Leads")
        automation = Automation.objects.create(name="Greet", model=model)
        document = written({"conditions": [{"segment": spain.key}]})
        automation.version = AutomationVersion.objects.create(
            automation=automation, number=1, document=document, hash="x"
        )
        automation.save()
        return automation

    def test_the_page_says_where_it_is_used(
        self, marketer: Client, spain: Segment, automation: Automation
    ) -> None:
        Sequence.objects.create(name="Call", slug="call", goal=[{"segment": "spain"}])
        text = marketer.get(page_of(spain)).content.decode()
        assert "the automation “Greet”" in text
        assert "the goal of the sequence “Call”" in text

    def test_what_is_in_use_cannot_be_deleted(
        self, marketer: Client, spain: Segment, automation: Automation
    ) -> None:
        answer = marketer.post(page_of(spain, "delete"), {"post": "yes"})
        assert "the automation “Greet”" in answer.content.decode()
        assert Segment.objects.exists()
        automation.delete()
        assert uses_of(spain) == []
        assert marketer.post(page_of(spain, "delete"), {"post": "yes"}).status_code == 302
        assert not Segment.objects.exists()


class TestForAll:
    """Marta adds a tag to everybody in Spain."""

    VIP: Data = {"kind": "tag", "action-add": "vip", "action-remove": ""}

    def begin(self, marketer: Client, segment: Segment, given: Data) -> None:
        looked = marketer.post(page_of(segment, "do"), given | {"_look": "1"})
        begun = given | {"_begin": "1", "shown": looked.context["shown"]}
        assert marketer.post(page_of(segment, "do"), begun).status_code == 302

    @pytest.fixture(autouse=True)
    def people(self) -> None:
        for name in ("ana", "eva", "leo"):
            person(name, country="ES")
        person("luc", country="FR")

    def test_the_number_is_confirmed_before(self, marketer: Client, spain: Segment) -> None:
        looked = marketer.post(page_of(spain, "do"), self.VIP | {"_look": "1"})
        assert "add the tag “vip”" in looked.content.decode()
        assert looked.context["count"] == 3
        begun = self.VIP | {"_begin": "1", "shown": looked.context["shown"]}
        other = marketer.post(page_of(spain, "do"), begun | {"action-add": "star"})
        person("new", country="ES")
        more = marketer.post(page_of(spain, "do"), begun)
        for answer in (other, more):
            assert "It is not what was shown before" in answer.content.decode()
        assert not BulkRun.objects.exists()
        begun["shown"] = more.context["shown"]
        assert marketer.post(page_of(spain, "do"), begun).status_code == 302
        assert BulkRun.objects.get().expected == 4

    def test_a_worker_does_it_for_those_who_were_in_it(
        self, marketer: Client, spain: Segment
    ) -> None:
        self.begin(marketer, spain, self.VIP)
        spain.condition = {"not": SPAIN}
        spain.store(User())
        while CHORES["bulk"].work():
            pass
        run = BulkRun.objects.get()
        assert (run.done, run.failed, run.percent) == (3, 0, 100)
        assert run.finished_at is not None
        tagged = Contact.objects.filter(tags__name="vip").values_list("country", flat=True)
        assert set(tagged) == {"ES"}
        assert "3 of 3 done" in marketer.get(page_of(spain)).content.decode()

    def test_whoever_comes_later_is_not_meant(self, marketer: Client, spain: Segment) -> None:
        self.begin(marketer, spain, self.VIP)
        late = person("late", country="ES")
        while CHORES["bulk"].work():
            pass
        assert BulkRun.objects.get().done == 3
        assert not late.tags.exists()

    def test_what_is_not_possible_is_told(self, marketer: Client, spain: Segment) -> None:
        sequence = Sequence.objects.create(name="Call", slug="call")
        self.begin(marketer, spain, {"kind": "enrol", "action-sequence": sequence.name})
        while CHORES["bulk"].work():
            pass
        run = BulkRun.objects.get()
        assert (run.done, run.failed, sum(run.reasons.values())) == (0, 3, 3)
        assert "Why not" in marketer.get(page_of(spain, "runs")).content.decode()

    def test_it_can_be_stopped(self, marketer: Client, spain: Segment) -> None:
        self.begin(marketer, spain, self.VIP)
        run = BulkRun.objects.get()
        assert marketer.get(page_of(spain, "stop", run.pk)).status_code == 403
        marketer.post(page_of(spain, "stop", run.pk))
        assert CHORES["bulk"].work() == 0
        assert not Contact.objects.filter(tags__name="vip").exists()

    @pytest.mark.parametrize(
        "changes",
        [
            {"kind": "email"},
            {"kind": "\0"},
            {"action-add": ""},
            {"action-add": "x" * 10_240},
            {"action-add": "a\0b"},
        ],
    )
    def test_bad_input_begins_nothing(
        self, marketer: Client, spain: Segment, changes: Data
    ) -> None:
        given = self.VIP | {"_look": "1"} | changes
        answer = marketer.post(page_of(spain, "do"), given)
        assert answer.status_code == 200
        assert not BulkRun.objects.exists()

    def test_only_those_whom_the_person_may_see_are_meant(self, spain: Segment, saul: User) -> None:
        Contact.objects.filter(email_key__in=["ana@x.example"]).update(owner_norm="mona")
        run = BulkRun(condition=SPAIN, started_by=saul, started_at=spain.created_at)
        assert run.contacts().count() == 2
