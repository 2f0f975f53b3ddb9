"""Somebody who is erased: a lead with everything that may hang on one."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from contacts.models import Activity, ActivityType, Contact, Target
from scoring.pipeline.leads.contacting import SOURCE as LEAD_PAGE
from scoring.pipeline.merging.merge import MergeContacts
from tests.access.world import World
from tests.api.calls import CONTACTS, caller
from tests.operations.stuffing import CALLED, EMAIL, FIRST, FORMER, LAST, NAME, PHONE


@pytest.fixture
def ana(saul: User, mona: User, marta: User, ada: User) -> Contact:
    """With everything that may hang on a lead, and an address that she had before."""
    found = World().leads["own"]
    former = Contact.objects.create(email=FORMER, first_name=FIRST, last_name=LAST)
    found.email, found.first_name, found.last_name, found.phone = EMAIL, FIRST, LAST, PHONE
    found.save()
    MergeContacts(ada, found.pk, former.pk).execute()
    Activity.objects.create(
        contact=found,
        type=ActivityType.objects.get(slug="call"),
        target_id=Target.objects.ids_by_key([""])[Target.key_of("")],
        source=LEAD_PAGE,
        external_id="call",
        occurred_at=timezone.now() - timedelta(hours=2),
        properties={**CALLED, "phone": 34699123456, "seen": True, "said": NAME},
    )
    sent = [{"email": EMAIL, "phone": PHONE}, {"email": EMAIL, "nonsense": NAME}]
    caller().post(CONTACTS, sent, **{"Idempotency-Key": "one"})
    return found
