"""Merging and undoing: what moves, what is kept, whose address is whose."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from contacts.models import (
    Activity,
    Campaign,
    CampaignTouch,
    Company,
    Contact,
    Deal,
    EmailAlias,
    FieldChange,
    Merge,
    NotDuplicate,
    Note,
    Pipeline,
    Stage,
    Tag,
    Task,
)
from contacts.models.merges import relations_to_contacts
from contacts.records import parse_activity, parse_contact, parse_deal
from contacts.storing import store_activities, store_contacts
from contacts.storing_sales import store_deals
from scoring.engine.models import Cause, Score, ScoreChange
from scoring.pipeline.merging.merge import MergeContacts
from scoring.pipeline.merging.together import Refused
from scoring.pipeline.merging.undo import UndoMerge
from tests.engine.scored import go_live, refresh_all
from tests.pipeline.merging.pair import DAY, faults, merged, pair, parted, person, total, visit

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2024, 5, 1, tzinfo=UTC)


def test_every_model_that_points_to_a_contact_says_what_a_merge_does_to_its_rows() -> None:
    silent = [relation.key for relation in relations_to_contacts() if relation.treatment is None]
    assert silent == []


def test_the_survivor_has_everything_and_the_other_is_gone(marta: User) -> None:
    go_live()
    stays, goes = pair(phone="600 111 222")
    visit(goes, DAY)
    stage = Stage.objects.create(pipeline=Pipeline.objects.create(name="P"), name="S")
    deal = Deal.objects.create(name="D", contact=goes, stage=stage)
    task = Task.objects.create(contact=goes, title="Call")
    note = Note.objects.create(contact=goes, text="Met at the fair")
    goes.set_tags([Tag.objects.create(name="Fair")])
    merge = merged(marta, stays, goes)
    assert not Contact.objects.filter(pk=goes.pk).exists()
    stays.refresh_from_db()
    assert (stays.email, stays.phone, stays.job_title) == (
        "ana@x.example",
        "600 111 222",
        "Director",
    )
    assert stays.tag_names() == ["fair"]
    rows: list[Any] = [deal, task, note, Activity.objects.get()]
    for row in rows:
        row.refresh_from_db()
        assert row.contact == stays
    assert merge.moved() == {"activities": 1, "deals": 1, "notes": 1, "tasks": 1}


def test_the_score_is_computed_of_both_together_and_nothing_is_counted_twice(marta: User) -> None:
    """mautic/mautic#5964: a merge of 50 and 100 showed 200, then 100."""
    once = {"name": "Once", "points": 7, "activity": {"type": "download"}, "count": "once"}
    each = {"name": "Each", "points": 2, "activity": {"type": "page_view"}}
    rules = [each, once]
    go_live({"format": 1, "name": "M", "bands": [{"name": "cold"}, {"name": "warm", "from": 9}],
             "groups": [{"name": "G", "dimension": "interest", "rules": rules}]})  # fmt: skip
    stays, goes = pair()
    for who in (stays, goes):
        visit(who, DAY, "/a")
        visit(who, DAY, "/a", "download")
    refresh_all()
    assert (total(stays), total(goes)) == (9, 9)
    merge = merged(marta, stays, goes)
    assert total(stays) == 2 * 2 + 7
    last = ScoreChange.objects.filter(contact=stays).first()
    assert last is not None
    assert (last.total_before, last.total, last.cause) == (9, 11, Cause.MERGE)
    refresh_all()
    assert faults() == []
    parted(marta, merge)
    assert (total(stays), total(goes)) == (9, 9)
    refresh_all()
    assert faults() == []


def test_undoing_gives_the_other_back_as_it_was(marta: User) -> None:
    go_live()
    stays, goes = pair(phone="600 111 222", company={"name": "Acme"}, tags=["fair"])
    visit(goes, DAY)
    refresh_all()
    goes.refresh_from_db()
    Contact.objects.filter(pk=goes.pk).unnoted().update(stored_at=LONG_AGO)
    goes.job_title = "Buyer"
    goes.save()
    before = Contact.objects.filter(pk=goes.pk).values().get()
    own = Contact.objects.filter(pk=stays.pk).values().get()
    changes = list(FieldChange.objects.filter(contact=goes).values())
    scores = list(ScoreChange.objects.filter(contact=goes).values("revision", "total", "breakdown"))
    undone = parted(marta, merged(marta, stays, goes))
    assert undone.remarks == []
    assert Contact.objects.filter(pk=goes.pk).values().get() == before
    assert Contact.objects.filter(pk=stays.pk).values().get() == own
    assert goes.tag_names() == ["fair"] and stays.tag_names() == []
    assert list(FieldChange.objects.filter(contact=goes).values()) == changes
    found = ScoreChange.objects.filter(contact=goes).values("revision", "total", "breakdown")
    assert list(found)[-len(scores) :] == scores
    assert Activity.objects.get().contact == goes
    assert not EmailAlias.objects.exists()


def test_the_history_tells_of_the_merge_and_of_its_end(marta: User) -> None:
    stays, goes = pair(phone="600")
    parted(marta, merged(marta, stays, goes))
    told = stays.changes.order_by("pk").values_list("field", "before", "after", "origin")
    assert list(told) == [
        ("phone", "", "600", "merge: marta"),
        ("merged", None, "ana.ruiz@x.example", "merge: marta"),
        ("phone", "600", "", "merge undone: marta"),
        ("merged", "ana.ruiz@x.example", None, "merge undone: marta"),
    ]


def test_a_no_to_mail_is_a_no_whoever_of_the_two_said_it(marta: User) -> None:
    stays, goes = pair(unsubscribed=True, created_at="2024-05-01T00:00:00Z")
    merged(marta, stays, goes)
    stays.refresh_from_db()
    assert stays.unsubscribed is True
    assert stays.created_at == LONG_AGO


def test_a_field_that_is_chosen_is_the_other_ones(marta: User) -> None:
    stays, goes = pair(job_title="Buyer", last_name="Ruiz Gil")
    merged(marta, stays, goes, "job_title")
    stays.refresh_from_db()
    assert (stays.job_title, stays.last_name) == ("Buyer", "Ruiz")


@pytest.mark.parametrize("taken", [(), ("email",)])
def test_both_addresses_lead_to_the_survivor_and_apart_again(marta: User, taken: Any) -> None:
    stays, goes = pair()
    merge = merged(marta, stays, goes, *taken)
    addresses = ["ana@x.example", " ANA.RUIZ@x.example"]
    for address in addresses:
        assert Contact.objects.with_email([address]).get() == stays
    assert set(Contact.objects.ids_by_address(addresses).values()) == {stays.pk}
    store_contacts([parse_contact({"email": addresses[1], "city": "Soria"}, {})])
    act = {"contact": addresses[1], "type": "visit", "occurred_at": "2026-01-01T00:00:00Z"}
    act |= {"source": "s", "external_id": "1"}
    stored = [store_activities([parse_activity(act)]) for _time in range(2)]
    assert [one.created for one in stored] == [1, 0]
    deal = {"external_id": "d", "name": "D", "contact": addresses[1], "stage": "S", "pipeline": "P"}
    store_deals([parse_deal(deal)])
    stays.refresh_from_db()
    assert stays.city == "Soria"
    assert (stays.activities.count(), stays.deals.count()) == (1, 1)
    assert Contact.objects.count() == 1
    parted(marta, merge)
    assert Contact.objects.with_email(["ana@x.example"]).get() == stays
    assert Contact.objects.with_email(["ana.ruiz@x.example"]).get() == goes


def test_an_activity_from_before_the_merge_is_a_duplicate_after_it(marta: User) -> None:
    stays, goes = pair()
    act = {"contact": goes.email, "type": "visit", "occurred_at": "2026-01-01T00:00:00Z"}
    record = parse_activity(act | {"source": "s", "external_id": "1"})
    store_activities([record])
    merged(marta, stays, goes)
    told = store_activities([record])
    assert (told.created, told.unchanged, Activity.objects.count()) == (0, 1, 1)


def test_an_address_is_somebodys_own_or_a_former_one_by_the_database_itself(marta: User) -> None:
    stays, goes = pair()
    merged(marta, stays, goes)
    other = person("other")
    for attempt in (
        lambda: Contact.objects.create(email="Ana.Ruiz@x.example"),
        lambda: Contact.objects.filter(pk=other.pk).update(email="ana.ruiz@x.example"),
        lambda: EmailAlias.objects.create(contact=stays, address="other@x.example"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


def test_what_was_done_to_the_rows_meanwhile_stays_and_is_told(marta: User) -> None:
    stays, goes = pair(phone="600", city="Soria", company={"name": "Acme"})
    tasks = [Task.objects.create(contact=goes, title=title) for title in "abc"]
    merge = merged(marta, stays, goes)
    tasks[0].delete()
    Task.objects.filter(pk=tasks[1].pk).update(contact=person("third"))
    stays.refresh_from_db()
    stays.city = "Vigo"
    stays.save()
    Company.objects.all().delete()
    newer = Task.objects.create(contact=stays, title="newer")
    undone = parted(marta, merge)
    assert undone.remarks == [
        "Changed since the merge, and left as it is: City, Company.",
        "Its company was removed meanwhile.",
        "2 things of it were removed or given to somebody else since.",
    ]
    assert set(stays.tasks.all()) == {newer}
    assert set(undone.contact.tasks.all()) == {tasks[2]}
    stays.refresh_from_db()
    assert (stays.phone, stays.city, undone.contact.city) == ("", "Vigo", "Soria")


def test_the_same_touch_is_kept_once_and_given_back(marta: User) -> None:
    stays, goes = pair()
    campaign = Campaign.objects.create(name="Fair")
    at = timezone.now()
    for who, ago in ((stays, 0), (goes, 0), (goes, 1)):
        when = at - timedelta(hours=ago)
        CampaignTouch.objects.create(campaign=campaign, contact=who, occurred_at=when)
    merge = merged(marta, stays, goes)
    assert stays.touches.count() == 2
    parted(marta, merge)
    assert (stays.touches.count(), goes.touches.count()) == (1, 2)


def test_who_was_no_duplicate_of_the_one_is_none_of_both(marta: User) -> None:
    stays, goes = pair()
    third = person("third")
    NotDuplicate.objects.note(third.pk, {goes.pk})
    merge = merged(marta, stays, goes)
    found = NotDuplicate.objects.get()
    assert {found.first_id, found.second_id} == {third.pk, stays.pk}
    parted(marta, merge)
    assert NotDuplicate.objects.of(goes.pk).count() == 1


def test_a_chain_of_merges_leads_to_the_last_and_is_undone_backwards(marta: User) -> None:
    stays, goes = pair()
    last = person("last")
    first = merged(marta, stays, goes)
    second = merged(marta, last, stays)
    assert Merge.objects.current_id(goes.pk) == last.pk
    assert Contact.objects.with_email(["ana.ruiz@x.example"]).get() == last
    with pytest.raises(Refused, match="merged itself later"):
        parted(marta, first)
    parted(marta, second)
    parted(marta, first)
    assert Contact.objects.count() == 3
    assert not EmailAlias.objects.exists()
    assert Merge.objects.current_id(goes.pk) == goes.pk


def test_two_merges_into_one_are_undone_in_any_order(marta: User) -> None:
    stays, goes = pair()
    other = person("other")
    first = merged(marta, stays, goes, "email")
    stays.refresh_from_db()
    second = merged(marta, stays, other, "email")
    parted(marta, first)
    parted(marta, second)
    found = dict(Contact.objects.values_list("pk", "email_key"))
    assert set(found.values()) == {"ana@x.example", "ana.ruiz@x.example", "other@x.example"}
    assert found[goes.pk] == "ana.ruiz@x.example"


def test_an_address_that_was_given_to_another_contact_forbids_the_undo(marta: User) -> None:
    stays, goes = pair()
    merge = merged(marta, stays, goes, "email")
    stays.refresh_from_db()
    stays.email = "new@x.example"
    stays.save()
    person("ana.ruiz")
    with pytest.raises(Refused, match="another contact's by now"):
        parted(marta, merge)


def test_who_was_faster_is_told_in_words(marta: User, mona: User) -> None:
    stays, goes = pair()
    merge = merged(mona, stays, goes)
    with pytest.raises(Refused, match="was merged into “Ana Ruiz” meanwhile, by mona"):
        MergeContacts(marta, stays.pk, goes.pk).execute()
    parted(mona, merge)
    with pytest.raises(Refused, match="undone already, by mona"):
        parted(marta, merge)
    with pytest.raises(Refused, match="with itself"):
        MergeContacts(marta, stays.pk, stays.pk).execute()


@pytest.mark.parametrize(
    ("owners", "may"),
    [
        (("saul", ""), True),
        (("", ""), True),
        (("saul", "other"), False),
        (("other", "saul"), False),
    ],
)
def test_sales_merge_their_own_and_the_pool(saul: User, owners: Any, may: bool) -> None:
    stays, goes = pair()
    for who, owner in zip((stays, goes), owners, strict=True):
        who.owner = owner
        who.save()
    action = MergeContacts(saul, stays.pk, goes.pk)
    if may:
        assert action.execute().contact == stays
        return
    with pytest.raises(Refused):
        action.execute()
    assert Contact.objects.count() == 2


def test_sales_do_not_undo_the_merge_of_a_colleagues_contact(saul: User, mona: User) -> None:
    stays, goes = pair(owner="other")
    stays.owner = "saul"
    stays.save()
    merge = merged(mona, stays, goes)
    with pytest.raises(Refused, match="a colleague's"):
        UndoMerge(saul, merge.pk).execute()


def test_deleting_the_survivor_takes_its_merges_and_former_addresses_along(marta: User) -> None:
    stays, goes = pair()
    merged(marta, stays, goes)
    Contact.objects.get(pk=stays.pk).delete()
    assert not Merge.objects.exists() and not EmailAlias.objects.exists()
    assert not Score.objects.exists()
