"""Which triggers a refresh has set off: the follower that the engine tells of changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Subquery

from contacts.models import Activity, ActivityType, Contact
from scoring.automations.decide import Decision, State, decide
from scoring.automations.document import AutomationDocument
from scoring.automations.firing import BATCH, Firing, carry_out
from scoring.automations.models import Automation, Crossing, TriggerState
from scoring.automations.triggers.base import Level, Rearm
from scoring.automations.triggers.events import ActivityArrives
from scoring.automations.triggers.movement import Movement
from scoring.criteria.document import EXCLUDED, DocumentInvalid
from scoring.engine.followers import Change, Refreshed, register
from scoring.engine.models import Cause, Score, ScoreChange
from scoring.engine.pilots.acting import whom_it_acts_for

# An activity that happened longer before it arrived is news of the past, and no event.
LATE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Running:
    """An automation that is on, as the version of the track reads it."""

    automation: Automation
    document: AutomationDocument


class Automations:
    """The follower: decides, and has what goes off carried out."""

    def wants(self) -> Exists:
        return Exists(
            Automation.objects.filter(
                live=True, version__isnull=False, model__tracks=OuterRef("pk")
            )
        )

    def follow(self, refreshed: Refreshed) -> None:
        refreshed = own_part(refreshed)
        if not refreshed.contact_ids:
            return
        running = list(running_on(refreshed))
        firings = [*LevelTriggers(refreshed, running).firings()]
        if refreshed.cause == Cause.ACTIVITY:
            for each in running:
                if isinstance(each.document.trigger, ActivityArrives):
                    firings += arrivals(refreshed, each.automation, each.document.trigger)
        carry_out(refreshed.track, firings, refreshed.as_of)


def own_part(refreshed: Refreshed) -> Refreshed:
    """Without the contacts for whom another track acts: of two versions one sets things off."""
    own = whom_it_acts_for(refreshed.track, refreshed.contact_ids)
    if len(own) == len(refreshed.contact_ids):
        return refreshed
    return replace(
        refreshed,
        contact_ids=[pk for pk in refreshed.contact_ids if pk in own],
        changes=[change for change in refreshed.changes if change.contact_id in own],
    )


def running_on(refreshed: Refreshed) -> Iterator[Running]:
    """The automations that are on; one that does not fit the version is left out."""
    found = Automation.objects.running_on(refreshed.track).select_related("version")
    for automation in found.order_by("pk"):
        try:
            yield Running(automation, automation.current.value(refreshed.track))
        except DocumentInvalid:
            # The page of the automation says what is missing; the others go on.
            continue


@dataclass(slots=True)
class LevelTriggers:
    """Triggers that look at the total, over the changes of one refresh."""

    refreshed: Refreshed
    running: Sequence[Running]

    def firings(self) -> list[Firing]:
        """What goes off; what is to be remembered of each trigger is stored."""
        found: list[Firing] = []
        kept: list[TriggerState] = []
        for running, level, change, state, decision in self.decided():
            if decision.state is not None and decision.state != state:
                kept.append(self.row(running.automation, change, decision.state))
            if decision.fires and decision.state is not None:
                found.append(self.firing(running, level, change, decision.state.episode))
        keep(kept)
        return found

    def decided(self) -> Iterator[tuple[Running, Level, Change, State | None, Decision]]:
        """What each change means for each trigger, and its state before; stores nothing.

        In the order of the levels, so that a jump over two of them tells the lower first.
        """
        watched = sorted(self.watched(), key=lambda each: each[1].at)
        if not watched or not self.refreshed.changes:
            return
        states = self.states([running.automation for running, _level, _moves in watched])
        for running, level, movements in watched:
            for change in self.refreshed.changes:
                state = states.get((running.automation.pk, change.contact_id))
                decision = self.decision(running, level, movements, change, state)
                yield running, level, change, state, decision

    def watched(self) -> Iterator[tuple[Running, Level, Mapping[int, int] | None]]:
        """Each with its level and, where it looks at a movement, the former totals."""
        for running in self.running:
            trigger = running.document.trigger
            if isinstance(trigger, Movement):
                yield running, trigger.of_change(), self.former_totals(trigger)
            elif level := trigger.level(self.refreshed.version.document_value):
                yield running, level, None

    def decision(
        self,
        running: Running,
        level: Level,
        movements: Mapping[int, int] | None,
        change: Change,
        state: State | None,
    ) -> Decision:
        trigger = running.document.trigger
        rearm: Rearm = getattr(trigger, "rearm")  # noqa: B009 - every level trigger has one
        before, after = (
            counted(change.before, change.band_before),
            counted(change.total, change.band),
        )
        if movements is not None and isinstance(trigger, Movement):
            if change.contact_id not in movements:
                return Decision(False, state)
            formerly = movements[change.contact_id]
            before, after = trigger.change(before, formerly), trigger.change(after, formerly)
        return decide(level, rearm, state, before, after, self.refreshed.as_of)

    def former_totals(self, trigger: Movement) -> dict[int, int]:
        """The total that each contact had so long ago.

        Where the history does not reach back so far: nothing if the contact came since, and
        its first total if that is only when this model began.
        """
        refreshed = self.refreshed
        since = trigger.within.before(refreshed.as_of)
        changes = {change.contact_id: change for change in refreshed.changes}
        history = ScoreChange.objects.filter(track=refreshed.track, contact=OuterRef("pk"))
        then = history.filter(as_of__lte=since) if since else history.none()
        first = history.order_by("revision")
        rows = Contact.objects.filter(pk__in=changes).annotate(
            then=Subquery(then.order_by("-revision").values("total")[:1]),
            first=Subquery(first.values("total")[:1]),
            began=Subquery(first.values("cause")[:1]),
        )
        found: dict[int, int] = {}
        for pk, total, start, began in rows.values_list("pk", "then", "first", "began"):
            if began is None:
                # The change itself is the first, and not stored: it is only thought of.
                start, began = changes[pk].total, refreshed.cause
            if total is None:
                total = (start or 0) if began in MODEL_BEGAN else 0
            found[pk] = total
        return found

    def states(self, automations: Sequence[Automation]) -> dict[tuple[int, int], State]:
        rows = TriggerState.objects.filter(
            track=self.refreshed.track.home,
            automation__in=automations,
            contact__in=[change.contact_id for change in self.refreshed.changes],
        )
        return {
            (row.automation_id, row.contact_id): State(
                row.armed, row.episode, row.fired_at, row.released_at
            )
            for row in rows
        }

    def row(self, automation: Automation, change: Change, state: State) -> TriggerState:
        return TriggerState(
            track=self.refreshed.track.home,
            contact_id=change.contact_id,
            automation=automation,
            armed=state.armed,
            episode=state.episode,
            fired_at=state.fired_at,
            released_at=state.released_at,
        )

    def firing(self, running: Running, level: Level, change: Change, episode: int) -> Firing:
        return Firing(
            automation=running.automation,
            contact_id=change.contact_id,
            episode=episode,
            direction=level.direction,
            before=change.before,
            total=change.total,
            revision=change.revision,
            quiet=change.contact_id in self.refreshed.quiet,
            depth=self.refreshed.depths.get(change.contact_id, 0),
        )


MODEL_BEGAN = (Cause.VERSION.value, Cause.RECOMPUTE.value)


def counted(total: int | None, band: str | None) -> int | None:
    """A total as triggers see it: an excluded one is none."""
    return None if band == EXCLUDED else total


def keep(rows: Sequence[TriggerState]) -> None:
    TriggerState.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["track", "contact", "automation"],
        update_fields=["armed", "episode", "fired_at", "released_at"],
    )


def arrivals(
    refreshed: Refreshed, automation: Automation, trigger: ActivityArrives
) -> list[Firing]:
    """The activities of this kind that have set nothing off yet.

    Told by the crossings that are there, not by a mark of how far we have come: of two
    activities that arrive at once the one with the lower id may be seen last.
    """
    known = Crossing.objects.filter(
        track=refreshed.track.home, automation=automation, activity=OuterRef("pk")
    )
    scored = Score.objects.filter(
        track=refreshed.track, contact=OuterRef("contact"), excluded=False
    )
    types = ActivityType.objects.known_ids(trigger.activity.types)
    found = (
        Activity.objects.filter(
            trigger.activity.holds(),
            ~Exists(known),
            Exists(scored),
            contact__in=refreshed.contact_ids,
            type__in=types.values(),
            automated=False,
            occurred_at__gt=refreshed.as_of - LATE,
            occurred_at__lte=refreshed.as_of,
            received_at__gte=automation.live_since,
        )
        .order_by("occurred_at", "pk")
        .values_list("pk", "contact_id")
    )
    scores = Score.objects.filter(track=refreshed.track, contact__in=refreshed.contact_ids)
    totals = dict(scores.values_list("contact_id", "total"))
    cooling = last_times(refreshed, automation, trigger) if trigger.cool_down_hours else {}
    firings: list[Firing] = []
    for pk, contact in found:
        cools = contact in cooling
        if trigger.cool_down_hours:
            cooling[contact] = refreshed.as_of
        firings.append(
            Firing(
                automation=automation,
                contact_id=contact,
                episode=-pk,
                total=totals.get(contact),
                activity_id=pk,
                quiet=contact in refreshed.quiet,
                depth=refreshed.depths.get(contact, 0),
                cools=cools,
            )
        )
    return firings


def last_times(
    refreshed: Refreshed, automation: Automation, trigger: ActivityArrives
) -> dict[int, datetime]:
    """Contacts for whom it has gone off so lately that it does not again."""
    lately = Crossing.objects.filter(
        track=refreshed.track.home,
        automation=automation,
        contact__in=refreshed.contact_ids,
        suppressed="",
        as_of__gt=refreshed.as_of - trigger.cool_down,
    )
    return dict(lately.order_by("as_of").values_list("contact_id", "as_of"))


register("automations", Automations())
