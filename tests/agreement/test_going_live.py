"""A version goes live: who may, when, what it sets off, and the way back."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.utils import timezone

from contacts.models import Contact
from scoring.agreement.aftermath import hand_over, set_off_by, settle_what_is_computed
from scoring.agreement.audit import AuditEntry
from scoring.agreement.changes import Refused
from scoring.agreement.going_live import TakeBackPlan, bring_live_what_is_due, publish_unsigned
from scoring.agreement.periods import periods
from scoring.agreement.planned import GoingLive
from scoring.agreement.proposing import Propose, Withdraw
from scoring.agreement.reviews import Review, SetReview, remind
from scoring.agreement.signing import TakeBack, is_signed
from scoring.automations.models import Crossing
from scoring.automations.outbox.personal import Notification
from scoring.criteria import yaml
from scoring.criteria.document import parse
from scoring.criteria.drafts import DraftRule
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.models import Recompute, ScoreChange
from scoring.engine.recompute import work
from tests.agreement.agreed import (
    AGREED,
    agree,
    begin,
    bring_live,
    change_draft,
    propose,
    sign,
    trail,
)
from tests.automations.set_up import hot
from tests.engine.scored import person, refresh_all, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> ScoringModel:
    return begin()


@pytest.fixture
def agreed(model: ScoringModel, marta: User, saul: User) -> Version:
    return agree(model, marta, saul)


def state_of(version: Version) -> str:
    return Version.objects.get(pk=version.pk).state


def compute() -> None:
    for recompute in Recompute.objects.filter(finished_at=None):
        list(work(recompute))


def move(version: Version, **values: Any) -> None:
    """As if time had passed since it was planned."""
    GoingLive.objects.filter(version=version).update(**values)


# --- Now ---------------------------------------------------------------------------------------


def test_an_agreed_version_goes_live(agreed: Version, marta: User, saul: User) -> None:
    former = Version.objects.live().get()
    bring_live(agreed, marta)
    assert (state_of(agreed), state_of(former)) == (Version.State.LIVE, Version.State.RETIRED)
    assert trail(agreed.model)[-1] == ("marta", "went_live")
    assert Notification.objects.filter(user=saul, title__endswith="is live").exists()
    going = GoingLive.objects.get()
    assert (going.former, going.recompute is not None) == (former, True)


def test_salespeople_bring_nothing_live(agreed: Version, saul: User) -> None:
    with pytest.raises(PermissionDenied):
        bring_live(agreed, saul)


def test_only_what_both_have_signed_goes_live(model: ScoringModel, marta: User, saul: User) -> None:
    version = propose(model, marta)
    sign(version, saul, "sales")
    with pytest.raises(Refused, match="Both sides must sign it first"):
        bring_live(version, marta)
    Withdraw(marta, version).execute()
    with pytest.raises(Refused, match="Only a version that both sides have signed"):
        bring_live(Version.objects.get(pk=version.pk), marta)
    with pytest.raises(Refused, match="live already"):
        bring_live(Version.objects.live().get(), marta)


def test_whoever_looked_at_another_live_version_is_told(agreed: Version, marta: User) -> None:
    before = Version.objects.live().get()
    bring_live(agreed, marta)
    with pytest.raises(Refused, match="Meanwhile version 2 went live"):
        bring_live(
            Version.objects.get(pk=before.pk), marta, former=before.pk, reason="Also pressed"
        )


def test_a_signature_stays_once_the_version_is_live(
    agreed: Version, marta: User, saul: User
) -> None:
    bring_live(agreed, marta)
    with pytest.raises(Refused, match="what was signed stays"):
        TakeBack(saul, agreed).execute()


def test_a_version_that_cannot_be_computed_stays_agreed(
    agreed: Version, marta: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("scoring.engine.publish.try_out", broken)
    with pytest.raises(Refused, match="nothing was changed"):
        bring_live(agreed, marta)
    assert state_of(agreed) == Version.State.AGREED
    assert GoingLive.objects.get().state == GoingLive.State.FAILED
    assert trail(agreed.model)[-1] == ("marta", "failed")
    assert Notification.objects.filter(title__contains="could not go live").exists()


# --- At a set time -----------------------------------------------------------------------------


def plan(version: Version, user: User, **choices: Any) -> GoingLive:
    going: GoingLive = bring_live(
        version, user, due_at=timezone.now() + timedelta(days=1), **choices
    )
    return going


def test_at_a_set_time_it_goes_live_by_itself(agreed: Version, marta: User) -> None:
    plan(agreed, marta)
    assert bring_live_what_is_due() == 0
    assert state_of(agreed) == Version.State.AGREED
    move(agreed, due_at=timezone.now())
    assert bring_live_what_is_due() == 1
    assert bring_live_what_is_due() == 0
    assert state_of(agreed) == Version.State.LIVE


def test_a_set_time_can_be_taken_back(agreed: Version, marta: User) -> None:
    plan(agreed, marta)
    with pytest.raises(Refused, match="A time is set already"):
        plan(agreed, marta)
    TakeBackPlan(marta, agreed.model).execute()
    with pytest.raises(Refused, match="No time is set"):
        TakeBackPlan(marta, agreed.model).execute()
    move(agreed, due_at=timezone.now())
    assert bring_live_what_is_due() == 0
    assert [action for _who, action in trail(agreed.model)[-2:]] == ["scheduled", "unscheduled"]


def test_a_signature_that_is_taken_back_takes_the_set_time_with_it(
    agreed: Version, marta: User, saul: User
) -> None:
    plan(agreed, marta)
    TakeBack(saul, agreed).execute()
    assert not GoingLive.objects.waiting().exists()


@pytest.mark.parametrize(
    ("ahead", "said"),
    [(timedelta(0), "in the future"), (timedelta(days=400), "within a year")],
)
def test_a_set_time_lies_ahead(ahead: timedelta, said: str, agreed: Version, marta: User) -> None:
    with pytest.raises(Refused, match=said):
        bring_live(agreed, marta, due_at=timezone.now() + ahead)


def test_at_a_set_time_it_says_why_it_could_not_go_live(agreed: Version, marta: User) -> None:
    plan(agreed, marta)
    marta.groups.clear()
    move(agreed, due_at=timezone.now())
    assert bring_live_what_is_due() == 1
    going = GoingLive.objects.get()
    assert going.state == GoingLive.State.FAILED
    assert going.failure == "marta, who set the time, may not bring versions live any more."
    assert state_of(agreed) == Version.State.AGREED


def test_a_set_time_does_not_hold_when_another_version_went_live_meanwhile(
    agreed: Version, marta: User
) -> None:
    plan(agreed, marta)
    change_draft(50)
    DraftRule.objects.filter(name="Visits the prices").update(points=41)
    document = parse(AGREED | {"limits": {"max": 90}})
    call_command_with(document)
    move(agreed, due_at=timezone.now())
    bring_live_what_is_due()
    assert "Another version went live meanwhile" in GoingLive.objects.get(version=agreed).failure


def call_command_with(document: Any) -> None:
    other = Version.objects.freeze(ScoringModel.objects.get(), document)
    publish_unsigned(other, "test")


# --- What it sets off --------------------------------------------------------------------------


@pytest.fixture
def ana(model: ScoringModel) -> Contact:
    """A director who is hot with 5 points more, and an automation that waits for the hot."""
    hot()
    found = person("ana", job_title="Director")
    visit(found, timedelta(days=15))
    refresh_all()
    DraftRule.objects.filter(name="Director").update(points=45)
    return found


@pytest.fixture
def hotter(ana: Contact, model: ScoringModel, marta: User, saul: User) -> Version:
    return agree(model, marta, saul)


def test_quietly_what_it_sets_off_is_held_back(hotter: Version, ana: Contact, marta: User) -> None:
    bring_live(hotter, marta)
    assert settle_what_is_computed() == 0
    compute()
    assert settle_what_is_computed() == 1
    assert [each.contact for each in Crossing.objects.held_back()] == [ana]
    going = GoingLive.objects.get()
    assert (going.held, going.handed_over) == (1, 0)


def test_loudly_what_was_confirmed_is_handed_over(
    hotter: Version, ana: Contact, marta: User
) -> None:
    bring_live(hotter, marta, loud=True, confirmed=1)
    compute()
    assert settle_what_is_computed() == 1
    assert settle_what_is_computed() == 0
    crossing = Crossing.objects.get()
    assert (crossing.suppressed, crossing.to_be_done, crossing.released_by) == ("", True, "marta")
    assert GoingLive.objects.get().handed_over == 1
    assert trail(hotter.model)[-1] == ("marta", "handed_over")


def test_more_than_was_confirmed_stays_held_back(hotter: Version, marta: User) -> None:
    bring_live(hotter, marta, loud=True, confirmed=0)
    compute()
    settle_what_is_computed()
    assert Crossing.objects.held_back().count() == 1
    told = Notification.objects.get(user=marta, title__startswith="Nothing was handed over")
    assert told.text.startswith("Crossings set off: 1; confirmed: 0.")


def test_those_that_come_while_they_are_handed_over_hold_all_of_them_back(
    hotter: Version, marta: User
) -> None:
    bring_live(hotter, marta, loud=True, confirmed=0)
    compute()
    going = GoingLive.objects.get()
    assert going.recompute is not None
    assert hand_over(going, set_off_by(going.recompute), 0) == 0
    assert Crossing.objects.held_back().count() == 1
    assert Notification.objects.filter(title__startswith="Nothing was handed over").exists()


def test_what_was_held_back_before_is_left_alone(
    ana: Contact, hotter: Version, marta: User, saul: User
) -> None:
    old = hot(name="Held from before")
    old.switch_off()
    Crossing.objects.create(
        track=old.model.tracks.get(),
        contact=ana,
        automation=old,
        version=old.current,
        episode=7,
        direction="up",
        as_of=timezone.now(),
        suppressed=Crossing.Suppressed.QUIET,
    )
    bring_live(hotter, marta, loud=True, confirmed=5)
    compute()
    settle_what_is_computed()
    assert Crossing.objects.held_back().count() == 1


def test_loudly_needs_a_number(hotter: Version, marta: User) -> None:
    with pytest.raises(Refused, match="Confirm how many"):
        bring_live(hotter, marta, loud=True)


# --- The way back ------------------------------------------------------------------------------


def test_one_step_leads_back_to_any_earlier_version(
    agreed: Version, ana: Contact, marta: User
) -> None:
    first = Version.objects.live().get()
    compute()
    bring_live(agreed, marta)
    compute()
    earlier = Version.objects.get(pk=first.pk)
    with pytest.raises(Refused, match="Write why you go back"):
        bring_live(earlier, marta)
    bring_live(earlier, marta, reason="Too many calls")
    compute()
    assert state_of(first) == Version.State.LIVE
    assert trail(first.model)[-1] == ("marta", "rolled_back")
    lived = periods([first.model])
    assert [len(lived[first.pk]), len(lived[agreed.pk])] == [2, 1]
    assert lived[agreed.pk][0].until == lived[first.pk][1].since
    assert lived[first.pk][1].until is None
    versions = ScoreChange.objects.filter(cause="version").values_list("version", flat=True)
    assert set(versions) <= {first.pk, agreed.pk}


def test_a_version_that_was_never_live_is_none_to_go_back_to(
    model: ScoringModel, marta: User
) -> None:
    stored = Version.objects.freeze(model, parse(AGREED | {"limits": {"max": 90}}))
    with pytest.raises(Refused):
        bring_live(stored, marta, reason="I like it")


# --- By a command ------------------------------------------------------------------------------


def test_a_command_goes_past_the_signatures_and_says_so(
    model: ScoringModel, marta: User, saul: User, tmp_path: Any
) -> None:
    version = propose(model, marta)
    sign(version, saul, "sales")
    path = tmp_path / "model.yaml"
    path.write_text(yaml.write(version.document_value), encoding="utf-8")
    call_command("load_model", str(path), "--activate", verbosity=0)
    assert state_of(version) == Version.State.LIVE
    assert not is_signed(version)
    assert trail(model)[-1] == ("", "commanded")
    assert AuditEntry.objects.latest("pk").detail["command"] == "load_model"
    assert GoingLive.objects.get().by_command == "load_model"
    change_draft(36)
    assert Propose(marta, model, "Again").execute().version.number == 3


# --- Reviews -----------------------------------------------------------------------------------


def test_both_sides_are_reminded_of_a_review_once(
    model: ScoringModel, marta: User, saul: User
) -> None:
    SetReview(saul, model, timezone.localdate() + timedelta(days=30)).execute()
    assert remind() == 0
    Review.objects.update(due_on=timezone.localdate())
    assert (remind(), remind()) == (1, 0)
    told = Notification.objects.filter(title__contains="is to be reviewed")
    assert {each.user for each in told} == {marta, saul}


def test_the_day_of_the_review_comes_with_the_version(
    model: ScoringModel, marta: User, saul: User
) -> None:
    day = timezone.localdate() + timedelta(days=90)
    version = Propose(marta, model, "Directors buy more", day).execute().version
    sign(version, marta, "marketing")
    sign(version, saul, "sales")
    bring_live(Version.objects.get(pk=version.pk), marta)
    assert Review.objects.get().due_on == day


def test_a_review_lies_ahead_and_may_be_left_out(model: ScoringModel, marta: User) -> None:
    with pytest.raises(Refused, match="in the future"):
        SetReview(marta, model, timezone.localdate()).execute()
    SetReview(marta, model, timezone.localdate() + timedelta(days=2)).execute()
    SetReview(marta, model, None).execute()
    assert not Review.objects.exists()
