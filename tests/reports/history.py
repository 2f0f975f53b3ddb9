"""Some weeks of everything that reports read, for any number of leads."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.contrib.auth.models import User

from contacts.models import (
    Activity,
    ActivityType,
    Campaign,
    CampaignTouch,
    Contact,
    Deal,
    FieldChange,
    Stage,
    Target,
    Task,
)
from contacts.models.assignments import Assignment, How
from scoring.engine.models import Track
from scoring.engine.pilots.models import Arm, Pilot, PilotMember
from scoring.pipeline.calls.models import CallSession
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.feedback.reasons import RejectionReason
from scoring.reports.terms.models import Goal, Terms, What
from tests.engine.scored import MODEL, go_live

DAY: Final = timedelta(days=1)
LIVE: Final[Any] = {**MODEL, "objective": {"deal": "won"}, "scenarios": []}
TYPES: Final = ("page_view", "call", "meeting_booked", "email_sent")


def people(number: int, since: datetime, name: str = "c") -> list[Contact]:
    """Directors and clerks, of two sellers and the pool, with a visit to the prices each."""
    found = Contact.objects.bulk_create(
        Contact(
            email=f"{name}{at}@x.example",
            first_name=f"{name}{at}",
            job_title="Director" if at % 2 else "Clerk",
            owner=("saul", "mona", "")[at % 3],
            source=("Search", "Fair")[at % 2],
            created_at=since,
        )
        for at in range(number)
    )
    return list(found)


def live(since: datetime) -> Track:
    """All scores as of then, so that there is a history of them."""
    return go_live(LIVE, since)


def promised(track: Track, at: datetime) -> None:
    """Terms that both sides have signed, with a goal of each kind."""
    terms = Terms.objects.create(model=track.model, number=1, made_name="marta", agreed_at=at)
    for side, name in (("marketing", "marta"), ("sales", "mona")):
        terms.signatures.create(side=side, username=name, at=at)
    Goal.objects.bulk_create(
        Goal(terms=terms, what=what, band="hot" if what is What.BAND else "", number=9)
        for what in What
    )


def piloted(track: Track, at: datetime) -> None:
    """From then on whoever something happens to enters it."""
    Pilot.objects.create(
        model=track.model, version=track.version, control=track.version, measure="met", days=9,
        expected=10, smallest=5, per_arm=500, salt="s", zone="UTC", started_at=at, state="running",
        strata=[{"key": "spain", "name": "Spain", "condition": {}}],
    )  # fmt: skip


def happened(contacts: list[Contact], track: Track, at: datetime) -> None:
    """What is done with each on that day and after it: handed over, answered, called, sold."""
    types = ActivityType.objects.ids_by_slug(TYPES)
    [target] = Target.objects.ids_by_key([""]).values()
    Activity.objects.bulk_create(
        Activity(contact=one, type_id=types[slug], target_id=target, occurred_at=at + hour)
        for one in contacts
        for hour, slug in ((timedelta(hours=place), slug) for place, slug in enumerate(TYPES))
    )
    campaign, _new = Campaign.objects.get_or_create(name="Fair", defaults={"cost": 100})
    CampaignTouch.objects.bulk_create(
        CampaignTouch(campaign=campaign, contact=one, occurred_at=at) for one in contacts
    )
    PilotMember.objects.bulk_create(
        PilotMember(
            pilot=pilot, contact=one, arm=Arm.values[place % 2], stratum=place // 2 % 2,
            entered_at=at, due_at=at + pilot.window,
        )
        for pilot in Pilot.objects.filter(model=track.model)
        for place, one in enumerate(contacts)
    )  # fmt: skip
    reason = RejectionReason.objects.get(slug="no_budget")
    Handover.objects.bulk_create(
        Handover(
            contact=one, model=track.model, band="hot", owner=one.owner, handed_at=at,
            respond_by=at + DAY, feedback_by=at + DAY, responded_at=at + DAY / 2,
            response_seconds=3600, answered_at=at + DAY,
            verdict="rejected" if place % 3 == 2 else "accepted",
            reason=reason if place % 3 == 2 else None,
        )
        for place, one in enumerate(contacts)
    )  # fmt: skip
    won, lost = Stage.objects.get(name="Won"), Stage.objects.get(name="Lost")
    Deal.objects.bulk_create(
        Deal(
            name="d", contact=one, campaign=campaign, stage=lost if place % 3 else won,
            amount=Decimal(100), opened_at=at + DAY, closed_at=at + 2 * DAY,
        )
        for place, one in enumerate(contacts)
    )  # fmt: skip
    FieldChange.objects.bulk_create(
        FieldChange(contact=one, field="lifecycle", before="lead", after="mql", changed_at=at)
        for one in contacts
    )
    Assignment.objects.bulk_create(
        Assignment(contact=one, owner="saul", how=How.CLAIM, at=at) for one in contacts
    )
    user = User.objects.get_or_create(username="saul", defaults={"is_staff": True})[0]
    Task.objects.bulk_create(
        Task(contact=one, title="Call", assignee=user, due_at=at, state=Task.State.DONE,
             done_at=at + DAY, done_by=user)
        for one in contacts
    )  # fmt: skip
    CallSession.objects.create(
        user=user, model=track.model, cadence="day", capacity=9, started_at=at, ended_at=at
    )
