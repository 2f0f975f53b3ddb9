"""The tabs of the agreement, versions and audit trail: who sees and does what, and bad input."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import Calendar, Preferences
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.planned import GoingLive
from scoring.agreement.proposals import Proposal
from scoring.agreement.remarks import AddRemark, Remark
from scoring.agreement.signing import Signature
from scoring.agreement.workshop.choices import ThresholdChoice
from scoring.automations.outbox.personal import Notification
from scoring.criteria import yaml
from scoring.criteria.document import parse
from scoring.criteria.drafts import Draft, DraftRule
from scoring.criteria.models import ScoringModel, Version
from tests.agreement.agreed import AGREED, agree, begin, bring_live, change_draft, propose, sign
from tests.automations.set_up import hot
from tests.engine.test_admin import text_of

pytestmark = pytest.mark.django_db
TABS = ("agreement", "versions", "audit")


@pytest.fixture
def model(db: None) -> ScoringModel:
    return begin()


def at(model: ScoringModel, page: str, *more: Any) -> str:
    return reverse(f"admin:scoring_scoringmodel_{page}", args=[model.pk, *more])


def log_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def get(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, address: str, **given: Any) -> str:
    answer = client.post(address, given, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


# --- The way of a version ----------------------------------------------------------------------


def test_a_version_goes_its_whole_way_by_the_pages(
    client: Client, model: ScoringModel, marta: User, saul: User
) -> None:
    log_in(client, marta)
    page = get(client, at(model, "agreement_propose"))
    assert "+30" in page and "+35" in page
    looked_at = Draft.objects.get().document().hash
    post(client, at(model, "agreement_propose"), reason="More for directors", hash=looked_at)
    version = Version.objects.get(state="proposed")
    assert "waits for signatures" in get(client, at(model, "agreement_propose"))
    post(client, at(model, "agreement_sign"), side="marketing", hash=version.hash)

    log_in(client, saul)
    page = get(client, at(model, "agreement_sign"))
    assert version.hash in page and "Sign for Sales" in page and "Sign for Marketing" not in page
    page = post(client, at(model, "agreement_sign"), side="sales", hash=version.hash, comment="Ok")
    assert "You have signed version 2 for Sales." in page
    assert "Bring live" not in page

    log_in(client, marta)
    live = Version.objects.live().get()
    choices = {"when": "now", "how": "quiet", "former": live.pk}
    page = post(client, at(model, "agreement_live", version.pk), **choices)
    assert "Version 2 is live." in page
    assert Version.objects.live().get() == version
    assert "signed by both sides" in get(client, f"/admin/scoring/version/{version.pk}/change/")


def test_marketing_is_refused_at_signing_for_sales(
    client: Client, model: ScoringModel, marta: User
) -> None:
    version = propose(model, marta)
    log_in(client, marta)
    assert "Sign for Sales" not in get(client, at(model, "agreement_sign"))
    for side in ("sales", "", "everybody"):
        answer = client.post(at(model, "agreement_sign"), {"side": side, "hash": version.hash})
        assert answer.status_code == 403
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    "page", ["propose", "withdraw", "unplan", "live", "restore", "rename", "import"]
)
def test_salespeople_sign_and_speak_and_do_nothing_else(
    page: str, client: Client, model: ScoringModel, marta: User, saul: User
) -> None:
    version = agree(model, marta, saul)
    entry = AuditEntry.objects.create(model=model, action="imported", detail={"replaced": {}})
    more = {"live": [version.pk], "restore": [entry.pk]}.get(page, [])
    tab = "versions" if page in ("restore", "rename", "import") else "agreement"
    log_in(client, saul)
    given = {"reason": "x", "name": "x", "when": "now", "how": "quiet", "former": "1"}
    assert client.post(at(model, f"{tab}_{page}", *more), given).status_code == 403
    version.refresh_from_db()
    assert version.state == Version.State.AGREED


@pytest.mark.parametrize("tab", TABS)
def test_who_has_no_role_sees_nothing(tab: str, client: Client, model: ScoringModel) -> None:
    log_in(client, User.objects.create_user("eve", is_staff=True))
    assert client.get(at(model, tab)).status_code == 403


@pytest.mark.parametrize("page", ["withdraw", "unsign", "unplan", "review"])
def test_what_writes_is_a_post(page: str, client: Client, model: ScoringModel, ada: User) -> None:
    assert log_in(client, ada).get(at(model, f"agreement_{page}")).status_code == 405


def test_the_hash_that_is_posted_must_be_the_proposals(
    client: Client, model: ScoringModel, marta: User, saul: User
) -> None:
    propose(model, marta)
    log_in(client, saul)
    for given in ("0" * 64, "", "x" * 10_000, "\0"):
        page = post(client, at(model, "agreement_sign"), side="sales", hash=given)
        assert "You have signed" not in page
    assert not Signature.objects.exists()


def test_what_an_automation_would_do_and_break_is_seen_before_signing(
    client: Client, model: ScoringModel, marta: User, saul: User
) -> None:
    hot()
    DraftRule.objects.filter(name="Director").update(points=45)
    propose(model, marta)
    page = get(log_in(client, saul), at(model, "agreement_sign"))
    assert "When the total rises into the band “hot” (again once it has gone back, " in page
    assert "after 24 hours at the earliest" in page

    for proposal in Proposal.objects.all():
        proposal.version.proposals.all().delete()
        Version.objects.filter(pk=proposal.version_id).update(state="draft")
    document = {**AGREED, "scenarios": []}
    document["bands"] = [{"name": "cold"}, {"name": "boiling", "from": 50}]
    Draft.objects.begin(parse(document))
    page = get(log_in(client, marta), at(model, "agreement_propose"))
    assert "Automations that this version would break" in page


def test_a_wrong_draft_is_told_at_proposing(
    client: Client, model: ScoringModel, marta: User
) -> None:
    DraftRule.objects.filter(name="Director").update(points=0)
    log_in(client, marta)
    assert "groups[0].rules[0].points" in get(client, at(model, "agreement_propose"))
    page = post(client, at(model, "agreement_propose"), reason="x", hash="0" * 64)
    assert "groups[0].rules[0].points" in page
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"reason": ""},
        {"reason": "x\0"},
        {"reason": "x" * 10_240},
        {"reason": "x", "review_on": "2020-01-01"},
        {"reason": "x", "review_on": "99999-99-99"},
        {"reason": "x", "hash": "other"},
    ],
)
def test_a_proposal_that_is_filled_in_wrong_is_none(
    given: dict[str, str], client: Client, model: ScoringModel, marta: User
) -> None:
    given = {"hash": Draft.objects.get().document().hash, **given}
    post(log_in(client, marta), at(model, "agreement_propose"), **given)
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"when": "later"},
        {"when": "later", "due_at": "soon"},
        {"when": "later", "due_at": "2020-01-01T00:00"},
        {"when": "later", "due_at": "9999-01-01T00:00"},
        {"when": "never"},
        {"how": "loud"},
        {"how": "loud", "confirmed": "-1"},
        {"how": "loud", "confirmed": "9" * 40},
        {"former": "0"},
        {"former": "9" * 40},
        {"reason": "x" * 10_240},
    ],
)
def test_going_live_filled_in_wrong_changes_nothing(
    given: dict[str, str], client: Client, model: ScoringModel, marta: User, saul: User
) -> None:
    version = agree(model, marta, saul)
    live = Version.objects.live().get()
    given = {"when": "now", "how": "quiet", "former": str(live.pk), **given}
    post(log_in(client, marta), at(model, "agreement_live", version.pk), **given)
    assert Version.objects.live().get() == live
    assert not GoingLive.objects.exists()


def test_a_proposal_that_was_refused_is_put_right_on_the_same_page(
    client: Client, model: ScoringModel, marta: User
) -> None:
    address = at(model, "agreement_propose")
    given = {"reason": "More for directors", "hash": "other", "review_on": "2020-01-01"}
    answer = log_in(client, marta).post(address, given)
    page = answer.content.decode()
    assert "The day of the review must be in the future." in page
    assert "The draft has been changed meanwhile." in page
    assert "More for directors" in page and "agree-primary" in page
    assert "disabled>" not in page
    shown = answer.context["form"]["hash"].value()
    post(client, address, reason="More for directors", hash=shown)
    assert Proposal.objects.get().reason == "More for directors"


def test_going_back_without_a_reason_is_put_right_on_the_same_page(
    client: Client, model: ScoringModel, marta: User, saul: User
) -> None:
    first = Version.objects.live().get()
    bring_live(agree(model, marta, saul), marta)
    address = at(model, "agreement_live", first.pk)
    answer = log_in(client, marta).post(address, {"when": "now", "how": "quiet", "former": "0"})
    page = answer.content.decode()
    assert "Write why you go back" in page and "Meanwhile version 2 went live." in page
    assert "disabled>" not in page
    former = answer.context["form"]["former"].value()
    post(client, address, when="now", how="quiet", former=former, reason="Too many calls")
    assert Version.objects.live().get() == first


def test_a_button_is_dead_only_where_something_stands_in_the_way(
    client: Client, model: ScoringModel, marta: User
) -> None:
    log_in(client, marta)
    assert "disabled>" not in get(client, at(model, "agreement_propose"))
    propose(model, marta)
    assert "disabled>Propose" in get(client, at(model, "agreement_propose"))


def test_a_set_time_is_shown_and_taken_back(
    client: Client, model: ScoringModel, marta: User, saul: User
) -> None:
    version = agree(model, marta, saul)
    live = Version.objects.live().get()
    due = (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    given = {"when": "later", "due_at": due, "how": "quiet", "former": live.pk}
    page = post(log_in(client, marta), at(model, "agreement_live", version.pk), **given)
    assert "set by marta" in page
    assert "set by marta" not in post(client, at(model, "agreement_unplan"))


def test_the_time_is_that_of_the_default_calendar_which_is_named(
    client: Client, model: ScoringModel, marta: User, saul: User
) -> None:
    Calendar.objects.create(name="Madrid", time_zone="Europe/Madrid", is_default=True)
    version = agree(model, marta, saul)
    live = Version.objects.live().get()
    address = at(model, "agreement_live", version.pk)
    assert "Time (Europe/Madrid)" in get(log_in(client, marta), address)
    day = (timezone.now() + timedelta(days=2)).date()
    given = {"when": "later", "due_at": f"{day}T09:00", "how": "quiet", "former": live.pk}
    page = post(client, address, **given)
    assert "(Europe/Madrid), set by marta" in page
    due = GoingLive.objects.get().due_at
    assert due.astimezone(ZoneInfo("Europe/Madrid")).strftime("%H:%M") == "09:00"


@pytest.mark.parametrize("time", ["2027-03-28T02:30", "2027-10-31T02:30"])
def test_an_hour_that_clocks_show_twice_or_never_is_refused(
    time: str, client: Client, model: ScoringModel, marta: User, saul: User
) -> None:
    Calendar.objects.create(name="Madrid", time_zone="Europe/Madrid", is_default=True)
    version = agree(model, marta, saul)
    given = {"when": "later", "due_at": time, "how": "quiet"}
    page = post(log_in(client, marta), at(model, "agreement_live", version.pk), **given)
    assert "The clocks are changed then" in page
    assert not GoingLive.objects.exists()


def test_what_is_live_need_not_be_proposed(
    client: Client, model: ScoringModel, marta: User, saul: User
) -> None:
    log_in(client, marta)
    assert "Waits to be proposed." in get(client, at(model, "agreement"))
    bring_live(agree(model, marta, saul), marta)
    page = get(client, at(model, "agreement"))
    assert "Nothing differs from version 2, which is live." in page
    assert page.count('<li class="agree-done">') == 6
    assert "Waits" not in page and at(model, "agreement_propose") not in page
    change_draft(50)
    page = get(client, at(model, "agreement"))
    assert "Waits to be proposed." in page and at(model, "agreement_propose") in page


# --- Remarks -----------------------------------------------------------------------------------


def test_an_objection_to_a_rule_is_shown_answered_and_settled(
    client: Client, model: ScoringModel, marta: User, saul: User
) -> None:
    version = propose(model, marta)
    say = at(model, "agreement_remark", version.pk)
    log_in(client, saul)
    post(client, say, text="<b>They never answer</b>", kind="objection", rule="Director")
    page = get(client, at(model, "agreement_sign"))
    assert "&lt;b&gt;They never answer" in page and "<b>They never" not in page
    objection = Remark.objects.get()
    log_in(client, marta)
    post(client, say, text="They do in May", answers=objection.pk)
    post(client, at(model, "agreement_settle", objection.pk), text="Agreed on the phone")
    page = get(client, f"/admin/scoring/version/{version.pk}/change/")
    assert "They do in May" in page and "Agreed on the phone" in page
    assert "Objection, settled" in page


@pytest.mark.parametrize("answers", ["0", "-1", "9" * 40, "x", "\0"])
def test_an_answer_to_nothing_is_not_found(
    answers: str, client: Client, model: ScoringModel, marta: User
) -> None:
    version = propose(model, marta)
    given = {"text": "x", "answers": answers}
    address = at(model, "agreement_remark", version.pk)
    assert log_in(client, marta).post(address, given).status_code == 404


def test_after_a_remark_one_is_not_sent_elsewhere(
    client: Client, model: ScoringModel, marta: User
) -> None:
    version = propose(model, marta)
    given = {"text": "x", "next": "https://evil.example/"}
    answer = log_in(client, marta).post(at(model, "agreement_remark", version.pk), given)
    assert answer["Location"] == at(model, "agreement")


# --- Versions, comparing, files ----------------------------------------------------------------


def test_versions_are_listed_with_who_signed_and_when_they_were_live(
    client: Client, model: ScoringModel, marta: User, saul: User
) -> None:
    version = agree(model, marta, saul)
    bring_live(version, marta)
    page = get(log_in(client, saul), at(model, "versions"))
    assert "Sales: saul" in page and "Marketing: marta" in page
    assert "not signed" in page
    assert "Go back to this one" not in page
    assert "Go back to this one" in get(log_in(client, marta), at(model, "versions"))


def test_two_versions_are_compared_rule_by_rule(
    client: Client, model: ScoringModel, marta: User
) -> None:
    version = propose(model, marta)
    live = Version.objects.live().get()
    log_in(client, marta)
    address = at(model, "versions_compare")
    page = get(client, address, before=str(live.pk), after=str(version.pk))
    assert "From version 1 to version 2" in page
    assert page.count("agree-before") == 1 and "unchanged" in page
    assert "Both say exactly the same" in get(
        client, address, before="draft", after=str(version.pk)
    )
    for wrong in ("0", "x", "\0", "9" * 40):
        assert client.get(address, {"before": wrong, "after": "draft"}).status_code == 404
    change_draft(0)
    answer = client.get(address, {"before": str(live.pk), "after": "draft"}, follow=True)
    assert "groups[0].rules[0].points" in answer.content.decode()


def test_a_file_becomes_the_draft_and_the_old_draft_can_come_back(
    client: Client, model: ScoringModel, marta: User
) -> None:
    DraftRule.objects.filter(name="Competitor").update(enabled=False, note="Not now")
    before = Draft.objects.get().snapshot()
    text = yaml.write(parse({**AGREED, "name": "Elsewhere", "limits": {"max": 90}}))
    file = SimpleUploadedFile("model.yaml", text.encode())
    log_in(client, marta)
    assert "The file is the draft now." in post(client, at(model, "versions_import"), file=file)
    draft = Draft.objects.get()
    assert (draft.limits, draft.model) == ({"max": 90}, model)
    entry = AuditEntry.objects.get(action="imported")
    assert "Bring the draft from before back" in get(client, at(model, "audit"))
    post(client, at(model, "versions_restore", entry.pk))
    assert Draft.objects.get().snapshot() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"format: 1", "is missing"),
        (b"\xff\xfe", "UTF-8"),
        (b"{" * 5000, ""),
        (b"a: &x [1]\nb: *x", ""),
        (b"x" * 2_000_000, ""),
        (b"- 1\n- 2", ""),
    ],
)
def test_a_file_that_is_wrong_changes_nothing(
    content: bytes, said: str, client: Client, model: ScoringModel, marta: User
) -> None:
    before = Draft.objects.get().snapshot()
    file = SimpleUploadedFile("model.yaml", content)
    page = post(log_in(client, marta), at(model, "versions_import"), file=file)
    assert said in page
    assert Draft.objects.get().snapshot() == before
    assert not AuditEntry.objects.filter(action="imported").exists()


def test_the_exported_draft_is_the_document(
    client: Client, model: ScoringModel, marta: User
) -> None:
    answer = log_in(client, marta).post(at(model, "versions_export"))
    assert parse(yaml.read(answer.content)).hash == Draft.objects.get().document().hash
    assert AuditEntry.objects.latest("pk").action == "exported"


def test_a_new_name_is_a_difference_of_the_next_proposal(
    client: Client, model: ScoringModel, marta: User
) -> None:
    ScoringModel.objects.create(name="Taken")
    log_in(client, marta)
    address = at(model, "versions_rename")
    assert "There is a model of this name." in post(client, address, name="Taken")
    for wrong in ("", "x" * 10_240, "a\0b", "a\nb"):
        post(client, address, name=wrong)
    assert ScoringModel.objects.get(pk=model.pk).name == AGREED["name"]
    post(client, address, name="Renewals")
    model.refresh_from_db()
    version = propose(model, marta)
    assert (version.model, version.document_value.name) == (model, "Renewals")


def test_the_list_of_models_says_what_each_is_for(
    client: Client, model: ScoringModel, marta: User
) -> None:
    propose(model, marta)
    page = get(log_in(client, marta), reverse("admin:scoring_scoringmodel_changelist"))
    assert "version 2: Proposed" in page


# --- The audit trail ---------------------------------------------------------------------------


def test_the_trail_is_filtered_by_person_action_and_day(
    client: Client, model: ScoringModel, marta: User, saul: User
) -> None:
    agree(model, marta, saul)
    log_in(client, marta)
    page = get(client, at(model, "audit"), user="saul")
    assert page.count('class="agree-row"') == 1 and "signed" in page
    assert get(client, at(model, "audit"), action="proposed").count('class="agree-row"') == 1
    days = [timezone.localdate(entry.at) for entry in AuditEntry.objects.filter(model=model)]
    assert get(client, at(model, "audit"), until=str(max(days))).count('class="agree-row"') == 4
    before = min(days) - timedelta(days=1)
    assert "Nothing matches." in get(client, at(model, "audit"), until=str(before))


def test_the_trail_says_in_words_what_other_tabs_have_done(
    client: Client, model: ScoringModel, marta: User
) -> None:
    steps = [{"name": "cold"}, {"name": "hot", "from": 60}]
    for detail in (
        {"change": "scenario_deleted", "name": "A student"},
        {"change": "part_changed", "part": "bands", "before": steps[:1], "after": steps},
        {"persona": "Head of IT"},
        {"band": "hot", "threshold": 60, "method": "capacity"},
    ):
        AuditEntry.objects.note(marta, model, "draft_changed", **detail)
    page = text_of(log_in(client, marta).get(at(model, "audit")))
    assert "the scenario “A student” deleted" in page
    assert "the bands changed" in page and "cold, hot from 60" in page
    assert "buyer persona: Head of IT" in page
    assert "the capacity of sales" in page


@pytest.mark.parametrize(
    "query",
    [
        {"user": "\0"},
        {"user": "x" * 10_240},
        {"action": "drop table"},
        {"since": "9999-99-99"},
        {"until": "9999-12-31"},
        {"p": "x"},
        {"p": "9" * 40},
    ],
)
def test_a_filter_that_makes_no_sense_is_no_error(
    query: dict[str, str], client: Client, model: ScoringModel, marta: User
) -> None:
    get(log_in(client, marta), at(model, "audit"), **query)


# --- Bounded -----------------------------------------------------------------------------------


def test_a_page_asks_as_much_for_many_versions_as_for_few(
    client: Client,
    model: ScoringModel,
    marta: User,
    saul: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for points in range(40, 46):
        change_draft(points)
        AddRemark(saul, agree(model, marta, saul), "Hm", kind="objection").execute()
    change_draft(50)
    sign(propose(model, marta), saul, "sales")
    log_in(client, marta)
    for tab in TABS:
        with django_assert_max_num_queries(45):
            get(client, at(model, tab))


def test_who_signs_reads_why_the_bands_begin_where_they_do(
    client: Client, model: ScoringModel, marta: User, saul: User
) -> None:
    for band, threshold, reason in [
        ("hot", 70, "Sales asked for fewer"),
        ("hot", 60, "As many as can be called"),
        ("warm", 25, "Was overtaken"),
    ]:
        ThresholdChoice.objects.create(
            model=model, band=band, threshold=threshold, method="capacity", reason=reason
        )
    propose(model, marta)
    page = get(log_in(client, saul), at(model, "agreement_sign"))
    assert "As many as can be called" in page
    assert "Sales asked for fewer" not in page and "Was overtaken" not in page


def test_what_was_said_of_a_rule_stands_beside_it(
    client: Client, model: ScoringModel, marta: User, saul: User
) -> None:
    version = propose(model, marta)
    given = {"text": "Too many points", "rule": "Director", "kind": "objection"}
    post(log_in(client, saul), at(model, "agreement_remark", version.pk), **given)
    for address in (
        at(model, "agreement_sign"),
        reverse("admin:scoring_version_change", args=[version.pk]),
    ):
        page = get(client, address)
        beside = page[page.index("agree-beside") :]
        assert "Too many points" in beside[: beside.index("</p>")]
        assert page.count("agree-beside") == 1


def test_the_same_deed_again_and_again_is_one_line(
    client: Client, model: ScoringModel, marta: User, ada: User
) -> None:
    for who, times in ((marta, 12), (ada, 1), (marta, 1)):
        for _each in range(times):
            AuditEntry.objects.note(who, model, Action.DRAFT_CHANGED, change="rule_moved")
    page = get(log_in(client, marta), reverse("admin:index"))
    assert page.count("changed the draft: Small model") == 3
    assert page.count("changed the draft: Small model (12 times)") == 1


def test_each_is_told_in_their_own_language(model: ScoringModel, marta: User, saul: User) -> None:
    Preferences.objects.create(user=saul, language="es")
    propose(model, marta)
    told = Notification.objects.get(user=saul)
    assert "versión" in told.title
