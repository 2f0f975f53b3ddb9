"""Accepting and rejecting: who may, what follows, two at once, and changing one's mind."""

from datetime import timedelta
from threading import Thread

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from contacts.models import Activity, Contact, Lifecycle, Member, Pending, Task
from scoring.automations.models import Crossing
from scoring.pipeline.assigning.claiming import NotPossible
from scoring.pipeline.feedback.answering import Answer, Said
from scoring.pipeline.feedback.models import Alarm, Handover, Verdict, VerdictKind
from scoring.pipeline.feedback.reasons import RejectionReason
from tests.automations.set_up import HOT, go_live, hot, person, refresh_all, visit
from tests.pipeline.feedback.handed import handed, seller

pytestmark = pytest.mark.django_db

ACCEPTED, REJECTED = VerdictKind.ACCEPTED, VerdictKind.REJECTED


def rejected(slug: str = "no_budget", text: str = "") -> Said:
    return Said(REJECTED, RejectionReason.objects.get(slug=slug), text)


def say(handover: Handover, user: User, said: Said, seen: str | None = None) -> Handover:
    handover = Handover.objects.select_related("contact").get(pk=handover.pk)
    return Answer(handover, user, said, handover.state if seen is None else seen).execute()


def stored(handover: Handover) -> Handover:
    return Handover.objects.get(pk=handover.pk)


WHO = [
    # Who, whose lead, and whether they may answer.
    ("saul", "Sales", "saul", True),
    ("saul", "Sales", "", True),
    ("saul", "Sales", "sally", False),
    ("mona", "Sales manager", "sally", True),
    ("ada", "Administrator", "sally", True),
    ("marta", "Marketing", "sally", False),
    ("marta", "Marketing", "", False),
]


@pytest.mark.parametrize(("name", "role", "owner", "may"), WHO)
def test_owner_pool_and_manager_answer(name: str, role: str, owner: str, may: bool) -> None:
    user, handover = seller(name, role), handed(owner=owner)
    try:
        say(handover, user, rejected())
        done = True
    except (PermissionDenied, NotPossible):
        done = False
    assert done is may
    assert (stored(handover).verdict == "rejected") is may
    assert Activity.objects.exists() is may


def test_an_accepted_lead_is_sales_qualified_and_told_to_automations() -> None:
    handover, saul = handed(), seller("saul")
    Pending.objects.all().delete()
    say(handover, saul, Said(ACCEPTED, text="Wants a demo"))
    answered = stored(handover)
    assert (answered.verdict, answered.answered_by, answered.text) == (
        "accepted",
        saul,
        "Wants a demo",
    )
    assert answered.contact.lifecycle == "sql"
    activity = Activity.objects.get()
    assert (activity.type.slug, activity.target.text) == ("lead_accepted", "")
    assert activity.properties == {"band": "hot", "text": "Wants a demo"}
    assert Pending.objects.filter(contact=handover.contact).exists()
    # Nobody has tried to reach the lead yet, so that still reminds.
    assert {alarm.kind for alarm in Alarm.objects.all()} == {"response_near", "response_past"}
    change = handover.contact.changes.get()
    assert (change.field, change.origin) == ("lifecycle", "admin: saul")


@pytest.mark.parametrize("stands", ["sql", "opportunity", "customer", "lost"])
def test_accepting_leads_nobody_back(stands: str) -> None:
    handover = handed(lifecycle=stands)
    say(handover, seller("saul"), Said(ACCEPTED))
    assert stored(handover).contact.lifecycle == stands
    assert Verdict.objects.get().lifecycle_before is None


def test_a_rejection_needs_a_reason_and_says_it_as_the_target() -> None:
    handover, saul = handed(), seller("saul")
    with pytest.raises(NotPossible, match="Choose a reason"):
        say(handover, saul, Said(REJECTED))
    assert stored(handover).is_waiting
    say(handover, saul, rejected("not_now", "In spring"))
    activity = Activity.objects.get()
    assert (activity.type.slug, activity.target.text) == ("lead_rejected", "not_now")
    assert activity.properties == {"band": "hot", "reason": "Not now", "text": "In spring"}
    assert stored(handover).contact.lifecycle == ""
    assert not Alarm.objects.exists()


def test_a_rejected_lead_needs_no_call_any_more() -> None:
    saul = seller("saul")
    go_live()
    task = {"kind": "task", "title": "Call", "within_hours": 4}
    hot(HOT, task, {"kind": "hand_over"})
    who = person("ana", job_title="Director", owner="saul")
    visit(who, timedelta())
    refresh_all()
    other = Task.objects.create(contact=who, title="Send the brochure")
    handover = Handover.objects.get(crossing=Crossing.objects.get())
    say(handover, saul, rejected())
    call = Task.objects.get(title="Call")
    assert (call.state, call.done_by) == ("cancelled", saul)
    assert Task.objects.get(pk=other.pk).is_open
    say(handover, saul, Said(ACCEPTED))
    assert Task.objects.get(pk=call.pk).is_open


def test_a_mind_may_be_changed_and_what_was_said_is_kept() -> None:
    handover, saul = handed(), seller("saul")
    say(handover, saul, Said(ACCEPTED))
    say(handover, saul, rejected("bad_data"))
    assert stored(handover).contact.lifecycle == ""
    say(handover, saul, rejected("wrong_size"))
    said = [(each.verdict, str(each.reason or "")) for each in Verdict.objects.all()]
    assert said == [("accepted", ""), ("rejected", "Bad data"), ("rejected", "Wrong size")]
    activity = Activity.objects.get()
    assert (activity.type.slug, activity.target.text) == ("lead_rejected", "wrong_size")


def test_a_lifecycle_that_went_on_is_not_taken_back() -> None:
    handover, saul = handed(), seller("saul")
    say(handover, saul, Said(ACCEPTED))
    contact = Contact.objects.get()
    contact.lifecycle = Lifecycle.OPPORTUNITY
    contact.save()
    say(handover, saul, rejected())
    assert stored(handover).contact.lifecycle == "opportunity"


def test_after_a_week_an_answer_stays() -> None:
    handover, saul = handed(), seller("saul")
    say(handover, saul, Said(ACCEPTED))
    Verdict.objects.update(at=timezone.now() - timedelta(days=7))
    with pytest.raises(NotPossible, match="more than 7 days old"):
        say(handover, saul, rejected())
    assert stored(handover).verdict == "accepted"


def test_whoever_accepts_a_lead_of_the_pool_takes_it() -> None:
    saul, mona = seller("saul"), seller("mona", "Sales manager")
    first, second, third = handed("ana", ""), handed("ben", ""), handed("eva", "")
    say(first, saul, Said(ACCEPTED))
    say(second, saul, rejected())
    say(third, mona, Said(ACCEPTED))
    assert [stored(each).contact.owner for each in (first, second, third)] == ["saul", "", ""]


def test_a_salesperson_over_the_limit_of_the_day_accepts_no_more_of_the_pool() -> None:
    saul, handover = seller("saul"), handed(owner="")
    Member.objects.filter(user=saul).update(daily_limit=0)
    with pytest.raises(NotPossible, match="that is the limit"):
        say(handover, saul, Said(ACCEPTED))
    assert stored(handover).is_waiting
    assert stored(handover).contact.owner == ""


def test_the_second_of_two_is_told_who_was_faster() -> None:
    handover = handed()
    say(handover, seller("mona", "Sales manager"), rejected(), "")
    with pytest.raises(NotPossible, match="mona was faster: this lead was rejected at"):
        say(handover, seller("saul"), Said(ACCEPTED), "")
    pool = handed("ben", owner="")
    say(pool, seller("sally"), Said(ACCEPTED), "")
    with pytest.raises(NotPossible, match="sally was faster"):
        say(pool, seller("saul"), Said(ACCEPTED), "")


def test_a_double_click_says_it_once() -> None:
    handover, saul = handed(), seller("saul")
    say(handover, saul, rejected(), "")
    say(handover, saul, rejected(), "")
    assert Verdict.objects.count() == 1


def test_a_lead_that_was_given_away_or_removed_is_not_answered() -> None:
    saul, handover, gone = seller("saul"), handed(), handed("ben")
    seller("sally")
    contact = handover.contact
    contact.owner = "sally"
    contact.save()
    with pytest.raises(NotPossible, match="sally has had this lead since|sally has this lead"):
        say(handover, saul, rejected())
    row = Handover.objects.select_related("contact").get(pk=gone.pk)
    Contact.objects.get(pk=row.contact_id).delete()
    with pytest.raises(Handover.DoesNotExist):
        Answer(row, saul, rejected(), "").execute()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_wins() -> None:
    handover = handed()
    people = [seller("saul"), seller("mona", "Sales manager")]
    told: list[str] = []

    def work(user: User, said: Said) -> None:
        try:
            say(handover, user, said, "")
            told.append("done")
        except NotPossible as reason:
            told.append(str(reason))
        finally:
            connection.close()

    answers = [Said(ACCEPTED), rejected()]
    workers = [Thread(target=work, args=pair) for pair in zip(people, answers, strict=True)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(text == "done" for text in told) == [False, True]
    assert Verdict.objects.count() == Activity.objects.count() == 1
