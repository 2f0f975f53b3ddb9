"""Leads of the demo that were handed over: some wait for sales, some have their answer."""

from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from contacts.models import Contact
from contacts.provenance import quietly
from scoring.demo import agreeing, foretelling, meeting, piloting, sorting, year_of_sales
from scoring.engine.models import Score, Track
from scoring.pipeline.feedback.answering import Answer, Said
from scoring.pipeline.feedback.handing import Handing
from scoring.pipeline.feedback.models import Handover, VerdictKind
from scoring.pipeline.feedback.reasons import RejectionReason

WAITING: Final = 12
# What the manager says of those after them; an empty key accepts.
ANSWERS: Final = ("", "not_now", "", "no_budget", "", "wrong_size", "not_now", "")
OPEN: Final = ["", "subscriber", "lead", "mql", "sql"]


def set_up(track: Track) -> int:
    """Hand the hottest over, each some hours after the other; how many, once.

    The others who became hot in the year have been handed over before.
    """
    if Handover.objects.exists():
        return 0
    now = timezone.now()
    manager = User.objects.get(username="mona")
    hot = track.version.document_value.bands[-1].name
    scores = Score.objects.filter(
        track=track, band=hot, excluded=False, contact__lifecycle__in=OPEN
    ).order_by("-total", "pk")
    chosen = list(scores.select_related("contact")[: WAITING + len(ANSWERS)])
    year_of_sales.set_up(track, now, {score.contact_id for score in chosen})
    with transaction.atomic(), quietly():
        for place, score in enumerate(chosen):
            at = now - timedelta(hours=2 * place + 1)
            handover = hand_over(score.contact, track, score, at)
            if place % 3 == 1:
                Handover.objects.respond([score.contact_id], at + timedelta(minutes=50))
            if place >= WAITING:
                answer(handover, manager, ANSWERS[place - WAITING])
    longest = Handover.objects.waiting().order_by("handed_at").first()
    agreeing.set_up(track, now)
    piloting.set_up(track, now)
    sorting.set_up(track)
    foretelling.set_up(track, now)
    meeting.set_up(track, longest.contact if longest else None, now)
    return len(chosen)


def hand_over(contact: Contact, track: Track, score: Score, at: datetime) -> Handover:
    handing = Handing(contact, track.model, score.band, score.total, at, f"demo:{contact.pk}")
    return handing.do()[0]


def answer(handover: Handover, user: User, reason: str) -> None:
    kind = VerdictKind.REJECTED if reason else VerdictKind.ACCEPTED
    why = RejectionReason.objects.filter(slug=reason).first()
    if reason and why is None:
        return
    Answer(handover, user, Said(kind, why), "").execute()
