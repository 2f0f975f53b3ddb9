"""The invented people go again, and with them what hangs on them; everybody else stays.

Who was invented is made out anew: the same seed gives the same addresses. Whoever has another
address by now, or has taken in another contact, is somebody's work and stays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from contacts.batches import batches
from contacts.models import Activity, Company, Contact, Deal, ImportRun, Target
from contacts.normalise import email_key
from scoring.demo.accounts import remove_accounts
from scoring.demo.behaviour import SOURCE
from scoring.demo.belongings import (
    campaigns,
    fields,
    forecasts,
    keys,
    meetings,
    personas,
    pilots,
    products,
    scripts,
    segments,
    suggestions,
    tags,
    terms,
)
from scoring.demo.dataset import SEED
from scoring.demo.people import person
from scoring.demo.working import automations, receivers, sequences, still_working, the_model
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
        found = [
            pk
            for some in batches(keys, 500)
            for pk in Contact.objects.filter(email_key__in=some, merges=None)
            .order_by("pk")
            .values_list("pk", flat=True)
        ]
        # Who was erased since is told by what is left of what they did.
        erased = Contact.objects.exclude(erased_at=None).filter(activities__source=SOURCE)
        return [*found, *erased.order_by("pk").values_list("pk", flat=True).distinct()]

    def count(self) -> Found:
        ids, activities, deals = self.contact_ids(), 0, 0
        for some in batches(ids, 500):
            activities += Activity.objects.filter(contact__in=some).count()
            deals += Deal.objects.filter(contact__in=some).count()
        return Found(len(ids), activities, deals, Contact.objects.count() - len(ids))

    def execute(self) -> Iterator[int]:
        """Remove the people; how many at a time. ``finish`` comes after it."""
        for some in batches(self.contact_ids(), SLICE):
            remove(some)
            yield len(some)
        Deal.objects.filter(source=SOURCE, contact=None).delete()

    def finish(self) -> list[str]:
        """What was made beside the people; what stays and why, in words. The run goes last."""
        is_alone = not Contact.objects.exists()
        kept = [*remove_all(self.run.started_at.replace(microsecond=0), is_alone=is_alone)]
        kept += remove_accounts()
        self.run.delete()
        return kept


def remove_all(anchor: datetime, *, is_alone: bool) -> Iterator[str]:
    """Everything but people and accounts; what stays and why, in words.

    ``anchor``: the day of the data set. What acts on contacts stays where others are left.
    """
    working = (automations, sequences, receivers, the_model)
    of_model = (meetings, terms, pilots, forecasts, personas, suggestions)
    parts = (*of_model, *(working if is_alone else (still_working,)), segments)
    for part in (*parts, partial(campaigns, anchor), products, fields, tags, keys, scripts):
        with transaction.atomic():
            yield from part()


@transaction.atomic
def remove(ids: list[int]) -> None:
    """These contacts with their deals, and the invented companies that nobody is of any more."""
    contacts = Contact.objects.filter(pk__in=ids)
    companies = list(contacts.exclude(company=None).values_list("company", flat=True).distinct())
    done = Activity.objects.filter(contact__in=ids)
    targets = list(done.values_list("target", flat=True).distinct())
    Deal.objects.filter(contact__in=ids).delete()
    Handover.objects.filter(contact__in=ids).delete()
    contacts.delete()
    empty = Q(contacts=None, deals=None, domain_norm__endswith=DOMAINS)
    left: Any = Company.objects.filter(empty, pk__in=companies).values_list("pk", flat=True)
    Company.objects.filter(pk__in=list(left)).delete()
    Target.objects.filter(pk__in=targets, activities=None).exclude(text="").delete()
