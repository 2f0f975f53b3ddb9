"""A trigger has gone off: its crossing is stored, and its actions are done, once."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Count, Model
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from contacts.models import Contact
from contacts.provenance import caused_by_automation, recorded_as
from scoring.automations.actions import Action, Impossible, Occasion
from scoring.automations.conditions import who_meets
from scoring.automations.document import AutomationDocument
from scoring.automations.models import ActionRun, Automation, Crossing
from scoring.automations.triggers import Direction
from scoring.automations.values import values_of
from scoring.engine.locks import lock_contacts
from scoring.engine.models import Score, Track

logger = logging.getLogger(__name__)

# An automation that was set off by one that was set off by one ... goes no deeper.
MOST_DEPTH = 5
# Nor does one go off for a contact more often than this in a day, whatever sets it off.
MOST_A_DAY = 20
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Firing:
    """A trigger that goes off for a contact, decided and not yet stored."""

    automation: Automation
    contact_id: int
    episode: int
    direction: Direction = Direction.UP
    before: int | None = None
    total: int | None = None
    revision: int | None = None
    activity_id: int | None = None
    quiet: bool = False
    depth: int = 0
    cools: bool = False

    def crossing(self, track: Track, as_of: datetime, suppressed: str) -> Crossing:
        return Crossing(
            track=track.home,
            contact_id=self.contact_id,
            automation=self.automation,
            version=self.automation.current,
            episode=self.episode,
            direction=self.direction.value,
            total_before=self.before,
            total=self.total,
            # Of a pilot's history nothing stays: its revisions must not be taken for the live ones.
            revision=self.revision if track.home == track else None,
            as_of=as_of,
            activity_id=self.activity_id,
            suppressed=suppressed,
            depth=self.depth,
        )


def carry_out(track: Track, firings: Sequence[Firing], as_of: datetime) -> list[Crossing]:
    """Store the crossings of these firings, in their order, and do what they ask for.

    To be called in the transaction that found them, with the contacts locked.
    """
    if not firings:
        return []
    reasons = suppressions(track, firings, as_of)
    crossings = [
        firing.crossing(track, as_of, reason)
        for firing, reason in zip(firings, reasons, strict=True)
    ]
    Crossing.objects.bulk_create(crossings, batch_size=BATCH)
    act(track, [crossing for crossing in crossings if not crossing.suppressed])
    return crossings


def suppressions(track: Track, firings: Sequence[Firing], as_of: datetime) -> list[str]:
    """Why each of these is held back; empty where it is not."""
    reason = Crossing.Suppressed
    found: list[str] = []
    acted = acted_today([firing for firing in firings if not firing.quiet])
    met = {
        automation: who_meets(
            document.conditions, track.version.document_value.fields, contacts, as_of
        )
        for automation, document, contacts in loud_by_automation(track, firings)
    }
    for firing in firings:
        pair = (firing.automation.pk, firing.contact_id)
        if firing.quiet:
            found.append(reason.QUIET)
        elif firing.cools:
            found.append(reason.COOL_DOWN)
        elif firing.depth >= MOST_DEPTH or acted[pair] >= MOST_A_DAY:
            found.append(reason.LOOP)
        elif firing.contact_id not in met[firing.automation]:
            found.append(reason.CONDITIONS)
        else:
            acted[pair] += 1
            found.append("")
    return found


def loud_by_automation(
    track: Track, firings: Sequence[Firing]
) -> Iterable[tuple[Automation, AutomationDocument, list[int]]]:
    by_automation: dict[Automation, list[int]] = {}
    for firing in firings:
        if not firing.quiet:
            by_automation.setdefault(firing.automation, []).append(firing.contact_id)
    for automation, contacts in by_automation.items():
        yield automation, automation.current.value(track), contacts


def acted_today(firings: Sequence[Firing]) -> Counter[tuple[int, int]]:
    """How often each automation has acted for each of these contacts in a day."""
    counted = (
        Crossing.objects.filter(
            contact__in={firing.contact_id for firing in firings},
            automation__in={firing.automation.pk for firing in firings},
            suppressed="",
            at__gt=timezone.now() - timedelta(days=1),
        )
        .order_by()
        .values("automation", "contact")
        .annotate(count=Count("pk"))
        .values_list("automation", "contact", "count")
    )
    return Counter({(automation, contact): count for automation, contact, count in counted})


def act(track: Track, crossings: Sequence[Crossing]) -> None:
    """Do the actions of crossings, which are this transaction's own."""
    if not crossings:
        return
    contacts = Contact.objects.select_related("company").in_bulk(
        [crossing.contact_id for crossing in crossings]
    )
    scores = {
        score.contact_id: score
        for score in Score.objects.acting(track.home)
        .filter(contact__in=contacts)
        .select_related("track__version", "track__model", "track__beside")
    }
    documents = [(crossing, crossing.version.value(track)) for crossing in crossings]
    lock(action for _crossing, document in documents for action in document.actions)
    with translation.override(settings.LANGUAGE_CODE):
        for crossing, document in documents:
            contact = contacts[crossing.contact_id]
            score = scores.get(crossing.contact_id)
            for position, action in enumerate(document.actions):
                note(track, crossing, position, action, contact, score)


def lock(actions: Iterable[Action]) -> None:
    """Lock the rows that these change whoever the contact is, always in the same order."""
    wanted: dict[tuple[str, int], type[Model]] = {
        (model._meta.label_lower, pk): model
        for action in actions
        for model, pk in action.needed_rows()
    }
    for (_label, pk), model in sorted(wanted.items(), key=lambda item: item[0]):
        list(model._default_manager.select_for_update().filter(pk=pk).values_list("pk"))


def occasion_of(
    track: Track, crossing: Crossing | None, contact: Contact, score: Score | None, key: str
) -> Occasion:
    name = crossing.automation.name if crossing else ""
    return Occasion(
        contact=contact,
        crossing=crossing,
        model=track.model,
        score=score,
        as_of=crossing.as_of if crossing else timezone.now(),
        key=key,
        language=settings.LANGUAGE_CODE,
        values=values_of(contact, score, track.model.name, name),
    )


def note(
    track: Track,
    crossing: Crossing,
    position: int,
    action: Action,
    contact: Contact,
    score: Score | None,
) -> ActionRun:
    """Do one action, and keep what came of it; one that fails takes no other with it."""
    occasion = partial(occasion_of, track, crossing, contact, score, crossing.key(position))
    state, detail = attempt(action, occasion, crossing.automation.name, crossing.depth + 1)
    run, _new = ActionRun.objects.update_or_create(
        crossing=crossing,
        position=position,
        defaults={"kind": action.kind, "state": state, "detail": detail},
    )
    return run


def attempt(
    action: Action, occasion: Callable[[], Occasion], name: str, depth: int
) -> tuple[str, str]:
    """The state and what to say of it; only a database that fails is an error."""
    try:
        with transaction.atomic(), recorded_as(f"automation: {name}"), caused_by_automation(depth):
            return ActionRun.State.DONE, action.run(occasion())
    except Impossible as reason:
        return ActionRun.State.FAILED, str(reason)
    except OperationalError:
        # A deadlock or a lost connection: the whole refresh is to be done again.
        raise
    except Exception:
        logger.exception("The action %s of %s failed.", action.kind, name)
        return ActionRun.State.FAILED, _("Something unexpected happened; the log says what.")


def try_again(run: ActionRun) -> ActionRun:
    """Do an action that failed once more, under the key that it had."""
    with transaction.atomic():
        locked = ActionRun.objects.select_for_update().get(pk=run.pk)
        crossing = Crossing.objects.select_related(
            "automation", "version", "contact__company", "track__version", "track__model"
        ).get(pk=locked.crossing_id)
        lock_contacts([crossing.contact_id])
        if locked.state != ActionRun.State.FAILED:
            return locked
        action = crossing.version.value(crossing.track).actions[locked.position]
        lock([action])
        with translation.override(settings.LANGUAGE_CODE):
            return note(
                crossing.track,
                crossing,
                locked.position,
                action,
                crossing.contact,
                crossing.score,
            )
