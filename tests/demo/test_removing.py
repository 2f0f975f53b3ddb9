"""Removing what was invented, and nothing else."""

import pytest
from django.core.management.base import CommandError
from django.utils import timezone

from contacts.models import Activity, Company, Contact, Deal, Merge
from scoring.api.models import ApiKey
from scoring.automations.models import Automation
from scoring.automations.sequences.models import Sequence
from scoring.demo import loading, removing
from scoring.pipeline.feedback.models import Handover
from tests.commands.offices import ana, run

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    load = loading.load
    monkeypatch.setattr(loading, "load", lambda running: load(running, 60))
    monkeypatch.setattr("scoring.management.commands.demo.PEOPLE", 60)


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
    before = Contact.objects.count()
    said = run("demo", "--remove")
    assert "Nothing is removed yet" in said
    assert "stay untouched: 3." in said
    assert Contact.objects.count() == before
    said = run("demo", "--remove", "--yes")
    assert "What stays" in said
    assert set(Contact.objects.values_list("pk", flat=True)) >= {changed.pk, taken.pk}
    assert Contact.objects.count() == 3
    assert not Deal.objects.exclude(contact__in=[changed, taken]).exists()
    assert not Activity.objects.exclude(contact__in=Contact.objects.all()).exists()
    assert Company.objects.filter(contacts=None, domain__endswith=".example").count() == 0
    assert not ApiKey.objects.filter(revoked_at=None).exists()
    assert Automation.objects.filter(live=True).exists()
    with pytest.raises(CommandError, match="nothing to remove"):
        run("demo", "--remove", "--yes")


def test_cut_short_it_goes_on_and_the_automations_go_off(
    few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("demo", "--no-serve")
    monkeypatch.setattr(removing, "SLICE", 25)
    [begun] = loading.runs()
    next(removing.Removal(begun, 60).execute())
    assert Contact.objects.count() == 35
    run("demo", "--remove", "--yes")
    assert not Contact.objects.exists()
    assert not Company.objects.exists()
    assert not Automation.objects.filter(live=True).exists()
    assert not Sequence.objects.filter(active=True).exists()
    assert loading.runs() == []


def test_while_people_are_being_invented_nothing_is_removed() -> None:
    begun = loading.begin()
    loading.load_next(begun, 10**3)
    with pytest.raises(CommandError, match="still being invented"):
        run("demo", "--remove", "--yes")
    assert Contact.objects.exists()
