"""Deals and handed-over leads on a board, for the tests of it."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, QueryDict
from django.test import RequestFactory
from django.utils import timezone
from django.utils.text import slugify

from contacts.models import Contact, Deal, Stage
from scoring.engine.models import Score, Track
from scoring.pipeline.board.cards import Board
from scoring.pipeline.feedback.models import Handover
from tests.engine.scored import person

BOARD = "/admin/pipeline/board/"


def stage(name: str) -> Stage:
    return Stage.objects.get(name=name)


def deal(name: str, at: str = "Hot Leads", **fields: Any) -> Deal:
    """With a contact of that name; ``owner`` is of both."""
    owner = fields.get("owner", "")
    contact = fields.pop("contact", None) or person(
        slugify(name), first_name=name.title(), owner=owner
    )
    return Deal.objects.create(name=name, contact=contact, stage=stage(at), **fields)


def scored(track: Track, contact: Contact, total: int, band: str = "hot", **fields: Any) -> None:
    Score.objects.filter(track=track, contact=contact).delete()
    Score.objects.create(
        track=track,
        contact=contact,
        total=total,
        band=band,
        **{
            **{"revision": 1, "fit": 0, "interest": total, "grade": "A1", "excluded": False},
            **{"groups": [0, total], "breakdown": [0, 0, total]},
            **{"changed_at": timezone.now()},
            **fields,
        },
    )


def handed_over(track: Track, contact: Contact, **fields: Any) -> Handover:
    now = timezone.now()
    given = {"handed_at": now, "respond_by": now + timedelta(hours=2), "band": "hot", **fields}
    return Handover.objects.create(contact=contact, model=track.model, **given)


def board(user: User, track: Track | None, query: str = "") -> Board:
    request: HttpRequest = RequestFactory().get(f"{BOARD}?{query}")
    # A user keeps the permissions that were asked for once.
    request.user = User.objects.get(pk=user.pk)
    pipeline = Stage.objects.select_related("pipeline").earliest("pk").pipeline
    found = Board.of(request, pipeline, track)
    assert isinstance(found.given, QueryDict)
    return found


def names(found: Board, at: str = "Hot Leads", most: int = 50) -> list[str]:
    return [card.name for card in found.column(stage(at), most)]


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)
