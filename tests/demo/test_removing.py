"""Removing what was invented, and nothing else."""

import hashlib
from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from contacts.models import (
    Activity,
    Campaign,
    Company,
    Contact,
    CustomField,
    Deal,
    Merge,
    Product,
)
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.qualification.models import Persona
from scoring.api.models import ApiKey
from scoring.automations.models import Automation
from scoring.automations.sequences.models import Sequence, SequenceStep
from scoring.criteria.models import ScoringModel
from scoring.criteria.segments import Segment
from scoring.demo import loading, removing, replaying
from scoring.engine.models import Track
from scoring.engine.pilots.models import Pilot
from scoring.pipeline.feedback.models import Handover
from scoring.reports.ahead.models import ForecastMade
from scoring.reports.review.models import Meeting
from scoring.reports.saved.models import ReportView
from tests.commands.offices import ana, run

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    load = loading.load
    monkeypatch.setattr(loading, "load", lambda running: load(running, 60))
    monkeypatch.setattr(replaying, "WEEKS", 6)
    monkeypatch.setattr("scoring.management.commands.demo.PEOPLE", 60)


def rows() -> dict[str, str]:
    """Every row of every table but what is written down about work that is done."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy and model._meta.app_label != "sessions":
            said = [repr(row) for row in model._base_manager.order_by("pk").values_list()]
            found[model._meta.label] = hashlib.sha256("\n".join(said).encode()).hexdigest()
    return found


def test_nothing_of_the_demo_is_left_and_it_can_be_made_again(
    few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it was cut short."""
    before = rows()
    run("demo", "--no-serve")
    monkeypatch.setattr(removing, "SLICE", 25)
    [begun] = loading.runs()
    next(removing.Removal(begun, 60).execute())
    assert Contact.objects.count() == 35
    said = run("demo", "--remove", "--yes")
    assert "What stays" not in said
    after = rows()
    assert {name for name in after if after[name] != before[name]} == set()
    with pytest.raises(CommandError, match="nothing to remove"):
        run("demo", "--remove", "--yes")


def test_the_demo_goes_and_others_stay_untouched(few: None) -> None:
    run("demo", "--no-serve")
    ana()
    assert Handover.objects.exists()
    invented = Contact.objects.filter(email__endswith=".example").exclude(first_name="Ana")
    changed, taken = invented.order_by("pk")[:2]
    changed.email = "kept@real.test"
    changed.save()
    Merge.objects.create(
        contact=taken, into_id=taken.pk, merged_id=10**6, merged={}, rows={}, before={}, at=NOW
    )
    # One that a worker has kept beside those of the demo.
    track = Track.objects.get()
    own = ForecastMade.objects.create(
        model=track.model, as_of=NOW - timedelta(days=400), first=NOW.date(), last=NOW.date()
    )
    before = Contact.objects.count()
    said = run("demo", "--remove")
    assert "Nothing is removed yet" in said
    assert "stay untouched: 3." in said
    assert Contact.objects.count() == before
    said = run("demo", "--remove", "--yes")
    assert "What stays" in said
    assert "scoring model “B2B starter”: something that is not the demo's needs it" in said
    assert set(Contact.objects.values_list("pk", flat=True)) >= {changed.pk, taken.pk}
    assert Contact.objects.count() == 3
    assert not Deal.objects.exclude(contact__in=[changed, taken]).exists()
    assert not Activity.objects.exclude(contact__in=Contact.objects.all()).exists()
    assert Company.objects.filter(contacts=None, domain__endswith=".example").count() == 0
    assert not Meeting.objects.exists()
    assert not Pilot.objects.exists()
    assert [one.as_of for one in ForecastMade.objects.all()] == [own.as_of]
    assert not ApiKey.objects.filter(revoked_at=None).exists()
    assert Automation.objects.filter(live=True).exists()
    with pytest.raises(CommandError, match="nothing to remove"):
        run("demo", "--remove", "--yes")


def test_what_people_have_changed_or_need_stays_and_is_named(few: None) -> None:
    run("demo", "--no-serve")
    marta, saul, mona = (User.objects.get(username=name) for name in ("marta", "saul", "mona"))
    Campaign.objects.filter(name="Newsletter").update(budget=Decimal(1))
    Product.objects.filter(name="Lumbre Start").update(price=1)
    CustomField.objects.filter(key="seats").update(label="Chairs")
    Deal.objects.create(
        name="Own", stage=Deal.objects.all()[0].stage,
        product=Product.objects.get(name="Lumbre Team"),
        campaign=Campaign.objects.get(name="Webinar series"), owner="saul",
    )  # fmt: skip
    automation = Automation.objects.order_by("pk")[0]
    automation.versions.create(number=2, document="{}", hash="0" * 64, created_by=marta)
    step = SequenceStep.objects.order_by("pk")[0]
    SequenceStep.objects.filter(pk=step.pk).update(text="Our own words")
    AuditEntry.objects.note(marta, automation.model, Action.IMPACT)
    Segment.objects.filter(key="spain").update(name="Iberia", revision=2)
    Persona.objects.filter(position=0).update(pains="None", changed_by=mona)
    ReportView.objects.create(name="Mine", slug="movement", author=mona)
    User.objects.filter(username="ada").update(last_name="Ours")
    said = run("demo", "--remove", "--yes").partition("What stays:")[2]
    for line in (
        "campaign “Newsletter”: changed since",
        "campaign “Webinar series”: something that is not the demo's needs it",
        "product “Lumbre Start”: changed since",
        "product “Lumbre Team”: something that is not the demo's needs it",
        "custom field “Chairs”: changed since",
        "segment “Iberia”: changed since",
        "buyer persona “Purchasing”: changed since",
        f"automation “{automation}”: changed since",
        f"sequence “{step.sequence}”: changed since",
        "scoring model “B2B starter”: its audit trail has what people did",
        "user “marta”: needed by ",
        "user “saul”: needed by deals",
        "user “mona”: needed by ",
        "user “ada”: changed since",
    ):
        assert line in said, line
    assert User.objects.count() == 4
    assert not Automation.objects.filter(live=True).exists()
    assert not Sequence.objects.filter(active=True).exists()
    assert Segment.objects.count() == Persona.objects.count() == 1
    assert Campaign.objects.count() == 2 and Product.objects.count() == 2


def test_the_audit_trail_is_as_closed_afterwards_as_before(few: None) -> None:
    run("demo", "--no-serve")
    run("demo", "--remove", "--yes")
    model = ScoringModel.objects.create(name="Ours")
    AuditEntry.objects.note(None, model, Action.MODEL_CREATED)
    entries: models.QuerySet[AuditEntry] = models.QuerySet(AuditEntry)
    with pytest.raises(DatabaseError), transaction.atomic():
        entries.update(username="forged")


def test_while_people_are_being_invented_nothing_is_removed() -> None:
    begun = loading.begin()
    loading.load_next(begun, 10**3)
    with pytest.raises(CommandError, match="still being invented"):
        run("demo", "--remove", "--yes")
    assert Contact.objects.exists()
