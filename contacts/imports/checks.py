"""What only the database can say about rows: contacts that are there, stages as they are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from contacts.campaign_records import CampaignRecord
from contacts.imports.faults import RowFault
from contacts.imports.kinds import ACTIVITIES, CAMPAIGNS, DEALS
from contacts.imports.reading import Entry
from contacts.models import Contact, Stage
from contacts.normalise import email_key
from contacts.records import ActivityRecord, DealRecord, shown
from contacts.storing_campaigns import CampaignBatch
from contacts.storing_sales import place_of, stage_outcomes


@dataclass(slots=True)
class Checker:
    """Checks batches of entries of one kind against what is stored; writes nothing."""

    kind: str
    # By field, the columns from which it comes.
    columns: Mapping[str, str] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], str] = field(default_factory=dict)
    campaigns: CampaignBatch | None = None

    def __post_init__(self) -> None:
        if self.kind == DEALS:
            self.outcomes = stage_outcomes()
        if self.kind == CAMPAIGNS:
            self.campaigns = CampaignBatch()

    def checked(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """The same entries; one that cannot be stored comes with its faults instead."""
        if self.kind not in (ACTIVITIES, DEALS, CAMPAIGNS):
            yield from entries
            return
        known = known_contacts(entries)
        for entry in entries:
            faults = tuple(self._faults(entry, known))
            yield Entry(entry.line, faults=faults) if faults else entry

    def _faults(self, entry: Entry, known: set[str]) -> Iterator[RowFault]:
        yield from entry.faults
        address = address_of(entry)
        if address and email_key(address) not in known:
            message = _("There is no contact of this address; import the contacts first.")
            yield self.fault(entry.line, "contact", shown(address), message)
        if isinstance(entry.record, DealRecord):
            yield from self._outcome_faults(entry.line, entry.record)
        if isinstance(entry.record, CampaignRecord) and self.campaigns is not None:
            for fault in self.campaigns.apply(entry.record):
                yield self.fault(entry.line, fault.path, fault.value, fault.message)

    def fault(self, line: int, path: str, value: str, message: str) -> RowFault:
        return RowFault(line, self.columns.get(path, path), value, message)

    def _outcome_faults(self, line: int, deal: DealRecord) -> Iterator[RowFault]:
        outcome = self.outcomes.setdefault(place_of(deal), deal.outcome or "open")
        if deal.outcome and deal.outcome != outcome:
            message = _(
                'The stage "%(stage)s" has the outcome "%(outcome)s"; '
                "map the deal to another stage."
            )
            facts = {"stage": deal.stage, "outcome": Stage.Outcome(outcome).label}
            yield self.fault(line, "outcome", deal.outcome, message % facts)


def address_of(entry: Entry) -> str:
    record = entry.record
    return record.contact if isinstance(record, ActivityRecord | DealRecord) else ""


def known_contacts(entries: Sequence[Entry]) -> set[str]:
    addresses = {address for entry in entries if (address := address_of(entry))}
    return set(Contact.objects.ids_by_address(addresses))
