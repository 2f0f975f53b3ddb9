"""How companies and deals become rows; contacts and activities do in ``storing``."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Max, Model

from contacts.models import Campaign, Contact, Deal, Pending, Pipeline, Product, Stage
from contacts.normalise import email_key, normalise
from contacts.records import CompanyRecord, DealRecord
from contacts.storing import Companies, Stored, UnknownContacts, at_once

DEFAULT_PIPELINE = "Sales"
DEAL_FIELDS = (
    *("name", "contact_id", "company_id", "product_id", "campaign_id", "stage_id", "owner"),
    *("amount", "opened_at", "closed_at", "reason"),
)


class OutcomeDiffers(Exception):
    """Deals say that a stage is won, lost or open, and the stage says otherwise."""

    def __init__(self, stage: str, outcome: str, external_ids: Sequence[str]) -> None:
        super().__init__(f"{stage}: {outcome}")
        self.stage = stage
        self.outcome = outcome
        self.external_ids = external_ids


def store_companies(records: Sequence[CompanyRecord], using: str = DEFAULT_DB_ALIAS) -> Stored:
    """Create or update companies by domain or, where there is none, by name.

    The contacts of a company that changed are marked pending.
    """
    return at_once(lambda: write_companies(records, using), using)


def write_companies(records: Sequence[CompanyRecord], using: str) -> Stored:
    companies = Companies(using)
    companies.read(record.fields for record in records)
    for record in records:
        companies.apply(record.fields)
    changed = companies.write()
    staff = Contact.objects.using(using).filter(company__in=changed)
    staff.mark_pending(Pending.Cause.PROFILE)
    created = len(companies.by_key.keys() - companies.before.keys())
    return Stored(created, len(changed), len(companies.by_key) - created - len(changed))


def store_deals(records: Sequence[DealRecord], using: str = DEFAULT_DB_ALIAS) -> Stored:
    """Create or update deals by (source, external_id); of two the later wins.

    Products, campaigns, pipelines, stages and companies that are not there yet are made.
    Raises UnknownContacts or OutcomeDiffers, and stores nothing.
    """
    return at_once(lambda: DealBatch(using, records).store(), using)


class DealBatch:
    """One call of ``store_deals``; not to be used twice."""

    def __init__(self, using: str, records: Sequence[DealRecord]) -> None:
        self.using = using
        self.records = {(record.source, record.external_id): record for record in records}

    def store(self) -> Stored:
        records = self.records.values()
        self.contacts = self.contact_ids()
        self.companies = self.company_ids()
        self.products = self.named(Product, (record.product for record in records))
        self.campaigns = self.named(Campaign, (record.campaign for record in records))
        self.stages = Stages(self.using).of(list(records))
        stored = self.stored()
        new: list[Deal] = []
        changed: list[Deal] = []
        for pair, record in self.records.items():
            deal = stored.get(pair) or Deal(source=record.source, external_id=record.external_id)
            before = [getattr(deal, name) for name in DEAL_FIELDS]
            self.fill(deal, record)
            if deal.pk is None:
                new.append(deal)
            elif before != [getattr(deal, name) for name in DEAL_FIELDS]:
                changed.append(deal)
        deals = Deal.objects.using(self.using)
        deals.bulk_create(new)
        deals.bulk_update(changed, [name.removesuffix("_id") for name in DEAL_FIELDS], 200)
        return Stored(len(new), len(changed), len(self.records) - len(new) - len(changed))

    def fill(self, deal: Deal, record: DealRecord) -> None:
        deal.name = record.name
        deal.contact_id = self.contacts.get(email_key(record.contact))
        deal.company_id = self.company_of(record, deal.contact_id)
        deal.product_id = self.products.get(normalise(record.product))
        deal.campaign_id = self.campaigns.get(normalise(record.campaign))
        deal.stage_id = self.stages[place_of(record)]
        deal.owner = record.owner
        deal.amount = record.amount
        deal.opened_at = record.opened_at
        deal.closed_at = record.closed_at
        deal.reason = record.reason

    def company_of(self, record: DealRecord, contact: int | None) -> int | None:
        """The company named or, where none is, that of the contact."""
        if record.company:
            return self.companies[Companies.key_of(record.company)]
        return self.employers.get(contact or 0)

    def contact_ids(self) -> dict[str, int]:
        keys = {email_key(record.contact) for record in self.records.values() if record.contact}
        manager = Contact.objects.using(self.using)
        found = manager.ids_by_address(keys)
        if missing := sorted(keys - found.keys()):
            raise UnknownContacts(missing)
        rows = manager.filter(pk__in=found.values())
        self.employers = dict(rows.values_list("pk", "company_id"))
        return found

    def company_ids(self) -> dict[str, int]:
        given = [record.company for record in self.records.values() if record.company]
        companies = Companies(self.using)
        companies.read(given)
        for company in given:
            companies.apply(company)
        changed = companies.write()
        staff = Contact.objects.using(self.using).filter(company__in=changed)
        staff.mark_pending(Pending.Cause.PROFILE)
        return {key: company.pk for key, company in companies.by_key.items()}

    def named(self, model: type[Product] | type[Campaign], names: Iterable[str]) -> dict[str, int]:
        """Ids by normalised name; what is not there is made."""
        wanted: dict[str, str] = {}
        for name in names:
            wanted.setdefault(normalise(name), name)
        wanted.pop("", None)
        manager: Any = model._default_manager.using(self.using)
        known = ids_by_name(manager.all()) if wanted else {}
        missing = [model(name=name) for key, name in wanted.items() if key not in known]
        manager.bulk_create(missing, ignore_conflicts=True)
        return ids_by_name(manager.all()) if missing else known

    def stored(self) -> dict[tuple[str, str], Deal]:
        found: dict[tuple[str, str], Deal] = {}
        for source in {source for source, _pk in self.records}:
            ids = [pk for one, pk in self.records if one == source]
            rows = Deal.objects.using(self.using).select_for_update()
            for deal in rows.filter(source=source, external_id__in=ids).order_by("pk"):
                found[source, str(deal.external_id)] = deal
        return found


def ids_by_name(rows: Iterable[Model]) -> dict[str, int]:
    return {normalise(row.name): row.pk for row in rows}  # type: ignore[attr-defined]


def place_of(record: DealRecord) -> tuple[str, str]:
    """Pipeline and stage of a deal, normalised."""
    return normalise(record.pipeline or DEFAULT_PIPELINE), normalise(record.stage)


class Stages:
    """The stages that deals name; one that is not there is made at the end of its pipeline."""

    def __init__(self, using: str) -> None:
        self.using = using

    def of(self, records: Sequence[DealRecord]) -> dict[tuple[str, str], int]:
        stored = self.stored()
        for record in records:
            if place_of(record) not in stored:
                stored[place_of(record)] = self.make(record)
        check_outcomes(records, {place: stage.outcome for place, stage in stored.items()})
        return {place: stage.pk for place, stage in stored.items()}

    def stored(self) -> dict[tuple[str, str], Stage]:
        rows = Stage.objects.using(self.using).select_related("pipeline")
        return {(normalise(row.pipeline.name), normalise(row.name)): row for row in rows}

    def make(self, record: DealRecord) -> Stage:
        name = record.pipeline or DEFAULT_PIPELINE
        pipelines = {normalise(row.name): row for row in Pipeline.objects.using(self.using)}
        pipeline = pipelines.get(normalise(name)) or Pipeline.objects.using(self.using).create(
            name=name
        )
        last = pipeline.stages.using(self.using).aggregate(last=Max("position"))["last"]
        outcome = record.outcome or Stage.Outcome.OPEN
        return Stage.objects.using(self.using).create(
            pipeline=pipeline,
            name=record.stage,
            position=0 if last is None else last + 1,
            outcome=outcome,
            probability=100 if outcome == Stage.Outcome.WON else 0,
        )


def check_outcomes(records: Iterable[DealRecord], outcomes: dict[tuple[str, str], str]) -> None:
    """Raise OutcomeDiffers where a deal's outcome is not that of its stage.

    A stage that is not in ``outcomes`` gets the outcome of its first deal there.
    """
    differing: dict[tuple[str, str], list[str]] = {}
    for record in records:
        place = place_of(record)
        stage = outcomes.setdefault(place, record.outcome or Stage.Outcome.OPEN)
        if record.outcome and record.outcome != stage:
            differing.setdefault((record.stage, stage), []).append(record.external_id)
    for (stage, outcome), external_ids in differing.items():
        raise OutcomeDiffers(stage, outcome, external_ids)


def stage_outcomes(using: str = DEFAULT_DB_ALIAS) -> dict[tuple[str, str], str]:
    """The outcome of every stage, by normalised pipeline and name."""
    stored = Stages(using).stored()
    return {place: str(stage.outcome) for place, stage in stored.items()}
