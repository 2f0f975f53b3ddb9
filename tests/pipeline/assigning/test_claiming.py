"""Taking leads from the pool: one wins, the other is told who; twice by one person is harmless."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, close_old_connections, connections
from django.utils import timezone

from contacts.models import Assignment, Calendar, Contact, Member, Pending, Task, Team
from scoring.pipeline.assigning.claiming import Claim, GiveBack, NotPossible, within_reach


def lead(owner: str = "", email: str = "ana@example.com") -> Contact:
    return Contact.objects.create(email=email, first_name="Ana", last_name="Ruiz", owner=owner)


def test_a_lead_of_nobody_is_taken_with_nobodys_tasks_and_leaves_one_line(
    saul: User, mona: User
) -> None:
    ana = lead()
    mine, monas = (Task.objects.create(contact=ana, title=word) for word in ("call", "write"))
    Task.objects.filter(pk=monas.pk).update(assignee=mona)
    Pending.objects.all().delete()
    claimed = Claim(ana, saul).execute()
    assert (claimed.is_new, claimed.tasks) == (True, 1)
    assert claimed.message == "“Ana Ruiz” is yours now."
    mine.refresh_from_db()
    monas.refresh_from_db()
    assert (mine.assignee, monas.assignee) == (saul, mona)
    [line] = Assignment.objects.all()
    assert (line.owner, line.before, line.how, line.by) == ("saul", "", "claim", saul)
    change = ana.changes.get(field="owner")
    assert (change.after, change.origin) == ("saul", "admin: saul")
    assert Pending.objects.get().contact == ana


def test_a_second_click_is_harmless(saul: User) -> None:
    ana = lead()
    Claim(ana, saul).execute()
    again = Claim(Contact.objects.get(pk=ana.pk), saul).execute()
    assert (again.is_new, again.message) == (False, "“Ana Ruiz” is yours already.")
    assert Assignment.objects.count() == ana.changes.count() == 1


def test_who_is_late_is_told_who_was_faster_and_when(saul: User, mona: User) -> None:
    ana = lead()
    seen = Contact.objects.get(pk=ana.pk)
    Claim(ana, mona).execute()
    with pytest.raises(NotPossible, match=r"^mona was faster: this lead was taken at \d"):
        Claim(seen, saul).execute()
    # By the page it is still reached, for it was in the pool a moment ago; not for ever.
    assert within_reach(saul).get() == ana
    Assignment.objects.update(at=timezone.now() - timedelta(hours=2))
    assert not within_reach(saul).exists()
    with pytest.raises(NotPossible, match="^peter has this lead"):
        Claim(lead("peter", "eva@example.com"), saul).execute()


def test_who_may_not_claim_changes_nothing(marta: User) -> None:
    ana = lead()
    for deed in (Claim(ana, marta), GiveBack(ana, marta, "no time")):
        with pytest.raises(PermissionDenied):
            deed.execute()
    with pytest.raises(PermissionDenied):
        Claim(ana, User.objects.create_user("nobody")).execute()
    assert not Assignment.objects.exists()
    assert not within_reach(User.objects.get(username="nobody")).exists()


def test_a_lead_that_was_removed_is_not_there(saul: User) -> None:
    ana = lead()
    seen = Contact.objects.get(pk=ana.pk)
    ana.delete()
    with pytest.raises(Contact.DoesNotExist):
        Claim(seen, saul).execute()


def test_the_limit_of_a_day_is_said_and_kept(saul: User) -> None:
    team = Team.objects.create(name="North", calendar=Calendar.objects.get(is_default=True))
    Member.objects.create(team=team, user=saul, daily_limit=1)
    Claim(lead(), saul).execute()
    second = lead(email="eva@example.com")
    with pytest.raises(NotPossible, match="your 1 new leads of today"):
        Claim(second, saul).execute()
    Assignment.objects.update(at=timezone.now() - timedelta(days=1, hours=1))
    assert Claim(second, saul).execute().is_new


def test_a_lead_is_given_back_with_a_reason_and_its_tasks(saul: User, mona: User) -> None:
    ana = lead("SAÚL")
    task = Task.objects.create(contact=ana, title="call", assignee=saul)
    for reason, told in (("  ", "Say why"), ("x" * 301, "At most 300")):
        with pytest.raises(NotPossible, match=told):
            GiveBack(ana, saul, reason).execute()
    with pytest.raises(NotPossible, match="saul has this lead"):
        GiveBack(ana, mona, "hers not").execute()
    GiveBack(ana, saul, "speaks only Greek").execute()
    ana.refresh_from_db()
    task.refresh_from_db()
    assert (ana.owner, task.assignee) == ("", None)
    line = Assignment.objects.get()
    assert (line.how, line.in_words()) == (
        "return",
        "given back to the pool: speaks only Greek",
    )
    with pytest.raises(NotPossible, match="in the pool already"):
        GiveBack(ana, saul, "again").execute()


def test_every_way_of_changing_an_owner_leaves_a_line(saul: User) -> None:
    ana = lead()
    ana.owner = "peter"
    ana.save()
    Contact.objects.filter(pk=ana.pk).update(owner="saul")
    ana.refresh_from_db()
    ana.city = "Madrid"
    ana.save()
    found = Assignment.objects.order_by("pk").values_list("before", "owner", "how")
    assert list(found) == [("", "peter", "other"), ("peter", "saul", "other")]


def at_once(*deeds: Callable[[], object]) -> list[str]:
    ready = Barrier(len(deeds))
    told: list[str] = []

    def run(deed: Callable[[], object]) -> None:
        close_old_connections()
        try:
            ready.wait(300)
            deed()
            told.append("done")
        except (NotPossible, OperationalError) as error:
            told.append(str(error))
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    return sorted(told, key=lambda each: each != "done")


@pytest.mark.django_db(transaction=True)
def test_of_two_claims_at_once_one_wins_and_there_is_one_task(saul: User, mona: User) -> None:
    ana = lead()
    task = Task.objects.create(contact=ana, title="call")
    first, second = at_once(
        lambda: Claim(Contact.objects.get(pk=ana.pk), saul).execute(),
        lambda: Claim(Contact.objects.get(pk=ana.pk), mona).execute(),
    )
    assert first == "done" and "was faster" in second
    [line] = Assignment.objects.all()
    task.refresh_from_db()
    assert task.assignee is not None
    assert line.owner == task.assignee.username in second
    assert Task.objects.count() == 1
