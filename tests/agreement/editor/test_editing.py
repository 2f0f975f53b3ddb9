"""What a click of the editor does to the draft, and what the page says of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.models import CustomField
from scoring.agreement.audit import AuditEntry
from scoring.criteria.document import parse
from scoring.criteria.drafts import Draft, DraftGroup, DraftRule
from tests.criteria.documents import Data, small
from tests.engine.scored import person, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Draft:
    CustomField.objects.create(key="plan", label="Plan", type="text")
    return Draft.objects.begin(parse(small()))


@pytest.fixture
def client(client: Client, marta: User) -> Client:
    client.force_login(marta)
    return client


def address(draft: Draft, name: str = "", *more: Any) -> str:
    view = "_".join(["admin:scoring_scoringmodel_criteria", *([name] if name else [])])
    return reverse(view, args=[draft.model_id, *more])


def rule(name: str) -> DraftRule:
    return DraftRule.objects.get(name=name)


def do(client: Client, draft: Draft, name: str, deed: str, **given: Any) -> str:
    answer = client.post(address(draft, "rule_do", rule(name).pk, deed), given)
    assert answer.status_code == 200
    return str(answer.content.decode())


def names(draft: Draft) -> list[list[str]]:
    groups = draft.groups.prefetch_related("rules")
    return [[each.name for each in group.rules.all()] for group in groups]


def pricing(**changes: Any) -> Data:
    """The form of the rule “Pricing” as it is, with changes."""
    slot = f"rule{rule('Pricing').pk}"
    form = {
        "stamp": "0",
        "name": "Pricing",
        "points": "20",
        "type": "page_view",
        "target_op": "starts_with",
        "target_value": "/pricing",
        "key": "seconds",
        "op": "gte",
        "value": "10",
        "count": "each",
        "percent": "50",
        "every_0": "1",
        "every_1": "months",
        "limit": "40",
    } | changes
    own = ("type", "target_op", "target_value", "key", "op", "value")
    return {f"{slot}-{name}" if name in own else name: value for name, value in form.items()}


def save(client: Client, draft: Draft, **changes: Any) -> Any:
    return client.post(address(draft, "rule", rule("Pricing").pk), pricing(**changes))


# --- The page --------------------------------------------------------------------------------


def test_the_page_shows_every_rule_as_a_sentence(client: Client, draft: Draft) -> None:
    DraftRule.objects.filter(name="Gone").update(note="Nobody answers after that.")
    page = client.get(address(draft)).content.decode()
    assert "+20 each time they visit a page" in page.lower()
    assert "fading by 50 % every month" in page
    assert "Nobody answers after that." in page
    taking = page.partition("Takes points away")[2].partition("Excludes")[0]
    assert "Gone" in taking
    assert "Pricing" not in taking
    assert "Competitor" in page.partition('id="editor-excluding"')[2].partition("</section>")[0]


def test_who_may_only_look_sees_no_button(
    client: Client, draft: Draft, saul: User, django_user_model: Any
) -> None:
    client.force_login(saul)
    page = client.get(address(draft)).content.decode()
    assert "Pricing" in page
    assert "Move up" not in page
    assert "Add a group" not in page
    for name, more in (("rule", [1]), ("rule_do", [1, "delete"]), ("group_do", [1, "delete"])):
        assert client.post(address(draft, name, *more)).status_code == 403
    assert client.post(address(draft, "part", "bands")).status_code == 403
    assert client.post(address(draft, "discard")).status_code == 403
    assert client.post(address(draft, "begin")).status_code == 403
    assert DraftRule.objects.count() == 4


def test_nothing_is_written_by_a_link(client: Client, draft: Draft) -> None:
    assert client.get(address(draft, "rule_do", rule("Gone").pk, "delete")).status_code == 405
    assert client.get(address(draft, "undo", 1)).status_code == 405
    assert client.get(address(draft, "discard")).status_code == 403
    assert Draft.objects.get().snapshot() == draft.snapshot()


def test_what_is_wrong_is_listed_at_the_top_with_a_way_to_its_card(
    client: Client, draft: Draft
) -> None:
    DraftRule.objects.filter(name="Gone").update(points=None)
    page = client.get(address(draft)).content.decode()
    assert "One thing must be put right" in page
    assert f'href="#card-rule{rule("Gone").pk}"' in page


def test_the_numbers_come_after_the_page(client: Client, draft: Draft) -> None:
    pks = ",".join(str(each.pk) for each in DraftRule.objects.all())
    found = client.get(address(draft, "numbers"), {"rules": pks}).content.decode()
    assert found.count("of 0 contacts match") == 4


# --- Rules -----------------------------------------------------------------------------------


def test_a_rule_is_edited_in_place(client: Client, draft: Draft, marta: User) -> None:
    pk = rule("Pricing").pk
    form = client.get(address(draft, "rule", pk)).content.decode()
    assert 'value="/pricing"' in form
    answer = save(client, draft, points="25", note="They compare.")
    assert "“Pricing” is saved." in answer.content.decode()
    saved = DraftRule.objects.get(pk=pk)
    assert (saved.points, saved.note, saved.revision) == (25, "They compare.", 1)
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.detail["change"], entry.detail["name"]) == (
        marta,
        "rule_changed",
        "Pricing",
    )
    assert (entry.detail["before"]["points"], entry.detail["after"]["points"]) == (20, 25)
    assert Draft.objects.get().revision == 1


def test_saving_unchanged_changes_no_hash(client: Client, draft: Draft) -> None:
    before = draft.document().hash
    assert "is saved" in save(client, draft).content.decode()
    assert Draft.objects.get().document().hash == before


def test_a_rule_is_added_about_what_they_did_not_do(client: Client, draft: Draft) -> None:
    group = draft.groups.get(name="Behaviour")
    given = {"name": "Silent", "points": "-5", "duration_0": "2", "duration_1": "weeks"}
    given[f"add{group.pk}-type"] = "call"
    where = address(draft, "add_rule", group.pk, "absent")
    assert "Choose what they did." in client.post(where, {"name": "X"}).content.decode()
    assert "“Silent” is added." in client.post(where, given).content.decode()
    assert rule("Silent").as_data() == {
        "name": "Silent",
        "points": -5,
        "absent": {"type": "call"},
        "for": "2 weeks",
    }


def test_several_types_keep_the_order_in_which_they_were_chosen(
    client: Client, draft: Draft
) -> None:
    save(client, draft, type=["webinar_attend", "call", "", "call", "a_new_one"])
    assert rule("Pricing").test["activity"]["type"] == ["webinar_attend", "call", "a_new_one"]


def test_a_rule_that_excludes_counts_once_and_has_no_points(client: Client, draft: Draft) -> None:
    save(client, draft, exclude="on")
    assert rule("Pricing").as_data() == {
        "name": "Pricing",
        "exclude": True,
        "activity": rule("Pricing").test["activity"],
        "count": "once",
    }
    assert len(Draft.objects.get().document().rules) == 4


def test_two_rules_do_not_have_one_name(client: Client, draft: Draft) -> None:
    answer = save(client, draft, name="Gone")
    assert "has this name already" in answer.content.decode()
    assert answer["HX-Retarget"] == f"#slot-rule{rule('Pricing').pk}"


def test_rules_are_moved_copied_and_switched_off(client: Client, draft: Draft) -> None:
    assert "number 1 of “Behaviour”" in do(client, draft, "Gone", "up")
    do(client, draft, "Gone", "up")
    assert names(draft)[1] == ["Gone", "Pricing"]
    do(client, draft, "Gone", "down")
    do(client, draft, "Pricing", "duplicate")
    assert names(draft)[1] == ["Pricing", "Pricing (2)", "Gone"]
    do(client, draft, "Gone", "switch")
    assert [each.name for each in draft.document().rules][-1] == "Pricing (2)"
    do(client, draft, "Gone", "switch")
    profile = draft.groups.get(name="Profile")
    do(client, draft, "Gone", "put", group=profile.pk, before=rule("Competitor").pk)
    do(client, draft, "Pricing", "put", group=profile.pk)
    assert names(draft) == [["Decision maker", "Gone", "Competitor", "Pricing"], ["Pricing (2)"]]


def test_a_rule_is_not_put_before_one_that_is_gone(client: Client, draft: Draft) -> None:
    said = do(client, draft, "Gone", "put", group=rule("Gone").group_id, before=10**9)
    assert "Somebody else has moved the rules meanwhile" in said
    assert Draft.objects.get().revision == 0


def test_a_deleted_rule_comes_back_where_it_was(client: Client, draft: Draft) -> None:
    before = draft.snapshot()
    DraftRule.objects.filter(name="Pricing").update(note="Why", enabled=False)
    before = Draft.objects.get().snapshot()
    assert "Undo" in do(client, draft, "Pricing", "delete")
    assert names(draft)[1] == ["Gone"]
    entry = AuditEntry.objects.order_by("pk").last()
    assert entry is not None
    assert "is back" in client.post(address(draft, "undo", entry.pk)).content.decode()
    assert Draft.objects.get().snapshot() == before
    again = client.post(address(draft, "undo", entry.pk)).content.decode()
    assert "This is back already." in again
    assert Draft.objects.get().snapshot() == before


def test_a_custom_field_is_declared_with_the_rule_that_uses_it(
    client: Client, draft: Draft
) -> None:
    row = rule("Decision maker")
    DraftRule.objects.filter(pk=row.pk).update(
        test={"when": {"field": "attributes.plan", "op": "equals", "value": "gold"}}
    )
    do(client, draft, "Gone", "up")
    assert Draft.objects.get().fields[-1]["key"] == "plan"


# --- Two people ------------------------------------------------------------------------------


def test_of_two_who_edit_a_rule_the_second_is_told_and_may_overwrite(
    client: Client, draft: Draft, ada: User
) -> None:
    save(client, draft, points="30")
    client.force_login(ada)
    told = save(client, draft, points="35").content.decode()
    assert "marta has saved this meanwhile" in told
    assert "+30 each time" in told
    assert 'value="35"' in told
    assert rule("Pricing").points == 30
    assert "is saved" in save(client, draft, points="35", stamp="1").content.decode()
    assert rule("Pricing").points == 35


def test_edits_of_different_rules_do_not_disturb_one_another(client: Client, draft: Draft) -> None:
    do(client, draft, "Gone", "up")
    do(client, draft, "Gone", "switch")
    assert "is saved" in save(client, draft, points="30").content.decode()


def test_what_is_typed_for_a_rule_that_somebody_deletes_may_become_a_new_one(
    client: Client, draft: Draft
) -> None:
    row = rule("Pricing")
    given = pricing(points="33", group=str(row.group_id), kind="activity")
    do(client, draft, "Pricing", "delete")
    told = client.post(address(draft, "rule", row.pk), given).content.decode()
    assert "has been deleted meanwhile. What you typed is still here" in told
    assert 'value="33"' in told
    assert address(draft, "add_rule", row.group_id, "activity") in told


def test_a_draft_that_is_discarded_meanwhile_is_said_so(client: Client, draft: Draft) -> None:
    where = address(draft, "rule_do", rule("Gone").pk, "up")
    draft.delete()
    assert client.post(where)["HX-Refresh"] == "true"


# --- Groups ----------------------------------------------------------------------------------


def test_groups_are_added_changed_moved_deleted_and_brought_back(
    client: Client, draft: Draft
) -> None:
    given = {"name": "Warnings", "dimension": "interest", "min": "-30", "max": ""}
    client.post(address(draft, "add_group"), given)
    group = DraftGroup.objects.get(name="Warnings")
    assert group.limits == {"min": -30}
    client.post(address(draft, "group_do", group.pk, "up"))
    assert [each.name for each in draft.groups.all()] == ["Profile", "Warnings", "Behaviour"]
    changed = {"name": "Alarms", "dimension": "fit", "stamp": "0"}
    client.post(address(draft, "group", group.pk), changed)
    group.refresh_from_db()
    assert (group.name, group.dimension, group.limits) == ("Alarms", "fit", {})
    told = client.post(address(draft, "group", group.pk), changed).content.decode()
    assert "marta has saved this meanwhile" in told
    before = Draft.objects.get().snapshot()
    profile = draft.groups.get(name="Profile")
    client.post(address(draft, "group_do", profile.pk, "delete"))
    assert DraftGroup.objects.count() == 2
    entry = AuditEntry.objects.order_by("pk").last()
    assert entry is not None
    client.post(address(draft, "undo", entry.pk))
    assert Draft.objects.get().snapshot() == before


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "Profile"}, "Another group of this model has this name already."),
        ({"name": "x", "min": "5", "max": "4"}, "This must not be below the least."),
        ({"name": "x", "min": "1.5"}, "Enter a whole number."),
        ({"name": "x", "max": "9" * 30}, "Ensure this value is less than or equal to"),
        ({"name": "x", "dimension": "luck"}, "Select a valid choice."),
        ({"name": "a\0b"}, "Null characters are not allowed."),
    ],
)
def test_a_wrong_group_is_told_at_its_field(
    client: Client, draft: Draft, given: Data, told: str
) -> None:
    answer = client.post(address(draft, "add_group"), {"dimension": "fit"} | given)
    assert told in answer.content.decode()
    assert draft.groups.count() == 2


def test_the_audit_trail_tells_each_change_in_words(client: Client, draft: Draft) -> None:
    save(client, draft, points="25")
    do(client, draft, "Gone", "switch")
    do(client, draft, "Gone", "delete")
    client.post(address(draft, "part", "bands"), {"stamp": "x", "bands-name": "all"})
    page = client.get(reverse("admin:scoring_scoringmodel_audit", args=[draft.model_id]))
    told = page.content.decode()
    assert "the rule “Pricing” changed" in told
    assert "+20 each time they visit" in told
    assert "+25 each time they visit" in told
    assert "the rule “Gone” switched off" in told
    assert "the rule “Gone” deleted from “Behaviour”" in told


def of_group(client: Client, draft: Draft, name: str, deed: str) -> str:
    group = draft.groups.get(name=name)
    return str(client.post(address(draft, "group_do", group.pk, deed)).content.decode())


def test_a_group_that_is_off_is_no_part_of_the_document(client: Client, draft: Draft) -> None:
    before = draft.document()
    rules = draft.groups.get(name="Profile").rules.count()
    assert "rules are off" in of_group(client, draft, "Profile", "switch")
    draft.refresh_from_db()
    assert [each.name for each in draft.document().groups] == ["Behaviour"]
    # It is kept with all that is in it, also where the draft is brought back.
    again = Draft.objects.bring_back(draft.model, draft.snapshot())
    on = list(again.groups.values_list("name", "enabled"))
    assert on == [("Profile", False), ("Behaviour", True)]
    assert again.groups.get(name="Profile").rules.count() == rules
    of_group(client, again, "Profile", "switch")
    assert again.document().hash == before.hash
    trail = client.get(reverse("admin:scoring_scoringmodel_audit", args=[draft.model_id]))
    assert "the group “Profile” switched off" in trail.content.decode()


def test_what_is_wrong_in_a_group_that_is_off_stops_nothing(client: Client, draft: Draft) -> None:
    DraftRule.objects.filter(group__name="Profile").update(test={})
    DraftRule.objects.filter(name="Pricing").update(points=None)
    of_group(client, draft, "Profile", "switch")
    shown = client.get(address(draft)).content.decode()
    assert "One thing must be put right" in shown
    assert "“Pricing”: must have points" in shown


def test_a_group_is_copied_after_itself(client: Client, draft: Draft) -> None:
    DraftRule.objects.filter(name="Pricing").update(note="They look", enabled=False)
    of_group(client, draft, "Behaviour", "duplicate")
    of_group(client, draft, "Behaviour", "duplicate")
    found = list(draft.groups.values_list("name", flat=True))
    assert found == ["Profile", "Behaviour", "Behaviour (3)", "Behaviour (2)"]
    copied = draft.groups.get(name="Behaviour (2)").rules.get(name="Pricing (2)")
    assert (copied.note, copied.enabled) == ("They look", False)
    rules = list(DraftRule.objects.filter(group__draft=draft).values_list("name", flat=True))
    assert len(set(rules)) == len(rules)


def test_what_is_being_typed_is_counted(client: Client, draft: Draft) -> None:
    draft.audience = None
    draft.save()
    people = [person(f"c{place}") for place in range(3)]
    visit(people[0], timedelta(days=1))
    before = draft.snapshot()
    visits = {"points": "7", "add1-type": "page_view", "count": "once"}
    shown = client.post(address(draft, "count", "add1", "activity"), visits).content.decode()
    assert "<b>1</b> of 3 contacts match" in shown
    assert "<b>7</b> points in all" in shown
    # What cannot be read yet has no number.
    told = client.post(address(draft, "count", "add1", "activity"), visits | {"points": "x"})
    assert told.content.decode().strip() == ""
    assert client.get(address(draft, "count", "add1", "activity")).status_code == 405
    assert draft.snapshot() == before
