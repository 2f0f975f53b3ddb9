"""What a pilot may be judged by: one of these is chosen before it begins, and stays."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import Activity, Deal, Stage
from scoring.criteria.models import ScoringModel
from scoring.engine.pilots.models import Pilot, PilotMember
from scoring.pipeline.feedback.models import Verdict, VerdictKind
from scoring.reports.handed import MEETING

Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Success:
    """An event of a contact; ``at`` and ``contact`` name its columns in ``rows``.

    Only what is not taken back is one: so a lead that has succeeded stays so.
    """

    slug: str
    title: Any
    definition: Any
    rows: Callable[[ScoringModel], Rows]
    at: str
    contact: str


def accepted(model: ScoringModel) -> Rows:
    return Verdict.objects.filter(verdict=VerdictKind.ACCEPTED, handover__model=model)


def met(_model: ScoringModel) -> Rows:
    return Activity.objects.filter(type__slug=MEETING, automated=False)


def opened(_model: ScoringModel) -> Rows:
    return Deal.objects.filter(contact__isnull=False, opened_at__isnull=False)


def won(_model: ScoringModel) -> Rows:
    return Deal.objects.filter(contact__isnull=False, stage__outcome=Stage.Outcome.WON)


SUCCESSES: Final = {
    each.slug: each
    for each in (
        Success(
            "met",
            pgettext_lazy("share of leads that", "booked a meeting"),
            _("The lead booked a meeting in its days; what a machine notes does not count."),
            met,
            "occurred_at",
            "contact",
        ),
        Success(
            "opened",
            pgettext_lazy("share of leads that", "became an opportunity"),
            _("A deal with the lead was opened in its days."),
            opened,
            "opened_at",
            "contact",
        ),
        Success(
            "won",
            pgettext_lazy("share of leads that", "became a customer"),
            _("A deal with the lead was closed in its days, and lies in a stage that is won."),
            won,
            "closed_at",
            "contact",
        ),
        Success(
            "accepted",
            pgettext_lazy("share of leads that", "were accepted by sales"),
            _(
                "Sales accepted the lead in its days, also where they thought better of it later. "
                "It is their judgement, and they see by which version a lead was scored: choose "
                "what the lead does where you can."
            ),
            accepted,
            "at",
            "handover__contact",
        ),
    )
}


def title_of(slug: str) -> str:
    return str(SUCCESSES[slug].title) if slug in SUCCESSES else slug


def with_success(pilot: Pilot, members: QuerySet[PilotMember]) -> Any:
    """With ``won``: whether it succeeded from its entry up to the end of its days."""
    success = SUCCESSES.get(pilot.measure)
    if success is None:
        return members.annotate(won=Value(False, BooleanField()))
    events = success.rows(pilot.model).filter(
        Q((success.contact, OuterRef("contact"))),
        Q((f"{success.at}__gte", OuterRef("entered_at"))),
        Q((f"{success.at}__lt", OuterRef("due_at"))),
    )
    return members.annotate(won=Exists(events.order_by()))
