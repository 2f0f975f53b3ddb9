"""What ``board.py`` measures: the page and the question of an open board, beside their rows."""

import random
import statistics
import time
from argparse import Namespace
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_test_environment
from django.utils import timezone

from benchmarks.data import END, Size
from benchmarks.database import SCORES, empty, execute, fill
from benchmarks.mix import document
from contacts.models import Contact, Deal, Stage, Task
from contacts.roles import SALES, SALES_MANAGER
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.models import Track
from scoring.engine.publish import publish
from scoring.engine.recompute import work
from scoring.pipeline.board.columns import A_PAGE
from scoring.pipeline.feedback.attempts import note_attempts
from scoring.pipeline.feedback.models import Handover

Figures = dict[str, Any]
BOARD: Final = "/admin/pipeline/board/"
OWNERS: Final = [f"seller{number}" for number in range(20)]
RULES: Final = 10
WAITING: Final = 200
UNREACHED: Final = 2000
# The same rows, and of them what a card is made of: nothing else is asked or drawn.
BARE: Final = """
    SELECT deal.*, contact.*, company.*, score.*
    FROM contacts_deal deal
    JOIN contacts_contact contact ON contact.id = deal.contact_id
    LEFT JOIN contacts_company company ON company.id = contact.company_id
    JOIN scoring_score score ON score.contact_id = contact.id AND score.track_id = %s
    WHERE deal.stage_id = %s ORDER BY score.excluded, score.total DESC, deal.id LIMIT %s
"""


def measure(options: Namespace) -> tuple[str, Figures]:
    # The client of the tests asks as a browser does, without a network in between.
    setup_test_environment()
    call_command("migrate", verbosity=0)
    size = Size(options.contacts, options.contacts * 2, 1000)
    fill(size, options.seed)
    track = scored()
    deals(options, track)
    stages = list(Stage.objects.filter(outcome=Stage.Outcome.OPEN).values_list("pk", flat=True))
    bare = median(options.rounds, lambda: [rows(track, stage) for stage in stages])
    figures: Figures = {"bare ms": bare * 1000}
    for name, role in (("manager", SALES_MANAGER), (OWNERS[0], SALES)):
        figures |= of_person(options, "seller" if role == SALES else name, name, role, bare)
    figures |= attempts(options, track, bare)
    figures = {name: round(value, 2) for name, value in figures.items()}
    for name, value in figures.items():
        print(f"  {name:28} {value}", flush=True)
    key = f"{connection.vendor} board {options.contacts} contacts {options.deals} deals"
    return key, figures


def of_person(options: Namespace, label: str, name: str, role: str, bare: float) -> Figures:
    user, _new = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    answer = client.get(BOARD)
    stamp = answer.context["stamp"]
    reset_queries()
    with CaptureQueriesContext(connection) as queries:
        client.get(BOARD)
    count = len(queries)
    page = median(options.rounds, lambda: client.get(BOARD))
    ask = median(options.rounds, lambda: client.get(f"{BOARD}changes/", {"stamp": stamp}))
    return {
        f"{label}: queries": count,
        f"{label}: cards": sum(len(column.cards) for column in answer.context["columns"]),
        f"{label}: page ms": page * 1000,
        f"{label}: page / bare": page / bare,
        f"{label}: changes ms": ask * 1000,
        f"{label}: changes / bare": ask / bare,
    }


def attempts(options: Namespace, track: Track, bare: float) -> Figures:
    """What a worker asks every half minute, of leads that nobody has tried to reach."""
    ids = list(Contact.objects.order_by("pk").values_list("pk", flat=True)[:UNREACHED])
    handed = END - timedelta(days=100)
    Handover.objects.bulk_create(
        Handover(
            **{"contact_id": pk, "model": track.model, "band": "hot", "handed_at": handed},
            **{"verdict": "accepted", "answered_at": END},
        )
        for pk in ids
    )
    execute("ANALYZE")
    while note_attempts():
        pass
    taken = median(options.rounds, note_attempts)
    return {
        "unreached": Handover.objects.unreached().count(),
        "first attempts ms": taken * 1000,
        "first attempts / bare": taken / bare,
    }


def scored() -> Track:
    empty(SCORES)
    live = document(RULES)
    model, _new = ScoringModel.objects.get_or_create(name=live.name)
    recompute = publish(Version.objects.freeze(model, live), END)
    list(work(recompute))
    return Track.objects.get(pk=recompute.track_id)


def deals(options: Namespace, track: Track) -> None:
    """Open ones in every stage, some leads that wait, and tasks for one deal in four."""
    for table in (Deal, Task, Handover):
        table._default_manager.all().delete()
    chance = random.Random(options.seed)
    ids = list(Contact.objects.values_list("pk", flat=True))
    for number, owner in enumerate(OWNERS):
        # No history of a benchmark's own making.
        contacts = Contact.objects.filter(pk__in=ids[number :: 2 * len(OWNERS)][:900])
        contacts.unnoted().update(owner=owner, owner_norm=owner)
    owners = dict(Contact.objects.values_list("pk", "owner"))
    stages = list(Stage.objects.filter(outcome=Stage.Outcome.OPEN))
    now = timezone.now()
    Deal.objects.bulk_create(
        (
            Deal(
                name=f"Deal {number}",
                contact_id=(pk := chance.choice(ids)),
                stage=chance.choice(stages),
                owner=owners[pk],
                amount=Decimal(chance.randint(100, 50_000)),
                opened_at=now - timedelta(days=chance.randint(0, 90)),
            )
            for number in range(options.deals)
        ),
        batch_size=2000,
    )
    Handover.objects.bulk_create(
        Handover(contact_id=pk, model=track.model, band="hot", handed_at=now, respond_by=now)
        for pk in chance.sample(ids, min(WAITING, len(ids) // 10))
    )
    busy = Deal.objects.filter(pk__gt=0).order_by("pk").values_list("contact_id", flat=True)
    Task.objects.bulk_create(
        [Task(contact_id=pk, title="Call", due_at=now) for pk in busy[::4]], batch_size=2000
    )
    execute("ANALYZE")


def rows(track: Track, stage: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(BARE, [track.pk, stage, A_PAGE])
        return list(cursor.fetchall())


def median(rounds: int, ask: Callable[[], Any]) -> float:
    """Seconds; the first time, which fills what is kept for the process, is not counted."""
    ask()
    taken = []
    for _each in range(rounds):
        begun = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
