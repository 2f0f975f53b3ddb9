"""When a step is due: working days, the contact's clock, and the hours of the calendar."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from contacts.models import Contact
from contacts.working_time import WorkingTime
from scoring.automations.sequences.models import SequenceStep

ATTRIBUTE: Final = "time_zone"
TABLE: Final = "zone.tab"


@lru_cache(maxsize=1)
def zones_by_country() -> dict[str, str]:
    """Countries with one clock, by their two letters; from the tables of tzdata."""
    found: dict[str, list[str]] = {}
    lines = files("tzdata.zoneinfo").joinpath(TABLE).read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line and not line.startswith("#"):
            country, _place, zone, *_remark = line.split("\t")
            found.setdefault(country, []).append(zone)
    return {country: zones[0] for country, zones in found.items() if len(zones) == 1}


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_of(contact: Contact, otherwise: ZoneInfo) -> ZoneInfo:
    """The zone that the contact's own field names, else that of its country where it has one."""
    own = contact.attributes.get(ATTRIBUTE)
    if isinstance(own, str) and own in zone_names():
        return ZoneInfo(own)
    known = zones_by_country().get(contact.country.upper())
    return ZoneInfo(known) if known else otherwise


def clock_of(step: SequenceStep, contact: Contact, working: WorkingTime) -> WorkingTime:
    """The working time of a step: of an e-mail the same hours, by the contact's clock.

    A task is for somebody who works by the calendar itself.
    """
    if step.kind == SequenceStep.Kind.TASK:
        return working
    return WorkingTime(zone_of(contact, working.zone), working.week, working.holidays)


def due_at(start: datetime, step: SequenceStep, clock: WorkingTime) -> datetime:
    """When a step is due whose wait began at ``start``. Raises NoWorkingTime."""
    return moment_after(start, step.wait_days, step.wait_working, step.at, clock)


def moment_after(
    start: datetime, days: int, working: bool, at: time | None, clock: WorkingTime
) -> datetime:
    """So many days after ``start``, at a time on the wall; moved on to where work is done."""
    if working:
        return clock.next_start(clock.add_days(start, days, at))
    local = start.astimezone(clock.zone)
    day = local.date() + timedelta(days=days)
    moment = datetime.combine(day, at or local.time(), clock.zone)
    if moment < start:
        moment = datetime.combine(day + timedelta(days=1), at or local.time(), clock.zone)
    return clock.next_start(moment)
