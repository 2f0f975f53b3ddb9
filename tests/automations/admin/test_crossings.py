"""What has crossed: who sees it, what was done, what is held back and handed over."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.models import Contact, Tag
from scoring.automations.handing_over import do_released
from scoring.automations.models import ActionRun, Automation, Crossing, TriggerState
from scoring.automations.present import hold_present
from scoring.engine.models import Score, Track
from tests.automations.admin.pages import (
    CROSSINGS,
    DROP,
    HELD,
    RELEASE,
    Data,
    live_model,
    logged_in,
    page,
    text_of,
)
from tests.automations.set_up import TRACE, crossed, hot, person, refresh_all, visit

pytestmark = pytest.mark.django_db
WARM: Data = {"kind": "band_entered", "band": "warm"}
IMPOSSIBLE: Data = {"kind": "trace", "tag": "impossible"}


@pytest.fixture
def live(db: None) -> Track:
    return live_model()


@pytest.fixture
def client(marta: User) -> Client:
    return logged_in(marta)


def warm(name: str, **more: Any) -> Contact:
    found = person(name, job_title="Director", **more)
    refresh_all()
    return found


def held(count: int = 3) -> Automation:
    """An automation that was switched on when so many were there already."""
    for number in range(count):
        person(f"lead{number}", first_name=f"Lead {number}", job_title="Director")
    refresh_all()
    automation = hot(WARM)
    hold_present(automation)
    return automation


def listed(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"{CROSSINGS}?{query}")
    assert answer.status_code == 200
    return sorted(row.contact.first_name for row in answer.context["cl"].result_list)


class TestList:
    def test_it_says_who_crossed_what_and_what_was_done(self, client: Client, live: Track) -> None:
        hot(WARM, TRACE, IMPOSSIBLE)
        warm("ana", first_name="Ana")
        text = text_of(client.get(CROSSINGS))
        assert "Ana Hot 30 ✓ 1 action ✗ 1 failed" in text

    def test_it_filters_and_searches(self, client: Client, live: Track) -> None:
        hot(WARM, IMPOSSIBLE, name="Fails")
        automation = hot(WARM, conditions=[{"when": {"field": "city", "op": "is_not_empty"}}])
        warm("ana", first_name="Ana")
        warm("bo", first_name="Bo", city="Rome")
        assert listed(client, "outcome=failed") == ["Ana", "Bo"]
        assert listed(client, f"automation__id__exact={automation.pk}&outcome=acted") == ["Bo"]
        assert listed(client, "outcome=conditions") == ["Ana"]
        assert listed(client, "outcome=quiet") == []
        assert listed(client, "q=bo&outcome=failed") == ["Bo"]
        assert listed(client, "direction__exact=down") == []

    def test_sales_see_those_of_their_own_leads_and_the_pool(
        self, live: Track, saul: User, mona: User
    ) -> None:
        hot(WARM)
        theirs = warm("ana", first_name="Ana", owner="mona")
        warm("bo", first_name="Bo", owner="saul")
        warm("eve", first_name="Eve")
        assert listed(logged_in(saul)) == ["Bo", "Eve"]
        assert listed(logged_in(mona)) == ["Ana", "Bo", "Eve"]
        crossing = Crossing.objects.get(contact=theirs)
        assert logged_in(saul).get(page("change", crossing)).status_code == 404


class TestCrossing:
    def test_it_says_everything_and_leads_to_the_lead(self, client: Client, live: Track) -> None:
        hot(WARM, TRACE, IMPOSSIBLE)
        ana = warm("ana", first_name="Ana")
        crossing = Crossing.objects.get()
        answer = client.get(page("change", crossing))
        text = text_of(answer)
        assert "✓ done Trace" in text
        assert "tagged as seen" in text
        assert "✗ failed Trace" in text
        assert "It cannot be done." in text
        assert reverse("admin:scoring_lead_change", args=[ana.pk]) in answer.content.decode()

    def test_it_says_which_activity_and_why_it_was_held_back(
        self, client: Client, live: Track
    ) -> None:
        trigger = {"kind": "activity", "activity": {"type": "page_view"}}
        hot(trigger, conditions=[{"when": {"field": "city", "op": "is_not_empty"}}])
        visit(person("ana"), timedelta(0))
        refresh_all()
        text = text_of(client.get(page("change", Crossing.objects.get())))
        assert "Page view: /pricing" in text
        assert "the conditions did not hold" in text

    def test_an_action_that_failed_is_tried_again(self, client: Client, live: Track) -> None:
        # It breaks for a reason that is gone later.
        task = {"kind": "email", "subject": "Hi", "text": "Hello"}
        hot(WARM, task)
        ana = warm("ana")
        crossing = Crossing.objects.get()
        assert crossing.runs.get().state == ActionRun.State.FAILED
        address = page("retry", crossing, 0)
        answer = client.post(address, follow=True)
        assert "no owner" in answer.content.decode()
        Contact.objects.filter(pk=ana.pk).update(owner="marta")
        answer = client.post(address, follow=True)
        assert "is in the outbox" in answer.content.decode()
        assert crossing.runs.get().state == ActionRun.State.DONE
        answer = client.post(address, follow=True)
        assert "This action did not fail" in answer.content.decode()

    def test_it_may_be_allowed_to_go_off_again(self, client: Client, live: Track) -> None:
        hot(WARM | {"rearm": {"mode": "manual"}})
        warm("ana")
        crossing = Crossing.objects.get()
        assert "Let it go off for this lead again" in text_of(client.get(page("change", crossing)))
        client.post(page("rearm", crossing))
        assert TriggerState.objects.get().armed
        text = text_of(client.get(page("change", crossing)))
        assert "Let it go off for this lead again" not in text


class TestHeldBack:
    def test_they_are_counted_by_automation_and_cause(self, client: Client, live: Track) -> None:
        automation = held(3)
        text = text_of(client.get(HELD))
        assert "Hot was past the level already, or had its first score 3 crossings" in text
        assert "Hand over these 3…" in text
        assert automation.live

    def test_before_they_are_handed_over_the_count_and_the_first_names_are_repeated(
        self, client: Client, live: Track
    ) -> None:
        automation = held(12)
        text = text_of(client.get(f"{RELEASE}?automation={automation.pk}&why=present"))
        assert "Hand over 12 crossings of “Hot”?" in text
        assert text.count("Lead ") == 10
        assert "and 2 more" in text
        assert Crossing.objects.held_back().count() == 12

    def test_they_are_handed_over_and_a_worker_does_the_rest(
        self, client: Client, marta: User, live: Track
    ) -> None:
        automation = held(3)
        group = {"automation": str(automation.pk), "why": "present"}
        answer = client.post(RELEASE, {**group, "count": "3"}, follow=True)
        assert "3 crossings are handed over" in answer.content.decode()
        assert not Tag.objects.exists()
        assert do_released() == 3
        assert Tag.objects.count() == 3
        assert {row.released_by for row in Crossing.objects.all()} == {"marta"}
        assert "Nothing is held back." in text_of(client.get(HELD))

    def test_the_present_total_is_beside_the_one_that_crossed(
        self, client: Client, live: Track
    ) -> None:
        automation = held(1)
        group = {"automation": str(automation.pk), "why": "present"}
        assert "· now" not in text_of(client.get(RELEASE, group))
        Score.objects.update(total=12)
        assert "Lead 0 30 · now 12" in text_of(client.get(RELEASE, group))
        client.post(RELEASE, {**group, "count": "1"})
        assert do_released() == 1
        crossing = Crossing.objects.get()
        assert not crossing.runs.exists()
        said = "the level no longer held when it was handed over"
        assert said in text_of(client.get(page("change", crossing)))

    def test_they_are_dropped_for_good(self, client: Client, marta: User, live: Track) -> None:
        automation = held(3)
        group = {"automation": str(automation.pk), "why": "present"}
        assert "Drop these 3…" in text_of(client.get(HELD))
        assert "Drop 3 crossings of “Hot”?" in text_of(client.get(DROP, group))
        client.post(DROP, {**group, "count": "2"})
        assert Crossing.objects.held_back().count() == 3
        answer = client.post(DROP, {**group, "count": "3"}, follow=True)
        assert "3 crossings are dropped" in answer.content.decode()
        client.post(RELEASE, {**group, "count": "3"})
        assert (Crossing.objects.all().release(marta), do_released()) == (0, 0)
        assert not Tag.objects.exists()
        assert len(listed(client, "outcome=dropped")) == 3
        crossing = Crossing.objects.order_by("pk")[0]
        text = text_of(client.get(page("change", crossing)))
        assert "dropped by a person Dropped by marta" in text
        assert "Hand over…" not in text

    def test_who_may_not_hand_over_may_not_drop(self, live: Track, saul: User) -> None:
        automation = held(1)
        group = {"automation": str(automation.pk), "why": "present", "count": "1"}
        assert logged_in(saul).post(DROP, group).status_code == 403
        assert Crossing.objects.held_back().count() == 1

    def test_where_there_are_others_meanwhile_it_asks_again(
        self, client: Client, live: Track
    ) -> None:
        automation = held(3)
        group = {"automation": str(automation.pk), "why": "present"}
        answer = client.post(RELEASE, {**group, "count": "2"})
        assert "Meanwhile there are others; look again." in answer.content.decode()
        assert Crossing.objects.held_back().count() == 3

    @pytest.mark.parametrize(
        "asked",
        [{}, {"automation": "x"}, {"automation": "1" * 30, "why": "present"}, {"why": "present"},
         {"automation": "1", "why": "nonsense"}],
    )  # fmt: skip
    def test_what_is_no_group_is_nobody(self, asked: Data, client: Client, live: Track) -> None:
        held(1)
        assert "Nothing of this is held back" in text_of(client.get(RELEASE, asked))
        client.post(RELEASE, {**asked, "count": "1"})
        assert Crossing.objects.held_back().count() == 1

    def test_one_is_handed_over_by_itself(self, client: Client, live: Track) -> None:
        held(2)
        crossing = Crossing.objects.order_by("pk").first()
        assert crossing is not None
        assert "Hand over…" in text_of(client.get(page("change", crossing)))
        client.post(RELEASE, {"crossing": str(crossing.pk), "count": "1"})
        assert list(Crossing.objects.exclude(suppressed="quiet")) == [crossing]

    def test_other_crossings_are_never_handed_over(self, client: Client, live: Track) -> None:
        hot(WARM, conditions=[{"when": {"field": "city", "op": "is_not_empty"}}])
        ana = warm("ana")
        crossing = Crossing.objects.get()
        client.post(RELEASE, {"crossing": str(crossing.pk), "count": "1"})
        assert crossed(ana) == [("Hot", "up", "conditions")]


def test_the_page_of_a_lead_shows_its_crossings_and_tasks(client: Client, live: Track) -> None:
    hot(WARM, {"kind": "task", "title": "Call {{ contact.first_name }}"})
    ana = warm("ana", first_name="Ana")
    other = warm("bo", first_name="Bo")
    Crossing.objects.filter(contact=other).delete()
    text = text_of(client.get(reverse("admin:scoring_lead_change", args=[ana.pk])))
    assert "✓ 1 action" in text
    assert "Call Ana" in text
    text = text_of(client.get(reverse("admin:scoring_lead_change", args=[other.pk])))
    assert "No automation has gone off for this lead yet." in text
