"""The invented people go again, and with them what hangs on them; everybody else stays.

Who was invented is made out anew: the same seed gives the same addresses. Whoever has another
address by now, or has taken in another contact, is somebody's work and stays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from contacts.batches import batches
from contacts.models import Activity, Company, Contact, Deal, ImportRun
from contacts.normalise import email_key
from scoring.api.models import ApiKey
from scoring.automations import starter
from scoring.automations.models import Automation
from scoring.automations.sequences.models import Sequence
from scoring.demo.automating import LABEL
from scoring.demo.automating import SOURCE as SITE
from scoring.demo.behaviour import SOURCE
from scoring.demo.dataset import SEED
from scoring.demo.people import person
from scoring.pipeline.feedback.models import Handover

# Contacts in one transaction: with all that they did some thousand rows.
SLICE: Final = 50
DOMAINS: Final = ".example"


@dataclass(frozen=True, slots=True)
class Found:
    """How much there is to remove, and how many contacts are left untouched."""

    contacts: int
    activities: int
    deals: int
    others: int


@dataclass(frozen=True, slots=True)
class Removal:
    """Of the data set that this run stored; may be cut short, and taken up again."""

    run: ImportRun
    people: int

    def contact_ids(self) -> list[int]:
        anchor = self.run.started_at.replace(microsecond=0)
        keys = [
            email_key(person(SEED, number, self.people, anchor).email)
            for number in range(self.people)
        ]
        return [
            pk
            for some in batches(keys, 500)
            for pk in Contact.objects.filter(email_key__in=some, merges=None)
            .order_by("pk")
            .values_list("pk", flat=True)
        ]

    def count(self) -> Found:
        ids, activities, deals = self.contact_ids(), 0, 0
        for some in batches(ids, 500):
            activities += Activity.objects.filter(contact__in=some).count()
            deals += Deal.objects.filter(contact__in=some).count()
        return Found(len(ids), activities, deals, Contact.objects.count() - len(ids))

    def execute(self) -> Iterator[int]:
        """Remove everything; how many contacts at a time. The run goes last."""
        for some in batches(self.contact_ids(), SLICE):
            remove(some)
            yield len(some)
        Deal.objects.filter(source=SOURCE, contact=None).delete()
        ApiKey.objects.filter(source__name=SITE, label=LABEL, revoked_at=None).revoke(
            timezone.now()
        )
        if not Contact.objects.exists():
            switch_off()
        self.run.delete()


@transaction.atomic
def remove(ids: list[int]) -> None:
    """These contacts with their deals, and the invented companies that nobody is of any more."""
    contacts = Contact.objects.filter(pk__in=ids)
    companies = list(contacts.exclude(company=None).values_list("company", flat=True).distinct())
    Deal.objects.filter(contact__in=ids).delete()
    Handover.objects.filter(contact__in=ids).delete()
    contacts.delete()
    empty = Q(contacts=None, deals=None, domain_norm__endswith=DOMAINS)
    left: Any = Company.objects.filter(empty, pk__in=companies).values_list("pk", flat=True)
    Company.objects.filter(pk__in=list(left)).delete()


def switch_off() -> None:
    """The ready-made automations and sequences, where nobody is left for them."""
    starters = [starter.read(language) for language in ("en", "es")]
    names = {each["name"] for found in starters for each in found["automations"]}
    slugs = {each["slug"] for found in starters for each in found["sequences"]}
    for automation in Automation.objects.filter(name__in=names, live=True):
        automation.switch_off()
    Sequence.objects.filter(slug__in=slugs).update(active=False)
