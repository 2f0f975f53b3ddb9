"""Two years of what follows from scores: their changes, handovers, deals, tasks, touches, calls."""

import random
from argparse import Namespace
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import models

from benchmarks.data import END, SIZES, SPAN
from benchmarks.database import SCORES, bare, empty, execute, fill, insert, tidy
from benchmarks.mix import document
from contacts.models import Campaign, CampaignTouch, Contact, Deal, FieldChange, Stage, Task
from contacts.models.assignments import Assignment, How
from scoring.criteria.models import ScoringModel, Version
from scoring.criteria.structure import Objective
from scoring.engine.models import Track
from scoring.engine.pilots.models import Arm, Pilot, PilotMember
from scoring.engine.publish import publish
from scoring.engine.recompute import work
from scoring.pipeline.feedback.models import Handover, RejectionReason
from scoring.reports.terms.models import Goal, Terms, What

OWNERS: Final = [f"seller{number}" for number in range(20)]
CAMPAIGNS: Final = 40
CHANGES: Final = 10
AT_ONCE: Final = 2000
HOUR: Final = timedelta(hours=1)
TABLES: Final = ("contacts_campaigntouch", "contacts_campaign", "contacts_task", "contacts_deal",
                 "contacts_fieldchange", "contacts_assignment", "scoring_handover",
                 "scoring_goal", "scoring_termssignature", "scoring_terms",
                 "scoring_pilotmember", "scoring_pilotlook", "scoring_pilot")  # fmt: skip
STAGES: Final = ("mql", "sql", "opportunity", "customer")
SLOTS: Final = SPAN.days // CHANGES
REMEMBER: Final = """
    INSERT INTO scoring_scorechange (track_id, contact_id, revision, version_id, cause, as_of,
        written_at, total_before, band_before, total, band, breakdown)
    WITH totals AS (
        SELECT contact_id, step.revision, at, breakdown, CASE WHEN step.revision = 10 THEN total
            ELSE total * (400 + (contact_id * 7919 + step.revision * 10) %%%% 900) / 1000 END
            AS total
        FROM scoring_score JOIN benchmark_step step ON slot = contact_id %%%% 73
    ), banded AS (SELECT *, CASE %(cases)s ELSE %%s END AS band FROM totals)
    SELECT %%s, contact_id, revision, %%s, 'time', at, at,
        lag(total) OVER own, lag(band) OVER own, total, band, breakdown
    FROM banded WINDOW own AS (PARTITION BY contact_id ORDER BY revision)
"""


def prepare(options: Namespace) -> Track:
    """Contacts with activities and scores, and everything that the reports read besides."""
    is_new = fill(SIZES[options.size], options.seed)
    known = Track.objects.filter(model__name=document(options.rules).name).first()
    # The last of what is stored here: what was stopped halfway is made anew.
    if known is not None and not is_new and Assignment.objects.exists():
        return known
    empty((*TABLES, *SCORES))
    draw = random.Random(f"{options.seed} history")
    own_leads()
    track = scored(options.rules)
    remember(track)
    ids = list(Contact.objects.order_by("pk").values_list("pk", flat=True))
    campaigns = Campaign.objects.bulk_create(
        Campaign(name=f"Campaign {at}", cost=1000 + at, starts_on=END.date() - SPAN)
        for at in range(CAMPAIGNS)
    )
    store(CampaignTouch, touches(ids, campaigns, draw))
    store(Deal, deals(ids, campaigns, draw))
    store(Handover, handovers(ids, track, draw))
    store(Task, tasks(ids, draw))
    store(FieldChange, stages(ids, draw))
    promise(track)
    store(PilotMember, members(ids, a_pilot(track), draw))
    store(Assignment, assignments(ids, draw))
    tidy()
    return track


def own_leads() -> None:
    for number, owner in enumerate(OWNERS):
        User.objects.get_or_create(username=owner, defaults={"is_staff": True})
        contacts = Contact.objects.extra(where=["id %% 40 = %s"], params=[number])
        # No history of a benchmark's own making.
        contacts.unnoted().update(owner=owner, owner_norm=owner)


def scored(rules: int) -> Track:
    live = replace(document(rules), objective=Objective(deal="won"))
    model, _new = ScoringModel.objects.get_or_create(name=live.name)
    recompute = publish(Version.objects.freeze(model, live), END)
    list(work(recompute))
    execute("DELETE FROM scoring_scorechange")
    return Track.objects.get(pk=recompute.track_id)


def store(table: type[models.Model], rows: Iterable[Any]) -> None:
    table._default_manager.bulk_create(rows, batch_size=AT_ONCE)


def remember(track: Track) -> None:
    """Ten changes of each score, the last one to what it is now; made in the database."""
    steps = (
        (slot, revision, END - SPAN + timedelta(days=SLOTS * (revision - 1) + slot))
        for slot in range(SLOTS)
        for revision in range(1, CHANGES + 1)
    )
    execute("CREATE TEMPORARY TABLE benchmark_step (slot integer, revision integer,"
            " at timestamp with time zone)")  # fmt: skip
    insert("benchmark_step", ("slot", "revision", "at"), steps)
    bands = track.version.document_value.bands[1:]
    cases = "".join(" WHEN total >= %s THEN %s" for _band in bands)
    starts = [part for band in reversed(bands) for part in (band.start, band.name)]
    lowest = track.version.document_value.bands[0].name
    with bare("scoring_scorechange"):
        execute(REMEMBER % {"cases": cases}, [*starts, lowest, track.pk, track.version_id])
    execute("DROP TABLE benchmark_step")


def sometime(draw: random.Random, last: datetime = END) -> datetime:
    return last - SPAN * draw.random()


def touches(ids: list[int], campaigns: list[Campaign], draw: random.Random) -> Iterator[Any]:
    for _each in ids:
        yield CampaignTouch(
            campaign=draw.choice(campaigns), contact_id=draw.choice(ids), occurred_at=sometime(draw)
        )


def deals(ids: list[int], campaigns: list[Campaign], draw: random.Random) -> Iterator[Deal]:
    """For one contact in five; two of three are closed."""
    every = list(Stage.objects.all())
    open_ones = [stage for stage in every if stage.is_open]
    closed_ones = [stage for stage in every if not stage.is_open]
    for at, contact in enumerate(draw.sample(ids, len(ids) // 5)):
        opened = sometime(draw)
        is_open = at % 3 == 0
        yield Deal(
            name=f"Deal {at}",
            contact_id=contact,
            campaign=draw.choice(campaigns),
            stage=draw.choice(open_ones if is_open else closed_ones),
            amount=Decimal(draw.randint(100, 50_000)),
            opened_at=opened,
            closed_at=None if is_open else min(END, opened + timedelta(days=60 * draw.random())),
        )


def handovers(ids: list[int], track: Track, draw: random.Random) -> Iterator[Handover]:
    """Of one contact in five; one of ten is not answered yet."""
    reasons = list(RejectionReason.objects.all())
    for at, contact in enumerate(draw.sample(ids, len(ids) // 5)):
        handed = sometime(draw)
        said = "" if at % 10 == 0 else draw.choice(["accepted", "rejected"])
        seconds = draw.randint(60, 90_000)
        answered = min(END, handed + timedelta(seconds=2 * seconds)) if said else None
        yield Handover(
            contact_id=contact,
            model=track.model,
            band=draw.choice(["hot", "warm"]),
            owner=draw.choice(OWNERS),
            handed_at=handed,
            respond_by=handed + timedelta(hours=6),
            feedback_by=handed + timedelta(hours=24),
            responded_at=handed + timedelta(seconds=seconds) if at % 8 else None,
            response_seconds=seconds if at % 8 else None,
            verdict=said,
            reason=draw.choice(reasons) if said == "rejected" else None,
            answered_at=answered,
        )


def tasks(ids: list[int], draw: random.Random) -> Iterator[Task]:
    users = list(User.objects.filter(username__in=OWNERS))
    for _each in ids:
        due = sometime(draw)
        state = draw.choice([Task.State.OPEN, Task.State.DONE, Task.State.DONE])
        user = draw.choice(users)
        yield Task(
            contact_id=draw.choice(ids),
            title="Call",
            assignee=user,
            due_at=due,
            state=state,
            done_at=None
            if state == Task.State.OPEN
            else due + timedelta(hours=draw.randint(-9, 9)),
            done_by=None if state == Task.State.OPEN else user,
        )


def stages(ids: list[int], draw: random.Random) -> Iterator[FieldChange]:
    """Steps through the life cycle, of one contact in three."""
    for contact in draw.sample(ids, len(ids) // 3):
        at = sometime(draw)
        for after in STAGES[: draw.randint(1, len(STAGES))]:
            yield FieldChange(contact_id=contact, field="lifecycle", after=after, changed_at=at)
            at = min(END, at + timedelta(days=20 * draw.random()))


def promise(track: Track) -> None:
    """Terms in force since the beginning, with a goal of each kind."""
    terms = Terms.objects.create(
        model=track.model, number=1, made_name=OWNERS[0], agreed_at=END - SPAN
    )
    top = track.version.document_value.bands[-1].name
    store(
        Goal,
        (
            Goal(terms=terms, what=what, band=top if what is What.BAND else "", number=90)
            for what in What
        ),
    )


def a_pilot(track: Track) -> Pilot:
    return Pilot.objects.create(
        model=track.model, version=track.version, control=track.version, measure="won", days=30,
        expected=10, smallest=5, per_arm=5000, salt="s", zone="UTC",
        started_at=END - timedelta(days=120), state=Pilot.State.RUNNING,
        strata=[{"key": f"s{at}", "name": f"Segment {at}", "condition": {}} for at in range(4)],
    )  # fmt: skip


def members(ids: list[int], pilot: Pilot, draw: random.Random) -> Iterator[PilotMember]:
    """One contact in five, over the days of the pilot."""
    for contact in draw.sample(ids, len(ids) // 5):
        at = END - timedelta(days=120 * draw.random())
        yield PilotMember(
            pilot=pilot, contact_id=contact, arm=draw.choice(Arm.values),
            stratum=draw.randint(0, 4), entered_at=at, due_at=at + pilot.window,
        )  # fmt: skip


def assignments(ids: list[int], draw: random.Random) -> Iterator[Assignment]:
    for contact in draw.sample(ids, len(ids) // 5):
        owner = draw.choice(OWNERS)
        yield Assignment(
            contact_id=contact, owner=owner, how=draw.choice([How.CLAIM, How.RETURN]),
            at=sometime(draw),
        )  # fmt: skip
