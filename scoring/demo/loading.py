"""The invented data set becomes rows, by the same road as every import.

The import that stands for it remembers the day on which it began: a second run stores the
same again, and so nothing, where the first was cut short; where it was not, nothing at all.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from django.db import transaction

from contacts.batches import batches
from contacts.models import (
    Activity,
    Campaign,
    CampaignArm,
    CampaignTouch,
    Contact,
    CustomField,
    ImportBusy,
    ImportKind,
    ImportRun,
    Product,
)
from contacts.normalise import digest, email_key
from contacts.provenance import quietly, recorded_as
from contacts.storing import store_activities, store_contacts
from contacts.storing_sales import store_deals
from scoring.demo import content
from scoring.demo.behaviour import SOURCE
from scoring.demo.dataset import PEOPLE, SEED, Life, Touch, life_of, lives
from scoring.demo.people import person

BATCH: Final = 1000
# People that a worker stores in one go: some seconds.
SLICE: Final = 200
NAME: Final = "Demo data"
FIELDS: Final = (
    ("seats", "Seats", CustomField.Type.NUMBER, ()),
    ("current_tool", "Current tool", CustomField.Type.CHOICE, content.TOOLS),
    ("budget_approved", "Budget approved", CustomField.Type.BOOLEAN, ()),
    ("contract_ends", "Contract ends", CustomField.Type.DATE, ()),
)


def runs() -> list[ImportRun]:
    """The import of this data set, if it was begun; a list of one or none."""
    return list(ImportRun.objects.filter(file_digest=digest(f"demo {SEED}")).order_by("pk")[:1])


def holds_other_contacts() -> bool:
    """Whether there is anybody whom the demo did not invent."""
    return not runs() and Contact.objects.exists()


def begin() -> ImportRun:
    """The import of this data set: as begun before, or begun now."""
    for run in runs():
        return run
    return ImportRun.objects.create(
        kind=ImportKind.ACTIVITIES,
        name=NAME,
        file_digest=digest(f"demo {SEED}"),
        mapping_digest="",
        origin=SOURCE,
    )


def load(run: ImportRun, people: int = PEOPLE) -> Iterator[int]:
    """Store the data set as of the day on which the run began; how many people at a time.

    Every part may have been stored before.
    """
    anchor = run.started_at.replace(microsecond=0)
    with recorded_as(SOURCE), quietly():
        store_frame(anchor)
        for batch in batches(lives(anchor, people), BATCH):
            store(batch)
            yield len(batch)
    close(run)


def load_next(
    run: ImportRun, people: int = PEOPLE, *, at_end: Callable[[], None] | None = None
) -> int:
    """Store the next few people of the data set; how many. Finishes the run after the last.

    For workers: whoever comes second to the same people stores nothing. ``at_end`` comes
    before the run is finished, so that it comes again where a worker is killed meanwhile.
    """
    anchor = run.started_at.replace(microsecond=0)
    start = run.rows_done
    batch = [
        life_of(person(SEED, number, people, anchor), SEED, anchor)
        for number in range(start, min(start + SLICE, people))
    ]
    try:
        with recorded_as(SOURCE), quietly(), transaction.atomic():
            if start == 0:
                store_frame(anchor)
            run.advance(len(batch))
            store(batch)
    except ImportBusy:
        return 0
    if run.rows_done >= people:
        if at_end is not None:
            at_end()
        close(run)
    return len(batch)


def close(run: ImportRun) -> None:
    """Note what came of it; from then on the rows of the run are its activities."""
    run.created = Activity.objects.filter(source=SOURCE).count()
    run.rows_done = run.created
    run.save(update_fields=["created", "rows_done"])
    run.finish()


def store_frame(anchor: datetime) -> None:
    """What the people refer to: custom fields, campaigns, products."""
    CustomField.objects.bulk_create(
        [
            CustomField(key=key, label=label, type=kind, choices=list(choices))
            for key, label, kind, choices in FIELDS
        ],
        ignore_conflicts=True,
    )
    Campaign.objects.bulk_create(
        [
            Campaign(
                name=plan.name,
                channel=plan.channel,
                starts_on=(anchor - timedelta(days=plan.starts)).date(),
                ends_on=(anchor - timedelta(days=plan.ends)).date(),
                budget=plan.budget,
                cost=plan.cost,
                planned_leads=plan.leads,
                planned_customers=plan.customers,
                planned_revenue=plan.revenue,
            )
            for plan in content.CAMPAIGNS
        ],
        ignore_conflicts=True,
    )
    mailing = Campaign.objects.get(name=content.MAILING)
    CampaignArm.objects.bulk_create(
        [
            CampaignArm(campaign=mailing, is_control=place == 0, **arm._asdict())
            for place, arm in enumerate(content.ARMS)
        ],
        ignore_conflicts=True,
    )
    Product.objects.bulk_create(
        [Product(name=plan.name, price=plan.price) for plan in content.PRODUCTS],
        ignore_conflicts=True,
    )


def store(batch: Sequence[Life]) -> None:
    """People with all that they did, in transactions of their own kinds."""
    store_contacts([life.contact for life in batch])
    for activities in batches(chain.from_iterable(life.activities for life in batch), BATCH):
        store_activities(activities)
    store_deals([life.deal for life in batch if life.deal])
    store_touches([touch for life in batch for touch in life.touches])


def store_touches(touches: Sequence[Touch]) -> None:
    campaigns = dict(Campaign.objects.values_list("name", "pk"))
    found = Contact.objects.with_email({touch.email for touch in touches})
    contacts = dict(found.values_list("email_key", "pk"))
    CampaignTouch.objects.bulk_create(
        [
            CampaignTouch(
                campaign_id=campaigns[touch.campaign],
                contact_id=contacts[email_key(touch.email)],
                occurred_at=touch.occurred_at,
            )
            for touch in touches
        ],
        ignore_conflicts=True,
        batch_size=5000,
    )
