"""A pilot of the demo that is over: what it tried, on whose leads, and what its looks said.

Nothing follows from it any more. Its figures are those of the invented deals: as nobody had
another score then, a difference would be chance.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef

from contacts.models import Calendar, Contact
from contacts.normalise import normalise
from scoring.criteria.document import ModelDocument, parse
from scoring.criteria.models import Version
from scoring.demo.dataset import SEED
from scoring.engine.models import Score, Track
from scoring.engine.pilots.arms import arm_of
from scoring.engine.pilots.models import Pilot, PilotMember
from scoring.engine.pilots.switching import strata_of
from scoring.reports.pilots.looks import take_of
from scoring.reports.pilots.models import PilotLook
from scoring.reports.statistics.piloting import needed

SALT: Final = "demo"
# Its last look then falls into the days that the next weekly review looks back on.
BEGAN: Final = timedelta(days=46)
# In so many days the leads of that salesperson came to them.
COMING: Final = timedelta(days=21)
SELLER: Final = "saul"
EXPECTED, SMALLEST, DAYS, WEEKS = 10, 22, 21, 6
# What the candidate says otherwise: looking once is worth less, coming back more.
POINTS: Final = {"Visits the prices": 10, "Comes back on other days": 2}
SEGMENT: Final = {"en": "Spain", "es": "España"}


def set_up(track: Track, now: datetime) -> None:
    """Once."""
    seller = User.objects.filter(username=SELLER).first()
    if seller is None or Pilot.objects.exists():
        return
    planner, manager = (User.objects.get(username=name) for name in ("marta", "mona"))
    calendar = Calendar.objects.default()
    work = calendar.working_time()
    pilot = Pilot.objects.create(
        model=track.model, control=track.version, state=Pilot.State.ENDED,
        version=Version.objects.freeze(track.model, candidate(track.version.document_value)),
        ended_as=Pilot.End.DROPPED, salt=SALT, zone=calendar.zone.key, measure="opened", days=DAYS,
        expected=EXPECTED, smallest=SMALLEST, per_arm=needed(EXPECTED / 100, SMALLEST / 100),
        weeks=WEEKS, created_by=planner, started_at=work.next_start(now - BEGAN),
        stopped_by=manager, strata=[stratum()],
    )  # fmt: skip
    pilot.salespeople.set([seller])
    PilotMember.objects.bulk_create(members(pilot, track, now))
    looks: list[PilotLook] = []
    take_of(pilot, looks, now)
    for look in looks:
        look.taken_at = look.at
    PilotLook.objects.bulk_update(looks, ["taken_at"])
    pilot.stopped_at = pilot.ended_at = work.next_start(looks[-1].at if looks else now)
    pilot.save()
    pilot.members.filter(entered_at__gt=pilot.stopped_at).delete()


def candidate(live: ModelDocument) -> ModelDocument:
    data = json.loads(live.canonical())
    for group in data["groups"]:
        for rule in group["rules"]:
            if rule["name"] in POINTS:
                rule["points"] = POINTS[rule["name"]]
    return parse(data)


def stratum() -> dict[str, object]:
    language = "es" if settings.LANGUAGE_CODE.startswith("es") else "en"
    condition = {"field": "country", "op": "equals", "value": "ES"}
    return {"key": "spain", "name": SEGMENT[language], "condition": condition}


def members(pilot: Pilot, track: Track, now: datetime) -> Iterator[PilotMember]:
    """The leads of that salesperson, each in its arm since they came to them."""
    scored = Score.objects.filter(track=track, contact=OuterRef("pk"), excluded=False)
    leads = Contact.objects.filter(Exists(scored), owner_norm=normalise(SELLER)).order_by("pk")
    begun = pilot.started_at or now
    strata = strata_of(pilot, list(leads.values_list("pk", flat=True)), now)
    for contact in leads:
        came = Random(f"{SEED} pilot {contact.email_key}").random()
        entered = max(begun + came * COMING, contact.created_at or begun)
        yield PilotMember(
            pilot=pilot, contact=contact, stratum=strata[contact.pk], entered_at=entered,
            arm=arm_of(SALT, strata[contact.pk], contact.email_key), due_at=entered + pilot.window,
        )  # fmt: skip
