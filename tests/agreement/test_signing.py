"""A version is proposed, signed by both sides, and nobody signs for both."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from scoring.agreement.changes import Refused
from scoring.agreement.proposals import Proposal, open_proposal, waiting_for
from scoring.agreement.proposing import Propose, Withdraw
from scoring.agreement.remarks import AddRemark, Remark, Settle
from scoring.agreement.signing import Sign, Signature, TakeBack, is_signed
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import Notification
from scoring.criteria.document import parse
from scoring.criteria.drafts import Draft, DraftBand, DraftRule
from scoring.criteria.models import ScoringModel, Version
from tests.agreement.agreed import AGREED, agree, begin, change_draft, propose, sign, trail
from tests.automations.set_up import hot

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> ScoringModel:
    return begin()


def reasons(error: pytest.ExceptionInfo[Refused]) -> str:
    return " ".join(error.value.reasons)


# --- Proposing ---------------------------------------------------------------------------------


def test_proposing_freezes_what_the_draft_says(model: ScoringModel, marta: User) -> None:
    version = propose(model, marta)
    change_draft(36)
    proposal = Proposal.objects.get()
    assert (version.state, version.created_by) == (Version.State.PROPOSED, marta)
    assert proposal.base is not None and proposal.base.state == Version.State.LIVE
    assert version.hash != Draft.objects.get().document().hash
    assert [rule.points for rule in version.document_value.rules][0] == 35
    assert trail(model) == [("marta", "proposed")]


def test_a_draft_that_is_wrong_is_refused_with_every_fault(
    model: ScoringModel, marta: User
) -> None:
    DraftRule.objects.filter(name="Director").update(points=0)
    DraftBand.objects.filter(name="hot").update(start=30)
    with pytest.raises(Refused) as refused:
        propose(model, marta)
    assert len(refused.value.reasons) == 2
    assert "groups[0].rules[0].points" in reasons(refused)


def test_a_version_whose_scenarios_fail_cannot_be_proposed(
    model: ScoringModel, marta: User
) -> None:
    change_draft(10)
    with pytest.raises(Refused, match="“A director at the prices” should be hot, but is warm"):
        propose(model, marta)
    assert not Version.objects.filter(number=2).exists()


def test_what_says_the_same_as_the_live_version_is_no_proposal(
    model: ScoringModel, marta: User
) -> None:
    change_draft(30)
    with pytest.raises(Refused, match="Nothing differs from version 1"):
        propose(model, marta)


def test_there_is_one_open_proposal(model: ScoringModel, marta: User, ada: User) -> None:
    propose(model, marta)
    change_draft(36)
    with pytest.raises(Refused, match="proposed by marta, waits for signatures"):
        propose(model, ada)


def test_a_proposal_needs_a_reason_a_role_and_what_was_looked_at(
    model: ScoringModel, marta: User, saul: User
) -> None:
    looked_at = Draft.objects.get().document().hash
    change_draft(36)
    with pytest.raises(Refused) as refused:
        yesterday = timezone.localdate() - timedelta(days=1)
        Propose(marta, model, "  ", yesterday, looked_at).execute()
    assert len(refused.value.reasons) == 3
    with pytest.raises(PermissionDenied):
        propose(model, saul)


def test_a_model_without_a_draft_has_nothing_to_propose(model: ScoringModel, marta: User) -> None:
    Draft.objects.all().delete()
    with pytest.raises(Refused, match="There is no draft"):
        propose(model, marta)


# --- Signing -----------------------------------------------------------------------------------


def test_with_both_signatures_a_version_is_agreed(
    model: ScoringModel, marta: User, saul: User
) -> None:
    version = agree(model, marta, saul)
    assert version.state == Version.State.AGREED
    assert is_signed(version)
    assert set(Signature.objects.values_list("username", "side", "hash")) == {
        ("marta", "marketing", version.hash),
        ("saul", "sales", version.hash),
    }
    assert trail(model)[-3:] == [("marta", "signed"), ("saul", "signed"), ("", "agreed")]


@pytest.mark.parametrize(("name", "side"), [("marta", "sales"), ("saul", "marketing")])
def test_a_role_signs_for_its_own_side_only(
    name: str, side: str, model: ScoringModel, marta: User, saul: User
) -> None:
    version = propose(model, marta)
    with pytest.raises(PermissionDenied):
        sign(version, {"marta": marta, "saul": saul}[name], side)


def test_who_may_sign_for_both_sides_signs_for_one(model: ScoringModel, ada: User) -> None:
    version = propose(model, ada)
    sign(version, ada, "sales")
    with pytest.raises(Refused, match="You have signed for Sales"):
        sign(version, ada, "marketing")
    with pytest.raises(IntegrityError), transaction.atomic():
        Signature.objects.create(
            proposal=Proposal.objects.get(),
            version=version,
            side="marketing",
            user=ada,
            username="ada",
            hash=version.hash,
        )


def test_a_superuser_signs_for_one_side_too(model: ScoringModel, marta: User) -> None:
    root = User.objects.create_superuser("root")
    version = propose(model, marta)
    sign(version, root, "sales")
    with pytest.raises(Refused):
        sign(version, root, "marketing")


def test_a_side_signs_once(model: ScoringModel, marta: User, saul: User, mona: User) -> None:
    version = propose(model, marta)
    sign(version, saul, "sales")
    with pytest.raises(Refused, match="saul has signed for Sales already"):
        sign(version, mona, "sales")


def test_only_the_hash_that_was_looked_at_is_signed(
    model: ScoringModel, marta: User, saul: User
) -> None:
    version = propose(model, marta)
    live = Version.objects.live().get()
    for other in (live.hash, "", "0" * 64):
        with pytest.raises(Refused, match="Another version is proposed now"):
            Sign(saul, version, "sales", other).execute()
    with pytest.raises(Refused, match="Another version is proposed now"):
        Sign(saul, live, "sales", live.hash).execute()


def test_a_signature_can_be_taken_back_and_given_anew(
    model: ScoringModel, marta: User, saul: User
) -> None:
    version = agree(model, marta, saul)
    TakeBack(saul, version).execute()
    version.refresh_from_db()
    assert (version.state, is_signed(version)) == (Version.State.PROPOSED, False)
    sign(version, saul, "sales")
    version.refresh_from_db()
    assert version.state == Version.State.AGREED
    assert Signature.objects.filter(side="sales").count() == 2
    with pytest.raises(Refused, match="You have not signed"):
        TakeBack(User.objects.create_superuser("root"), version).execute()


def test_withdrawing_voids_the_signatures_and_keeps_them(
    model: ScoringModel, marta: User, saul: User
) -> None:
    version = propose(model, marta)
    sign(version, saul, "sales")
    Withdraw(marta, version, "Not yet").execute()
    assert Signature.objects.get().void_reason == Signature.Void.WITHDRAWN
    assert Version.objects.get(pk=version.pk).state == Version.State.DRAFT
    assert open_proposal(model) is None
    with pytest.raises(Refused, match="not open any more"):
        Withdraw(marta, version).execute()

    again = propose(model, marta)
    assert again == version
    assert open_proposal(model) is not None
    assert not is_signed(again)
    sign(again, saul, "sales")
    assert Signature.objects.filter(void_at=None).count() == 1


def test_a_changed_draft_carries_no_signature_over(
    model: ScoringModel, marta: User, saul: User
) -> None:
    first = propose(model, marta)
    sign(first, saul, "sales")
    Withdraw(marta, first).execute()
    change_draft(36)
    second = propose(model, marta)
    assert second.number == 3
    assert not Signature.objects.filter(version=second).exists()


def test_agreeing_on_another_version_supersedes_the_one_before(
    model: ScoringModel, marta: User, saul: User
) -> None:
    first = agree(model, marta, saul)
    change_draft(36)
    second = agree(model, marta, saul)
    first.refresh_from_db()
    assert (first.state, second.state) == (Version.State.RETIRED, Version.State.AGREED)
    change_draft(35)
    with pytest.raises(Refused, match="was signed before"):
        propose(model, marta)


# --- What is said ------------------------------------------------------------------------------


def test_an_objection_waits_for_who_proposed_and_is_settled_with_words(
    model: ScoringModel, marta: User, saul: User
) -> None:
    version = propose(model, marta)
    objection = AddRemark(
        saul, version, "Directors never answer", kind=Remark.Kind.OBJECTION, rule="Director"
    ).execute()
    assert [waiting.icon for waiting in waiting_for(marta)] == ["signature", "feedback"]
    with pytest.raises(Refused, match="Write how it was settled"):
        Settle(marta, objection, " ").execute()
    Settle(marta, objection, "We look again in May").execute()
    with pytest.raises(Refused, match="settled already"):
        Settle(saul, objection, "No").execute()
    assert not Remark.objects.open_objections().exists()
    assert trail(model)[-2:] == [("saul", "objected"), ("marta", "settled")]


def test_an_open_objection_warns_and_does_not_block(
    model: ScoringModel, marta: User, saul: User
) -> None:
    version = propose(model, marta)
    AddRemark(saul, version, "No!", kind=Remark.Kind.OBJECTION).execute()
    sign(version, marta, "marketing")
    sign(version, saul, "sales")
    assert is_signed(version)


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": " "},
        {"text": "a\0b"},
        {"text": "x" * 10_000},
        {"text": "x", "kind": "joke"},
        {"text": "x", "rule": "Nobody's"},
    ],
)
def test_a_remark_that_is_wrong_is_refused(
    wrong: dict[str, str], model: ScoringModel, marta: User
) -> None:
    version = propose(model, marta)
    with pytest.raises(Refused):
        AddRemark(marta, version, **wrong).execute()  # type: ignore[arg-type]
    assert not Remark.objects.exists()


def test_those_who_sign_are_told_but_not_whoever_acts(
    model: ScoringModel, marta: User, saul: User, mona: User
) -> None:
    version = propose(model, marta)
    told = Notification.objects.filter(title__contains="asks you to sign")
    assert {each.user for each in told} == {saul, mona}
    assert told[0].title == "marta asks you to sign version 2 of “Small model”"
    assert told[0].link.endswith(f"/{model.pk}/agreement/sign/")
    letters = Message.objects.filter(channel="staff")
    assert set(letters.values_list("recipient", flat=True)) == {saul.email, mona.email}
    assert "http" in letters[0].content["link"]
    sign(version, saul, "sales")
    assert Notification.objects.filter(user=marta, title__contains="saul has signed").exists()
    sign(version, marta, "marketing")
    agreed = Notification.objects.filter(title__startswith="Both sides have signed")
    assert {each.user for each in agreed} == {marta, saul, mona}


def test_what_waits_for_whom(model: ScoringModel, marta: User, saul: User) -> None:
    assert waiting_for(saul) == []
    version = propose(model, marta)
    assert [each.title for each in waiting_for(saul)] == ["Sign version 2 of “Small model”"]
    sign(version, saul, "sales")
    assert waiting_for(saul) == []
    sign(version, marta, "marketing")
    assert [each.title for each in waiting_for(marta)] == ["Bring version 2 of “Small model” live"]


def test_a_model_whose_first_version_is_proposed(marta: User, saul: User) -> None:
    draft = Draft.objects.begin(parse(AGREED))
    hotter = agree(draft.model, marta, saul)
    assert hotter.number == 1


def test_signing_does_not_depend_on_automations(
    model: ScoringModel, marta: User, saul: User
) -> None:
    hot({"kind": "band_entered", "band": "hot"})
    assert agree(model, marta, saul).state == Version.State.AGREED
